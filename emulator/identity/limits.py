"""Limits of projects and domains, in place of what is registered for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.identity import listing, registered_limits
from emulator.identity.errors import Duplicate, LimitMissing, NotAllowed, NotExpected
from emulator.identity.registered_limits import AMOUNT
from emulator.identity.schemas import DESCRIPTION, ID, ID_OR_NULL, NAME, REGION, UUID
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, prop

# Schemas

NEEDED = ["service_id", "resource_name", "resource_limit"]
LIMIT = Object(
    prop("project_id", ID_OR_NULL),
    prop("domain_id", ID_OR_NULL),
    prop("resource_name", NAME, required=True),
    prop("region_id", REGION),
    prop("service_id", UUID, required=True),
    prop("resource_limit", AMOUNT, required=True),
    prop("description", DESCRIPTION),
    oneOf=[{"required": [*NEEDED, "domain_id"]}, {"required": [*NEEDED, "project_id"]}],
)
LIST = Query(
    prop("service_id", UUID),
    prop("region_id", REGION),
    prop("resource_name", NAME),
    prop("project_id", ID),
    prop("domain_id", ID),
)
CREATE = Body("limits", schema={"type": "array", "items": LIMIT, "minItems": 1})
UPDATE = Body("limit", prop("resource_limit", AMOUNT), prop("description", DESCRIPTION))
MODEL = {
    "name": "flat",
    "description": "Limit enforcement and validation does not take project hierarchy into"
    " consideration.",
}

# View


def _view(ctx: Context, row: Any) -> dict[str, Any]:
    names = ("id", "project_id", "domain_id", "service_id", "region_id", "resource_name")
    return {
        **{name: row[name] for name in names},
        "resource_limit": row["resource_limit"],
        "description": row["description"],
        "links": {"self": listing.link(ctx, "limits", row["id"])},
    }


def target(row: Any) -> Mapping[str, Any]:
    """Return what policy rules compare with."""
    facts = {"target.limit.project_id": row["project_id"]}
    if row["domain_id"]:
        facts["target.limit.domain.id"] = row["domain_id"]
    if row["project_domain_id"]:
        facts["target.limit.project.domain_id"] = row["project_domain_id"]
    return facts


# Queries

WHOLE = (
    "SELECT l.*, r.service_id, r.region_id, r.resource_name, p.domain_id AS project_domain_id"
    " FROM identity_limits l JOIN identity_registered_limits r ON r.id = l.registered_limit_id"
    " LEFT JOIN identity_projects p ON p.id = l.project_id"
)
COLUMNS = {
    "service_id": "r.service_id",
    "region_id": "r.region_id",
    "resource_name": "r.resource_name",
    "project_id": "l.project_id",
    "domain_id": "l.domain_id",
}


def find(ctx: Context, limit_id: str) -> Any:
    """Return a limit. LimitMissing when there is none."""
    row = ctx.db.one(f"{WHOLE} WHERE l.id = ?", (limit_id,))
    if row is None:
        raise LimitMissing(kind="limit", id=limit_id)
    return row


def _matching(ctx: Context, criteria: Mapping[str, Any]) -> list[Any]:
    where = "".join(f" AND {COLUMNS[name]} = ?" for name in criteria)
    return ctx.db.all(f"{WHOLE} WHERE 1{where} ORDER BY l.id", tuple(criteria.values()))


def of_project(ctx: Context, project_id: str) -> list[dict[str, Any]]:
    """Return the limits of a project as they are shown."""
    return [_view(ctx, row) for row in _matching(ctx, {"project_id": project_id})]


def _has(ctx: Context, row: Mapping[str, Any]) -> bool:
    return bool(
        ctx.db.one(
            "SELECT 1 FROM identity_limits WHERE registered_limit_id = ? AND project_id IS ?"
            " AND domain_id IS ?",
            (row["registered_limit_id"], row["project_id"], row["domain_id"]),
        )
    )


# Operations


def model(ctx: Context) -> dict[str, Any]:
    """Show how limits are enforced: without looking at the tree of projects."""
    return {"model": MODEL}


def index(ctx: Context, query: Any) -> dict[str, Any]:
    """List limits: all for administrators and services, else those of the caller's own scope."""
    criteria = {name: ctx.query[name][0] for name in COLUMNS if name in ctx.query}
    who = ctx.credentials
    rows: list[Any] = []
    if who.system or who.roles & {"admin", "service"}:
        rows = _matching(ctx, criteria)
    elif who.domain_id:
        found = _matching(ctx, criteria)
        rows = [
            row for row in found if who.domain_id in (row["domain_id"], row["project_domain_id"])
        ]
    elif who.project_id and criteria.get("project_id", who.project_id) == who.project_id:
        rows = _matching(ctx, {**criteria, "project_id": who.project_id})
    return listing.collection(ctx, "limits", [_view(ctx, row) for row in rows])


def show(ctx: Context, limit: Any) -> dict[str, Any]:
    """Show a limit."""
    return {"limit": _view(ctx, limit)}


def create(ctx: Context, body: Any) -> dict[str, Any]:
    """Give projects or domains limits of their own, all of them or none."""
    made = []
    for given in body["limits"]:
        basis = registered_limits.alike(
            ctx, given["service_id"], given.get("region_id"), given["resource_name"]
        )
        if basis is None:
            raise NotAllowed("Unable to create a limit that has no corresponding registered limit.")
        row = {
            "id": ctx.ids.hex(),
            "registered_limit_id": basis["id"],
            "project_id": given.get("project_id"),
            "domain_id": given.get("domain_id"),
            "resource_limit": given["resource_limit"],
            "description": given.get("description"),
        }
        for kind in ("project", "domain"):
            owner = row[f"{kind}_id"]
            if owner and ctx.db.get("identity_projects", owner) is None:
                raise NotExpected(attribute=f"{kind}_id", target="limit")
        if _has(ctx, row):
            raise Duplicate(kind="limit", details="Duplicate entry")
        ctx.db.insert("identity_limits", row)
        made.append(_view(ctx, find(ctx, str(row["id"]))))
    return {"limits": made}


def update(ctx: Context, limit_id: str, body: Any) -> dict[str, Any]:
    """Change a limit."""
    row, given = find(ctx, limit_id), body["limit"]
    changes = {
        # What is 0 or empty changes nothing (Keystone 30.0.0, limit.backends.sql).
        "resource_limit": given.get("resource_limit") or row["resource_limit"],
        "description": given.get("description") or row["description"],
    }
    ctx.db.update("identity_limits", limit_id, **changes)
    return {"limit": _view(ctx, find(ctx, limit_id))}


def delete(ctx: Context, limit_id: str) -> Reply:
    """Delete a limit; what is registered applies again."""
    find(ctx, limit_id)
    ctx.db.delete("identity_limits", limit_id)
    return Reply(204)
