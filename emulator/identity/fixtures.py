"""The identity section of a fixture: domains, projects, users, roles, and the catalog.

`names` learns ("project", "demo") → id and the like, for the sections of the other services.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping
from typing import Any

import orjson

from emulator import releases
from emulator.identity import passwords, settings
from emulator.identity.assignments import SYSTEM
from emulator.wire.request import Context

Names = MutableMapping[tuple[str, str], str]


def load(ctx: Context, section: Mapping[str, Any], names: Names) -> None:
    """Create what the section says."""
    for name, value in section.get("settings", {}).items():
        settings.put(ctx, name, value)
    settings.secret(ctx)
    for entry in section.get("domains", ()):
        _domain(ctx, entry, names)
    later = set()
    for entry in section.get("roles", ()):
        if _comes_later(ctx, entry):
            later.add(dict(entry.items())["name"])  # all of it is read, and left
        else:
            _role(ctx, entry, names)
    _implications(ctx, section.get("implied_roles", {}), names, later)
    for entry in section.get("projects", ()):
        _project(ctx, entry, names)
    for entry in section.get("users", ()):
        _user(ctx, entry, names)
    for entry in section.get("groups", ()):
        _group(ctx, entry, names)
    for entry in section.get("assignments", ()):
        _assignment(ctx, entry, names)
    for entry in section.get("regions", ()):
        _region(ctx, entry)
    for entry in section.get("services", ()):
        _service(ctx, entry, names)
    for entry in section.get("registered_limits", ()):
        _registered_limit(ctx, entry, names)
    ctx.cloud.token_cache.clear()


def _json(entry: Mapping[str, Any], *known: str) -> str:
    """What an entry says beyond its columns, as the text of a JSON object."""
    return orjson.dumps({key: value for key, value in entry.items() if key not in known}).decode()


def _domain_id(entry: Mapping[str, Any], names: Names) -> str:
    return names["domain", entry.get("domain", "Default")]


def _domain(ctx: Context, entry: Mapping[str, Any], names: Names) -> None:
    domain_id = entry.get("id") or ctx.ids.hex()
    names["domain", entry["name"]] = domain_id
    row = {
        "id": domain_id,
        "name": entry["name"],
        "domain_id": None,
        "parent_id": None,
        "is_domain": 1,
        "enabled": int(entry.get("enabled", True)),
        "description": entry.get("description", ""),
        "options": "{}",
        "extra": "{}",
    }
    ctx.db.insert("identity_projects", row)


def _project(ctx: Context, entry: Mapping[str, Any], names: Names) -> None:
    project_id = entry.get("id") or ctx.ids.hex()
    domain_id = _domain_id(entry, names)
    parent = entry.get("parent")
    names["project", entry["name"]] = project_id
    row = {
        "id": project_id,
        "name": entry["name"],
        "domain_id": domain_id,
        "parent_id": names["project", parent] if parent else domain_id,
        "is_domain": 0,
        "enabled": int(entry.get("enabled", True)),
        "description": entry.get("description", ""),
        "options": "{}",
        "extra": "{}",
    }
    ctx.db.insert("identity_projects", row)
    for tag in entry.get("tags", ()):
        ctx.db.insert("identity_project_tags", {"project_id": project_id, "name": tag})


def _user(ctx: Context, entry: Mapping[str, Any], names: Names) -> None:
    user_id = entry.get("id") or ctx.ids.hex()
    names["user", entry["name"]] = user_id
    default = entry.get("default_project")
    known = ("id", "name", "domain", "enabled", "password", "default_project", "options")
    row = {
        "id": user_id,
        "name": entry["name"],
        "domain_id": _domain_id(entry, names),
        "enabled": int(entry.get("enabled", True)),
        "default_project_id": names["project", default] if default else None,
        "options": orjson.dumps(entry.get("options", {})).decode(),
        "extra": _json(entry, *known),
        "created_at": ctx.timestamp,
    }
    ctx.db.insert("identity_users", row)
    passwords.put(ctx, user_id, entry.get("password"))


def _group(ctx: Context, entry: Mapping[str, Any], names: Names) -> None:
    group_id = entry.get("id") or ctx.ids.hex()
    names["group", entry["name"]] = group_id
    row = {
        "id": group_id,
        "name": entry["name"],
        "domain_id": _domain_id(entry, names),
        "description": entry.get("description", ""),
        "extra": "{}",
    }
    ctx.db.insert("identity_groups", row)
    for user in entry.get("users", ()):
        member = {"user_id": names["user", user], "group_id": group_id}
        ctx.db.insert("identity_memberships", member)


def _comes_later(ctx: Context, entry: Mapping[str, Any] | str) -> bool:
    """Say whether the release of the cloud is older than the first one that has a role."""
    if isinstance(entry, str) or "since" not in entry:
        return False
    return releases.is_before(ctx.cloud.series.name, releases.find(str(entry["since"])).name)


def _role(ctx: Context, entry: Mapping[str, Any] | str, names: Names) -> None:
    role = {"name": entry} if isinstance(entry, str) else entry
    role_id = role.get("id") or ctx.ids.hex()
    names["role", role["name"]] = role_id
    options = {"immutable": True} if role.get("immutable") else {}
    row = {
        "id": role_id,
        "name": role["name"],
        "domain_id": None,
        "description": role.get("description"),
        "options": orjson.dumps(options).decode(),
        "extra": "{}",
    }
    ctx.db.insert("identity_roles", row)


def _implications(
    ctx: Context, table: Mapping[str, Any], names: Names, later: Collection[str]
) -> None:
    """Let roles imply others; what a role that comes later implies, its priors imply themselves."""
    for prior, implied in table.items():
        if prior in later:
            continue
        found = [each for name in implied for each in (table[name] if name in later else [name])]
        for name in found:
            row = {
                "prior_role_id": names["role", prior],
                "implied_role_id": names["role", name],
            }
            ctx.db.insert("identity_implied_roles", row)


def _assignment(ctx: Context, entry: Mapping[str, Any], names: Names) -> None:
    actor = "user" if "user" in entry else "group"
    target = next(kind for kind in ("project", "domain", SYSTEM) if kind in entry)
    row = {
        "actor": actor,
        "actor_id": names[actor, entry[actor]],
        "target": target,
        "target_id": SYSTEM if entry[target] == "all" else names[target, entry[target]],
        "role_id": names["role", entry["role"]],
        "inherited": int(entry.get("inherited", False)),
    }
    ctx.db.insert("identity_assignments", row)


def _region(ctx: Context, entry: Mapping[str, Any] | str) -> None:
    region = {"id": entry} if isinstance(entry, str) else entry
    row = {
        "id": region["id"],
        "description": region.get("description", ""),
        "parent_region_id": region.get("parent_region_id"),
        "extra": "{}",
    }
    ctx.db.insert("identity_regions", row)


def _service(ctx: Context, entry: Mapping[str, Any], names: Names) -> None:
    service_id = entry.get("id") or ctx.ids.hex()
    names["service", entry["name"]] = service_id
    extra = {"name": entry["name"]}
    if "description" in entry:
        extra["description"] = entry["description"]
    row = {
        "id": service_id,
        "type": entry["type"],
        "enabled": 1,
        "extra": orjson.dumps(extra).decode(),
    }
    ctx.db.insert("identity_services", row)
    for interface in entry.get("interfaces", ("public",)):
        endpoint = {
            "id": ctx.ids.hex(),
            "interface": interface,
            "region_id": entry.get("region", "RegionOne"),
            "service_id": service_id,
            "url": entry["url"],
            "enabled": 1,
            "extra": "{}",
        }
        ctx.db.insert("identity_endpoints", endpoint)


def _registered_limit(ctx: Context, entry: Mapping[str, Any], names: Names) -> None:
    row = {
        "id": ctx.ids.hex(),
        "service_id": names["service", entry["service"]],
        "region_id": entry.get("region"),
        "resource_name": entry["resource_name"],
        "default_limit": entry["default_limit"],
        "description": entry.get("description"),
    }
    ctx.db.insert("identity_registered_limits", row)
