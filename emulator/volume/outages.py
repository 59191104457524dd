"""Hosts of block storage that die and return: services are down, volumes there stand still."""

from __future__ import annotations

from emulator.volume import backends
from emulator.wire.request import Context

# Queries


def hosts(ctx: Context) -> list[str]:
    """Return the names of all hosts, without their back ends."""
    rows = ctx.db.all("SELECT host FROM volume_services ORDER BY rowid")
    return list(dict.fromkeys(row["host"].partition("@")[0] for row in rows))


def _set_down(ctx: Context, host: str, since: str | None) -> None:
    ctx.db.execute(
        "UPDATE volume_services SET down_since = ? WHERE host = ? OR host LIKE ? || '@%'",
        (since, host, host),
    )


def _volumes(ctx: Context, host: str) -> list[str]:
    rows = ctx.db.all("SELECT id FROM volume_volumes WHERE host LIKE ? || '@%'", (host,))
    return [row["id"] for row in rows]


# Outages


def kill(ctx: Context, host: str) -> list[str]:
    """Let the services of a host report no more; return its pools, where all stands still."""
    _set_down(ctx, host, ctx.timestamp)
    for volume in _volumes(ctx, host):
        ctx.engine.stop("volume", volume)
    return [pool for pool in backends.pools(ctx) if pool.startswith(f"{host}@")]


def bring_back(ctx: Context, host: str) -> None:
    """Let them report again and take up what stood still."""
    _set_down(ctx, host, None)
    for volume in _volumes(ctx, host):
        ctx.engine.hasten("volume", volume, ctx.now)
