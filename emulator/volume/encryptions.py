"""Encryption of volume types: how volumes of a type are encrypted."""

from __future__ import annotations

from typing import Any

from emulator.errors import BadInput
from emulator.volume import types
from emulator.volume.errors import VolumeTypeEncryptionExists, VolumeTypeEncryptionNotFound
from emulator.volume.schemas import INTEGER_MAX
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, View, field, prop

# Schemas

KEY_SIZE = {"type": ["string", "integer", "null"], "minimum": 0, "maximum": INTEGER_MAX}
PROVIDER = {"type": "string", "minLength": 0, "maxLength": 255}
LOCATION = {"enum": ["front-end", "back-end"]}
CIPHER = {"type": ["string", "null"], "minLength": 0, "maxLength": 255}
CREATE = Body(
    "encryption",
    schema=Object(
        prop("key_size", KEY_SIZE),
        prop("provider", PROVIDER, required=True),
        prop("control_location", LOCATION, required=True),
        prop("cipher", CIPHER),
        unknown=True,
    ),
)
UPDATE = Body(
    "encryption",
    schema=Object(
        prop("key_size", KEY_SIZE),
        prop("provider", PROVIDER),
        prop("control_location", LOCATION),
        prop("cipher", CIPHER),
        unknown=True,
    ),
)

# View

ENCRYPTION = View(
    field("volume_type_id", column="type_id"),
    field("control_location"),
    field("encryption_id", column="id"),
    field("key_size"),
    field("provider"),
    field("cipher"),
    field("created_at"),
    field("updated_at"),
    field("deleted", lambda row, ctx: False),
    field("deleted_at", lambda row, ctx: None),
)
COLUMNS = ("key_size", "provider", "control_location", "cipher")

# Queries


def of_type(ctx: Context, type_id: str) -> Any:
    """Return the encryption of a type, None when its volumes are not encrypted."""
    return ctx.db.get("volume_encryptions", type_id, "type_id")


def _is_used(ctx: Context, type_id: str) -> bool:
    sql = "SELECT 1 FROM volume_volumes WHERE type_id = ? AND encrypted LIMIT 1"
    return ctx.db.value(sql, (type_id,)) is not None


# Operations


def index(ctx: Context, type_id: str) -> dict[str, Any]:
    """Show the encryption of a type: {} when there is none."""
    types.find(ctx, type_id)
    row = of_type(ctx, type_id)
    return {} if row is None else ENCRYPTION.render(row, ctx)


def show(ctx: Context, type_id: str, key: str) -> dict[str, Any]:
    """Show one property of a type's encryption."""
    known = index(ctx, type_id)
    if key not in known:
        raise VolumeTypeEncryptionNotFound(type_id=type_id)
    return {key: known[key]}


def create(ctx: Context, type_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Have volumes of a type encrypted."""
    _refuse_used(ctx, type_id, "create")
    types.find(ctx, type_id)
    if of_type(ctx, type_id) is not None:
        raise VolumeTypeEncryptionExists(type_id=type_id)
    asked = _with_number(body["encryption"])
    encryption_id = ctx.ids.uuid()
    ctx.db.insert(
        "volume_encryptions",
        {
            "id": encryption_id,
            "type_id": type_id,
            **{name: asked.get(name) for name in COLUMNS},
            "created_at": ctx.timestamp,
        },
    )
    return {"encryption": {**asked, "volume_type_id": type_id, "encryption_id": encryption_id}}


def update(ctx: Context, type_id: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Change the encryption of a type."""
    types.find(ctx, type_id)
    _refuse_used(ctx, type_id, "update")
    if of_type(ctx, type_id) is None:
        raise VolumeTypeEncryptionNotFound(type_id=type_id)
    asked = _with_number(body["encryption"])
    changes = {name: asked[name] for name in COLUMNS if name in asked}
    ctx.db.update("volume_encryptions", type_id, "type_id", **changes, updated_at=ctx.timestamp)
    return {"encryption": asked}


def delete(ctx: Context, type_id: str, key: str) -> Reply:
    """Have volumes of a type encrypted no more."""
    _refuse_used(ctx, type_id, "delete")
    if not ctx.db.delete("volume_encryptions", type_id, "type_id"):
        raise VolumeTypeEncryptionNotFound(type_id=type_id)
    return Reply(202)


def _refuse_used(ctx: Context, type_id: str, verb: str) -> None:
    if _is_used(ctx, type_id):
        raise BadInput(f"Cannot {verb} encryption specs. Volume type in use.")


def _with_number(asked: dict[str, Any]) -> dict[str, Any]:
    size = asked.get("key_size")
    try:
        return asked if size is None else {**asked, "key_size": int(size)}
    except ValueError:
        raise BadInput(f"key_size must be an integer, not {size}") from None
