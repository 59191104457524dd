"""Provider aggregates: groups of resource providers, known by nothing but a uuid."""

from __future__ import annotations

from typing import Any

from emulator.placement import providers
from emulator.placement.errors import GenerationChanged
from emulator.placement.replies import fresh
from emulator.placement.schemas import INTEGER, UUID
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Switch, either, prop, since

GENERATION_TOLD = since("1.19")

# Schemas

UUIDS = {"type": "array", "items": UUID, "uniqueItems": True}
SET = Body(
    schema=Switch(
        either(UUIDS, until="1.18"),
        either(
            Object(
                prop("aggregates", UUIDS, required=True),
                prop("resource_provider_generation", INTEGER, required=True),
            ),
            since="1.19",
        ),
    )
)

# Queries


def of_provider(ctx: Context, provider_id: int) -> list[str]:
    """Return the aggregates that a provider is in."""
    rows = ctx.db.all(
        "SELECT aggregate FROM placement_provider_aggregates WHERE provider_id = ?"
        " ORDER BY created_at, aggregate",
        (provider_id,),
    )
    return [row["aggregate"] for row in rows]


def put(ctx: Context, provider_id: int, aggregate: str) -> None:
    """Put a provider into an aggregate."""
    ctx.db.execute(
        "INSERT OR IGNORE INTO placement_provider_aggregates (provider_id, aggregate, created_at)"
        " VALUES (?, ?, ?)",
        (provider_id, aggregate, ctx.timestamp),
    )


def take(ctx: Context, provider_id: int, aggregate: str) -> None:
    """Take a provider out of an aggregate."""
    ctx.db.execute(
        "DELETE FROM placement_provider_aggregates WHERE provider_id = ? AND aggregate = ?",
        (provider_id, aggregate),
    )


# What other services call


def join(ctx: Context, provider_uuid: str, aggregate: str) -> None:
    """Put a provider into an aggregate, as Compute does with the hosts of its own."""
    provider_id = providers.find(ctx, provider_uuid)["id"]
    put(ctx, provider_id, aggregate)
    providers.count_change(ctx, provider_id)


def leave(ctx: Context, provider_uuid: str, aggregate: str) -> None:
    """Take a provider out of an aggregate."""
    provider_id = providers.find(ctx, provider_uuid)["id"]
    take(ctx, provider_id, aggregate)
    providers.count_change(ctx, provider_id)


# Operations


def show(ctx: Context, provider: Any) -> Reply:
    """List the aggregates that a provider is in."""
    return _shown(ctx, provider, of_provider(ctx, provider["id"]))


def _shown(ctx: Context, provider: Any, names: list[str]) -> Reply:
    body: dict[str, Any] = {"aggregates": names}
    if GENERATION_TOLD in ctx:
        body["resource_provider_generation"] = provider["generation"]
    return fresh(ctx, body)


def replace(ctx: Context, provider: Any, body: Any) -> Reply:
    """Put a provider into these aggregates and no others; since 1.19 this counts as a change."""
    names = body
    if GENERATION_TOLD in ctx:
        if provider["generation"] != body["resource_provider_generation"]:
            raise GenerationChanged()
        names = body["aggregates"]
        providers.count_change(ctx, provider["id"])
    for each in of_provider(ctx, provider["id"]):
        if each not in names:
            take(ctx, provider["id"], each)
    for each in names:
        put(ctx, provider["id"], each)
    return _shown(ctx, providers.find(ctx, provider["uuid"]), names)
