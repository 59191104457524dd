"""Start and stop: a server's power."""

from __future__ import annotations

from typing import Any

from emulator.compute.schemas import ANY
from emulator.compute.servers.lifecycle import begin, transition
from emulator.compute.servers.states import (
    ACTIVE,
    ERROR,
    RUNNING,
    SHUTDOWN,
    STOPPED,
    State,
)
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Step
from emulator.wire.request import Context
from emulator.wire.versioned import Body

# Schemas

START_BODY = Body("os-start", schema=ANY)
STOP_BODY = Body("os-stop", schema=ANY)

# Lifecycle

START = transition(
    "start",
    Step("powering-on", uniform(1.0, 3.0), event="compute_start_instance"),
    allowed=(STOPPED,),
    host=True,
    to=State(ACTIVE, RUNNING),
)
STOP = transition(
    "stop",
    Step("powering-off", uniform(1.0, 5.0), event="compute_stop_instance"),
    allowed=(ACTIVE, ERROR),
    host=True,
    to=State(STOPPED, SHUTDOWN),
)

# Operations


def start(ctx: Context, server: Any, body: Any) -> None:
    """Power a stopped server on (os-start)."""
    begin(ctx, START, server)


def stop(ctx: Context, server: Any, body: Any) -> None:
    """Power a server off (os-stop)."""
    begin(ctx, STOP, server)
