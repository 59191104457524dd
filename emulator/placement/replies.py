"""Answers with a representation: since 1.15 they say when it was last modified."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from emulator.placement.formats import http_date
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import since

MODIFIED_IN_HEADERS = since("1.15")


def fresh(
    ctx: Context, body: Any, modified: Iterable[str | None] = (), *, status: int = 200
) -> Reply:
    """Return an answer that was last modified at the latest of some stored times, or now."""
    reply = Reply(status, body)
    if MODIFIED_IN_HEADERS in ctx:
        times = [each for each in modified if each]
        reply.headers["Last-Modified"] = http_date(max(times) if times else ctx.timestamp)
        reply.headers["Cache-Control"] = "no-cache"
    return reply


def path_of(ctx: Context, *segments: str) -> str:
    """Return the path of a resource, with the service's mount, as links in bodies have it."""
    return "/".join((ctx.request.root + ctx.mount, *segments))


def url_of(ctx: Context, *segments: str) -> str:
    """Return the URL of a resource, as Location has it."""
    return ctx.request.origin + path_of(ctx, *segments)
