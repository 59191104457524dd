"""The tags of a server: short words to find it by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import orjson

from emulator.compute.links import self_href
from emulator.compute.schemas import TAG
from emulator.compute.servers import queries
from emulator.compute.servers.errors import (
    InvalidTag,
    NoSuchTag,
    NoSuchTagToDelete,
    TooManyTags,
)
from emulator.compute.servers.lifecycle import check_state
from emulator.compute.servers.schemas import TAGS
from emulator.compute.servers.states import ACTIVE, PAUSED, STOPPED, SUSPENDED
from emulator.wire.envelopes import HTML
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop

ALLOWED = (ACTIVE, PAUSED, SUSPENDED, STOPPED)
TAGS_MAX = 50
TAG_LENGTH_MAX = 60
TAG_PATTERN = str(TAG["pattern"])

# Schemas

REPLACE = Body(schema=Object(prop("tags", TAGS, required=True), title="Server tags"))
NOTHING = Body(schema={"title": "Server tag", "type": "null"})

# Operations


def index(ctx: Context, server: Any) -> dict[str, Any]:
    """List a server's tags."""
    return {"tags": orjson.Fragment(server["tags"])}


def show(ctx: Context, server: Any, tag: str) -> Reply:
    """Say whether the server has a tag."""
    if tag not in orjson.loads(server["tags"]):
        raise NoSuchTag(server_id=server["uuid"], tag=tag)
    return Reply(204)


def update(ctx: Context, server: Any, tag: str, body: Any) -> Reply:
    """Give the server one tag more."""
    check_state(server, "update tag", ALLOWED, None, launched=False)
    _check(tag)
    tags = orjson.loads(server["tags"])
    location = self_href(ctx, "servers", server["uuid"], "tags", _in_header(tag))
    if tag in tags:
        return Reply(204, None, content_type=HTML)
    if len(tags) >= TAGS_MAX:
        raise TooManyTags(limit=TAGS_MAX)
    _keep(ctx, server, sorted([*tags, tag]))
    return Reply(201, None, {"Location": location}, content_type=HTML)


def _in_header(tag: str) -> str:
    """A tag as the Location has it: as it came, not encoded again, but for what no header holds."""
    text = tag.encode("latin-1", "replace").decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else quote(letter) for letter in text)


def _check(tag: str) -> None:
    """Refuse what the schema of tags refuses; the URL is not checked by a schema."""
    if len(tag) > TAG_LENGTH_MAX:
        reason = f"'{tag}' is too long"
    elif not re.match(TAG_PATTERN, tag):
        reason = f"'{tag}' does not match '{TAG_PATTERN}'"
    else:
        return
    raise InvalidTag(tag=tag, reason=reason)


def replace(ctx: Context, server: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Let the server have these tags and no others."""
    check_state(server, "update tags", ALLOWED, None, launched=False)
    tags = sorted(set(body["tags"]))
    _keep(ctx, server, tags)
    return {"tags": tags}


def delete(ctx: Context, server: Any, tag: str) -> Reply:
    """Take one tag away."""
    check_state(server, "delete tag", ALLOWED, None, launched=False)
    tags = orjson.loads(server["tags"])
    if tag not in tags:
        raise NoSuchTagToDelete(server_id=server["uuid"], tag=tag)
    _keep(ctx, server, [each for each in tags if each != tag])
    return Reply(204)


def delete_all(ctx: Context, server: Any) -> Reply:
    """Take all tags away."""
    check_state(server, "delete tags", ALLOWED, None, launched=False)
    _keep(ctx, server, [])
    return Reply(204)


def _keep(ctx: Context, server: Any, tags: Iterable[str]) -> None:
    queries.change(ctx, server["uuid"], tags=orjson.dumps(list(tags)).decode())
