"""Provider aggregates: groups of resource providers, known by nothing but a uuid."""

from __future__ import annotations

from emulator.placement import providers
from emulator.wire.request import Context

# Queries


def join(ctx: Context, provider_uuid: str, aggregate: str) -> None:
    """Put a provider into an aggregate."""
    ctx.db.execute(
        "INSERT OR IGNORE INTO placement_provider_aggregates (provider_id, aggregate, created_at)"
        " VALUES (?, ?, ?)",
        (providers.find(ctx, provider_uuid)["id"], aggregate, ctx.timestamp),
    )


def leave(ctx: Context, provider_uuid: str, aggregate: str) -> None:
    """Take a provider out of an aggregate."""
    ctx.db.execute(
        "DELETE FROM placement_provider_aggregates WHERE provider_id = ? AND aggregate = ?",
        (providers.find(ctx, provider_uuid)["id"], aggregate),
    )
