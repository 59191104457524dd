"""Volumes attached to a server: attach, detach, swap, and what is shown of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.compute.errors import InstanceInvalidState
from emulator.compute.schemas import BOOLEAN, NON_NEGATIVE, TAG, UNKNOWN_UNTIL_274, UUID, truth
from emulator.compute.servers import facts, guests, instance_actions
from emulator.compute.servers.actions.errors import (
    DevicePathInUse,
    MultiattachNotSupported,
    MultiattachToShelved,
    NotAttached,
    NotMutable,
    RootDeviceStays,
    TaggedAttachToShelved,
    VolumeAlreadyAttached,
    VolumeNotFound,
    VolumeNotMigrating,
)
from emulator.compute.servers.lifecycle import check_host_is_up, check_lock, check_state
from emulator.compute.servers.states import (
    ACTIVE,
    PAUSED,
    RESIZED,
    SHELVED,
    SHELVED_OFFLOADED,
    SOFT_DELETED,
    STOPPED,
)
from emulator.compute.versions import (
    ATTACHMENTS_CAN_BE_CHANGED,
    ATTACHMENTS_HAVE_IDS,
    SHELVED_SERVERS_TAKE_VOLUMES,
    VOLUMES_ATTACH_IN_THE_BACKGROUND,
    VOLUMES_MULTIATTACH,
)
from emulator.errors import BadInput, EmulatorError
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Machine, Step, Transition
from emulator.volume import attachments
from emulator.volume.volumes import operations as volume_operations
from emulator.volume.volumes import queries as volumes
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Query, View, field, param, prop

TABLE = "compute_block_devices"
ATTACHED_IN = (ACTIVE, PAUSED, STOPPED, RESIZED, SOFT_DELETED, SHELVED, SHELVED_OFFLOADED)
LETTERS = "abcdefghijklmnopqrstuvwxyz"

# Schemas

DEVICE = {"type": ["string", "null"], "pattern": "(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$"}
CREATE = Body(
    "volumeAttachment",
    prop("volumeId", UUID, required=True),
    prop("device", DEVICE),
    prop("tag", TAG, since="2.49"),
    prop("delete_on_termination", BOOLEAN, since="2.79"),
)
UPDATE = Body(
    "volumeAttachment",
    prop("volumeId", UUID, required=True),
    prop("device", DEVICE, since="2.85"),
    prop("tag", TAG, since="2.85"),
    prop("delete_on_termination", BOOLEAN, since="2.85"),
    prop("serverId", UUID, since="2.85"),
    prop("id", UUID, since="2.85"),
)
LIST = Query(param("limit", NON_NEGATIVE), param("offset", NON_NEGATIVE), unknown=UNKNOWN_UNTIL_274)

# View

KEEPS = field(
    "delete_on_termination", lambda row, ctx: bool(row["delete_on_termination"]), since="2.79"
)
ATTACHED = View(
    field("id", column="volume_id"),
    field("volumeId", column="volume_id"),
    field("serverId", column="server_uuid"),
    field("device", column="device_name"),
    field("tag", since="2.70"),
    KEEPS,
)
ATTACHMENT = View(
    field("id", column="volume_id", until="2.88"),
    field("volumeId", column="volume_id"),
    field("serverId", column="server_uuid"),
    field("device", column="device_name", when=lambda row, ctx: bool(row["device_name"])),
    field("tag", since="2.70"),
    KEEPS,
    field("attachment_id", since="2.89"),
    field("bdm_uuid", column="uuid", since="2.89"),
)

# Queries


def rows(ctx: Context, server_uuid: str) -> list[Any]:
    """Return the block devices of a server, in the order they came."""
    return ctx.db.all(f"SELECT * FROM {TABLE} WHERE server_uuid = ? ORDER BY id", (server_uuid,))


def _of_volume(ctx: Context, volume_id: str) -> list[Any]:
    return ctx.db.all(f"SELECT * FROM {TABLE} WHERE volume_id = ? ORDER BY id", (volume_id,))


def _find(ctx: Context, server: Any, volume_id: str) -> Any:
    """The block device that a volume is to a server. NotAttached when it is none."""
    for row in _of_volume(ctx, volume_id):
        if row["server_uuid"] == server["uuid"]:
            return row
    raise NotAttached(instance=server["uuid"], volume=volume_id)


def _add(
    ctx: Context, server: Any, volume: Any, asked: Mapping[str, Any], device: str | None
) -> str:
    uuid: str = ctx.ids.uuid()
    ctx.db.insert(
        TABLE,
        {
            "uuid": uuid,
            "server_uuid": server["uuid"],
            "source_type": "volume",
            "destination_type": "volume",
            "device_name": device,
            "volume_id": volume["id"],
            "volume_size": volume["size"],
            "attachment_id": attachments.reserve(
                ctx.at_service("volume"), volume, server_id=server["uuid"]
            ),
            "delete_on_termination": int(truth(asked.get("delete_on_termination", False))),
            "tag": asked.get("tag"),
            "created_at": ctx.timestamp,
        },
    )
    return uuid


def next_device(ctx: Context, server: Any, asked: str | None) -> str:
    """Return the name of a server's next disk; libvirt does not ask which one was wished for."""
    names = {row["device_name"] for row in rows(ctx, server["uuid"])}
    names.add(server["root_device_name"])
    taken = {name.rpartition("/")[2][2:] for name in names if name}
    guest = guests.of(ctx, server) if server["node"] else guests.on_any_host(ctx)
    if asked and guest.names_disks_as_asked:
        letter: str = asked.rpartition("/")[2][2:]
        if letter in taken:
            raise DevicePathInUse(path=asked)
        return guest.disks + letter
    letters = [*LETTERS, *(first + second for first in LETTERS for second in LETTERS)]
    letter = next(each for each in letters if each not in taken)
    return guest.disks + letter


def name_devices(ctx: Context, server: Any) -> None:
    """Name the disks that a server was given while it was on no host."""
    for row in rows(ctx, server["uuid"]):
        if row["volume_id"] and not row["device_name"]:
            name = next_device(ctx, server, None)
            ctx.db.update(TABLE, row["uuid"], "uuid", device_name=name)


def release(ctx: Context, server_uuid: str) -> None:
    """Let go of the volumes of a server that goes; those that go with it are deleted."""
    asking = ctx.at_service("volume").as_emulator()
    for row in rows(ctx, server_uuid):
        ctx.engine.cancel("block_device", row["uuid"])
        if row["attachment_id"]:
            attachments.remove(asking, row["attachment_id"])
        _delete_with_server(asking, row)
    ctx.db.delete(TABLE, server_uuid, "server_uuid")


def _delete_with_server(asking: Context, device: Any) -> None:
    """Delete a volume that goes with its server, when nothing else has it."""
    if device["volume_id"] and device["delete_on_termination"]:
        volume = volumes.raw(asking, device["volume_id"])
        if volume is not None and volume["status"] == "available":
            volume_operations.delete(asking, volumes.find(asking, device["volume_id"]))


# Lifecycle: attaching and detaching go on beside what the server itself is doing


def load(ctx: Context, uuid: str) -> Any:
    """Return the block device a timer is about, None when it is gone."""
    return ctx.db.get(TABLE, uuid, "uuid")


def enter(ctx: Context, uuid: str, change: Transition, step: Step, arguments: Arguments) -> None:
    """A step begins: its event."""
    instance_actions.open_event(ctx, arguments["action"], str(step.event))


def leave(ctx: Context, uuid: str, change: Transition, step: Step, arguments: Arguments) -> None:
    """A step ended well, and its event with it."""
    instance_actions.close_event(ctx, arguments["action"], str(step.event), "Success")


def finish(ctx: Context, uuid: str, change: Transition, arguments: Arguments) -> None:
    """Everything was done by the steps."""


def fail(
    ctx: Context, uuid: str, change: Transition, step: Step, arguments: Arguments, message: str
) -> None:
    """An effect failed: the record says so. What was to be attached is free, the rest stays so.

    Nova 34.0.0, ComputeManager.attach_volume: block device and attachment are taken back.
    """
    instance_actions.close_event(ctx, arguments["action"], str(step.event), "Error", message)
    instance_actions.mark_failed(ctx, arguments["action"])
    device = load(ctx, uuid)
    if change.name == DETACH.name:
        volumes.change(ctx, device["volume_id"], status="in-use")
    elif change.fails_to == LEFT_OVER:
        asking = ctx.at_service("volume")
        attachments.leave_in_error(asking, device["attachment_id"])
        ctx.db.delete(TABLE, uuid, "uuid")
    else:
        disconnect(ctx, device, arguments)


def connect(ctx: Context, device: Any, arguments: Arguments) -> None:
    """The guest has the volume."""
    attachments.complete(
        ctx.at_service("volume"),
        device["attachment_id"],
        mountpoint=device["device_name"],
        host=arguments["host"],
    )


def disconnect(ctx: Context, device: Any, arguments: Arguments) -> None:
    """The guest has the volume no more."""
    attachments.remove(ctx.at_service("volume"), device["attachment_id"])
    ctx.db.delete(TABLE, device["uuid"], "uuid")


LEFT_OVER = "error_attaching"
BLOCK_DEVICE = Machine(
    "block_device",
    load,
    enter,
    finish,
    fail,
    leave,
    enter,
    facts=facts.of_block_device,
    broken=LEFT_OVER,
)
ATTACH = Transition(
    "attach_volume",
    (Step(None, uniform(0.5, 2.0), event="compute_attach_volume", then=connect),),
)
DETACH = Transition(
    "detach_volume",
    (Step(None, uniform(0.5, 2.0), event="compute_detach_volume", then=disconnect),),
)
BLOCK_DEVICE.add(ATTACH, DETACH)


def _begin(ctx: Context, server: Any, change: Transition, uuid: str) -> None:
    action_id = instance_actions.record(ctx, server["uuid"], change.name)
    ctx.engine.begin(ctx, "block_device", change.name, uuid, action=action_id, host=server["host"])


# Operations


def index(ctx: Context, server: Any, query: dict[str, list[str]]) -> dict[str, Any]:
    """List the volumes of a server. Pages are of all its disks, that of its image being the first.

    Nova 34.0.0, common.limited: a limit of 0 is none.
    """
    first, most = int(query.get("offset", ["0"])[-1] or 0), ctx.settings.page_limit_max
    most = min(int(query.get("limit", ["0"])[-1] or 0) or most, most)
    disks: list[Any] = rows(ctx, server["uuid"])
    if server["image_ref"] and all(row["boot_index"] != 0 for row in disks):
        disks = [{"volume_id": None}, *disks]
    shown = [
        ATTACHMENT.render(row, ctx)
        for row in disks[first : first + most]
        if row["volume_id"] and (row["attachment_id"] or ATTACHMENTS_HAVE_IDS not in ctx)
    ]
    return {"volumeAttachments": shown}


def show(ctx: Context, server: Any, volume_id: str) -> dict[str, Any]:
    """Show one attached volume."""
    return {"volumeAttachment": ATTACHMENT.render(_find(ctx, server, volume_id), ctx)}


def attach(ctx: Context, server: Any, body: Any) -> Reply:
    """Attach a volume; from 2.101 the answer does not wait to say as which device."""
    asked = body["volumeAttachment"]
    _check_shelved(ctx, server, "attach_volume")
    check_lock(ctx, server)
    check_state(server, "attach_volume", ATTACHED_IN)
    volume = _volume(ctx, asked["volumeId"])
    _check_attach(ctx, server, volume, asked)
    if server["vm_state"] == SHELVED_OFFLOADED:
        # No host names the device yet, but the volume is in use from now on.
        uuid = _add(ctx, server, volume, asked, asked.get("device"))
        connect(ctx, load(ctx, uuid), {"host": None})
        instance_actions.note(ctx, server, "attach_volume", "api_attach_volume")
    else:
        uuid = _add(ctx, server, volume, asked, next_device(ctx, server, asked.get("device")))
        _begin(ctx, server, ATTACH, uuid)
    if VOLUMES_ATTACH_IN_THE_BACKGROUND in ctx:
        return Reply(202)
    return Reply(200, {"volumeAttachment": ATTACHED.render(load(ctx, uuid), ctx)})


def _check_shelved(ctx: Context, server: Any, called: str) -> None:
    """Below 2.20 a shelved server neither takes nor gives volumes."""
    state = server["vm_state"]
    if state in (SHELVED, SHELVED_OFFLOADED) and SHELVED_SERVERS_TAKE_VOLUMES not in ctx:
        raise InstanceInvalidState.of(server, called, "vm_state", state)


def _volume(ctx: Context, volume_id: str) -> Any:
    """A volume that the caller may see. VolumeNotFound when there is none."""
    try:
        return volumes.find(ctx.at_service("volume"), volume_id)
    except EmulatorError:
        raise VolumeNotFound(volume_id=volume_id) from None


def _check_attach(ctx: Context, server: Any, volume: Any, asked: Mapping[str, Any]) -> None:
    """A volume is a server's once, and one server's unless it is made for several."""
    own = [row["server_uuid"] for row in _of_volume(ctx, volume["id"])]
    if own and (not volume["multiattach"] or server["uuid"] in own):
        raise VolumeAlreadyAttached(volume_id=volume["id"], instance_uuids=" ".join(own))
    if server["vm_state"] == SHELVED_OFFLOADED:
        if asked.get("tag"):
            raise TaggedAttachToShelved()
        if volume["multiattach"]:
            raise MultiattachToShelved()
    if volume["multiattach"] and VOLUMES_MULTIATTACH not in ctx:
        raise MultiattachNotSupported()


def detach(ctx: Context, server: Any, volume_id: str) -> Reply:
    """Detach a volume, but not the one the server boots from."""
    _check_shelved(ctx, server, "detach_volume")
    volume = _volume(ctx, volume_id)
    device = _find(ctx, server, volume_id)
    if device["boot_index"] == 0:
        raise RootDeviceStays()
    check_lock(ctx, server)
    check_state(server, "detach_volume", ATTACHED_IN)
    if volume["status"] not in ("in-use", "detaching", "reserved", "attaching"):
        raise BadInput(
            f"Invalid volume: Unable to detach volume. Volume status must be 'in-use' and"
            f" attach_status must be 'attached' to detach. Currently: status:"
            f" '{volume['status']}', attach_status: '{volume['attach_status']}.'"
        )
    if server["vm_state"] == SHELVED_OFFLOADED:
        disconnect(ctx, device, {})
        _delete_with_server(ctx.at_service("volume").as_emulator(), device)
        instance_actions.note(ctx, server, "detach_volume", "api_detach_volume")
        return Reply(202)
    check_host_is_up(ctx, server)
    ctx.engine.cancel("block_device", device["uuid"])
    volumes.change(ctx, volume_id, status="detaching")
    _begin(ctx, server, DETACH, device["uuid"])
    return Reply(202)


def update(ctx: Context, server: Any, volume_id: str, body: Any) -> Reply:
    """Change what happens to a volume with its server (2.85), or let Cinder swap it."""
    asked = body["volumeAttachment"]
    swap = ATTACHMENTS_CAN_BE_CHANGED not in ctx or asked["volumeId"] != volume_id
    ctx.authorize(f"os_compute_api:os-volumes-attachments:{'swap' if swap else 'update'}")
    if ATTACHMENTS_CAN_BE_CHANGED in ctx:
        _change(ctx, _bdm(ctx, server, volume_id), server, asked)
    if swap:
        volume = _volume(ctx, volume_id)
        if not volume["migration_status"]:
            raise VolumeNotMigrating(volume_id=volume_id)
        _swap(ctx, server, volume_id, asked["volumeId"])
    return Reply(202)


def _bdm(ctx: Context, server: Any, volume_id: str) -> Any:
    try:
        return _find(ctx, server, volume_id)
    except NotAttached:
        raise NotAttached(f"No volume Block Device Mapping with id {volume_id}.") from None


def _change(ctx: Context, device: Any, server: Any, asked: Mapping[str, Any]) -> None:
    for name, own in (
        ("id", device["volume_id"]),
        ("serverId", server["uuid"]),
        ("device", device["device_name"]),
        ("tag", device["tag"]),
    ):
        if name in asked and asked[name] != own:
            raise NotMutable(name=name)
    if "delete_on_termination" in asked:
        keeps = int(truth(asked["delete_on_termination"]))
        ctx.db.update(TABLE, device["uuid"], "uuid", delete_on_termination=keeps)


def _swap(ctx: Context, server: Any, volume_id: str, new_id: str) -> None:
    """Put another volume in the place of one."""
    try:
        new = _volume(ctx, new_id)
    except VolumeNotFound as unknown:
        raise BadInput(unknown.message) from None
    check_lock(ctx, server)
    check_state(server, "swap_volume", (ACTIVE, PAUSED, RESIZED))
    device = _bdm(ctx, server, volume_id)
    asking = ctx.at_service("volume")
    attachment = attachments.reserve(asking, new, server_id=server["uuid"])
    attachments.complete(asking, attachment, mountpoint=device["device_name"], host=server["host"])
    attachments.remove(asking, device["attachment_id"])
    ctx.db.update(TABLE, device["uuid"], "uuid", volume_id=new_id, attachment_id=attachment)
    instance_actions.note(ctx, server, "swap_volume", "compute_swap_volume")
