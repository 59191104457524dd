"""What a server holds for its ports follows their QoS policy when that changes.

Neutron may only make a claim bigger or smaller that Nova made: what of a new policy nothing is held
of yet stays without a claim. Source: Neutron 29.0.0, services.qos.qos_plugin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network.errors import PluginCannot
from emulator.network.qos import requests
from emulator.network.qos.errors import (
    PlacementAllocationRemoved,
    PlacementAllocationRpNotExists,
    QosPlacementAllocationUpdateConflict,
)
from emulator.network.qos.providers import CLASSES
from emulator.network.standard import json_text, parsed
from emulator.placement import allocations
from emulator.placement.errors import NoCapacity
from emulator.wire.request import Context

KINDS = ("minimum_bandwidth", "minimum_packet_rate")
COMPUTE = "compute:"  # how owners of servers' ports begin
ANY_WAY = CLASSES["minimum_packet_rate", "any"]
ONE_WAY = (CLASSES["minimum_packet_rate", "egress"], CLASSES["minimum_packet_rate", "ingress"])

Changes = dict[str, dict[str, int]]
"""Provider uuid → resource class → how much more, or less, is held."""

# Queries


def policy_of_network(ctx: Context, network_id: str) -> str | None:
    """Return the policy that ports on a network follow when they have none of their own."""
    found: str | None = ctx.db.value(
        "SELECT qos_policy_id FROM network_networks WHERE id = ?", (network_id,)
    )
    return found


def _followers(ctx: Context, network_id: str) -> list[Any]:
    """The servers' ports on a network that follow its policy."""
    return ctx.db.all(
        "SELECT * FROM network_ports WHERE network_id = ? AND qos_policy_id IS NULL"
        f" AND device_owner LIKE '{COMPUTE}%' ORDER BY rowid",
        (network_id,),
    )


# Operations


def port_changes(ctx: Context, port: Any, policy_id: str | None) -> dict[str, Any] | None:
    """Give a port another policy as far as Placement goes; return its new binding profile.

    None where nothing changes: it belongs to no server, or nothing is held for it.
    """
    before = port["qos_policy_id"] or policy_of_network(ctx, port["network_id"])
    if policy_id == before or not port["device_owner"].startswith(COMPUTE):
        return None
    return _follow(ctx, port, before, policy_id)


def network_changes(ctx: Context, network: Any, policy_id: str | None) -> None:
    """Let what is held for ports on a network follow its new policy.

    As in Neutron the network changes even where there is no room, and the profiles of ports that
    nothing is held for become empty.
    """
    if policy_id == network["qos_policy_id"]:
        return
    for port in _followers(ctx, network["id"]):
        try:
            profile = _follow(ctx, port, network["qos_policy_id"], policy_id)
        except (QosPlacementAllocationUpdateConflict, PlacementAllocationRemoved):
            return
        ctx.db.update("network_ports", port["id"], binding_profile=json_text(profile or {}))


def _follow(
    ctx: Context, port: Any, before: str | None, after: str | None
) -> dict[str, Any] | None:
    rules = requests.guarantees(ctx, [each for each in (before, after) if each])
    old, new = rules.get(before or "", []), rules.get(after or "", [])
    profile = parsed(port["binding_profile"])
    held = profile.get("allocation")
    if not old or not held or not isinstance(held, dict):
        return None
    known = {rule["type"] for rule in old}
    new = [rule for rule in new if rule["type"] in known]
    providers: dict[str, str] = {}
    allocation: dict[str, str] = {}
    for kind in KINDS:
        provider = held.get(requests.group_id(port["id"], _of_kind(old, kind)))
        if not isinstance(provider, str):
            continue
        providers[kind] = provider
        later = _of_kind(new, kind)
        if later:
            allocation[requests.group_id(port["id"], later)] = provider
    changes = _changes(old, new, providers)
    if changes:
        _adjust(ctx, port["device_id"], changes)
    return {**profile, "allocation": allocation}


def _of_kind(rules: Sequence[Any], kind: str) -> list[Any]:
    return [rule for rule in rules if rule["type"] == kind]


def _changes(old: Sequence[Any], new: Sequence[Any], providers: Mapping[str, str]) -> Changes:
    """What is to be held more or less when new rules take the place of old ones."""
    changes: Changes = {}
    for rule in old:
        if rule["type"] in providers:
            mine = changes.setdefault(providers[rule["type"]], {})
            mine[CLASSES[rule["type"], rule["direction"]]] = -rule["amount"]
    for rule in new:
        if rule["type"] not in providers:
            continue
        mine = changes[providers[rule["type"]]]
        name = CLASSES[rule["type"], rule["direction"]]
        _check_ways(name, mine)
        mine[name] = mine.get(name, 0) + rule["amount"]
        if not mine[name]:
            del mine[name]
    return {provider: mine for provider, mine in changes.items() if mine}


def _check_ways(name: str, before: Mapping[str, int]) -> None:
    """Refuse to go from packets of both ways together to packets of one way, or back."""
    if (name == ANY_WAY and any(each in before for each in ONE_WAY)) or (
        name in ONE_WAY and ANY_WAY in before
    ):
        raise PluginCannot(
            "Changing from direction-less QoS minimum packet rate rule to a direction-oriented "
            "minimum packet rate rule, or vice versa, is not supported."
        )


def _adjust(ctx: Context, consumer: str, changes: Changes) -> None:
    held = allocations.of(ctx, consumer)
    if not held:
        raise PlacementAllocationRemoved(consumer=consumer)
    for provider in changes:
        if provider not in held:
            raise PlacementAllocationRpNotExists(resource_provider=provider, consumer=consumer)
    try:
        allocations.adjust(ctx, consumer, changes)
    except NoCapacity:
        raise QosPlacementAllocationUpdateConflict(alloc_diff=changes, consumer=consumer) from None
