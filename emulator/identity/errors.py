"""Keystone v3: its error envelope, its wording of refusals, its named errors."""

from __future__ import annotations

import re
from http.client import responses
from typing import TYPE_CHECKING
from uuid import UUID

from emulator.errors import (
    BadInput,
    Conflict,
    EmulatorError,
    Forbidden,
    NotFound,
    Unauthorized,
)
from emulator.wire.links import service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.steps import MalformedBody, NoSuchMethod, NoSuchPath
from emulator.wire.validation import Dialect

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

MALFORMED = (
    " The server could not comply with the request since it is either malformed or otherwise"
    " incorrect. The client is assumed to be in error."
)
NOT_FOUND_PAGE = (
    "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"
    "<p>The requested URL was not found on the server. If you entered the URL manually please"
    " check your spelling and try again.</p>\n"
)
TIME = re.compile(
    r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)?$|^\d{4}-\d\d-\d\d$"
)


class Missing(NotFound):
    """A thing of some kind does not exist: the kind's word is part of the message."""

    template = "Could not find %(kind)s: %(id)s."


class NothingThere(NotFound):
    """Something that has no wording of its own is missing."""


class ImpliedRoleMissing(NotFound):
    """One role does not imply another."""

    template = "%(prior)s does not imply %(implied)s."


class AssignmentMissing(NotFound):
    """Nobody has this role there."""

    template = (
        "Could not find role assignment with role: %(role)s, user or group: %(actor)s,"
        " project, domain, or system: %(target)s."
    )


class LimitMissing(NotFound):
    """No limit or registered limit has this id."""

    template = "Could not find %(kind)s for %(id)s."


class ConfigMissing(NotFound):
    """A domain has no such configuration."""

    template = "Could not find %(what)s in domain configuration for domain %(domain)s."


class NotExpected(BadInput):
    """Something that must be there is not: Keystone's ValidationError."""

    template = "Expecting to find %(attribute)s in %(target)s." + MALFORMED


class Invalid(BadInput):
    """The input is wrong; the message says how."""


class PasswordInvalid(BadInput):
    """A new password is refused by the rules."""


class NotAuthenticated(Unauthorized):
    """Login failed, or nobody is logged in. Keystone says no more than that."""

    template = "The request you have made requires authentication."


class FailedLogin(NotAuthenticated):
    """A wrong password: counted although the answer is a refusal."""

    keeps_changes = True


class UnsupportedMethod(Unauthorized):
    """An authentication method that Keystone does not have."""

    template = "Attempted to authenticate with an unsupported method."


class Gone(EmulatorError):
    """What was once there and is not any more."""

    status = 410


class ReceiptMissing(Unauthorized):
    """The receipt of an earlier login is not one, is over, or is somebody else's."""

    template = "Could not find auth receipt: %(receipt_id)s."


class PasswordExpired(Unauthorized):
    """The password is right, but too old."""

    template = "The password is expired and needs to be changed for user: %(user_id)s."


class NotAuthorized(Forbidden):
    """A policy rule said no."""

    template = "You are not authorized to perform the requested action: %(rule)s."


class NotAllowed(Forbidden):
    """It cannot be done, whoever asks; the message says why."""

    template = "You are not authorized to perform the requested action."


class Immutable(Forbidden):
    """A resource has the option `immutable`."""

    template = (
        "Unable to %(verb)s immutable %(kind)s resource: `%(id)s."
        ' Set resource option "immutable" to false first.'
    )


class Duplicate(Conflict):
    """Something of this kind is there already, or is in the way."""

    template = "Conflict occurred attempting to store %(kind)s - %(details)s."


def not_authorized(rule: str) -> EmulatorError:
    """Return the refusal of a policy rule."""
    return NotAuthorized(rule=rule)


def render_error(error: EmulatorError, ctx: Context) -> Reply:
    """Return the answer of an error; paths and methods without a route are Flask's to answer."""
    if isinstance(error, NoSuchPath):
        return Reply(404, NOT_FOUND_PAGE.encode(), content_type="text/html; charset=utf-8")
    if isinstance(error, NoSuchMethod):
        allow: dict[str, str | tuple[str, ...]] = {
            "Allow": ", ".join(sorted({"HEAD", "OPTIONS", *error.facts["allow"]}))
        }
        if ctx.request.method == "OPTIONS":
            return Reply(200, None, {**allow, "Content-Type": "text/html; charset=utf-8"})
        message = {"message": "The method is not allowed for the requested URL."}
        return Reply(405, message, allow)
    if isinstance(error, MalformedBody):
        error = NotExpected(attribute="valid JSON", target="request body")
    envelope = {
        "code": error.status,
        "message": error.message,
        "title": responses.get(error.status, "Error"),
    }
    headers: dict[str, str | tuple[str, ...]] = {}
    if error.status == 401:
        headers["WWW-Authenticate"] = f'Keystone uri="{service_root(ctx)}/v3"'
        if "identity" in error.facts:
            envelope["identity"] = error.facts["identity"]
    return Reply(error.status, {"error": envelope}, headers)


def say_who_varies(ctx: Context, reply: Reply) -> None:
    """Put what every answer of Keystone carries on it; forget tokens after whatever was written."""
    reply.headers["Vary"] = "X-Auth-Token"
    reply.headers["x-openstack-request-id"] = ctx.request_id
    method = ctx.request.method
    if method not in ("GET", "HEAD") and (method, ctx.path) != ("POST", "/v3/auth/tokens"):
        ctx.cloud.token_cache.clear()


def word_refusal(error: ValidationError) -> EmulatorError:
    """Word the refusal of a body or a query (Keystone 30.0.0, api.validation.validators)."""
    if error.path:
        return Invalid(
            f"Invalid input for field/attribute {error.path[-1]}."
            f" Value: {error.instance}. {error.message}"
        )
    return Invalid(error.message)


def word_at_length(error: ValidationError) -> EmulatorError:
    """Word a refusal as the older checks inside operations do: with all that jsonschema says."""
    if error.path:
        path = "/".join(map(str, error.path))
        return Invalid(f"Invalid input for field '{path}': {error}")
    return Invalid(str(error))


def is_time(value: object) -> bool:
    """Accept an ISO 8601 time, as oslo_utils.timeutils.parse_isotime does."""
    return not isinstance(value, str) or bool(TIME.match(value))


def is_uuid(value: object) -> bool:
    """Accept a UUID with or without dashes."""
    if not isinstance(value, str):
        return True
    try:
        return UUID(value).hex == value.replace("-", "").lower()
    except ValueError:
        return False


DIALECT = Dialect(
    formats={"date-time": is_time, "uuid": is_uuid},
    word_body=word_refusal,
    word_query=word_refusal,
    numeric_text=True,
)
INSIDE = Dialect(formats=DIALECT.formats, word_body=word_at_length, word_query=word_at_length)
"""What operations check bodies with themselves (Keystone 30.0.0, common.validation)."""
