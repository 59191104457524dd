"""Access rules: the requests that an application credential may be used for."""

from __future__ import annotations

from typing import Any

from emulator.identity import delegation, listing
from emulator.identity.errors import Missing, NotAllowed
from emulator.identity.schemas import TEXT
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Query, prop

# Schemas

LIST = Query(prop("service", TEXT), prop("path", TEXT), prop("method", TEXT))
NAMES = ("service", "path", "method")

# View


def _view(ctx: Context, row: Any) -> dict[str, Any]:
    return {**_rule(row), "links": {"self": listing.link(ctx, "access_rules", row["id"])}}


def _rule(row: Any) -> dict[str, Any]:
    return {"id": row["id"], **{name: row[name] for name in NAMES}}


# Queries


def _find(ctx: Context, user_id: str, access_rule_id: str) -> Any:
    row = ctx.db.get("identity_access_rules", access_rule_id)
    if row is None or row["user_id"] != user_id:
        raise Missing(kind="Access Rule", id=access_rule_id)
    return row


def _alike(ctx: Context, user_id: str, given: Any) -> Any:
    return ctx.db.one(
        "SELECT * FROM identity_access_rules WHERE user_id = ? AND service IS ? AND path IS ?"
        " AND method IS ?",
        (user_id, *(given.get(name) for name in NAMES)),
    )


def _is_used(ctx: Context, access_rule_id: str) -> bool:
    return bool(
        ctx.db.one(
            "SELECT 1 FROM identity_application_credentials, json_each(access_rules)"
            " WHERE json_extract(value, '$.id') = ?",
            (access_rule_id,),
        )
    )


# Operations


def take(ctx: Context, user_id: str, given: Any) -> list[dict[str, Any]]:
    """Return the rules of a new application credential; those that are not kept yet are kept."""
    taken = []
    for rule in given or ():
        kept = ctx.db.get("identity_access_rules", rule["id"]) if "id" in rule else None
        if kept is not None and kept["user_id"] != user_id:
            raise Missing(kind="Access Rule", id=rule["id"])
        kept = kept or _alike(ctx, user_id, rule)
        if kept is None and any(name not in rule for name in NAMES):
            raise Missing(kind="Access Rule", id=rule.get("id"))
        if kept is None:
            kept = {
                "id": rule.get("id") or ctx.ids.hex(),
                "user_id": user_id,
                **{name: rule.get(name) for name in NAMES},
            }
            ctx.db.insert("identity_access_rules", kept)
        taken.append(_rule(kept))
    return taken


def index(ctx: Context, user: Any, query: Any) -> dict[str, Any]:
    """List the access rules of a user, in the order in which they were made."""
    delegation.refuse_application_credentials(ctx)
    where, values = listing.conditions(ctx, NAMES)
    where.append("user_id = ?")
    values.append(user["id"])
    rows, _ = listing.page(ctx, "identity_access_rules", where, values, paged=False, order="rowid")
    return listing.collection(ctx, "access_rules", [_view(ctx, row) for row in rows])


def show(ctx: Context, user: Any, access_rule_id: str) -> dict[str, Any]:
    """Show an access rule."""
    delegation.refuse_application_credentials(ctx)
    return {"access_rule": _view(ctx, _find(ctx, user["id"], access_rule_id))}


def delete(ctx: Context, user: Any, access_rule_id: str) -> Reply:
    """Delete an access rule that no application credential has."""
    delegation.refuse_application_credentials(ctx)
    row = _find(ctx, user["id"], access_rule_id)
    if _is_used(ctx, row["id"]):
        raise NotAllowed("May not delete access rule in use")
    ctx.db.delete("identity_access_rules", row["id"])
    return Reply(204)
