"""Times in requests: when something that is being made shall end."""

from __future__ import annotations

from emulator.identity.errors import MALFORMED, Invalid
from emulator.simulation.clock import iso, moment
from emulator.wire.request import Context


def parsed(text: str) -> str:
    """Return a time of a request as it is stored. Invalid when it is none."""
    try:
        return iso(moment(text.strip().removesuffix("Z")))
    except ValueError:
        raise Invalid("Timestamp not in expected format." + MALFORMED) from None


def future(ctx: Context, text: str | None) -> str | None:
    """Return when something shall end, as it is stored. Invalid when that is over already."""
    if not text:
        return None
    stored = parsed(text)
    if stored < ctx.timestamp:
        raise Invalid("The 'expires_at' must not be before now." + MALFORMED)
    return stored
