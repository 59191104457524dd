"""Security group rules: what traffic a group lets through."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import converters, default_rules, validators
from emulator.network.attributes import (
    FILTER,
    NEUTRON_TIMES,
    POST,
    PUT,
    SORT,
    Values,
    attr,
    attributes,
)
from emulator.network.errors import (
    AddressGroupNotFound,
    DuplicateSecurityGroupRuleInPost,
    InvalidCIDR,
    PluginCannot,
    SecurityGroupEthertypeConflictWithProtocol,
    SecurityGroupInvalidIcmpValue,
    SecurityGroupInvalidPortRange,
    SecurityGroupInvalidPortValue,
    SecurityGroupInvalidProtocolForPort,
    SecurityGroupMissingIcmpType,
    SecurityGroupMultipleRemoteEntites,
    SecurityGroupNotFound,
    SecurityGroupNotSingleGroupRules,
    SecurityGroupProtocolRequiredWithPorts,
    SecurityGroupRuleExists,
    SecurityGroupRuleInvalidProtocol,
    SecurityGroupRuleNotFound,
    SecurityGroupRuleParameterConflict,
)
from emulator.network.listing import anything
from emulator.network.resource import Item, Resource, Row, Where
from emulator.network.standard import bump, fresh, times
from emulator.wire.request import Context

PROTOCOLS: Mapping[str, int] = {
    "ah": 51, "dccp": 33, "egp": 8, "esp": 50, "gre": 47, "hopopt": 0, "icmp": 1, "igmp": 2,
    "ip": 0, "ipip": 4, "ipv6-encap": 41, "ipv6-frag": 44, "ipv6-icmp": 58, "icmpv6": 58,
    "ipv6-nonxt": 59, "ipv6-opts": 60, "ipv6-route": 43, "ospf": 89, "pgm": 113, "rsvp": 46,
    "sctp": 132, "tcp": 6, "udp": 17, "udplite": 136, "vrrp": 112,
}  # fmt: skip
SUPPORTED = (None, "any", *PROTOCOLS)
PORT_PROTOCOLS = (6, 17, 33, 132, 136)
PORT_PROTOCOL_NAMES = "DCCP, SCTP, TCP, UDP, UDPLITE"
IPV6_ONLY = (41, 43, 44, 58, 59, 60)
IPV6_ICMP_OLD_NAMES = ("icmp", "icmpv6")
KEYS = (
    "direction", "ethertype", "protocol", "port_range_min", "port_range_max",
    "remote_group_id", "remote_address_group_id",
)  # fmt: skip
ANYWHERE = (None, "0.0.0.0/0", "::/0")

# Schemas


def protocol(value: Any) -> str | None:
    """Return a protocol's name or number as it is kept; None for any."""
    if value is None or value == "any":
        return None
    try:
        number = int(value)
    except (ValueError, TypeError):
        if isinstance(value, str) and value.lower() in PROTOCOLS:
            return value.lower()
    else:
        if 0 <= number <= 255:
            return value if isinstance(value, str) else str(number)
    raise SecurityGroupRuleInvalidProtocol(protocol=value, values=SUPPORTED)


def port_number(value: Any) -> int | None:
    """Return a port (or an ICMP type or code)."""
    if value is None:
        return None
    try:
        number = int(value)
    except (ValueError, TypeError):
        raise SecurityGroupInvalidPortValue(port=value) from None
    if not 0 <= number <= 65535:
        raise SecurityGroupInvalidPortValue(port=value)
    return number


def prefix(value: Any) -> str | None:
    """Return a CIDR; an address alone is a prefix of its whole length."""
    if not value:
        return None
    if not isinstance(value, str):
        raise InvalidCIDR(input=value)
    try:
        found = ipaddress.ip_interface(value)
    except ValueError:
        raise InvalidCIDR(input=value) from None
    return f"{found.ip}/{found.network.prefixlen}"


ATTRIBUTES = attributes(
    attr("description", POST | PUT | FILTER, default="", check=validators.string(255)),
    attr("id", FILTER | SORT),
    attr("security_group_id", POST | FILTER | SORT, check=validators.string(36)),
    attr("remote_group_id", POST | FILTER | SORT, default=None),
    attr("direction", POST | FILTER | SORT, check=validators.one_of("ingress", "egress")),
    attr("protocol", POST | FILTER | SORT, default=None, to=protocol),
    attr("port_range_min", POST | FILTER | SORT, default=None, to=port_number),
    attr("port_range_max", POST | FILTER | SORT, default=None, to=port_number),
    attr("ethertype", POST | FILTER | SORT, default="IPv4", to=converters.ethertype),
    attr("remote_ip_prefix", POST | FILTER | SORT, default=None, to=prefix),
    attr("tenant_id", POST | FILTER | SORT, check=validators.string(255)),
    attr("normalized_cidr", FILTER | SORT),
    attr("remote_address_group_id", POST | FILTER | SORT, default=None),
    attr("belongs_to_default_sg", FILTER, to=converters.boolean_or_none),
    *NEUTRON_TIMES,
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return rules as items."""
    return [
        {
            "id": row["id"],
            "project_id": row["project_id"],
            "tenant_id": row["project_id"],
            "security_group_id": row["security_group_id"],
            "ethertype": row["ethertype"],
            "direction": row["direction"],
            "protocol": row["protocol"],
            "port_range_min": row["port_range_min"],
            "port_range_max": row["port_range_max"],
            "remote_ip_prefix": row["remote_ip_prefix"],
            "remote_address_group_id": row["remote_address_group_id"],
            "normalized_cidr": row["normalized_cidr"],
            "remote_group_id": row["remote_group_id"],
            "belongs_to_default_sg": bool(row["belongs_to_default_sg"]),
            "description": row["description"],
            **times(row),
        }
        for row in rows
    ]


def view_nested(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return rules as parts of their groups: with more than they show by themselves."""
    return [
        {**item, "standard_attr_id": row["standard_attr_id"], "tags": []}
        for item, row in zip(view(ctx, rows), rows, strict=True)
    ]


def facts(ctx: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return whose the rule's group is."""
    group_id = values.get("security_group_id")
    owner = _owner(ctx, group_id)
    if owner is None:
        raise SecurityGroupNotFound(id=group_id)
    return {"security_group:project_id": owner, "security_group:tenant_id": owner}


# Queries


def of_groups(ctx: Context, group_ids: Sequence[str]) -> list[Row]:
    """Return the rules of groups."""
    marks = ", ".join("?" * len(group_ids))
    return ctx.db.all(
        "SELECT *, rowid AS standard_attr_id FROM network_security_group_rules"
        f" WHERE security_group_id IN ({marks}) ORDER BY rowid",
        list(group_ids),
    )


def _owner(ctx: Context, group_id: Any) -> str | None:
    owner: str | None = ctx.db.value(
        "SELECT project_id FROM network_security_groups WHERE id = ?", (group_id,)
    )
    return owner


def sees(ctx: Context) -> Where:
    """Return what a project sees: its rules, and those of its groups."""
    return (
        "network_security_group_rules.project_id = ? OR"
        " network_security_group_rules.security_group_id IN"
        " (SELECT id FROM network_security_groups WHERE project_id = ?)",
        [ctx.project_id, ctx.project_id],
    )


def _address_group_exists(ctx: Context, group_id: str) -> bool:
    return bool(ctx.db.value("SELECT 1 FROM network_address_groups WHERE id = ?", (group_id,)))


def _group(ctx: Context, group_id: Any, project_id: str) -> Row:
    """Return a group that rules of the project may name. SecurityGroupNotFound if none."""
    row = ctx.db.one(
        "SELECT id, is_default FROM network_security_groups WHERE id = ? AND (? OR project_id"
        " IN (?, ?) OR id IN (SELECT object_id FROM network_rbac_policies"
        " WHERE target_tenant IN ('*', ?)))",
        (group_id, ctx.is_admin, project_id, ctx.project_id, ctx.project_id),
    )
    if row is None:
        raise SecurityGroupNotFound(id=group_id)
    return row


def forget(ctx: Context, group_id: str) -> None:
    """Remove the rules of a group, and those of others that speak of it."""
    ctx.db.delete("network_security_group_rules", group_id, "security_group_id")
    ctx.db.delete("network_security_group_rules", group_id, "remote_group_id")


# Operations


def arrive(ctx: Context) -> None:
    """Make the default group, whose rules there are to see."""
    from emulator.network import security_groups

    security_groups.arrive(ctx)


def fill(ctx: Context, group: Mapping[str, Any]) -> None:
    """Give a new group the rules of the templates, and with them a revision."""
    templates = default_rules.for_group(ctx, default=bool(group["is_default"]))
    if templates:
        bump(ctx, "network_security_groups", group["id"])
    for template in templates:
        remote = template["remote_group_id"]
        values: Values = {
            **template,
            "project_id": group["project_id"],
            "remote_group_id": group["id"] if remote == default_rules.PARENT else remote,
            "description": None,
        }
        _insert(ctx, group, values)


def _insert(ctx: Context, group: Mapping[str, Any], values: Values) -> str:
    cidr = values["remote_ip_prefix"]
    row = {
        **fresh(ctx, values),
        "security_group_id": group["id"],
        **{key: values[key] for key in KEYS},
        "remote_ip_prefix": cidr,
        "normalized_cidr": None if cidr is None else str(ipaddress.ip_interface(cidr).network),
        "belongs_to_default_sg": int(group["is_default"]),
    }
    ctx.db.insert("network_security_group_rules", row)
    rule_id: str = row["id"]
    return rule_id


def create(ctx: Context, values: Values) -> str:
    """Add a rule to a group; return its id. SecurityGroupRuleExists when it is there already."""
    return create_many(ctx, [values])[0]


def create_many(ctx: Context, batch: list[Values]) -> list[str]:
    """Add rules to one group."""
    if len({values["security_group_id"] for values in batch}) > 1:
        raise SecurityGroupNotSingleGroupRules()
    ids, keys = [], list[tuple[Any, ...]]()
    for values in batch:
        check(values)
        project_id = values["project_id"]
        if values["remote_group_id"]:
            _group(ctx, values["remote_group_id"], project_id)
        address_group = values["remote_address_group_id"]
        if address_group and not _address_group_exists(ctx, address_group):
            raise AddressGroupNotFound(address_group_id=address_group)
        _group(ctx, values["security_group_id"], project_id)
        _refuse_twice(ctx, values)
        if _key(values) in keys:
            raise DuplicateSecurityGroupRuleInPost()
        keys.append(_key(values))
    for values in batch:
        group = _group(ctx, values["security_group_id"], values["project_id"])
        ids.append(_insert(ctx, group, values))
    bump(ctx, "network_security_groups", batch[0]["security_group_id"], len(batch))
    return ids


def check(values: Values) -> None:
    """Refuse what makes no rule (neutron 29.0.0, securitygroups_db)."""
    if values["ethertype"] == "IPv6":
        if values["protocol"] in IPV6_ICMP_OLD_NAMES:
            values["protocol"] = "ipv6-icmp"
        elif values["protocol"] == "1":
            values["protocol"] = "58"
    if (values["port_range_min"], values["port_range_max"]) == (1, 65535):
        values["port_range_min"] = values["port_range_max"] = None
    _check_ports(values)
    _check_prefix(values)
    number = number_of(values["protocol"])
    if values["ethertype"] == "IPv4" and number in IPV6_ONLY:
        raise SecurityGroupEthertypeConflictWithProtocol(
            ethertype=values["ethertype"], protocol=values["protocol"]
        )
    remotes = ("remote_ip_prefix", "remote_group_id", "remote_address_group_id")
    if sum(bool(values[name]) for name in remotes) > 1:
        raise SecurityGroupMultipleRemoteEntites()


def number_of(name: str | None) -> int | None:
    """Return the number of a protocol given by name or number."""
    if name is None:
        return None
    return PROTOCOLS[name] if name in PROTOCOLS else int(name)


def _check_ports(values: Values) -> None:
    low, high = values["port_range_min"], values["port_range_max"]
    if low is None and high is None:
        return
    number = number_of(values["protocol"])
    if number is None:
        raise SecurityGroupProtocolRequiredWithPorts()
    if number in PORT_PROTOCOLS:
        if low == 0 or high == 0:
            raise SecurityGroupInvalidPortValue(port=0)
        if low is None or high is None or low > high:
            raise SecurityGroupInvalidPortRange()
    elif number in (1, 58):
        for name, field, value in (
            ("port_range_min", "type", low),
            ("port_range_max", "code", high),
        ):
            if value is not None and not 0 <= value <= 255:
                raise SecurityGroupInvalidIcmpValue(field=field, attr=name, value=value)
        if low is None:
            raise SecurityGroupMissingIcmpType(value=high)
    else:
        raise SecurityGroupInvalidProtocolForPort(
            protocol=number, valid_port_protocols=PORT_PROTOCOL_NAMES
        )


def _check_prefix(values: Values) -> None:
    cidr = values["remote_ip_prefix"]
    if cidr and values["ethertype"] != f"IPv{ipaddress.ip_interface(cidr).version}":
        raise SecurityGroupRuleParameterConflict(ethertype=values["ethertype"], cidr=cidr)


def _refuse_twice(ctx: Context, values: Values) -> None:
    wanted = _key(values)
    for row in of_groups(ctx, [values["security_group_id"]]):
        if _key(row) == wanted:
            raise SecurityGroupRuleExists(rule_id=row["id"])


def _key(rule: Any) -> tuple[Any, ...]:
    """Return what makes two rules the same."""
    cidr = rule["remote_ip_prefix"]
    parts: list[Any] = [rule[name] for name in KEYS]
    parts[2] = number_of(rule["protocol"])
    return (*parts, None if cidr in ANYWHERE else cidr)


def update(ctx: Context, row: Row, values: Values) -> None:
    """Refuse it: the attribute map allows it, but no plugin can (Neutron 29.0.0 answers 500)."""
    raise PluginCannot("Rules of security groups cannot be changed.")


def delete(ctx: Context, row: Row) -> None:
    """Remove a rule."""
    ctx.db.delete("network_security_group_rules", row["id"])
    bump(ctx, "network_security_groups", row["security_group_id"])


def missing(rule_id: str) -> Any:
    """Return what is raised for an id that no rule has."""
    return SecurityGroupRuleNotFound(id=rule_id)


SECURITY_GROUP_RULE = Resource(
    member="security_group_rule",
    collection="security_group_rules",
    path="/security-group-rules",
    table="network_security_group_rules",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    create_many=create_many,
    update=update,
    delete=delete,
    sees=sees,
    arrive=arrive,
    unsortable={"normalized_cidr": "securitygrouprules"},
    facts=facts,
    facts_differ_by=("project_id", "security_group_id"),
    found_before_policy=True,
    filters={"normalized_cidr": anything, "belongs_to_default_sg": anything},
)
