"""Availability zones: named by the metadata of aggregates; hosts outside of all are in `nova`."""

from __future__ import annotations

from typing import Any

from emulator.compute import services
from emulator.wire.request import Context

DEFAULT_ZONE = services.DEFAULT_ZONE

# View


def zone(name: str, *, available: bool, hosts: Any) -> dict[str, Any]:
    """Return one zone as it is listed."""
    return {"zoneName": name, "zoneState": {"available": available}, "hosts": hosts}


# Queries


def of_host(ctx: Context, host: str) -> str:
    """Return the zone that a host is in."""
    zone: str | None = ctx.db.value(
        "SELECT a.availability_zone FROM compute_aggregate_hosts m"
        " JOIN compute_aggregates a ON a.id = m.aggregate_id"
        " WHERE m.host = ? AND a.availability_zone IS NOT NULL LIMIT 1",
        (host,),
    )
    return zone or DEFAULT_ZONE


def exists(ctx: Context, name: str) -> bool:
    """Say whether servers may ask for the zone: something enabled is in it."""
    if ctx.cloud.down_hosts or name == services.INTERNAL_ZONE:
        return name in _zones(services.with_zones(ctx))[0]
    found = ctx.db.value(
        "SELECT 1 FROM compute_services s LEFT JOIN compute_aggregate_hosts m ON m.host = s.host"
        " LEFT JOIN compute_aggregates a"
        " ON a.id = m.aggregate_id AND a.availability_zone IS NOT NULL"
        " WHERE s.binary = 'nova-compute' AND NOT s.disabled"
        " GROUP BY s.host HAVING coalesce(max(a.availability_zone), ?) = ? LIMIT 1",
        (DEFAULT_ZONE, name),
    )
    return found is not None


# Operations


def index(ctx: Context, query: Any = None) -> dict[str, Any]:
    """List the zones that servers can be in, and whether something is enabled there."""
    available, unavailable = _zones(services.with_zones(ctx))
    return {
        "availabilityZoneInfo": [
            zone(name, available=name in available, hosts=None)
            for name in (*available, *unavailable)
            if name != services.INTERNAL_ZONE
        ]
    }


def detail(ctx: Context, query: Any = None) -> dict[str, Any]:
    """List all zones with their hosts and services."""
    rows = services.with_zones(ctx)
    available, unavailable = _zones(rows)
    listed = [zone(name, available=True, hosts={}) for name in available]
    hosts = {each["zoneName"]: each["hosts"] for each in listed}
    for row in rows:
        if not row["disabled"]:
            hosts[row["zone"]].setdefault(row["host"], {})[row["binary"]] = {
                "available": services.state(row, ctx) == "up",
                "active": True,
                "updated_at": services.reported_at(row, ctx),
            }
    listed += [zone(name, available=False, hosts=None) for name in unavailable]
    return {"availabilityZoneInfo": listed}


def _zones(rows: list[Any]) -> tuple[list[str], list[str]]:
    """The names of the zones where something is enabled, and of the others; each in order."""
    available = {row["zone"] for row in rows if not row["disabled"]}
    others = {row["zone"] for row in rows} - available
    return sorted(available), sorted(others)
