"""The SQL of metadata definitions.

A definition is an object, a property, a tag or a resource type (association) of a namespace; its
content is JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from emulator.store.paging import Page, select_page
from emulator.wire.request import Context

OBJECT, PROPERTY, TAG, RESOURCE_TYPE = "object", "property", "tag", "resource_type"


def namespace(ctx: Context, name: str) -> Any:
    """Return a namespace, None when there is none of this name."""
    return ctx.db.get("image_namespaces", name, "namespace")


def namespaces(
    ctx: Context, visibility: str | None, resource_types: Sequence[str], shape: Page
) -> list[Any]:
    """Return a page of the namespaces that the caller sees."""
    where, values = [], []
    if not ctx.is_admin:
        where.append("visibility = 'public' OR owner = ?")
        values.append(ctx.credentials.project_id)
    if visibility is not None:
        where.append("visibility = ?")
        values.append(visibility)
    if resource_types:
        marks = ", ".join("?" * len(resource_types))
        where.append(
            "id IN (SELECT namespace_id FROM image_definitions"
            f" WHERE kind = 'resource_type' AND name IN ({marks}))"
        )
        values += resource_types
    return select_page(ctx.db, "*", "image_namespaces", where, values, shape)


def associations_of(ctx: Context, rows: Sequence[Any]) -> dict[int, list[Any]]:
    """Return the resource types of namespaces, by the namespaces' ids."""
    marks = ", ".join("?" * len(rows))
    found: dict[int, list[Any]] = {}
    for row in ctx.db.all(
        "SELECT * FROM image_definitions"
        f" WHERE kind = 'resource_type' AND namespace_id IN ({marks}) ORDER BY id",
        [row["id"] for row in rows],
    ):
        found.setdefault(row["namespace_id"], []).append(row)
    return found


def add_namespace(ctx: Context, **values: Any) -> int:
    """Add a namespace; return its id."""
    moments = {"created_at": ctx.timestamp, "updated_at": ctx.timestamp}
    return ctx.db.insert("image_namespaces", {**values, **moments})


def update_namespace(ctx: Context, namespace_id: int, **values: Any) -> None:
    """Change a namespace."""
    ctx.db.update("image_namespaces", namespace_id, updated_at=ctx.timestamp, **values)


def remove_namespace(ctx: Context, namespace_id: int) -> None:
    """Remove a namespace with all that is in it."""
    ctx.db.delete("image_definitions", namespace_id, "namespace_id")
    ctx.db.delete("image_namespaces", namespace_id)


def definition(ctx: Context, namespace_id: int, kind: str, name: str) -> Any:
    """Return one definition, None when there is none of this name."""
    return ctx.db.one(
        "SELECT * FROM image_definitions WHERE namespace_id = ? AND kind = ? AND name = ?",
        (namespace_id, kind, name),
    )


def definitions(ctx: Context, namespace_id: int, kind: str, shape: Page | None = None) -> list[Any]:
    """Return the definitions of a kind, newest first unless a page says otherwise."""
    shape = shape or Page((("created_at", True), ("id", True)))
    where = ["namespace_id = ?", "kind = ?"]
    return select_page(ctx.db, "*", "image_definitions", where, [namespace_id, kind], shape)


def add(ctx: Context, namespace_id: int, kind: str, name: str, content: Any) -> None:
    """Add a definition."""
    values = {"namespace_id": namespace_id, "kind": kind, "name": name}
    text = orjson.dumps(content).decode()
    moments = {"created_at": ctx.timestamp, "updated_at": ctx.timestamp}
    ctx.db.insert("image_definitions", {**values, "content": text, **moments})
    if kind == RESOURCE_TYPE:
        add_resource_type(ctx, name)


def add_resource_type(ctx: Context, name: str) -> None:
    """Remember a resource type, if it is a new one."""
    ctx.db.execute(
        "INSERT OR IGNORE INTO image_resource_types VALUES (?, ?, ?)",
        (name, ctx.timestamp, ctx.timestamp),
    )


def update(ctx: Context, definition_id: int, name: str, content: Any) -> None:
    """Change a definition."""
    text = orjson.dumps(content).decode()
    changes = {"name": name, "content": text, "updated_at": ctx.timestamp}
    ctx.db.update("image_definitions", definition_id, **changes)


def remove(ctx: Context, definition_id: int) -> None:
    """Remove a definition."""
    ctx.db.delete("image_definitions", definition_id)


def remove_all(ctx: Context, namespace_id: int, kind: str) -> None:
    """Remove all definitions of a kind from a namespace."""
    ctx.db.execute(
        "DELETE FROM image_definitions WHERE namespace_id = ? AND kind = ?", (namespace_id, kind)
    )


def resource_type(ctx: Context, name: str) -> Any:
    """Return a resource type, None when nobody ever named it."""
    return ctx.db.get("image_resource_types", name, "name")


def resource_types(ctx: Context) -> list[Any]:
    """Return every resource type that was ever named."""
    return ctx.db.all("SELECT * FROM image_resource_types ORDER BY created_at, rowid")
