"""Glance's table of contents: every operation, one row each."""

from __future__ import annotations

from emulator.image import schemas, stores, tags, versions
from emulator.image.images import data, listing, operations
from emulator.image.images.queries import find
from emulator.wire.operation import Operation, load, op

DOCUMENTS: tuple[Operation, ...] = (
    op("GET", "", versions.choices, open=True),
    op("GET", "/", versions.choices, open=True),
    op("GET", "/versions", versions.show, open=True),
    op("GET", "/versions/", versions.show, open=True),
)

IMAGE = load("image", find, target=lambda row: {})

OPERATIONS: tuple[Operation, ...] = (
    op("GET", "/schemas/{name}", schemas.show),
    op("GET", "/images", listing.index),
    op("POST", "/images", operations.create, status=201),
    op("GET", "/images/{image_id}", operations.show, load=IMAGE, policy="get_image"),
    op("PATCH", "/images/{image_id}", operations.update),
    op("DELETE", "/images/{image_id}", operations.delete, status=204),
    op(
        "POST",
        "/images/{image_id}/actions/deactivate",
        operations.deactivate,
        status=204,
        load=IMAGE,
        policy="deactivate",
    ),
    op(
        "POST",
        "/images/{image_id}/actions/reactivate",
        operations.reactivate,
        status=204,
        load=IMAGE,
        policy="reactivate",
    ),
    op("PUT", "/images/{image_id}/file", data.upload, status=204, upload=True),
    op("GET", "/images/{image_id}/file", data.download),
    op("PUT", "/images/{image_id}/stage", data.stage, status=204, upload=True),
    op("PUT", "/images/{image_id}/tags/{tag_value}", tags.update, status=204),
    op("DELETE", "/images/{image_id}/tags/{tag_value}", tags.delete, status=204),
    op("GET", "/info/import", stores.import_methods),
    op("GET", "/info/stores", stores.index),
    op("GET", "/info/stores/detail", stores.detail, policy="stores_info_detail"),
)
