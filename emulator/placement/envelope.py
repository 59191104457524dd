"""Placement's error envelope, and its wording of what no schema describes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emulator.errors import BadInput, EmulatorError
from emulator.placement.errors import (
    ERROR_CODES,
    UNDEFINED,
    NotAuthorized,
    NotProvided,
    NotYetAllowed,
    PassedThrough,
    VersionNotSupported,
)
from emulator.placement.formats import is_uuid
from emulator.wire.envelopes import HTML, token_refused
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.steps import NoSuchMethod, NoSuchPath, NoSuchVersion, TokenRefused
from emulator.wire.validation import Dialect

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

EXPLANATIONS: Mapping[int, tuple[str, str]] = {
    400: (
        "Bad Request",
        "The server could not comply with the request since it is either malformed or otherwise "
        "incorrect.",
    ),
    403: ("Forbidden", "Access was denied to this resource."),
    404: ("Not Found", "The resource could not be found."),
    409: ("Conflict", "There was a conflict when trying to complete your request."),
    413: ("Request Entity Too Large", "The body of your request was too large for this server."),
    500: (
        "Internal Server Error",
        "The server has either erred or is incapable of performing the requested operation.",
    ),
}
TAG = re.compile(r"<.*?>")


def render_error(error: EmulatorError, ctx: Context) -> Reply:
    """Return Placement's answer of an error, worded by WebOb (openstack-placement 16.0.0, util)."""
    if isinstance(error, TokenRefused):
        return token_refused(error, ctx)
    status = error.status
    title, detail = _worded(error, ctx)
    content: dict[str, object] = {"status": status, "title": title, "detail": detail}
    if ctx.version_known and ERROR_CODES in ctx:
        content["code"] = getattr(error, "code", UNDEFINED)
    content["request_id"] = ctx.request_id
    if isinstance(error, VersionNotSupported):
        content["max_version"] = error.facts["maximum"]
        content["min_version"] = error.facts["minimum"]
    reply = Reply(status, {"errors": [content]})
    if isinstance(error, PassedThrough | NoSuchPath):
        reply.headers[PassedThrough.MARK] = "yes"
    if isinstance(error, NoSuchMethod):
        reply.headers["Allow"] = ", ".join(_methods(ctx))
    if ctx.request.method == "HEAD":
        reply.body, reply.headers["Content-Type"] = None, HTML
    elif isinstance(error, NotProvided):
        reply.content_type = "text/plain; charset=UTF-8"
        reply.body = f"{status} {title}\n\n{detail}".encode()
    return reply


def _worded(error: EmulatorError, ctx: Context) -> tuple[str, str]:
    """The title and the detail: a sentence for the status, and the error's own."""
    message = TAG.sub("", error.message.replace("\n", " "))
    if error.status == 405:
        own = "The method specified is not allowed for this resource."
        own = "" if isinstance(error, NotYetAllowed) else own
        detail = f"The method {ctx.request.method} is not allowed for this resource. \n\n {own}"
        return "Method Not Allowed", detail
    if error.status == 415:
        given = ctx.request.headers.get("Content-Type", "None")
        first = f"The request media type {given} is not supported by this server. "
        return "Unsupported Media Type", f"{first}\n\n {message}"
    if error.status == 406:
        accepted = ctx.request.headers.get("Accept", "")
        first = (
            "The resource could not be generated that was acceptable to your browser "
            f"(content of type {accepted}. "
        )
        return "Not Acceptable", f"{first}\n\n {message}"
    if isinstance(error, NoSuchPath | NoSuchVersion):
        message = ""
    title, explanation = EXPLANATIONS.get(error.status, ("Error", ""))
    return title, f"{explanation}\n\n {message}  "


def _methods(ctx: Context) -> list[str]:
    """The methods that the path has, in the order of the table of contents."""
    assert ctx.service is not None
    node, _ = ctx.service.paths.find(ctx.path)
    return list(node.methods) if node is not None else []


def forbidden(rule: str) -> EmulatorError:
    """Return the refusal of a policy rule."""
    return NotAuthorized(rule=rule)


def word_body_refusal(error: ValidationError) -> EmulatorError:
    """Word a refusal of a body: with the schema and the body, as jsonschema tells it."""
    return BadInput(f"JSON does not validate: {error}")


def word_query_refusal(error: ValidationError) -> EmulatorError:
    """Word a refusal of a query."""
    return BadInput(f"Invalid query string parameters: {error}")


def best_error(validator: Any, value: Any) -> ValidationError | None:
    """Pick the error that jsonschema.validate raises."""
    from jsonschema.exceptions import best_match

    error: ValidationError | None = best_match(validator.iter_errors(value))
    return error


DIALECT = Dialect(
    formats={"uuid": is_uuid},
    word_body=word_body_refusal,
    word_query=word_query_refusal,
    first_error=best_error,
)
