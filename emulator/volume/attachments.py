"""Attachments: a volume reserved for, attached to, and detached from a server or a host."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.volume import listing
from emulator.volume.errors import (
    InvalidInput,
    InvalidVolume,
    ServerUsesAttachment,
    VolumeAttachmentNotFound,
)
from emulator.volume.schemas import ANY, UUID
from emulator.volume.volumes import queries as volumes
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, View, field, prop

MODE = {"type": "string", "enum": ["rw", "ro"]}

# Schemas

CREATE = Body(
    "attachment",
    prop("instance_uuid", UUID),
    prop("connector", {"type": ["object", "null"]}),
    prop("volume_uuid", UUID, required=True),
    prop("mode", MODE, since="3.54"),
)
UPDATE = Body(
    "attachment", prop("connector", {"type": "object", "minProperties": 1}, required=True)
)
COMPLETE = Body("os-complete", schema=ANY)

# View


def _connection(row: Any, ctx: Context) -> Any:
    """How a host reaches the volume, once a connector said which host it is."""
    if row["connector"] is None:
        return {}
    return {
        "driver_volume_type": "iscsi",
        **target_of(row["volume_id"]),
        "attachment_id": row["id"],
        "access_mode": "ro" if row["attach_mode"] == "ro" else "rw",
        "encrypted": False,
        "qos_specs": None,
        "cacheable": False,
        "enforce_multipath": False,
    }


def target_of(volume_id: str) -> dict[str, Any]:
    """Return where an iSCSI initiator finds a volume."""
    return {
        "target_discovered": False,
        "target_portal": "127.0.0.1:3260",
        "target_iqn": f"iqn.2010-10.org.openstack:volume-{volume_id}",
        "target_lun": 0,
        "volume_id": volume_id,
    }


def connection_info(volume: Any) -> dict[str, Any]:
    """Return what the old os-initialize_connection says."""
    return {"driver_volume_type": "iscsi", "data": target_of(volume["id"])}


SUMMARY = View(
    field("id"),
    field("status", column="attach_status"),
    field("instance", column="server_id"),
    field("volume_id"),
)
ATTACHMENT = View(
    *SUMMARY.fields,
    field("attached_at", lambda row, ctx: row["attached_at"] or ""),
    field("detached_at", lambda row, ctx: row["detached_at"] or ""),
    field("attach_mode"),
    field("connection_info", _connection),
)

# Queries


def find(ctx: Context, attachment_id: str) -> Any:
    """Return an attachment of the caller's project, for admins of any; else 404."""
    row = ctx.db.get("volume_attachments", attachment_id)
    if row is None or not (ctx.is_admin or row["project_id"] == ctx.project_id):
        raise VolumeAttachmentNotFound(filter=f"attachment_id = {attachment_id}")
    return row


def target(row: Any) -> dict[str, Any]:
    """Return whose an attachment is, for policy."""
    return {"project_id": row["project_id"]}


LISTED = listing.Listed(
    key="attachments",
    columns="*",
    source="volume_attachments",
    filters={"volume_id": "volume_id", "instance_id": "server_id", "status": "attach_status"},
    sort_keys={name: name for name in ("created_at", "id", "volume_id", "attach_status")},
    find=find,
)


# What Compute calls


def reserve(
    ctx: Context,
    volume: Any,
    *,
    server_id: str | None = None,
    connector: Any = None,
    mode: str | None = None,
) -> str:
    """Reserve a volume for a server, with a connector begin to attach it; return the attachment."""
    shared = bool(volume["multiattach"])
    allowed = ("available", "in-use", "downloading") if shared else ("available", "downloading")
    if volume["status"] not in allowed:
        raise InvalidVolume(
            reason=f"Volume {volume['id']} status must be {' or '.join(allowed)} to reserve, "
            f"but the current status is {volume['status']}."
        )
    state = "reserved" if not connector else "attaching"
    attachment_id = ctx.ids.uuid()
    ctx.db.insert(
        "volume_attachments",
        {
            "id": attachment_id,
            "volume_id": volume["id"],
            "project_id": volume["project_id"],
            "server_id": server_id,
            "host_name": (connector or {}).get("host"),
            "mountpoint": connector.get("mountpoint", "na") if connector else None,
            "attach_status": state,
            "attach_mode": mode or "null",
            "connector": orjson.dumps(connector).decode() if connector else None,
            "created_at": ctx.timestamp,
        },
    )
    if volume["status"] != "in-use":
        volumes.change(ctx, volume["id"], status=state, attach_status=state)
    return attachment_id


def complete(
    ctx: Context, attachment_id: str, *, mountpoint: str | None = None, host: str | None = None
) -> None:
    """Say that an attachment is made: the volume is in use."""
    row = ctx.db.get("volume_attachments", attachment_id)
    ctx.db.update(
        "volume_attachments",
        attachment_id,
        attach_status="attached",
        attached_at=ctx.timestamp,
        attach_mode="rw" if row["attach_mode"] == "null" else row["attach_mode"],
        mountpoint=mountpoint or row["mountpoint"],
        host_name=host or row["host_name"],
    )
    volumes.change(ctx, row["volume_id"], status="in-use", attach_status="attached")


def remove(ctx: Context, attachment_id: str) -> None:
    """End an attachment; the volume is available when it was the last."""
    row = ctx.db.get("volume_attachments", attachment_id)
    if row is None:
        return
    ctx.db.delete("volume_attachments", attachment_id)
    left = volumes.attachments_of(ctx, [row["volume_id"]])
    if not left:
        volumes.change(ctx, row["volume_id"], status="available", attach_status="detached")
    elif any(each["attach_status"] == "attached" for each in left):
        volumes.change(ctx, row["volume_id"], status="in-use", attach_status="attached")


def leave_in_error(ctx: Context, attachment_id: str) -> None:
    """Let an attachment be in error_attaching, and its volume stay reserved for it."""
    row = ctx.db.get("volume_attachments", attachment_id)
    ctx.db.update("volume_attachments", attachment_id, attach_status="error_attaching")
    volumes.change(ctx, row["volume_id"], attach_status="error_attaching")


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List attachments."""
    return listing.answer(ctx, LISTED, SUMMARY, "/attachments")


def detail(ctx: Context) -> dict[str, Any]:
    """List attachments in detail."""
    return listing.answer(ctx, LISTED, ATTACHMENT, "/attachments/detail")


def show(ctx: Context, attachment: Any) -> dict[str, Any]:
    """Show an attachment."""
    return {"attachment": ATTACHMENT.render(attachment, ctx)}


def create(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Reserve a volume, or begin to attach it where a connector is given."""
    asked = body["attachment"]
    volume = volumes.find(ctx, asked["volume_uuid"])
    attachment_id = reserve(
        ctx,
        volume,
        server_id=asked.get("instance_uuid"),
        connector=asked.get("connector"),
        mode=asked.get("mode"),
    )
    return {"attachment": ATTACHMENT.render(find(ctx, attachment_id), ctx)}


def update(ctx: Context, attachment: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Begin to attach a reserved volume: the connector says from where.

    The answer has the state of before: it was read before the host was asked (Cinder 29.0.0).
    """
    connector = body["attachment"]["connector"]
    ctx.db.update(
        "volume_attachments",
        attachment["id"],
        attach_status="attaching",
        connector=orjson.dumps(connector).decode(),
        host_name=connector.get("host"),
        mountpoint=connector.get("mountpoint", "na"),
    )
    volumes.change(ctx, attachment["volume_id"], status="attaching", attach_status="attaching")
    before = {"attach_status": attachment["attach_status"]}
    shown = {**find(ctx, attachment["id"]), **before}
    return {"attachment": ATTACHMENT.render(shown, ctx)}


def complete_action(ctx: Context, attachment: Any, body: dict[str, Any]) -> Reply:
    """Say that an attachment is made (os-complete), whatever its state (Cinder 29.0.0)."""
    complete(ctx, attachment["id"])
    return Reply(204)


def check_use(ctx: Context, attachment: Any) -> None:
    """Refuse that anyone but a service ends the attachment that a server uses."""
    server_id = attachment["server_id"]
    if "service" in ctx.credentials.roles or not server_id:
        return
    if attachment["attach_status"] != "attached":
        return
    if ctx.cloud.signals.emit("server_uses_attachment", ctx, server_id, attachment["id"]):
        raise ServerUsesAttachment(server_id=server_id)


def check_use_of_volume(ctx: Context, volume: Any, attachment_id: str | None = None) -> None:
    """Refuse it for the attachment that is named, or for the only one that a volume has.

    Which of several is meant must be said (Cinder 29.0.0, API.attachment_deletion_allowed).
    """
    if "service" in ctx.credentials.roles or not (attachment_id or volume["attachments"]):
        return
    if attachment_id:
        attachment = ctx.db.get("volume_attachments", attachment_id)
    else:
        attachment = volume["attachments"][0] if len(volume["attachments"]) == 1 else None
    if attachment is None:
        raise ServerUsesAttachment(server_id="")
    if attachment["volume_id"] != volume["id"]:
        raise InvalidInput(reason="Mismatched volume and attachment")
    check_use(ctx, attachment)


def delete(ctx: Context, attachment: Any) -> dict[str, Any]:
    """End an attachment; one that a server uses is Compute's to end."""
    check_use(ctx, attachment)
    remove(ctx, attachment["id"])
    left = volumes.attachments_of(ctx, [attachment["volume_id"]])
    return {"attachments": [SUMMARY.render(row, ctx) for row in left]}
