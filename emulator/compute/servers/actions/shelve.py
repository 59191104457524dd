"""Shelve and unshelve: a server becomes an image, leaves its host, and comes back."""

from __future__ import annotations

from typing import Any

from emulator.compute import availability_zones
from emulator.compute.schemas import ANY, NAME
from emulator.compute.servers import (
    interfaces,
    lifecycle,
    moves,
    placing,
    queries,
    volume_attachments,
)
from emulator.compute.servers.actions import snapshot
from emulator.compute.servers.actions.errors import (
    ComputeHostNotFound,
    HostNotInZone,
    UnshelveInvalidState,
    ZoneNotAvailable,
)
from emulator.compute.servers.deadlines import after, deadline
from emulator.compute.servers.lifecycle import begin, transition
from emulator.compute.servers.states import (
    ACTIVE,
    PAUSED,
    RUNNING,
    SHELVED,
    SHELVED_OFFLOADED,
    SHUTDOWN,
    STOPPED,
    SUSPENDED,
    State,
)
from emulator.compute.versions import UNSHELVE_TAKES_A_HOST, UNSHELVE_TAKES_A_ZONE
from emulator.image import snapshots
from emulator.placement import allocations
from emulator.simulation.durations import fixed, uniform
from emulator.simulation.transition import Arguments, Step
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Switch, either

# Schemas

SHELVE_BODY = Body("shelve", schema=ANY)
OFFLOAD_BODY = Body("shelveOffload", schema=ANY)
UNSHELVE_BODY = Body(
    "unshelve",
    schema=Switch(
        either(ANY, until="2.76"),
        either(
            {
                "type": ["object", "null"],
                "properties": {"availability_zone": NAME},
                "required": ["availability_zone"],
                "additionalProperties": False,
            },
            since="2.77",
            until="2.90",
        ),
        either(
            {
                "type": ["object", "null"],
                "properties": {
                    "availability_zone": {"type": ["string", "null"]},
                    "host": {"type": "string"},
                },
                "additionalProperties": False,
            },
            since="2.91",
        ),
    ),
)

# Effects


def put_away(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The server is shelved, its disk an image; it may stay on its host for a while."""
    snapshot.finish(ctx, server, arguments)
    queries.change(ctx, server["uuid"], vm_state=SHELVED, power_state=SHUTDOWN)
    if ctx.settings.shelved_offload_seconds > 0:
        after(ctx, ctx.settings.shelved_offload_seconds, AUTO_OFFLOAD, server)


def offload_by_itself(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Let a server that was shelved long enough leave its host."""
    if server["vm_state"] == SHELVED and server["task_state"] is None:
        lifecycle.start(ctx, OFFLOAD, server)


def offload(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The server leaves its host and gives back what it held of it."""
    allocations.release(ctx, server["uuid"])
    queries.change(
        ctx,
        server["uuid"],
        host=None,
        node=None,
        provider=None,
        availability_zone=None,
        power_state=SHUTDOWN,
    )
    interfaces.rebind(ctx, server["uuid"], None)


def choose_host(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Find a host for a server that has none, and claim it."""
    choice = moves.choose(ctx, server, host=arguments["host"])
    placing.claim(ctx, server, choice)
    queries.change(
        ctx,
        server["uuid"],
        host=choice.host,
        node=choice.node,
        provider=choice.provider_uuid,
        availability_zone=choice.zone,
    )
    interfaces.rebind(ctx, server["uuid"], choice.host)


def spawn(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The guest runs; the image it was shelved as is not needed any more."""
    queries.change(ctx, server["uuid"], launched_at=ctx.timestamp)
    volume_attachments.name_devices(ctx, server)
    forget_image(ctx, server, arguments)


def forget_image(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Delete the image that the server was shelved as."""
    name = f"{server['display_name']}-shelved"
    for image_id in snapshots.of_server(ctx, server["uuid"], name=name):
        snapshots.fail(ctx.at_service("image"), image_id)


# Lifecycle

EVENT = "compute_shelve_instance"
OFFLOAD_EVENT = "compute_shelve_offload_instance"
SHELVING = (
    Step("shelving", uniform(1.0, 3.0), event=EVENT),
    Step("shelving_image_pending_upload", fixed(0.2), event=EVENT, then=snapshot.upload),
    Step("shelving_image_uploading", snapshot.UPLOADING, event=EVENT, then=put_away),
)
STATES = (ACTIVE, STOPPED, PAUSED, SUSPENDED)
SHELVE = transition("shelve", *SHELVING, allowed=STATES, to=State(SHELVED, SHUTDOWN))
SHELVE_AND_OFFLOAD = transition(
    "shelve and offload",
    *SHELVING,
    Step("shelving_offloading", uniform(0.5, 1.5), event=EVENT, then=offload),
    allowed=STATES,
    called="shelve",
    record="shelve",
    to=State(SHELVED_OFFLOADED, SHUTDOWN),
)
SHELVE_VOLUME_BACKED = transition(
    "shelve volume-backed",
    Step("shelving", uniform(1.0, 2.0), event=OFFLOAD_EVENT),
    Step("shelving_offloading", uniform(0.5, 1.5), event=OFFLOAD_EVENT, then=offload),
    allowed=STATES,
    called="shelve",
    record="shelve",
    to=State(SHELVED_OFFLOADED, SHUTDOWN),
)
AUTO_OFFLOAD = deadline("offload a shelved server", offload_by_itself)
OFFLOAD = transition(
    "shelveOffload",
    Step("shelving_offloading", uniform(0.5, 1.5), event=OFFLOAD_EVENT, then=offload),
    allowed=(SHELVED,),
    to=State(SHELVED_OFFLOADED, SHUTDOWN),
)
UNSHELVE = transition(
    "unshelve",
    Step("unshelving", fixed(0.2), event="get_image_info"),
    Step("unshelving", fixed(0.3), event="schedule_instances", then=choose_host),
    Step("spawning", uniform(2.0, 5.0), event="compute_unshelve_instance", then=spawn),
    allowed=(SHELVED, SHELVED_OFFLOADED),
    to=State(ACTIVE, RUNNING),
)
UNSHELVE_VOLUME_BACKED = transition(
    "unshelve volume-backed",
    Step("unshelving", fixed(0.3), event="schedule_instances", then=choose_host),
    Step("spawning", uniform(2.0, 5.0), event="compute_unshelve_instance", then=spawn),
    allowed=(SHELVED_OFFLOADED,),
    called="unshelve",
    record="unshelve",
    to=State(ACTIVE, RUNNING),
)
UNSHELVE_IN_PLACE = transition(
    "unshelve in place",
    Step("unshelving", fixed(0.2)),
    Step("powering-on", uniform(1.0, 3.0), event="compute_start_instance", then=forget_image),
    allowed=(SHELVED,),
    called="unshelve",
    record="unshelve",
    to=State(ACTIVE, RUNNING),
)

# Operations


def shelve(ctx: Context, server: Any, body: Any) -> None:
    """Put a server away; it leaves its host at once, after a while, or not, as configured."""
    lifecycle.check(ctx, SHELVE, server)
    if not server["image_ref"]:
        lifecycle.start(ctx, SHELVE_VOLUME_BACKED, server)
        return
    name = f"{server['display_name']}-shelved"
    image_id = snapshot.make_image(ctx, server, name, "snapshot", {})
    offloads = ctx.settings.shelved_offload_seconds == 0
    change = SHELVE_AND_OFFLOAD if offloads else SHELVE
    lifecycle.start(ctx, change, server, image=image_id)


def shelve_offload(ctx: Context, server: Any, body: Any) -> None:
    """Let a shelved server leave its host."""
    begin(ctx, OFFLOAD, server)


def unshelve(ctx: Context, server: Any, body: Any) -> None:
    """Bring a server back: where it is, or on a host chosen again."""
    asked = body["unshelve"] if UNSHELVE_TAKES_A_ZONE in ctx else None
    asked = asked or {}
    host = (asked.get("host") or None) if UNSHELVE_TAKES_A_HOST in ctx else None
    lifecycle.check(ctx, UNSHELVE, server)
    if ("availability_zone" in asked or host) and server["vm_state"] != SHELVED_OFFLOADED:
        raise UnshelveInvalidState(instance_uuid=server["uuid"], state=server["vm_state"])
    zone = _zone(ctx, server, asked)
    if host:
        _check_host(ctx, host, zone)
    if server["vm_state"] == SHELVED:
        change = UNSHELVE_IN_PLACE
    else:
        change = UNSHELVE if server["image_ref"] else UNSHELVE_VOLUME_BACKED
    queries.change(ctx, server["uuid"], pinned_availability_zone=zone)
    lifecycle.start(ctx, change, server, host=host)


def _zone(ctx: Context, server: Any, asked: Any) -> str | None:
    """The zone the server is to be pinned to from now on."""
    if "availability_zone" not in asked:
        pinned: str | None = server["pinned_availability_zone"]
        return pinned
    zone: str | None = asked["availability_zone"]
    if zone and not availability_zones.exists(ctx, zone):
        raise ZoneNotAvailable()
    return zone


def _check_host(ctx: Context, host: str, zone: str | None) -> None:
    ctx.authorize("os_compute_api:os-shelve:unshelve_to_host")
    if moves.host_row(ctx, host) is None:
        raise ComputeHostNotFound(host=host)
    if zone and zone != moves.zone_of(ctx, host):
        raise HostNotInZone(host=host, availability_zone=zone)
