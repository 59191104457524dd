"""Pause and unpause: a server's guest stands still in memory."""

from __future__ import annotations

from typing import Any

from emulator.compute.schemas import ANY
from emulator.compute.servers import guests
from emulator.compute.servers.lifecycle import begin, transition
from emulator.compute.servers.states import ACTIVE, PAUSED, RUNNING, State
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Step
from emulator.wire.request import Context
from emulator.wire.versioned import Body

# Schemas

PAUSE_BODY = Body("pause", schema=ANY)
UNPAUSE_BODY = Body("unpause", schema=ANY)

# Lifecycle

PAUSE = transition(
    "pause",
    Step("pausing", uniform(0.2, 1.0), event="compute_pause_instance", then=guests.pause),
    allowed=(ACTIVE,),
    to=State(PAUSED),
)
UNPAUSE = transition(
    "unpause",
    Step("unpausing", uniform(0.2, 1.0), event="compute_unpause_instance"),
    allowed=(PAUSED,),
    to=State(ACTIVE, RUNNING),
)

# Operations


def pause(ctx: Context, server: Any, body: Any) -> None:
    """Freeze a running server."""
    begin(ctx, PAUSE, server)


def unpause(ctx: Context, server: Any, body: Any) -> None:
    """Let a paused server go on."""
    begin(ctx, UNPAUSE, server)
