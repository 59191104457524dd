"""Grants: giving users and groups roles on projects, domains and the system, and taking them.

One operation serves all of its paths: what stands in the path says who and where
(…/domains/{domain_id}/users/{user_id}/roles/{role_id}/inherited_to_projects).
"""

from __future__ import annotations

from typing import Any

from emulator.errors import NotFound
from emulator.identity import assignments, groups, listing, projects, roles, users
from emulator.identity.assignments import SYSTEM
from emulator.identity.errors import AssignmentMissing, Invalid, NotAllowed
from emulator.wire.operation import Reply
from emulator.wire.request import Context

# Queries


def _holds(ctx: Context, grant: dict[str, Any]) -> bool:
    where = " AND ".join(f"{name} = ?" for name in grant)
    return bool(
        ctx.db.one(f"SELECT 1 FROM identity_assignments WHERE {where}", tuple(grant.values()))
    )


def _drop(ctx: Context, grant: dict[str, Any]) -> None:
    where = " AND ".join(f"{name} = ?" for name in grant)
    ctx.db.execute(f"DELETE FROM identity_assignments WHERE {where}", tuple(grant.values()))


def _roles(ctx: Context, grant: dict[str, Any]) -> list[Any]:
    where = " AND ".join(f"{name} = ?" for name in grant)
    return ctx.db.all(
        "SELECT * FROM identity_roles WHERE id IN"
        f" (SELECT role_id FROM identity_assignments WHERE {where}) ORDER BY id",
        tuple(grant.values()),
    )


def _drop_credentials(ctx: Context, user_id: str, project_id: str) -> None:
    """A user who loses a role in a project loses the application credentials for it."""
    ctx.db.execute(
        "DELETE FROM identity_application_credentials WHERE user_id = ? AND project_id = ?",
        (user_id, project_id),
    )


# Operations


def _grant(ctx: Context, path: dict[str, str]) -> dict[str, Any]:
    """Return the columns of the grant that a path names, without the role."""
    actor = "user" if "user_id" in path else "group"
    target = next((kind for kind in ("project", "domain") if f"{kind}_id" in path), SYSTEM)
    return {
        "actor": actor,
        "actor_id": path[f"{actor}_id"],
        "target": target,
        "target_id": path.get(f"{target}_id", SYSTEM),
        "inherited": int(ctx.path.endswith("/inherited_to_projects")),
    }


def _check(
    ctx: Context, rule: str, path: dict[str, str], *, actor_may_be_gone: bool = False
) -> dict[str, Any]:
    """Find everybody a path names, ask policy about them, and return the grant.

    A grant on the system asks first and finds then.
    """
    grant = _grant(ctx, path)
    if grant["target"] == SYSTEM:
        ctx.authorize(f"{rule.replace('grant', 'system_grant')}_for_{grant['actor']}", {})
    facts: dict[str, Any] = {}
    if "role_id" in path:
        facts.update(roles.target(roles.find(ctx, path["role_id"])))
    try:
        if grant["actor"] == "user":
            facts.update(users.target(users.find(ctx, path["user_id"])))
        else:
            facts.update(groups.target(groups.find(ctx, path["group_id"])))
    except NotFound:
        if not actor_may_be_gone:
            raise
    if grant["target"] == "project":
        facts.update(projects.target(projects.find(ctx, path["project_id"])))
    elif grant["target"] == "domain":
        facts["target.domain.id"] = projects.domain(ctx, path["domain_id"])["id"]
    if grant["target"] != SYSTEM:
        ctx.authorize(rule, facts)
    return grant


def _missing(grant: dict[str, Any], role_id: str) -> AssignmentMissing:
    return AssignmentMissing(role=role_id, actor=grant["actor_id"], target=grant["target_id"])


def index(ctx: Context, **path: str) -> dict[str, Any]:
    """List the roles that somebody was given somewhere."""
    rule = "identity:list_grants"
    if "project_id" not in path and "domain_id" not in path:
        kind = "user" if "user_id" in path else "group"
        ctx.authorize(f"identity:list_system_grants_for_{kind}", {})
        grant = _grant(ctx, path)
        finder = users.find if kind == "user" else groups.find
        finder(ctx, grant["actor_id"])
    else:
        grant = _check(ctx, rule, path)
    shown = [roles.view(ctx, row) for row in _roles(ctx, grant)]
    return listing.collection(ctx, "roles", shown)


def show(ctx: Context, **path: str) -> Reply:
    """Say whether somebody was given a role somewhere."""
    grant = {**_check(ctx, "identity:check_grant", path), "role_id": path["role_id"]}
    if not _holds(ctx, grant):
        raise _missing(grant, path["role_id"])
    return Reply(204)


def create(ctx: Context, **path: str) -> Reply:
    """Give somebody a role somewhere."""
    grant = {**_check(ctx, "identity:create_grant", path), "role_id": path["role_id"]}
    role = roles.find(ctx, path["role_id"])
    if role["domain_id"] and grant["target"] == SYSTEM:
        raise Invalid(
            f"Role {role['id']} is a domain-specific role. Unable to use a domain-specific role in"
            " a system assignment."
        )
    if role["domain_id"] and grant["target"] == "project":
        project = projects.find(ctx, path["project_id"])
        if project["domain_id"] != role["domain_id"]:
            raise NotAllowed(
                f"Project {project['id']} must be in the same domain as the role {role['id']} being"
                " assigned."
            )
    if not _holds(ctx, grant):
        ctx.db.insert("identity_assignments", grant)
    return Reply(204)


def delete(ctx: Context, **path: str) -> Reply:
    """Take a role from somebody somewhere; tokens that live by it are no longer valid."""
    checked = _check(ctx, "identity:revoke_grant", path, actor_may_be_gone=True)
    grant = {**checked, "role_id": path["role_id"]}
    if not _holds(ctx, grant):
        raise _missing(grant, path["role_id"])
    _drop(ctx, grant)
    if grant["target"] == "project":
        gone = [grant["actor_id"]]
        if grant["actor"] == "group":
            gone = assignments.members_of(ctx, grant["actor_id"])
        for user_id in gone:
            _drop_credentials(ctx, user_id, grant["target_id"])
    return Reply(204)
