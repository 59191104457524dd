"""Actions of volumes: the named bodies of POST /volumes/{volume_id}/action."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.errors import BadInput
from emulator.volume import attachments, quotas, types
from emulator.volume.errors import GlanceMetadataNotFound, InvalidInput, InvalidVolume
from emulator.volume.schemas import ANY, BOOLEAN, SIZE, UUID, truth
from emulator.volume.versions import EXTEND_IN_USE
from emulator.volume.volumes import lifecycle, queries
from emulator.volume.volumes.operations import remove
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop

# Schemas

RESET_STATUS = Body(
    "os-reset_status",
    schema=Object(
        prop("status", {"type": ["string", "null"], "format": "volume_status"}),
        prop("attach_status", {"type": ["string", "null"], "format": "volume_attach_status"}),
        prop("migration_status", {"type": ["string", "null"], "format": "volume_migration_status"}),
        format="validate_volume_reset_body",
    ),
)
FORCE_DELETE = Body("os-force_delete", schema=ANY)
EXTEND = Body("os-extend", prop("new_size", SIZE, required=True))
SET_BOOTABLE = Body("os-set_bootable", prop("bootable", BOOLEAN, required=True))
UPDATE_READONLY = Body("os-update_readonly_flag", prop("readonly", BOOLEAN, required=True))
RESERVE = Body("os-reserve", schema=ANY)
UNRESERVE = Body("os-unreserve", schema=ANY)
BEGIN_DETACHING = Body("os-begin_detaching", schema=ANY)
ROLL_DETACHING = Body("os-roll_detaching", schema=ANY)
ATTACH = Body(
    "os-attach",
    schema=Object(
        prop("instance_uuid", UUID),
        prop("mountpoint", {"type": "string", "minLength": 1, "maxLength": 255}, required=True),
        prop("host_name", {"type": "string", "maxLength": 255}),
        prop("mode", attachments.MODE),
        anyOf=[{"required": ["instance_uuid"]}, {"required": ["host_name"]}],
    ),
)
DETACH = Body(
    "os-detach",
    schema={
        "type": ["object", "null"],
        "properties": {"attachment_id": {"oneOf": [UUID, {"type": "null"}]}},
        "additionalProperties": False,
    },
)
RETYPE = Body(
    "os-retype",
    prop("new_type", {"type": "string"}, required=True),
    prop("migration_policy", {"type": ["string", "null"], "enum": ["on-demand", "never"]}),
)
IMAGE_METADATA = {
    "type": "object",
    "patternProperties": {"^[a-zA-Z0-9-_:. /]{1,255}$": {"type": "string"}},
    "additionalProperties": False,
}
SET_IMAGE_METADATA = Body("os-set_image_metadata", prop("metadata", IMAGE_METADATA, required=True))
SHOW_IMAGE_METADATA = Body("os-show_image_metadata", schema=ANY)
UNSET_IMAGE_METADATA = Body(
    "os-unset_image_metadata",
    prop("key", {"type": "string", "minLength": 1, "maxLength": 255}, required=True),
)

FORCE_DETACH = Body(
    "os-force_detach",
    prop("connector", {"type": ["string", "object", "null"]}),
    prop("attachment_id", {"type": ["string", "null"]}),
)
INITIALIZE_CONNECTION = Body(
    "os-initialize_connection", prop("connector", {"type": ["object", "string"]}, required=True)
)
TERMINATE_CONNECTION = Body(
    "os-terminate_connection",
    prop("connector", {"type": ["string", "object", "null"]}, required=True),
)

# Operations of states


def reset_status(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Set a volume's states as an admin says they are."""
    asked = body["os-reset_status"]
    columns = ("status", "attach_status", "migration_status")
    changes = {name: asked[name].lower() for name in columns if asked.get(name)}
    if changes.get("migration_status") == "none":
        changes["migration_status"] = None
    ctx.engine.cancel("volume", volume["id"])
    queries.change(ctx, volume["id"], **changes)
    return Reply(202)


def force_delete(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Delete a volume whatever its state."""
    remove(ctx, volume["id"])
    return Reply(202)


def extend(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Make a volume larger; one in use from 3.42 on."""
    size = int(body["os-extend"]["new_size"])
    allowed = ("available", "in-use") if EXTEND_IN_USE in ctx else ("available",)
    if volume["status"] not in allowed:
        raise InvalidVolume(
            reason=f"Volume {volume['id']} status must be {' or '.join(repr(x) for x in allowed)} "
            f"to extend, but current status is {volume['status']}."
        )
    if size <= volume["size"]:
        raise InvalidInput(
            reason="New size for extend must be greater than current size. "
            f"(current: {volume['size']}, extended: {size})."
        )
    quotas.check_size(ctx, volume["project_id"], size)
    growth = size - volume["size"]
    quotas.check(ctx, volume["project_id"], gigabytes=growth, type_name=volume["type_name"])
    lifecycle.begin(ctx, lifecycle.EXTEND, volume["id"], size=size, back=volume["status"])
    return Reply(202)


def retype(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Give a volume another type."""
    kind = types.find_by_name_or_id(ctx, body["os-retype"]["new_type"])
    if volume["status"] not in ("available", "in-use"):
        raise InvalidVolume(
            reason=f"Unable to update type due to incorrect status: {volume['status']} on volume: "
            f"{volume['id']}. Volume status must be available or in-use."
        )
    if kind["id"] == volume["type_id"]:
        raise InvalidInput(reason=f"New volume_type same as original: {kind['id']}.")
    migrates = body["os-retype"].get("migration_policy") == "on-demand"
    lifecycle.begin(
        ctx,
        lifecycle.RETYPE,
        volume["id"],
        type_id=kind["id"],
        migrates=migrates,
        back=volume["status"],
    )
    return Reply(202)


# Operations of flags


def set_bootable(ctx: Context, volume: Any, body: dict[str, Any]) -> None:
    """Say whether servers can boot from a volume."""
    queries.change(ctx, volume["id"], bootable=truth(body["os-set_bootable"]["bootable"]))


def update_readonly(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Say whether a volume is only read."""
    if volume["status"] != "available":
        raise InvalidVolume(
            reason=f"Volume {volume['id']} status must be available to update readonly flag, "
            f"but current status is {volume['status']}."
        )
    flag = str(truth(body["os-update_readonly_flag"]["readonly"]))
    admin = {**orjson.loads(volume["admin_metadata"]), "readonly": flag}
    queries.change(ctx, volume["id"], admin_metadata=orjson.dumps(admin).decode())
    return Reply(202)


# Operations of image metadata


def show_image_metadata(ctx: Context, volume: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Show what a volume remembers of its image."""
    return {"metadata": orjson.loads(volume["image_metadata"] or "{}")}


def set_image_metadata(ctx: Context, volume: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Add to what a volume remembers of its image."""
    known = orjson.loads(volume["image_metadata"] or "{}")
    known.update(body["os-set_image_metadata"]["metadata"])
    queries.change(ctx, volume["id"], image_metadata=orjson.dumps(known).decode())
    return {"metadata": known}


def unset_image_metadata(ctx: Context, volume: Any, body: dict[str, Any]) -> None:
    """Forget one thing that a volume remembers of its image."""
    known = orjson.loads(volume["image_metadata"] or "{}")
    key = body["os-unset_image_metadata"]["key"]
    if key not in known:
        raise GlanceMetadataNotFound(id=volume["id"])
    del known[key]
    queries.change(ctx, volume["id"], image_metadata=orjson.dumps(known).decode())


# Operations of attaching, as before attachments were resources


def reserve(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Keep a volume for a server."""
    if volume["status"] != "available":
        raise InvalidVolume(
            reason=f"Volume status must be available to reserve, but the status is "
            f"{volume['status']}."
        )
    queries.change(ctx, volume["id"], status="attaching", attach_status="attaching")
    return Reply(202)


def unreserve(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Keep a volume for a server no more."""
    if volume["status"] == "attaching":
        back = "in-use" if volume["attachments"] else "available"
        attached = "attached" if volume["attachments"] else "detached"
        queries.change(ctx, volume["id"], status=back, attach_status=attached)
    return Reply(202)


def attach(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Say that a volume is attached."""
    asked = body["os-attach"]
    if asked.get("instance_uuid") and asked.get("host_name"):
        raise BadInput(
            "Invalid request to attach volume to an instance and/or attach to a host. "
            "Please only specify one of them."
        )
    if volume["status"] not in ("available", "attaching"):
        raise InvalidVolume(
            reason=f"volume {volume['id']} already attached"
            if volume["status"] == "in-use"
            else "status must be available or attaching"
        )
    ready = {**volume, "status": "available"}
    connector = {"host": asked.get("host_name"), "mountpoint": asked["mountpoint"]}
    attachment_id = attachments.reserve(
        ctx, ready, server_id=asked.get("instance_uuid"), connector=connector,
        mode=asked.get("mode", "rw"),
    )  # fmt: skip
    attachments.complete(ctx, attachment_id, mountpoint=asked["mountpoint"])
    return Reply(202)


def begin_detaching(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Begin to detach a volume."""
    if volume["status"] != "in-use":
        raise InvalidVolume(
            reason="Unable to detach volume. Volume status must be 'in-use' and attach_status "
            "must be 'attached' to detach."
        )
    queries.change(ctx, volume["id"], status="detaching")
    return Reply(202)


def roll_detaching(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Take the beginning of a detachment back."""
    if volume["status"] == "detaching":
        queries.change(ctx, volume["id"], status="in-use")
    return Reply(202)


def detach(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Say that a volume is detached."""
    wanted = (body["os-detach"] or {}).get("attachment_id")
    attachments.check_use_of_volume(ctx, volume, wanted)
    if len(volume["attachments"]) > 1 and wanted is None:
        raise InvalidVolume(
            reason="Detach volume failed: More than one attachment, but no attachment_id provided."
        )
    for each in volume["attachments"]:
        if wanted is None or each["id"] == wanted:
            attachments.remove(ctx, each["id"])
    return Reply(202)


def force_detach(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """End attachments of a volume whatever their state."""
    wanted = body["os-force_detach"].get("attachment_id")
    attachments.check_use_of_volume(ctx, volume)
    attachments.check_use_of_volume(ctx, volume, wanted)
    for each in volume["attachments"]:
        if wanted is None or each["id"] == wanted:
            attachments.remove(ctx, each["id"])
    if not volume["attachments"]:
        queries.change(ctx, volume["id"], status="available", attach_status="detached")
    return Reply(202)


def initialize_connection(ctx: Context, volume: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Tell a host how it reaches a volume."""
    if not isinstance(body["os-initialize_connection"]["connector"], dict):
        raise BadInput("Must specify 'connector'")
    return {"connection_info": attachments.connection_info(volume)}


def terminate_connection(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Tell a volume that a host reaches it no more."""
    attachments.check_use_of_volume(ctx, volume)
    return Reply(202)
