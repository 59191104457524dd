"""Properties of a namespace: what a key may hold."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.image.answers import no_content
from emulator.image.metadefs import formats, queries
from emulator.image.metadefs.access import find_plainly, require, require_unprotected
from emulator.image.metadefs.errors import (
    AssociationNotFound,
    DefinitionNameTaken,
    DefinitionNotFound,
    DuplicateDefinition,
    PrefixMismatch,
    ProtectedDefinition,
    ResourceTypeNotFound,
)
from emulator.image.metadefs.queries import PROPERTY as KIND
from emulator.image.metadefs.queries import RESOURCE_TYPE
from emulator.image.metadefs.schemas import PROPERTY
from emulator.wire.operation import Reply
from emulator.wire.request import Context

READ_ONLY = ("created_at", "updated_at")

# View


def render(row: Any) -> dict[str, Any]:
    """Return a property as it is shown by itself."""
    return {"name": row["name"], **orjson.loads(row["content"])}


def mapping(rows: list[Any]) -> dict[str, Any]:
    """Return properties by name, oldest first, as a namespace shows them."""
    return {row["name"]: orjson.loads(row["content"]) for row in reversed(rows)}


# Operations


def _row(ctx: Context, namespace: Any, name: str) -> Any:
    row = queries.definition(ctx, namespace["id"], KIND, name)
    if row is None:
        raise DefinitionNotFound(noun="property", name=name)
    return row


def index(ctx: Context, namespace_name: str) -> Any:
    """Show the properties of a namespace, by name."""
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "get_metadef_properties", namespace)
    rows = queries.definitions(ctx, namespace["id"], KIND)
    return {"properties": {row["name"]: render(row) for row in reversed(rows)}}


def show(ctx: Context, namespace_name: str, property_name: str) -> Any:
    """Show one property; with ?resource_type= it is named with that type's prefix."""
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "get_metadef_property", namespace)
    resource_type = formats.last(ctx, "resource_type")
    if resource_type:
        require(ctx, "get_metadef_resource_type", namespace)
        property_name = _without_prefix(ctx, namespace, property_name, resource_type)
    return render(_row(ctx, namespace, property_name))


def _without_prefix(ctx: Context, namespace: Any, name: str, resource_type: str) -> str:
    if queries.resource_type(ctx, resource_type) is None:
        raise ResourceTypeNotFound(name=resource_type)
    association = queries.definition(ctx, namespace["id"], RESOURCE_TYPE, resource_type)
    if association is None:
        raise AssociationNotFound(name=resource_type, namespace=namespace["namespace"])
    prefix = orjson.loads(association["content"]).get("prefix")
    if not prefix or not name.startswith(prefix):
        raise PrefixMismatch(name=name, prefix=prefix)
    return name[len(prefix) :]


def create(ctx: Context, namespace_name: str) -> Reply:
    """Add a property to a namespace."""
    body = formats.read(ctx, PROPERTY, READ_ONLY)
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "add_metadef_property", namespace)
    add(ctx, namespace, body["name"], body)
    return Reply(201, render(_row(ctx, namespace, body["name"])))


def add(ctx: Context, namespace: Any, name: str, body: dict[str, Any]) -> None:
    """Add a property of a body found good. DuplicateDefinition when the name is taken."""
    if queries.definition(ctx, namespace["id"], KIND, name) is not None:
        raise DuplicateDefinition(kind=KIND, name=name, namespace=namespace["namespace"])
    queries.add(ctx, namespace["id"], KIND, name, body)


def update(ctx: Context, namespace_name: str, property_name: str) -> Any:
    """Replace a property."""
    body = formats.read(ctx, PROPERTY, READ_ONLY)
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "modify_metadef_property", namespace)
    row = _row(ctx, namespace, property_name)
    name = body["name"]
    if name != property_name and queries.definition(ctx, namespace["id"], KIND, name) is not None:
        raise DefinitionNameTaken(kind=KIND, name=name, namespace=namespace["namespace"])
    queries.update(ctx, row["id"], name, body)
    return render(_row(ctx, namespace, name))


def delete(ctx: Context, namespace_name: str, property_name: str) -> Reply:
    """Remove a property."""
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "remove_metadef_property", namespace)
    row = _row(ctx, namespace, property_name)
    if namespace["protected"]:
        raise ProtectedDefinition(noun="property", name=property_name)
    queries.remove(ctx, row["id"])
    return no_content()


def delete_all(ctx: Context, namespace_name: str) -> Reply:
    """Remove every property of a namespace."""
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "delete_metadef_namespace", namespace)
    require_unprotected(namespace)
    queries.remove_all(ctx, namespace["id"], KIND)
    return no_content()
