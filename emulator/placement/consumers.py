"""Consumers: who holds allocations, with a generation, a project, a user and a type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.placement.errors import ConsumerChanged
from emulator.placement.versions import CONSUMER_GENERATIONS
from emulator.wire.request import Context

NOBODY = "00000000-0000-0000-0000-000000000000"  # project and user of what was written before 1.8

# Queries


def find(ctx: Context, uuid: str) -> Any:
    """Return the consumer of a uuid, None when there is none."""
    return ctx.db.get("placement_consumers", uuid, "uuid")


def add(ctx: Context, uuid: str, given: Mapping[str, Any]) -> None:
    """Add a consumer that holds nothing yet."""
    ctx.db.insert(
        "placement_consumers",
        {
            "uuid": uuid,
            "generation": 0,
            "project_id": given.get("project_id", NOBODY),
            "user_id": given.get("user_id", NOBODY),
            "consumer_type": given.get("consumer_type"),
            "created_at": ctx.timestamp,
        },
    )


def ensure(ctx: Context, uuid: str, given: Mapping[str, Any]) -> Any:
    """Return the consumer that a body is about, made if need be.

    ConsumerChanged unless the body (since 1.28) tells the generation that it has: null when it is
    not there.
    """
    row = find(ctx, uuid)
    told = given.get("consumer_generation")
    if row is None:
        if CONSUMER_GENERATIONS in ctx and told is not None:
            raise ConsumerChanged(expected="null", given=told)
        add(ctx, uuid, given)
        return find(ctx, uuid)
    if CONSUMER_GENERATIONS in ctx and row["generation"] != told:
        raise ConsumerChanged(expected=row["generation"], given=told)
    return row


def count_change(ctx: Context, consumer: Any, given: Mapping[str, Any]) -> None:
    """Raise the generation of a consumer, and make it what the body says it is."""
    ctx.db.update(
        "placement_consumers",
        consumer["id"],
        generation=consumer["generation"] + 1,
        project_id=given.get("project_id", NOBODY),
        user_id=given.get("user_id", NOBODY),
        consumer_type=given.get("consumer_type") or consumer["consumer_type"],
    )


def remove_if_empty(ctx: Context, consumer_id: int) -> None:
    """Remove a consumer that holds nothing."""
    ctx.db.execute(
        "DELETE FROM placement_consumers WHERE id = ? AND NOT EXISTS"
        " (SELECT 1 FROM placement_allocations WHERE consumer_id = ?)",
        (consumer_id, consumer_id),
    )
