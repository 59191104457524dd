"""The list of role assignments, as they were made or as they work out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from emulator.identity import assignments, hierarchy, listing, projects
from emulator.identity.assignments import SYSTEM
from emulator.identity.errors import Invalid
from emulator.identity.schemas import ID, TEXT
from emulator.wire.asked import quietly
from emulator.wire.request import Context
from emulator.wire.versioned import Query, prop

# Schemas

NO_ACTOR = {"allOf": [{"not": {"required": ["user.id"]}}, {"not": {"required": ["group.id"]}}]}
LIST = Query(
    prop("effective", {}),
    prop("include_names", {}),
    prop("include_subtree", {}),
    prop("group.id", ID),
    prop("role.id", ID),
    prop("scope.system", {}),
    prop("scope.domain.id", ID),
    prop("scope.project.id", ID),
    prop("user.id", TEXT),
    prop("scope.OS-INHERIT:inherited_to", {}),
    oneOf=[{"required": ["user.id"]}, {"required": ["group.id"]}, NO_ACTOR],
)


class Assignment(NamedTuple):
    """One assignment, with where it came from when it was not made like this."""

    actor: str
    actor_id: str
    target: str
    target_id: str
    role_id: str
    inherited: bool = False
    by_group: str | None = None
    by_place: tuple[str, str] | None = None  # the domain or project it is inherited from
    by_role: str | None = None


# View


def _view(ctx: Context, each: Assignment, names: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return an assignment as it is shown; `names` is empty unless names were asked for."""
    scope: dict[str, Any] = {}
    if each.target == SYSTEM:
        place = SYSTEM
        scope[SYSTEM] = {"all": True}
    else:
        kind, place_id = each.by_place or (each.target, each.target_id)
        place = f"{kind}s/{place_id}"
        scope[each.target] = names.get(each.target_id) or {"id": each.target_id}
    links: dict[str, str] = {}
    actor = f"{each.actor}s/{each.actor_id}"
    if each.by_group:
        links["membership"] = listing.link(ctx, f"groups/{each.by_group}/users/{each.actor_id}")
        actor = f"groups/{each.by_group}"
    path = f"{place}/{actor}/roles/{each.by_role or each.role_id}"
    if each.inherited or each.by_place:
        scope["OS-INHERIT:inherited_to"] = "projects"
        path = f"OS-INHERIT/{path}/inherited_to_projects"
    links["assignment"] = listing.link(ctx, path)
    if each.by_role:
        links["prior_role"] = listing.link(ctx, f"prior_role/{each.role_id}/implies/{each.by_role}")
    return {
        "links": links,
        "scope": scope,
        each.actor: names.get(each.actor_id) or {"id": each.actor_id},
        "role": names.get(each.role_id) or {"id": each.role_id},
    }


# Queries

NAMED = {
    "user": "identity_users",
    "group": "identity_groups",
    "project": "identity_projects",
    "domain": "identity_projects",
    "role": "identity_roles",
}


def _all(ctx: Context) -> list[Assignment]:
    rows = ctx.db.all(
        "SELECT * FROM identity_assignments ORDER BY target = 'system', target, actor_id, rowid"
    )
    return [
        Assignment(
            row["actor"],
            row["actor_id"],
            row["target"],
            row["target_id"],
            row["role_id"],
            bool(row["inherited"]),
        )
        for row in rows
    ]


def _names(ctx: Context, found: Iterable[Assignment]) -> dict[str, dict[str, Any]]:
    """Return every id in the assignments with its name, and its domain's."""
    wanted: dict[str, set[str]] = {}
    for each in found:
        wanted.setdefault(each.actor, set()).add(each.actor_id)
        wanted.setdefault("role", set()).add(each.role_id)
        if each.target != SYSTEM:
            wanted.setdefault(each.target, set()).add(each.target_id)
    rows = {
        row["id"]: row
        for kind, ids in wanted.items()
        for row in listing.by_ids(ctx, NAMED[kind], sorted(ids))
    }
    domain_ids = sorted({row["domain_id"] for row in rows.values() if row["domain_id"]})
    domains = {row["id"]: row for row in listing.by_ids(ctx, "identity_projects", domain_ids)}
    names: dict[str, dict[str, Any]] = {}
    for row in rows.values():
        names[row["id"]] = {"id": row["id"], "name": row["name"]}
        if row["domain_id"] in domains:
            domain = domains[row["domain_id"]]
            names[row["id"]]["domain"] = {"id": domain["id"], "name": domain["name"]}
    return names


def _global_roles(ctx: Context) -> set[str]:
    rows = ctx.db.all("SELECT id FROM identity_roles WHERE domain_id IS NULL")
    return {row["id"] for row in rows}


# Operations


def index(ctx: Context, query: Any) -> dict[str, Any]:
    """List role assignments, filtered by actor, role and scope."""
    if "include_subtree" in query and "scope.project.id" not in query:
        raise Invalid("'scope.project.id' is a dependency of 'include_subtree'")
    with_subtree = listing.is_asked(ctx, "include_subtree")
    _authorize(ctx, with_subtree)
    _check_filters(ctx)
    if listing.is_asked(ctx, "effective"):
        found = _effective(ctx, with_subtree)
    else:
        found = _direct(ctx, with_subtree)
    own = ctx.credentials.domain_id
    if own and not with_subtree:
        found = [each for each in found if _within(ctx, each, own)]
    names = _names(ctx, found) if listing.is_asked(ctx, "include_names") else {}
    return listing.collection(ctx, "role_assignments", [_view(ctx, each, names) for each in found])


def _authorize(ctx: Context, with_subtree: bool) -> None:
    own = ctx.credentials.domain_id
    if not with_subtree:
        target = {"target.domain_id": own} if own else {}
        ctx.authorize("identity:list_role_assignments", target)
        return
    project = projects.find(ctx, listing.first(ctx, "scope.project.id") or "")
    facts = {"target.domain_id": project["domain_id"]}
    ctx.authorize("identity:list_role_assignments_for_tree", facts)


def _check_filters(ctx: Context) -> None:
    """Refuse filters that exclude each other (Keystone 30.0.0, api.role_assignments)."""
    given = {name for name, values in quietly(ctx.query).items() if values[0]}
    for one, other, message in (
        ("scope.domain.id", "scope.project.id", "Specify a domain or project, not both"),
        ("scope.domain.id", "scope.system", "Specify system or domain, not both"),
        ("scope.project.id", "scope.system", "Specify system or project, not both"),
        ("user.id", "group.id", "Specify a user or group, not both"),
    ):
        if one in given and other in given:
            raise Invalid(message)
    if listing.is_asked(ctx, "effective"):
        if "group.id" in given:
            raise Invalid(
                "Combining effective and group filter will always result in an empty list."
            )
        if _inherited(ctx) and "scope.domain.id" in given:
            raise Invalid(
                "Combining effective, domain and inherited filters will always result in an empty"
                " list."
            )


def _inherited(ctx: Context) -> bool | None:
    value = listing.first(ctx, "scope.OS-INHERIT:inherited_to")
    return None if value is None else value == "projects"


def _places(ctx: Context, with_subtree: bool) -> set[tuple[str, str]] | None:
    """The targets that were asked for, None when all."""
    project_id = listing.first(ctx, "scope.project.id")
    if project_id:
        below = hierarchy.below(ctx, project_id) if with_subtree else []
        return {("project", each) for each in [project_id, *below]}
    domain_id = listing.first(ctx, "scope.domain.id")
    return {("domain", domain_id)} if domain_id else None


def _direct(ctx: Context, with_subtree: bool) -> list[Assignment]:
    """The assignments as they were made."""
    places = _places(ctx, with_subtree)
    if listing.first(ctx, "scope.system") == "all":
        places = {(SYSTEM, SYSTEM)}
    inherited = _inherited(ctx)
    actors = [(kind, listing.first(ctx, f"{kind}.id")) for kind in ("user", "group")]
    role_id = listing.first(ctx, "role.id")
    return [
        each
        for each in _all(ctx)
        if (places is None or (each.target, each.target_id) in places)
        and (inherited is None or each.target == SYSTEM or each.inherited == inherited)
        and (role_id is None or each.role_id == role_id)
        and all(not value or (each.actor, each.actor_id) == (kind, value) for kind, value in actors)
    ]


def _effective(ctx: Context, with_subtree: bool) -> list[Assignment]:
    """The assignments as they work out: for users, at projects and domains, with implied roles."""
    if listing.first(ctx, "scope.project.id"):
        projects.find(ctx, listing.first(ctx, "scope.project.id") or "")
    places, inherited = _places(ctx, with_subtree), _inherited(ctx)
    user_id, role_id = listing.first(ctx, "user.id"), listing.first(ctx, "role.id")
    found: list[Assignment] = []
    for each in _all(ctx):
        if each.target == SYSTEM or (inherited is not None and each.inherited != inherited):
            continue
        for person in _persons(ctx, each):
            if user_id is None or person.actor_id == user_id:
                found.extend(_spread(ctx, person))
    found = [each for each in found if places is None or (each.target, each.target_id) in places]
    found = _with_implied(ctx, found)
    shown = _global_roles(ctx)
    return [
        each
        for each in found
        if each.role_id in shown and (role_id is None or each.role_id == role_id)
    ]


def _persons(ctx: Context, each: Assignment) -> list[Assignment]:
    """The assignment for each user of its group; one of a user stays as it is."""
    if each.actor == "user":
        return [each]
    return [
        each._replace(actor="user", actor_id=user_id, by_group=each.actor_id)
        for user_id in assignments.members_of(ctx, each.actor_id)
    ]


def _spread(ctx: Context, each: Assignment) -> list[Assignment]:
    """The assignment on every project that inherits it; one that is not inherited stays."""
    if not each.inherited:
        return [each]
    origin = (each.target, each.target_id)
    return [
        each._replace(target="project", target_id=below, inherited=False, by_place=origin)
        for below in hierarchy.below(ctx, each.target_id)
    ]


def _with_implied(ctx: Context, found: list[Assignment]) -> list[Assignment]:
    table = assignments.implications(ctx)
    everything, seen = list(found), set(found)
    for each in everything:  # grows while it is walked
        for implied in table.get(each.role_id, ()):
            following = each._replace(role_id=implied, by_role=each.role_id)
            if following not in seen:
                seen.add(following)
                everything.append(following)
    return everything


def _within(ctx: Context, each: Assignment, domain_id: str) -> bool:
    """Say whether an assignment is at a domain, or a project of it."""
    if each.target == "domain":
        return each.target_id == domain_id
    if each.target == "project":
        project = projects.get(ctx, each.target_id)
        return project is not None and project["domain_id"] == domain_id
    return False
