"""The virtual clock, seen and moved from outside."""

from __future__ import annotations

from typing import Any

from emulator.simulation.clock import iso
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop

ADVANCE = Body(schema=Object(prop("seconds", {"type": "number", "minimum": 0}, required=True)))


def show(ctx: Context) -> dict[str, Any]:
    """Say what time it is and how the clock runs."""
    clock = ctx.cloud.virtual_clock
    return {"clock": {"mode": clock.mode, "rate": clock.rate, "now": iso(clock.now()) + "Z"}}


def advance(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Move the clock forward and do what falls due."""
    steps = ctx.cloud.advance(body["seconds"])
    return {**show(ctx), "steps": steps}


def settle(ctx: Context) -> dict[str, Any]:
    """Jump from due step to due step until nothing is pending."""
    steps = ctx.cloud.settle()
    return {**show(ctx), "steps": steps}
