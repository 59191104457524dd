"""The block devices of a new server: what is asked for, made uniform and checked as Nova does.

Source: Nova 34.0.0, nova.block_device and compute.api._validate_bdm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from emulator.compute.images import find
from emulator.compute.schemas import truth
from emulator.compute.servers import volumes
from emulator.compute.servers.errors import (
    EphemeralDisksTooLarge,
    InvalidBlockDevice,
    InvalidBootSequence,
    NoSuchImage,
    RootDeviceTaken,
    SwapTooLarge,
    TwoBlockDeviceSyntaxes,
    VolumesForSeveral,
)
from emulator.errors import BadInput
from emulator.wire.request import Context

EPHEMERAL = re.compile(r"ephemeral(\d|[1-9]\d+)")
DISK_BUSES = ("fdc", "ide", "sata", "scsi", "usb", "virtio", "xen", "lxc", "uml")
DEVICE_TYPES = ("cdrom", "disk", "floppy", "fs", "lun")
FIELDS = [
    "source_type",
    "destination_type",
    "device_name",
    "boot_index",
    "volume_id",
    "snapshot_id",
    "image_id",
    "volume_size",
    "volume_type",
    "delete_on_termination",
    "disk_bus",
    "device_type",
    "guest_format",
    "tag",
    "attachment_id",
]
ROOT = "vda"

Device = dict[str, Any]
"""A block device with every name of FIELDS, and no_device."""


def asked(server: Mapping[str, Any]) -> tuple[list[Device], bool]:
    """Return the block devices of a request, and whether they are in the old syntax."""
    old = server.get("block_device_mapping") or []
    new = server.get("block_device_mapping_v2") or []
    if old and new:
        raise TwoBlockDeviceSyntaxes()
    if new:
        with_image = server.get("imageRef") not in (None, "")
        return [_from_api(device, with_image=with_image) for device in new], False
    return [dict(device) for device in old], True


def _from_api(given: Mapping[str, Any], *, with_image: bool) -> Device:
    device = {key: value for key, value in given.items() if key != "uuid"}
    source, target = given.get("source_type"), given.get("destination_type")
    if not given.get("no_device"):
        named = given.get("uuid")
        if source == "blank" and named:
            raise InvalidBlockDevice(details="Invalid device UUID.")
        if source != "blank":
            if not named:
                raise InvalidBlockDevice(details="Missing device UUID.")
            device[f"{source}_id"] = named
        if source == "image" and target == "local":
            index = given.get("boot_index")
            if not (with_image and index is not None and int(index) == 0):
                raise InvalidBlockDevice(details="Mapping image to local is not supported.")
        if target == "local" and given.get("volume_type"):
            details = "Specifying a volume_type with destination_type=local is not supported."
            raise InvalidBlockDevice(details=details)
        if source == "volume" and given.get("volume_type"):
            details = "Specifying volume type to existing volume is not supported."
            raise InvalidBlockDevice(details=details)
    return _device(device)


def _device(given: Mapping[str, Any]) -> Device:
    """A device with every field, numbers as numbers."""
    for name in ("virtual_name",):
        if name in given:
            raise InvalidBlockDevice(details=f"Following fields are invalid: {name}")
    if not given.get("no_device") and "source_type" not in given:
        raise InvalidBlockDevice(details="Some required fields are missing")
    device: Device = {name: given.get(name) for name in FIELDS}
    device["no_device"] = bool(given.get("no_device"))
    device["delete_on_termination"] = truth(given.get("delete_on_termination", False))
    if device["device_name"]:
        device["device_name"] = "/dev/" + device["device_name"].removeprefix("/dev/")
    for name in ("volume_size", "boot_index"):
        if device[name] is not None:
            device[name] = int(device[name])
    return device


def _from_old(given: Mapping[str, Any]) -> Device:
    """A device of the old syntax in the new one."""
    virtual = given.get("virtual_name") or ""
    device = {key: value for key, value in given.items() if key != "virtual_name"}
    if virtual == "swap" or EPHEMERAL.fullmatch(virtual):
        device |= {"source_type": "blank", "destination_type": "local"}
        device["delete_on_termination"] = True
        device["guest_format"] = "swap" if virtual == "swap" else None
    elif given.get("snapshot_id"):
        device |= {"source_type": "snapshot", "destination_type": "volume"}
    elif given.get("volume_id"):
        device |= {"source_type": "volume", "destination_type": "volume"}
    elif not given.get("no_device"):
        raise InvalidBlockDevice(details="Unrecognized legacy format.")
    return _device(device)


def image_device(image_id: str) -> Device:
    """Return the device that a server's image becomes: its root disk."""
    return _device({
        "source_type": "image",
        "destination_type": "local",
        "image_id": image_id,
        "boot_index": 0,
        "device_type": "disk",
        "delete_on_termination": True,
    })  # fmt: skip


def _blank(size: int, guest_format: str | None = None) -> Device:
    return _device({
        "source_type": "blank",
        "destination_type": "local",
        "boot_index": -1,
        "device_type": "disk",
        "delete_on_termination": True,
        "guest_format": guest_format,
        "volume_size": size,
    })  # fmt: skip


def completed(
    given: Sequence[Mapping[str, Any]],
    *,
    old: bool,
    image_id: str,
    properties: Mapping[str, Any],
    flavor: Any,
    count: int,
) -> list[Device]:
    """Return all block devices of a server: those asked for, the image's, the flavor's."""
    root_name = str(properties.get("root_device_name") or ROOT).removeprefix("/dev/")
    if image_id:
        for device in given:
            name = (device.get("device_name") or "").removeprefix("/dev/")
            if device.get("destination_type") == "volume" and name == root_name:
                raise RootDeviceTaken(device=root_name)
    from_image = _defined_by_image(properties)
    root_in_image = any(device["boot_index"] == 0 for device in from_image)
    if old:
        devices = _old_devices(given, image_id, root_name, no_root=root_in_image)
    elif root_in_image:
        devices = [
            dict(device)
            for device in given
            if not (device.get("boot_index") == 0 and device.get("source_type") == "image")
        ]
    else:
        devices = [dict(device) for device in given]
    named = {device["device_name"] for device in devices if device["device_name"]}
    devices += [device for device in from_image if device["device_name"] not in named]
    if count > 1 and any(device["source_type"] == "volume" for device in devices):
        raise VolumesForSeveral()
    if flavor["ephemeral_gb"] and not any(map(is_ephemeral, devices)):
        devices.append(_blank(flavor["ephemeral_gb"]))
    if flavor["swap"] and not any(map(is_swap, devices)):
        devices.append(_blank(flavor["swap"], "swap"))
    return devices


def _old_devices(
    given: Sequence[Mapping[str, Any]], image_id: str, root_name: str, *, no_root: bool
) -> list[Device]:
    devices = [_from_old(device) for device in given]
    if no_root:
        return [{**device, "boot_index": -1} for device in devices]
    rooted = False
    for device in devices:
        name = (device["device_name"] or "").removeprefix("/dev/")
        if device["source_type"] in ("volume", "snapshot", "image") and name == root_name:
            device["boot_index"] = 0
            rooted = True
        else:
            device["boot_index"] = None if device["no_device"] else -1
    if image_id and not rooted:
        devices.insert(0, image_device(image_id))
    return devices


def _defined_by_image(properties: Mapping[str, Any]) -> list[Device]:
    """The block devices that an image made of a volume-backed server names."""
    text = properties.get("block_device_mapping")
    defined = orjson.loads(text) if isinstance(text, str) else text
    if not isinstance(defined, list):
        return []
    if truth(properties.get("bdm_v2", False)):
        return [_device(device) for device in defined]
    return [{**_from_old(device), "boot_index": -1} for device in defined]


def is_swap(device: Device) -> bool:
    """Say whether a device is a swap disk."""
    local = device["source_type"] == "blank" and device["destination_type"] == "local"
    return bool(local and device["guest_format"] == "swap")


def is_ephemeral(device: Device) -> bool:
    """Say whether a device is an ephemeral disk."""
    local = device["source_type"] == "blank" and device["destination_type"] == "local"
    return bool(local and device["guest_format"] != "swap")


def is_blank_volume(device: Device) -> bool:
    """Say whether a device is a new, empty volume."""
    return bool(device["source_type"] == "blank" and device["destination_type"] == "volume")


def is_image_alone(devices: Sequence[Device]) -> bool:
    """Say whether a server has but the disk of its image, which needs no record."""
    return len(devices) == 1 and devices[0]["destination_type"] == "local"


def root_of(devices: Sequence[Device]) -> Device | None:
    """Return the device that the server boots from, None when there is none."""
    return next((device for device in devices if device["boot_index"] == 0), None)


def check(ctx: Context, devices: Sequence[Device], image_id: str, flavor: Any) -> None:
    """Refuse what cannot be: a gap in the boot order, unknown sources, disks too large."""
    indexes = sorted(
        device["boot_index"]
        for device in devices
        if (device["boot_index"] or 0) >= 0 and device["boot_index"] is not None
    )
    if not indexes or indexes != list(range(len(indexes))):
        raise InvalidBootSequence()
    for device in devices:
        _check_source(ctx, device, image_id)
        if device["disk_bus"] and device["disk_bus"] not in DISK_BUSES:
            raise BadInput("Block Device Mapping is Invalid.")
        if device["device_type"] and device["device_type"] not in DEVICE_TYPES:
            # Nova 34.0.0 answers this with a 500.
            kinds = ", ".join(DEVICE_TYPES)
            details = f"device_type {device['device_type']} is none of {kinds}"
            raise InvalidBlockDevice(details=details)
    _check_local_disks(devices, flavor)


def _check_source(ctx: Context, device: Device, image_id: str) -> None:
    volumes.check_type(ctx, device)
    if device["image_id"] is not None:
        if device["image_id"] != image_id:
            try:
                find(ctx, device["image_id"])
            except NoSuchImage:
                details = f"failed to get image {device['image_id']}."
                raise InvalidBlockDevice(details=details) from None
        if device["destination_type"] == "volume" and not device["volume_size"]:
            raise BadInput(
                "Images with destination_type 'volume' need to have a non-zero size specified"
            )
    elif device["volume_id"] is not None:
        pass  # reserved when the server has an id
    elif device["snapshot_id"] is not None:
        volumes.check_snapshot(ctx, device)
    elif is_blank_volume(device) and not device["volume_size"]:
        raise BadInput("Blank volumes (source: 'blank', dest: 'volume') need to have non-zero size")


def _check_local_disks(devices: Sequence[Device], flavor: Any) -> None:
    ephemeral = sum(
        device["volume_size"] or flavor["ephemeral_gb"]
        for device in devices
        if is_ephemeral(device)
    )
    if ephemeral > flavor["ephemeral_gb"]:
        raise EphemeralDisksTooLarge()
    swaps = [device for device in devices if is_swap(device)]
    if len(swaps) > 1:
        raise InvalidBlockDevice(details="More than one swap drive requested.")
    if swaps and (swaps[0]["volume_size"] or 0) > flavor["swap"]:
        raise SwapTooLarge()


def rows(devices: Sequence[Device], flavor: Any) -> list[Device]:
    """Return the devices as they are recorded: sizes filled in, device names in order."""
    recorded = []
    for device in devices:
        if device["no_device"]:
            continue
        row = {name: device[name] for name in FIELDS}
        row["delete_on_termination"] = int(row["delete_on_termination"])
        row["destination_type"] = row["destination_type"] or ""  # nothing is made of it then
        if row["volume_size"] is None and row["source_type"] == "blank":
            row["volume_size"] = flavor["swap"] if is_swap(device) else flavor["ephemeral_gb"]
        recorded.append(row)
    return recorded
