"""Glance's table of contents: every operation, one row each."""

from __future__ import annotations

from emulator.image import (
    cache,
    imports,
    locations,
    members,
    schemas,
    stores,
    tags,
    tasks,
    usage,
    versions,
)
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
    op("GET", "/images/{image_id}/members", members.index),
    op("POST", "/images/{image_id}/members", members.create),
    op("GET", "/images/{image_id}/members/{member_id}", members.show),
    op("PUT", "/images/{image_id}/members/{member_id}", members.update),
    op("DELETE", "/images/{image_id}/members/{member_id}", members.delete, status=204),
    op("POST", "/images/{image_id}/import", imports.begin, status=202),
    op(
        "GET",
        "/images/{image_id}/tasks",
        tasks.index_of_image,
        load=IMAGE,
        policy="get_image",
    ),
    op(
        "GET",
        "/images/{image_id}/locations",
        locations.index,
        load=IMAGE,
        policy="fetch_image_location",
    ),
    op("POST", "/images/{image_id}/locations", locations.create, status=202),
    op("DELETE", "/stores/{store_id}/{image_id}", locations.remove_from_store, status=204),
    op("GET", "/tasks", tasks.index, policy="tasks_api_access"),
    op("POST", "/tasks", tasks.create, status=201, policy="tasks_api_access"),
    op("GET", "/tasks/{task_id}", tasks.show, policy="tasks_api_access"),
    op("DELETE", "/tasks/{task_id}", tasks.delete, policy="tasks_api_access"),
    op("GET", "/cache", cache.index, policy="cache_list"),
    op("DELETE", "/cache", cache.clear, status=204, policy="cache_delete"),
    op("PUT", "/cache/{image_id}", cache.queue, status=202),
    op("DELETE", "/cache/{image_id}", cache.delete, status=204),
    op("GET", "/cache/nodes/{image_id}", cache.nodes, policy="list_cached_nodes"),
    op("POST", "/cache/clean", cache.clean, policy="cache_clean"),
    op("POST", "/cache/prune", cache.prune, policy="cache_prune"),
    op("GET", "/info/usage", usage.show),
    op("GET", "/info/import", stores.import_methods),
    op("GET", "/info/stores", stores.index),
    op("GET", "/info/stores/detail", stores.detail, policy="stores_info_detail"),
)
