"""Namespaces: what they are called, whose they are, and all that is in them at once."""

from __future__ import annotations

from typing import Any

from emulator.image import limits
from emulator.image.answers import no_content
from emulator.image.errors import Hidden
from emulator.image.images.listing import page_links
from emulator.image.metadefs import formats, objects, properties, queries, resource_types, tags
from emulator.image.metadefs.access import can_see, find, find_plainly, require, require_unprotected
from emulator.image.metadefs.errors import (
    DuplicateNamespace,
    NamespaceNameTaken,
    NamespaceOfItemNotFound,
)
from emulator.image.metadefs.schemas import ASSOCIATION, NAMESPACE, OBJECT, TAG
from emulator.image.schemas import check
from emulator.store.paging import Page
from emulator.wire.links import service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context

SORT_KEYS = ("namespace", "display_name", "visibility", "owner", "created_at", "updated_at", "id")
VISIBILITIES = ("public", "private")
CHILDREN = ("resource_type_associations", "properties", "objects", "tags")

# View


def render(row: Any, children: dict[str, Any]) -> dict[str, Any]:
    """Return a namespace with those of its children that there are."""
    name = row["namespace"]
    shown = {"namespace": name}
    for key in ("display_name", "description"):
        if row[key] is not None:
            shown[key] = row[key]
    return {
        **shown,
        "visibility": row["visibility"],
        "protected": bool(row["protected"]),
        "owner": row["owner"],
        **formats.times(row),
        **{key: children[key] for key in CHILDREN if children.get(key)},
        "self": f"/v2/metadefs/namespaces/{name}",
        "schema": "/v2/schemas/metadefs/namespace",
    }


def _children(ctx: Context, row: Any) -> dict[str, Any]:
    namespace_id = row["id"]
    associations = reversed(queries.definitions(ctx, namespace_id, queries.RESOURCE_TYPE))
    found = queries.definitions(ctx, namespace_id, queries.OBJECT)
    return {
        "resource_type_associations": [resource_types.render(each) for each in associations],
        "properties": properties.mapping(queries.definitions(ctx, namespace_id, queries.PROPERTY)),
        "objects": [objects.render(row, each) for each in found],
        "tags": [
            {"name": each["name"]} for each in queries.definitions(ctx, namespace_id, queries.TAG)
        ],
    }


def _prefix(children: dict[str, Any], resource_type: str) -> None:
    """Name the properties as they are named on a resource type."""
    prefixes = {each["name"]: each.get("prefix") for each in children["resource_type_associations"]}
    prefix = prefixes.get(resource_type)
    if not prefix:
        return
    children["properties"] = {
        prefix + name: value for name, value in children["properties"].items()
    }
    for each in children["objects"]:
        each["properties"] = {prefix + name: value for name, value in each["properties"].items()}
        each["required"] = [prefix + name for name in each["required"]]


# Operations


def index(ctx: Context) -> Any:
    """List the namespaces that the caller sees, newest first unless asked otherwise."""
    limit = formats.limit(ctx, limits.PAGE_DEFAULT)
    keys = formats.order(ctx, SORT_KEYS)
    visibility = formats.check_visibility(ctx, VISIBILITIES)
    require(ctx, "get_metadef_namespaces")
    require(ctx, "list_metadef_resource_types")
    after = formats.last(ctx, "marker")
    marker = find(ctx, after) if after else None
    named = formats.last(ctx, "resource_types")
    types = [each for each in named.split(",") if each] if named else []
    found = queries.namespaces(ctx, visibility, types, Page(keys, marker, limit))
    rows = [row for row in found if can_see(ctx, row, "get_metadef_namespace")]
    associations = queries.associations_of(ctx, rows)
    shown = []
    for row in rows:
        own = [resource_types.render(each) for each in associations.get(row["id"], [])]
        shown.append(render(row, {"resource_type_associations": own}))
    following = rows[-1]["namespace"] if rows and len(rows) == limit else None
    links = page_links("/v2/metadefs/namespaces", ctx.query, following)
    return {"namespaces": shown, **links, "schema": "/v2/schemas/metadefs/namespaces"}


def show(ctx: Context, namespace_name: str) -> Any:
    """Show a namespace with all that is in it."""
    try:
        row = find(ctx, namespace_name)
    except NamespaceOfItemNotFound:
        raise Hidden() from None
    for rule in (
        "get_metadef_namespace",
        "list_metadef_resource_types",
        "get_metadef_objects",
        "get_metadef_properties",
        "get_metadef_tags",
    ):
        require(ctx, rule, row)
    children = _children(ctx, row)
    resource_type = formats.last(ctx, "resource_type")
    if resource_type:
        _prefix(children, resource_type)
    return render(row, children)


def create(ctx: Context) -> Reply:
    """Create a namespace with whatever is to be in it."""
    body = formats.read(ctx, NAMESPACE)
    require(ctx, "add_metadef_namespace")
    for key, rule in (
        ("resource_type_associations", "add_metadef_resource_type_association"),
        ("objects", "add_metadef_object"),
        ("properties", "add_metadef_property"),
        ("tags", "add_metadef_tag"),
    ):
        if body.get(key):
            require(ctx, rule)
    row = add(ctx, body)
    name = row["namespace"]
    headers: dict[str, str | tuple[str, ...]] = {
        "Location": f"{service_root(ctx)}/v2/metadefs/namespaces/{name}"
    }
    return Reply(201, render(row, body), headers)


def add(ctx: Context, body: dict[str, Any]) -> Any:
    """Add a namespace of a body found good, with all that is in it; return its row."""
    name = body["namespace"]
    if queries.namespace(ctx, name) is not None:
        raise DuplicateNamespace(namespace=name)
    queries.add_namespace(ctx, namespace=name, **_values(ctx, body))
    row = queries.namespace(ctx, name)
    _fill(ctx, row, body)
    return row


def _values(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "display_name": body.get("display_name"),
        "description": body.get("description"),
        "visibility": body.get("visibility") or "private",
        "protected": body.get("protected") or False,
        "owner": body.get("owner") or ctx.credentials.project_id,
    }


def _fill(ctx: Context, row: Any, body: dict[str, Any]) -> None:
    for each in body.get("resource_type_associations", []):
        check(ASSOCIATION, each)
        resource_types.add(ctx, row, each)
    for each in body.get("objects", []):
        check(OBJECT, each)
        objects.add(ctx, row, each)
    for each in body.get("tags", []):
        check(TAG, each)
        tags.add(ctx, row, each["name"])
    for name, each in body.get("properties", {}).items():
        properties.add(ctx, row, name, each)


def update(ctx: Context, namespace_name: str) -> Any:
    """Replace what a namespace says of itself; what is in it stays."""
    body = formats.read(ctx, NAMESPACE)
    row = find_plainly(ctx, namespace_name)
    require(ctx, "modify_metadef_namespace", row)
    name = body["namespace"]
    if name != namespace_name and queries.namespace(ctx, name) is not None:
        raise NamespaceNameTaken(namespace=name)
    queries.update_namespace(ctx, row["id"], namespace=name, **_values(ctx, body))
    return render(queries.namespace(ctx, name), {})


def delete(ctx: Context, namespace_name: str) -> Reply:
    """Delete a namespace with all that is in it."""
    row = find_plainly(ctx, namespace_name)
    require(ctx, "delete_metadef_namespace", row)
    require_unprotected(row)
    queries.remove_namespace(ctx, row["id"])
    return no_content()
