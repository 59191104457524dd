"""Who has which role where: direct, through groups, inherited and implied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from emulator.identity import hierarchy
from emulator.wire.request import Context

SYSTEM = "system"  # target and target id of roles in the whole deployment

# Queries


def implications(ctx: Context) -> dict[str, list[str]]:
    """Return which roles each role implies directly."""
    table: dict[str, list[str]] = {}
    for row in ctx.db.all("SELECT * FROM identity_implied_roles ORDER BY rowid"):
        table.setdefault(row["prior_role_id"], []).append(row["implied_role_id"])
    return table


def with_implied(ctx: Context, role_ids: Iterable[str]) -> list[str]:
    """Return the roles with all that they imply, each once."""
    table = implications(ctx)
    found = list(dict.fromkeys(role_ids))
    for role_id in found:  # grows while it is walked
        found.extend(each for each in table.get(role_id, ()) if each not in found)
    return found


def groups_of(ctx: Context, user_id: str) -> list[str]:
    """Return the ids of the groups a user is in."""
    rows = ctx.db.all("SELECT group_id FROM identity_memberships WHERE user_id = ?", (user_id,))
    return [row["group_id"] for row in rows]


def members_of(ctx: Context, group_id: str) -> list[str]:
    """Return the ids of the users in a group."""
    rows = ctx.db.all("SELECT user_id FROM identity_memberships WHERE group_id = ?", (group_id,))
    return [row["user_id"] for row in rows]


def granted(
    ctx: Context, user_id: str | None, group_ids: Sequence[str], target: str, target_id: str
) -> list[str]:
    """Return the roles that a user or one of the groups holds at a target, implied ones left out.

    A project has besides its own those inherited from the projects above it and from its domain.
    """
    places = [(target, target_id, 0)]
    if target == "project":
        for above, is_domain in hierarchy.above(ctx, target_id):
            places.append(("domain" if is_domain else "project", above, 1))
    marks = ", ".join("(?, ?, ?)" for _ in places)
    actors = [("user", user_id)] if user_id else []
    actors += [("group", group_id) for group_id in group_ids]
    if not actors:
        return []
    actor_marks = ", ".join("(?, ?)" for _ in actors)
    rows = ctx.db.all(
        "SELECT DISTINCT role_id FROM identity_assignments"
        f" WHERE (actor, actor_id) IN (VALUES {actor_marks})"
        f" AND (target, target_id, inherited) IN (VALUES {marks})",
        [value for actor in actors for value in actor] + [value for at in places for value in at],
    )
    return [row["role_id"] for row in rows]


def effective(
    ctx: Context, user_id: str, target: str, target_id: str, more_groups: Sequence[str] = ()
) -> list[str]:
    """Return every role a user effectively has at a target: "project", "domain" or SYSTEM."""
    groups = [*groups_of(ctx, user_id), *more_groups]
    return with_implied(ctx, granted(ctx, user_id, groups, target, target_id))


def roles_in_scope(ctx: Context, row: Any, more_groups: Sequence[str] = ()) -> list[Any]:
    """Return the roles that a token carries: those of its user in its scope, of no domain's own."""
    if row["system"]:
        target, target_id = SYSTEM, SYSTEM
    elif row["domain_id"]:
        target, target_id = "domain", row["domain_id"]
    elif row["project_id"]:
        target, target_id = "project", row["project_id"]
    else:
        return []
    return roles(ctx, effective(ctx, row["user_id"], target, target_id, more_groups))


def roles(ctx: Context, role_ids: Sequence[str]) -> list[Any]:
    """Return the global roles among these ids: a domain's own roles never stand in a token."""
    marks = ", ".join("?" * len(role_ids))
    return ctx.db.all(
        f"SELECT * FROM identity_roles WHERE id IN ({marks}) AND domain_id IS NULL", list(role_ids)
    )


def scopes_of(ctx: Context, user_id: str, group_ids: Sequence[str], target: str) -> list[str]:
    """Return the ids of the projects or domains at which a user or the groups have a role."""
    actors = [("user", user_id), *(("group", group_id) for group_id in group_ids)]
    marks = ", ".join("(?, ?)" for _ in actors)
    rows = ctx.db.all(
        "SELECT DISTINCT target, target_id, inherited FROM identity_assignments"
        f" WHERE (actor, actor_id) IN (VALUES {marks})",
        [value for actor in actors for value in actor],
    )
    found = [row["target_id"] for row in rows if row["target"] == target and not row["inherited"]]
    if target == "project":
        tops = [row["target_id"] for row in rows if row["inherited"]]
        found += [below for top in tops for below in hierarchy.below(ctx, top)]
    return list(dict.fromkeys(found))


def drop(ctx: Context, **criteria: str) -> None:
    """Remove the assignments of an actor, a target or a role that is being deleted."""
    where = " AND ".join(f"{name} = ?" for name in criteria)
    ctx.db.execute(f"DELETE FROM identity_assignments WHERE {where}", tuple(criteria.values()))
