"""What new servers ask of Block Storage: the one place of server creation that knows it.

Block Storage has no volumes yet: whatever needs one is refused as not emulated, by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.errors import NotEmulated
from emulator.wire.request import Context

FEATURE = "Creating a server with a volume"


def image_properties(ctx: Context, devices: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the volume that a server boots from remembers of its image."""
    if any(device["volume_id"] or device["snapshot_id"] for device in devices):
        raise NotEmulated(feature=FEATURE)
    return {}


def check_type(ctx: Context, device: Mapping[str, Any]) -> None:
    """Refuse a volume type that does not exist."""
    if device["volume_type"]:
        raise NotEmulated(feature=FEATURE)


def check_volume(ctx: Context, device: Mapping[str, Any]) -> None:
    """Refuse a volume that cannot be attached; its size becomes the device's."""
    raise NotEmulated(feature=FEATURE)


def check_snapshot(ctx: Context, device: Mapping[str, Any]) -> None:
    """Refuse a snapshot that cannot be read; its size becomes the device's."""
    raise NotEmulated(feature=FEATURE)


def refuse(device: Mapping[str, Any]) -> None:
    """Refuse a device that would become a new volume."""
    if device["destination_type"] == "volume":
        raise NotEmulated(feature=FEATURE)
