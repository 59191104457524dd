"""Error envelopes that more than one service shares."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.errors import EmulatorError
from emulator.wire.operation import Reply
from emulator.wire.request import Context

HTML = "text/html; charset=UTF-8"  # of what WebOb answers itself, and of bodies without a type
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
        if "details" in error.facts:
            content["details"] = error.facts["details"]
    name = FAULT_NAMES.get(error.status, default)
    return Reply(error.status, {name: content}, content_type="application/json; charset=UTF-8")


def page(ctx: Context, status: str, explanation: str) -> Reply:
    """Return WebOb's own answer of an error ("404 Not Found"), in the form that Accept asks for."""
    code = int(status.split()[0])
    if ctx.request.method == "HEAD":
        return Reply(code, None, {"Content-Type": HTML}, content_type=HTML)
    body = f"{explanation}<br /><br />\n\n\n"
    accept = ctx.request.headers.get("Accept", "")
    ranges = [each.partition(";")[0].strip().lower() for each in accept.split(",")]
    if any(each in ("*/*", "text/*", "text/html") for each in ranges):
        text = (
            f"<html>\n <head>\n  <title>{status}</title>\n </head>\n <body>\n"
            f"  <h1>{status}</h1>\n  {body}\n </body>\n</html>"
        )
        return Reply(code, text.encode(), content_type=HTML)
    if any(each in ("application/json", "application/*") for each in ranges):
        title = status.partition(" ")[2]
        return Reply(code, {"message": body, "code": status, "title": title})
    text = f"{status}\n\n{explanation}\n\n   "
    return Reply(code, text.encode(), content_type="text/plain; charset=UTF-8")
