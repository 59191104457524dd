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
from emulator.image.metadefs import namespaces, objects, properties, resource_types
from emulator.image.metadefs import tags as words
from emulator.image.metadefs.schemas import PUBLISHED
from emulator.wire.operation import Operation, load, op

DOCUMENTS: tuple[Operation, ...] = (
    op("GET", "", versions.choices, open=True),
    op("GET", "/", versions.choices, open=True),
    op("GET", "/versions", versions.show, open=True),
    op("GET", "/versions/", versions.show, open=True),
    op("GET", "/{path...}", versions.choices, open=True),
)

IMAGE = load("image", find, target=lambda row: {})

SCHEMA_OPERATIONS = (
    *(
        op("GET", f"/schemas/{name}", schemas.shower(value))
        for name, value in schemas.SCHEMAS.items()
    ),
    *(
        op("GET", f"/schemas/metadefs/{name}", schemas.shower(value))
        for name, value in PUBLISHED.items()
    ),
)

NAMESPACE = "/metadefs/namespaces/{namespace_name}"
METADEF_OPERATIONS = (
    op("GET", "/metadefs/namespaces", namespaces.index),
    op("POST", "/metadefs/namespaces", namespaces.create, status=201),
    op("GET", NAMESPACE, namespaces.show),
    op("PUT", NAMESPACE, namespaces.update),
    op("DELETE", NAMESPACE, namespaces.delete, status=204),
    op("GET", f"{NAMESPACE}/objects", objects.index),
    op("POST", f"{NAMESPACE}/objects", objects.create, status=201),
    op("DELETE", f"{NAMESPACE}/objects", objects.delete_all, status=204),
    op("GET", f"{NAMESPACE}/objects/{{object_name}}", objects.show),
    op("PUT", f"{NAMESPACE}/objects/{{object_name}}", objects.update),
    op("DELETE", f"{NAMESPACE}/objects/{{object_name}}", objects.delete, status=204),
    op("GET", f"{NAMESPACE}/properties", properties.index),
    op("POST", f"{NAMESPACE}/properties", properties.create, status=201),
    op("DELETE", f"{NAMESPACE}/properties", properties.delete_all, status=204),
    op("GET", f"{NAMESPACE}/properties/{{property_name}}", properties.show),
    op("PUT", f"{NAMESPACE}/properties/{{property_name}}", properties.update),
    op("DELETE", f"{NAMESPACE}/properties/{{property_name}}", properties.delete, status=204),
    op("GET", f"{NAMESPACE}/tags", words.index),
    op("POST", f"{NAMESPACE}/tags", words.create_many, status=201),
    op("DELETE", f"{NAMESPACE}/tags", words.delete_all, status=204),
    op("GET", f"{NAMESPACE}/tags/{{tag_name}}", words.show),
    op("POST", f"{NAMESPACE}/tags/{{tag_name}}", words.create, status=201),
    op("PUT", f"{NAMESPACE}/tags/{{tag_name}}", words.update),
    op("DELETE", f"{NAMESPACE}/tags/{{tag_name}}", words.delete, status=204),
    op("GET", "/metadefs/resource_types", resource_types.index),
    op("GET", f"{NAMESPACE}/resource_types", resource_types.show),
    op("POST", f"{NAMESPACE}/resource_types", resource_types.create, status=201),
    op(
        "DELETE",
        f"{NAMESPACE}/resource_types/{{resource_type}}",
        resource_types.delete,
        status=204,
    ),
)

OPERATIONS: tuple[Operation, ...] = (
    *SCHEMA_OPERATIONS,
    *METADEF_OPERATIONS,
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
    op(
        "PUT",
        "/images/{image_id}/file",
        data.upload,
        status=204,
        upload=True,
        receiving=data.receiving,
    ),
    op("GET", "/images/{image_id}/file", data.download),
    op(
        "PUT",
        "/images/{image_id}/stage",
        data.stage,
        status=204,
        upload=True,
        receiving=data.receiving_staged,
    ),
    op("PUT", "/images/{image_id}/tags/{tag_value}", tags.update, status=204),
    op("DELETE", "/images/{image_id}/tags/{tag_value}", tags.delete, status=204),
    op("GET", "/images/{image_id}/members", members.index),
    op("POST", "/images/{image_id}/members", members.create),
    op("GET", "/images/{image_id}/members/{member_id}", members.show),
    op("PUT", "/images/{image_id}/members/{member_id}", members.update),
    op("DELETE", "/images/{image_id}/members/{member_id}", members.delete, status=204),
    op("POST", "/images/{image_id}/import", imports.begin, status=202),
    op("GET", "/images/{image_id}/tasks", tasks.index_of_image),
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
