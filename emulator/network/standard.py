"""What every resource of Neutron has: times, a revision, a description, tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from emulator.network.attributes import NOT_SPECIFIED, Values
from emulator.network.errors import BadRequest, RevisionNumberConstraintFailed
from emulator.wire.request import Context

MATCH_PREFIX = "revision_number="

# View


def moment(text: str) -> str:
    """Return a stored time as Neutron shows it: 2026-01-01T00:00:00Z."""
    return text[:19] + "Z"


def ordered_tags(tags: Sequence[str]) -> list[str]:
    """Return tags as a resource shows them: each once, in the order of the key of their table."""
    return sorted(set(tags))


def json_text(value: Any) -> str:
    """Return a value as it is stored in a JSON column."""
    return orjson.dumps(value).decode()


def raw(text: str) -> orjson.Fragment:
    """Return a JSON column for an answer, undecoded."""
    return orjson.Fragment(text)


def parsed(text: str | None) -> Any:
    """Return the value of a JSON column."""
    return None if text is None else orjson.loads(text)


def times(row: Any) -> dict[str, Any]:
    """Return the attributes that close every item."""
    return {
        "created_at": row["created_at"][:19] + "Z",
        "updated_at": row["updated_at"][:19] + "Z",
        "revision_number": row["revision_number"],
    }


def owner(row: Any) -> dict[str, Any]:
    """Return whose an item is, under both names."""
    return {"project_id": row["project_id"], "tenant_id": row["project_id"]}


def picked(row: Any, *names: str) -> dict[str, Any]:
    """Return columns that are shown as they are stored."""
    return {name: row[name] for name in names}


# Changes


def fresh(ctx: Context, values: Values, revision: int = 0) -> dict[str, Any]:
    """Return the columns that every new row begins with, an id of its own among them."""
    now = ctx.timestamp
    return {
        "id": ctx.ids.uuid(),
        "project_id": values.get("project_id", ""),
        "description": values.get("description", ""),
        "created_at": now,
        "updated_at": now,
        "revision_number": revision,
    }


def changes_in(row: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the wanted columns that differ from the row."""
    return {
        name: value
        for name, value in wanted.items()
        if value is not NOT_SPECIFIED and row[name] != value
    }


def change(ctx: Context, table: str, row: Any, wanted: Mapping[str, Any]) -> bool:
    """Write what differs, with a new revision; return whether anything did."""
    changes = changes_in(row, wanted)
    if not changes:
        return False
    ctx.db.update(
        table,
        row["id"],
        **changes,
        updated_at=ctx.timestamp,
        revision_number=row["revision_number"] + 1,
    )
    return True


def check_revision(ctx: Context, row: Any) -> None:
    """Hold a change to the revision that an If-Match header names, where the row has revisions.

    There is one of them: what follows a comma is part of it (Neutron 29.0.0, seen on the wire).
    """
    header = ctx.request.headers.get("If-Match")
    if not header or "revision_number" not in row.keys():  # noqa: SIM118 - a row is no dict
        return
    text = header.strip().strip('"')
    if not text.startswith(MATCH_PREFIX):
        return
    try:
        wanted = int(text[len(MATCH_PREFIX) :])
    except ValueError:
        raise BadRequest(
            resource="if-match",
            msg="Revision number etag must be in the format of revision_number=<int>",
        ) from None
    if row["revision_number"] != wanted:
        raise RevisionNumberConstraintFailed(required=wanted, current=row["revision_number"])


# Queries


def bump(ctx: Context, table: str, resource_id: str, by: int = 1) -> None:
    """Give a resource a new revision because something that belongs to it changed."""
    ctx.db.execute(
        f"UPDATE {table} SET revision_number = revision_number + ?, updated_at = ? WHERE id = ?",
        (by, ctx.timestamp, resource_id),
    )
