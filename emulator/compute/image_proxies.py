"""Images as Compute showed them until 2.35, and their metadata until 2.38."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import orjson

from emulator.compute import quotas
from emulator.compute.errors import (
    ImageMetadataMismatch,
    ImageNotFoundHere,
    ImageNotYours,
    InvalidImageQuery,
    TooMuchImageMetadata,
)
from emulator.compute.links import bookmark_href, links, next_links, page_limit, self_href
from emulator.compute.schemas import ANY, METADATA, POSITIVE
from emulator.errors import BadInput, Forbidden, NotFound
from emulator.image.access import require
from emulator.image.images import listing, operations, queries
from emulator.store.paging import Page
from emulator.wire.request import Context
from emulator.wire.steps import NoSuchVersion
from emulator.wire.versioned import Body, Query, View, field, param, prop

PROPERTY = "property-"

# Schemas

LIST = Query(
    *(prop(name, ANY) for name in ("name", "status", "changes-since", "server", "type")),
    prop("minRam", ANY),
    prop("minDisk", ANY),
    param("limit", POSITIVE),
    param("page_size", POSITIVE),
    prop("marker", ANY),
    param("offset", POSITIVE),
    patternProperties={"^property-.*$": ANY},
)
CREATE_METADATA = Body("metadata", schema=METADATA)
UPDATE_METADATA = Body("meta", schema={**METADATA, "minProperties": 1, "maxProperties": 1})

# View

STATUSES = {"active": "ACTIVE", "queued": "SAVING", "saving": "SAVING", "killed": "ERROR"}
TRUE = ("1", "t", "true", "on", "y", "yes")  # what oslo.utils takes for true
PROGRESS = {"queued": 25, "saving": 50, "active": 100}


def _links(row: Any, ctx: Context) -> list[dict[str, str]]:
    """Return the three links of an image; the one into Image has two slashes, as Nova makes it."""
    there = f"{ctx.request.origin}{ctx.request.root}/image//images/{row['id']}"
    alternate = {"rel": "alternate", "type": "application/vnd.openstack.image", "href": there}
    return [*links(ctx, "images", row["id"]), alternate]


def _server(row: Any, ctx: Context) -> dict[str, Any]:
    server_id = row["metadata"]["instance_uuid"]
    return {
        "id": server_id,
        "links": [
            {"rel": "self", "href": self_href(ctx, "servers", server_id)},
            {"rel": "bookmark", "href": bookmark_href(ctx, "servers", server_id)},
        ],
    }


def _disk_config(row: Any, ctx: Context) -> str:
    return "AUTO" if row["metadata"]["auto_disk_config"].strip().lower() in TRUE else "MANUAL"


IMAGE_SUMMARY = View(field("id"), field("name"), field("links", _links))
IMAGE = View(
    field("id"),
    field("name"),
    field("minRam", column="min_ram"),
    field("minDisk", column="min_disk"),
    field("metadata"),
    field("created", lambda row, ctx: row["created_at"][:19] + "Z"),
    field("updated", lambda row, ctx: row["updated_at"][:19] + "Z"),
    field("status", lambda row, ctx: STATUSES.get(row["status"], "UNKNOWN")),
    field("progress", lambda row, ctx: PROGRESS.get(row["status"], 0)),
    field("OS-EXT-IMG-SIZE:size", lambda row, ctx: row["size"] or 0),
    field("links", _links),
    field("server", _server, when=lambda row, ctx: "instance_uuid" in row["metadata"]),
    field(
        "OS-DCF:diskConfig",
        _disk_config,
        when=lambda row, ctx: "auto_disk_config" in row["metadata"],
    ),
)


def _properties(row: Any) -> dict[str, Any]:
    """An image's properties; two are lists here that are text in Image (nova.image.glance)."""
    found: dict[str, Any] = orjson.loads(row["properties"])
    for name in ("block_device_mapping", "mappings"):
        if name in found:
            found[name] = orjson.loads(found[name])
    return found


def _shown(row: Any, view: View, ctx: Context) -> dict[str, Any]:
    return view.render({**dict(row), "metadata": _properties(row)}, ctx)


# What Image is asked


def _find(ctx: Context, image_id: str) -> Any:
    try:
        return queries.find(ctx.at_service("image"), image_id)
    except NotFound:
        raise ImageNotFoundHere() from None


def _since(text: str) -> str:
    try:
        return listing.moment("updated_at", text)
    except BadInput as error:
        raise InvalidImageQuery(f"HTTP 400 Bad Request: {escape(error.message)}") from None


def _page(ctx: Context, query: Mapping[str, list[str]]) -> list[Any]:
    image = ctx.at_service("image")
    conditions = [queries.not_foreign_community(ctx.credentials.project_id)]
    for name, values in query.items():
        value = values[-1]
        if name.startswith(PROPERTY):
            # Nova strips letters, not a prefix: property-os_type asks for s_type.
            conditions.append(queries.has_property(name.lstrip(PROPERTY), value))
        elif name == "server":
            conditions.append(queries.has_property("instance_uuid", value.rpartition("/")[2]))
        elif name == "type":
            conditions.append(queries.has_property("image_type", value))
        elif name == "changes-since":
            conditions.append(queries.compared("updated_at", ">=", _since(value)))
        elif name in ("minRam", "minDisk"):
            conditions.append(queries.equal("min_ram" if name == "minRam" else "min_disk", value))
        elif name in ("name", "status"):
            conditions.append(queries.equal(name, value.lower() if name == "status" else value))
    try:
        marker = queries.marker(image, query["marker"][-1]) if "marker" in query else None
    except BadInput as error:
        raise InvalidImageQuery(f"HTTP 400 Bad Request: {error.message}") from None
    keys = (("created_at", True), ("id", True))
    return queries.page(image, conditions, "accepted", Page(keys, marker, page_limit(ctx)))


# What an image has as attributes for Nova (Nova 34.0.0, nova.image.glance).
ATTRIBUTES = frozenset({
    "id", "name", "status", "visibility", "owner", "disk_format", "container_format", "checksum",
    "min_ram", "min_disk", "os_hidden", "os_hash_algo", "os_hash_value", "created_at",
    "updated_at", "deleted_at",
})  # fmt: skip


def _write(ctx: Context, image: Any, metadata: Mapping[str, str]) -> dict[str, str]:
    """Let an image have this metadata and no other; return what it has then.

    Items named like an attribute are lost: what Nova sends says the attribute as well, and later.
    """
    allowed = quotas.limits(ctx, ctx.project_id, ctx.user_id)["metadata_items"]
    if 0 <= allowed < len(metadata):
        raise TooMuchImageMetadata()
    kept = {name: value for name, value in metadata.items() if name not in ATTRIBUTES}
    if kept == orjson.loads(image["properties"]):
        return kept
    other = ctx.at_service("image")
    try:
        require(other, "modify_image", image)
    except Forbidden:
        raise ImageNotYours(f"Not authorized for image {image['id']}.") from None
    queries.update(other, image["id"], properties=kept)
    return kept


# Operations


def index(ctx: Context, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """List images by name."""
    return _collection(ctx, query, IMAGE_SUMMARY, "images")


def detail(ctx: Context, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """List images with all that is known of them."""
    return _collection(ctx, query, IMAGE, "images/detail")


def _collection(
    ctx: Context, query: Mapping[str, list[str]], view: View, path: str
) -> dict[str, Any]:
    rows = _page(ctx, query)
    shown: dict[str, Any] = {"images": [_shown(row, view, ctx) for row in rows]}
    following = next_links(ctx, path, rows, "id")
    if following:
        shown["images_links"] = following
    return shown


def show(ctx: Context, image_id: str) -> dict[str, Any]:
    """Show one image."""
    return {"image": _shown(_find(ctx, image_id), IMAGE, ctx)}


def delete(ctx: Context, image_id: str) -> None:
    """Delete an image."""
    try:
        operations.delete(ctx.at_service("image"), image_id)
    except NotFound:
        raise ImageNotFoundHere() from None
    except Forbidden:
        raise ImageNotYours("You are not allowed to delete the image.") from None


def metadata(ctx: Context, image_id: str) -> dict[str, Any]:
    """Show the metadata of an image."""
    return {"metadata": _properties(_find(ctx, image_id))}


def metadata_item(ctx: Context, image_id: str, key: str) -> dict[str, Any]:
    """Show one item of an image's metadata."""
    items = _properties(_find(ctx, image_id))
    if key not in items:
        raise NoSuchVersion()
    return {"meta": {key: items[key]}}


def add_metadata(ctx: Context, image_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Add metadata to an image, or change it."""
    image = _find(ctx, image_id)
    items = {**orjson.loads(image["properties"]), **body["metadata"]}
    return {"metadata": _write(ctx, image, items)}


def set_metadata(ctx: Context, image_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Let an image have this metadata and no other."""
    _write(ctx, _find(ctx, image_id), body["metadata"])
    return {"metadata": body["metadata"]}


def set_metadata_item(
    ctx: Context, image_id: str, key: str, body: dict[str, Any]
) -> dict[str, Any]:
    """Change one item of an image's metadata, or add it."""
    if key not in body["meta"]:
        raise ImageMetadataMismatch()
    image = _find(ctx, image_id)
    _write(ctx, image, {**orjson.loads(image["properties"]), key: body["meta"][key]})
    return {"meta": body["meta"]}


def delete_metadata_item(ctx: Context, image_id: str, key: str) -> None:
    """Take one item of an image's metadata away."""
    image = _find(ctx, image_id)
    items = orjson.loads(image["properties"])
    if key not in items:
        raise ImageNotFoundHere("Invalid metadata key")
    del items[key]
    _write(ctx, image, items)
