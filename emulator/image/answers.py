"""Answers without content, and the header that every answer carries."""

from __future__ import annotations

from emulator.wire.operation import Reply
from emulator.wire.request import Context


def no_content() -> Reply:
    """Return Glance's answer that there is nothing to say; it has a type nevertheless."""
    return Reply(204, None, {"Content-Type": "text/html; charset=UTF-8"})


def accepted() -> Reply:
    """Return the answer to a request whose work goes on."""
    return Reply(202, None, {"Content-Type": "text/html; charset=UTF-8"})


def say_request(ctx: Context, reply: Reply) -> None:
    """Put the request id on an answer; a refused token never gets as far as having one."""
    if reply.status != 401:
        reply.headers["X-Openstack-Request-Id"] = ctx.request_id
