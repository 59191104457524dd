"""Availability zones of networks and routers: those of the agents that serve them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from emulator.network.errors import AvailabilityZoneNotFound
from emulator.wire.request import Context

AGENTS = {"network": "DHCP agent", "router": "L3 agent"}

# Queries


def _exists(ctx: Context, zone: str, agent_type: str) -> bool:
    return bool(
        ctx.db.value(
            "SELECT 1 FROM network_agents WHERE availability_zone = ? AND agent_type = ?",
            (zone, agent_type),
        )
    )


def of_resources(ctx: Context, ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the zones of the agents that serve networks or routers."""
    found: dict[str, list[str]] = defaultdict(list)
    marks = ", ".join("?" * len(ids))
    for row in ctx.db.all(
        "SELECT DISTINCT b.resource_id, a.availability_zone FROM network_agent_bindings AS b"
        f" JOIN network_agents AS a ON a.id = b.agent_id WHERE b.resource_id IN ({marks})"
        " AND a.availability_zone IS NOT NULL ORDER BY a.availability_zone",
        list(ids),
    ):
        found[row["resource_id"]].append(row["availability_zone"])
    return found


def _l3_agent(ctx: Context) -> str | None:
    agent_id: str | None = ctx.db.value(
        "SELECT id FROM network_agents WHERE agent_type = ? AND alive = 1 AND admin_state_up = 1"
        " ORDER BY host LIMIT 1",
        (AGENTS["router"],),
    )
    return agent_id


def _is_scheduled(ctx: Context, resource_id: str) -> bool:
    return bool(
        ctx.db.value("SELECT 1 FROM network_agent_bindings WHERE resource_id = ?", (resource_id,))
    )


# Operations


def schedule_router(ctx: Context, router_id: str) -> None:
    """Let an L3 agent serve a router that has something to route."""
    agent_id = _l3_agent(ctx)
    if agent_id is not None and not _is_scheduled(ctx, router_id):
        ctx.db.insert("network_agent_bindings", {"agent_id": agent_id, "resource_id": router_id})


def check(ctx: Context, zones: Sequence[str], resource: str) -> None:
    """Raise AvailabilityZoneNotFound when no agent of the resource is in one of the zones."""
    for zone in zones:
        if not _exists(ctx, zone, AGENTS[resource]):
            raise AvailabilityZoneNotFound(availability_zone=zone)
