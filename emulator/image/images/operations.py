"""What can be done to the metadata of images."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.image import bodies, cache, limits, locations, store, usage
from emulator.image.access import require
from emulator.image.answers import no_content
from emulator.image.errors import (
    DuplicateImage,
    ForeignOwner,
    FormatFixed,
    ImageForbidden,
    ImageNotFound,
    ImageToDeleteNotFound,
    NegativeValue,
    OwnerChange,
    PropertyLimitExceeded,
    PropertyMissing,
    PropertyNameTooLong,
    PropertyNotRemovable,
    PropertyPresent,
    ProtectedImage,
    ReadOnlyAttribute,
    ReservedAttribute,
    ReservedName,
    StatusForbidden,
    TagLimitExceeded,
    ValueOutOfRange,
)
from emulator.image.images import patch, queries, views
from emulator.image.images.patch import RESERVED, RESERVED_PREFIX, SETTABLE, Change
from emulator.image.schemas import IMAGE, check
from emulator.image.stores import STORES, methods
from emulator.wire.links import service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context

DISALLOWED = ("direct_url", "self", "file", "schema", "stores")
READ_ONLY = (
    "created_at", "updated_at", "status", "checksum", "os_hash_algo", "os_hash_value", "size",
    "virtual_size",
)  # fmt: skip
IGNORED = ("os_hash_algo", "os_hash_value")  # taken, and of no effect
RESERVED_PROPERTIES = (
    "owner",
    "locations",
    *sorted(RESERVED),
    "direct_url",
    "self",
    "file",
    "schema",
)
AMOUNTS = ("min_disk", "min_ram")
FORMATS = ("disk_format", "container_format")
PROPERTY_NAME_MAX = 255


def show(ctx: Context, image: Any) -> Any:
    """Show one image."""
    return views.render(image, ctx)


# Creating


def create(ctx: Context) -> Reply:
    """Create an image, without data as yet."""
    body = bodies.read_object(ctx)
    values, properties, tags = _split(body)
    values.setdefault("owner", ctx.credentials.project_id)
    values.setdefault("visibility", "shared")
    _check_may_add(ctx, values, body)
    for name in READ_ONLY:
        if name in body and name not in IGNORED:
            raise ReadOnlyAttribute(name=name)
    for name in RESERVED_PROPERTIES:
        if name in properties:
            raise ReservedAttribute(name=name)
    check_amounts(values)
    check_counts(properties, tags)
    usage.check_count(ctx)
    image_id = values.pop("id", None) or ctx.ids.uuid()
    if queries.existed(ctx, image_id):
        raise DuplicateImage(image_id=image_id)
    queries.add(ctx, image_id, values, properties, tags)
    headers: dict[str, str | tuple[str, ...]] = {
        "Location": f"{service_root(ctx)}/v2/images/{image_id}",
        "OpenStack-image-import-methods": ",".join(methods(ctx)),
        "OpenStack-image-store-ids": ",".join(each.id for each in STORES),
    }
    return Reply(201, views.render(queries.any_of(ctx, image_id), ctx), headers)


def _split(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """The body as attributes, properties and tags."""
    for name in DISALLOWED:
        if name in body:
            raise ReadOnlyAttribute(name=name)
    check(IMAGE, body)
    values, properties = {}, {}
    for name, value in body.items():
        if name in SETTABLE:
            values[name] = value
        elif name != "tags" and name not in READ_ONLY:
            properties[name] = value
    for name in properties:
        if len(name) > PROPERTY_NAME_MAX:
            raise PropertyNameTooLong()
        if name in RESERVED or name.startswith(RESERVED_PREFIX):
            raise ReservedName(name=name)
    return values, properties, body.get("tags", [])


def _check_may_add(ctx: Context, values: dict[str, Any], body: dict[str, Any]) -> None:
    """Glance 33.0.0, api.v2.policy.ImageAPIPolicy.add_image."""
    owner = values["owner"]
    visibility = body.get("visibility", "private")
    target = {"project_id": owner, "owner": owner, "visibility": visibility}
    if not ctx.can("add_image", target):
        if owner != ctx.credentials.project_id:
            raise ForeignOwner(owner=owner)
        raise ImageForbidden(rule="add_image")
    _check_visibility(ctx, visibility, target)


def _check_visibility(ctx: Context, visibility: str, target: dict[str, Any]) -> None:
    if visibility == "public":
        ctx.authorize("publicize_image", target)
    elif visibility == "community":
        ctx.authorize("communitize_image", target)


def check_amounts(values: dict[str, Any]) -> None:
    """Refuse a min_disk or min_ram that is negative, or too much."""
    for name in AMOUNTS:
        if values.get(name, 0) < 0:
            raise NegativeValue(name=name, value=values[name])
        if values.get(name, 0) > limits.AMOUNT_MAX:
            raise ValueOutOfRange(name=name, maximum=limits.AMOUNT_MAX)


def check_counts(properties: dict[str, Any], tags: list[str]) -> None:
    """Refuse more properties or tags than an image may have."""
    if len(properties) > limits.PROPERTIES_MAX:
        raise PropertyLimitExceeded(attempted=len(properties), maximum=limits.PROPERTIES_MAX)
    if len(set(tags)) > limits.TAGS_MAX:
        raise TagLimitExceeded(attempted=len(set(tags)), maximum=limits.TAGS_MAX)


# Changing


def update(ctx: Context, image_id: str) -> Any:
    """Change an image by a JSON patch: all of its changes, or none."""
    changes = patch.read(ctx)
    image = queries.find(ctx, image_id)
    values: dict[str, Any] = {}
    properties = orjson.loads(image["properties"])
    for change in changes:
        if change.name == "locations":
            queries.update(ctx, image_id, **locations.change(ctx, image, change))
            image = queries.any_of(ctx, image_id)
        else:
            _apply(ctx, image, change, values, properties)
    if changes:
        check_counts(properties, values.get("tags", []))
        queries.update(ctx, image_id, **values, properties=properties)
    return views.render(queries.any_of(ctx, image_id), ctx)


def _apply(
    ctx: Context, image: Any, change: Change, values: dict[str, Any], properties: dict[str, Any]
) -> None:
    """Put one change into the new values and properties."""
    name, value = change.name, change.value
    settable = name in SETTABLE or name == "tags"
    if name == "owner" and change.operation != "remove" and not ctx.is_admin:
        raise OwnerChange()
    if name == "visibility" and change.operation != "remove":
        target = {"project_id": image["owner"], "owner": image["owner"]}
        _check_visibility(ctx, value, {**target, "visibility": image["visibility"]})
    require(ctx, "modify_image", image)
    if change.operation == "remove":
        if settable:
            raise PropertyNotRemovable(name=name)
        if name not in properties:
            raise PropertyMissing(name=name)
        del properties[name]
        return
    if change.operation == "replace" and not settable and name not in properties:
        raise PropertyMissing(name=name)
    if change.operation == "add" and change.old and (settable or name in properties):
        raise PropertyPresent(name=name)
    if not settable:
        properties[name] = value
        return
    if name in FORMATS and image["status"] not in ("queued", "importing"):
        raise FormatFixed(name=name)
    values[name] = queries.unique(value) if name == "tags" else value
    check_amounts(values)


def delete(ctx: Context, image_id: str) -> Reply:
    """Delete an image and, unless another has the same, its data."""
    try:
        image = queries.find(ctx, image_id)
    except ImageNotFound:
        raise ImageToDeleteNotFound(image_id=image_id) from None
    require(ctx, "delete_image", image)
    if image["protected"]:
        raise ProtectedImage(image_id=image_id)
    queries.bury(ctx, image)
    cache.forget(ctx, image_id)
    store.release(ctx, image["content"])
    store.release(ctx, image["staged"])
    return no_content()


def deactivate(ctx: Context, image: Any) -> Reply:
    """Keep the data of an image from everybody but admin."""
    return _switch(ctx, image, "deactivate", "active", "deactivated")


def reactivate(ctx: Context, image: Any) -> Reply:
    """Give the data of an image again."""
    return _switch(ctx, image, "reactivate", "deactivated", "active")


def _switch(ctx: Context, image: Any, verb: str, before: str, after: str) -> Reply:
    if image["status"] == before:
        queries.update(ctx, image["id"], status=after)
    elif image["status"] != after:
        raise StatusForbidden(verb=verb, status=image["status"])
    return no_content()
