"""What administrators do to a server from outside: set its state, dump its memory."""

from __future__ import annotations

from typing import Any

from emulator.compute.schemas import ANY, NULL
from emulator.compute.servers import instance_actions, queries
from emulator.compute.servers.actions.errors import ActionGone
from emulator.compute.servers.lifecycle import begin, check_lock, transition
from emulator.compute.servers.states import ACTIVE, ERROR, PAUSED, RESCUED, RESIZED
from emulator.simulation.transition import Step
from emulator.wire.request import Context
from emulator.wire.versioned import Body, prop

# Schemas

RESET_BODY = Body(
    "os-resetState", prop("state", {"type": "string", "enum": ["active", "error"]}, required=True)
)
INJECT_BODY = Body("injectNetworkInfo", schema=ANY)
DUMP_BODY = Body("trigger_crash_dump", schema=NULL)

# Lifecycle

DUMP = transition(
    "trigger_crash_dump",
    Step(None, event="compute_trigger_crash_dump"),
    allowed=(ACTIVE, PAUSED, RESCUED, RESIZED, ERROR),
    host=True,
)

# Operations


def reset_state(ctx: Context, server: Any, body: Any) -> None:
    """Say that a server is active or in error, whatever it was in the middle of.

    One that is being deleted is deleted nevertheless.
    """
    if server["task_state"] != "deleting":
        ctx.engine.cancel("server", server["uuid"])
    queries.change(
        ctx,
        server["uuid"],
        vm_state=ACTIVE if body["os-resetState"]["state"] == "active" else ERROR,
        task_state=None,
    )
    instance_actions.note(ctx, server, "resetState")


def inject_network_info(ctx: Context, server: Any, body: Any) -> None:
    """Do nothing, as no driver does any more."""
    check_lock(ctx, server)


def gone(ctx: Context, **arguments: Any) -> None:
    """Refuse what Nova no longer has."""
    raise ActionGone()


def crash_dump(ctx: Context, server: Any, body: Any) -> None:
    """Let a server's kernel dump its memory."""
    begin(ctx, DUMP, server)
