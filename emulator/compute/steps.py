"""What Nova does with every request: agrees on a version, looks at the type and the project."""

from __future__ import annotations

import re
from typing import Any

from emulator.compute.errors import (
    ProjectMismatch,
    UnknownMediaType,
)
from emulator.compute.versions import MAXIMUM, MINIMUM
from emulator.wire.negotiation import HEADER, agree, version_text
from emulator.wire.operation import Reply
from emulator.wire.paths import latin
from emulator.wire.request import Context
from emulator.wire.steps import BodyTooLarge, NoSuchPath

LEGACY_HEADER = "X-OpenStack-Nova-API-Version"
PROJECT_ID = re.compile(r"[0-9a-f-]+")
SLASHES = re.compile("//+")
OWN_MEDIA_TYPE = "application/vnd.openstack.compute+json"
MEDIA_TYPES = ("application/json", OWN_MEDIA_TYPE, "text/plain")


def read_path(path: str) -> str:
    """Return a path as Nova's routes see it.

    The server has decoded it, bytes as they are, before it is split: %2F parts, and other letters
    than ASCII's are two or more. Slashes that follow each other are one (Routes 2.5.1).
    """
    path = latin(path)
    return SLASHES.sub("/", path) if "//" in path else path


def limit_size(ctx: Context) -> None:
    """Refuse a body that is too large, whoever asks for whatever."""
    if ctx.request.too_large:
        raise BodyTooLarge()


def negotiate(ctx: Context) -> None:
    """Agree on the version (Nova 34.0.0, api.openstack.wsgi); only below /v2.1 there are any."""
    ctx.version = MINIMUM
    if _place(ctx) == "v2.1":
        agree(ctx, _asked(ctx), MINIMUM, ctx.newest(MAXIMUM))


def _place(ctx: Context) -> str:
    """The first segment of the path inside the service: v2.1, or v2, which has no microversions."""
    return ctx.path.split("/", 2)[1] if "/" in ctx.path else ""


def _asked(ctx: Context) -> str | None:
    """The version asked for: the last entry that names compute, else what the old header says."""
    headers = ctx.request.headers
    for entry in reversed(headers.get(HEADER, "").split(",")):
        words = entry.split(None, 1)
        if len(words) == 2 and words[0].lower() == "compute":
            return words[1].strip()
    legacy = headers.get(LEGACY_HEADER)
    return None if legacy is None else legacy.split(",")[-1].strip()


def check_media_type(ctx: Context) -> None:
    """Refuse bodies that are no JSON by their type, and requests that only claim to have one."""
    media_type = ctx.request.headers.get("Content-Type", "").partition(";")[0].strip()
    if media_type and media_type not in MEDIA_TYPES:
        raise UnknownMediaType()


def check_project(ctx: Context) -> None:
    """Refuse a URL that names another project than the token's."""
    project_id = ctx.arguments.pop("project_id", None)
    if project_id is not None and project_id != ctx.credentials.project_id:
        raise ProjectMismatch(given=project_id, own=ctx.credentials.project_id)


def relax(ctx: Context) -> None:
    """Take from a body below /v2 what v2.1 would refuse it for: unknown names, blanks around names.

    Nova 34.0.0, api.validation: the compatible v2 is v2.1 without the strictness.
    """
    operation = ctx.operation
    assert operation is not None
    if _place(ctx) == "v2" and operation.body is not None:
        _relax(operation.body.at(ctx.version), ctx.body)


def _relax(schema: Any, value: Any) -> None:
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    if not isinstance(value, dict):
        return
    unknown = [name for name in value if name not in properties]
    closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
    if closed and len(unknown) < len(value):
        for name in unknown:
            del value[name]
    for name, inner in properties.items():
        if name not in value:
            continue
        if isinstance(value[name], str) and _is_name(inner):
            value[name] = value[name].strip()
        _relax(inner, value[name])


def _is_name(schema: Any) -> bool:
    return "name" in (part.get("format") for part in (schema, *schema.get("allOf", ())))


def check_path(ctx: Context) -> None:
    """Refuse a URL whose project id is none: such a path does not exist."""
    project_id = ctx.arguments.get("project_id")
    if project_id is not None and PROJECT_ID.fullmatch(project_id) is None:
        raise NoSuchPath()


def finish(ctx: Context, reply: Reply) -> None:
    """Put the version that was used, the request id and a content type on every answer."""
    if _place(ctx) not in ("v2.1", "v2"):
        return
    reply.headers["X-OpenStack-Request-ID"] = ctx.request_id
    reply.headers["X-Compute-Request-ID"] = ctx.request_id
    accepted = ctx.request.headers.get("Accept", "").partition(";")[0]
    if accepted == OWN_MEDIA_TYPE and reply.content_type == MEDIA_TYPES[0]:
        reply.content_type = OWN_MEDIA_TYPE
    if reply.body is None:
        reply.headers["Content-Type"] = reply.content_type
    if ctx.version_known:
        version = version_text(ctx.version)
        reply.headers[HEADER] = f"compute {version}"
        reply.headers[LEGACY_HEADER] = version
        reply.headers["Vary"] = (HEADER, LEGACY_HEADER)
