"""Evacuate: a server of a host that is down is made anew on another one."""

from __future__ import annotations

from typing import Any

from emulator.compute import migrations
from emulator.compute.schemas import ADMIN_PASSWORD, BOOLEAN, FQDN, truth
from emulator.compute.servers import lifecycle, moves, queries
from emulator.compute.servers.actions.errors import (
    ComputeServiceInUse,
    EvacuationHostNotFound,
    NoPasswordOnExistingDisk,
    NothingToForce,
    SameEvacuationHost,
)
from emulator.compute.servers.lifecycle import ANY, transition
from emulator.compute.servers.states import ACTIVE, ERROR, RUNNING, SHUTDOWN, STOPPED, State
from emulator.compute.versions import (
    EVACUATE_ASKS_THE_SCHEDULER,
    EVACUATE_RETURNS_NO_PASSWORD,
    EVACUATED_SERVERS_STAY_STOPPED,
)
from emulator.simulation.durations import fixed, uniform
from emulator.simulation.transition import Arguments, Step
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, prop

# Schemas

EVACUATE_BODY = Body(
    "evacuate",
    prop("host", FQDN),
    prop("onSharedStorage", BOOLEAN, required=True, until="2.13"),
    prop("adminPass", ADMIN_PASSWORD),
    prop("force", BOOLEAN, since="2.29", until="2.67"),
)

# Effects


def choose_host(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Find a host and claim it; what the server held of the dead one is held by the migration."""
    choice = moves.choose(
        ctx,
        server,
        ignore=[server["host"]],
        host=arguments["host"],
        forced=arguments["forced"],
    )
    moves.set_out(ctx, server, arguments["migration"], choice)
    migrations.change(ctx, arguments["migration"]["id"], status="pre-migrating")


def spawn(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The server is on its new host, in the state it had or stopped."""
    migration = migrations.get(ctx, arguments["migration"]["id"])
    moves.arrive(ctx, server, migration)
    stays_stopped = server["vm_state"] == STOPPED
    queries.change(
        ctx,
        server["uuid"],
        vm_state=STOPPED if stays_stopped else ACTIVE,
        power_state=SHUTDOWN if stays_stopped else RUNNING,
        launched_at=ctx.timestamp,
    )
    migrations.change(ctx, migration["id"], status="done")


def undo(ctx: Context, server: Any, arguments: Arguments) -> None:
    """No host would do: the server stays on the dead one."""
    moves.take_back(ctx, server, arguments["migration"])
    migrations.change(ctx, arguments["migration"]["id"], status="error")


# Lifecycle

REBUILD_EVENT = "compute_rebuild_instance"
STEPS = (
    Step("rebuilding", fixed(0.2), event="rebuild_server", then=choose_host),
    Step("rebuilding", fixed(0.5), event=REBUILD_EVENT),
    Step("rebuild_block_device_mapping", fixed(0.3), event=REBUILD_EVENT),
    Step("rebuild_spawning", uniform(2.0, 5.0), event=REBUILD_EVENT, then=spawn),
)
EVACUATE = transition(
    "evacuate",
    *STEPS,
    allowed=(ACTIVE, STOPPED, ERROR),
    tasks=ANY,
    lock=False,
    ends=(ACTIVE, STOPPED),
    fails_to=State(ERROR),
    undo=undo,
)
EVACUATE_STOPPED = transition(
    "evacuate and stop",
    *STEPS,
    Step("powering-off", uniform(0.5, 1.0), event="compute_stop_instance"),
    allowed=(ACTIVE, STOPPED, ERROR),
    tasks=ANY,
    lock=False,
    called="evacuate",
    record="evacuate",
    to=State(STOPPED, SHUTDOWN),
    fails_to=State(ERROR),
    undo=undo,
)

# Operations


def evacuate(ctx: Context, server: Any, body: Any) -> Reply:
    """Make a server of a host that is down anew; below 2.14 the answer has its password."""
    wanted = body["evacuate"]
    host, forced = wanted.get("host"), truth(wanted.get("force", False))
    if forced and not host:
        raise NothingToForce()
    shared = truth(wanted.get("onSharedStorage", False))
    if shared and "adminPass" in wanted:
        raise NoPasswordOnExistingDisk()
    password = wanted.get("adminPass") or (None if shared else ctx.ids.password())
    if host is not None and moves.host_row(ctx, host) is None:
        raise EvacuationHostNotFound(host=host)
    if host is not None and host == server["host"]:
        raise SameEvacuationHost()
    change = EVACUATE_STOPPED if EVACUATED_SERVERS_STAY_STOPPED in ctx else EVACUATE
    lifecycle.check(ctx, change, server)
    if server["host"] and lifecycle.is_up(ctx, server["host"]):
        raise ComputeServiceInUse(host=server["host"])
    migration = migrations.record(ctx, server, migrations.EVACUATION, "accepted", dest_compute=host)
    straight = forced or EVACUATE_ASKS_THE_SCHEDULER not in ctx
    lifecycle.start(ctx, change, server, migration=migration, host=host, forced=straight)
    if EVACUATE_RETURNS_NO_PASSWORD in ctx:
        return Reply(200)
    return Reply(200, {"adminPass": password})
