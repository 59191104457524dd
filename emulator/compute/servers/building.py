"""How a server comes to be: a host, ports, disks, a running guest; or ERROR where none has room."""

from __future__ import annotations

from typing import Any

from emulator.compute import nodes
from emulator.compute.servers import networking, placing, queries, volumes
from emulator.compute.servers.lifecycle import transition
from emulator.compute.servers.states import ACTIVE, BUILDING, ERROR, RUNNING, State
from emulator.placement import allocations
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Effect, Step, Transition
from emulator.wire.request import Context

BUILD_EVENT = "compute__do_build_and_run_instance"
SCHEDULE_EVENT = "conductor_schedule_and_build_instances"

# Effects


def give_ports(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Make the server's ports, or claim those it was given."""
    networking.allocate(ctx, server)


def attach_disks(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Make the volumes the server asked for, attach all, name every disk."""
    volumes.attach(ctx, server)


def give_back(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Take back host and ports of a server whose building failed; it counts against the host.

    Its root disk keeps the name that it had by then (Nova 34.0.0).
    """
    if server["host"]:
        nodes.count_failed_build(ctx, server["host"])
    networking.release(ctx, server["uuid"])
    allocations.release(ctx, server["uuid"])
    queries.change(
        ctx,
        server["uuid"],
        host=None,
        node=None,
        provider=None,
        availability_zone=server["pinned_availability_zone"],
    )


# Lifecycle


def _building(name: str, attach: Effect | None = None) -> Transition:
    """The way from an order to a running server; `attach` gives it disks beside its root disk."""
    return transition(
        name,
        Step(
            "scheduling",
            uniform(0.2, 0.6),
            then=placing.schedule,
            together=placing.schedule_together,
        ),
        Step(
            "networking",
            uniform(0.5, 1.5),
            event=BUILD_EVENT,
            then=give_ports,
            together=networking.allocate_together,
        ),
        Step("block_device_mapping", uniform(0.2, 0.5), event=BUILD_EVENT, then=attach),
        Step("spawning", uniform(2.0, 5.0), event=BUILD_EVENT),
        allowed=(BUILDING,),
        launched=False,
        launches=True,
        blames=SCHEDULE_EVENT,
        undo=give_back,
        record="create",
        to=State(ACTIVE, RUNNING),
        fails_to=State(ERROR),
    )


CREATE = _building("create")
CREATE_WITH_DISKS = _building("create_with_disks", attach_disks)
