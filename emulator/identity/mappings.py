"""Federation: mappings of what identity providers say to users, groups and projects, as records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.identity import listing
from emulator.identity.errors import Duplicate, Invalid, Missing
from emulator.identity.schemas import BOOLEAN, TEXT
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import UNVERSIONED, Body, Object, Property, prop, schema_at

# Schemas

DOMAIN = Object(prop("id", TEXT), prop("name", TEXT))
ROLES = {"type": "array", "items": Object(prop("name", TEXT, required=True))}
GROUP_BY_ID = Object(prop("id", TEXT, required=True))
GROUP_BY_NAME = Object(prop("name", TEXT, required=True), prop("domain", DOMAIN, required=True))
USER = Object(
    prop("id", TEXT),
    prop("name", TEXT),
    prop("email", TEXT),
    prop("domain", DOMAIN),
    prop("type", {"type": "string", "enum": ["ephemeral", "local"]}),
)


def _condition(name: str) -> Object:
    """A remote attribute that must, or must not, have one of some values."""
    values = prop(name, {"type": "array"}, required=True)
    return Object(prop("type", TEXT, required=True), values, prop("regex", BOOLEAN))


REMOTE = {
    "type": "object",
    "oneOf": [
        Object(prop("type", TEXT, required=True)),
        *(_condition(name) for name in ("any_one_of", "not_any_of", "blacklist", "whitelist")),
    ],
}


def _rules(*more_of_projects: Property, more: tuple[Property, ...] = ()) -> Object:
    """What a mapping of one schema version is."""
    project = Object(
        prop("name", TEXT, required=True), prop("roles", ROLES, required=True), *more_of_projects
    )
    local = Object(
        prop("user", USER),
        prop("projects", {"type": "array", "items": project}),
        prop("group", {"type": "object", "oneOf": [GROUP_BY_ID, GROUP_BY_NAME]}),
        prop("groups", TEXT),
        prop("group_ids", TEXT),
        prop("domain", DOMAIN),
        *more,
    )
    rule = Object(
        prop("local", {"type": "array", "items": local}, required=True),
        prop("remote", {"type": "array", "items": REMOTE, "minItems": 1}, required=True),
    )
    return Object(
        prop("rules", {"type": "array", "items": rule, "minItems": 1}, required=True),
        prop("schema_version", TEXT),
        unknown=True,
    )


VERSIONS: Mapping[str, Any] = {
    "1.0": _rules(),
    "2.0": _rules(prop("domain", DOMAIN)),
    "3.0": _rules(prop("domain", DOMAIN), more=(prop("projects_json", TEXT),)),
}
DEFAULT_VERSION = "1.0"
ANY = Body(schema=Object(prop("mapping", Object(unknown=True)), unknown=True))

# View


def _view(ctx: Context, row: Any) -> dict[str, Any]:
    return {
        "id": row["id"],
        "rules": orjson.loads(row["rules"]),
        "schema_version": row["schema_version"],
        "links": {"self": listing.link(ctx, "OS-FEDERATION", "mappings", row["id"])},
    }


# Queries


def _find(ctx: Context, mapping_id: str) -> Any:
    row = ctx.db.get("identity_mappings", mapping_id)
    if row is None:
        raise Missing(kind="mapping", id=mapping_id)
    return row


def _all(ctx: Context) -> list[Any]:
    return ctx.db.all("SELECT * FROM identity_mappings ORDER BY id")


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List mappings."""
    return listing.collection(ctx, "mappings", [_view(ctx, row) for row in _all(ctx)])


def show(ctx: Context, mapping_id: str) -> dict[str, Any]:
    """Show a mapping."""
    return {"mapping": _view(ctx, _find(ctx, mapping_id))}


def _checked(body: Any) -> dict[str, str]:
    """Return the columns of a mapping that is well formed. Invalid says all that is wrong."""
    import jsonschema

    given = dict(body.get("mapping") or {})
    version = given.get("schema_version") or DEFAULT_VERSION
    given["schema_version"] = version
    if version not in VERSIONS:
        raise Invalid(f"'{version}' is not one of {list(VERSIONS)}")
    schema = schema_at(VERSIONS[version], UNVERSIONED)
    found = jsonschema.Draft202012Validator(schema).iter_errors(given)
    messages = "".join(f"{error.message}\n" for error in sorted(found, key=str))
    if messages:
        raise Invalid(messages)
    return {"rules": orjson.dumps(given["rules"]).decode(), "schema_version": version}


def create(ctx: Context, mapping_id: str, body: Any) -> dict[str, Any]:
    """Keep a mapping."""
    row = {"id": mapping_id, **_checked(body)}
    if ctx.db.get("identity_mappings", mapping_id) is not None:
        name = (body.get("mapping") or {}).get("name")
        details = f"Duplicate entry found with name {name}" if name else "Duplicate entry"
        raise Duplicate(kind="mapping", details=details)
    ctx.db.insert("identity_mappings", row)
    return {"mapping": _view(ctx, row)}


def update(ctx: Context, mapping_id: str, body: Any) -> dict[str, Any]:
    """Change a mapping."""
    _find(ctx, mapping_id)
    changes = _checked(body)
    ctx.db.update("identity_mappings", mapping_id, **changes)
    return {"mapping": _view(ctx, {"id": mapping_id, **changes})}


def delete(ctx: Context, mapping_id: str) -> Reply:
    """Delete a mapping."""
    _find(ctx, mapping_id)
    ctx.db.delete("identity_mappings", mapping_id)
    return Reply(204)
