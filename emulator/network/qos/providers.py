"""What agents tell Placement of a host: a provider of their own, and one for each of its bridges.

    compute1
    └─ compute1:Open vSwitch agent            packets a second
       └─ compute1:Open vSwitch agent:br-ex   bandwidth, and which network is behind it

Source: Neutron 29.0.0, agent.common.placement_report and services.placement_report.plugin. Their
uuids follow from the host, as there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from emulator.network.standard import parsed
from emulator.placement import providers, traits
from emulator.wire.request import Context

NAMESPACE = UUID("87ee7d5c-73bb-11e8-9008-c4d987b2a692")  # of the driver openvswitch
TUNNELS = "rp_tunnelled"  # the device that stands for all tunnelled networks
TUNNEL_TRAIT = "CUSTOM_NETWORK_TUNNEL_PROVIDER"
VNIC_TYPES = ("normal", "direct", "smart-nic", "vdpa")  # those that the driver can plug
DEFAULTS = {"allocation_ratio": 1.0, "min_unit": 1, "step_size": 1, "reserved": 0}
CLASSES = {
    ("minimum_bandwidth", "ingress"): "NET_BW_IGR_KILOBIT_PER_SEC",
    ("minimum_bandwidth", "egress"): "NET_BW_EGR_KILOBIT_PER_SEC",
    ("minimum_packet_rate", "ingress"): "NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC",
    ("minimum_packet_rate", "egress"): "NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC",
    ("minimum_packet_rate", "any"): "NET_PACKET_RATE_KILOPACKET_PER_SEC",
}

# Names


def trait(kind: str, name: str) -> str:
    """Return the custom trait that stands for a name of Neutron's: CUSTOM_PHYSNET_PUBLIC."""
    return f"CUSTOM_{kind}_" + re.sub("[^0-9A-Za-z]+", "_", name).upper()


def vnic_trait(vnic_type: str) -> str:
    """Return the trait of what can plug ports of a type."""
    return trait("VNIC_TYPE", vnic_type)


def network_trait(physical_network: str | None) -> str:
    """Return the trait of what leads to a physical network, or for None to tunnelled ones."""
    return TUNNEL_TRAIT if physical_network is None else trait("PHYSNET", physical_network)


# Configuration


def configured(host: str, bandwidths: Mapping[str, Any], packets: Any) -> dict[str, Any]:
    """Return what an agent says of itself that offers these.

    `bandwidths` are kilobits a second by device, `packets` thousands a second: a number for both
    directions (of packets, for both together), or {egress: …, ingress: …}.
    """
    without, with_ways = "without_direction", "with_direction"
    rates: dict[str, Any] = {without: {}, with_ways: {}}
    if isinstance(packets, int):
        rates[without] = {host: {"any": packets}}
    elif packets:
        rates[with_ways] = {host: _both(packets)}
    return {
        "resource_provider_bandwidths": {
            device: _both(given) for device, given in bandwidths.items()
        },
        "resource_provider_inventory_defaults": DEFAULTS,
        **{f"resource_provider_packet_processing_{way}": rates[way] for way in rates},
        "resource_provider_packet_processing_inventory_defaults": DEFAULTS,
        "resource_provider_hypervisors": dict.fromkeys(bandwidths, host),
    }


def _both(given: Any) -> dict[str, int | None]:
    if isinstance(given, int):
        return {"egress": given, "ingress": given}
    return {way: given.get(way) for way in ("egress", "ingress")}


# Queries


def _reporting(ctx: Context, host: str) -> list[Any]:
    """The agents of a host that have something to tell."""
    return ctx.db.all(
        "SELECT * FROM network_agents WHERE host = ? AND resources_synced IS NOT NULL", (host,)
    )


# Operations


def report(ctx: Context, host: str, hypervisor: str, root: str) -> None:
    """Tell Placement, now that a hypervisor is there, what the agents of its host offer."""
    ctx = ctx.at_service("placement")
    for agent in _reporting(ctx, host):
        _report(ctx, agent, hypervisor, root)
        ctx.db.update("network_agents", agent["id"], resources_synced=1)


def _report(ctx: Context, agent: Any, hypervisor: str, root: str) -> None:
    says = parsed(agent["configurations"])
    vnics = [vnic_trait(each) for each in VNIC_TYPES]
    name = f"{hypervisor}:{agent['agent_type']}"
    own = str(uuid5(NAMESPACE, hypervisor))
    rates = {
        **says["resource_provider_packet_processing_without_direction"],
        **says["resource_provider_packet_processing_with_direction"],
    }
    offered = _inventories("minimum_packet_rate", rates.get(agent["host"], {}))
    _add(ctx, own, name, offered, vnics, root)
    networks = {bridge: physical for physical, bridge in says["bridge_mappings"].items()}
    for device, given in says["resource_provider_bandwidths"].items():
        leads_to = [network_trait(networks[device])] if device in networks else []
        if device == TUNNELS:
            leads_to.insert(0, TUNNEL_TRAIT)
        _add(
            ctx,
            str(uuid5(NAMESPACE, f"{hypervisor}:{device}")),
            f"{name}:{device}",
            _inventories("minimum_bandwidth", given),
            [*leads_to, *vnics],
            own,
        )


def _inventories(kind: str, rates: Mapping[str, int | None]) -> dict[str, dict[str, Any]]:
    return {CLASSES[kind, way]: {**DEFAULTS, "total": rate} for way, rate in rates.items() if rate}


def _add(
    ctx: Context,
    uuid: str,
    name: str,
    inventories: Mapping[str, Any],
    names: Iterable[str],
    parent: str,
) -> None:
    names = list(names)
    for unknown in traits.unknown(ctx, [*names, TUNNEL_TRAIT]):
        traits.add(ctx, unknown)
    providers.add(
        ctx, uuid=uuid, name=name, inventories=inventories, traits_held=names, parent=parent
    )
