"""The SQL of images: who sees which, lists, and the one row behind an id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.image.errors import ImageNotFound, MarkerNotFound
from emulator.store.paging import Page, select_page
from emulator.wire.request import Context

COLUMNS = (
    "id, name, status, visibility, owner, disk_format, container_format, min_disk, min_ram,"
    " protected, os_hidden, size, virtual_size, checksum, os_hash_algo, os_hash_value,"
    " properties, tags, locations, created_at, updated_at"
)
ATTRIBUTES = frozenset({
    "id", "name", "status", "visibility", "owner", "disk_format", "container_format", "min_disk",
    "min_ram", "protected", "os_hidden", "size", "virtual_size", "checksum", "os_hash_algo",
    "os_hash_value", "created_at", "updated_at",
})  # fmt: skip

# What a project sees of all images (Glance 33.0.0, db.sqlalchemy.api._select_images_query).
SEEN = (
    "visibility IN ('public', 'community') OR owner = ?"
    " OR (visibility = 'shared' AND id IN (SELECT image_id FROM image_members WHERE member = ?{}))"
)


def any_of(ctx: Context, image_id: str) -> Any:
    """Return the image of an id, whoever may see it; ImageNotFound when there is none."""
    row = ctx.db.one("SELECT * FROM image_images WHERE id = ? AND NOT deleted", (image_id,))
    if row is None:
        raise ImageNotFound(image_id=image_id)
    return row


def find(ctx: Context, image_id: str) -> Any:
    """Return an image that the caller may see. ImageNotFound when there is none, or not for him."""
    row = any_of(ctx, image_id)
    if not _visible(ctx, row):
        raise ImageNotFound(image_id=image_id)
    return row


def named(ctx: Context, name: str) -> list[Any]:
    """Return the images of a name that the caller may see."""
    rows = ctx.db.all("SELECT * FROM image_images WHERE name = ? AND NOT deleted", (name,))
    return [row for row in rows if _visible(ctx, row)]


def _visible(ctx: Context, row: Any) -> bool:
    """Glance 33.0.0, db.utils.is_image_visible."""
    project_id = ctx.credentials.project_id
    if ctx.is_admin or row["owner"] is None or row["visibility"] in ("public", "community"):
        return True
    if project_id is None:
        return False
    if row["owner"] == project_id:
        return True
    return row["visibility"] == "shared" and bool(
        ctx.db.value(
            "SELECT 1 FROM image_members WHERE image_id = ? AND member = ?",
            (row["id"], project_id),
        )
    )


def size_of(ctx: Context, image_id: str) -> int | None:
    """Return the size of an image's data."""
    size: int | None = ctx.db.value("SELECT size FROM image_images WHERE id = ?", (image_id,))
    return size


def existed(ctx: Context, image_id: str) -> bool:
    """Say whether an image has this id, or once had."""
    return ctx.db.value("SELECT 1 FROM image_images WHERE id = ?", (image_id,)) is not None


def marker(ctx: Context, image_id: str) -> Any:
    """Return the image after which a page begins. MarkerNotFound when the caller sees none."""
    try:
        return find(ctx, image_id)
    except ImageNotFound:
        raise MarkerNotFound(image_id=image_id) from None


def page(
    ctx: Context, conditions: list[tuple[str, list[Any]]], member_status: str, shape: Page
) -> list[Any]:
    """Return a page of the images that the caller sees and that meet all conditions."""
    conditions = [("deleted = 0", []), *conditions]
    if not ctx.is_admin:
        project_id = ctx.credentials.project_id
        if member_status == "all":
            conditions.append((SEEN.format(""), [project_id, project_id]))
        else:
            seen = SEEN.format(" AND status = ?")
            conditions.append((seen, [project_id, project_id, member_status]))
    where = [condition for condition, _ in conditions]
    values = [value for _, given in conditions for value in given]
    return select_page(ctx.db, COLUMNS, "image_images", where, values, shape)


def not_foreign_community(project_id: str | None) -> tuple[str, list[Any]]:
    """Leave out the community images of others, which are listed only when asked for."""
    return "visibility <> 'community' OR owner = ?", [project_id]


def equal(attribute: str, value: Any) -> tuple[str, list[Any]]:
    """Keep images whose attribute is the value."""
    return compared(attribute, "=", value)


def compared(attribute: str, operator: str, value: Any) -> tuple[str, list[Any]]:
    """Keep images whose attribute compares with the value (=, <>, <, <=, >, >=)."""
    return f"{attribute} {operator} ?", [value]


def one_of(attribute: str, values: list[str]) -> tuple[str, list[Any]]:
    """Keep images whose attribute is one of the values."""
    return f"{attribute} IN ({', '.join('?' * len(values))})", list(values)


def has_property(name: str, value: str) -> tuple[str, list[Any]]:
    """Keep images with a property of this name and value."""
    found = "EXISTS (SELECT 1 FROM json_each(properties) WHERE key = ? AND value = ?)"
    return found, [name, value]


def has_tag(tag: str) -> tuple[str, list[Any]]:
    """Keep images with a tag."""
    return "EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?)", [tag]


def add(
    ctx: Context,
    image_id: str,
    values: Mapping[str, Any],
    properties: Mapping[str, Any],
    tags: list[str],
) -> None:
    """Add a queued image with these attributes, properties and tags."""
    image = {
        "id": image_id,
        "status": "queued",
        "visibility": "shared",
        **values,
        "properties": dict(properties),
        "tags": unique(tags),
        "created_at": ctx.timestamp,
        "updated_at": ctx.timestamp,
    }
    ctx.db.insert("image_images", _stored(image))


def unique(tags: list[str]) -> list[str]:
    """Return the tags, each once."""
    return list(dict.fromkeys(tags))


def update(ctx: Context, image_id: str, **changes: Any) -> None:
    """Change an image; updated_at is set."""
    ctx.db.update("image_images", image_id, **_stored({"updated_at": ctx.timestamp, **changes}))


def add_member(ctx: Context, image_id: str, member: str, status: str) -> None:
    """Let a project be a member of an image."""
    now = ctx.timestamp
    values = {"image_id": image_id, "member": member, "status": status}
    ctx.db.insert("image_members", {**values, "created_at": now, "updated_at": now})


def bury(ctx: Context, image: Any) -> None:
    """Delete an image; its id stays taken."""
    update(ctx, image["id"], status="deleted", deleted=True, content=None, staged=None)
    ctx.db.delete("image_members", image["id"], "image_id")


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: orjson.dumps(value).decode() if isinstance(value, dict | list) else value
        for name, value in values.items()
    }
