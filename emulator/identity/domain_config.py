"""Domain configuration: the options that a domain may have for itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.identity import projects, settings
from emulator.identity.errors import ConfigMissing, NotAllowed
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object

# Schemas

ANY = Body(schema=Object(unknown=True))
# Every option that may be set, with its default (Keystone 30.0.0, resource.core and conf.ldap).
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "identity": {"driver": "sql", "list_limit": None},
    "ldap": {
        "url": "ldap://localhost",
        "user": None,
        "suffix": "cn=example,cn=com",
        "query_scope": "one",
        "page_size": 0,
        "alias_dereferencing": "default",
        "debug_level": None,
        "chase_referrals": None,
        "user_tree_dn": None,
        "user_filter": None,
        "user_objectclass": "inetOrgPerson",
        "user_id_attribute": "cn",
        "user_name_attribute": "sn",
        "user_mail_attribute": "mail",
        "user_description_attribute": "description",
        "user_pass_attribute": "userPassword",
        "user_enabled_attribute": "enabled",
        "user_enabled_invert": False,
        "user_enabled_mask": 0,
        "user_enabled_default": "True",
        "user_attribute_ignore": ["default_project_id"],
        "user_default_project_id_attribute": None,
        "user_enabled_emulation": False,
        "user_enabled_emulation_dn": None,
        "user_enabled_emulation_use_group_config": False,
        "user_additional_attribute_mapping": [],
        "group_tree_dn": None,
        "group_filter": None,
        "group_objectclass": "groupOfNames",
        "group_id_attribute": "cn",
        "group_name_attribute": "ou",
        "group_members_are_ids": False,
        "group_member_attribute": "member",
        "group_desc_attribute": "description",
        "group_attribute_ignore": [],
        "group_additional_attribute_mapping": [],
        "tls_cacertfile": None,
        "tls_cacertdir": None,
        "use_tls": False,
        "tls_req_cert": "demand",
        "use_pool": True,
        "pool_size": 10,
        "pool_retry_max": 3,
        "pool_retry_delay": 0.1,
        "pool_connection_timeout": -1,
        "pool_connection_lifetime": 600,
        "use_auth_pool": True,
        "auth_pool_size": 100,
        "auth_pool_connection_lifetime": 60,
    },
}
SENSITIVE: Mapping[str, tuple[str, ...]] = {"identity": (), "ldap": ("password",)}  # never shown
COMPLIANCE = "security_compliance"
COMPLIANCE_OPTIONS = ("password_regex", "password_regex_description")

# Queries


def _kept(ctx: Context, domain_id: str) -> dict[str, dict[str, Any]]:
    """Every option that a domain has, the sensitive ones too."""
    found: dict[str, dict[str, Any]] = {}
    for row in ctx.db.all(
        'SELECT * FROM identity_domain_options WHERE domain_id = ? ORDER BY "group", rowid',
        (domain_id,),
    ):
        found.setdefault(row["group"], {})[row["option"]] = orjson.loads(row["value"])
    return found


def _drop(ctx: Context, domain_id: str, **criteria: str | None) -> None:
    given = {name: value for name, value in criteria.items() if value is not None}
    where = "".join(f' AND "{name}" = ?' for name in given)
    ctx.db.execute(
        f"DELETE FROM identity_domain_options WHERE domain_id = ?{where}",
        (domain_id, *given.values()),
    )


def _put(ctx: Context, domain_id: str, config: Any) -> None:
    for group, options in config.items():
        for option, value in options.items():
            _drop(ctx, domain_id, group=group, option=option)
            row = {"domain_id": domain_id, "group": group, "option": option}
            ctx.db.insert("identity_domain_options", {**row, "value": orjson.dumps(value).decode()})


# Operations


def _refused(reason: str) -> NotAllowed:
    return NotAllowed(f"Invalid domain specific configuration: {reason}.")


def _check_names(group: str | None, option: str | None) -> None:
    if group is None:
        return
    if group not in DEFAULTS:
        raise _refused(f"Group {group} is not supported for domain specific configurations")
    if option is not None and option not in DEFAULTS[group] and option not in SENSITIVE[group]:
        raise _refused(
            f"Option {option} in group {group} is not supported for domain specific configurations"
        )


def _check(config: Any) -> None:
    if not config:
        raise _refused("No options specified")
    for group, options in config.items():
        if not options or not isinstance(options, dict):
            raise _refused(
                f"The value of group {group} specified in the config should be a dictionary of"
                " options"
            )
        for option in options:
            _check_names(group, option)


def _what(group: str | None, option: str | None) -> str:
    if option is not None:
        return f"option {option} in group {group}"
    return "any options" if group is None else f"group {group}"


def _shown(config: Any) -> dict[str, Any]:
    """What of a configuration may be seen."""
    seen = {
        group: {name: value for name, value in options.items() if name not in SENSITIVE[group]}
        for group, options in config.items()
    }
    return {group: options for group, options in seen.items() if options}


def _part(config: Any, group: str | None, option: str | None) -> Any:
    """One group or one option of a configuration, None when it has none of it."""
    if group is None:
        return config or None
    if option is None:
        return {group: config[group]} if group in config else None
    return {option: config[group][option]} if option in config.get(group, {}) else None


def show(
    ctx: Context, domain_id: str, group: str | None = None, option: str | None = None
) -> dict[str, Any]:
    """Show the configuration of a domain, or a part of it."""
    if group == COMPLIANCE:
        ctx.authorize("identity:get_security_compliance_domain_config")
        return {"config": _compliance(ctx, domain_id, option)}
    ctx.authorize("identity:get_domain_config")
    _check_names(group, option)
    found = _part(_shown(_kept(ctx, domain_id)), group, option)
    if found is None:
        raise ConfigMissing(what=_what(group, option), domain=domain_id)
    projects.domain(ctx, domain_id)
    return {"config": found}


def _compliance(ctx: Context, domain_id: str, option: str | None) -> dict[str, Any]:
    """What everybody may know of the rules for passwords."""
    if domain_id != "default":
        raise _refused(
            "Reading security compliance information for any domain other than the default domain"
            " is not allowed or supported."
        )
    if option is not None and option not in COMPLIANCE_OPTIONS:
        raise _refused(
            "Reading security compliance values other than password_regex and"
            " password_regex_description is not allowed."
        )
    values = {name: settings.text(ctx, name) or None for name in COMPLIANCE_OPTIONS}
    return {option: values[option]} if option is not None else {COMPLIANCE: values}


def default(ctx: Context, group: str | None = None, option: str | None = None) -> dict[str, Any]:
    """Show what applies to domains without a configuration of their own."""
    _check_names(group, option)
    if group is not None and option is not None and option not in DEFAULTS[group]:
        raise _refused(f"Reading the default for option {option} in group {group} is not supported")
    return {"config": _part(DEFAULTS, group, option)}


def create(ctx: Context, domain_id: str, body: Any) -> Reply:
    """Give a domain a configuration in place of the one it has."""
    projects.domain(ctx, domain_id)
    config = body.get("config", {})
    _check(config)
    status = 200 if _kept(ctx, domain_id) else 201
    _drop(ctx, domain_id)
    _put(ctx, domain_id, config)
    return Reply(status, {"config": _shown(_kept(ctx, domain_id))})


def update(
    ctx: Context, domain_id: str, body: Any, group: str | None = None, option: str | None = None
) -> dict[str, Any]:
    """Change the configuration of a domain, or just the part that the path names."""
    projects.domain(ctx, domain_id)
    config = body.get("config", {})
    if group is not None and option is not None:
        config = {group: config}
    _check(config)
    _check_names(group, option)
    if group is not None:
        _check_part(ctx, domain_id, config, group, option)
    _put(ctx, domain_id, config)
    return {"config": _shown(_kept(ctx, domain_id))}


def _check_part(ctx: Context, domain_id: str, config: Any, group: str, option: str | None) -> None:
    """Raise unless the change is of the named part only, and that part is there already."""
    if group not in config and len(config) == 1:
        raise _refused(
            f"request to update group {group}, but config provided contains group"
            f" {next(iter(config))} instead"
        )
    if len(config) != 1 or (option is not None and len(config[group]) != 1):
        part = f"option {option} in group {group}" if option is not None else f"group {group}"
        only = (
            "option must be specified  in the config"
            if option is not None
            else "group must be specified in the config"
        )
        raise _refused(f"Trying to update {part}, so that, and only that, {only}")
    if option is not None and option not in config[group]:
        raise _refused(
            f"Trying to update option {option} in group {group}, but config provided contains"
            f" option {next(iter(config[group]))} instead"
        )
    if _part(_kept(ctx, domain_id), group, option) is None:
        raise ConfigMissing(what=_what(group, option), domain=domain_id)


def delete(
    ctx: Context, domain_id: str, group: str | None = None, option: str | None = None
) -> Reply:
    """Take the configuration of a domain away, or a part of it."""
    projects.domain(ctx, domain_id)
    _check_names(group, option)
    if group is not None:
        kept = _kept(ctx, domain_id)
        if group not in kept:
            raise ConfigMissing(what=_what(group, None), domain=domain_id)
        if option is not None and option not in kept[group]:
            raise ConfigMissing(what=_what(group, option), domain=domain_id)
    _drop(ctx, domain_id, group=group, option=option)
    return Reply(204)
