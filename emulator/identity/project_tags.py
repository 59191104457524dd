"""The tags of projects."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson

from emulator.identity import listing, projects
from emulator.identity.errors import INSIDE, Missing, NotAllowed
from emulator.identity.schemas import TAG, TAGS
from emulator.wire.links import service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import UNVERSIONED, Body, Object, prop, schema_at

# Schemas

ALL = schema_at(TAGS, UNVERSIONED)
UPDATE = Body(schema=Object(prop("tags", {"type": "array", "items": TAG})))

# View


def _view(ctx: Context, tags: list[str]) -> dict[str, Any]:
    return {"links": {"self": f"{service_root(ctx)}/v3"}, "tags": tags}


# Queries


def _of(ctx: Context, project: Any) -> list[str]:
    return projects.tags_of(ctx, [project["id"]]).get(project["id"], [])


# Operations


def index(ctx: Context, project: Any) -> dict[str, Any]:
    """List the tags of a project."""
    return _view(ctx, _of(ctx, project))


def replace(ctx: Context, project: Any, body: Any) -> dict[str, Any]:
    """Give a project these tags in place of the others."""
    tags = body.get("tags", {})  # which is no list: without tags it is refused
    _check(tags)
    _check_mutable(project, "update")
    stripped = [tag.strip() for tag in tags]
    projects.put_tags(ctx, project["id"], stripped)
    return _view(ctx, stripped)


def clear(ctx: Context, project: Any) -> Reply:
    """Take all tags from a project."""
    _check_mutable(project, "update")
    projects.put_tags(ctx, project["id"], [])
    return Reply(204)


def show(ctx: Context, project: Any, value: str) -> Reply:
    """Say whether a project has a tag."""
    if value not in _of(ctx, project):
        raise Missing(kind="project tag", id=value)
    return Reply(204)


def add(ctx: Context, project: Any, value: str) -> Reply:
    """Give a project one more tag."""
    _check([*_of(ctx, project), value], one=value)
    _check_mutable(project, "create")
    projects.put_tags(ctx, project["id"], [*_of(ctx, project), value.strip()])
    where = listing.link(ctx, project["id"], "tags", quote(value))
    return Reply(201, None, {"Location": where})


def remove(ctx: Context, project: Any, value: str) -> Reply:
    """Take one tag from a project."""
    _check_mutable(project, "delete")
    tags = _of(ctx, project)
    if value not in tags:
        raise Missing(kind="project tag", id=value)
    projects.put_tags(ctx, project["id"], [tag for tag in tags if tag != value])
    return Reply(204)


def _check(tags: Any, *, one: str | None = None) -> None:
    """Raise unless the tags, and the one that is new, are what tags may be."""
    if one is not None:
        INSIDE.check_body(TAG, one)
    INSIDE.check_body(ALL, tags)


def _check_mutable(project: Any, verb: str) -> None:
    if orjson.loads(project["options"]).get("immutable"):
        raise NotAllowed(
            f"Cannot {verb} project tags for {project['id']}, project is immutable. Set"
            ' "immutable" option to false before creating project tags.'
        )
