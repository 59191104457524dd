"""Usages: how much is claimed, of a provider and by a project."""

from __future__ import annotations

from typing import Any

from emulator.placement import inventories, providers
from emulator.placement.errors import ProviderOfTraitsNotFound
from emulator.placement.replies import fresh
from emulator.placement.schemas import OWNER
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Query, prop, since

BY_TYPE = since("1.38")
UNKNOWN = "unknown"
ALL = "all"

# Schemas

TYPE = {
    "type": "string",
    "pattern": "^[A-Z0-9_]+$|^all|^unknown$",
    "minLength": 1,
    "maxLength": 255,
}
TOTAL = Query(
    prop("project_id", OWNER, required=True),
    prop("user_id", OWNER),
    prop("consumer_type", TYPE, since="1.38"),
    unknown=False,
)

# Queries


def of_project(ctx: Context, project_id: str, user_id: str | None) -> list[Any]:
    """Return what the consumers of a project (and user) hold, by type and class."""
    return ctx.db.all(
        "SELECT c.consumer_type, a.resource_class, sum(a.used) AS used"
        " FROM placement_consumers c JOIN placement_allocations a ON a.consumer_id = c.id"
        " WHERE c.project_id = ? AND (? IS NULL OR c.user_id = ?)"
        " GROUP BY c.consumer_type, a.resource_class ORDER BY c.consumer_type, a.resource_class",
        (project_id, user_id, user_id),
    )


def consumers(ctx: Context, project_id: str, user_id: str | None) -> dict[str | None, int]:
    """Return how many consumers of each type a project (and user) has that hold something."""
    rows = ctx.db.all(
        "SELECT c.consumer_type, count(*) AS number FROM placement_consumers c"
        " WHERE c.project_id = ? AND (? IS NULL OR c.user_id = ?) AND EXISTS"
        " (SELECT 1 FROM placement_allocations a WHERE a.consumer_id = c.id)"
        " GROUP BY c.consumer_type",
        (project_id, user_id, user_id),
    )
    return {row["consumer_type"]: row["number"] for row in rows}


# Operations


def show(ctx: Context, provider_uuid: str) -> Reply:
    """Show how much of each inventory of a provider is claimed."""
    provider = providers.find(ctx, provider_uuid, ProviderOfTraitsNotFound)
    rows = inventories.of_provider(ctx, provider["id"])
    body = {
        "resource_provider_generation": provider["generation"],
        "usages": {row["resource_class"]: row["used"] for row in rows},
    }
    return fresh(ctx, body)


def total(ctx: Context, query: dict[str, list[str]]) -> Reply:
    """Show how much a project (and user) has claimed; since 1.38 by type of consumer."""
    project_id, user_id = query["project_id"][-1], query.get("user_id", [None])[-1]
    rows = of_project(ctx, project_id, user_id)
    if BY_TYPE not in ctx:
        return fresh(ctx, {"usages": _sums(rows)})
    wanted = query.get("consumer_type", [None])[-1]
    numbers = consumers(ctx, project_id, user_id)
    if wanted == ALL:
        found = {ALL: (_sums(rows), sum(numbers.values()))}
    else:
        found = {
            name or UNKNOWN: (_sums(row for row in rows if row["consumer_type"] == name), number)
            for name, number in numbers.items()
            if wanted in (None, name or UNKNOWN)
        }
    usages = {
        name: {**amounts, "consumer_count": number}
        for name, (amounts, number) in found.items()
        if amounts
    }
    return fresh(ctx, {"usages": usages})


def _sums(rows: Any) -> dict[str, int]:
    """The amounts of all rows, by class."""
    sums: dict[str, int] = {}
    for row in rows:
        sums[row["resource_class"]] = sums.get(row["resource_class"], 0) + row["used"]
    return sums
