"""QoS specs: what a back end or a hypervisor is told of the volumes of a type."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.errors import BadInput
from emulator.volume import listing, types
from emulator.volume.errors import (
    InvalidQoSSpecs,
    QoSSpecsExists,
    QoSSpecsKeyNotFound,
    QoSSpecsNotFound,
)
from emulator.volume.schemas import truth
from emulator.wire.links import prefix, service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, View, field, prop

CONSUMERS = ("front-end", "back-end", "both")

# Schemas

CREATE = Body(
    "qos_specs",
    schema=Object(
        prop(
            "name",
            {"type": "string", "format": "name_skip_leading_trailing_spaces"},
            required=True,
        ),
        unknown=True,
    ),
)
SET = Body(
    "qos_specs",
    schema={
        "type": "object",
        "patternProperties": {
            "^[a-zA-Z0-9-_:. /]{1,255}$": {"type": ["string", "null"], "maxLength": 255}
        },
        "additionalProperties": False,
    },
)
UNSET = Body(
    "keys",
    schema={
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": 255},
        "uniqueItems": True,
    },
)

# View


def links(row: Any, ctx: Context) -> list[dict[str, str]]:
    """Return the self and bookmark links of QoS specs."""
    return [
        {"rel": "self", "href": f"{prefix(ctx)}/qos-specs/{row['id']}"},
        {"rel": "bookmark", "href": f"{service_root(ctx)}/qos-specs/{row['id']}"},
    ]


QOS = View(
    field("id"),
    field("name"),
    field("consumer"),
    field("specs", lambda row, ctx: orjson.Fragment(row["specs"])),
)

# Queries


def find(ctx: Context, qos_id: str) -> Any:
    """Return QoS specs. QoSSpecsNotFound when there are none of this id."""
    row = ctx.db.get("volume_qos_specs", qos_id)
    if row is None:
        raise QoSSpecsNotFound(specs_id=qos_id)
    return row


LISTED = listing.Listed(
    key="qos_specs",
    columns="*",
    source="volume_qos_specs",
    filters={},
    sort_keys={"created_at": "created_at", "id": "id"},
    find=find,
)


def _types_of(ctx: Context, qos_id: str) -> list[Any]:
    sql = "SELECT id, name FROM volume_types WHERE qos_specs_id = ? ORDER BY created_at, id"
    return ctx.db.all(sql, (qos_id,))


def _write(ctx: Context, qos_id: str, specs: dict[str, Any], **changes: Any) -> None:
    text = orjson.dumps(specs).decode()
    ctx.db.update("volume_qos_specs", qos_id, specs=text, **changes)


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List QoS specs."""
    return listing.shared(ctx, LISTED, QOS, "/qos-specs", (), ())


def show(ctx: Context, qos_id: str) -> dict[str, Any]:
    """Show QoS specs."""
    row = find(ctx, qos_id)
    return {"qos_specs": QOS.render(row, ctx), "links": links(row, ctx)}


def create(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Make QoS specs; every key that is not the name or the consumer is a spec."""
    specs = dict(body["qos_specs"])
    name, consumer = specs.pop("name").strip(), specs.pop("consumer", "back-end")
    if consumer not in CONSUMERS:
        known = ", ".join(f"'{each}'" for each in sorted(CONSUMERS))
        raise InvalidQoSSpecs(reason=f"Valid consumer of QoS specs are: [{known}]")
    if ctx.db.get("volume_qos_specs", name, "name") is not None:
        raise QoSSpecsExists(specs_id=name)
    qos_id = ctx.ids.uuid()
    ctx.db.insert(
        "volume_qos_specs",
        {
            "id": qos_id,
            "name": name,
            "consumer": consumer,
            "specs": orjson.dumps(specs).decode(),
            "created_at": ctx.timestamp,
        },
    )
    return show(ctx, qos_id)


def update(ctx: Context, qos_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Set specs."""
    row, asked = find(ctx, qos_id), dict(body["qos_specs"])
    consumer = asked.pop("consumer", row["consumer"])
    if consumer not in CONSUMERS:
        raise InvalidQoSSpecs(reason=f"Valid consumer of QoS specs are: {sorted(CONSUMERS)}")
    _write(ctx, qos_id, {**orjson.loads(row["specs"]), **asked}, consumer=consumer)
    return body


def delete_keys(ctx: Context, qos_id: str, body: dict[str, Any]) -> Reply:
    """Take specs away."""
    specs = orjson.loads(find(ctx, qos_id)["specs"])
    for key in body["keys"]:
        if key not in specs:
            raise QoSSpecsKeyNotFound(specs_id=qos_id, specs_key=key)
        del specs[key]
    _write(ctx, qos_id, specs)
    return Reply(202)


def delete(ctx: Context, qos_id: str) -> Reply:
    """Delete QoS specs; those that types have only by force."""
    find(ctx, qos_id)
    if _types_of(ctx, qos_id) and not truth(ctx.query.get("force", ["false"])[-1]):
        raise BadInput("Qos specs still in use.")
    disassociate_all(ctx, qos_id)
    ctx.db.delete("volume_qos_specs", qos_id)
    return Reply(202)


def associations(ctx: Context, qos_id: str) -> dict[str, Any]:
    """List the types that have these QoS specs."""
    find(ctx, qos_id)
    return {
        "qos_associations": [
            {"association_type": "volume_type", "name": row["name"], "id": row["id"]}
            for row in _types_of(ctx, qos_id)
        ]
    }


def associate(ctx: Context, qos_id: str) -> Reply:
    """Give a type these QoS specs."""
    find(ctx, qos_id)
    kind = types.find(ctx, _asked_type(ctx))
    if kind["qos_specs_id"] not in (None, qos_id):
        raise BadInput(
            f"Type {kind['id']} is already associated with another qos specs: "
            f"{kind['qos_specs_id']}"
        )
    ctx.db.update("volume_types", kind["id"], qos_specs_id=qos_id)
    return Reply(202)


def disassociate(ctx: Context, qos_id: str) -> Reply:
    """Take these QoS specs from a type."""
    find(ctx, qos_id)
    kind = types.find(ctx, _asked_type(ctx))
    ctx.db.update("volume_types", kind["id"], qos_specs_id=None)
    return Reply(202)


def disassociate_all(ctx: Context, qos_id: str) -> Reply:
    """Take these QoS specs from every type."""
    find(ctx, qos_id)
    for kind in _types_of(ctx, qos_id):
        ctx.db.update("volume_types", kind["id"], qos_specs_id=None)
    return Reply(202)


def _asked_type(ctx: Context) -> str:
    type_id = ctx.query.get("vol_type_id", [""])[-1]
    if not type_id:
        raise BadInput("Volume Type id must not be None.")
    return type_id
