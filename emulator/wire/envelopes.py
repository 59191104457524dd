"""Error envelopes that more than one service shares."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.errors import EmulatorError
from emulator.wire.operation import Reply
from emulator.wire.request import Context

FAULT_NAMES: Mapping[int, str] = {
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    409: "conflictingRequest",
    413: "overLimit",
    415: "badMediaType",
    429: "overLimit",
    501: "notImplemented",
    503: "serviceUnavailable",
}


def token_refused(error: EmulatorError, ctx: Context) -> Reply:
    """Return keystonemiddleware 13.0.1's answer to a token that is missing or not valid."""
    where = f"{ctx.request.origin}{ctx.request.root}/identity"
    return Reply(
        401,
        {"error": {"code": 401, "title": "Unauthorized", "message": error.message}},
        {"WWW-Authenticate": f'Keystone uri="{where}"'},
    )


def fault(error: EmulatorError, default: str) -> Reply:
    """Return the envelope of Nova and Cinder: one key chosen by status, `default` for the rest."""
    content = {"code": error.status, "message": error.message}
    retry_after = error.headers.get("Retry-After")
    if retry_after is not None and error.status in (413, 429):
        content["retryAfter"] = retry_after
    name = FAULT_NAMES.get(error.status, default)
    return Reply(error.status, {name: content}, content_type="application/json; charset=UTF-8")
