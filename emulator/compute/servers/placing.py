"""Where a new server goes: the host that the scheduler chooses, and the claim on it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

import orjson

from emulator.compute import scheduler
from emulator.compute.errors import NoValidHost
from emulator.compute.servers import guests, port_resources, queries
from emulator.compute.servers.states import ERROR
from emulator.placement import allocations
from emulator.simulation.transition import Arguments, Turn
from emulator.wire.request import Context

MIB_PER_GIB = 1024
DESTINATIONS = ("requested_host", "requested_node", "forced_host", "forced_node")
NEEDS = (
    "flavor", "vcpus", "memory_mb", "image_ref", "image_properties", "pinned_availability_zone"
)  # fmt: skip
"""All that the host of a server depends on which is in no group and has no hints."""

# One server


def schedule(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Choose a host and claim what the server needs of it; of several servers all, or none."""
    if server["host"]:
        return
    if not arguments.get("several"):
        _place(ctx, server, arguments)
        return
    together = queries.of_reservation(ctx, server, arguments["several"])
    for each in together:
        if each["vm_state"] == ERROR:
            raise NoValidHost(reason="")
    for each in together:
        _place(ctx, each, arguments)


def claim(ctx: Context, server: Any, choice: scheduler.HostChoice) -> None:
    """Let a server hold what it needs of the chosen host."""
    allocations.claim(
        ctx,
        server["uuid"],
        choice.provider_uuid,
        choice.resources,
        server["project_id"],
        server["user_id"],
        others=choice.others,
    )


def _place(ctx: Context, server: Any, arguments: Arguments) -> None:
    choice = scheduler.select(ctx, spec_of(ctx, server, arguments))
    claim(ctx, server, choice)
    ctx.db.update(
        queries.TABLE,
        server["uuid"],
        "uuid",
        host=choice.host,
        node=choice.node,
        provider=choice.provider_uuid,
        availability_zone=choice.zone,
        root_device_name=_root_device(ctx, choice.node),
    )


def spec_of(ctx: Context, server: Any, arguments: Arguments) -> scheduler.Spec:
    """Return what the scheduler is told about a server that is placed for the first time.

    `arguments` may name a requested_host and requested_node, a forced_host and forced_node.
    """
    flavor, hints = orjson.loads(server["flavor"]), orjson.loads(server["scheduler_hints"])
    needs = port_resources.of_server(ctx, server)
    return scheduler.Spec(
        vcpus=server["vcpus"],
        memory_mb=server["memory_mb"],
        disk_gb=disk_gb(server, flavor),
        extra_specs=flavor["extra_specs"],
        image_properties=orjson.loads(server["image_properties"]),
        availability_zone=server["pinned_availability_zone"],
        requested_host=arguments.get("requested_host"),
        requested_node=arguments.get("requested_node"),
        forced_host=arguments.get("forced_host"),
        forced_node=arguments.get("forced_node"),
        different_host=_hosts(ctx, hints.get("different_host")),
        same_host=_hosts(ctx, hints["same_host"]) if hints.get("same_host") else None,
        group=group_of(ctx, server),
        ports=needs.groups,
        same_subtrees=needs.same_subtrees,
    )


def disk_gb(server: Any, flavor: Any) -> int:
    """Return the GiB that a server takes of its host: no root disk when it boots from a volume."""
    swap = -(-flavor["swap"] // MIB_PER_GIB)
    root = flavor["disk"] if server["image_ref"] else 0
    size: int = root + flavor["ephemeral"] + swap
    return size


def _hosts(ctx: Context, server_ids: Any) -> list[str]:
    if not server_ids:
        return []
    given = [server_ids] if isinstance(server_ids, str) else server_ids
    return queries.hosts_of(ctx, given)


def group_of(ctx: Context, server: Any) -> scheduler.Group | None:
    """Return the server's group as the scheduler takes it, None when it is in none."""
    if not server["server_group"]:
        return None
    group = ctx.db.get("compute_server_groups", server["server_group"], "uuid")
    if group is None:
        return None
    members = queries.members_by_host(ctx, group["uuid"], but=server["uuid"])
    per_host = orjson.loads(group["rules"]).get("max_server_per_host", 1)
    return scheduler.Group(group["policy"], members, int(per_host))


# Many servers


class Order(NamedTuple):
    """Servers that are placed at the same turn: one, or all of a request for several."""

    place: int
    timestamp: str
    servers: list[Any]


def schedule_together(turns: Sequence[Turn]) -> int:
    """Choose the hosts of many servers, as `schedule` does for one after the other."""
    ctx = turns[0].ctx
    hosts = queries.hosts_by_server(ctx, [turn.entity for turn in turns])
    rows = queries.to_be_placed(ctx, [each for each, host in hosts.items() if host is None])
    orders: list[Order] = []
    placed = {each for each, host in hosts.items() if host is not None}
    seen_to = len(turns)
    for place, turn in enumerate(turns):
        if turn.entity in placed:
            continue
        servers = _to_place(turn, rows.get(turn.entity))
        if servers is None:
            seen_to = place
            break
        placed.update(each["uuid"] for each in servers)
        orders.append(Order(place, turn.ctx.timestamp, servers))
    for _, alike in groupby(orders, _needs):
        refused = _place_alike(ctx, list(alike))
        if refused is not None:
            return refused.place
    return seen_to


def _to_place(turn: Turn, server: Any) -> list[Any] | None:
    """The servers that are placed at a turn; None when one of them is no plain case."""
    if server is None or any(turn.arguments.get(name) for name in DESTINATIONS):
        return None
    several = turn.arguments.get("several")
    servers = queries.of_reservation(turn.ctx, server, several) if several else [server]
    for each in servers:
        if each["vm_state"] == ERROR or each["server_group"] or each["scheduler_hints"] != "{}":
            return None
        if port_resources.may_be_asked(each):
            return None
    return servers


def _needs(order: Order) -> tuple[Any, ...]:
    server = order.servers[0]
    return tuple(server[name] for name in NEEDS)


def _place_alike(ctx: Context, orders: Sequence[Order]) -> Order | None:
    """Place servers that need the same; return the first order for which this is no way."""
    spec = spec_of(ctx, orders[0].servers[0], {})
    if not scheduler.asks_the_same(spec):
        return orders[0]
    uuids = [each["uuid"] for order in orders for each in order.servers]
    holders = allocations.holders(ctx, uuids)
    choices = scheduler.select_each(ctx, spec, len(uuids))
    placed: list[tuple[Any, str, scheduler.HostChoice]] = []
    refused = None
    for order in orders:
        chosen = choices[len(placed) : len(placed) + len(order.servers)]
        if len(chosen) < len(order.servers) or any(e["uuid"] in holders for e in order.servers):
            refused = order
            break
        placed += [
            (server, order.timestamp, choice)
            for server, choice in zip(order.servers, chosen, strict=True)
        ]
    _keep(ctx, placed)
    return refused


def _keep(ctx: Context, placed: Sequence[tuple[Any, str, scheduler.HostChoice]]) -> None:
    """Store where servers go, and what they take there since when."""
    allocations.claim_all(
        ctx,
        [
            allocations.Claim(
                server["uuid"],
                choice.provider_uuid,
                choice.resources,
                server["project_id"],
                server["user_id"],
                timestamp,
            )
            for server, timestamp, choice in placed
        ],
    )
    disks = {node: _root_device(ctx, node) for node in {choice.node for *_, choice in placed}}
    queries.keep_hosts(
        ctx,
        [
            (each.host, each.node, each.provider_uuid, each.zone, disks[each.node], server["uuid"])
            for server, _, each in placed
        ],
    )


def _root_device(ctx: Context, node: str) -> str:
    return f"{guests.of(ctx, {'node': node}).disks}a"
