"""Neutron's error envelope: {"NeutronError": {"type", "message", "detail"}}."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import BadInput, EmulatorError, NotEmulated
from emulator.network.errors import (
    ExtensionNotFound,
    HTTPBadRequest,
    HTTPNotFound,
    MalformedRequestBody,
    PluginCannot,
)
from emulator.network.root import WRONG, is_core
from emulator.wire.envelopes import page, token_refused
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.steps import (
    BodyTooLarge,
    MalformedBody,
    NoSuchMethod,
    NoSuchPath,
    QueryNotText,
    TokenRefused,
)
from emulator.wire.validation import Dialect

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

INTERNAL = "Request Failed: internal server error while processing your request."


def render_error(error: EmulatorError, ctx: Context) -> Reply:
    """Return Neutron's answer of an error."""
    if isinstance(error, TokenRefused):
        return token_refused(error, ctx)
    if isinstance(error, ExtensionNotFound):
        return _page(error, ctx)
    if isinstance(error, PluginCannot):
        data = {"type": "NotImplementedError", "message": error.message, "detail": ""}
        return Reply(error.status, {"NotImplementedError": data})
    if isinstance(error, QueryNotText):  # WebOb itself answers
        return page(ctx, "400 Bad Request", WRONG)
    if isinstance(error, MalformedBody) and not is_core(ctx.path):
        error = MalformedRequestBody(reason="Cannot understand JSON")
    name, message = _name_and_words(error)
    body = {"NeutronError": {"type": name, "message": message, "detail": ""}}
    return Reply(error.status, body)


def _page(error: EmulatorError, ctx: Context) -> Reply:
    """Return webob's own 404: JSON for who asks for it or says nothing, else a page."""
    message = f"The resource could not be found.<br /><br />\n{error.message}\n\n"
    accept = ctx.request.headers.get("Accept")
    if not accept or "application/json" in accept:
        return Reply(404, {"message": message, "code": "404 Not Found", "title": "Not Found"})
    page = (
        "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n"
        f"  <h1>404 Not Found</h1>\n  {message}\n </body>\n</html>"
    )
    return Reply(404, page.encode(), content_type="text/html; charset=UTF-8")


WIRE_ERRORS: tuple[tuple[type[EmulatorError], str, str], ...] = (
    (NoSuchPath, "HTTPNotFound", HTTPNotFound.template),
    (NoSuchMethod, "HTTPMethodNotAllowed", WRONG),
    (MalformedBody, "HTTPBadRequest", "Body contains invalid data"),
    (BodyTooLarge, "HTTPRequestEntityTooLarge", ""),
    (NotEmulated, "HTTPNotImplemented", ""),
)


def _name_and_words(error: EmulatorError) -> tuple[str, str]:
    """Return the type and the message of an error: its class is its type."""
    for kind, name, words in WIRE_ERRORS:
        if isinstance(error, kind):
            return name, words or error.message
    if type(error) is BadInput:
        return "HTTPBadRequest", error.message
    if type(error) is EmulatorError:
        return "HTTPInternalServerError", INTERNAL
    return type(error).__name__, error.message


def word_refusal(error: ValidationError) -> EmulatorError:
    """Word the refusal of a body or a query."""
    return HTTPBadRequest(error.message)


DIALECT = Dialect(formats={}, word_body=word_refusal, word_query=word_refusal)
