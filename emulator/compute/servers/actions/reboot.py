"""Reboot: softly by asking the guest, hard by pulling the plug."""

from __future__ import annotations

from typing import Any

from emulator.compute.servers.lifecycle import begin, transition
from emulator.compute.servers.states import (
    ACTIVE,
    ERROR,
    PAUSED,
    RUNNING,
    STOPPED,
    SUSPENDED,
    State,
)
from emulator.simulation.durations import fixed, uniform
from emulator.simulation.transition import Step
from emulator.wire.request import Context
from emulator.wire.versioned import Body, prop

# Schemas

REBOOT_BODY = Body(
    "reboot",
    prop(
        "type",
        {"type": "string", "enum": ["HARD", "Hard", "hard", "SOFT", "Soft", "soft"]},
        required=True,
    ),
)

# Lifecycle

EVENT = "compute_reboot_instance"
SOFT = transition(
    "reboot",
    Step("rebooting", fixed(0.1), event=EVENT),
    Step("reboot_pending", fixed(0.1), event=EVENT),
    Step("reboot_started", uniform(1.0, 4.0), event=EVENT),
    allowed=(ACTIVE,),
    to=State(ACTIVE, RUNNING),
)
HARD = transition(
    "hard reboot",
    Step("rebooting_hard", fixed(0.1), event=EVENT),
    Step("reboot_pending_hard", fixed(0.1), event=EVENT),
    Step("reboot_started_hard", uniform(1.0, 5.0), event=EVENT),
    allowed=(ACTIVE, STOPPED, PAUSED, SUSPENDED, ERROR),
    tasks=(
        None,
        "rebooting",
        "reboot_pending",
        "reboot_started",
        "rebooting_hard",
        "resuming",
        "unpausing",
        "pausing",
        "suspending",
    ),
    called="reboot",
    record="reboot",
    to=State(ACTIVE, RUNNING),
)

# Operations


def reboot(ctx: Context, server: Any, body: Any) -> None:
    """Start a server anew."""
    begin(ctx, HARD if body["reboot"]["type"].upper() == "HARD" else SOFT, server)
