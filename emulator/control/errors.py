"""The emulator's own API: its error envelope and its wording of refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import BadInput, EmulatorError
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.validation import Dialect

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


SENTENCE_MAX = 1000  # characters: what was said may be long, what is said of it is a sentence


def render_error(error: EmulatorError, ctx: Context) -> Reply:
    """Return {"error": {"code", "message"}}."""
    message = " ".join(error.message.split())
    if len(message) > SENTENCE_MAX:
        half = SENTENCE_MAX // 2
        message = f"{message[:half]} … {message[-half:]}"
    return Reply(error.status, {"error": {"code": error.status, "message": message}})


def word_refusal(error: ValidationError) -> EmulatorError:
    """Name the place in the body, then what is wrong there."""
    place = ".".join(str(each) for each in error.path)
    return BadInput(f"{place}: {error.message}" if place else error.message)


def word_query_refusal(error: ValidationError) -> EmulatorError:
    """Name the parameter, then what is wrong with it."""
    place = str(error.path[0]) if error.path else ""
    return BadInput(f"{place}: {error.message}" if place else error.message)


DIALECT = Dialect(formats={}, word_body=word_refusal, word_query=word_query_refusal)
