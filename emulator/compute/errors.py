"""Nova's error envelope, its wording of refusals, and its named errors with their message texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.compute.formats import FORMATS
from emulator.errors import BadInput, Conflict, EmulatorError, NotAcceptable, NotFound
from emulator.wire.envelopes import fault, token_refused
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.steps import NoSuchMethod, NoSuchPath, TokenRefused
from emulator.wire.validation import Dialect

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

NOT_ROUTED = {
    "message": "The resource could not be found.<br /><br />\n\n\n",
    "code": "404 Not Found",
    "title": "Not Found",
}


class MalformedVersion(BadInput):
    """The version header is not number.number."""

    template = (
        "API Version String %(version)s is of invalid format. Must be of format MajorNum.MinorNum."
    )


class VersionNotSupported(NotAcceptable):
    """The version asked for is outside the range."""

    template = (
        "Version %(version)s is not supported by the API. "
        "Minimum is %(minimum)s and maximum is %(maximum)s."
    )


class ProjectMismatch(BadInput):
    """The URL names another project than the token's."""

    template = (
        "Malformed request URL: URL's project_id '%(given)s' "
        "doesn't match Context's project_id '%(own)s'"
    )


class FlavorNotFound(NotFound):
    """No flavor has this id."""

    template = "Flavor %(flavor_id)s could not be found."


# Servers


class InstanceNotFound(NotFound):
    """No server has this id, or it is another project's."""

    template = "Instance %(instance_id)s could not be found."


class InstanceNotMapped(NotFound):
    """No cell knows this id: the wording of the few calls that look up the cell themselves."""

    template = "Instance %(instance_id)s has no mapping to a cell."


class InstanceIsLocked(Conflict):
    """The server is locked and the caller is no admin."""

    template = "Instance %(instance_uuid)s is locked"


class InstanceNotReady(Conflict):
    """The server is on no host."""

    template = "Instance %(instance_id)s is not ready"


class InstanceInvalidState(Conflict):
    """The server's state does not allow this."""

    template = "Cannot '%(method)s' instance %(instance_uuid)s while it is in %(attr)s %(state)s"

    @classmethod
    def of(cls, server: Any, called: str, attr: str, state: str | None) -> InstanceInvalidState:
        """Word the refusal; without a state to name it is the short form."""
        if state is None:
            return cls(f"Instance {server['uuid']} is in an invalid state for '{called}'")
        return cls(method=called, instance_uuid=server["uuid"], attr=attr, state=state)


class NoValidHost(BadInput):
    """The scheduler found no host; a server that was to be created goes to ERROR with this."""

    template = "No valid host was found. %(reason)s"


def render_error(error: EmulatorError, ctx: Context) -> Reply:
    """Return Nova's answer of an error; a path or method that no route has never reaches Nova's own."""
    if isinstance(error, TokenRefused):
        return token_refused(error, ctx)
    if isinstance(error, NoSuchPath | NoSuchMethod):
        return Reply(404, NOT_ROUTED, content_type="application/json; charset=UTF-8")
    return fault(error, "computeFault")


def word_body_refusal(error: ValidationError) -> EmulatorError:
    """Word a refusal of a body (Nova 34.0.0, nova.api.validation.validators)."""
    if error.path:
        return BadInput(
            f"Invalid input for field/attribute {error.path[-1]}. "
            f"Value: {error.instance}. {error.message}"
        )
    return BadInput(error.message)


def word_query_refusal(error: ValidationError) -> EmulatorError:
    """Word a refusal of a query."""
    if error.path:
        return BadInput(
            f"Invalid input for query parameters {error.path[0]}. "
            f"Value: {error.instance}. {error.message}"
        )
    return BadInput(error.message)


DIALECT = Dialect(
    formats=FORMATS,
    word_body=word_body_refusal,
    word_query=word_query_refusal,
    numeric_text=True,
    drops_unknown=True,
)
