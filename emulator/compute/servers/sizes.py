"""Whether a flavor is large enough for an image, and what else an image demands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.compute.servers.errors import (
    DiskConfigDisabledByImage,
    FlavorDiskSmallerThanImage,
    FlavorDiskSmallerThanMinDisk,
    FlavorMemoryTooSmall,
    ImageNotActive,
    InvalidImageConfigDrive,
    VolumeSmallerThanMinDisk,
    ZeroDiskNeedsAVolume,
)
from emulator.wire.request import Context

ZERO_DISK = "os_compute_api:servers:create:zero_disk_flavor"
GIB = 1024**3


def check_disk_config(wanted: str | None, properties: Mapping[str, Any], image_id: str) -> None:
    """Refuse OS-DCF:diskConfig AUTO where the image has it disabled."""
    if wanted == "AUTO" and properties.get("auto_disk_config") == "disabled":
        raise DiskConfigDisabledByImage(image=image_id)


def check(
    ctx: Context,
    image: Any,
    properties: Mapping[str, Any],
    flavor: Any,
    root: Mapping[str, Any] | None,
) -> None:
    """Refuse an image that is not ready, or that needs more than the flavor (or volume) has.

    `root` is the device the server boots from; None for a resize, where the flavor's disk counts.
    Sizes in bytes are worded as Nova 34.0.0 does (compute.api._validate_flavor_image).
    """
    if image is None:
        return
    if image["status"] != "active":
        raise ImageNotActive(image_id=image["id"])
    config_drive = properties.get("img_config_drive", "optional")
    if config_drive not in ("optional", "mandatory"):
        raise InvalidImageConfigDrive(config_drive=config_drive)
    if flavor["memory_mb"] < (image["min_ram"] or 0):
        raise FlavorMemoryTooSmall()
    min_disk, size = (image["min_disk"] or 0) * GIB, image["size"] or 0
    if root is not None and root["destination_type"] == "volume":
        volume = root["volume_size"]
        if volume is not None and min_disk > volume * GIB:
            raise VolumeSmallerThanMinDisk(volume_size=volume * GIB, image_min_disk=min_disk)
        return
    disk = flavor["root_gb"] * GIB
    if not disk:
        if not ctx.can(ZERO_DISK):
            raise ZeroDiskNeedsAVolume()
    elif size > disk:
        raise FlavorDiskSmallerThanImage(flavor_size=disk, image_size=size)
    elif min_disk > disk:
        raise FlavorDiskSmallerThanMinDisk(flavor_size=disk, image_min_disk=min_disk)
