"""Tags of a namespace: words that may be put on things."""

from __future__ import annotations

from typing import Any

from emulator.image.answers import no_content
from emulator.image.metadefs import formats, queries
from emulator.image.metadefs.access import find_plainly, require, require_unprotected
from emulator.image.metadefs.errors import (
    DefinitionNameTaken,
    DefinitionNotFound,
    DuplicateDefinitionTag,
    ProtectedDefinition,
)
from emulator.image.metadefs.queries import TAG as KIND
from emulator.image.metadefs.schemas import TAG, TAG_LIST
from emulator.image.schemas import check
from emulator.store.paging import Page
from emulator.wire.operation import Reply
from emulator.wire.request import Context

READ_ONLY = ("created_at", "updated_at")
TRUE = ("1", "t", "true", "on", "y", "yes")  # oslo.utils, strutils.bool_from_string

# View


def render(row: Any) -> dict[str, Any]:
    """Return a tag as it is shown by itself."""
    return {"name": row["name"], **formats.times(row)}


# Operations


def _row(ctx: Context, namespace: Any, name: str) -> Any:
    row = queries.definition(ctx, namespace["id"], KIND, name)
    if row is None:
        raise DefinitionNotFound(noun="metadata tag", name=name)
    return row


def index(ctx: Context, namespace_name: str) -> Any:
    """List the tags of a namespace."""
    limit = formats.limit(ctx, None)
    keys = formats.order(ctx, ("created_at", "updated_at", "name", "id"))
    formats.check_visibility(ctx, ("public", "private", "shared"))
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "get_metadef_tags", namespace)
    after = formats.last(ctx, "marker")
    marker = _row(ctx, namespace, after) if after else None
    rows = queries.definitions(ctx, namespace["id"], KIND, Page(keys, marker, limit))
    return {"tags": [{"name": row["name"]} for row in rows]}


def show(ctx: Context, namespace_name: str, tag_name: str) -> Any:
    """Show one tag."""
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "get_metadef_tag", namespace)
    return render(_row(ctx, namespace, tag_name))


def create(ctx: Context, namespace_name: str, tag_name: str) -> Reply:
    """Add one tag."""
    namespace = find_plainly(ctx, namespace_name)
    check(TAG, {"name": tag_name})
    require(ctx, "add_metadef_tag", namespace)
    add(ctx, namespace, tag_name)
    return Reply(201, render(_row(ctx, namespace, tag_name)))


def add(ctx: Context, namespace: Any, name: str) -> None:
    """Add a tag. DuplicateDefinitionTag when it is there."""
    if queries.definition(ctx, namespace["id"], KIND, name) is not None:
        raise DuplicateDefinitionTag(name=name, namespace=namespace["namespace"])
    queries.add(ctx, namespace["id"], KIND, name, {})


def create_many(ctx: Context, namespace_name: str) -> Reply:
    """Put tags in the place of those that are there, or beside them with X-Openstack-Append."""
    body = formats.read(ctx, TAG_LIST, READ_ONLY)
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "add_metadef_tags", namespace)
    append = ctx.request.headers.get("X-Openstack-Append", "").strip().lower() in TRUE
    if not append:
        queries.remove_all(ctx, namespace["id"], KIND)
    names = [each["name"] for each in body.get("tags", [])]
    for name in names:
        add(ctx, namespace, name)
    return Reply(201, {"tags": [{"name": name} for name in names]})


def update(ctx: Context, namespace_name: str, tag_name: str) -> Any:
    """Rename a tag."""
    body = formats.read(ctx, TAG, READ_ONLY)
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "modify_metadef_tag", namespace)
    row = _row(ctx, namespace, tag_name)
    name = body["name"]
    if name != tag_name and queries.definition(ctx, namespace["id"], KIND, name) is not None:
        raise DefinitionNameTaken(kind=KIND, name=name, namespace=namespace["namespace"])
    queries.update(ctx, row["id"], name, {})
    return render(_row(ctx, namespace, name))


def delete(ctx: Context, namespace_name: str, tag_name: str) -> Reply:
    """Remove one tag."""
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "delete_metadef_tag", namespace)
    row = _row(ctx, namespace, tag_name)
    if namespace["protected"]:
        raise ProtectedDefinition(noun="tag", name=tag_name)
    queries.remove(ctx, row["id"])
    return no_content()


def delete_all(ctx: Context, namespace_name: str) -> Reply:
    """Remove every tag of a namespace."""
    namespace = find_plainly(ctx, namespace_name)
    require(ctx, "delete_metadef_namespace", namespace)
    require(ctx, "delete_metadef_tags", namespace)
    require_unprotected(namespace)
    queries.remove_all(ctx, namespace["id"], KIND)
    return no_content()
