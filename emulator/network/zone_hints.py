"""Hints at availability zones: each names a zone that an agent is in."""

from __future__ import annotations

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


# Operations


def check(ctx: Context, zones: Sequence[str], resource: str) -> None:
    """Raise AvailabilityZoneNotFound when no agent of the resource is in one of the zones."""
    for zone in zones:
        if not _exists(ctx, zone, AGENTS[resource]):
            raise AvailabilityZoneNotFound(availability_zone=zone)
