"""Resource types, and the namespaces whose properties apply to them."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.image.answers import no_content
from emulator.image.metadefs import formats, queries
from emulator.image.metadefs.access import can_see, find_plainly, require
from emulator.image.metadefs.errors import (
    AssociationToDeleteNotFound,
    DuplicateAssociation,
    ProtectedDefinition,
)
from emulator.image.metadefs.queries import RESOURCE_TYPE as KIND
from emulator.image.metadefs.schemas import ASSOCIATION
from emulator.wire.operation import Reply
from emulator.wire.request import Context

READ_ONLY = ("created_at", "updated_at")
FIELDS = ("prefix", "properties_target")

# View


def render(row: Any) -> dict[str, Any]:
    """Return an association of a namespace."""
    return {"name": row["name"], **orjson.loads(row["content"]), **formats.times(row)}


# Operations


def index(ctx: Context) -> Any:
    """List every resource type."""
    require(ctx, "list_metadef_resource_types")
    return {
        "resource_types": [
            {"name": row["name"], **formats.times(row)} for row in queries.resource_types(ctx)
        ]
    }


def show(ctx: Context, namespace_name: str) -> Any:
    """List the resource types of a namespace."""
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "list_metadef_resource_types", namespace)
    rows = list(reversed(queries.definitions(ctx, namespace["id"], KIND)))
    if not can_see(ctx, namespace, "get_metadef_resource_type"):
        rows = []
    return {"resource_type_associations": [render(row) for row in rows]}


def create(ctx: Context, namespace_name: str) -> Reply:
    """Let a namespace apply to a resource type."""
    body = formats.read(ctx, ASSOCIATION, READ_ONLY)
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "add_metadef_resource_type_association", namespace)
    add(ctx, namespace, body)
    row = queries.definition(ctx, namespace["id"], KIND, body["name"])
    return Reply(201, render(row))


def add(ctx: Context, namespace: Any, body: dict[str, Any]) -> None:
    """Add an association of a body found good. DuplicateAssociation when it is there."""
    name = body["name"]
    if queries.definition(ctx, namespace["id"], KIND, name) is not None:
        raise DuplicateAssociation(name=name, namespace=namespace["namespace"])
    content = {key: body[key] for key in FIELDS if body.get(key) is not None}
    queries.add(ctx, namespace["id"], KIND, name, content)


def delete(ctx: Context, namespace_name: str, resource_type: str) -> Reply:
    """End an association; the resource type itself stays known."""
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "remove_metadef_resource_type_association", namespace)
    row = queries.definition(ctx, namespace["id"], KIND, resource_type)
    if row is None:
        raise AssociationToDeleteNotFound(name=resource_type)
    if namespace["protected"]:
        raise ProtectedDefinition(noun="resource-type-association", name=resource_type)
    queries.remove(ctx, row["id"])
    return no_content()
