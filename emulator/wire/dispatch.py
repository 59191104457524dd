"""One request through one service: its steps, its operation, one transaction, its answer."""

from __future__ import annotations

import logging
from typing import Any

import orjson

from emulator.errors import BadInput, EmulatorError, UsageError
from emulator.wire.operation import Reply
from emulator.wire.request import Context, Response
from emulator.wire.service import Service

log = logging.getLogger("emulator")

JSON_OPTIONS = orjson.OPT_NON_STR_KEYS
LONG_BITS = 64
GLOBAL_ID_LENGTH = len("req-00000000-0000-0000-0000-000000000000")


def dispatch(ctx: Context, service: Service) -> Response:
    """Answer a request. Everything it did is committed, or nothing of it."""
    ctx.service = service
    if service.outside:
        return _response(ctx, _told(ctx, service))
    ctx.request_id = ctx.ids.request_id()
    ctx.global_request_id = _global_id(ctx.request.headers.get("X-OpenStack-Request-ID"))
    asks_options = ctx.request.method == "OPTIONS" and service.answers_options
    if asks_options and not service.lists_on_options and not _is_route(ctx):
        return Response(200, [], b"")
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
    if asks_options and reply.status >= 400:
        return Response(200, [], b"")
    service.finish(ctx, reply)
    return _response(ctx, reply)


def refuse(ctx: Context, service: Service, error: EmulatorError) -> Response:
    """Answer a request with an error that has nothing to do with it, as the service words it."""
    ctx.service = service
    ctx.request_id = ctx.ids.request_id()
    reply = _refusal(error, ctx, service)
    service.finish(ctx, reply)
    return _response(ctx, reply)


def _told(ctx: Context, service: Service) -> Reply:
    """Answer a request that is about the cloud, not in it: its operations begin what they need."""
    try:
        return _operate(ctx, service)
    except EmulatorError as error:
        return _refusal(error, ctx, service)
    except UsageError as problem:
        return _refusal(BadInput(str(problem)), ctx, service)
    except (OverflowError, UnicodeEncodeError) as error:
        return _refusal(BadInput(f"Invalid input received: {error}"), ctx, service)


def announce(ctx: Context, service: Service, *, beginning: bool) -> bool:
    """Tell an operation that data is on its way to it, or will not come; say whether it took note.

    What is wrong with the request is said when the data is there.
    """
    ctx.service = service
    ctx.db.begin()
    heard = False
    try:
        for step in service.steps:
            step(ctx)
        if ctx.operation is not None and ctx.operation.receiving is not None:
            ctx.operation.receiving(ctx, beginning=beginning, **ctx.arguments)
            heard = True
    except EmulatorError:
        heard = False
    finally:
        _end(ctx, keep=heard)
    return heard


def _is_route(ctx: Context) -> bool:
    assert ctx.service is not None
    node, _ = ctx.service.paths.find(ctx.path)
    return node is not None and ctx.request.method in node.methods


def _operate(ctx: Context, service: Service) -> Reply:
    for step in service.steps:
        step(ctx)
    operation = ctx.operation
    assert operation is not None
    assert operation.handler is not None
    result = operation.handler(ctx, **ctx.arguments)
    return result if isinstance(result, Reply) else Reply(operation.status, result)


def _refusal(error: EmulatorError, ctx: Context, service: Service) -> Reply:
    ctx.error = error
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
    try:
        return orjson.dumps(value, option=JSON_OPTIONS)
    except TypeError:
        return orjson.dumps(_writable(value), option=JSON_OPTIONS)


def _writable(value: Any) -> Any:
    """The same value, with whole numbers that do not fit 64 bits as they are written.

    What of a text is no Unicode (a header may have it) is a question mark.
    """
    if isinstance(value, dict):
        return {key: _writable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_writable(each) for each in value]
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, int) and value.bit_length() >= LONG_BITS:
        return orjson.Fragment(str(value))
    return value
