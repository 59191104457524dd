"""Group snapshots: of all volumes of a group at once; and groups made of them."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.errors import BadInput
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Step, Transition
from emulator.volume import group_types, groups, listing, snapshots, statuses, types
from emulator.volume.errors import GroupSnapshotNotFound, InvalidGroup, InvalidGroupSnapshot
from emulator.volume.schemas import NAME_OR_NULL, SHORT_TEXT, UUID
from emulator.volume.volumes import operations, queries
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, View, field, prop

# Schemas

CREATE = Body(
    "group_snapshot",
    prop("group_id", UUID, required=True),
    prop("name", NAME_OR_NULL),
    prop("description", SHORT_TEXT),
)
RESET_STATUS = Body("reset_status", prop("status", {"type": "string"}, required=True))
CREATE_FROM = Body(
    "create-from-src",
    schema=Object(
        prop("description", SHORT_TEXT),
        prop("name", NAME_OR_NULL),
        prop("source_group_id", UUID),
        prop("group_snapshot_id", UUID),
        oneOf=[{"required": ["group_snapshot_id"]}, {"required": ["source_group_id"]}],
    ),
)

# View

SUMMARY = View(field("id"), field("name"), field("group_type_id"))
GROUP_SNAPSHOT = View(
    field("id"),
    field("group_id"),
    field("group_type_id"),
    field("status"),
    field("created_at"),
    field("name"),
    field("description"),
    field("project_id", since="3.58", policy="group:group_snapshot_project_attribute"),
)

# Queries


def find(ctx: Context, snapshot_id: str) -> Any:
    """Return a group snapshot of the caller's project, for admins of any; else 404."""
    row = ctx.db.get("volume_group_snapshots", snapshot_id)
    if row is None or not (ctx.is_admin or row["project_id"] == ctx.project_id):
        raise GroupSnapshotNotFound(group_snapshot_id=snapshot_id)
    return row


LISTED = listing.Listed(
    "group_snapshots",
    "*",
    "volume_group_snapshots",
    filters={name: name for name in ("name", "status", "group_id", "id")},
    sort_keys={name: name for name in ("created_at", "id", "name", "status")},
    find=find,
)


def _members(ctx: Context, group_snapshot_id: str) -> list[Any]:
    sql = "SELECT * FROM volume_snapshots WHERE group_snapshot_id = ? ORDER BY rowid"
    return ctx.db.all(sql, (group_snapshot_id,))


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List group snapshots."""
    return listing.answer(ctx, LISTED, SUMMARY, "/group_snapshots", more=groups.ordinary(ctx))


def detail(ctx: Context) -> dict[str, Any]:
    """List group snapshots in detail."""
    more = groups.ordinary(ctx)
    return listing.answer(ctx, LISTED, GROUP_SNAPSHOT, "/group_snapshots/detail", more=more)


def show(ctx: Context, group_snapshot: Any) -> dict[str, Any]:
    """Show a group snapshot."""
    group_types.refuse_default(ctx, group_snapshot["group_type_id"], snapshots=True)
    return {"group_snapshot": GROUP_SNAPSHOT.render(group_snapshot, ctx)}


def create(ctx: Context, body: dict[str, Any]) -> Reply:
    """Take a snapshot of every volume of a group."""
    asked = body["group_snapshot"]
    group = groups.find(ctx, asked["group_id"])
    group_types.refuse_default(ctx, group["group_type_id"], snapshots=True)
    snapshot_id = make(ctx, group, asked)
    return Reply(202, {"group_snapshot": SUMMARY.render(find(ctx, snapshot_id), ctx)})


def make(ctx: Context, group: Any, asked: dict[str, Any]) -> str:
    """Take a snapshot of every volume of a group; return the id of the group snapshot."""
    volumes = groups.members(ctx, group["id"])
    if not volumes or group["status"] in ("creating", "updating"):
        raise InvalidGroup(
            reason="Source group cannot be empty or in 'creating' or 'updating' state. "
            "No group snapshot will be created."
        )
    snapshot_id = ctx.ids.uuid()
    ctx.db.insert(
        "volume_group_snapshots",
        {
            "id": snapshot_id,
            "project_id": ctx.project_id,
            "group_id": group["id"],
            "group_type_id": group["group_type_id"],
            "name": _text(asked, "name"),
            "description": _text(asked, "description"),
            "status": "creating",
            "created_at": ctx.timestamp,
        },
    )
    for volume in volumes:
        member = snapshots.make(
            ctx,
            volume,
            name=_text(asked, "name"),
            description=_text(asked, "description"),
            metadata={},
        )
        snapshots.change(ctx, member, group_snapshot_id=snapshot_id)
    ctx.engine.begin(ctx, "group_snapshot", CREATING.name, snapshot_id)
    return snapshot_id


def _text(asked: dict[str, Any], name: str) -> str | None:
    text: str | None = asked.get(name)
    return text.strip() if text else text


def delete(ctx: Context, group_snapshot: Any) -> Reply:
    """Delete a group snapshot with its members."""
    group_types.refuse_default(ctx, group_snapshot["group_type_id"], snapshots=True)
    return remove(ctx, group_snapshot)


def remove(ctx: Context, group_snapshot: Any) -> Reply:
    """Delete a group snapshot that is not busy, with its members."""
    if group_snapshot["status"] not in ("available", "error"):
        raise InvalidGroupSnapshot(
            reason="GroupSnapshot status must be available or error, and no "
            "Group can be currently using it as source for its creation."
        )
    for member in _members(ctx, group_snapshot["id"]):
        snapshots.remove(ctx, member["id"])
    ctx.engine.begin(ctx, "group_snapshot", DELETING.name, group_snapshot["id"])
    return Reply(202)


def reset_status(ctx: Context, group_snapshot: Any, body: dict[str, Any]) -> Reply:
    """Set a group snapshot's status as an admin says it is."""
    status = body["reset_status"]["status"].lower()
    if status not in groups.STATUSES:
        raise BadInput(
            f"Group snapshot status: {status} is invalid, valid statuses are: {groups.STATUSES}."
        )
    ctx.engine.cancel("group_snapshot", group_snapshot["id"])
    _change(ctx, group_snapshot["id"], status)
    return Reply(202)


def _change(ctx: Context, snapshot_id: str, status: str | None) -> None:
    ctx.db.update("volume_group_snapshots", snapshot_id, status=status)


def create_from_source(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make a group with copies of another's volumes, or of a group snapshot's."""
    asked = body["create-from-src"]
    group_id = copy(ctx, asked, asked.get("group_snapshot_id"), asked.get("source_group_id"))
    return Reply(202, {"group": groups.SUMMARY.render(groups.find(ctx, group_id), ctx)})


def copy(
    ctx: Context,
    asked: dict[str, Any],
    snapshot_id: str | None,
    source_id: str | None,
    *,
    consistency: bool = False,
) -> str:
    """Make a group like the one a group snapshot is of, or like another; return its id."""
    snapshot = find(ctx, snapshot_id) if snapshot_id else None
    source = groups.find(ctx, snapshot["group_id"] if snapshot else str(source_id))
    if not consistency:
        group_types.refuse_default(ctx, source["group_type_id"])
    if snapshot:
        contents = [
            (volume, each["id"])
            for each in _members(ctx, snapshot["id"])
            if (volume := queries.raw(ctx, each["volume_id"])) is not None
        ]
    else:
        contents = [(each, None) for each in groups.members(ctx, source["id"])]
    if not contents:
        whose = "Group snapshot" if snapshot else "Source Group"
        raise InvalidGroup(reason=f"{whose} is empty. No group will be created.")
    group_id = groups.make(
        ctx,
        asked,
        source["group_type_id"],
        orjson.loads(source["volume_types"]),
        source["availability_zone"],
        group_snapshot_id=snapshot_id,
        source_group_id=source_id,
    )
    for volume, from_snapshot in contents:
        given = {
            "name": volume["name"],
            "description": volume["description"],
            "snapshot_id": from_snapshot,
            "source_volid": None if from_snapshot else volume["id"],
        }
        kind = types.find(ctx, volume["type_id"]) if volume["type_id"] else None
        made = operations.make(ctx, given, size=volume["size"], kind=kind, origin=volume)
        queries.join(ctx, made, groups.find(ctx, group_id))
    return group_id


# Lifecycle


def _remove(ctx: Context, group_snapshot: Any, arguments: Arguments) -> None:
    ctx.db.delete("volume_group_snapshots", group_snapshot["id"])


CREATING = Transition(
    "create", (Step("creating", uniform(0.5, 2.0)),), to="available", fails_to="error"
)
DELETING = Transition(
    "delete", (Step("deleting", uniform(0.5, 2.0), then=_remove),), fails_to="error_deleting"
)
MACHINE = statuses.machine("group_snapshot", "volume_group_snapshots", CREATING, DELETING)
