"""What is done with volumes: list, show, create, update, delete, and their metadata."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.errors import BadInput
from emulator.volume import listing, quotas, snapshots, statuses, types
from emulator.volume.errors import (
    BackupNotFound,
    GroupNotFound,
    InvalidBackup,
    InvalidInput,
    InvalidVolume,
    VolumeMetadataNotFound,
)
from emulator.volume.schemas import truth
from emulator.volume.versions import IMAGES_WITHOUT_DATA, SUMMARY_HAS_METADATA
from emulator.volume.volumes import imaging, lifecycle, queries
from emulator.volume.volumes.views import DETAIL, SUMMARY, VOLUME
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import View

DELETABLE = ("available", "error", "error_restoring", "error_extending", "error_managing")
NOT_DELETABLE = (
    "Volume status must be available or error or error_restoring or error_extending or "
    "error_managing and must not be migrating, attached, belong to a group, have snapshots, "
    "awaiting a transfer, or be disassociated from snapshots after volume transfer."
)
MULTIATTACH_IS_OF_TYPES = (
    "multiattach parameter has been removed. The default behavior is to use multiattach enabled "
    "volume types. Contact your administrator to create a multiattach enabled volume type and use "
    "it to create multiattach volumes."
)
NO_SIZE = (
    "The server could not comply with the request since it is either malformed or otherwise "
    "incorrect."
)

# Lists


def index(ctx: Context) -> dict[str, Any]:
    """List volumes, name and links only."""
    return _list(ctx, SUMMARY, "/volumes")


def detail(ctx: Context) -> dict[str, Any]:
    """List volumes in detail."""
    return _list(ctx, DETAIL, "/volumes/detail")


def _list(ctx: Context, view: View, path: str) -> dict[str, Any]:
    listing.flag(ctx, "all_tenants")
    return listing.answer(
        ctx,
        queries.LISTED,
        view,
        path,
        more=_further(ctx),
        complete=queries.with_attachments,
    )


def _further(ctx: Context) -> tuple[list[str], list[Any]]:
    """The conditions of volumes' own: bootable and metadata."""
    where: list[str] = []
    values: list[Any] = []
    if "bootable" in ctx.query:
        text = ctx.query["bootable"][-1]
        if text.strip().lower() not in listing.BOOLEAN_WORDS:
            raise InvalidInput(reason=f"'bootable = {text}'")
        where.append("v.bootable = ?")
        values.append(truth(ctx.query["bootable"][-1]))
    if "metadata" in ctx.query:
        for key, value in listing.mapping(ctx.query["metadata"][-1]).items():
            where.append(queries.HAS_METADATA)
            values += [key, str(value)]
    return where, values


def show(ctx: Context, volume: Any) -> dict[str, Any]:
    """Show a volume."""
    return {"volume": DETAIL.render(volume, ctx)}


def summary(ctx: Context) -> dict[str, Any]:
    """Sum volumes up."""
    every = listing.flag(ctx, "all_tenants") and ctx.is_admin
    rows = queries.summary(ctx, None if every else ctx.project_id)
    content: dict[str, Any] = {
        "total_count": len(rows),
        "total_size": sum(row["size"] for row in rows),
    }
    if SUMMARY_HAS_METADATA in ctx:
        values: dict[str, list[str]] = {}
        for row in rows:
            for key, value in orjson.loads(row["metadata"]).items():
                if value not in values.setdefault(key, []):
                    values[key].append(value)
        content["metadata"] = values
    return {"volume-summary": content}


# Changes


def create(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make a volume: empty, or of an image, a snapshot or another volume."""
    asked = body["volume"]
    group = _group(ctx, asked)
    zone = asked.get("availability_zone")
    if zone is not None and not queries.zone_exists(ctx, zone):
        raise BadInput(f"Availability zone '{zone}' is invalid.")
    image = imaging.named(ctx, asked.get("imageRef") or asked.get("image_id"))
    behind = imaging.snapshot_behind(ctx, image)
    if behind is not None and IMAGES_WITHOUT_DATA in ctx:
        asked, image = {**asked, "snapshot_id": behind}, None
    origin = _origin(ctx, asked)
    size = _size(asked, origin)
    if truth(asked.get("multiattach") or False):
        raise BadInput(MULTIATTACH_IS_OF_TYPES)
    if image is not None:
        imaging.check(image, size)
    kind = _type(ctx, asked, origin)
    volume_id = make(ctx, asked, size=size, kind=kind, origin=origin, image=image)
    if group is not None:
        queries.join(ctx, volume_id, group)
    return Reply(202, {"volume": VOLUME.render(queries.find(ctx, volume_id), ctx)})


def make(
    ctx: Context,
    asked: dict[str, Any],
    *,
    size: int,
    kind: Any,
    origin: Any = None,
    image: Any = None,
) -> str:
    """Make a volume whose parts were checked; return its id."""
    quotas.check_size(ctx, ctx.project_id, size)
    quotas.check(ctx, ctx.project_id, volumes=1, gigabytes=size, type_name=kind and kind["name"])
    volume_id = ctx.ids.uuid()
    ctx.db.insert(
        "volume_volumes",
        {
            "id": volume_id,
            "project_id": ctx.project_id,
            "user_id": ctx.user_id,
            "name": asked.get("name") or asked.get("display_name"),
            "description": asked.get("description") or asked.get("display_description"),
            "size": size,
            "status": "creating",
            "availability_zone": asked.get("availability_zone") or "nova",
            "type_id": kind and kind["id"],
            "snapshot_id": asked.get("snapshot_id"),
            "source_volid": asked.get("source_volid"),
            "metadata": statuses.metadata_text(ctx, asked.get("metadata")),
            "image_metadata": imaging.metadata(image) if image is not None else _image_of(origin),
            "bootable": image is not None or bool(origin is not None and origin["bootable"]),
            "multiattach": queries.is_multiattach(kind),
            "encrypted": kind is not None and queries.is_encrypted(ctx, kind["id"]),
            "created_at": ctx.timestamp,
        },
    )
    change = lifecycle.CREATE if image is None else lifecycle.CREATE_FROM_IMAGE
    lifecycle.begin(ctx, change, volume_id)
    return volume_id


def _image_of(origin: Any) -> str | None:
    return origin["image_metadata"] if origin is not None else None


def _group(ctx: Context, asked: dict[str, Any]) -> Any:
    """The group that a new volume is made in, if any; GroupNotFound when it is not there.

    Its type has to be said and be one of the group's (Cinder 29.0.0, cinder.volume.api).
    """
    group_id = asked.get("group_id") or asked.get("consistencygroup_id")
    if not group_id:
        return None
    group = queries.group(ctx, group_id)
    if group is None or not (ctx.is_admin or group["project_id"] == ctx.project_id):
        raise GroupNotFound(group_id=group_id)
    if not asked.get("volume_type"):
        raise InvalidInput(reason="volume_type must be provided when creating a volume in a group.")
    kind = types.find_by_name_or_id(ctx, asked["volume_type"])
    if kind["id"] not in orjson.loads(group["volume_types"]):
        raise InvalidInput(
            reason=f"Invalid volume_type provided: {kind['name']} (requested type must be "
            "supported by this group)."
        )
    return group


def _backup(ctx: Context, backup_id: str) -> Any:
    """The backup that a new volume's content comes from, as if it were a volume."""
    backup = queries.backup(ctx, backup_id)
    if backup is None or not (ctx.is_admin or backup["project_id"] == ctx.project_id):
        raise BackupNotFound(backup_id=backup_id)
    if backup["status"] != "available":
        raise InvalidBackup(reason="Originating backup status must be one of 'available' values")
    plain = {"bootable": False, "image_metadata": None, "type_id": None, "size": backup["size"]}
    return {**plain, **orjson.loads(backup["volume_facts"])}


def _origin(ctx: Context, asked: dict[str, Any]) -> Any:
    """The volume that the new one's content comes from; for a snapshot, the one it is of."""
    if asked.get("snapshot_id"):
        snapshot = snapshots.find(ctx, asked["snapshot_id"])
        if snapshot["status"] != "available":
            raise InvalidInput(
                reason=f"Originating snapshot status must be one of 'available' values; "
                f"current status is {snapshot['status']}"
            )
        return {**queries.find(ctx, snapshot["volume_id"]), "size": snapshot["size"]}
    if asked.get("source_volid"):
        return queries.find(ctx, asked["source_volid"])
    if asked.get("backup_id"):
        return _backup(ctx, asked["backup_id"])
    return None


def _size(asked: dict[str, Any], origin: Any) -> int:
    """The size in GiB: as asked, or as the origin's."""
    size = asked.get("size")
    if size is None:
        if origin is None:
            raise BadInput(NO_SIZE)
        return int(origin["size"])
    if origin is not None and int(size) < origin["size"]:
        if asked.get("snapshot_id"):
            raise InvalidInput(
                reason=f"Volume size '{int(size)}'GB cannot be smaller than the snapshot size "
                f"{origin['size']}GB. They must be >= original snapshot size."
            )
        if asked.get("backup_id"):
            raise InvalidInput(
                reason=f"Volume size {int(size)}GB cannot be smaller than the backup size "
                f"{origin['size']}GB. It must be >= backup size."
            )
        raise InvalidInput(
            reason=f"Volume size '{int(size)}'GB cannot be smaller than original volume size  "
            f"{origin['size']}GB. They must be >= original volume size."
        )
    return int(size)


def _type(ctx: Context, asked: dict[str, Any], origin: Any) -> Any:
    """The type: as asked, or as the origin's, or the default one."""
    if asked.get("volume_type"):
        return types.find_by_name_or_id(ctx, asked["volume_type"])
    if origin is not None and origin["type_id"]:
        return types.find(ctx, origin["type_id"])
    return types.default(ctx)


def update(ctx: Context, volume: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Rename or describe a volume, or replace its metadata."""
    asked = body["volume"]
    changes: dict[str, Any] = {}
    for column in ("name", "description"):
        for key in (f"display_{column}", column):
            if key in asked:
                changes[column] = asked[key] and asked[key].strip()
    if "metadata" in asked:
        changes["metadata"] = statuses.metadata_text(ctx, asked["metadata"])
    if changes:
        queries.change(ctx, volume["id"], **changes)
    return {"volume": VOLUME.render(queries.find(ctx, volume["id"]), ctx)}


def delete(ctx: Context, volume: Any) -> Reply:
    """Delete a volume; with `cascade` its snapshots too."""
    cascade = truth(ctx.query.get("cascade", ["false"])[-1])
    if volume["status"] == "deleting":
        return Reply(202)
    if cascade:
        snapshots.delete_all(ctx, volume["id"])
    if (
        volume["status"] not in DELETABLE
        or volume["attachments"]
        or volume["group_id"]
        or volume["migration_status"] in ("migrating", "starting", "completing")
        or (not cascade and queries.has_snapshots(ctx, volume["id"]))
    ):
        raise InvalidVolume(reason=NOT_DELETABLE)
    remove(ctx, volume["id"])
    return Reply(202)


def remove(ctx: Context, volume_id: str) -> None:
    """Begin the end of a volume whatever it is in the middle of."""
    ctx.engine.cancel("volume", volume_id)
    lifecycle.begin(ctx, lifecycle.DELETE, volume_id)


# Metadata


def metadata_index(ctx: Context, volume: Any) -> dict[str, Any]:
    """Show a volume's metadata."""
    return {"metadata": orjson.Fragment(volume["metadata"])}


def metadata_update(ctx: Context, volume: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Add to a volume's metadata."""
    merged = {**orjson.loads(volume["metadata"]), **body["metadata"]}
    return _write_metadata(ctx, volume, merged)


def metadata_replace(ctx: Context, volume: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Replace a volume's metadata."""
    return _write_metadata(ctx, volume, body["metadata"])


def metadata_show(ctx: Context, volume: Any, key: str) -> dict[str, Any]:
    """Show one item of a volume's metadata."""
    return {"meta": {key: _item(volume, key)}}


def metadata_set(ctx: Context, volume: Any, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Set one item of a volume's metadata."""
    if key not in body["meta"]:
        raise BadInput("Request body and URI mismatch")
    _write_metadata(ctx, volume, {**orjson.loads(volume["metadata"]), **body["meta"]})
    return body


def metadata_delete(ctx: Context, volume: Any, key: str) -> None:
    """Take one item of a volume's metadata away."""
    _item(volume, key)
    metadata = orjson.loads(volume["metadata"])
    del metadata[key]
    _write_metadata(ctx, volume, metadata)


def _item(volume: Any, key: str) -> str:
    metadata: dict[str, str] = orjson.loads(volume["metadata"])
    if key not in metadata:
        raise VolumeMetadataNotFound(volume_id=volume["id"], metadata_key=key)
    return metadata[key]


def _write_metadata(ctx: Context, volume: Any, metadata: dict[str, Any]) -> dict[str, Any]:
    queries.change(ctx, volume["id"], metadata=statuses.metadata_text(ctx, metadata))
    return {"metadata": metadata}
