"""How a server goes: its guest, ports, disks and claim; the row stays, marked as deleted."""

from __future__ import annotations

from typing import Any

from emulator.compute import migrations, quotas
from emulator.compute.servers import networking, queries, volume_attachments
from emulator.compute.servers.lifecycle import check_lock, start, transition
from emulator.compute.servers.states import DELETED, NOSTATE, State
from emulator.placement import allocations
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Step
from emulator.wire.request import Context


def remove(ctx: Context, server: Any, arguments: Arguments | None = None) -> None:
    """Take everything from a server and mark it as deleted (an effect, too)."""
    uuid = server["uuid"]
    networking.release(ctx, uuid)
    allocations.release(ctx, uuid)
    migrations.let_go(ctx, uuid)
    volume_attachments.release(ctx, uuid)
    queries.change(
        ctx,
        uuid,
        vm_state=DELETED,
        task_state=None,
        power_state=NOSTATE,
        deleted=1,
        deleted_at=ctx.timestamp,
        terminated_at=ctx.timestamp,
    )
    quotas.add_usage(
        ctx,
        server["project_id"],
        server["user_id"],
        -1,
        -server["vcpus"],
        -server["memory_mb"],
    )


# Lifecycle

DELETE = transition(
    "delete",
    Step("deleting", uniform(0.5, 2.0), event="compute_terminate_instance", then=remove),
    tasks=None,
    launched=False,
    to=State(DELETED, NOSTATE),
)

# Operations


def delete(ctx: Context, server: Any) -> None:
    """Delete a server: at once when it is on no host, else by the clock."""
    check_lock(ctx, server)
    if server["task_state"] == "deleting":
        return
    begin(ctx, server)


def begin(ctx: Context, server: Any) -> None:
    """Let a server go whose checks were made."""
    ctx.engine.cancel("server", server["uuid"])
    if server["host"]:
        start(ctx, DELETE, server)
    else:
        remove(ctx, server)
