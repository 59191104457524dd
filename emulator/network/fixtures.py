"""The `network:` section of a fixture: pools, networks with subnets, routers, groups, quotas.

An entry has the attributes that a POST would have, under the same names; `project`, `network`,
`subnets` and the like are names of what stands above.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import quotas, routers, security_group_rules, security_groups
from emulator.network.attributes import Values, values_of
from emulator.network.networks import NETWORK
from emulator.network.resource import Resource
from emulator.network.routers import interfaces
from emulator.network.security_groups import SECURITY_GROUP
from emulator.network.subnets import SUBNET
from emulator.wire.request import Context
from emulator.yamlfiles import Names

Entry = Mapping[str, Any]


def load(ctx: Context, section: Entry, names: Names) -> None:
    """Make what the section says."""
    for entry in section.get("networks", ()):
        _network(ctx, entry, names)
    for entry in section.get("routers", ()):
        _router(ctx, entry, names)
    for entry in section.get("security_groups", ()):
        _group(ctx, entry, names)
    for project, limits in section.get("quotas", {}).items():
        quotas.set_limits(ctx, names["project", project], dict(limits))


def _make(
    ctx: Context, kind: Resource, entry: Entry, names: Names, *apart: str, **more: Any
) -> str:
    """Make one resource as a POST would; `apart` are keys that are not its attributes."""
    values: Values = {key: entry[key] for key in entry if key not in (*apart, "project")}
    project = entry.get("project", "admin")
    values["project_id"] = names["project", project]
    made = values_of(ctx, kind.attributes, kind.member, {**values, **more}, create=True)
    assert kind.create is not None
    found: str = kind.create(ctx, made)
    names[kind.member, entry["name"]] = found
    return found


def _network(ctx: Context, entry: Entry, names: Names) -> None:
    network_id = _make(ctx, NETWORK, entry, names, "subnets")
    for subnet in entry.get("subnets", ()):
        owner = {"project": entry.get("project", "admin")}
        version = 6 if ":" in str(subnet.get("cidr", "")) else 4
        _make(
            ctx,
            SUBNET,
            {**owner, "ip_version": version, **subnet},
            names,
            network_id=network_id,
        )


def _router(ctx: Context, entry: Entry, names: Names) -> None:
    more = {}
    if "gateway" in entry:
        more["external_gateway_info"] = {"network_id": names["network", entry["gateway"]]}
    router_id = _make(ctx, routers.ROUTER, entry, names, "gateway", "subnets", **more)
    for name in entry.get("subnets", ()):
        row = ctx.db.get("network_routers", router_id)
        interfaces.add(ctx, row, {"subnet_id": names["subnet", name]})


def _group(ctx: Context, entry: Entry, names: Names) -> None:
    """Make a group, or add rules to a project's default one."""
    project_id = names["project", entry.get("project", "admin")]
    if entry["name"] == "default":
        group_id = security_groups.ensure_default(ctx, project_id)
    else:
        group_id = _make(ctx, SECURITY_GROUP, entry, names, "rules")
    _rules(ctx, entry.get("rules", ()), group_id, project_id)


def _rules(ctx: Context, rules: Sequence[Entry], group_id: str, project_id: str) -> None:
    kind = security_group_rules.SECURITY_GROUP_RULE
    for rule in rules:
        given = {**rule, "security_group_id": group_id, "project_id": project_id}
        values = values_of(ctx, kind.attributes, kind.member, given, create=True)
        security_group_rules.create(ctx, values)
