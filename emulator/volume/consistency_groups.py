"""Consistency groups and their snapshots: the older face of groups of one particular type.

Cinder 29.0.0 keeps them as groups of the type default_cgsnapshot_type.
"""

from __future__ import annotations

from typing import Any

import orjson

from emulator.errors import BadInput
from emulator.volume import group_snapshots, group_types, groups, listing, types
from emulator.volume.errors import InvalidInput
from emulator.volume.schemas import BOOLEAN, NAME_OR_NULL, SHORT_TEXT, truth
from emulator.volume.volumes import queries
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Property, View, field, prop, since

MAY_BE_EMPTIED = since("3.6")
CHANGEABLE = ("name", "description", "add_volumes", "remove_volumes")
TEXT = {"type": "string"}

# Schemas


def _body(key: str, *properties: Property) -> Body:
    """A body that may have more in it than is read, at every level."""
    inner = Object(*properties, unknown=True)
    return Body(schema=Object(prop(key, inner, required=True), unknown=True))


CREATE = _body(
    "consistencygroup",
    prop("name", NAME_OR_NULL),
    prop("description", SHORT_TEXT),
    prop("volume_types", {}, required=True),
    prop("availability_zone", {}),
)
CREATE_FROM = _body(
    "consistencygroup-from-src",
    prop("name", NAME_OR_NULL),
    prop("description", SHORT_TEXT),
    prop("cgsnapshot_id", TEXT),
    prop("source_cgid", TEXT),
)
UPDATE = _body(
    "consistencygroup",
    prop("name", NAME_OR_NULL),
    prop("description", SHORT_TEXT),
    prop("add_volumes", {"type": ["string", "null"]}),
    prop("remove_volumes", {"type": ["string", "null"]}),
)
DELETE = Body(
    schema={
        "oneOf": [
            {
                "type": "object",
                "properties": {
                    "consistencygroup": {"type": "object", "properties": {"force": BOOLEAN}}
                },
                "required": ["consistencygroup"],
            },
            {"type": "object", "properties": {}, "additionalProperties": False},
            {"type": "null"},
        ]
    }
)
CREATE_SNAPSHOT = _body(
    "cgsnapshot",
    prop("consistencygroup_id", TEXT, required=True),
    prop("name", TEXT),
    prop("description", TEXT),
)

# View

SUMMARY = View(field("id"), field("name"))
GROUP = View(
    field("id"),
    field("status"),
    field("availability_zone"),
    field("created_at"),
    field("name"),
    field("description"),
    field("volume_types", lambda row, ctx: orjson.Fragment(row["volume_types"])),
)
SNAPSHOT = View(
    field("id"),
    field("consistencygroup_id", column="group_id"),
    field("status"),
    field("created_at"),
    field("name"),
    field("description"),
)

# Queries

LISTED = listing.Listed(
    "consistencygroups",
    "*",
    "volume_groups",
    filters={name: name for name in ("name", "status", "id")},
    sort_keys={name: name for name in ("created_at", "id", "name", "status")},
    find=groups.find,
)
LISTED_SNAPSHOTS = listing.Listed(
    "cgsnapshots",
    "*",
    "volume_group_snapshots",
    filters={},
    sort_keys={"created_at": "created_at"},
    find=group_snapshots.find,
)

# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List consistency groups, and all other groups beside them."""
    return _list(ctx, SUMMARY)


def detail(ctx: Context) -> dict[str, Any]:
    """List consistency groups in detail."""
    return _list(ctx, GROUP)


def _list(ctx: Context, view: View) -> dict[str, Any]:
    answer = listing.answer(ctx, LISTED, view, "/consistencygroups")
    links = answer.pop("consistencygroups_links", None)
    return {**answer, **({"consistencygroup_links": links} if links else {})}


def show(ctx: Context, group: Any) -> dict[str, Any]:
    """Show a consistency group."""
    return {"consistencygroup": GROUP.render(group, ctx)}


def create(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make an empty consistency group."""
    asked = _stripped(body["consistencygroup"])
    kinds = asked["volume_types"]
    if not kinds:
        raise BadInput(
            f"volume_types must be provided to create consistency group {asked['name']}."
        )
    if not isinstance(kinds, str):
        raise BadInput("volume_types must be a text.")  # Cinder answers 500
    chosen = [types.find_by_name_or_id(ctx, each)["id"] for each in kinds.rstrip(",").split(",")]
    zone = asked.get("availability_zone")
    if zone is not None and not queries.zone_exists(ctx, zone):
        raise InvalidInput(reason=f"Availability zone '{zone}' is invalid.")
    group_type_id = group_types.default_id(ctx)
    if group_type_id is None:
        raise BadInput(
            f"Group type {group_types.DEFAULT_CGSNAPSHOT_TYPE} not found. Rerun migration script "
            "to create the default cgsnapshot type."
        )
    group_id = groups.make(ctx, asked, group_type_id, chosen, zone)
    return _made(ctx, group_id)


def _stripped(asked: dict[str, Any]) -> dict[str, Any]:
    texts = {name: asked.get(name) for name in ("name", "description")}
    return {**asked, **{name: text.strip() if text else text for name, text in texts.items()}}


def _made(ctx: Context, group_id: str) -> Reply:
    return Reply(202, {"consistencygroup": SUMMARY.render(groups.find(ctx, group_id), ctx)})


def create_from_source(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make a consistency group with copies of another's volumes, or of a snapshot's."""
    asked = _stripped(body["consistencygroup-from-src"])
    snapshot_id, source_id = asked.get("cgsnapshot_id"), asked.get("source_cgid")
    if not snapshot_id and not source_id:
        raise BadInput(
            "Either 'cgsnapshot_id' or 'source_cgid' must be provided to create consistency "
            f"group {asked['name']} from source."
        )
    if snapshot_id and source_id:
        raise BadInput(
            "Cannot provide both 'cgsnapshot_id' and 'source_cgid' to create consistency "
            f"group {asked['name']} from source."
        )
    return _made(ctx, group_snapshots.copy(ctx, asked, snapshot_id, source_id, consistency=True))


def update(ctx: Context, group: Any, body: dict[str, Any]) -> Reply:
    """Change a consistency group, under the path that says so."""
    asked = _stripped(body["consistencygroup"])
    if not any(asked.get(name) for name in CHANGEABLE):
        raise BadInput(
            "Name, description, add_volumes, and remove_volumes can not be all empty in the "
            "request body."
        )
    groups.apply(ctx, group, asked)
    return Reply(202)


def replace(ctx: Context, group: Any, body: dict[str, Any]) -> Reply:
    """Change a consistency group; its name and description may be emptied since 3.6."""
    if MAY_BE_EMPTIED not in ctx:
        return update(ctx, group, body)
    asked = _stripped(body["consistencygroup"])
    texts = [asked["name"], asked["description"]]
    if texts == [None, None] and not (asked.get("add_volumes") or asked.get("remove_volumes")):
        raise BadInput(
            "Must specify one or more of the following keys to update: name, description, "
            "add_volumes, remove_volumes."
        )
    groups.apply(ctx, group, asked)
    return Reply(202)


def delete(ctx: Context, group: Any, body: dict[str, Any] | None) -> Reply:
    """Delete a consistency group; with its volumes where that is said."""
    given = (body or {}).get("consistencygroup", {})
    return groups.remove(ctx, group, with_volumes=truth(given.get("force", False)))


# Operations of snapshots


def index_snapshots(ctx: Context) -> dict[str, Any]:
    """List snapshots of consistency groups, and of all other groups beside them."""
    return _list_snapshots(ctx, SUMMARY)


def detail_snapshots(ctx: Context) -> dict[str, Any]:
    """List snapshots of consistency groups in detail."""
    return _list_snapshots(ctx, SNAPSHOT)


def _list_snapshots(ctx: Context, view: View) -> dict[str, Any]:
    answer = listing.answer(ctx, LISTED_SNAPSHOTS, view, "/cgsnapshots")
    return {"cgsnapshots": answer["cgsnapshots"]}


def show_snapshot(ctx: Context, group_snapshot: Any) -> dict[str, Any]:
    """Show a snapshot of a consistency group."""
    return {"cgsnapshot": SNAPSHOT.render(group_snapshot, ctx)}


def create_snapshot(ctx: Context, body: dict[str, Any]) -> Reply:
    """Take a snapshot of every volume of a consistency group."""
    asked = body["cgsnapshot"]
    group = groups.find(ctx, asked["consistencygroup_id"])
    snapshot_id = group_snapshots.make(ctx, group, asked)
    return Reply(202, {"cgsnapshot": SUMMARY.render(group_snapshots.find(ctx, snapshot_id), ctx)})


def delete_snapshot(ctx: Context, group_snapshot: Any) -> Reply:
    """Delete a snapshot of a consistency group with its members."""
    return group_snapshots.remove(ctx, group_snapshot)
