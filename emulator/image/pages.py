"""WebOb's error pages, which Glance answers with: HTML, JSON or text, by Accept."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping

from emulator.errors import EmulatorError, UnsupportedMediaType
from emulator.wire.envelopes import HTML
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.steps import BodyTooLarge, NoSuchMethod, NoSuchPath, TokenRefused

TITLES: Mapping[int, str] = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    416: "Request Range Not Satisfiable",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}

# What WebOb 1.8 says of a status; the words of an error stand in its place, or behind it.
EXPLANATIONS: Mapping[int, str] = {
    401: (
        "This server could not verify that you are authorized to access the document you "
        "requested. Either you supplied the wrong credentials (e.g., bad password), or your "
        "browser does not understand how to supply the credentials required."
    ),
    403: "Access was denied to this resource.",
    404: "The resource could not be found.",
    409: "There was a conflict when trying to complete your request.",
    416: "The Range requested is not available.",
}

PAGE = """\
<html>
 <head>
  <title>{status}</title>
 </head>
 <body>
  <h1>{status}</h1>
  {body}
 </body>
</html>"""


class Behind:
    """Marks the errors whose words stand behind WebOb's sentence for the status."""


class Bare:
    """Marks the errors that are their words and nothing else."""


def render_error(error: EmulatorError, ctx: Context) -> Reply:
    """Return WebOb's answer of an error, in the form that Accept asks for."""
    status = f"{error.status} {TITLES.get(error.status, 'Error')}"
    form = _preferred_form(ctx.request.headers.get("Accept"))
    body = _frame(error, ctx, html.escape if form == "html" else str)
    headers = _headers(error, ctx)
    if ctx.request.method == "HEAD":
        return Reply(error.status, None, {**headers, "Content-Type": HTML})
    if form == "json":
        title = TITLES.get(error.status, "Error")
        return Reply(error.status, {"message": body, "code": status, "title": title}, headers)
    if form == "html":
        page = PAGE.format(status=status, body=body)
        return Reply(error.status, page.encode(), headers, HTML)
    plain = f"{status}\n\n{_without_tags(body)}"
    return Reply(error.status, plain.encode(), headers, "text/plain; charset=UTF-8")


def _preferred_form(accept: str | None) -> str:
    """Which of text/html and application/json a client wants most; HTML wins a draw."""
    best, form = 0.0, "plain"
    for offer, name in (("text/html", "html"), ("application/json", "json")):
        quality = _quality("*/*" if accept is None else accept, offer)
        if quality > best:
            best, form = quality, name
    return form if accept else "plain"


def _quality(accept: str, offer: str) -> float:
    """How much an Accept header wants a media type; the most exact range decides (RFC 9110)."""
    found = {}
    for part in accept.split(","):
        media, *parameters = (each.strip().lower() for each in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter[2:])
                except ValueError:
                    quality = 0.0
        found[media] = quality
    for media in (offer, offer.partition("/")[0] + "/*", "*/*"):
        if media in found:
            return found[media]
    return 0.0


def _frame(error: EmulatorError, ctx: Context, quote: Callable[[str], str]) -> str:
    """WebOb's sentence and the words of the error, in WebOb's template for the status."""
    message = quote(error.message)
    if isinstance(error, Bare):
        return message
    if isinstance(error, NoSuchMethod):
        return f"The method {ctx.request.method} is not allowed for this resource. <br /><br />\n"
    if isinstance(error, UnsupportedMediaType):
        given = ctx.request.headers.get("Content-Type", "").partition(";")[0]
        return (
            f"The request media type {quote(given)} is not supported by this server.\n"
            f"<br /><br />\n{message}"
        )
    if isinstance(error, Behind):
        return f"{EXPLANATIONS[error.status]}<br /><br />\n{message}\n\n"
    if isinstance(error, TokenRefused | NoSuchPath):
        message = EXPLANATIONS[error.status]
    elif isinstance(error, BodyTooLarge):
        message = "The body of your request was too large for this server."
    return f"{message}<br /><br />\n\n\n"


def _headers(error: EmulatorError, ctx: Context) -> dict[str, str | tuple[str, ...]]:
    if isinstance(error, NoSuchMethod):
        assert ctx.service is not None
        node, _ = ctx.service.paths.find(ctx.path)
        return {"Allow": ", ".join(node.methods if node else ())}
    if isinstance(error, TokenRefused):
        return {
            "WWW-Authenticate": f'Keystone uri="{ctx.request.origin}{ctx.request.root}/identity"'
        }
    return {}


def _without_tags(text: str) -> str:
    """Text without markup, a break as a new line (WebOb 1.8, exc.strip_tags)."""
    text = re.sub(r"<br.*?>", "\n", text.replace("\n", " "), flags=re.IGNORECASE)
    return re.sub(r"<.*?>", "", text)
