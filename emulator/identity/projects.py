"""Projects."""

from __future__ import annotations

from typing import Any

from emulator.wire.request import Context

# Queries


def get(ctx: Context, project_id: str) -> Any:
    """Return a project, None when there is none of this id; domains count as projects here."""
    return ctx.db.get("identity_projects", project_id)
