"""Hosts that die, return, fill up and are disabled, as an outage does it and no client can.

A host that is dead reports no more: its services are down, of Network and Block Storage too, new
servers and volumes go elsewhere, and what is under way on it stands still. Its servers are shown as
they were: Nova does not know better.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emulator.compute import services
from emulator.compute.servers import queries
from emulator.compute.servers.states import BUILDING, ERROR
from emulator.errors import UsageError
from emulator.network import agents
from emulator.simulation import rules, stages
from emulator.volume import outages as volumes
from emulator.wire.request import Context

# Queries


def hosts(ctx: Context) -> list[str]:
    """Return the names of all compute hosts."""
    return [
        row["host"] for row in ctx.db.all("SELECT DISTINCT host FROM compute_hosts ORDER BY id")
    ]


def hosts_in(ctx: Context, zone: str) -> list[str]:
    """Return the hosts of an availability zone."""
    return [each for each in hosts(ctx) if services.find_compute(ctx, each)["zone"] == zone]


def mortal(ctx: Context) -> list[str]:
    """Return the names of all hosts that can die: also those with no servers."""
    return list(dict.fromkeys([*hosts(ctx), *agents.hosts(ctx), *volumes.hosts(ctx)]))


def check_host(host: Any, known: Sequence[str]) -> None:
    """Refuse a host that is none of those known."""
    if host not in known:
        listed = ", ".join(known) or "none"
        raise UsageError(f"host: there is no host {host!r} (there are: {listed})")


def is_alive(ctx: Context, host: str) -> bool:
    """Say whether a host reports."""
    return ctx.db.get("rules", f"outage/{host}", "name") is None


def _set_down(ctx: Context, host: str, since: str | None) -> None:
    ctx.db.update("compute_services", host, "host", down_since=since)


def _under_way(ctx: Context, host: str) -> Iterator[tuple[str, str]]:
    """Kind and id of what is in the middle of something on a host."""
    for row in ctx.db.all(
        "SELECT uuid FROM compute_servers WHERE host = ? AND deleted = 0", (host,)
    ):
        yield "server", row["uuid"]
    for row in ctx.db.all(
        "SELECT b.uuid FROM compute_block_devices b JOIN compute_servers s"
        " ON s.uuid = b.server_uuid WHERE s.host = ? AND s.deleted = 0",
        (host,),
    ):
        yield "block_device", row["uuid"]


_OF_HOST = (
    "provider_id IN (SELECT p.id FROM placement_resource_providers p"
    " JOIN compute_hosts h ON h.uuid = p.uuid WHERE h.host = ?)"
)


def _inventories(ctx: Context, host: str) -> list[Any]:
    return ctx.db.all(f"SELECT * FROM placement_inventories WHERE {_OF_HOST}", (host,))


def _reserve_all(ctx: Context, host: str) -> None:
    ctx.db.execute(f"UPDATE placement_inventories SET reserved = total WHERE {_OF_HOST}", (host,))


def _reserve(ctx: Context, host: str, resource_class: str, reserved: int) -> None:
    ctx.db.execute(
        f"UPDATE placement_inventories SET reserved = ? WHERE resource_class = ? AND {_OF_HOST}",
        (reserved, resource_class, host),
    )


# Outages


def kill(ctx: Context, host: str) -> list[str]:
    """Let a host report no more: what is under way on it stands still.

    Return the ids of its network agents, to be brought back.
    """
    _set_down(ctx, host, ctx.timestamp)
    for kind, entity in _under_way(ctx, host):
        ctx.engine.stop(kind, entity)
    pools = volumes.kill(ctx, host)
    content = {"match": {"host": [host, *pools]}, "outcome": stages.STICK}
    rules.add(ctx.db, f"outage/{host}", rules.OUTAGE, content, ctx.now)
    return agents.silence(ctx, host)


def bring_back(ctx: Context, host: str, silenced: Sequence[str]) -> None:
    """Let a host report again and take up what stood still, but for what was being built."""
    _set_down(ctx, host, None)
    volumes.bring_back(ctx, host)
    agents.wake(ctx, silenced)
    rules.remove(ctx.db, f"outage/{host}")
    for kind, entity in list(_under_way(ctx, host)):
        if kind != "server" or not _wake_server(ctx, entity):
            ctx.engine.hasten(kind, entity, ctx.now)


def _wake_server(ctx: Context, uuid: str) -> bool:
    """Let a server that was being built be in error; say whether it was.

    Nova 34.0.0, ComputeManager._init_instance: no fault is told, ports and claim stay.
    """
    server = ctx.db.get("compute_servers", uuid, "uuid")
    if server["vm_state"] != BUILDING:
        return False
    ctx.engine.cancel("server", uuid)
    queries.change(ctx, uuid, vm_state=ERROR, task_state=None)
    return True


def fill(ctx: Context, host: str) -> dict[str, Any]:
    """Let a host have no room for more; return what it reserved before."""
    before = {row["resource_class"]: row["reserved"] for row in _inventories(ctx, host)}
    _reserve_all(ctx, host)
    return before


def give_room(ctx: Context, host: str, before: Mapping[str, Any]) -> None:
    """Let a host reserve what it reserved before it was full."""
    for resource_class, reserved in before.items():
        _reserve(ctx, host, resource_class, reserved)


def switch(ctx: Context, host: str, *, enabled: bool, reason: str | None) -> tuple[bool, Any]:
    """Enable or disable a host; return whether it was disabled, and why."""
    service = services.find_compute(ctx, host)
    services.set_enabled(ctx, service, enabled=enabled, reason=reason)
    return bool(service["disabled"]), service["disabled_reason"]
