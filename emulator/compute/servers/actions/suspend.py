"""Suspend and resume: a server's memory goes to disk and comes back."""

from __future__ import annotations

from typing import Any

from emulator.compute.schemas import ANY
from emulator.compute.servers import guests
from emulator.compute.servers.lifecycle import begin, transition
from emulator.compute.servers.states import ACTIVE, RUNNING, SUSPENDED, State
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Step
from emulator.wire.request import Context
from emulator.wire.versioned import Body

# Schemas

SUSPEND_BODY = Body("suspend", schema=ANY)
RESUME_BODY = Body("resume", schema=ANY)

# Lifecycle

SUSPEND = transition(
    "suspend",
    Step("suspending", uniform(1.0, 3.0), event="compute_suspend_instance", then=guests.suspend),
    allowed=(ACTIVE,),
    to=State(SUSPENDED),
)
RESUME = transition(
    "resume",
    Step("resuming", uniform(1.0, 3.0), event="compute_resume_instance"),
    allowed=(SUSPENDED,),
    to=State(ACTIVE, RUNNING),
)

# Operations


def suspend(ctx: Context, server: Any, body: Any) -> None:
    """Put a running server to sleep."""
    begin(ctx, SUSPEND, server)


def resume(ctx: Context, server: Any, body: Any) -> None:
    """Wake a suspended server."""
    begin(ctx, RESUME, server)
