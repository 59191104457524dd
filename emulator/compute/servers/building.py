"""How a server comes to be: a host, ports, disks, a running guest; or ERROR where none has room."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.compute import scheduler
from emulator.compute.errors import NoValidHost
from emulator.compute.servers import guests, networking, queries, volumes
from emulator.compute.servers.lifecycle import transition
from emulator.compute.servers.states import ACTIVE, BUILDING, ERROR, RUNNING, State
from emulator.placement import allocations
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Effect, Step, Transition
from emulator.wire.request import Context

BUILD_EVENT = "compute__do_build_and_run_instance"
SCHEDULE_EVENT = "conductor_schedule_and_build_instances"
MIB_PER_GIB = 1024

# Effects


def schedule(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Choose a host and claim what the server needs of it; of several servers all, or none."""
    if server["host"]:
        return
    if not arguments.get("several"):
        _place(ctx, server, arguments)
        return
    together = queries.of_reservation(ctx, server)
    for each in together:
        if each["vm_state"] == ERROR:
            raise NoValidHost(reason="")
    for each in together:
        _place(ctx, each, arguments)


def _place(ctx: Context, server: Any, arguments: Arguments) -> None:
    choice = scheduler.select(ctx, spec_of(ctx, server, arguments))
    allocations.claim(
        ctx,
        server["uuid"],
        choice.provider_uuid,
        choice.resources,
        server["project_id"],
        server["user_id"],
        others=choice.others,
    )
    ctx.db.update(
        queries.TABLE,
        server["uuid"],
        "uuid",
        host=choice.host,
        node=choice.node,
        provider=choice.provider_uuid,
        availability_zone=choice.zone,
        root_device_name=f"{guests.of(ctx, {'node': choice.node}).disks}a",
    )


def spec_of(ctx: Context, server: Any, arguments: Arguments) -> scheduler.Spec:
    """Return what the scheduler is told about a server that is placed for the first time.

    `arguments` may name a requested_host and requested_node, a forced_host and forced_node.
    """
    flavor, hints = orjson.loads(server["flavor"]), orjson.loads(server["scheduler_hints"])
    return scheduler.Spec(
        vcpus=server["vcpus"],
        memory_mb=server["memory_mb"],
        disk_gb=disk_gb(server, flavor),
        extra_specs=flavor["extra_specs"],
        image_properties=orjson.loads(server["image_properties"]),
        availability_zone=server["pinned_availability_zone"],
        requested_host=arguments.get("requested_host"),
        requested_node=arguments.get("requested_node"),
        forced_host=arguments.get("forced_host"),
        forced_node=arguments.get("forced_node"),
        different_host=_hosts(ctx, hints.get("different_host")),
        same_host=_hosts(ctx, hints.get("same_host")),
        group=group_of(ctx, server),
    )


def disk_gb(server: Any, flavor: Any) -> int:
    """Return the GiB that a server takes of its host: no root disk when it boots from a volume."""
    swap = -(-flavor["swap"] // MIB_PER_GIB)
    root = flavor["disk"] if server["image_ref"] else 0
    size: int = root + flavor["ephemeral"] + swap
    return size


def _hosts(ctx: Context, server_ids: Any) -> list[str]:
    if not server_ids:
        return []
    given = [server_ids] if isinstance(server_ids, str) else server_ids
    return queries.hosts_of(ctx, given)


def group_of(ctx: Context, server: Any) -> scheduler.Group | None:
    """Return the server's group as the scheduler takes it, None when it is in none."""
    if not server["server_group"]:
        return None
    group = ctx.db.get("compute_server_groups", server["server_group"], "uuid")
    if group is None:
        return None
    members = queries.members_by_host(ctx, group["uuid"], but=server["uuid"])
    per_host = orjson.loads(group["rules"]).get("max_server_per_host", 1)
    return scheduler.Group(group["policy"], members, int(per_host))


def give_ports(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Make the server's ports, or claim those it was given."""
    networking.allocate(ctx, server)


def attach_disks(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Make the volumes the server asked for, attach all, name every disk."""
    volumes.attach(ctx, server)


def give_back(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Take back host and ports of a server whose building failed."""
    networking.release(ctx, server["uuid"])
    allocations.release(ctx, server["uuid"])
    queries.change(
        ctx,
        server["uuid"],
        host=None,
        node=None,
        provider=None,
        root_device_name=None,
        availability_zone=server["pinned_availability_zone"],
    )


# Lifecycle


def _building(name: str, attach: Effect | None = None) -> Transition:
    """The way from an order to a running server; `attach` gives it disks beside its root disk."""
    return transition(
        name,
        Step("scheduling", uniform(0.2, 0.6), then=schedule),
        Step("networking", uniform(0.5, 1.5), event=BUILD_EVENT, then=give_ports),
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
