"""Snapshots of volumes."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.errors import BadInput
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Step, Transition
from emulator.volume import listing, quotas, statuses, types
from emulator.volume.errors import (
    InvalidSnapshot,
    InvalidVolume,
    SnapshotMetadataNotFound,
    SnapshotNotFound,
)
from emulator.volume.schemas import (
    BOOLEAN,
    METADATA,
    METADATA_OR_NULL,
    SHORT_TEXT,
    UUID_OR_NULL,
    truth,
)
from emulator.volume.versions import SNAPSHOT_IN_USE, SNAPSHOTS_SORTED_BY_NAME
from emulator.volume.volumes import queries as volumes
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, View, field, prop

# Schemas

CREATE = Body(
    "snapshot",
    prop("name", SHORT_TEXT),
    prop("display_name", SHORT_TEXT),
    prop("description", SHORT_TEXT),
    prop("volume_id", UUID_OR_NULL, required=True),
    prop("force", BOOLEAN),
    prop("metadata", METADATA_OR_NULL),
)
RESET_STATUS = Body(
    "os-reset_status",
    prop("status", {"type": "string", "format": "snapshot_status"}, required=True),
)
FORCE_DELETE = Body("os-force_delete", schema={})
UPDATE_STATUS = Body(
    "os-update_snapshot_status",
    prop("status", {"type": "string"}, required=True),
    prop("progress", {"format": "progress"}),
)
METADATA_BODY = Body("metadata", schema=METADATA, unknown_beside=True)
META_BODY = Body(
    "meta", schema={**METADATA, "minProperties": 1, "maxProperties": 1}, unknown_beside=True
)
TEXTS = ("name", "description", "display_name", "display_description")
UPDATE = Body(
    "snapshot",
    schema=Object(
        *(prop(name, SHORT_TEXT) for name in TEXTS),
        anyOf=[{"required": [name]} for name in TEXTS],
    ),
)

# View

SNAPSHOT = View(
    field("id"),
    field("created_at"),
    field("updated_at"),
    field("name"),
    field("description"),
    field("volume_id"),
    field("status"),
    field("size"),
    field("metadata", lambda row, ctx: orjson.Fragment(row["metadata"])),
    field("group_snapshot_id", since="3.14"),
    field("user_id", since="3.41"),
    field("consumes_quota", lambda row, ctx: True, since="3.65"),
)
SUMMARY = View(
    *(each for each in SNAPSHOT.fields if each.name not in ("group_snapshot_id", "user_id"))
)
DETAIL = View(
    *SNAPSHOT.fields,
    field(
        "os-extended-snapshot-attributes:project_id",
        column="project_id",
        policy="volume_extension:extended_snapshot_attributes",
    ),
    field(
        "os-extended-snapshot-attributes:progress",
        column="progress",
        policy="volume_extension:extended_snapshot_attributes",
    ),
)

# Queries


def find(ctx: Context, snapshot_id: str) -> Any:
    """Return a snapshot of the caller's project, for admins of any. SnapshotNotFound otherwise."""
    row = ctx.db.get("volume_snapshots", snapshot_id)
    if row is None or not (ctx.is_admin or row["project_id"] == ctx.project_id):
        raise SnapshotNotFound(snapshot_id=snapshot_id)
    return row


def change(ctx: Context, snapshot_id: str, **changes: Any) -> None:
    """Set columns of a snapshot."""
    ctx.db.update("volume_snapshots", snapshot_id, **changes, updated_at=ctx.timestamp)


def _of_volume(ctx: Context, volume_id: str) -> list[Any]:
    return ctx.db.all("SELECT * FROM volume_snapshots WHERE volume_id = ?", (volume_id,))


LISTED = listing.Listed(
    "snapshots",
    "*",
    "volume_snapshots",
    filters={name: name for name in ("name", "status", "volume_id", "id", "user_id")},
    sort_keys={
        **{name: name for name in ("created_at", "id", "status")},
        "display_name": "name",
    },
    find=find,
    counted=True,
)
LISTED_BY_NAME = LISTED._replace(sort_keys={**LISTED.sort_keys, "name": "name"})


def _listed(ctx: Context) -> listing.Listed:
    """How snapshots are listed: only since 3.30 they may be sorted by `name`."""
    return LISTED_BY_NAME if SNAPSHOTS_SORTED_BY_NAME in ctx else LISTED


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List snapshots."""
    return listing.answer(ctx, _listed(ctx), SUMMARY, "/snapshots")


def detail(ctx: Context) -> dict[str, Any]:
    """List snapshots in detail."""
    return listing.answer(ctx, _listed(ctx), DETAIL, "/snapshots/detail")


def show(ctx: Context, snapshot: Any) -> dict[str, Any]:
    """Show a snapshot."""
    return {"snapshot": DETAIL.render(snapshot, ctx)}


def create(ctx: Context, body: dict[str, Any]) -> Reply:
    """Take a snapshot of a volume; below 3.66 one in use takes force."""
    asked = body["snapshot"]
    volume = volumes.find(ctx, asked["volume_id"])
    force = truth(asked.get("force", False))
    if SNAPSHOT_IN_USE in ctx:
        if "force" in asked and not force:
            raise InvalidSnapshot(
                "Invalid input for field/attribute force. Value: False. "
                "False is not valid for this field since microversion 3.66."
            )
        force = True
    _check(volume, force)
    snapshot_id = make(
        ctx,
        volume,
        name=asked.get("name") or asked.get("display_name"),
        description=asked.get("description"),
        metadata=asked.get("metadata") or {},
    )
    return Reply(202, {"snapshot": SNAPSHOT.render(find(ctx, snapshot_id), ctx)})


def _check(volume: Any, force: bool) -> None:
    allowed = ("available", "in-use") if force else ("available",)
    if volume["status"] not in allowed:
        raise InvalidVolume(
            reason=f"Volume {volume['id']} status must be {' or '.join(allowed)}, "
            f"but current status is: {volume['status']}."
        )


def make(
    ctx: Context, volume: Any, *, name: str | None, description: str | None, metadata: Any
) -> str:
    """Take a snapshot of a volume that was checked; return its id."""
    kind = types.names(ctx).get(volume["type_id"])
    project_id = ctx.project_id or volume["project_id"]
    quotas.check(ctx, project_id, snapshots=1, gigabytes=volume["size"], type_name=kind)
    snapshot_id = ctx.ids.uuid()
    ctx.db.insert(
        "volume_snapshots",
        {
            "id": snapshot_id,
            "project_id": project_id,
            "user_id": ctx.user_id,
            "volume_id": volume["id"],
            "type_id": volume["type_id"],
            "name": name,
            "description": description,
            "size": volume["size"],
            "status": "creating",
            "progress": "0%",
            "metadata": statuses.metadata_text(ctx, metadata),
            "created_at": ctx.timestamp,
        },
    )
    ctx.engine.begin(ctx, "snapshot", CREATING.name, snapshot_id)
    return snapshot_id


def update(ctx: Context, snapshot: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Rename or describe a snapshot."""
    changes = {}
    for column in ("name", "description"):
        for key in (f"display_{column}", column):
            if key in body["snapshot"]:
                changes[column] = body["snapshot"][key]
    if changes:
        change(ctx, snapshot["id"], **changes)
    return {"snapshot": SNAPSHOT.render(find(ctx, snapshot["id"]), ctx)}


def delete(ctx: Context, snapshot: Any) -> Reply:
    """Delete a snapshot."""
    if snapshot["status"] not in ("available", "error"):
        raise InvalidSnapshot(reason="Snapshot status must be available or error")
    remove(ctx, snapshot["id"])
    return Reply(202)


def force_delete(ctx: Context, snapshot: Any, body: dict[str, Any]) -> Reply:
    """Delete a snapshot whatever its state."""
    remove(ctx, snapshot["id"])
    return Reply(202)


def reset_status(ctx: Context, snapshot: Any, body: dict[str, Any]) -> Reply:
    """Set a snapshot's status as an admin says it is."""
    ctx.engine.cancel("snapshot", snapshot["id"])
    change(ctx, snapshot["id"], status=body["os-reset_status"]["status"])
    return Reply(202)


def update_status(ctx: Context, snapshot: Any, body: dict[str, Any]) -> Reply:
    """Report how a snapshot goes that somebody else takes (Nova, for its volumes)."""
    asked = body["os-update_snapshot_status"]
    if asked["status"] not in REPORTED.get(snapshot["status"], ()):
        raise BadInput(
            f"Provided snapshot status {asked['status']} not allowed for snapshot with status "
            f"{snapshot['status']}."
        )
    changes = {"progress": asked["progress"]} if "progress" in asked else {}
    change(ctx, snapshot["id"], status=asked["status"], **changes)
    return Reply(202)


REPORTED = {
    "creating": ("creating", "available", "error"),
    "deleting": ("deleting", "error_deleting"),
}


def unmanage(ctx: Context, snapshot: Any, body: dict[str, Any]) -> Reply:
    """Let a snapshot lie on its back end, unknown to Cinder."""
    if snapshot["status"] not in ("available", "error"):
        raise InvalidSnapshot(reason="Snapshot status must be available or error")
    ctx.db.insert(
        "volume_unmanaged",
        {
            "reference": f"_snapshot-{snapshot['id']}",
            "kind": "snapshot",
            "size": snapshot["size"],
            "volume_id": snapshot["volume_id"],
        },
    )
    ctx.engine.begin(ctx, "snapshot", UNMANAGING.name, snapshot["id"])
    return Reply(202)


def metadata_index(ctx: Context, snapshot: Any) -> dict[str, Any]:
    """Show a snapshot's metadata."""
    return {"metadata": orjson.Fragment(snapshot["metadata"])}


def metadata_update(ctx: Context, snapshot: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Add to a snapshot's metadata."""
    merged = {**orjson.loads(snapshot["metadata"]), **body["metadata"]}
    return _write_metadata(ctx, snapshot, merged)


def metadata_replace(ctx: Context, snapshot: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Replace a snapshot's metadata."""
    return _write_metadata(ctx, snapshot, body["metadata"])


def metadata_show(ctx: Context, snapshot: Any, key: str) -> dict[str, Any]:
    """Show one item of a snapshot's metadata."""
    return {"meta": {key: _items(snapshot, key)[key]}}


def metadata_set(ctx: Context, snapshot: Any, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Set one item of a snapshot's metadata."""
    if key not in body["meta"]:
        raise BadInput("Request body and URI mismatch")
    _write_metadata(ctx, snapshot, {**orjson.loads(snapshot["metadata"]), **body["meta"]})
    return body


def metadata_delete(ctx: Context, snapshot: Any, key: str) -> None:
    """Take one item of a snapshot's metadata away."""
    items = _items(snapshot, key)
    del items[key]
    _write_metadata(ctx, snapshot, items)


def _items(snapshot: Any, key: str) -> dict[str, str]:
    metadata: dict[str, str] = orjson.loads(snapshot["metadata"])
    if key not in metadata:
        raise SnapshotMetadataNotFound(snapshot_id=snapshot["id"], metadata_key=key)
    return metadata


def _write_metadata(ctx: Context, snapshot: Any, metadata: dict[str, Any]) -> dict[str, Any]:
    change(ctx, snapshot["id"], metadata=statuses.metadata_text(ctx, metadata))
    return {"metadata": metadata}


def delete_all(ctx: Context, volume_id: str) -> None:
    """Delete every snapshot of a volume that goes with them."""
    for snapshot in _of_volume(ctx, volume_id):
        remove(ctx, snapshot["id"])


def remove(ctx: Context, snapshot_id: str) -> None:
    """Begin the end of a snapshot whatever it is in the middle of."""
    ctx.engine.cancel("snapshot", snapshot_id)
    ctx.engine.begin(ctx, "snapshot", DELETING.name, snapshot_id)


# Lifecycle


def _remove(ctx: Context, snapshot: Any, arguments: Arguments) -> None:
    ctx.db.delete("volume_snapshots", snapshot["id"])


CREATING = Transition(
    "create", (Step("creating", uniform(0.5, 2.0)),), to="available", fails_to="error"
)
DELETING = Transition(
    "delete", (Step("deleting", uniform(0.5, 2.0), then=_remove),), fails_to="error_deleting"
)
UNMANAGING = Transition("unmanage", (Step("unmanaging", uniform(0.2, 1.0), then=_remove),))
MACHINE = statuses.machine(
    "snapshot",
    "volume_snapshots",
    CREATING,
    DELETING,
    UNMANAGING,
    updates=True,
    finished={"progress": "100%"},
)
