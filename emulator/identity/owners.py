"""Whose something is, by id and by name: what stages of lifecycles match."""

from __future__ import annotations

from typing import Any

from emulator.wire.request import Context


def facts(ctx: Context, row: Any) -> dict[str, Any]:
    """Return project and user of a row, each as its id and its name."""
    keys = row.keys()
    found: dict[str, Any] = {}
    for what, column in (("project", "project_id"), ("user", "user_id")):
        id = row[column] if column in keys else None
        owner = ctx.db.get(f"identity_{what}s", id) if id else None
        found[what] = (id,) if owner is None else (id, owner["name"])
    return found
