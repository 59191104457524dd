"""What a volume looks like, at every microversion (Cinder 29.0.0, api.v3.views.volumes)."""

from __future__ import annotations

import uuid
from typing import Any

import orjson

from emulator.wire.links import prefix, service_root
from emulator.wire.request import Context
from emulator.wire.versioned import View, field


def links(row: Any, ctx: Context) -> list[dict[str, str]]:
    """Return the self and bookmark links of a volume."""
    project = f"/{ctx.project_id}" if ctx.prefix.endswith(ctx.project_id) else ""
    return [
        {"rel": "self", "href": f"{prefix(ctx)}/volumes/{row['id']}"},
        {"rel": "bookmark", "href": f"{service_root(ctx)}{project}/volumes/{row['id']}"},
    ]


def attachment(row: Any) -> dict[str, Any]:
    """Return how a volume shows one of its attachments."""
    return {
        "id": row["volume_id"],
        "attachment_id": row["id"],
        "volume_id": row["volume_id"],
        "server_id": row["server_id"],
        "host_name": row["host_name"],
        "device": row["mountpoint"],
        "attached_at": row["attached_at"],
    }


def _attachments(row: Any, ctx: Context) -> list[dict[str, Any]]:
    """The attachments that are made; who may not see hosts sees none of their names."""
    shown = [attachment(each) for each in row["attachments"] if each["attach_status"] == "attached"]
    if not ctx.can("volume_extension:volume_host_attribute"):
        for each in shown:
            each["host_name"] = None
    return shown


def _json(column: str) -> Any:
    return lambda row, ctx: orjson.Fragment(row[column])


def _truth(column: str) -> Any:
    return lambda row, ctx: bool(row[column])


def _service_uuid(row: Any, ctx: Context) -> str | None:
    """The id of the service that holds the volume; it stays the same in every cloud."""
    host = (row["host"] or "").partition("#")[0]
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, host)) if host else None


def _metadata(row: Any, ctx: Context) -> dict[str, str]:
    metadata: dict[str, str] = orjson.loads(row["metadata"])
    admin = orjson.loads(row["admin_metadata"])
    return {
        **metadata,
        **{key: admin[key] for key in ("readonly", "attached_mode") if key in admin},
    }


SUMMARY = View(field("id"), field("name"), field("links", links))

VOLUME = View(
    field("id"),
    field("status"),
    field("size"),
    field("availability_zone"),
    field("created_at"),
    field("updated_at"),
    field("name"),
    field("description"),
    field("volume_type", column="type_name"),
    field("snapshot_id"),
    field("source_volid"),
    field("metadata", _metadata),
    field("links", links),
    field("user_id"),
    field("bootable", lambda row, ctx: "true" if row["bootable"] else "false"),
    field("encrypted", _truth("encrypted")),
    field("replication_status", lambda row, ctx: None),
    field("consistencygroup_id"),
    field("multiattach", _truth("multiattach")),
    field("attachments", _attachments),
    field("migration_status", when=lambda row, ctx: ctx.is_admin),
    field("group_id", since="3.13"),
    field("provider_id", lambda row, ctx: None, since="3.21", when=lambda row, ctx: ctx.is_admin),
    field("shared_targets", _truth("shared_targets"), since="3.48"),
    field("service_uuid", _service_uuid, since="3.48"),
    field("cluster_name", lambda row, ctx: None, since="3.61", when=lambda row, ctx: ctx.is_admin),
    field("volume_type_id", column="type_id", since="3.63"),
    field(
        "encryption_key_id",
        since="3.64",
        when=lambda row, ctx: row["encryption_key_id"] is not None,
    ),
    field("consumes_quota", lambda row, ctx: True, since="3.65"),
)
DETAIL = View(
    *VOLUME.fields,
    field(
        "os-vol-tenant-attr:tenant_id",
        column="project_id",
        policy="volume_extension:volume_tenant_attribute",
    ),
    field(
        "os-vol-mig-status-attr:migstat",
        column="migration_status",
        policy="volume_extension:volume_mig_status_attribute",
    ),
    field(
        "os-vol-mig-status-attr:name_id",
        lambda row, ctx: None,
        policy="volume_extension:volume_mig_status_attribute",
    ),
    field(
        "os-vol-host-attr:host",
        column="host",
        policy="volume_extension:volume_host_attribute",
    ),
    field(
        "volume_image_metadata",
        _json("image_metadata"),
        policy="volume_extension:volume_image_metadata:show",
        when=lambda row, ctx: row["image_metadata"] not in (None, "{}"),
    ),
)
