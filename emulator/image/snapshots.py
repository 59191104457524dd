"""What Compute asks of Glance when it makes an image of a server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.image import store, stores
from emulator.image.formats import empty_qcow2
from emulator.image.images import data, queries
from emulator.wire.request import Context


def begin(
    ctx: Context,
    *,
    name: str,
    properties: Mapping[str, Any],
    server_row: Mapping[str, Any],
    **values: Any,
) -> str:
    """Create the queued, private image that a server's disk goes into; return its id.

    It is the caller's project's. `values` are attributes (min_disk, min_ram, disk_format …).
    """
    image_id = ctx.ids.uuid()
    attributes = {
        "name": name,
        "owner": ctx.credentials.project_id or server_row["project_id"],
        "visibility": "private",
        "disk_format": "qcow2",
        "container_format": "bare",
        **values,
    }
    texts = {key: _text(value) for key, value in properties.items() if value is not None}
    queries.add(ctx, image_id, attributes, texts, [])
    return image_id


def start(ctx: Context, image_id: str) -> None:
    """Say that data is on its way: queued → saving."""
    image = _row(ctx, image_id)
    if image is not None and image["status"] == "queued":
        queries.update(ctx, image_id, status="saving")


def finish(ctx: Context, image_id: str, size: int) -> None:
    """Give the image its data, a disk of `size` bytes, and make it active.

    Nothing when the image was deleted meanwhile.
    """
    image = _row(ctx, image_id)
    if image is not None and image["status"] in ("queued", "saving"):
        content = store.from_bytes(ctx, [empty_qcow2(size, image_id)])
        data.activate(ctx, image, content, [stores.DEFAULT])


def finish_empty(ctx: Context, image_id: str) -> None:
    """Make the image active without data: it says what volumes to make, and that is all."""
    image = _row(ctx, image_id)
    if image is not None:
        data.activate(ctx, image, store.from_bytes(ctx, [b""]), [stores.DEFAULT])


def fail(ctx: Context, image_id: str) -> None:
    """Remove the image of a snapshot that did not come about."""
    image = _row(ctx, image_id)
    if image is not None:
        queries.bury(ctx, image)
        store.release(ctx, image["content"])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


# Queries


def of_server(
    ctx: Context, server_uuid: str, *, backup_type: str | None = None, name: str | None = None
) -> list[str]:
    """Return the images made of a server, newest first: its backups of a type, or by name."""
    rows = ctx.db.all(
        "SELECT id FROM image_images WHERE deleted = 0"
        " AND json_extract(properties, '$.instance_uuid') = :server"
        " AND (:kind IS NULL OR json_extract(properties, '$.backup_type') = :kind)"
        " AND (:name IS NULL OR name = :name) ORDER BY created_at DESC, rowid DESC",
        {"server": server_uuid, "kind": backup_type, "name": name},
    )
    return [row["id"] for row in rows]


def _row(ctx: Context, image_id: str) -> Any:
    row = ctx.db.get("image_images", image_id)
    return None if row is None or row["deleted"] else row
