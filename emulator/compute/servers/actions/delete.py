"""forceDelete and restore: a server goes at once, or comes back from where deleted ones wait."""

from __future__ import annotations

from typing import Any

from emulator.compute import quotas
from emulator.compute.schemas import ANY
from emulator.compute.servers import guests, lifecycle, removal
from emulator.compute.servers.lifecycle import check_lock, transition
from emulator.compute.servers.states import ACTIVE, SOFT_DELETED, State
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Step
from emulator.wire.request import Context
from emulator.wire.versioned import Body

# Schemas

FORCE_BODY = Body("forceDelete", schema=ANY)
RESTORE_BODY = Body("restore", schema=ANY)

# Effects


def count_again(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The server runs, and counts in its project's quotas, again."""
    guests.take_back(ctx, server, arguments)
    removal.count(ctx, server, 1)


# Lifecycle

RESTORE = transition(
    "restore",
    Step("restoring", uniform(0.5, 1.5), event="compute_restore_instance", then=count_again),
    allowed=(SOFT_DELETED,),
    lock_named=False,
    to=State(ACTIVE),
)

# Operations


def force_delete(ctx: Context, server: Any, body: Any) -> None:
    """Delete a server now, also one that waits to be restored."""
    check_lock(ctx, server)
    if server["task_state"] != "deleting":
        removal.begin(ctx, server)


def restore(ctx: Context, server: Any, body: Any) -> None:
    """Bring a deleted server back before it is gone for good; there must be quota for it."""
    lifecycle.check(ctx, RESTORE, server)
    deltas = {"instances": 1, "cores": server["vcpus"], "ram": server["memory_mb"]}
    quotas.check(ctx, server["project_id"], server["user_id"], deltas)
    lifecycle.start(ctx, RESTORE, server)
