"""The emulator's own API: its error envelope and its wording of refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import BadInput, EmulatorError
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.validation import Dialect

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


def render_error(error: EmulatorError, ctx: Context) -> Reply:
    """Return {"error": {"code", "message"}}."""
    return Reply(error.status, {"error": {"code": error.status, "message": error.message}})


def word_refusal(error: ValidationError) -> EmulatorError:
    """Name the place in the body, then what is wrong there."""
    place = ".".join(str(each) for each in error.path)
    return BadInput(f"{place}: {error.message}" if place else error.message)


DIALECT = Dialect(formats={}, word_body=word_refusal, word_query=word_refusal)
