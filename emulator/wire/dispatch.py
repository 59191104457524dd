"""One request through one service: its steps, its operation, one transaction, its answer."""

from __future__ import annotations

import logging
from typing import Any

import orjson

from emulator.errors import BadInput, EmulatorError
from emulator.wire.operation import Reply
from emulator.wire.request import Context, Response
from emulator.wire.service import Service

log = logging.getLogger("emulator")

JSON_OPTIONS = orjson.OPT_NON_STR_KEYS
GLOBAL_ID_LENGTH = len("req-00000000-0000-0000-0000-000000000000")


def dispatch(ctx: Context, service: Service) -> Response:
    """Answer a request. Everything it did is committed, or nothing of it."""
    ctx.service = service
    ctx.request_id = ctx.ids.request_id()
    ctx.global_request_id = _global_id(ctx.request.headers.get("X-OpenStack-Request-ID"))
    ctx.db.begin()
    try:
        reply = _operate(ctx, service)
    except EmulatorError as error:
        _end(ctx, keep=error.keeps_changes)
        reply = _refusal(error, ctx, service)
    except (OverflowError, UnicodeEncodeError) as error:
        # A number or a text that SQLite cannot hold got past the schemas.
        _end(ctx, keep=False)
        reply = _refusal(BadInput(f"Invalid input received: {error}"), ctx, service)
    except Exception as error:
        _end(ctx, keep=False)
        log.exception("%s %s: unexpected", ctx.request.method, ctx.request.path)
        unexpected = EmulatorError(f"Unexpected API Error.\n{type(error)}", exception=error)
        reply = _refusal(unexpected, ctx, service)
    else:
        _end(ctx, keep=True)
    service.finish(ctx, reply)
    return _response(ctx, reply)


def _operate(ctx: Context, service: Service) -> Reply:
    for step in service.steps:
        step(ctx)
    operation = ctx.operation
    assert operation is not None
    assert operation.handler is not None
    result = operation.handler(ctx, **ctx.arguments)
    return result if isinstance(result, Reply) else Reply(operation.status, result)


def _refusal(error: EmulatorError, ctx: Context, service: Service) -> Reply:
    reply = service.render_error(error, ctx)
    reply.headers.update(error.headers)
    return reply


def _end(ctx: Context, *, keep: bool) -> None:
    if keep:
        ctx.cloud.keep_counters()
        ctx.db.commit()
    else:
        ctx.db.rollback()
        ctx.engine.forget()


def _global_id(text: str | None) -> str | None:
    """The caller's request id, where it has the form that oslo.middleware accepts."""
    if text and text.startswith("req-") and len(text) == GLOBAL_ID_LENGTH:
        return text
    return None


def _response(ctx: Context, reply: Reply) -> Response:
    body = reply.body
    content: bytes = body if isinstance(body, bytes) else b"" if body is None else encode(body)
    headers: list[tuple[str, str]] = []
    if content or reply.stream is not None:
        headers.append(("Content-Type", reply.content_type))
    for name, value in reply.headers.items():
        if isinstance(value, tuple):
            headers.extend((name, each) for each in value)
        else:
            headers.append((name, value))
    if ctx.request.method == "HEAD":
        headers.append(("Content-Length", str(len(content))))
        content = b""
    return Response(reply.status, headers, content, reply.stream)


def encode(value: Any) -> bytes:
    """Return a JSON value as bytes."""
    return orjson.dumps(value, option=JSON_OPTIONS)
