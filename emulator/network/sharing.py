"""Who may use what another project owns: the grants behind `shared` and `router:external`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.wire.request import Context

SHARED = "access_as_shared"
EXTERNAL = "access_as_external"
EVERYONE = "*"

# Queries


def shared_column(table: str) -> str:
    """Return the column that says whether a row is shared with the caller's project (one ?)."""
    return (
        "EXISTS (SELECT 1 FROM network_rbac_policies AS grants"
        f" WHERE grants.object_id = {table}.id AND grants.action = '{SHARED}'"
        " AND grants.target_tenant IN ('*', ?)) AS shared"
    )


def own_or_granted(table: str, object_type: str) -> Any:
    """Return the scope of a table whose rows can be shared: own ones and granted ones."""

    def sees(ctx: Context) -> tuple[str, list[Any]]:
        return (
            f"{table}.project_id = ? OR {table}.id IN (SELECT object_id"
            " FROM network_rbac_policies WHERE target_tenant IN ('*', ?) AND object_type = ?)",
            [ctx.project_id, ctx.project_id, object_type],
        )

    return sees


def is_shared(table: str) -> Any:
    """Return the filter `shared=`: rows that are, or are not, shared with the caller."""

    def where(ctx: Context, values: list[bool]) -> tuple[str, list[Any]]:
        wanted = {bool(value) for value in values}
        if len(wanted) != 1:
            return "1", []
        text = (
            f"{table}.id IN (SELECT object_id FROM network_rbac_policies"
            f" WHERE target_tenant IN ('*', ?) AND action = '{SHARED}')"
        )
        return (text if wanted.pop() else f"NOT ({text})"), [ctx.project_id]

    return where


def granted(ctx: Context, object_id: str, action: str, target: str = EVERYONE) -> bool:
    """Say whether a grant exists."""
    return bool(
        ctx.db.value(
            "SELECT 1 FROM network_rbac_policies"
            " WHERE object_id = ? AND action = ? AND target_tenant = ?",
            (object_id, action, target),
        )
    )


def grant(
    ctx: Context, row: Mapping[str, Any], object_type: str, action: str, target: str = EVERYONE
) -> None:
    """Let a project (or everyone) use a resource."""
    ctx.db.insert(
        "network_rbac_policies",
        {
            "id": ctx.ids.uuid(),
            "project_id": row["project_id"],
            "object_type": object_type,
            "object_id": row["id"],
            "target_tenant": target,
            "action": action,
        },
    )


def withdraw(ctx: Context, object_id: str, action: str, target: str = EVERYONE) -> None:
    """Take a grant back."""
    ctx.db.execute(
        "DELETE FROM network_rbac_policies"
        " WHERE object_id = ? AND action = ? AND target_tenant = ?",
        (object_id, action, target),
    )


def forget(ctx: Context, object_id: str) -> None:
    """Drop every grant of a resource that is gone."""
    ctx.db.delete("network_rbac_policies", object_id, "object_id")


# Operations


def set_shared(ctx: Context, row: Mapping[str, Any], object_type: str, shared: bool) -> None:
    """Share a resource with everyone, or with everyone no longer."""
    if shared and not granted(ctx, row["id"], SHARED):
        grant(ctx, row, object_type, SHARED)
    elif not shared:
        withdraw(ctx, row["id"], SHARED)
