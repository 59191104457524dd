"""Tags: words on any resource that has them, under a path of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from emulator.network import permission, validators
from emulator.network.errors import BadRequest, HTTPNotFound, InvalidInput, TagNotFound
from emulator.network.resource import Resource, Row, find, target_of
from emulator.network.standard import bump, json_text, ordered_tags, parsed
from emulator.wire.operation import Operation, Reply, op
from emulator.wire.request import Context

TAG_LENGTH_MAX = 255
TAGS_MAX = 50  # of one resource

LIST = validators.listed(validators.string(TAG_LENGTH_MAX))


def _check_tag(tag: str) -> str:
    if reason := validators.string(TAG_LENGTH_MAX)(tag):
        raise InvalidInput(error_message=reason)
    return tag


def _given(body: Any) -> list[str]:
    """Return the tags of a body."""
    if not isinstance(body, dict) or "tags" not in body:
        raise InvalidInput(error_message="Invalid tags body")
    if reason := LIST(body["tags"]):
        raise InvalidInput(error_message=reason)
    return list(body["tags"])


def _resource(kind: Resource, ctx: Context, id: str, verb: str) -> Row:
    """Return the resource whose tags are asked for, where the caller may do that."""
    row = find(kind, ctx, id)
    item = kind.view(ctx, [row])[0]
    target = target_of(kind, ctx, item)
    rule = f"{verb}_{kind.name}:tags"
    if not ctx.can(rule, target):
        if not ctx.can(f"get_{kind.name}", target):
            raise HTTPNotFound(rule=f"rule:{rule}")
        raise permission.forbidden(rule)
    return row


def _keep(kind: Resource, ctx: Context, row: Row, tags: Sequence[str]) -> None:
    wanted = ordered_tags(tags)
    if len(wanted) > TAGS_MAX:
        raise BadRequest(
            resource=kind.collection,
            msg=f"The number of tags exceed the per-resource limit of {TAGS_MAX}",
        )
    if wanted != parsed(row["tags"]):
        ctx.db.update(kind.table, row["id"], tags=json_text(wanted))
        bump(ctx, kind.table, row["id"])


# Operations


def index(kind: Resource, ctx: Context, id: str) -> dict[str, Any]:
    """List the tags of a resource."""
    return {"tags": parsed(_resource(kind, ctx, id, "get")["tags"])}


def show(kind: Resource, ctx: Context, id: str, tag: str) -> Reply:
    """Say whether a resource has a tag: 204 or TagNotFound."""
    if tag not in parsed(_resource(kind, ctx, id, "get")["tags"]):
        raise TagNotFound(tag=tag)
    return Reply(204)


def add(kind: Resource, ctx: Context, id: str, tag: str) -> Reply:
    """Put a tag on a resource."""
    _check_tag(tag)
    row = _resource(kind, ctx, id, "update")
    _keep(kind, ctx, row, [*parsed(row["tags"]), tag])
    return Reply(201, b"null")


def add_all(kind: Resource, ctx: Context, id: str) -> Reply:
    """Put several tags on a resource."""
    tags = _given(ctx.body)
    row = _resource(kind, ctx, id, "create")
    _keep(kind, ctx, row, [*parsed(row["tags"]), *tags])
    return Reply(200, {"tags": tags})


def replace(kind: Resource, ctx: Context, id: str) -> dict[str, Any]:
    """Put these tags on a resource and take all others off."""
    tags = _given(ctx.body)
    _keep(kind, ctx, _resource(kind, ctx, id, "update"), tags)
    return {"tags": tags}


def remove(kind: Resource, ctx: Context, id: str, tag: str) -> Reply:
    """Take a tag off a resource. TagNotFound when it has not got it."""
    row = _resource(kind, ctx, id, "delete")
    tags = parsed(row["tags"])
    if tag not in tags:
        raise TagNotFound(tag=tag)
    _keep(kind, ctx, row, [each for each in tags if each != tag])
    return Reply(204)


def remove_all(kind: Resource, ctx: Context, id: str) -> Reply:
    """Take every tag off a resource."""
    _keep(kind, ctx, _resource(kind, ctx, id, "delete"), [])
    return Reply(204)


def operations(kind: Resource, path: str = "") -> tuple[Operation, ...]:
    """Return the operations on the tags of one kind of resource."""
    top = f"{path or kind.path}/{{id}}/tags"
    one = f"{top}/{{tag}}"
    rows: tuple[tuple[str, str, Callable[..., Any]], ...] = (
        ("GET", top, index),
        ("POST", top, add_all),
        ("PUT", top, replace),
        ("DELETE", top, remove_all),
        ("GET", one, show),
        ("PUT", one, add),
        ("DELETE", one, remove),
    )
    return tuple(op(method, where, partial(handler, kind)) for method, where, handler in rows)
