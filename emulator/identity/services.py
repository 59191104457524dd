"""Services: the entries of the catalog."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.identity import listing
from emulator.identity.attributes import extra
from emulator.identity.errors import Missing
from emulator.identity.schemas import BOOLEAN, extensible
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import prop

# Schemas

SHORT = {"type": "string", "minLength": 1, "maxLength": 255}
CREATE = extensible(
    "service",
    prop("enabled", BOOLEAN),
    prop("type", SHORT, required=True),
    prop("name", SHORT),
    unknown_beside=True,
)
UPDATE = extensible(
    "service",
    prop("enabled", BOOLEAN),
    prop("type", SHORT),
    prop("name", SHORT),
    unknown_beside=True,
    minProperties=1,
)
NOT_EXTRA = ("id", "type", "enabled", "links")

# View


def view(ctx: Context, row: Any) -> dict[str, Any]:
    """Return a service as it is shown."""
    return {
        "name": "",
        **orjson.loads(row["extra"]),
        "id": row["id"],
        "type": row["type"],
        "enabled": bool(row["enabled"]),
        "links": {"self": listing.link(ctx, "services", row["id"])},
    }


# Queries


def find(ctx: Context, service_id: str) -> Any:
    """Return a service. Missing when there is none."""
    row = ctx.db.get("identity_services", service_id)
    if row is None:
        raise Missing(kind="service", id=service_id)
    return row


def _name_condition(name: str) -> tuple[str, str]:
    return "json_extract(extra, '$.name') = ?", name


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List services."""
    where, values = listing.conditions(ctx, ("type",))
    name = listing.first(ctx, "name")
    if name is not None:
        condition, value = _name_condition(name)
        where.append(condition)
        values.append(value)
    rows, _ = listing.page(ctx, "identity_services", where, values, paged=False)
    return listing.collection(ctx, "services", [view(ctx, row) for row in rows])


def show(ctx: Context, service_id: str) -> dict[str, Any]:
    """Show a service."""
    return {"service": view(ctx, find(ctx, service_id))}


def create(ctx: Context, body: Any) -> dict[str, Any]:
    """Make a service."""
    given = body["service"]
    row = {
        "id": ctx.ids.hex(),
        "type": given["type"],
        "enabled": int(given.get("enabled", True)),
        "extra": extra({"name": "", **given}, NOT_EXTRA),
    }
    ctx.db.insert("identity_services", row)
    return {"service": view(ctx, row)}


def update(ctx: Context, service_id: str, body: Any) -> dict[str, Any]:
    """Change a service."""
    row, given = find(ctx, service_id), body["service"]
    listing.must_match(given, service_id)
    changes = {
        "type": given.get("type", row["type"]),
        "enabled": int(given.get("enabled", row["enabled"])),
        "extra": extra(given, NOT_EXTRA, row),
    }
    ctx.db.update("identity_services", service_id, **changes)
    return {"service": view(ctx, {"id": service_id, **changes})}


def delete(ctx: Context, service_id: str) -> Reply:
    """Delete a service with its endpoints."""
    find(ctx, service_id)
    ctx.db.delete("identity_policy_associations", service_id, "service_id")
    ctx.db.delete("identity_endpoints", service_id, "service_id")
    ctx.db.delete("identity_services", service_id)
    return Reply(204)
