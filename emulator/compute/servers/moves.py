"""How a server changes hosts: a place is chosen and claimed, what it held before waits or is freed.

While a server moves, its migration record holds in Placement what the server held of the host it
leaves (Nova 34.0.0, conductor.tasks.migrate): to move that back is to revert.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from emulator.compute import migrations, quotas, scheduler
from emulator.compute.errors import NoValidHost
from emulator.compute.servers import guests, interfaces, placing, queries
from emulator.compute.servers.port_errors import MoveCannotBeForced
from emulator.errors import TransitionFailed
from emulator.placement import allocations
from emulator.wire.request import Context

SIZE_COLUMNS = (
    "flavor",
    "flavor_id",
    "flavorid",
    "memory_mb",
    "vcpus",
    "root_gb",
    "ephemeral_gb",
)

# Queries


def host_row(ctx: Context, host: str) -> Any:
    """Return the hypervisor of a compute host, None when there is no such host."""
    return ctx.db.one("SELECT * FROM compute_hosts WHERE host = ?", (host,))


def zone_of(ctx: Context, host: str) -> str:
    """Return the availability zone of a host."""
    zone: str | None = ctx.db.value(
        "SELECT a.availability_zone FROM compute_aggregate_hosts m"
        " JOIN compute_aggregates a ON a.id = m.aggregate_id"
        " WHERE m.host = ? AND a.availability_zone IS NOT NULL LIMIT 1",
        (host,),
    )
    return zone or scheduler.DEFAULT_ZONE


# Choosing and claiming


def choose(
    ctx: Context,
    server: Any,
    *,
    size: Mapping[str, Any] | None = None,
    ignore: Sequence[str] = (),
    host: str | None = None,
    forced: bool = False,
    zone: str | None = None,
) -> scheduler.HostChoice:
    """Return where a server could go, at its size or another. TransitionFailed when nowhere.

    `host` must pass the scheduler's filters; one that is forced only needs room.
    """
    if forced and host is not None and len(allocations.of(ctx, server["uuid"])) > 1:
        raise TransitionFailed(
            MoveCannotBeForced(instance_uuid=server["uuid"], host=host or "").message
        )
    spec = placing.spec_of(ctx, {**dict(server), **(size or {})}, {})
    spec = spec._replace(
        ignore_hosts=ignore,
        current_host=server["host"],
        requested_host=None if forced else host,
        forced_host=host if forced else None,
        unasked=forced and host is not None,
        availability_zone=zone or spec.availability_zone,
    )
    try:
        return scheduler.select(ctx, spec)
    except NoValidHost as nowhere:
        raise TransitionFailed(nowhere.message) from None


def set_out(
    ctx: Context, server: Any, migration: Mapping[str, Any], choice: scheduler.HostChoice
) -> None:
    """Claim the chosen host; the migration holds what the server held of the one it leaves."""
    allocations.move(ctx, server["uuid"], migration["uuid"])
    placing.claim(ctx, server, choice)
    target = host_row(ctx, choice.host)
    migrations.change(
        ctx,
        migration["id"],
        dest_compute=choice.host,
        dest_node=choice.node,
        dest_host=guests.of_host(target).address or target["host_ip"],
        dest_provider=choice.provider_uuid,
    )


def arrive(ctx: Context, server: Any, migration: Any) -> None:
    """The server is on the host it went to, and so are its ports."""
    queries.change(
        ctx,
        server["uuid"],
        host=migration["dest_compute"],
        node=migration["dest_node"],
        provider=migration["dest_provider"],
        availability_zone=zone_of(ctx, migration["dest_compute"]),
    )
    interfaces.rebind(ctx, server["uuid"], migration["dest_compute"])


def go_back(ctx: Context, server: Any, migration: Any) -> None:
    """The server is again where it came from, and holds what it held there."""
    source = host_row(ctx, migration["source_compute"])
    queries.change(
        ctx,
        server["uuid"],
        host=migration["source_compute"],
        node=migration["source_node"],
        provider=source["uuid"],
        availability_zone=zone_of(ctx, migration["source_compute"]),
    )
    take_back(ctx, server, migration)
    interfaces.rebind(ctx, server["uuid"], migration["source_compute"])


def take_back(ctx: Context, server: Any, migration: Any) -> None:
    """Let the server hold again what its migration held for it."""
    if allocations.of(ctx, migration["uuid"]):
        allocations.move(ctx, migration["uuid"], server["uuid"])


# Sizes


def size_of(server: Any) -> dict[str, Any]:
    """Return the columns that say a server's size."""
    return {name: server[name] for name in SIZE_COLUMNS}


def take_size(ctx: Context, server: Any, size: Mapping[str, Any]) -> None:
    """Give a server another size, and count it."""
    queries.change(ctx, server["uuid"], **size)
    quotas.add_usage(
        ctx,
        server["project_id"],
        server["user_id"],
        0,
        size["vcpus"] - server["vcpus"],
        size["memory_mb"] - server["memory_mb"],
    )


def packed(size: Mapping[str, Any]) -> str:
    """Return a size as the text that a column holds."""
    return orjson.dumps(size).decode()


def unpacked(text: str) -> dict[str, Any]:
    """Return the size that `packed` made a text of."""
    size: dict[str, Any] = orjson.loads(text)
    return size
