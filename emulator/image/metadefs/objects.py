"""Objects of a namespace: properties that belong together."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.image.answers import no_content
from emulator.image.metadefs import formats, queries
from emulator.image.metadefs.access import can_see, find, find_plainly, require, require_unprotected
from emulator.image.metadefs.errors import (
    DefinitionNameTaken,
    DefinitionNotFound,
    DuplicateDefinition,
    ProtectedDefinition,
)
from emulator.image.metadefs.queries import OBJECT as KIND
from emulator.image.metadefs.schemas import OBJECT, UNNAMED_PROPERTY
from emulator.image.schemas import check
from emulator.wire.operation import Reply
from emulator.wire.request import Context

FIELDS = ("description", "required", "properties")

# View


def render(namespace: Any, row: Any, *, whole: bool = True) -> dict[str, Any]:
    """Return an object; right after it was written Glance shows only what the client gave."""
    content = orjson.loads(row["content"])
    if whole:
        content = {"required": [], "properties": {}, **content}
    name = row["name"]
    return {
        "name": name,
        **{
            key: content[key] for key in ("required", "description", "properties") if key in content
        },
        **formats.times(row),
        "self": f"/v2/metadefs/namespaces/{namespace['namespace']}/objects/{name}",
        "schema": "/v2/schemas/metadefs/object",
    }


# Operations


def content_of(body: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of an object's body."""
    return {name: body[name] for name in FIELDS if body.get(name) is not None}


def _row(ctx: Context, namespace: Any, name: str) -> Any:
    row = queries.definition(ctx, namespace["id"], KIND, name)
    if row is None:
        raise DefinitionNotFound(noun="metadata object", name=name)
    return row


def index(ctx: Context, namespace_name: str) -> Any:
    """List the objects of a namespace."""
    formats.limit(ctx, None, least=1)
    formats.order(ctx, ("created_at", "updated_at", "name", "id"))
    formats.check_visibility(ctx, ("public", "private", "shared"))
    namespace = find(ctx, namespace_name)
    require(ctx, "get_metadef_objects", namespace)
    rows = queries.definitions(ctx, namespace["id"], KIND)
    if not can_see(ctx, namespace, "get_metadef_object"):
        rows = []
    return {
        "objects": [render(namespace, row) for row in rows],
        "schema": "v2/schemas/metadefs/objects",
    }


def show(ctx: Context, namespace_name: str, object_name: str) -> Any:
    """Show one object."""
    namespace = find(ctx, namespace_name)
    require(ctx, "get_metadef_object", namespace)
    return render(namespace, _row(ctx, namespace, object_name))


def create(ctx: Context, namespace_name: str) -> Reply:
    """Add an object to a namespace."""
    body = formats.read(ctx, OBJECT)
    for each in body.get("properties", {}).values():
        check(UNNAMED_PROPERTY, each)
    namespace = find(ctx, namespace_name)
    require(ctx, "add_metadef_object", namespace)
    add(ctx, namespace, body)
    return Reply(201, render(namespace, _row(ctx, namespace, body["name"]), whole=False))


def add(ctx: Context, namespace: Any, body: dict[str, Any]) -> None:
    """Add an object of a body found good. DuplicateDefinition when the name is taken."""
    name = body["name"]
    if queries.definition(ctx, namespace["id"], KIND, name) is not None:
        raise DuplicateDefinition(kind=KIND, name=name, namespace=namespace["namespace"])
    queries.add(ctx, namespace["id"], KIND, name, content_of(body))


def update(ctx: Context, namespace_name: str, object_name: str) -> Any:
    """Replace an object."""
    body = formats.read(ctx, OBJECT)
    namespace = find(ctx, namespace_name)
    require(ctx, "modify_metadef_object", namespace)
    row = _row(ctx, namespace, object_name)
    name = body["name"]
    if name != object_name and queries.definition(ctx, namespace["id"], KIND, name) is not None:
        raise DefinitionNameTaken(kind=KIND, name=name, namespace=namespace["namespace"])
    queries.update(ctx, row["id"], name, content_of(body))
    return render(namespace, _row(ctx, namespace, name), whole=False)


def delete(ctx: Context, namespace_name: str, object_name: str) -> Reply:
    """Remove an object."""
    namespace = find(ctx, namespace_name)
    require(ctx, "delete_metadef_object", namespace)
    row = _row(ctx, namespace, object_name)
    if namespace["protected"]:
        raise ProtectedDefinition(noun="object", name=object_name)
    queries.remove(ctx, row["id"])
    return no_content()


def delete_all(ctx: Context, namespace_name: str) -> Reply:
    """Remove every object of a namespace."""
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "delete_metadef_namespace", namespace)
    require_unprotected(namespace)
    queries.remove_all(ctx, namespace["id"], KIND)
    return no_content()
