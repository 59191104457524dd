"""Roles, of the whole deployment or of one domain."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import orjson

from emulator.identity import assignments, listing
from emulator.identity.attributes import check_deletable, check_mutable, extra, options
from emulator.identity.errors import Duplicate, Invalid, Missing
from emulator.identity.schemas import ID, ID_OR_NULL, NAME, OPTIONS, TEXT_OR_NULL, extensible
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Query, prop

# Schemas

LIST = Query(prop("name", NAME), prop("domain_id", ID))
CREATE = extensible(
    "role",
    prop("name", NAME, required=True),
    prop("description", TEXT_OR_NULL),
    prop("domain_id", ID_OR_NULL),
    prop("options", OPTIONS),
)
UPDATE = extensible(
    "role",
    prop("name", NAME),
    prop("description", TEXT_OR_NULL),
    prop("domain_id", ID_OR_NULL),
    prop("options", OPTIONS),
    minProperties=1,
)
NOT_EXTRA = ("id", "name", "domain_id", "description", "options", "links", "extra")

# View


def view(ctx: Context, row: Any) -> dict[str, Any]:
    """Return a role as it is shown."""
    return {
        **orjson.loads(row["extra"]),
        "id": row["id"],
        "name": row["name"],
        "domain_id": row["domain_id"],
        "description": row["description"],
        "options": orjson.loads(row["options"]),
        "links": {"self": listing.link(ctx, "roles", row["id"])},
    }


def target(row: Any, kind: str = "role") -> Mapping[str, Any]:
    """Return what policy rules compare with."""
    return {f"target.{kind}.{name}": row[name] for name in ("id", "name", "domain_id")}


# Queries


def find(ctx: Context, role_id: str) -> Any:
    """Return a role. Missing when there is none."""
    row = ctx.db.get("identity_roles", role_id)
    if row is None:
        raise Missing(kind="role", id=role_id)
    return row


def named(ctx: Context, name: str) -> Any:
    """Return the global role of a name, None when there is none."""
    return ctx.db.one("SELECT * FROM identity_roles WHERE name = ? AND domain_id IS NULL", (name,))


def _store(ctx: Context, row: dict[str, Any]) -> None:
    try:
        if ctx.db.get("identity_roles", row["id"]) is None:
            ctx.db.insert("identity_roles", row)
        else:
            changes = {name: value for name, value in row.items() if name != "id"}
            ctx.db.update("identity_roles", row["id"], **changes)
    except sqlite3.IntegrityError:
        details = f"Duplicate entry found with name {row['name']}"
        if row["domain_id"]:
            details += f" at domain ID {row['domain_id']}"
        raise Duplicate(kind="role", details=details) from None


def remove(ctx: Context, row: Any) -> None:
    """Delete a role; nobody has it any more, and application credentials with it are gone."""
    role_id = row["id"]
    ctx.db.execute(
        "DELETE FROM identity_application_credentials WHERE EXISTS"
        " (SELECT 1 FROM json_each(roles) WHERE value = ?)",
        (role_id,),
    )
    assignments.drop(ctx, role_id=role_id)
    for column in ("prior_role_id", "implied_role_id"):
        ctx.db.delete("identity_implied_roles", role_id, column)
    ctx.db.delete("identity_roles", role_id)


# Operations


def index(ctx: Context, query: Any) -> dict[str, Any]:
    """List the roles of the deployment, or those of one domain."""
    domain_id = listing.first(ctx, "domain_id")
    ctx.authorize("identity:list_domain_roles" if domain_id else "identity:list_roles", {})
    where, values = listing.conditions(ctx, ("name", "domain_id"))
    if not domain_id:
        where.append("domain_id IS NULL")
    rows, cut = listing.page(ctx, "identity_roles", where, values)
    return listing.collection(ctx, "roles", [view(ctx, row) for row in rows], cut=cut)


def _authorize(ctx: Context, verb: str, role: Any) -> None:
    kind = "domain_role" if role["domain_id"] else "role"
    ctx.authorize(f"identity:{verb}_{kind}", target(role))


def _found(ctx: Context, verb: str, role_id: str) -> Any:
    """Find the role and ask policy: another rule for roles of domains."""
    row = find(ctx, role_id)
    _authorize(ctx, verb, row)
    return row


def show(ctx: Context, role_id: str) -> dict[str, Any]:
    """Show a role."""
    return {"role": view(ctx, _found(ctx, "get", role_id))}


def create(ctx: Context, body: Any) -> dict[str, Any]:
    """Make a role."""
    given = body["role"]
    row = {
        "id": ctx.ids.hex(),
        "name": given["name"],
        "domain_id": given.get("domain_id"),
        "description": given.get("description"),
        "options": options(given),
        "extra": extra(given, NOT_EXTRA),
    }
    _authorize(ctx, "create", row)
    _store(ctx, row)
    return {"role": view(ctx, row)}


def update(ctx: Context, role_id: str, body: Any) -> dict[str, Any]:
    """Change a role."""
    role, given = _found(ctx, "update", role_id), body["role"]
    listing.must_match(given, role_id)
    check_mutable(role, given, "role")
    if "domain_id" in given and given["domain_id"] != role["domain_id"]:
        raise Invalid("Update of `domain_id` is not allowed.")
    changed = {
        **dict(role),
        "name": given.get("name", role["name"]),
        "description": given.get("description", role["description"]),
        "options": options(given, role),
        "extra": extra(given, NOT_EXTRA, role),
    }
    _store(ctx, changed)
    return {"role": view(ctx, changed)}


def delete(ctx: Context, role_id: str) -> Reply:
    """Delete a role."""
    role = _found(ctx, "delete", role_id)
    check_deletable(role, "role")
    remove(ctx, role)
    return Reply(204)
