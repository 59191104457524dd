"""Backups of volumes: made, restored, exported and imported."""

from __future__ import annotations

import base64
from typing import Any

import orjson

from emulator.errors import BadInput
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Step, Transition
from emulator.volume import listing, quotas, snapshots, statuses
from emulator.volume.errors import BackupLimitExceeded, BackupNotFound, InvalidBackup, InvalidVolume
from emulator.volume.schemas import (
    BOOLEAN,
    METADATA,
    METADATA_OR_NULL,
    NULL,
    SHORT_TEXT,
    UUID,
    UUID_OR_NULL,
    truth,
)
from emulator.volume.volumes import operations as volume_operations
from emulator.volume.volumes import queries as volumes
from emulator.wire.links import prefix, service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, View, field, prop

BACKUP_SERVICE = "cinder.backup.drivers.swift.SwiftBackupDriver"

# Schemas

CREATE = Body(
    "backup",
    prop("volume_id", UUID, required=True),
    prop("container", SHORT_TEXT),
    prop("description", SHORT_TEXT),
    prop("incremental", BOOLEAN),
    prop("force", BOOLEAN),
    prop("name", SHORT_TEXT),
    prop("snapshot_id", {"oneOf": [UUID, NULL]}),
    prop("metadata", METADATA_OR_NULL, since="3.43"),
    prop("availability_zone", SHORT_TEXT, since="3.51"),
)
UPDATE = Body(
    "backup",
    prop("name", SHORT_TEXT),
    prop("description", SHORT_TEXT),
    prop("metadata", METADATA, since="3.43"),
)
RESTORE = Body(
    "restore",
    schema={
        "type": ["object", "null"],
        "properties": {"name": SHORT_TEXT, "volume_id": UUID_OR_NULL},
        "additionalProperties": False,
    },
)
IMPORT = Body(
    "backup-record",
    prop("backup_service", {"type": "string", "minLength": 0, "maxLength": 255}, required=True),
    prop("backup_url", {"type": "string", "minLength": 1, "format": "base64"}, required=True),
)
RESET_STATUS = Body(
    "os-reset_status",
    schema=Object(prop("status", {"type": "string", "format": "backup_status"}, required=True)),
)

# View


def links(row: Any, ctx: Context) -> list[dict[str, str]]:
    """Return the self and bookmark links of a backup."""
    return [
        {"rel": "self", "href": f"{prefix(ctx)}/backups/{row['id']}"},
        {"rel": "bookmark", "href": f"{service_root(ctx)}/backups/{row['id']}"},
    ]


def _dependent(row: Any, ctx: Context) -> bool:
    return _has_dependents(ctx, row["id"])


SUMMARY = View(field("id"), field("name"), field("links", links))
BACKUP = View(
    field("id"),
    field("status"),
    field("size"),
    field("object_count"),
    field("availability_zone"),
    field("container"),
    field("created_at"),
    field("updated_at"),
    field("name"),
    field("description"),
    field("fail_reason"),
    field("volume_id"),
    field("links", links),
    field("is_incremental", lambda row, ctx: row["parent_id"] is not None),
    field("has_dependent_backups", _dependent),
    field("snapshot_id"),
    field("data_timestamp"),
    field(
        "os-backup-project-attr:project_id",
        column="project_id",
        since="3.18",
        policy="backup:backup_project_attribute",
    ),
    field("metadata", lambda row, ctx: orjson.Fragment(row["metadata"]), since="3.43"),
    field("user_id", since="3.56"),
    field("encryption_key_id", lambda row, ctx: None, since="3.64", when=lambda row, ctx: False),
)

# Queries


def find(ctx: Context, backup_id: str) -> Any:
    """Return a backup of the caller's project, for admins of any. BackupNotFound otherwise."""
    row = ctx.db.get("volume_backups", backup_id)
    if row is None or not (ctx.is_admin or row["project_id"] == ctx.project_id):
        raise BackupNotFound(backup_id=backup_id)
    return row


def change(ctx: Context, backup_id: str, **changes: Any) -> None:
    """Set columns of a backup."""
    ctx.db.update("volume_backups", backup_id, **changes, updated_at=ctx.timestamp)


def _has_dependents(ctx: Context, backup_id: str) -> bool:
    sql = "SELECT 1 FROM volume_backups WHERE parent_id = ? LIMIT 1"
    return ctx.db.value(sql, (backup_id,)) is not None


def _newest(ctx: Context, volume_id: str) -> Any:
    return ctx.db.one(
        "SELECT * FROM volume_backups WHERE volume_id = ? AND status = 'available'"
        " ORDER BY created_at DESC, rowid DESC LIMIT 1",
        (volume_id,),
    )


LISTED = listing.Listed(
    "backups",
    "*",
    "volume_backups",
    filters={name: name for name in ("name", "status", "volume_id", "id")},
    sort_keys={name: name for name in ("created_at", "id", "name", "status")},
    find=find,
    counted=True,
)

# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List backups, name and links only."""
    return listing.answer(ctx, LISTED, SUMMARY, "/backups")


def detail(ctx: Context) -> dict[str, Any]:
    """List backups in detail."""
    return listing.answer(ctx, LISTED, BACKUP, "/backups/detail")


def show(ctx: Context, backup: Any) -> dict[str, Any]:
    """Show a backup."""
    return {"backup": BACKUP.render(backup, ctx)}


def create(ctx: Context, body: dict[str, Any]) -> Reply:
    """Back a volume up, whole or what changed since its newest backup."""
    asked = body["backup"]
    volume = volumes.find(ctx, asked["volume_id"])
    snapshot_id = asked.get("snapshot_id")
    snapshot = snapshots.find(ctx, snapshot_id) if snapshot_id else None
    force = truth(asked.get("force", False))
    if snapshot is None and volume["status"] not in (
        ("available", "in-use") if force else ("available",)
    ):
        raise InvalidVolume(
            reason="Backing up an in-use volume must use the force flag."
            if volume["status"] == "in-use"
            else f"Volume to be backed up must be available or in-use, but the current status is "
            f'"{volume["status"]}".'
        )
    parent = None
    if truth(asked.get("incremental", False)):
        parent = _newest(ctx, volume["id"])
        if parent is None:
            raise InvalidBackup(reason="No backups available to do an incremental backup.")
    _check_quota(ctx, volume["size"])
    backup_id = ctx.ids.uuid()
    ctx.db.insert(
        "volume_backups",
        {
            "id": backup_id,
            "project_id": ctx.project_id,
            "user_id": ctx.user_id,
            "volume_id": volume["id"],
            "snapshot_id": snapshot_id,
            "parent_id": parent and parent["id"],
            "name": asked.get("name"),
            "description": asked.get("description"),
            "container": asked.get("container") or "volumebackups",
            "availability_zone": asked.get("availability_zone") or "nova",
            "size": volume["size"],
            "object_count": 0,
            "status": "creating",
            "metadata": statuses.metadata_text(ctx, asked.get("metadata")),
            "data_timestamp": snapshot["created_at"] if snapshot else ctx.timestamp,
            "volume_facts": orjson.dumps(
                {
                    "bootable": volume["bootable"],
                    "image_metadata": volume["image_metadata"],
                    "metadata": volume["metadata"],
                }
            ).decode(),
            "created_at": ctx.timestamp,
        },
    )
    back = volume["status"]
    if snapshot is None:
        volumes.change(ctx, volume["id"], status="backing-up", previous_status=back)
    ctx.engine.begin(
        ctx, "backup", CREATING.name, backup_id, back=back if snapshot is None else None
    )
    return Reply(202, {"backup": SUMMARY.render(find(ctx, backup_id), ctx)})


def _check_quota(ctx: Context, size: int) -> None:
    allowed, used = quotas.limits(ctx, ctx.project_id), quotas.usage(ctx, ctx.project_id)
    if 0 <= allowed["backups"] <= used["backups"]:
        raise BackupLimitExceeded(allowed=allowed["backups"])
    limit = allowed["backup_gigabytes"]
    if 0 <= limit < used["backup_gigabytes"] + size:
        raise BackupLimitExceeded(
            "VolumeBackupSizeExceedsAvailableQuota: Requested backup exceeds allowed Backup "
            f"gigabytes quota. Requested {size}G, quota is {limit}G and "
            f"{used['backup_gigabytes']}G has been consumed."
        )


def update(ctx: Context, backup: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Rename or describe a backup, or replace its metadata."""
    asked = body["backup"]
    if not asked:
        raise BadInput("Missing updates for backup.")
    changes = {name: asked[name] for name in ("name", "description") if name in asked}
    if "metadata" in asked:
        changes["metadata"] = orjson.dumps(asked["metadata"]).decode()
    change(ctx, backup["id"], **changes)
    answer = SUMMARY.render(find(ctx, backup["id"]), ctx)
    return {"backup": answer}


def delete(ctx: Context, backup: Any) -> Reply:
    """Delete a backup that none is built on."""
    if backup["status"] not in ("available", "error"):
        raise InvalidBackup(reason="Backup status must be available or error")
    if _has_dependents(ctx, backup["id"]):
        raise InvalidBackup(reason="Incremental backups exist for this backup.")
    ctx.engine.begin(ctx, "backup", DELETING.name, backup["id"])
    return Reply(202)


def force_delete(ctx: Context, backup: Any, body: dict[str, Any]) -> Reply:
    """Delete a backup whatever its state."""
    ctx.engine.cancel("backup", backup["id"])
    ctx.engine.begin(ctx, "backup", DELETING.name, backup["id"])
    return Reply(202)


def reset_status(ctx: Context, backup: Any, body: dict[str, Any]) -> Reply:
    """Set a backup's status as an admin says it is."""
    ctx.engine.cancel("backup", backup["id"])
    change(ctx, backup["id"], status=body["os-reset_status"]["status"])
    return Reply(202)


def restore(ctx: Context, backup: Any, body: dict[str, Any]) -> Reply:
    """Write a backup into a volume, into a new one where none is named."""
    asked = body["restore"] or {}
    if backup["status"] != "available":
        raise InvalidBackup(reason="Backup status must be available")
    volume_id = asked.get("volume_id")
    if volume_id:
        volume = volumes.find(ctx, volume_id)
        if volume["status"] != "available":
            raise InvalidVolume(reason="Volume to be restored to must be available")
        if volume["size"] < backup["size"]:
            raise InvalidVolume(
                reason=f"volume size {volume['size']} is too small to restore backup of size "
                f"{backup['size']}."
            )
        name = volume["name"]
    else:
        name = asked.get("name") or f"restore_backup_{backup['id']}"
        volume_id = volume_operations.make(
            ctx, {"name": name}, size=backup["size"], kind=None, origin=_origin(backup)
        )
        ctx.engine.cancel("volume", volume_id)
    volumes.change(ctx, volume_id, status="restoring-backup")
    change(ctx, backup["id"], status="restoring")
    ctx.engine.begin(ctx, "backup", RESTORING.name, backup["id"], volume_id=volume_id)
    return Reply(
        202,
        {"restore": {"backup_id": backup["id"], "volume_id": volume_id, "volume_name": name}},
    )


def _origin(backup: Any) -> dict[str, Any]:
    facts: dict[str, Any] = orjson.loads(backup["volume_facts"])
    nothing = {"bootable": False, "image_metadata": None, "metadata": "{}"}
    return {**nothing, **facts}


def export(ctx: Context, backup: Any) -> dict[str, Any]:
    """Return what another cloud needs to know a backup."""
    if backup["status"] != "available":
        raise InvalidBackup(reason=f"Backup status must be available and not {backup['status']}.")
    record = base64.b64encode(orjson.dumps(dict(backup))).decode()
    return {"backup-record": {"backup_service": BACKUP_SERVICE, "backup_url": record}}


def import_record(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make a backup known that another cloud, or this one, exported."""
    asked = body["backup-record"]
    try:
        record = orjson.loads(base64.b64decode(asked["backup_url"]))
        backup_id = record["id"]
    except (ValueError, KeyError, TypeError):
        raise BadInput("Invalid input received: Can't parse backup record.") from None
    known = ctx.db.get("volume_backups", backup_id)
    if known is not None:
        raise InvalidBackup(reason="Backup already exists in database.")
    columns = {key for key in record if isinstance(key, str)} & set(COLUMNS)
    ctx.db.insert(
        "volume_backups",
        {
            **{key: record[key] for key in COLUMNS if key in columns},
            "project_id": ctx.project_id,
            "user_id": ctx.user_id,
            "status": "creating",
            "created_at": ctx.timestamp,
            "updated_at": None,
        },
    )
    ctx.engine.begin(ctx, "backup", CREATING.name, backup_id, back=None)
    return Reply(201, {"backup": SUMMARY.render(find(ctx, backup_id), ctx)})


COLUMNS = (
    "id", "project_id", "user_id", "volume_id", "snapshot_id", "parent_id", "name", "description",
    "container", "availability_zone", "size", "object_count", "status", "fail_reason", "metadata",
    "data_timestamp", "volume_facts", "created_at", "updated_at",
)  # fmt: skip

# Lifecycle


def _done(ctx: Context, backup: Any, arguments: Arguments) -> None:
    """The backup is made: the volume goes back to what it was, unless it was detached meanwhile."""
    volume = volumes.raw(ctx, backup["volume_id"])
    if arguments.get("back") and volume is not None and volume["status"] == "backing-up":
        volumes.change(ctx, backup["volume_id"], status=arguments["back"])


def _restored(ctx: Context, backup: Any, arguments: Arguments) -> None:
    facts = _origin(backup)
    volumes.change(
        ctx,
        arguments["volume_id"],
        status="available",
        bootable=bool(facts["bootable"]),
        image_metadata=facts["image_metadata"],
        metadata=facts["metadata"],
    )


def _remove(ctx: Context, backup: Any, arguments: Arguments) -> None:
    ctx.db.delete("volume_backups", backup["id"])


CREATING = Transition(
    "create", (Step("creating", uniform(1.0, 5.0), then=_done),), to="available", fails_to="error"
)
RESTORING = Transition(
    "restore",
    (Step("restoring", uniform(1.0, 5.0), then=_restored),),
    to="available",
    fails_to="error",
)
DELETING = Transition(
    "delete", (Step("deleting", uniform(0.5, 2.0), then=_remove),), fails_to="error_deleting"
)
MACHINE = statuses.machine(
    "backup",
    "volume_backups",
    CREATING,
    RESTORING,
    DELETING,
    updates=True,
    reason="fail_reason",
)
