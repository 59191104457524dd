"""Groups of volumes: made, filled, copied, deleted together."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.errors import BadInput
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Step, Transition
from emulator.volume import group_types, listing, quotas, statuses, types
from emulator.volume.errors import (
    GroupLimitExceeded,
    GroupNotFound,
    InvalidGroup,
    InvalidVolume,
)
from emulator.volume.schemas import BOOLEAN, NAME_OR_NULL, SHORT_TEXT, truth
from emulator.volume.volumes import lifecycle, queries
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, View, field, prop, since

VOLUMES_LISTED = since("3.25")
STATUSES = ("creating", "available", "in-use", "deleting", "deleted", "error", "error_deleting")

# Schemas

CREATE = Body(
    "group",
    prop("description", SHORT_TEXT),
    prop("group_type", {"type": "string", "minLength": 1, "maxLength": 255}, required=True),
    prop("name", NAME_OR_NULL),
    prop(
        "volume_types",
        {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "maxLength": 255},
            "uniqueItems": True,
        },
        required=True,
    ),
    prop("availability_zone", {"type": ["string", "null"], "maxLength": 255}),
)
UPDATE = Body(
    "group",
    schema=Object(
        prop("description", SHORT_TEXT),
        prop("name", NAME_OR_NULL),
        prop("add_volumes", {"type": ["string", "null"]}),
        prop("remove_volumes", {"type": ["string", "null"]}),
        anyOf=[
            {"required": [name]}
            for name in ("name", "description", "add_volumes", "remove_volumes")
        ],
    ),
)
DELETE = Body("delete", schema=Object(prop("delete-volumes", BOOLEAN)))
RESET_STATUS = Body("reset_status", prop("status", {"type": "string"}, required=True))
# View


def _volumes_asked(row: Any, ctx: Context) -> bool:
    return VOLUMES_LISTED in ctx and truth(ctx.query.get("list_volume", ["false"])[-1])


SUMMARY = View(field("id"), field("name"))
GROUP = View(
    field("id"),
    field("status"),
    field("availability_zone"),
    field("created_at"),
    field("name"),
    field("description"),
    field("group_type", column="group_type_id"),
    field("volume_types", lambda row, ctx: orjson.Fragment(row["volume_types"])),
    field("group_snapshot_id", since="3.14"),
    field("source_group_id", since="3.14"),
    field(
        "volumes",
        lambda row, ctx: [each["id"] for each in members(ctx, row["id"])],
        since="3.25",
        when=_volumes_asked,
    ),
    field("replication_status", lambda row, ctx: "disabled", since="3.38"),
    field("project_id", since="3.58", policy="group:group_project_attribute"),
)

# Queries


def find(ctx: Context, group_id: str) -> Any:
    """Return a group of the caller's project, for admins of any. GroupNotFound otherwise."""
    row = ctx.db.get("volume_groups", group_id)
    if row is None or not (ctx.is_admin or row["project_id"] == ctx.project_id):
        raise GroupNotFound(group_id=group_id)
    return row


def target(row: Any) -> dict[str, Any]:
    """Return whose a group or a group snapshot is, for policy."""
    return {"project_id": row["project_id"]}


LISTED = listing.Listed(
    "groups",
    "*",
    "volume_groups",
    filters={name: name for name in ("name", "status", "id")},
    sort_keys={name: name for name in ("created_at", "id", "name", "status")},
    find=find,
)


def members(ctx: Context, group_id: str) -> list[Any]:
    """Return the volumes of a group, oldest first."""
    sql = "SELECT * FROM volume_volumes WHERE group_id = ? ORDER BY created_at, rowid"
    return ctx.db.all(sql, (group_id,))


def _count(ctx: Context) -> int:
    sql = "SELECT count(*) FROM volume_groups WHERE project_id = ?"
    number: int = ctx.db.value(sql, (ctx.project_id,))
    return number


def _has_snapshots(ctx: Context, group_id: str) -> bool:
    sql = "SELECT 1 FROM volume_group_snapshots WHERE group_id = ? LIMIT 1"
    return ctx.db.value(sql, (group_id,)) is not None


def change(ctx: Context, group_id: str, **changes: Any) -> None:
    """Set columns of a group."""
    ctx.db.update("volume_groups", group_id, **changes)


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List groups."""
    return listing.answer(ctx, LISTED, SUMMARY, "/groups")


def detail(ctx: Context) -> dict[str, Any]:
    """List groups in detail."""
    return listing.answer(ctx, LISTED, GROUP, "/groups/detail")


def show(ctx: Context, group: Any) -> dict[str, Any]:
    """Show a group."""
    return {"group": GROUP.render(group, ctx)}


def create(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make an empty group."""
    asked = body["group"]
    kind = group_types.find_by_name_or_id(ctx, asked["group_type"])
    chosen = [types.find_by_name_or_id(ctx, each)["id"] for each in asked["volume_types"]]
    group_id = make(ctx, asked, kind["id"], chosen, asked.get("availability_zone"))
    return Reply(202, {"group": SUMMARY.render(find(ctx, group_id), ctx)})


def make(
    ctx: Context,
    asked: dict[str, Any],
    group_type_id: str,
    volume_types: list[str],
    zone: str | None,
    **origin: str | None,
) -> str:
    """Make a group whose parts were checked; return its id."""
    limit = quotas.limits(ctx, ctx.project_id)["groups"]
    if 0 <= limit <= _count(ctx):
        raise GroupLimitExceeded(allowed=limit)
    group_id = ctx.ids.uuid()
    ctx.db.insert(
        "volume_groups",
        {
            "id": group_id,
            "project_id": ctx.project_id,
            "user_id": ctx.user_id,
            "name": (asked.get("name") or "").strip() or None,
            "description": asked.get("description"),
            "status": "creating",
            "availability_zone": zone or "nova",
            "group_type_id": group_type_id,
            "volume_types": orjson.dumps(volume_types).decode(),
            **origin,
            "created_at": ctx.timestamp,
        },
    )
    ctx.engine.begin(ctx, "group", CREATING.name, group_id)
    return group_id


def update(ctx: Context, group: Any, body: dict[str, Any]) -> Reply:
    """Rename or describe a group; put volumes in or take them out."""
    asked = body["group"]
    changes = {name: asked[name] for name in ("name", "description") if asked.get(name) is not None}
    if changes:
        change(ctx, group["id"], **changes)
    for volume_id in _ids(asked.get("remove_volumes")):
        volume = queries.find(ctx, volume_id)
        if volume["group_id"] != group["id"]:
            raise InvalidVolume(
                reason=f"Cannot remove volume {volume_id} from group {group['id']} "
                "because it is not in the group."
            )
        queries.change(ctx, volume_id, group_id=None)
    for volume_id in _ids(asked.get("add_volumes")):
        volume = queries.find(ctx, volume_id)
        if volume["group_id"] not in (None, group["id"]) or volume["type_id"] not in orjson.loads(
            group["volume_types"]
        ):
            raise InvalidVolume(
                reason=f"Cannot add volume {volume_id} to group {group['id']} because it is "
                "in another group, or of a type that the group does not have."
            )
        queries.change(ctx, volume_id, group_id=group["id"])
    return Reply(202)


def _ids(text: str | None) -> list[str]:
    return [each for each in (text or "").split(",") if each]


def delete(ctx: Context, group: Any, body: dict[str, Any]) -> Reply:
    """Delete a group; with its volumes where that is said."""
    if group["status"] not in ("available", "error"):
        raise InvalidGroup(reason=f"Group status must be available or error, but is "
                           f"{group['status']}")  # fmt: skip
    if _has_snapshots(ctx, group["id"]):
        raise InvalidGroup(reason="Cannot delete group: it has group snapshots.")
    volumes = members(ctx, group["id"])
    if volumes and not truth(body["delete"].get("delete-volumes", False)):
        raise InvalidGroup(
            reason=f"Group {group['id']} still contains volumes. "
            "The delete-volumes flag is required to delete it."
        )
    for volume in volumes:
        ctx.engine.cancel("volume", volume["id"])
        lifecycle.begin(ctx, lifecycle.DELETE, volume["id"])
    ctx.engine.begin(ctx, "group", DELETING.name, group["id"])
    return Reply(202)


def reset_status(ctx: Context, group: Any, body: dict[str, Any]) -> Reply:
    """Set a group's status as an admin says it is."""
    status = body["reset_status"]["status"].lower()
    if status not in STATUSES:
        raise BadInput(f"Group status: {status} is invalid, valid status are: {STATUSES}.")
    ctx.engine.cancel("group", group["id"])
    change(ctx, group["id"], status=status)
    return Reply(202)


# Lifecycle


def _remove(ctx: Context, group: Any, arguments: Arguments) -> None:
    ctx.db.delete("volume_groups", group["id"])


CREATING = Transition(
    "create", (Step("creating", uniform(0.5, 1.5)),), to="available", fails_to="error"
)
DELETING = Transition(
    "delete", (Step("deleting", uniform(0.5, 2.0), then=_remove),), fails_to="error_deleting"
)
MACHINE = statuses.machine("group", "volume_groups", CREATING, DELETING)
