"""Resource classes: what inventories are of. The standard ones are constants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from emulator.placement.errors import (
    ResourceClassExists,
    ResourceClassInUse,
    ResourceClassNotFound,
    StandardResourceClass,
)
from emulator.placement.names import RESOURCE_CLASSES
from emulator.placement.replies import fresh, path_of, url_of
from emulator.placement.schemas import CUSTOM_PATTERN
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop

# Schemas

NAME = {"type": "string", "pattern": CUSTOM_PATTERN, "maxLength": 255}
NAMED = Body(schema=Object(prop("name", NAME, required=True)))

# View


def resource_class(ctx: Context, name: str) -> dict[str, Any]:
    """Return a resource class as it is shown."""
    return {
        "name": name,
        "links": [{"rel": "self", "href": path_of(ctx, "resource_classes", name)}],
    }


# Queries


def exists(ctx: Context, name: str) -> bool:
    """Say whether there is a resource class of this name."""
    return name in RESOURCE_CLASSES or created_at(ctx, name) is not None


def created_at(ctx: Context, name: str) -> str | None:
    """Return when a custom class was made; None of others."""
    created: str | None = ctx.db.value(
        "SELECT created_at FROM placement_resource_classes WHERE name = ?", (name,)
    )
    return created


def unknown(ctx: Context, names: Iterable[str]) -> str | None:
    """Return the first of the names that is no resource class."""
    return next((name for name in names if not exists(ctx, name)), None)


def in_order(names: Iterable[str]) -> list[str]:
    """Return names as they are listed: standard ones in their order, then custom ones."""
    order = {name: index for index, name in enumerate(RESOURCE_CLASSES)}
    return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def add(ctx: Context, name: str) -> None:
    """Add a custom resource class."""
    ctx.db.insert("placement_resource_classes", {"name": name, "created_at": ctx.timestamp})


def rename(ctx: Context, name: str, new_name: str) -> None:
    """Give a custom resource class another name."""
    for table, column in (
        ("placement_resource_classes", "name"),
        ("placement_inventories", "resource_class"),
        ("placement_allocations", "resource_class"),
    ):
        ctx.db.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (new_name, name))


def custom(ctx: Context) -> list[Any]:
    """Return all custom resource classes, oldest first."""
    return ctx.db.all("SELECT * FROM placement_resource_classes ORDER BY rowid")


def is_used(ctx: Context, name: str) -> bool:
    """Say whether some provider has an inventory of the class."""
    sql = "SELECT 1 FROM placement_inventories WHERE resource_class = ? LIMIT 1"
    return ctx.db.value(sql, (name,)) is not None


def remove(ctx: Context, name: str) -> None:
    """Remove a custom resource class."""
    ctx.db.delete("placement_resource_classes", name, "name")


# Operations


def index(ctx: Context) -> Reply:
    """List all resource classes."""
    rows = custom(ctx)
    names = [*RESOURCE_CLASSES, *(row["name"] for row in rows)]
    body = {"resource_classes": [resource_class(ctx, name) for name in names]}
    return fresh(ctx, body, (row["created_at"] for row in rows))


def create(ctx: Context, body: dict[str, Any]) -> Reply:
    """Create a custom resource class."""
    name = body["name"]
    if exists(ctx, name):
        raise ResourceClassExists(prefix="Conflicting r", name=name)
    add(ctx, name)
    return Reply(201, headers={"Location": url_of(ctx, "resource_classes", name)})


def show(ctx: Context, name: str) -> Reply:
    """Show a resource class."""
    if not exists(ctx, name):
        raise ResourceClassNotFound(name=name)
    return fresh(ctx, resource_class(ctx, name), [created_at(ctx, name)])


def update(ctx: Context, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Rename a custom resource class (until 1.6)."""
    if not exists(ctx, name):
        raise ResourceClassNotFound(name=name)
    new_name = body["name"]
    if name in RESOURCE_CLASSES:
        raise StandardResourceClass(reason=f"Cannot update standard resource class {name}")
    if new_name != name and exists(ctx, new_name):
        raise ResourceClassExists(prefix="R", name=new_name)
    rename(ctx, name, new_name)
    return resource_class(ctx, new_name)


def ensure(ctx: Context, name: str) -> Reply:
    """Create a custom resource class unless it is there (since 1.7)."""
    assert ctx.service is not None
    ctx.service.dialect.check_body(NAMED.at(ctx.version), {"name": name})
    headers: dict[str, Any] = {"Location": url_of(ctx, "resource_classes", name)}
    if exists(ctx, name):
        return Reply(204, headers=headers)
    add(ctx, name)
    return Reply(201, headers=headers)


def delete(ctx: Context, name: str) -> Reply:
    """Delete a custom resource class that no inventory is of."""
    if not exists(ctx, name):
        raise ResourceClassNotFound(name=name)
    if name in RESOURCE_CLASSES:
        reason = f"Error in delete resource class: Cannot delete standard resource class {name}."
        raise StandardResourceClass(reason=reason)
    if is_used(ctx, name):
        raise ResourceClassInUse(name=name)
    remove(ctx, name)
    return Reply(204)
