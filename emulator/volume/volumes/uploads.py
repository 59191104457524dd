"""Volumes made into images (os-volume_upload_image)."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.image import snapshots as images
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Step, Transition
from emulator.volume.errors import InvalidVolume
from emulator.volume.schemas import BOOLEAN, SHORT_TEXT, truth
from emulator.volume.volumes import lifecycle
from emulator.wire.request import Context
from emulator.wire.versioned import Body, prop, since

UPLOAD_HAS_VISIBILITY = since("3.1")
BYTES_A_GIB = 1024**3
# What a volume remembers of its image that is an attribute of the image itself, no property.
ATTRIBUTES = (
    "image_id", "image_name", "checksum", "container_format", "disk_format", "min_disk", "min_ram",
    "size",
)  # fmt: skip

# Schemas

UPLOAD = Body(
    "os-volume_upload_image",
    prop("image_name", {"type": "string", "minLength": 1, "maxLength": 255}, required=True),
    prop("force", BOOLEAN),
    prop(
        "disk_format",
        {"type": "string", "enum": ["raw", "vmdk", "vdi", "qcow2", "vhd", "vhdx", "ploop"]},
    ),
    prop("container_format", SHORT_TEXT),
    prop(
        "visibility",
        {"type": "string", "enum": ["community", "public", "private", "shared"]},
        since="3.1",
    ),
    prop("protected", BOOLEAN, since="3.1"),
)

# Operations


def upload(ctx: Context, volume: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Make an image of a volume; one in use takes force."""
    asked = body["os-volume_upload_image"]
    allowed = ("available", "in-use") if truth(asked.get("force", False)) else ("available",)
    values: dict[str, Any] = {
        "disk_format": asked.get("disk_format", "raw"),
        "container_format": asked.get("container_format") or "bare",
        "min_disk": volume["size"],
    }
    values["visibility"], values["protected"] = "shared", False
    if UPLOAD_HAS_VISIBILITY in ctx:
        values["visibility"] = asked.get("visibility", "private")
        values["protected"] = truth(asked.get("protected", False))
        if values["visibility"] == "public":
            ctx.authorize("volume_extension:volume_actions:upload_public")
    if volume["status"] not in allowed:
        raise InvalidVolume(reason=f"Volume {volume['id']} status must be {' or '.join(allowed)}")
    known = orjson.loads(volume["image_metadata"] or "{}")
    properties = {name: value for name, value in known.items() if name not in ATTRIBUTES}
    image_id = images.begin(
        ctx.at_service("image"),
        name=asked["image_name"],
        properties=properties,
        server_row={"project_id": volume["project_id"]},
        **values,
    )
    lifecycle.begin(ctx, UPLOADING, volume["id"], image_id=image_id, back=volume["status"])
    answer = {
        "id": volume["id"],
        "updated_at": volume["updated_at"],
        "status": "uploading",
        "display_description": volume["description"],
        "size": volume["size"],
        "volume_type": _type(ctx, volume),
        "image_id": image_id,
        "container_format": values["container_format"],
        "disk_format": values["disk_format"],
        "image_name": asked["image_name"],
        "protected": values["protected"],
        "visibility": values["visibility"],
    }
    return {"os-volume_upload_image": answer}


def _type(ctx: Context, volume: Any) -> dict[str, Any] | None:
    """The type as the answer shows it: with every column (Cinder 29.0.0)."""
    kind = ctx.db.get("volume_types", volume["type_id"])
    if kind is None:
        return None
    return {
        "id": kind["id"],
        "name": kind["name"],
        "description": kind["description"],
        "is_public": bool(kind["is_public"]),
        "qos_specs_id": kind["qos_specs_id"],
        "extra_specs": orjson.loads(kind["extra_specs"]),
        "created_at": kind["created_at"],
        "updated_at": kind["updated_at"],
        "deleted": False,
        "deleted_at": None,
    }


# Lifecycle


def _store(ctx: Context, volume: Any, arguments: Arguments) -> None:
    images.start(ctx.at_service("image"), arguments["image_id"])
    images.finish(ctx.at_service("image"), arguments["image_id"], volume["size"] * BYTES_A_GIB)


UPLOADING = Transition("upload", (Step("uploading", uniform(1.0, 5.0), then=_store),))
lifecycle.VOLUME.add(UPLOADING)
