"""What a server's ports need of Placement beside what its flavor does: bandwidth and packet rates.

Network says what each port asks for, the scheduler finds providers for it, and the ports are told
which. Nova asks anew whenever it places a server; what it found is kept nowhere but in Placement's
allocations and the ports' binding profiles. Source: Nova 34.0.0, network.neutron.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from emulator.compute.servers.port_errors import NoRoomForPort
from emulator.compute.servers.states import BUILDING
from emulator.network.qos import requests
from emulator.placement import allocations, candidate_search
from emulator.placement.errors import NoCapacity
from emulator.placement.filters import Asked
from emulator.placement.request_groups import Groups, Wide
from emulator.wire.request import Context


@dataclass(slots=True)
class Needs:
    """The groups that ports ask for, and those of them that must be close together."""

    groups: Groups = field(default_factory=dict)
    same_subtrees: list[set[str]] = field(default_factory=list)


def _needs(asked: Iterable[Mapping[str, Any]]) -> Needs:
    needs = Needs()
    for request in asked:
        for group in request["request_groups"]:
            needs.groups[group["id"]] = Asked(
                resources={name: amount for name, amount in group["resources"].items() if amount},
                required=[frozenset((name,)) for name in group["required"]],
            )
        needs.same_subtrees.append(set(request["same_subtree"]))
    return needs


def of_ports(ctx: Context, port_ids: Iterable[str]) -> Needs:
    """Return what ports ask for."""
    return _needs(requests.asked(ctx, list(port_ids)).values())


def may_be_asked(server: Any) -> bool:
    """Say whether a new server is to get ports that are there, which may ask for something."""
    return bool(_given_ports(server))


def _given_ports(server: Any) -> list[str]:
    asked = orjson.loads(server["requested_networks"]) or ()
    return [each["port_id"] for each in asked if each["port_id"]]


def of_server(ctx: Context, server: Any) -> Needs:
    """Return what the ports of a server ask for: those it has, or is to get when it is new."""
    if server["vm_state"] == BUILDING:
        return of_ports(ctx, _given_ports(server))
    return _needs(requests.asked_by_server(ctx, server["uuid"]).values())


def providers_of(ctx: Context, server_uuid: str, needs: Needs | None = None) -> dict[str, str]:
    """Return which provider serves which group of its ports, out of what a server holds."""
    if needs is None:
        needs = _needs(requests.asked_by_server(ctx, server_uuid).values())
    return allocations.serving(ctx, server_uuid, needs.groups) if needs.groups else {}


def claim_more(ctx: Context, server: Any, port_id: str | None) -> dict[str, str]:
    """Let a server hold what one more port asks for of its own host; return who serves what.

    NoRoomForPort when the host has not so much left.
    """
    needs = of_ports(ctx, [port_id] if port_id else [])
    if not needs.groups:
        return {}
    for asked in needs.groups.values():
        asked.in_tree = server["provider"]
    names = {name for asked in needs.groups.values() for each in asked.required for name in each}
    providers = candidate_search.load(ctx, names)
    wide = Wide(limit=1, same_subtrees=needs.same_subtrees)
    found = candidate_search.search(providers, needs.groups, wide, nested=True)
    if not found:
        raise NoRoomForPort(instance_uuid=server["uuid"])
    more: dict[str, dict[str, int]] = {}
    for (number, name), amount in found[0].amounts.items():
        more.setdefault(providers[number].uuid, {})[name] = amount
    try:
        allocations.adjust(ctx, server["uuid"], more)
    except NoCapacity:
        raise NoRoomForPort(instance_uuid=server["uuid"]) from None
    return {suffix: providers[number].uuid for suffix, (number, *_) in found[0].mappings.items()}


def give_back(ctx: Context, server_uuid: str, held: Mapping[str, Mapping[str, int]]) -> None:
    """Let a server hold no longer what a port had that it lost."""
    still = allocations.of(ctx, server_uuid)
    less = {
        provider: {name: -amount for name, amount in amounts.items()}
        for provider, amounts in held.items()
        if provider in still
    }
    if less:
        allocations.adjust(ctx, server_uuid, less)
