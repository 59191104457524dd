"""Security groups as Compute showed them until 2.35: Network's own, in other words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emulator.compute.errors import (
    InvalidSecurityGroup,
    SecurityGroupNotFoundHere,
    TooManySecurityGroups,
)
from emulator.compute.formats import is_cidr, is_uuid
from emulator.compute.network_proxies import ask, said_by_network
from emulator.compute.schemas import ANY, NON_NEGATIVE, UUID
from emulator.errors import BadInput, Conflict, NotFound
from emulator.network import resource
from emulator.network.security_group_rules import SECURITY_GROUP_RULE
from emulator.network.security_groups import SECURITY_GROUP
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, param, prop

PORT_MAX = 65535
ICMP_MAX = 255
ALL_PORTS = {"icmp": (-1, -1), "tcp": (1, PORT_MAX), "udp": (1, PORT_MAX)}
EVERYWHERE = "0.0.0.0/0"

# Schemas

SHORT = {"type": "string", "minLength": 0, "maxLength": 255}
GROUP = Body(
    "security_group",
    schema=Object(
        prop("name", SHORT, required=True), prop("description", SHORT, required=True), unknown=True
    ),
    unknown_beside=True,
)
RULE = Body(
    "security_group_rule",
    schema=Object(
        prop("group_id", {"type": ["string", "null"], "format": "uuid"}),
        prop("parent_group_id", UUID, required=True),
        prop("to_port", ANY),
        prop("from_port", ANY),
        prop("ip_protocol", ANY),
        prop("cidr", ANY),
        unknown=True,
    ),
    unknown_beside=True,
)
LIST = Query(param("limit", NON_NEGATIVE), param("offset", NON_NEGATIVE), param("all_tenants"))

# View


def shown(ctx: Context, groups: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return Network's groups as Compute words them: with the rules for what comes in.

    A rule that lets in a group which the caller does not see is left out.
    """
    sources = _sources(ctx, groups)
    return [
        {
            "id": group["id"],
            "name": group["name"],
            "description": group["description"],
            "tenant_id": group["tenant_id"],
            "rules": [
                _rule(rule, sources)
                for rule in group["security_group_rules"]
                if rule["direction"] == "ingress"
                and (rule["remote_group_id"] is None or rule["remote_group_id"] in sources)
            ],
        }
        for group in groups
    ]


def _rule(rule: Mapping[str, Any], sources: Mapping[str, Any]) -> dict[str, Any]:
    low, high = rule["port_range_min"], rule["port_range_max"]
    if rule["protocol"] and low is None and high is None:
        low, high = ALL_PORTS.get(rule["protocol"], (-1, -1))
    source = sources.get(rule["remote_group_id"], {})
    return {
        "id": rule["id"],
        "parent_group_id": rule["security_group_id"],
        "ip_protocol": rule["protocol"],
        "from_port": low,
        "to_port": high,
        "group": source,
        "ip_range": {} if source else {"cidr": rule["remote_ip_prefix"] or EVERYWHERE},
    }


# What Network is asked


def _sources(ctx: Context, groups: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Name and project of the groups that rules let in, of those that the caller sees."""
    wanted = {
        rule["remote_group_id"]
        for group in groups
        for rule in group["security_group_rules"]
        if rule["remote_group_id"]
    }
    if not wanted:
        return {}
    asked = ask(ctx)
    asked.query = {"id": sorted(wanted), "fields": ["id", "name", "tenant_id"]}
    found = resource.index(SECURITY_GROUP, asked)["security_groups"]
    return {each["id"]: {"name": each["name"], "tenant_id": each["tenant_id"]} for each in found}


def _asked(ctx: Context, call: Callable[[], Any]) -> Any:
    """Return what Network answers; its refusals become Compute's, in Network's words."""
    try:
        return call()
    except NotFound as error:
        raise SecurityGroupNotFoundHere(said_by_network(ctx, error)) from None
    except (BadInput, Conflict) as error:
        raise InvalidSecurityGroup(said_by_network(ctx, error)) from None


def _ask_for(ctx: Context, group_id: str) -> Any:
    return _asked(ctx, lambda: resource.show(SECURITY_GROUP, ask(ctx), group_id))["security_group"]


def find(ctx: Context, group_id: str) -> Any:
    """Return a security group. InvalidSecurityGroup when the id is none, and so on."""
    if not is_uuid(group_id):
        raise InvalidSecurityGroup("Security group id should be uuid")
    return _ask_for(ctx, group_id)


# Operations


def index(ctx: Context, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """List the security groups of the project, or an admin's of all."""
    everyones = ctx.is_admin and "all_tenants" in query
    asked = ask(ctx, None if everyones else {"project_id": ctx.project_id})
    groups = resource.index(SECURITY_GROUP, asked)["security_groups"]
    most = ctx.settings.page_limit_max
    begin = int(query.get("offset", ["0"])[-1])
    limit = min(int(query.get("limit", ["0"])[-1]) or most, most)
    page = shown(ctx, groups[begin : begin + limit])
    return {"security_groups": sorted(page, key=lambda each: (each["tenant_id"], each["name"]))}


def show(ctx: Context, id: str) -> dict[str, Any]:
    """Show one security group."""
    return {"security_group": shown(ctx, [find(ctx, id)])[0]}


def create(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Make a security group."""
    asked = ask(ctx, body={"security_group": _named(body)})
    try:
        made = resource.create(SECURITY_GROUP, asked).body["security_group"]
    except BadInput as error:
        raise InvalidSecurityGroup(said_by_network(ctx, error)) from None
    except Conflict as error:
        raise TooManySecurityGroups(said_by_network(ctx, error)) from None
    return {"security_group": shown(ctx, [made])[0]}


def update(ctx: Context, id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Give a security group another name and description."""
    find(ctx, id)
    asked = ask(ctx, body={"security_group": _named(body)})
    changed = _asked(ctx, lambda: resource.update(SECURITY_GROUP, asked, id))
    return {"security_group": shown(ctx, [changed["security_group"]])[0]}


def delete(ctx: Context, id: str) -> None:
    """Delete a security group that no server has."""
    find(ctx, id)
    _asked(ctx, lambda: resource.delete(SECURITY_GROUP, ask(ctx), id))


def create_rule(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Let something in."""
    asked = body["security_group_rule"]
    parent = _ask_for(ctx, asked["parent_group_id"])
    if asked.get("group_id") is not None:
        _ask_for(ctx, asked["group_id"])
    rule = {"direction": "ingress", "security_group_id": parent["id"], **_wanted(asked)}
    if _is_there(shown(ctx, [parent])[0], rule):
        raise InvalidSecurityGroup(f"This rule already exists in group {parent['id']}")
    request = ask(ctx, body={"security_group_rule": rule})
    made = _asked(ctx, lambda: _made(ctx, request)).body["security_group_rule"]
    sources = _sources(ctx, [{"security_group_rules": [made]}])
    return {"security_group_rule": _rule(made, sources)}


def _made(ctx: Context, request: Context) -> Any:
    """Return Network's new rule; one that is there already is one too many."""
    try:
        return resource.create(SECURITY_GROUP_RULE, request)
    except Conflict as error:
        raise TooManySecurityGroups(said_by_network(ctx, error)) from None


def delete_rule(ctx: Context, id: str) -> None:
    """Let it in no more."""
    if not is_uuid(id):
        raise InvalidSecurityGroup("Security group id should be uuid")
    _asked(ctx, lambda: resource.delete(SECURITY_GROUP_RULE, ask(ctx), id))


# What clients write (Nova 34.0.0, network.security_group_api)


def _named(body: dict[str, Any]) -> dict[str, str]:
    asked = body["security_group"]
    return {"name": asked["name"], "description": asked["description"]}


def _wanted(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the protocol, ports and source of a rule, as Network takes them."""
    source: dict[str, Any] = {"remote_group_id": asked.get("group_id")}
    protocol, low, high = asked.get("ip_protocol"), asked.get("from_port"), asked.get("to_port")
    if source["remote_group_id"] is None:
        cidr = asked.get("cidr") or EVERYWHERE
        if not is_cidr(cidr):
            raise InvalidSecurityGroup(f"{cidr} is not a valid IP network.")
        address, _, length = cidr.partition("/")
        if length == "0" and address not in ("0.0.0.0", "::"):
            raise InvalidSecurityGroup(f"Bad prefix for network in cidr {cidr}")
        source = {"remote_ip_prefix": cidr, "ethertype": "IPv6" if ":" in cidr else "IPv4"}
        if not protocol or low is None or high is None:
            raise InvalidSecurityGroup("Not enough parameters to build a valid rule.")
    elif low is None and high is None:
        low, high = ALL_PORTS.get(str(protocol).lower(), (None, None))
    if protocol and low is not None and high is not None:
        return {**source, **_range(str(protocol).lower(), low, high)}
    return source


def _range(protocol: str, low: Any, high: Any) -> dict[str, Any]:
    """Return checked ports, or the type and code of ICMP; -1 is any."""
    icmp = protocol == "icmp"
    try:
        first, last = int(low), int(high)
    except (ValueError, TypeError):
        what = (
            "Type and Code must be integers for ICMP protocol type"
            if icmp
            else "To and From ports must be integers"
        )
        raise InvalidSecurityGroup(f"Invalid input received: {what}") from None
    if protocol not in ("tcp", "udp", "icmp"):
        raise InvalidSecurityGroup(f"Invalid IP protocol {protocol}.")
    wrong = f"Invalid port range {first}:{last}. "
    if icmp and not (-1 <= first <= ICMP_MAX and -1 <= last <= ICMP_MAX):
        raise InvalidSecurityGroup(f"{wrong}For ICMP, the type:code must be valid")
    if not icmp and first > last:
        raise InvalidSecurityGroup(f"{wrong}Former value cannot be greater than the later")
    if not icmp and (first < 1 or last > PORT_MAX):
        raise InvalidSecurityGroup(
            f"{wrong}Valid {protocol.upper()} ports should be between 1-{PORT_MAX}"
        )
    ports = {"port_range_min": first, "port_range_max": last}
    return {"protocol": protocol, **{name: port for name, port in ports.items() if port != -1}}


def _is_there(group: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
    """Say whether a group has a rule for the same addresses and ports."""
    if rule.get("remote_group_id"):
        return False
    wanted = (
        rule.get("protocol"),
        rule.get("port_range_min", -1),
        rule.get("port_range_max", -1),
        rule.get("remote_ip_prefix"),
    )
    return any(
        wanted
        == (each["ip_protocol"], each["from_port"], each["to_port"], each["ip_range"].get("cidr"))
        for each in group["rules"]
    )
