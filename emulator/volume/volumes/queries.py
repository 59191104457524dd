"""Reading and writing volumes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from emulator.volume.errors import VolumeNotFound
from emulator.volume.listing import Listed
from emulator.wire.request import Context

COLUMNS = "v.*, t.name AS type_name"
SOURCE = "volume_volumes v LEFT JOIN volume_types t ON t.id = v.type_id"
HAS_METADATA = "EXISTS (SELECT 1 FROM json_each(v.metadata) WHERE key = ? AND value = ?)"
EQUAL_FILTERS = {
    "name": "v.name", "display_name": "v.name", "status": "v.status", "size": "v.size",
    "availability_zone": "v.availability_zone", "host": "v.host", "id": "v.id",
    "user_id": "v.user_id", "group_id": "v.group_id", "migration_status": "v.migration_status",
    "snapshot_id": "v.snapshot_id", "source_volid": "v.source_volid", "description":
    "v.description", "volume_type": "t.name", "consistencygroup_id": "v.consistencygroup_id",
}  # fmt: skip
SORT_KEYS = {
    "created_at": "v.created_at", "id": "v.id", "name": "v.name", "display_name": "v.name",
    "status": "v.status", "size": "v.size", "availability_zone": "v.availability_zone",
    "updated_at": "v.updated_at", "host": "v.host", "bootable": "v.bootable",
    "project_id": "v.project_id",
}  # fmt: skip


def find(ctx: Context, volume_id: str) -> dict[str, Any]:
    """Return a volume of the caller's project, for admins of any, with its attachments.

    VolumeNotFound otherwise.
    """
    row = ctx.db.one(f"SELECT {COLUMNS} FROM {SOURCE} WHERE v.id = ?", (volume_id,))
    if row is None or not (ctx.is_admin or row["project_id"] == ctx.project_id):
        raise VolumeNotFound(volume_id=volume_id)
    return with_attachments(ctx, [row])[0]


def with_attachments(ctx: Context, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return volumes as dicts with their attachments, read in one query."""
    found: dict[str, dict[str, Any]] = {row["id"]: {**row, "attachments": []} for row in rows}
    for each in attachments_of(ctx, found):
        found[each["volume_id"]]["attachments"].append(each)
    return list(found.values())


def attachments_of(ctx: Context, volume_ids: Iterable[str]) -> list[Any]:
    """Return the attachments of volumes, oldest first."""
    ids = list(volume_ids)
    marks = ", ".join("?" * len(ids))
    sql = (
        f"SELECT * FROM volume_attachments WHERE volume_id IN ({marks}) ORDER BY created_at, rowid"
    )
    return ctx.db.all(sql, ids) if ids else []


LISTED = Listed(
    "volumes",
    COLUMNS,
    SOURCE,
    filters=EQUAL_FILTERS,
    sort_keys=SORT_KEYS,
    find=find,
    owner="v.project_id",
    id="v.id",
    counted=True,
)


def raw(ctx: Context, volume_id: str) -> Any:
    """Return a volume's row whoever asks, None when it is gone."""
    return ctx.db.get("volume_volumes", volume_id)


def change(ctx: Context, volume_id: str, **changes: Any) -> None:
    """Set columns of a volume."""
    ctx.db.update("volume_volumes", volume_id, **changes, updated_at=ctx.timestamp)


def show_status(ctx: Context, volume_id: str, status: str | None) -> None:
    """Set the status of a volume in the middle of a transition: that is no update of it yet."""
    ctx.db.update("volume_volumes", volume_id, status=status)


def type_of(ctx: Context, volume: Any) -> Any:
    """Return the type of a volume, None when it has none."""
    return ctx.db.get("volume_types", volume["type_id"]) if volume["type_id"] else None


def is_multiattach(kind: Any) -> bool:
    """Say whether volumes of a type are attached to several servers at once."""
    specs = orjson.loads(kind["extra_specs"]) if kind is not None else {}
    return bool(specs.get("multiattach") == "<is> True")


def is_encrypted(ctx: Context, type_id: str) -> bool:
    """Say whether volumes of a type are encrypted."""
    return ctx.db.get("volume_encryptions", type_id, "type_id") is not None


def zone_exists(ctx: Context, zone: str) -> bool:
    """Say whether a service stands in an availability zone."""
    return ctx.db.get("volume_services", zone, "availability_zone") is not None


def group(ctx: Context, group_id: str) -> Any:
    """Return the group of an id, None when there is none."""
    return ctx.db.get("volume_groups", group_id)


def join(ctx: Context, volume_id: str, group: Any) -> None:
    """Make a volume a member of a group; of a consistency group by that name, too."""
    kind = ctx.db.get("volume_group_types", group["group_type_id"])
    consistency = kind is not None and kind["name"] == "default_cgsnapshot_type"
    own = group["id"] if consistency else None
    change(ctx, volume_id, group_id=group["id"], consistencygroup_id=own)


def backup(ctx: Context, backup_id: str) -> Any:
    """Return the backup of an id, None when there is none."""
    return ctx.db.get("volume_backups", backup_id)


def snapshot_ids(ctx: Context, volume_id: str) -> list[str]:
    """Return the ids of a volume's snapshots."""
    rows = ctx.db.all("SELECT id FROM volume_snapshots WHERE volume_id = ?", (volume_id,))
    return [row["id"] for row in rows]


def has_snapshots(ctx: Context, volume_id: str) -> bool:
    """Say whether a volume has snapshots."""
    sql = "SELECT 1 FROM volume_snapshots WHERE volume_id = ? LIMIT 1"
    return ctx.db.value(sql, (volume_id,)) is not None


def summary(ctx: Context, project_id: str | None) -> list[Any]:
    """Return the size and the metadata of all volumes, of one project where it is named."""
    where, values = (" WHERE project_id = ?", (project_id,)) if project_id else ("", ())
    return ctx.db.all(f"SELECT size, metadata FROM volume_volumes{where} ORDER BY rowid", values)
