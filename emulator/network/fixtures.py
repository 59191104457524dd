"""The `network:` section of a fixture: pools, networks with subnets, routers, groups, quotas.

An entry has the attributes that a POST would have, under the same names; `project`, `network`,
`subnets` and the like are names of what stands above.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import default_rules, quotas, routers, security_group_rules, security_groups
from emulator.network.attributes import Values, values_of
from emulator.network.networks import NETWORK
from emulator.network.qos import providers as qos_providers
from emulator.network.resource import Resource
from emulator.network.routers import interfaces
from emulator.network.security_groups import SECURITY_GROUP
from emulator.network.standard import json_text
from emulator.network.subnet_pools import SUBNETPOOL
from emulator.network.subnets import SUBNET
from emulator.wire.request import Context
from emulator.yamlfiles import Names

Entry = Mapping[str, Any]


def load(ctx: Context, section: Entry, names: Names) -> None:
    """Make what the section says; `default_security_group_rules` replace the stock ones."""
    if "default_security_group_rules" in section:
        default_rules.replace(ctx, section["default_security_group_rules"])
    for entry in section.get("agents", ()):
        _agents(ctx, entry)
    for entry in section.get("subnetpools", ()):
        _make(ctx, SUBNETPOOL, entry, names)
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


AGENTS: Mapping[str, tuple[str, str, str | None, Mapping[str, Any]]] = {
    "openvswitch": (
        "Open vSwitch agent",
        "neutron-openvswitch-agent",
        None,
        {
            "bridge_mappings": {"public": "br-ex"},
            "tunnel_types": ["vxlan"],
            "tunneling_ip": "127.0.0.1",
            "devices": 0,
            "l2_population": False,
        },
    ),
    "dhcp": (
        "DHCP agent",
        "neutron-dhcp-agent",
        "nova",
        {"dhcp_driver": "neutron.agent.linux.dhcp.Dnsmasq", "dhcp_lease_duration": 86400},
    ),
    "l3": (
        "L3 agent",
        "neutron-l3-agent",
        "nova",
        {"agent_mode": "legacy", "handle_internal_only_routers": True, "ex_gw_ports": 0},
    ),
    "metadata": ("Metadata agent", "neutron-metadata-agent", None, {"log_agent_heartbeats": False}),
    "metering": ("Metering agent", "neutron-metering-agent", None, {"report_interval": 300}),
}
TOPICS = {"dhcp": "dhcp_agent", "l3": "l3_agent", "metering": "metering_agent"}


def _agents(ctx: Context, entry: Entry) -> None:
    """Make the agents of one host: {host: compute1, agents: [openvswitch, dhcp]}.

    One with `bandwidths` (by bridge) and maybe `packet_rate` tells Placement what its host offers.
    """
    for name in entry["agents"]:
        kind, binary, zone, configurations = AGENTS[name]
        reports = name == "openvswitch" and "bandwidths" in entry
        if reports:
            given = {key: _plain(value) for key, value in entry["bandwidths"].items()}
            offers = qos_providers.configured(
                entry["host"], given, _plain(entry.get("packet_rate", {}))
            )
            configurations = {**configurations, **offers}
        ctx.db.insert(
            "network_agents",
            {
                "id": ctx.ids.uuid(),
                "agent_type": kind,
                "binary": binary,
                "topic": TOPICS.get(name, "N/A"),
                "host": entry["host"],
                "admin_state_up": 1,
                "alive": int(entry.get("alive", True)),
                "configurations": json_text(dict(configurations)),
                "description": None,
                "availability_zone": entry.get("availability_zone", zone) if zone else None,
                "created_at": ctx.timestamp,
                "started_at": ctx.timestamp,
                "heartbeat_timestamp": ctx.timestamp,
                "resources_synced": 0 if reports else None,
            },
        )


def _plain(value: Any) -> Any:
    return dict(value.items()) if isinstance(value, Mapping) else value


def _network(ctx: Context, entry: Entry, names: Names) -> None:
    network_id = _make(ctx, NETWORK, entry, names, "subnets")
    for subnet in entry.get("subnets", ()):
        owner = {"project": entry.get("project", "admin")}
        version = 6 if ":" in str(subnet.get("cidr", "")) else 4
        pool = {}
        if "subnetpool" in subnet:
            pool["subnetpool_id"] = names["subnetpool", subnet["subnetpool"]]
        _make(
            ctx,
            SUBNET,
            {**owner, "ip_version": version, **subnet},
            names,
            "subnetpool",
            network_id=network_id,
            **pool,
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
