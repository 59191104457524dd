"""Groups of users, and who is in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import orjson

from emulator.identity import assignments, listing, projects, revocations, users
from emulator.identity.attributes import extra
from emulator.identity.errors import Duplicate, Invalid, Missing, NothingThere
from emulator.identity.schemas import ID, NAME, PAGING, SORTING, TEXT_OR_NULL, extensible
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Query, prop

# Schemas

LIST = Query(prop("domain_id", ID), prop("name", NAME), *PAGING, *SORTING)
CREATE = extensible(
    "group",
    prop("domain_id", ID),
    prop("description", TEXT_OR_NULL),
    prop("name", NAME, required=True),
)
UPDATE = extensible("group", prop("description", TEXT_OR_NULL), prop("name", NAME), minProperties=1)
NOT_EXTRA = ("id", "name", "domain_id", "description", "links", "extra")

# View


def view(ctx: Context, row: Any) -> dict[str, Any]:
    """Return a group as it is shown."""
    return {
        **orjson.loads(row["extra"]),
        "id": row["id"],
        "name": row["name"],
        "domain_id": row["domain_id"],
        "description": row["description"],
        "links": {"self": listing.link(ctx, "groups", row["id"])},
    }


def target(row: Any) -> Mapping[str, Any]:
    """Return what policy rules compare with."""
    return {"target.group.id": row["id"], "target.group.domain_id": row["domain_id"]}


# Queries


def find(ctx: Context, group_id: str) -> Any:
    """Return a group. Missing when there is none."""
    row = ctx.db.get("identity_groups", group_id)
    if row is None:
        raise Missing(kind="group", id=group_id)
    return row


def _store(ctx: Context, row: dict[str, Any]) -> None:
    is_new = ctx.db.get("identity_groups", row["id"]) is None
    try:
        if is_new:
            ctx.db.insert("identity_groups", row)
        else:
            changes = {name: value for name, value in row.items() if name != "id"}
            ctx.db.update("identity_groups", row["id"], **changes)
    except sqlite3.IntegrityError:
        details = f"Duplicate entry found with name {row['name']}"
        if is_new:  # a change does not say where
            details += f" at domain ID {row['domain_id']}"
        raise Duplicate(kind="group", details=details) from None


def _members(ctx: Context, group_id: str) -> list[Any]:
    return ctx.db.all(
        "SELECT u.* FROM identity_users u JOIN identity_memberships m ON m.user_id = u.id"
        " WHERE m.group_id = ? ORDER BY u.id",
        (group_id,),
    )


def _is_member(ctx: Context, user_id: str, group_id: str) -> bool:
    return bool(
        ctx.db.one(
            "SELECT 1 FROM identity_memberships WHERE user_id = ? AND group_id = ?",
            (user_id, group_id),
        )
    )


def _drop_member(ctx: Context, user_id: str, group_id: str) -> None:
    ctx.db.execute(
        "DELETE FROM identity_memberships WHERE user_id = ? AND group_id = ?", (user_id, group_id)
    )


def remove(ctx: Context, row: Any) -> None:
    """Delete a group; the tokens of its members end."""
    for member in _members(ctx, row["id"]):
        revocations.add(ctx, user_id=member["id"])
    ctx.db.delete("identity_memberships", row["id"], "group_id")
    assignments.drop(ctx, actor="group", actor_id=row["id"])
    ctx.db.delete("identity_groups", row["id"])


# Operations


def index(ctx: Context, query: Any) -> dict[str, Any]:
    """List groups; a token of a domain sees that domain's."""
    own = ctx.credentials.domain_id
    ctx.authorize("identity:list_groups", {"target.group.domain_id": own} if own else {})
    where, values = listing.conditions(ctx, ("domain_id", "name"))
    if own:
        where.append("domain_id = ?")
        values.append(own)
    rows, cut = listing.page(ctx, "identity_groups", where, values)
    return listing.collection(ctx, "groups", [view(ctx, row) for row in rows], cut=cut)


def of_user(ctx: Context, user: Any) -> dict[str, Any]:
    """List the groups a user is in."""
    rows = listing.by_ids(ctx, "identity_groups", assignments.groups_of(ctx, user["id"]))
    name = listing.first(ctx, "name")
    shown = [
        {**view(ctx, row), "membership_expires_at": None}
        for row in rows
        if name is None or row["name"] == name
    ]
    return listing.collection(ctx, "groups", shown)


def show(ctx: Context, group: Any) -> dict[str, Any]:
    """Show a group."""
    return {"group": view(ctx, group)}


def create(ctx: Context, body: Any) -> dict[str, Any]:
    """Make a group."""
    given = body["group"]
    target = {f"target.group.{name}": value for name, value in given.items()}
    ctx.authorize("identity:create_group", target)
    domain_id = given.get("domain_id") or ctx.credentials.domain_id or "default"
    projects.domain(ctx, domain_id)
    row = {
        "id": ctx.ids.hex(),
        "name": given["name"].strip(),
        "domain_id": domain_id,
        "description": given.get("description", ""),
        "extra": extra(given, NOT_EXTRA),
    }
    _store(ctx, row)
    return {"group": view(ctx, row)}


def update(ctx: Context, group: Any, body: Any) -> dict[str, Any]:
    """Change a group."""
    given = body["group"]
    listing.must_match(given, group["id"])
    if given.get("domain_id", group["domain_id"]) != group["domain_id"]:
        raise Invalid("Cannot change Domain ID")
    changed = {
        **dict(group),
        "name": given.get("name", group["name"]).strip(),
        "description": given.get("description", group["description"]),
        "extra": extra(given, NOT_EXTRA, group),
    }
    _store(ctx, changed)
    return {"group": view(ctx, changed)}


def delete(ctx: Context, group: Any) -> Reply:
    """Delete a group."""
    remove(ctx, group)
    return Reply(204)


# Members


def members(ctx: Context, group: Any) -> dict[str, Any]:
    """List the users in a group."""
    rows = _members(ctx, group["id"])
    enabled, name = listing.first(ctx, "enabled"), listing.first(ctx, "name")
    rows = [
        row
        for row in rows
        if (name is None or row["name"] == name)
        and (enabled is None or row["enabled"] == listing.as_boolean(enabled))
    ]
    return listing.collection(ctx, "users", users.views(ctx, rows))


def _both(ctx: Context, rule: str, group_id: str, user_id: str) -> None:
    """Find group and user and ask policy about the two; those who may not know get the refusal."""
    facts: dict[str, Any] = {}
    missing = None
    try:
        facts.update(users.target(users.find(ctx, user_id)))
        facts.update(target(find(ctx, group_id)))
    except Missing as error:
        missing = error
    ctx.authorize(rule, facts)
    if missing is not None:
        raise missing


def has_member(ctx: Context, group_id: str, user_id: str) -> Reply:
    """Say whether a user is in a group."""
    _both(ctx, "identity:check_user_in_group", group_id, user_id)
    if not _is_member(ctx, user_id, group_id):
        raise NothingThere(f"User '{user_id}' not found in group '{group_id}'")
    return Reply(204)


def add_member(ctx: Context, group_id: str, user_id: str) -> Reply:
    """Put a user in a group."""
    _both(ctx, "identity:add_user_to_group", group_id, user_id)
    if not _is_member(ctx, user_id, group_id):
        ctx.db.insert("identity_memberships", {"user_id": user_id, "group_id": group_id})
    return Reply(204)


def drop_member(ctx: Context, group_id: str, user_id: str) -> Reply:
    """Take a user out of a group; that user's tokens end."""
    _both(ctx, "identity:remove_user_from_group", group_id, user_id)
    if not _is_member(ctx, user_id, group_id):
        raise NothingThere(f"User '{user_id}' not found in group '{group_id}'")
    _drop_member(ctx, user_id, group_id)
    revocations.add(ctx, user_id=user_id)
    return Reply(204)
