"""Volume types: what kinds of volumes there are, who may use them, and their extra specs."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.errors import BadInput
from emulator.volume import listing
from emulator.volume.errors import (
    VolumeTypeExists,
    VolumeTypeExtraSpecsNotFound,
    VolumeTypeInUse,
    VolumeTypeNotFound,
    VolumeTypeNotFoundByName,
)
from emulator.volume.formats import is_uuid
from emulator.volume.schemas import BOOLEAN, EXTRA_SPECS, SHORT_TEXT, truth
from emulator.volume.versions import TYPES_BY_EXTRA_SPECS
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, View, field, prop

DEFAULT_TYPE = "__DEFAULT__"

# Schemas

CREATE = Body(
    "volume_type",
    prop(
        "name",
        {"type": "string", "minLength": 1, "maxLength": 255, "format": "name"},
        required=True,
    ),
    prop("description", SHORT_TEXT),
    prop("extra_specs", EXTRA_SPECS),
    prop("os-volume-type-access:is_public", BOOLEAN),
)
UPDATE = Body(
    "volume_type",
    prop("name", {"type": ["string", "null"], "minLength": 1, "maxLength": 255}),
    prop("description", SHORT_TEXT),
    prop("is_public", BOOLEAN),
)
ONE_SPEC = {
    "type": "object",
    "patternProperties": {
        "^[a-zA-Z0-9-_:.]{1,255}$": {"type": ["string", "null"], "minLength": 0, "maxLength": 255}
    },
    "additionalProperties": False,
}
SPECS_CREATE = Body("extra_specs", schema=ONE_SPEC)
SPEC_UPDATE = Body(schema={**ONE_SPEC, "minProperties": 1, "maxProperties": 1})
PROJECT = Object(
    prop("project", {"type": "string", "minLength": 1, "maxLength": 255}, required=True)
)
ADD_ACCESS = Body("addProjectAccess", schema=PROJECT)
REMOVE_ACCESS = Body("removeProjectAccess", schema=PROJECT)

# View


def extra_specs(row: Any, ctx: Context) -> Any:
    """Return the extra specs; who may not read the sensitive ones sees the public ones."""
    specs = orjson.loads(row["extra_specs"])
    if ctx.can("volume_extension:types_extra_specs:read_sensitive"):
        return specs
    return {key: value for key, value in specs.items() if key in PUBLIC_SPECS}


PUBLIC_SPECS = ("multiattach", "RESKEY:availability_zones", "replication_enabled")

TYPE = View(
    field("id"),
    field("name"),
    field("is_public", lambda row, ctx: bool(row["is_public"])),
    field("description"),
    field("extra_specs", extra_specs, policy="volume_extension:access_types_extra_specs"),
    field("qos_specs_id", policy="volume_extension:access_types_qos_specs_id"),
    field("os-volume-type-access:is_public", lambda row, ctx: bool(row["is_public"])),
)

CREATED = View(*(each for each in TYPE.fields if each.name != "qos_specs_id"))
DEFAULT = View(*(each for each in TYPE.fields if each.name != "os-volume-type-access:is_public"))
UPDATED = View(*(each for each in CREATED.fields if each.name != "os-volume-type-access:is_public"))

# Queries


def find(ctx: Context, type_id: str) -> Any:
    """Return the type of an id, where the caller may see it. VolumeTypeNotFound otherwise."""
    row = ctx.db.get("volume_types", type_id)
    if row is None or not _visible(ctx, row):
        raise VolumeTypeNotFound(volume_type_id=type_id)
    return row


def find_by_name_or_id(ctx: Context, name: str) -> Any:
    """Return the type of an id or a name. VolumeTypeNotFound or …ByName otherwise."""
    row = ctx.db.one("SELECT * FROM volume_types WHERE id = ? OR name = ?", (name, name))
    if row is None or not _visible(ctx, row):
        if is_uuid(name):
            raise VolumeTypeNotFound(volume_type_id=name)
        raise VolumeTypeNotFoundByName(volume_type_name=name)
    return row


def default(ctx: Context) -> Any:
    """Return the type of volumes that name none."""
    return ctx.db.get("volume_types", DEFAULT_TYPE, "name")


def names(ctx: Context) -> dict[str, str]:
    """Return every type's name by its id."""
    return {row["id"]: row["name"] for row in ctx.db.all("SELECT id, name FROM volume_types")}


def _visible(ctx: Context, row: Any) -> bool:
    return bool(row["is_public"]) or ctx.is_admin or ctx.project_id in projects(ctx, row["id"])


def projects(ctx: Context, type_id: str) -> list[str]:
    """Return the projects that may use a type which is not public."""
    sql = "SELECT project_id FROM volume_type_access WHERE type_id = ? ORDER BY project_id"
    return [row["project_id"] for row in ctx.db.all(sql, (type_id,))]


def _seen(ctx: Context) -> tuple[list[str], list[Any]]:
    """The types a caller sees; admins choose public, private or all."""
    wanted = listing.publicity(ctx)
    if wanted == "none":
        return [], []
    if not truth(wanted):
        return ["is_public = 0"], []
    given = "id IN (SELECT type_id FROM volume_type_access WHERE project_id = ?)"
    return [f"is_public = 1 OR {given}"], [ctx.project_id]


def _is_used(ctx: Context, type_id: str) -> bool:
    return bool(ctx.db.value("SELECT 1 FROM volume_volumes WHERE type_id = ? LIMIT 1", (type_id,)))


HAS_EXTRA_SPEC = (
    "EXISTS (SELECT 1 FROM json_each(extra_specs) AS spec WHERE spec.key = ? AND spec.value = ?)"
)
LISTED = listing.Listed(
    key="volume_types",
    columns="*",
    source="volume_types",
    filters={},
    sort_keys={name: name for name in ("created_at", "description", "id", "is_public", "name")},
    find=find,
    links="volume_type_links",
)

# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List the types the caller may use."""
    where, values = _seen(ctx)
    if "name" in ctx.query and ctx.is_admin:
        where.append("name = ?")
        values.append(ctx.query["name"][-1])
    if "extra_specs" in ctx.query and (TYPES_BY_EXTRA_SPECS in ctx or ctx.is_admin):
        for key, value in listing.mapping(ctx.query["extra_specs"][-1]).items():
            where.append(HAS_EXTRA_SPEC)
            values += [key, str(value)]
    return listing.shared(ctx, LISTED, TYPE, "/types", where, values)


def show(ctx: Context, type_id: str) -> dict[str, Any]:
    """Show a type; the id "default" is the one of volumes that name none.

    That one says not once more whether it is public: the extension looks its id up, in vain.
    """
    if type_id == "default":
        return {"volume_type": DEFAULT.render(default(ctx), ctx)}
    return {"volume_type": TYPE.render(find(ctx, type_id), ctx)}


def create(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Make a type."""
    asked = body["volume_type"]
    name = asked["name"].strip()
    if ctx.db.get("volume_types", name, "name") is not None:
        raise VolumeTypeExists(id=name)
    type_id = ctx.ids.uuid()
    ctx.db.insert(
        "volume_types",
        {
            "id": type_id,
            "name": name,
            "description": asked.get("description"),
            "is_public": truth(asked.get("os-volume-type-access:is_public", True)),
            "extra_specs": orjson.dumps(asked.get("extra_specs", {})).decode(),
            "created_at": ctx.timestamp,
        },
    )
    return {"volume_type": CREATED.render(ctx.db.get("volume_types", type_id), ctx)}


def update(ctx: Context, type_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Rename or describe a type, or change whether it is public."""
    row, asked = find(ctx, type_id), body["volume_type"]
    changes: dict[str, Any] = {}
    name = asked.get("name")
    if not asked or all(asked.get(key) is None for key in ("name", "description", "is_public")):
        raise BadInput("Specify volume type name, description, is_public or a combination thereof.")
    if name is not None:
        if not name.strip():
            raise BadInput("Volume type name can not be empty.")
        other = ctx.db.get("volume_types", name.strip(), "name")
        if other is not None and other["id"] != row["id"]:
            raise VolumeTypeExists(id=name)
        changes["name"] = name.strip()
    if asked.get("description") is not None:
        changes["description"] = asked["description"]
    if asked.get("is_public") is not None:
        changes["is_public"] = truth(asked["is_public"])
    ctx.db.update("volume_types", type_id, **changes, updated_at=ctx.timestamp)
    return {"volume_type": UPDATED.render(ctx.db.get("volume_types", type_id), ctx)}


def delete(ctx: Context, type_id: str) -> None:
    """Delete a type that no volume is of."""
    find(ctx, type_id)
    if _is_used(ctx, type_id):
        raise VolumeTypeInUse(volume_type_id=type_id)
    ctx.db.delete("volume_types", type_id)
    ctx.db.delete("volume_type_access", type_id, "type_id")


# Operations of extra specs


def specs_index(ctx: Context, type_id: str) -> dict[str, Any]:
    """List the extra specs of a type."""
    return {"extra_specs": extra_specs(find(ctx, type_id), ctx)}


def specs_create(ctx: Context, type_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Add extra specs to a type, or change them."""
    _write_specs(ctx, type_id, {**_specs(ctx, type_id), **body["extra_specs"]})
    return body


def spec_show(ctx: Context, type_id: str, key: str) -> dict[str, Any]:
    """Show one extra spec."""
    specs = extra_specs(find(ctx, type_id), ctx)
    if key not in specs:
        raise VolumeTypeExtraSpecsNotFound(volume_type_id=type_id, extra_specs_key=key)
    return {key: specs[key]}


def spec_update(ctx: Context, type_id: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Set one extra spec."""
    specs = _specs(ctx, type_id)
    if key not in body:
        raise BadInput("Request body and URI mismatch")
    _write_specs(ctx, type_id, {**specs, **body})
    return body


def spec_delete(ctx: Context, type_id: str, key: str) -> None:
    """Take one extra spec away."""
    specs = _specs(ctx, type_id)
    if key not in specs:
        raise VolumeTypeExtraSpecsNotFound(volume_type_id=type_id, extra_specs_key=key)
    del specs[key]
    _write_specs(ctx, type_id, specs)


def _specs(ctx: Context, type_id: str) -> dict[str, Any]:
    specs: dict[str, Any] = orjson.loads(find(ctx, type_id)["extra_specs"])
    return specs


def _write_specs(ctx: Context, type_id: str, specs: dict[str, Any]) -> None:
    text = orjson.dumps(specs).decode()
    ctx.db.update("volume_types", type_id, extra_specs=text, updated_at=ctx.timestamp)


# Operations of access


def access_index(ctx: Context, type_id: str) -> dict[str, Any]:
    """List the projects that may use a private type."""
    if find(ctx, type_id)["is_public"]:
        raise VolumeTypeNotFound("Access list not available for public volume types.")
    return {
        "volume_type_access": [
            {"volume_type_id": type_id, "project_id": project} for project in projects(ctx, type_id)
        ]
    }


def access_add(ctx: Context, type_id: str, body: dict[str, Any]) -> Reply:
    """Let a project use a private type."""
    project = body["addProjectAccess"]["project"]
    if find(ctx, type_id)["is_public"]:
        raise BadInput("Type access modification is not applicable to public volume type.")
    if project in projects(ctx, type_id):
        raise VolumeTypeExists(
            f"Volume type access for {type_id} / {project} combination already exists."
        )
    ctx.db.insert("volume_type_access", {"type_id": type_id, "project_id": project})
    return Reply(202)


def access_remove(ctx: Context, type_id: str, body: dict[str, Any]) -> Reply:
    """Let a project use a private type no more."""
    project = body["removeProjectAccess"]["project"]
    find(ctx, type_id)
    if project not in projects(ctx, type_id):
        raise VolumeTypeNotFound(
            f"Volume type access not found for {type_id} / {project} combination."
        )
    _forget_access(ctx, type_id, project)
    return Reply(202)


# Queries of access


def _forget_access(ctx: Context, type_id: str, project: str) -> None:
    ctx.db.execute(
        "DELETE FROM volume_type_access WHERE type_id = ? AND project_id = ?", (type_id, project)
    )
