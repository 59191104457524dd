"""What new servers ask of Block Storage: volumes to boot from, volumes to make, volumes to hold."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from emulator.compute.servers import queries, volume_attachments
from emulator.compute.servers.errors import (
    InvalidBlockDevice,
    InvalidVolume,
    MultiattachNeedsNewerVersion,
    NoSuchImage,
    SnapshotNotFound,
    VolumeNotBootable,
    VolumeNotFound,
    VolumeTypeNotFound,
)
from emulator.compute.versions import VOLUMES_MULTIATTACH
from emulator.errors import EmulatorError, TransitionFailed
from emulator.volume import attachments, snapshots, types
from emulator.volume.volumes import lifecycle
from emulator.volume.volumes import operations as volume_operations
from emulator.volume.volumes import queries as volumes
from emulator.wire.request import Context, Credentials

GIB = 1024**3
IMAGE_ATTRIBUTES = (
    "image_id", "image_name", "size", "checksum", "container_format", "disk_format", "min_ram",
    "min_disk",
)  # fmt: skip
OWNER_ROLES = frozenset({"member", "reader"})

Device = dict[str, Any]

# Checks


def boot_image(ctx: Context, devices: Sequence[Mapping[str, Any]], *, old: bool) -> Any:
    """Return what a server that boots from a volume has for an image, None when it has nothing.

    It has the keys of an image that sizes are checked against, and `properties` as JSON.
    """
    for device in devices:
        letter = (device.get("device_name") or "").removeprefix("/dev/")[2:]
        if (letter != "a") if old else device["boot_index"] != 0:
            continue
        if device.get("image_id"):
            return _boot_image(ctx, device["image_id"])
        volume_id = device.get("volume_id")
        if device.get("snapshot_id"):
            volume_id = _boot_snapshot(ctx, device["snapshot_id"])["volume_id"]
        if volume_id:
            return _image_of(ctx, volume_id)
    return None


def _boot_image(ctx: Context, image_id: str) -> Any:
    from emulator.compute import images

    try:
        return images.find(ctx, image_id)
    except NoSuchImage:
        raise InvalidBlockDevice(details=f"failed to get image {image_id}.") from None


def _boot_snapshot(ctx: Context, snapshot_id: str) -> dict[str, Any]:
    try:
        return dict(snapshots.find(ctx.at_service("volume"), snapshot_id))
    except EmulatorError:
        raise SnapshotNotFound(snapshot_id=snapshot_id) from None


def _image_of(ctx: Context, volume_id: str) -> dict[str, Any]:
    try:
        volume = volumes.find(ctx.at_service("volume"), volume_id)
    except EmulatorError:
        raise InvalidBlockDevice(details=f"failed to get volume {volume_id}.") from None
    if not volume["bootable"]:
        raise VolumeNotBootable(id=volume_id)
    kept = orjson.loads(volume["image_metadata"] or "{}")
    properties = {name: value for name, value in kept.items() if name not in IMAGE_ATTRIBUTES}
    return {
        "id": None,
        "status": "active",
        "min_ram": int(kept.get("min_ram") or 0),
        "min_disk": int(kept.get("min_disk") or 0),
        "size": volume["size"] * GIB,
        "properties": orjson.dumps(properties).decode(),
    }


def check_type(ctx: Context, device: Mapping[str, Any]) -> None:
    """Refuse a volume type that does not exist."""
    name = device["volume_type"]
    if name:
        try:
            types.find_by_name_or_id(ctx.at_service("volume"), name)
        except EmulatorError:
            raise VolumeTypeNotFound(id_or_name=name) from None


def check_all(ctx: Context, devices: Sequence[Mapping[str, Any]]) -> None:
    """Refuse volumes that do not exist."""
    for device in devices:
        if device["volume_id"]:
            _volume(ctx, device["volume_id"])


def _volume(ctx: Context, volume_id: str) -> dict[str, Any]:
    try:
        return volumes.find(ctx.at_service("volume"), volume_id)
    except EmulatorError:
        raise VolumeNotFound(volume_id=volume_id) from None


def check_snapshot(ctx: Context, device: Device) -> None:
    """Refuse a snapshot that does not exist; its size becomes the device's."""
    device["volume_size"] = device["volume_size"] or _snapshot(ctx, device["snapshot_id"])["size"]


def _snapshot(ctx: Context, snapshot_id: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = dict(snapshots.find(ctx.at_service("volume"), snapshot_id))
    except EmulatorError:
        raise InvalidBlockDevice(details=f"failed to get snapshot {snapshot_id}.") from None
    return found


# Reserving, making, attaching


def reserve(ctx: Context, server_uuid: str, device: Device) -> None:
    """Reserve the volume that a device is for a new server; its size becomes the device's."""
    volume = _volume(ctx, device["volume_id"])
    if volume["multiattach"] and VOLUMES_MULTIATTACH not in ctx:
        raise MultiattachNeedsNewerVersion()
    asking = ctx.at_service("volume")
    try:
        device["attachment_id"] = attachments.reserve(asking, volume, server_id=server_uuid)
    except EmulatorError as refusal:
        raise InvalidVolume(
            reason=f"Invalid input received: {refusal.message} "
            f"(HTTP {refusal.status}) (Request-ID: {ctx.ids.request_id()})"
        ) from None
    device["volume_size"] = volume["size"]


def attach(ctx: Context, server: Any) -> None:
    """Name a new server's disks, make the volumes it asked for and attach all volumes.

    TransitionFailed when Block Storage refuses.
    """
    for row in queries.block_devices(ctx, server["uuid"]):
        name = row["device_name"] or _name(ctx, server, row)
        changes = {"device_name": name}
        if row["destination_type"] == "volume":
            try:
                changes |= _attached(ctx, server, row, name)
            except (EmulatorError, TransitionFailed) as refusal:
                raise TransitionFailed(
                    f"Build of instance {server['uuid']} aborted: {refusal.message}"
                ) from None
        ctx.db.update("compute_block_devices", row["id"], **changes)


def _name(ctx: Context, server: Any, row: Any) -> str:
    if row["boot_index"] == 0:
        return str(server["root_device_name"])
    return volume_attachments.next_device(ctx, server, None)


def _attached(ctx: Context, server: Any, row: Any, name: str) -> dict[str, Any]:
    """Attach the volume of a device, a new one where it names none; return what is known then."""
    own = _as_owner(ctx, server)
    found: dict[str, Any] = {}
    attachment_id = row["attachment_id"]
    if attachment_id is None:
        volume_id = row["volume_id"] or _make(own, row)
        attachment_id = attachments.reserve(
            own, volumes.find(own, volume_id), server_id=server["uuid"]
        )
        found = {"volume_id": volume_id, "attachment_id": attachment_id}
    attachments.complete(own, attachment_id, mountpoint=name, host=server["host"])
    return found


def _make(ctx: Context, row: Any) -> str:
    """Make a volume of an image, of a snapshot or empty; it is there at once."""
    from emulator.compute import images

    kind = types.find_by_name_or_id(ctx, row["volume_type"]) if row["volume_type"] else None
    image = images.find(ctx, row["image_id"]) if row["image_id"] else None
    origin = _snapshot(ctx, row["snapshot_id"]) if row["snapshot_id"] else None
    if origin is not None:
        origin = volumes.find(ctx, origin["volume_id"])
    volume_id = volume_operations.make(
        ctx,
        {"name": "", "snapshot_id": row["snapshot_id"]},
        size=row["volume_size"],
        kind=kind or types.default(ctx),
        origin=origin,
        image=image,
    )
    lifecycle.finish_now(ctx, volume_id)
    return volume_id


def _as_owner(ctx: Context, server: Any) -> Context:
    """Return the context as whoever asked for the server acts in Block Storage."""
    own = copy.copy(ctx)
    own.credentials = Credentials(
        user_id=server["user_id"], project_id=server["project_id"], roles=OWNER_ROLES
    )
    return own.at_service("volume")
