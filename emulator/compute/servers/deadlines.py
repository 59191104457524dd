"""Deadlines of servers: what happens to them by itself after a while, where it is configured.

A deadline's effect looks whether the server is still what it was set for. Effects are registered
beside the actions that set them.
"""

from __future__ import annotations

from typing import Any

from emulator.compute.servers import lifecycle
from emulator.simulation.transition import Effect, Machine, Step, Transition
from emulator.wire.request import Context

# Lifecycle


def pass_over(ctx: Context, server_uuid: str, *rest: Any) -> None:
    """Show nothing: a deadline is no state."""


DEADLINE = Machine("deadline", lifecycle.load, pass_over, pass_over, pass_over)


def deadline(name: str, then: Effect) -> Transition:
    """Return a deadline and make it known to the engine."""
    made = Transition(name, (Step(None, then=then),))
    DEADLINE.add(made)
    return made


def after(ctx: Context, seconds: float, change: Transition, server: Any, **arguments: Any) -> None:
    """Let a server's deadline come in so many seconds."""
    ctx.engine.later(ctx, "deadline", change.name, server["uuid"], seconds, **arguments)
