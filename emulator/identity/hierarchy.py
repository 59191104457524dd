"""The tree of projects: what stands above a project, and what below."""

from __future__ import annotations

from typing import Any

from emulator.wire.request import Context

# Queries


def above(ctx: Context, project_id: str) -> list[tuple[str, bool]]:
    """Return the ids above a project, nearest first, each with whether it is a domain.

    The last one is the domain, which is the parent of the projects at the top.
    """
    rows = ctx.db.all(
        "WITH RECURSIVE up(id, parent_id, is_domain, depth) AS ("
        " SELECT id, parent_id, is_domain, 0 FROM identity_projects WHERE id = ?"
        " UNION ALL SELECT p.id, p.parent_id, p.is_domain, up.depth + 1"
        " FROM identity_projects p JOIN up ON p.id = up.parent_id)"
        " SELECT id, is_domain FROM up WHERE depth > 0 ORDER BY depth",
        (project_id,),
    )
    return [(row["id"], bool(row["is_domain"])) for row in rows]


def below(ctx: Context, project_id: str) -> list[str]:
    """Return the ids of all projects below a project or a domain, nearest first."""
    return [row["id"] for row in rows_below(ctx, project_id)]


def rows_below(ctx: Context, project_id: str) -> list[Any]:
    """Return all projects below a project or a domain, nearest first."""
    return ctx.db.all(
        "WITH RECURSIVE down(id, depth) AS ("
        " SELECT id, 1 FROM identity_projects WHERE parent_id = ?"
        " UNION ALL SELECT p.id, down.depth + 1"
        " FROM identity_projects p JOIN down ON p.parent_id = down.id)"
        " SELECT p.* FROM identity_projects p JOIN down ON down.id = p.id"
        " ORDER BY down.depth, p.rowid",
        (project_id,),
    )


def rows_above(ctx: Context, project_id: str) -> list[Any]:
    """Return all projects above a project, nearest first, the domain left out."""
    return ctx.db.all(
        "WITH RECURSIVE up(id, parent_id, depth) AS ("
        " SELECT id, parent_id, 0 FROM identity_projects WHERE id = ?"
        " UNION ALL SELECT p.id, p.parent_id, up.depth + 1"
        " FROM identity_projects p JOIN up ON p.id = up.parent_id)"
        " SELECT p.* FROM identity_projects p JOIN up ON up.id = p.id"
        " WHERE up.depth > 0 AND p.is_domain = 0 ORDER BY up.depth",
        (project_id,),
    )
