"""Placement 1.x: its error envelope, its wording of refusals, its named errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import BadInput, Conflict, EmulatorError, NotFound
from emulator.wire.envelopes import token_refused
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.steps import TokenRefused
from emulator.wire.validation import Dialect

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


class ProviderNotFound(NotFound):
    """No resource provider has this uuid."""

    template = "No resource provider with uuid %(uuid)s found"


class NoCapacity(Conflict):
    """An inventory has not so much left."""

    template = (
        "Unable to create allocation for '%(resource_class)s' on resource provider '%(provider)s'. "
        "The requested amount would exceed the capacity."
    )


def render_error(error: EmulatorError, ctx: Context) -> Reply:
    """Return the answer of an error."""
    if isinstance(error, TokenRefused):
        return token_refused(error, ctx)
    return Reply(error.status, {"error": {"code": error.status, "message": error.message}})


def word_refusal(error: ValidationError) -> EmulatorError:
    """Word the refusal of a body or a query."""
    return BadInput(error.message)


DIALECT = Dialect(formats={}, word_body=word_refusal, word_query=word_refusal)
