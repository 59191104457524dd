"""Volumes and images: what a volume is made of, and anew."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.errors import BadInput, Conflict, NotFound
from emulator.image import images
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Step, Transition
from emulator.volume import snapshots
from emulator.volume.errors import (
    ImageNotFound,
    ImageUnacceptable,
    InvalidInput,
    InvalidVolume,
    SeveralImages,
    SnapshotNotFound,
    SnapshotOfImageNotFound,
)
from emulator.volume.formats import is_uuid
from emulator.volume.schemas import BOOLEAN, UUID, truth
from emulator.volume.volumes import lifecycle, queries
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, prop

BYTES_A_GIB = 1024**3

# Schemas

REIMAGE = Body(
    "os-reimage",
    prop("image_id", UUID, required=True),
    prop("reimage_reserved", BOOLEAN),
)

# Images


def named(ctx: Context, reference: str | None) -> Any:
    """Return the image that is named by its id, a URL that ends with it, or its name."""
    if reference is None:
        return None
    asking, image_id = ctx.at_service("image"), reference.split("/")[-1]
    if is_uuid(image_id):
        try:
            return images.find(asking, image_id)
        except NotFound:
            pass  # then it is a name
    found = images.named(asking, reference)
    if len(found) > 1:
        raise SeveralImages(name=reference)
    if not found:
        raise BadInput("Invalid image identifier or unable to access requested image.")
    return found[0]


def metadata(image: Any) -> str:
    """Return what a volume remembers of the image it was made of, as JSON."""
    plain = ("checksum", "container_format", "disk_format", "min_disk", "min_ram", "size")
    known = {name: str(image[name]) for name in plain if image[name] is not None}
    known["image_id"], known["image_name"] = image["id"], image["name"] or ""
    return orjson.dumps({**orjson.loads(image["properties"] or "{}"), **known}).decode()


def snapshot_behind(ctx: Context, image: Any) -> str | None:
    """Return the snapshot that an image without data stands for: one of a volume-backed server.

    SnapshotOfImageNotFound when it is gone.
    """
    device = _boot_device(image)
    if device is None:
        return None
    snapshot_id = str(device.get("snapshot_id"))
    try:
        return str(snapshots.find(ctx, snapshot_id)["id"])
    except SnapshotNotFound:
        raise SnapshotOfImageNotFound(snapshot_id=snapshot_id) from None


def _boot_device(image: Any) -> dict[str, Any] | None:
    """The snapshot to boot from that an image without data lists, as a device."""
    if image is None:
        return None
    mapping = orjson.loads(image["properties"] or "{}").get("block_device_mapping")
    for device in _devices(mapping):
        if device.get("source_type") == "snapshot" and device.get("boot_index") == 0:
            return device
    return None


def _devices(mapping: Any) -> list[dict[str, Any]]:
    """The devices that an image's property lists; none where it is no such list."""
    try:
        devices = orjson.loads(mapping) if mapping else []
    except orjson.JSONDecodeError:
        return []
    return [each for each in devices if isinstance(each, dict)] if isinstance(devices, list) else []


def check(image: Any, size: int) -> None:
    """Refuse an image that is not active, or that a volume of a size does not hold."""
    if image["status"] != "active":
        raise InvalidInput(reason=f"Image {image['id']} is not active.")
    gigabytes = -(-(image["size"] or 0) // BYTES_A_GIB)
    if gigabytes > size:
        raise InvalidInput(
            reason=f"Size of specified image {gigabytes}GB is larger than volume size {size}GB."
        )
    if (image["min_disk"] or 0) > size:
        raise InvalidInput(
            reason=f"Volume size {size}GB cannot be smaller than the image "
            f"minDisk size {image['min_disk']}GB."
        )
    virtual = -(-(image["virtual_size"] or 0) // BYTES_A_GIB)
    if virtual > size:
        raise ImageUnacceptable(
            image_id=image["id"],
            reason=f"Image virtual size is {virtual}GB"
            f" and doesn't fit in a volume of size {size}GB.",
        )


# Operations


def reimage(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Give a volume the data of another image; one that is kept for a server if that is said."""
    asked = body["os-reimage"]
    image = _of_id(ctx, asked["image_id"])
    size = volume["size"]
    needed = (_boot_device(image) or {}).get("volume_size")
    if isinstance(needed, int) and needed > size:
        raise BadInput(
            f"Volume size must be greater than the image size. (Image: {needed}, Volume: {size})."
        )
    snapshot_behind(ctx, image)
    if volume["status"] == "reserved":
        ctx.authorize("volume:reimage_reserved", volume)
    if len(volume["attachments"]) > 1:
        raise Conflict("Cannot re-image a volume which is attached to more than one server.")
    reserved = ("reserved",) if truth(asked.get("reimage_reserved", False)) else ()
    allowed = ("available", "error", *reserved)
    if volume["status"] not in allowed:
        raise InvalidVolume(
            reason=f"Volume {volume['id']} status must be {' or '.join(allowed)}, "
            f"but current status is {volume['status']}."
        )
    check(image, size)
    lifecycle.begin(
        ctx, REIMAGING, volume["id"], back=volume["status"], image_metadata=metadata(image)
    )
    return Reply(202)


def _of_id(ctx: Context, image_id: str) -> Any:
    try:
        return images.find(ctx.at_service("image"), image_id)
    except NotFound:
        raise ImageNotFound(image_id=image_id) from None


# Lifecycle


def take(ctx: Context, volume: Any, arguments: Arguments) -> None:
    """Let a volume have the data of an image."""
    known = arguments["image_metadata"]
    queries.change(ctx, volume["id"], image_metadata=known, bootable=True)


REIMAGING = Transition(
    "reimage",
    (Step("downloading", uniform(1.0, 5.0), then=take),),
    fails_to="error",
)
lifecycle.VOLUME.add(REIMAGING)
