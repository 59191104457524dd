"""Groups of volumes: made, filled, copied, deleted together."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.errors import BadInput, NotEmulated
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Step, Transition
from emulator.volume import group_types, listing, quotas, statuses, types
from emulator.volume.errors import (
    GroupLimitExceeded,
    GroupNotFound,
    InvalidGroup,
    InvalidGroupType,
    InvalidVolume,
    InvalidVolumeType,
    VolumeNotFound,
)
from emulator.volume.schemas import BOOLEAN, NAME_OR_NULL, SHORT_TEXT, truth
from emulator.volume.volumes import lifecycle, queries
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, View, field, prop, since

VOLUMES_LISTED = since("3.25")
REPLICATED = ("group_replication_enabled", "consistent_group_replication_enabled")
COMING_STATUSES = ("available", "in-use")
LEAVING_STATUSES = (*COMING_STATUSES, "error", "error_deleting")
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
ENABLE_REPLICATION = Body("enable_replication", schema={"type": "object"})
DISABLE_REPLICATION = Body("disable_replication", schema={"type": "object"})
LIST_REPLICATION_TARGETS = Body("list_replication_targets", schema={"type": "object"})
FAILOVER_REPLICATION = Body(
    "failover_replication",
    schema=Object(prop("allow_attached_volume", BOOLEAN), prop("secondary_backend_id", SHORT_TEXT)),
)

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
    return listing.answer(ctx, LISTED, SUMMARY, "/groups", more=ordinary(ctx))


def detail(ctx: Context) -> dict[str, Any]:
    """List groups in detail."""
    return listing.answer(ctx, LISTED, GROUP, "/groups/detail", more=ordinary(ctx))


def ordinary(ctx: Context) -> tuple[list[str], list[Any]]:
    """Return the condition that leaves consistency groups out."""
    return ["group_type_id IS NOT ?"], [group_types.default_id(ctx)]


def show(ctx: Context, group: Any) -> dict[str, Any]:
    """Show a group."""
    group_types.refuse_default(ctx, group["group_type_id"])
    return {"group": GROUP.render(group, ctx)}


def create(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make an empty group."""
    asked = body["group"]
    kind = group_types.find_by_name_or_id(ctx, asked["group_type"])
    group_types.refuse_default(ctx, kind["id"])
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
    group_types.refuse_default(ctx, group["group_type_id"])
    apply(ctx, group, body["group"])
    return Reply(202)


def apply(ctx: Context, group: Any, asked: dict[str, Any]) -> None:
    """Change a group as is asked: name, description, members (Cinder 29.0.0, cinder.group.api)."""
    given = {name: asked[name] for name in ("name", "description") if asked.get(name) is not None}
    texts = {name: text.strip() for name, text in given.items()}
    changes = {name: text for name, text in texts.items() if text != group[name]}
    coming, leaving = _ids(asked.get("add_volumes")), _ids(asked.get("remove_volumes"))
    if both := [each for each in coming if each in leaving]:
        raise InvalidVolume(reason=f"UUIDs {both} are in both add and remove volume list.")
    present = {each["id"]: each for each in members(ctx, group["id"])}
    coming = [each for each in coming if each not in present]
    for volume_id in coming:
        _check_coming(ctx, group, volume_id)
    for volume_id in leaving:
        _check_leaving(group, volume_id, present.get(volume_id))
    if not (changes or coming or leaving):
        raise InvalidGroup(
            reason=f"Cannot update group {group['id']} because no valid name, description, "
            "add_volumes, or remove_volumes were provided."
        )
    if (coming or leaving) and group["status"] != "available":
        raise InvalidGroup(reason="Group status must be available.")
    change(ctx, group["id"], **changes, status="available")
    for volume_id in coming:
        queries.join(ctx, volume_id, group)
    for volume_id in leaving:
        queries.change(ctx, volume_id, group_id=None, consistencygroup_id=None)


def _ids(text: str | None) -> list[str]:
    return [each for each in (text or "").strip(",").split(",") if each]


def _check_coming(ctx: Context, group: Any, volume_id: str) -> None:
    """Refuse a volume that cannot become a member."""
    try:
        volume = queries.find(ctx, volume_id)
    except VolumeNotFound:
        raise _no_member("add", group, volume_id, "because volume cannot be found.") from None
    if volume["group_id"] is not None:
        why = f"because it is already in group {volume['group_id']}."
    elif volume["project_id"] != group["project_id"]:
        why = "as they belong to different projects."
    elif not volume["type_id"]:
        why = "because it has no volume type."
    elif volume["type_id"] not in orjson.loads(group["volume_types"]):
        why = f"because volume type {volume['type_id']} is not supported by the group."
    elif volume["status"] not in COMING_STATUSES:
        why = _bad_state(volume, COMING_STATUSES)
    else:
        return
    raise _no_member("add", group, volume_id, why)


def _check_leaving(group: Any, volume_id: str, volume: Any) -> None:
    """Refuse to take out a volume that is no member, or busy."""
    if volume is None:
        raise _no_member("remove", group, volume_id, "because it is not in the group.")
    if volume["status"] not in LEAVING_STATUSES:
        raise _no_member("remove", group, volume_id, _bad_state(volume, LEAVING_STATUSES))


def _bad_state(volume: Any, valid: tuple[str, ...]) -> str:
    state = volume["status"]
    return f"because volume is in an invalid state: {state}. Valid states are: {valid}."


def _no_member(verb: str, group: Any, volume_id: str, why: str) -> InvalidVolume:
    way = "to" if verb == "add" else "from"
    return InvalidVolume(reason=f"Cannot {verb} volume {volume_id} {way} group {group['id']} {why}")


def delete(ctx: Context, group: Any, body: dict[str, Any]) -> Reply:
    """Delete a group; with its volumes where that is said."""
    group_types.refuse_default(ctx, group["group_type_id"])
    return remove(ctx, group, with_volumes=truth(body["delete"].get("delete-volumes", False)))


def remove(ctx: Context, group: Any, *, with_volumes: bool) -> Reply:
    """Delete a group, whatever its state where its volumes go, too."""
    if not with_volumes and group["status"] not in ("available", "error"):
        raise InvalidGroup(
            reason="Group status must be available or error, but current status is: "
            f"{group['status']}"
        )
    if _has_snapshots(ctx, group["id"]):
        raise InvalidGroup(reason="Group has existing snapshots.")
    volumes = members(ctx, group["id"])
    if volumes and not with_volumes:
        raise InvalidGroup(
            reason=f"Group {group['id']} still contains volumes. "
            "The delete-volumes flag is required to delete it."
        )
    for volume in volumes:
        if volume["attach_status"] == "attached":
            raise InvalidGroup(
                reason=f"Volume in group {group['id']} is attached. Need to detach first."
            )
        if queries.has_snapshots(ctx, volume["id"]):
            raise InvalidGroup(reason="Volume in group still has dependent snapshots.")
    for volume in volumes:
        ctx.engine.cancel("volume", volume["id"])
        lifecycle.begin(ctx, lifecycle.DELETE, volume["id"])
    ctx.engine.cancel("group", group["id"])
    ctx.engine.begin(ctx, "group", DELETING.name, group["id"])
    return Reply(202)


def replicate(ctx: Context, group: Any, body: dict[str, Any]) -> Reply:
    """Refuse whatever is about a group's copies on another back end: its types have none."""
    specs = orjson.loads(group_types.find(ctx, group["group_type_id"])["group_specs"])
    if not any(specs.get(name) == "<is> True" for name in REPLICATED):
        raise InvalidGroupType(reason=f"Group {group['id']} is not a replication group type.")
    for type_id in orjson.loads(group["volume_types"]):
        kind = types.find(ctx, type_id)
        if orjson.loads(kind["extra_specs"]).get("replication_enabled") != "<is> True":
            raise InvalidVolumeType(
                reason=f"Volume type {type_id} does not have 'replication_enabled' spec key set "
                "to '<is> True'."
            )
    raise NotEmulated(feature="Replication of groups")  # no back end has another to copy to


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
