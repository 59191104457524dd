"""What the operations on metadata definitions read and show alike: bodies, pages, times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.image import bodies, limits
from emulator.image.errors import InvalidQuery, ReadOnlyAttribute
from emulator.image.schemas import check
from emulator.wire.request import Context

READ_ONLY = ("self", "schema", "created_at", "updated_at")


def read(ctx: Context, schema: Any, read_only: Sequence[str] = READ_ONLY) -> dict[str, Any]:
    """Return the body, found to satisfy a schema."""
    body = bodies.read_object(ctx)
    for name in read_only:
        if name in body:
            raise ReadOnlyAttribute(name=name)
    check(schema, body)
    return body


def times(row: Any) -> dict[str, str]:
    """Return when something was made and last changed."""
    return {name: row[name][:19] + "Z" for name in ("created_at", "updated_at")}


def last(ctx: Context, name: str) -> str | None:
    """Return a query parameter; of a repeated one the last counts."""
    values = ctx.query.get(name)
    return values[-1] if values else None


def limit(ctx: Context, default: int | None, *, least: int = 0) -> int | None:
    """Return how many rows are asked for."""
    text = last(ctx, "limit")
    if text is None:
        return default
    try:
        number = int(text)
    except ValueError:
        raise InvalidQuery("limit param must be an integer") from None
    if number < least:
        raise InvalidQuery("limit param must be positive")
    return min(number, limits.PAGE_MAX)


def order(ctx: Context, known: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Return the keys to sort by, each with whether downwards; ties are settled by age."""
    key, direction = last(ctx, "sort_key") or "created_at", last(ctx, "sort_dir") or "desc"
    if direction not in ("asc", "desc"):
        raise InvalidQuery(f"Invalid sort direction: {direction}")
    if key not in known:
        raise InvalidQuery("Sort key supplied was not valid.")
    return tuple((each, direction == "desc") for each in dict.fromkeys((key, "created_at", "id")))


def check_visibility(ctx: Context, known: Sequence[str]) -> str | None:
    """Return the visibility asked for."""
    visibility = last(ctx, "visibility")
    if visibility and visibility not in known:
        raise InvalidQuery(f"Invalid visibility value: {visibility}")
    return visibility or None
