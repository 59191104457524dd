"""Registered limits: how much of a resource everybody may have by default."""

from __future__ import annotations

from typing import Any

from emulator.identity import listing
from emulator.identity.errors import Duplicate, LimitMissing, NotAllowed, NotExpected
from emulator.identity.schemas import DESCRIPTION, NAME, REGION, UUID
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, prop

# Schemas

AMOUNT = {"type": "integer", "minimum": -1, "maximum": 2147483647}
PARTS = (
    prop("service_id", UUID, required=True),
    prop("region_id", REGION),
    prop("resource_name", NAME, required=True),
    prop("default_limit", AMOUNT, required=True),
    prop("description", DESCRIPTION),
)
LIST = Query(prop("service_id", UUID), prop("region_id", REGION), prop("resource_name", NAME))
CREATE = Body("registered_limits", schema={"type": "array", "items": Object(*PARTS), "minItems": 1})
UPDATE = Body(
    "registered_limit",
    prop("service_id", UUID),
    prop("region_id", REGION),
    prop("resource_name", NAME),
    prop("default_limit", AMOUNT),
    prop("description", DESCRIPTION),
)
NAMES = ("service_id", "region_id", "resource_name", "default_limit", "description")

# View


def _view(ctx: Context, row: Any) -> dict[str, Any]:
    shown = {"id": row["id"], **{name: row[name] for name in NAMES}}
    return {**shown, "links": {"self": listing.link(ctx, "registered_limits", row["id"])}}


# Queries


def _find(ctx: Context, registered_limit_id: str) -> Any:
    row = ctx.db.get("identity_registered_limits", registered_limit_id)
    if row is None:
        raise LimitMissing(kind="registered limit", id=registered_limit_id)
    return row


def alike(ctx: Context, service_id: str, region_id: str | None, resource_name: str) -> Any:
    """Return the registered limit of a resource, None when there is none."""
    return ctx.db.one(
        "SELECT * FROM identity_registered_limits WHERE service_id = ? AND region_id IS ?"
        " AND resource_name = ?",
        (service_id, region_id, resource_name),
    )


def _is_used(ctx: Context, registered_limit_id: str) -> bool:
    return bool(
        ctx.db.one(
            "SELECT 1 FROM identity_limits WHERE registered_limit_id = ?", (registered_limit_id,)
        )
    )


# Operations


def index(ctx: Context, query: Any) -> dict[str, Any]:
    """List registered limits."""
    where, values = listing.conditions(ctx, ("service_id", "region_id", "resource_name"))
    rows, _ = listing.page(ctx, "identity_registered_limits", where, values, paged=False)
    return listing.collection(ctx, "registered_limits", [_view(ctx, row) for row in rows])


def show(ctx: Context, registered_limit_id: str) -> dict[str, Any]:
    """Show a registered limit."""
    return {"registered_limit": _view(ctx, _find(ctx, registered_limit_id))}


def create(ctx: Context, body: Any) -> dict[str, Any]:
    """Register limits, all of them or none."""
    made = []
    for given in body["registered_limits"]:
        row = {"id": ctx.ids.hex(), **{name: given.get(name) for name in NAMES}}
        _check(ctx, row)
        ctx.db.insert("identity_registered_limits", row)
        made.append(_view(ctx, row))
    return {"registered_limits": made}


def _check(ctx: Context, row: Any) -> None:
    """Raise unless service and region are there and the resource has no limit yet."""
    if ctx.db.get("identity_services", row["service_id"]) is None:
        raise NotExpected(attribute="service_id", target="registered_limit")
    if row["region_id"] and ctx.db.get("identity_regions", row["region_id"]) is None:
        raise NotExpected(attribute="region_id", target="registered_limit")
    kept = alike(ctx, row["service_id"], row["region_id"], row["resource_name"])
    if kept is not None and kept["id"] != row["id"]:
        raise Duplicate(kind="registered_limit", details="Duplicate entry")


def update(ctx: Context, registered_limit_id: str, body: Any) -> dict[str, Any]:
    """Change a registered limit that no project's limit is based on."""
    row, given = _find(ctx, registered_limit_id), body["registered_limit"]
    _refuse_used(ctx, row)
    changes = {name: given.get(name, row[name]) for name in NAMES}
    _check(ctx, {"id": row["id"], **changes})
    ctx.db.update("identity_registered_limits", row["id"], **changes)
    return {"registered_limit": _view(ctx, {"id": row["id"], **changes})}


def _refuse_used(ctx: Context, row: Any) -> None:
    if _is_used(ctx, row["id"]):
        raise NotAllowed(
            f"Unable to update or delete registered limit {row['id']} because there are project"
            " limits associated with it."
        )


def delete(ctx: Context, registered_limit_id: str) -> Reply:
    """Delete a registered limit that no project's limit is based on."""
    row = _find(ctx, registered_limit_id)
    _refuse_used(ctx, row)
    ctx.db.delete("identity_registered_limits", row["id"])
    return Reply(204)
