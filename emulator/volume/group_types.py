"""Group types and their specs: what kinds of groups of volumes there are."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.errors import BadInput
from emulator.volume import listing
from emulator.volume.errors import (
    GroupTypeExists,
    GroupTypeInUse,
    GroupTypeNotFound,
    GroupTypeNotFoundByName,
    GroupTypeSpecsNotFound,
)
from emulator.volume.schemas import BOOLEAN, NAME_OR_NULL, REQUIRED_NAME, SHORT_TEXT, truth
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, View, field, prop

DEFAULT_CGSNAPSHOT_TYPE = "default_cgsnapshot_type"

# Schemas

SPECS = {
    "type": ["object", "null"],
    "patternProperties": {"^[a-zA-Z0-9-_:. /]{1,255}$": {"type": "string", "maxLength": 255}},
    "additionalProperties": False,
}
ONE_SPEC = {
    "type": "object",
    "patternProperties": {
        "^[a-zA-Z0-9-_:.]{1,255}$": {"type": ["string", "null"], "maxLength": 255}
    },
    "additionalProperties": False,
}
CREATE = Body(
    "group_type",
    prop("name", REQUIRED_NAME, required=True),
    prop("description", SHORT_TEXT),
    prop("is_public", BOOLEAN),
    prop("group_specs", SPECS),
)
UPDATE = Body(
    "group_type",
    prop("name", NAME_OR_NULL),
    prop("description", SHORT_TEXT),
    prop("is_public", BOOLEAN),
)
SPECS_CREATE = Body("group_specs", schema=ONE_SPEC)
SPEC_UPDATE = Body(schema={**ONE_SPEC, "minProperties": 1, "maxProperties": 1})

# View

GROUP_TYPE = View(
    field("id"),
    field("name"),
    field("description"),
    field("is_public", lambda row, ctx: bool(row["is_public"])),
    field(
        "group_specs",
        lambda row, ctx: orjson.Fragment(row["group_specs"]),
        policy="group:access_group_types_specs",
    ),
)

# Queries


def find(ctx: Context, group_type_id: str) -> Any:
    """Return a group type. GroupTypeNotFound when there is none of this id."""
    row = ctx.db.get("volume_group_types", group_type_id)
    if row is None:
        raise GroupTypeNotFound(group_type_id=group_type_id)
    return row


def find_by_name_or_id(ctx: Context, name: str) -> Any:
    """Return the group type of an id or a name. GroupTypeNotFoundByName otherwise."""
    row = ctx.db.get("volume_group_types", name) or ctx.db.get("volume_group_types", name, "name")
    if row is None:
        raise GroupTypeNotFoundByName(group_type_name=name)
    return row


def _visible(ctx: Context) -> list[str]:
    wanted = listing.publicity(ctx)
    return [] if wanted == "none" else [f"is_public = {truth(wanted):d}"]


LISTED = listing.Listed(
    key="group_types",
    columns="*",
    source="volume_group_types",
    filters={},
    sort_keys={name: name for name in ("created_at", "description", "id", "is_public", "name")},
    find=find,
    links="group_type_links",
)


def _is_used(ctx: Context, group_type_id: str) -> bool:
    sql = "SELECT 1 FROM volume_groups WHERE group_type_id = ? LIMIT 1"
    return ctx.db.value(sql, (group_type_id,)) is not None


def default_id(ctx: Context) -> str | None:
    """Return the id of the type that consistency groups have."""
    row = ctx.db.get("volume_group_types", DEFAULT_CGSNAPSHOT_TYPE, "name")
    return None if row is None else row["id"]


# Operations


def refuse_default(ctx: Context, group_type_id: str | None, *, snapshots: bool = False) -> None:
    """Refuse what is asked of a group that is a consistency group, or of a snapshot of one."""
    if group_type_id is not None and group_type_id == default_id(ctx):
        whose = "group snapshots" if snapshots else "group"
        by = "CG snapshot" if snapshots else "CG"
        raise BadInput(
            f"Group_type {group_type_id} is reserved for migrating CGs to groups. "
            f"Migrated {whose} can only be operated by {by} APIs."
        )


def index(ctx: Context) -> dict[str, Any]:
    """List the group types."""
    return listing.shared(ctx, LISTED, GROUP_TYPE, "/group_types", _visible(ctx), ())


def show(ctx: Context, group_type_id: str) -> dict[str, Any]:
    """Show a group type."""
    return {"group_type": GROUP_TYPE.render(find(ctx, group_type_id), ctx)}


def create(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make a group type."""
    asked = body["group_type"]
    name = asked["name"].strip()
    if ctx.db.get("volume_group_types", name, "name") is not None:
        raise GroupTypeExists(id=name)
    group_type_id = ctx.ids.uuid()
    ctx.db.insert(
        "volume_group_types",
        {
            "id": group_type_id,
            "name": name,
            "description": asked.get("description"),
            "is_public": truth(asked.get("is_public", True)),
            "group_specs": orjson.dumps(asked.get("group_specs") or {}).decode(),
            "created_at": ctx.timestamp,
        },
    )
    return Reply(202, show(ctx, group_type_id))


def update(ctx: Context, group_type_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Rename or describe a group type, or change whether it is public."""
    find(ctx, group_type_id)
    asked = body["group_type"]
    if all(asked.get(key) is None for key in ("name", "description", "is_public")):
        raise BadInput("Specify group type name, description or a combination thereof.")
    changes: dict[str, Any] = {}
    if asked.get("name") is not None:
        name = asked["name"].strip()
        if not name:
            raise BadInput("Group type name can not be empty.")
        other = ctx.db.get("volume_group_types", name, "name")
        if other is not None and other["id"] != group_type_id:
            raise GroupTypeExists(id=name)
        changes["name"] = name
    if asked.get("description") is not None:
        changes["description"] = asked["description"]
    if asked.get("is_public") is not None:
        changes["is_public"] = truth(asked["is_public"])
    ctx.db.update("volume_group_types", group_type_id, **changes)
    return show(ctx, group_type_id)


def delete(ctx: Context, group_type_id: str) -> Reply:
    """Delete a group type that no group is of."""
    find(ctx, group_type_id)
    if _is_used(ctx, group_type_id):
        raise GroupTypeInUse(group_type_id=group_type_id)
    ctx.db.delete("volume_group_types", group_type_id)
    return Reply(202)


# Operations of specs


def specs_index(ctx: Context, group_type_id: str) -> dict[str, Any]:
    """List the specs of a group type."""
    return {"group_specs": orjson.Fragment(find(ctx, group_type_id)["group_specs"])}


def specs_create(ctx: Context, group_type_id: str, body: dict[str, Any]) -> Reply:
    """Add specs to a group type, or change them."""
    _write(ctx, group_type_id, {**_specs(ctx, group_type_id), **body["group_specs"]})
    return Reply(202, body)


def spec_show(ctx: Context, group_type_id: str, key: str) -> dict[str, Any]:
    """Show one spec."""
    return {key: _existing(ctx, group_type_id, key)[key]}


def spec_update(ctx: Context, group_type_id: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Set one spec."""
    if key not in body:
        raise BadInput("Request body and URI mismatch")
    _write(ctx, group_type_id, {**_specs(ctx, group_type_id), **body})
    return body


def spec_delete(ctx: Context, group_type_id: str, key: str) -> Reply:
    """Take one spec away."""
    specs = _existing(ctx, group_type_id, key)
    del specs[key]
    _write(ctx, group_type_id, specs)
    return Reply(202)


def _specs(ctx: Context, group_type_id: str) -> dict[str, Any]:
    specs: dict[str, Any] = orjson.loads(find(ctx, group_type_id)["group_specs"])
    return specs


def _existing(ctx: Context, group_type_id: str, key: str) -> dict[str, Any]:
    specs = _specs(ctx, group_type_id)
    if key not in specs:
        raise GroupTypeSpecsNotFound(group_type_id=group_type_id, group_specs_key=key)
    return specs


def _write(ctx: Context, group_type_id: str, specs: dict[str, Any]) -> None:
    text = orjson.dumps(specs).decode()
    ctx.db.update("volume_group_types", group_type_id, group_specs=text)
