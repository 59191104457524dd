"""Resize: a server moves to another flavor and mostly another host, until it is confirmed."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.compute import flavors, migrations, quotas
from emulator.compute.errors import FlavorNotFound
from emulator.compute.schemas import ANY, DISK_CONFIG, FLAVOR_REF
from emulator.compute.servers import guests, lifecycle, moves, processors, queries, sizes
from emulator.compute.servers.actions.errors import (
    CannotResizeDisk,
    HostUnreachable,
    NotResized,
    SameFlavor,
)
from emulator.compute.servers.deadlines import after, deadline
from emulator.compute.servers.lifecycle import transition
from emulator.compute.servers.states import ACTIVE, RESIZED, RUNNING, SHUTDOWN, STOPPED, State
from emulator.errors import BadInput, TransitionFailed
from emulator.placement import allocations
from emulator.simulation.durations import fixed, uniform
from emulator.simulation.transition import Arguments, Step
from emulator.wire.request import Context
from emulator.wire.versioned import Body, prop

# Schemas

RESIZE_BODY = Body(
    "resize", prop("flavorRef", FLAVOR_REF, required=True), prop("OS-DCF:diskConfig", DISK_CONFIG)
)
CONFIRM_BODY = Body("confirmResize", schema=ANY)
REVERT_BODY = Body("revertResize", schema=ANY)

# Effects


def choose_host(ctx: Context, server: Any, arguments: Arguments) -> dict[str, Any]:
    """Find a host for the new size and claim it; the migration record begins."""
    size = arguments["size"]
    choice = moves.choose(
        ctx, server, size=size, ignore=arguments["ignore"], host=arguments.get("host")
    )
    migration = migrations.record(
        ctx,
        server,
        arguments["type"],
        "pre-migrating",
        old_flavor_id=server["flavor_id"],
        new_flavor_id=size["flavor_id"],
        user_id=arguments["user_id"],
        project_id=arguments["project_id"],
    )
    moves.set_out(ctx, server, migration, choice)
    return {"migration": migration}


def leave_host(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The source host begins to copy the disk."""
    migrations.change(ctx, arguments["migration"]["id"], status="migrating")


def copy_disk(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The disk is on the other host, and so is the server. A libvirt disk does not shrink."""
    if guests.of(ctx, server).disks_only_grow and arguments["size"]["root_gb"] < server["root_gb"]:
        raise TransitionFailed(
            "Instance rollback performed due to: Resize error: Unable to resize disk down."
        )
    migration = migrations.get(ctx, arguments["migration"]["id"])
    moves.arrive(ctx, server, migration)
    migrations.change(ctx, migration["id"], status="post-migrating")


def take_new_flavor(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The guest runs at its new size; the old one is kept for a revert."""
    moves.take_size(ctx, server, arguments["size"])
    queries.change(
        ctx,
        server["uuid"],
        old_flavor=moves.packed(moves.size_of(server)),
        old_vm_state=server["vm_state"],
        launched_at=ctx.timestamp,
    )
    migration_id = arguments["migration"]["id"]
    migrations.change(ctx, migration_id, status="finished")
    window = ctx.settings.resize_confirm_window_seconds
    if window > 0:
        after(ctx, window, AUTO_CONFIRM, server, migration=migration_id)


def confirm_by_itself(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Confirm a resize that nobody has confirmed or reverted."""
    migration = migrations.get(ctx, arguments["migration"])
    if server["vm_state"] == RESIZED and migration["status"] == "finished":
        confirm(ctx, server, None)


def undo(ctx: Context, server: Any, arguments: Arguments) -> None:
    """A resize failed: the server holds what it held, the record says error."""
    if "migration" in arguments:
        moves.take_back(ctx, server, arguments["migration"])
        migrations.change(ctx, arguments["migration"]["id"], status="error")


def free_old_host(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The server stays what it became; the host it left is free of it."""
    migration = migrations.get(ctx, arguments["migration"])
    allocations.release(ctx, migration["uuid"])
    stopped = server["power_state"] == SHUTDOWN
    _end(ctx, server, STOPPED if stopped else ACTIVE, server["power_state"])
    migrations.change(ctx, migration["id"], status="confirmed")


def go_back(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The server has its old flavor on its old host again."""
    migration = migrations.get(ctx, arguments["migration"])
    moves.take_size(ctx, server, moves.unpacked(server["old_flavor"]))
    moves.go_back(ctx, server, migration)
    if server["old_vm_state"] == STOPPED:
        _end(ctx, server, STOPPED, SHUTDOWN)
    else:
        _end(ctx, server, ACTIVE, RUNNING)
    queries.change(ctx, server["uuid"], launched_at=ctx.timestamp)
    migrations.change(ctx, migration["id"], status="reverted")


def _end(ctx: Context, server: Any, vm_state: str, power_state: int) -> None:
    queries.change(
        ctx,
        server["uuid"],
        vm_state=vm_state,
        power_state=power_state,
        old_flavor=None,
        old_vm_state=None,
    )


# Lifecycle

STEPS = (
    Step("resize_prep", fixed(0.1), event="conductor_migrate_server"),
    Step("resize_prep", fixed(0.2), event="cold_migrate", then=choose_host),
    Step("resize_prep", uniform(0.5, 1.0), event="compute_prep_resize", then=leave_host),
    Step("resize_migrating", uniform(2.0, 6.0), event="compute_resize_instance", then=copy_disk),
    Step("resize_migrated", fixed(0.3), event="compute_resize_instance"),
    Step("resize_finish", uniform(1.0, 3.0), event="compute_finish_resize", then=take_new_flavor),
)
RESIZE = transition(
    "resize",
    *STEPS,
    allowed=(ACTIVE, STOPPED),
    up=True,
    to=State(RESIZED),
    undo=undo,
)
AUTO_CONFIRM = deadline("confirm a resize", confirm_by_itself)
CONFIRM = transition(
    "confirmResize",
    Step(None, uniform(0.5, 1.0), event="compute_confirm_resize", then=free_old_host),
    allowed=(RESIZED,),
    ends=(ACTIVE, STOPPED),
)
REVERT = transition(
    "revertResize",
    Step("resize_reverting", uniform(0.5, 1.5), event="compute_revert_resize"),
    Step("resize_reverting", uniform(0.5, 1.5), event="compute_finish_revert_resize", then=go_back),
    allowed=(RESIZED,),
    ends=(ACTIVE, STOPPED),
)

# Operations


def resize(ctx: Context, server: Any, body: Any) -> None:
    """Move a server to another flavor; the client must then confirm or revert."""
    wanted = body["resize"]
    lifecycle.check(ctx, RESIZE, server)
    disk_config = wanted.get("OS-DCF:diskConfig")
    size = new_size(ctx, server, str(wanted["flavorRef"]))
    queries.change(ctx, server["uuid"], auto_disk_config=int(disk_config == "AUTO"), progress=0)
    lifecycle.start(
        ctx,
        RESIZE,
        server,
        size=size,
        type=migrations.RESIZE,
        ignore=[] if ctx.settings.allow_resize_to_same_host else [server["host"]],
        user_id=ctx.user_id,
        project_id=ctx.project_id,
    )


def new_size(ctx: Context, server: Any, flavor_ref: str) -> dict[str, Any]:
    """Return the columns of the flavor asked for, when the server may have it.

    Nova 34.0.0, compute.api.API.resize: disk, flavor, quota and image are asked in this order.
    """
    try:
        flavor = flavors.find(ctx, flavor_ref)
    except FlavorNotFound as unknown:
        raise BadInput(unknown.message) from None
    size = queries.flavor_columns(flavor)
    if size["root_gb"] == 0 != server["root_gb"] and server["image_ref"]:
        raise CannotResizeDisk(reason="Resize to zero disk flavor is not allowed.")
    if flavor["disabled"]:
        raise BadInput(f"Flavor {flavor_ref} could not be found.")
    if size["flavor_id"] == server["flavor_id"]:
        raise SameFlavor()
    _check_quota(ctx, server, size)
    if server["image_ref"]:
        _check_image(ctx, server, flavor)
    return size


def _check_image(ctx: Context, server: Any, flavor: Any) -> None:
    """Hold the flavor against what the server keeps of its image: a disk does not shrink."""
    kept = orjson.loads(server["system_metadata"])
    if "min_disk" in kept:
        sizes.check(ctx, {**kept, "status": "active", "size": 0}, {}, flavor, None)
        processors.check(flavor, kept["image"])


def _check_quota(ctx: Context, server: Any, size: dict[str, Any]) -> None:
    """Hold what grows against the quotas; nothing is asked when nothing does."""
    deltas = {
        "cores": size["vcpus"] - server["vcpus"],
        "ram": size["memory_mb"] - server["memory_mb"],
    }
    growing = {name: delta for name, delta in deltas.items() if delta > 0}
    if growing:
        quotas.check(ctx, server["project_id"], server["user_id"], growing)


def confirm(ctx: Context, server: Any, body: Any) -> None:
    """Keep the new flavor."""
    lifecycle.check(ctx, CONFIRM, server)
    migration = _finished(ctx, server)
    if not lifecycle.is_up(ctx, migration["source_compute"]):
        raise HostUnreachable()
    migrations.change(ctx, migration["id"], status="confirming")
    lifecycle.start(ctx, CONFIRM, server, migration=migration["id"])


def revert(ctx: Context, server: Any, body: Any) -> None:
    """Go back to the old flavor and the old host."""
    lifecycle.check(ctx, REVERT, server)
    migration = _finished(ctx, server)
    _check_quota(ctx, server, moves.unpacked(server["old_flavor"]))
    migrations.change(ctx, migration["id"], status="reverting")
    lifecycle.start(ctx, REVERT, server, migration=migration["id"])


def _finished(ctx: Context, server: Any) -> Any:
    """The resize or cold migration that waits for a decision. NotResized when there is none."""
    migration = migrations.newest(ctx, server["uuid"], "finished")
    if migration is None or server["old_flavor"] is None:
        raise NotResized()
    return migration
