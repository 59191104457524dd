"""How a server goes: its guest, ports, disks and claim; the row stays, marked as deleted."""

from __future__ import annotations

from typing import Any

from emulator.compute import migrations, quotas
from emulator.compute.servers import (
    guests,
    instance_actions,
    networking,
    queries,
    volume_attachments,
)
from emulator.compute.servers.deadlines import after, deadline
from emulator.compute.servers.lifecycle import check_lock, is_up, start, transition
from emulator.compute.servers.states import DELETED, NOSTATE, RESIZED, SOFT_DELETED, State
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
    if server["vm_state"] != SOFT_DELETED:
        count(ctx, server, -1)


def count(ctx: Context, server: Any, sign: int) -> None:
    """Count a server in its project's quotas, or with -1 no more."""
    quotas.add_usage(
        ctx,
        server["project_id"],
        server["user_id"],
        sign,
        sign * server["vcpus"],
        sign * server["memory_mb"],
    )


def put_aside(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The server is deleted and can be restored for a while; it counts no more."""
    guests.put_aside(ctx, server, arguments)
    count(ctx, server, -1)
    after(ctx, ctx.settings.reclaim_seconds, RECLAIM, server)


def reclaim(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Let a server go for good that nobody restored."""
    if server["vm_state"] == SOFT_DELETED and server["task_state"] is None:
        remove(ctx, server)


# Lifecycle

RECLAIM = deadline("reclaim a deleted server", reclaim)
SOFT_DELETE = transition(
    "soft_delete",
    Step("soft-deleting", uniform(0.5, 2.0), event="compute_soft_delete_instance", then=put_aside),
    tasks=None,
    record="delete",
    to=State(SOFT_DELETED),
)

DELETE = transition(
    "delete",
    Step("deleting", uniform(0.5, 2.0), event="compute_terminate_instance", then=remove),
    tasks=None,
    launched=False,
    to=State(DELETED, NOSTATE),
)

# Operations


def delete(ctx: Context, server: Any) -> None:
    """Delete a server: at once when it is on no host, else by the clock.

    Where deleted servers can be restored, one that has run once waits for that.
    """
    check_lock(ctx, server)
    if server["task_state"] in ("deleting", "soft-deleting"):
        return
    waits = ctx.settings.reclaim_seconds > 0 and server["vm_state"] != SOFT_DELETED
    if waits and server["launched_at"] and server["host"]:
        _confirm_resize(ctx, server)
        start(ctx, SOFT_DELETE, server)
    else:
        begin(ctx, server)


def begin(ctx: Context, server: Any) -> None:
    """Let a server go whose checks were made: at once where no host is there to be asked."""
    ctx.engine.cancel("server", server["uuid"])
    _confirm_resize(ctx, server)
    if server["host"] and is_up(ctx, server["host"]):
        start(ctx, DELETE, server)
    else:
        remove(ctx, server)


def _confirm_resize(ctx: Context, server: Any) -> None:
    """A server that was resized leaves its old host for good before it goes."""
    if server["vm_state"] == RESIZED:
        instance_actions.note(ctx, server, "confirmResize", "compute_confirm_resize")
