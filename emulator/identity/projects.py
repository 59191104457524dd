"""Projects: their tree, their tags, and what goes when they go."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from emulator.identity import assignments, hierarchy, listing, revocations, settings
from emulator.identity.attributes import check_deletable, check_mutable, extra, is_true, options
from emulator.identity.errors import Duplicate, Invalid, Missing, NotAllowed
from emulator.identity.schemas import (
    ID,
    ID_OR_NULL,
    OPTIONS,
    PAGING,
    SHORT_NAME,
    SWITCH,
    TAGS,
    TEXT,
    TEXT_OR_NULL,
    UUID,
    extensible,
)
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Query, prop

# Schemas

LIST = Query(
    prop("domain_id", ID),
    prop("enabled", SWITCH),
    prop("name", SHORT_NAME),
    prop("parent_id", UUID),
    prop("is_domain", SWITCH),
    prop("tags", TEXT),
    prop("tags-any", TEXT),
    prop("not-tags", TEXT),
    prop("not-tags-any", TEXT),
    *PAGING,
)
CREATE = extensible(
    "project",
    prop("description", TEXT_OR_NULL),
    prop("domain_id", ID_OR_NULL),
    prop("enabled", SWITCH),
    prop("is_domain", SWITCH),
    prop("parent_id", ID_OR_NULL),
    prop("name", SHORT_NAME, required=True),
    prop("tags", TAGS),
    prop("options", OPTIONS),
)
UPDATE = extensible(
    "project",
    prop("description", TEXT_OR_NULL),
    prop("enabled", SWITCH),
    prop("name", SHORT_NAME),
    prop("options", OPTIONS),
    prop("tags", TAGS),
    required=False,
)
COLUMNS = ("id", "name", "domain_id", "parent_id", "is_domain", "enabled", "description", "options")
NOT_EXTRA = (*COLUMNS, "tags", "links", "extra")

# View


def view(ctx: Context, row: Any, tags: Sequence[str]) -> dict[str, Any]:
    """Return a project as it is shown."""
    return {
        **orjson.loads(row["extra"]),
        "id": row["id"],
        "name": row["name"],
        "domain_id": row["domain_id"],
        "description": row["description"],
        "enabled": bool(row["enabled"]),
        "parent_id": row["parent_id"],
        "is_domain": bool(row["is_domain"]),
        "tags": list(tags),
        "options": orjson.loads(row["options"]),
        "links": {"self": listing.link(ctx, "projects", row["id"])},
    }


def views(ctx: Context, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return many projects as they are shown."""
    tags = tags_of(ctx, [row["id"] for row in rows])
    return [view(ctx, row, tags.get(row["id"], ())) for row in rows]


def target(row: Any) -> Mapping[str, Any]:
    """Return what policy rules compare with."""
    return {"target.project.id": row["id"], "target.project.domain_id": row["domain_id"]}


# Queries


def get(ctx: Context, project_id: str) -> Any:
    """Return a project, None when there is none of this id; domains count as projects here."""
    return ctx.db.get("identity_projects", project_id)


def find(ctx: Context, project_id: str) -> Any:
    """Return a project. Missing when there is none."""
    row = get(ctx, project_id)
    if row is None:
        raise Missing(kind="project", id=project_id)
    return row


def domain(ctx: Context, domain_id: str) -> Any:
    """Return a domain. Missing when there is none."""
    row = get(ctx, domain_id)
    if row is None or not row["is_domain"]:
        raise Missing(kind="domain", id=domain_id)
    return row


def tags_of(ctx: Context, project_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the tags of projects, in order of their names."""
    marks = ", ".join("?" * len(project_ids))
    found: dict[str, list[str]] = {}
    for row in ctx.db.all(
        f"SELECT * FROM identity_project_tags WHERE project_id IN ({marks}) ORDER BY name",
        list(project_ids),
    ):
        found.setdefault(row["project_id"], []).append(row["name"])
    return found


def put_tags(ctx: Context, project_id: str, tags: Sequence[str]) -> None:
    """Give a project these tags and no others."""
    ctx.db.delete("identity_project_tags", project_id, "project_id")
    for tag in dict.fromkeys(tags):
        ctx.db.insert("identity_project_tags", {"project_id": project_id, "name": tag})


def tag_conditions(ctx: Context) -> tuple[list[str], list[Any]]:
    """Return the SQL for the four filters on tags: all of them, any, not all, none."""
    having = (
        "(SELECT count(*) FROM identity_project_tags t WHERE t.project_id = id AND t.name IN ({}))"
    )
    where, values = [], []
    for name in ("tags", "tags-any", "not-tags", "not-tags-any"):
        text = listing.first(ctx, name)
        if text is None:
            continue
        tags = list(dict.fromkeys(text.split(",")))
        count = having.format(", ".join("?" * len(tags)))
        compared = {
            "tags": f"= {len(tags)}",
            "tags-any": "> 0",
            "not-tags": f"< {len(tags)}",
            "not-tags-any": "= 0",
        }
        where.append(f"{count} {compared[name]}")
        values += tags
    return where, values


def _store(ctx: Context, row: dict[str, Any]) -> None:
    """Insert or replace a project; names are unique within a domain, and among domains."""
    try:
        if get(ctx, row["id"]) is None:
            ctx.db.insert("identity_projects", row)
        else:
            changes = {name: value for name, value in row.items() if name != "id"}
            ctx.db.update("identity_projects", row["id"], **changes)
    except sqlite3.IntegrityError:
        raise duplicate(row) from None


def duplicate(row: Mapping[str, Any]) -> Duplicate:
    """Return the refusal of a project or domain whose name or id is taken."""
    if row["is_domain"]:
        details = (
            "it is not permitted to have two projects acting as domains with the same name:"
            f" {row['name']}"
        )
    else:
        details = (
            "it is not permitted to have two projects with either the same name or same id in the"
            f" same domain: name is {row['name']}, project id {row['id']}"
        )
    return Duplicate(kind="project", details=details)


def _forget(ctx: Context, project_id: str) -> None:
    """Delete a project and what belongs to it."""
    for table in ("tags", "endpoints", "endpoint_groups"):
        ctx.db.delete(f"identity_project_{table}", project_id, "project_id")
    for table in ("credentials", "limits", "application_credentials"):
        ctx.db.delete(f"identity_{table}", project_id, "project_id")
    ctx.db.update("identity_trusts", project_id, "project_id", deleted_at=ctx.timestamp)
    ctx.db.update("identity_users", project_id, "default_project_id", default_project_id=None)
    for kind in ("project", "domain"):
        assignments.drop(ctx, target=kind, target_id=project_id)
    ctx.db.delete("identity_projects", project_id)


# Operations


def index(ctx: Context, query: Any) -> dict[str, Any]:
    """List projects; a token of a domain sees that domain's."""
    own = ctx.credentials.domain_id
    ctx.authorize("identity:list_projects", {"target.domain_id": own} if own else {})
    where, values = listing.conditions(
        ctx, ("domain_id", "name", "parent_id"), ("enabled", "is_domain")
    )
    if "is_domain" not in query:
        where.append("is_domain = 0")
    tag_where, tag_values = tag_conditions(ctx)
    where, values = where + tag_where, values + tag_values
    if own:
        where.append("domain_id = ?")
        values.append(own)
    rows, cut = listing.page(ctx, "identity_projects", where, values)
    return listing.collection(ctx, "projects", views(ctx, rows), cut=cut)


def show(ctx: Context, project: Any) -> dict[str, Any]:
    """Show a project, with what is above or below it when asked."""
    shown = views(ctx, [project])[0]
    for above in ("parents", "subtree"):
        if listing.is_asked(ctx, f"{above}_as_list") and listing.is_asked(ctx, f"{above}_as_ids"):
            raise Invalid(
                f"Cannot use {above}_as_list and {above}_as_ids query params at the same time."
            )
    project_id = project["id"]
    if listing.is_asked(ctx, "parents_as_list"):
        shown["parents"] = _mine(ctx, hierarchy.rows_above(ctx, project_id))
    elif listing.is_asked(ctx, "parents_as_ids"):
        shown["parents"] = _nested_above(ctx, project)
    if listing.is_asked(ctx, "subtree_as_list"):
        shown["subtree"] = _mine(ctx, hierarchy.rows_below(ctx, project_id))
    elif listing.is_asked(ctx, "subtree_as_ids"):
        shown["subtree"] = _nested_below(project_id, hierarchy.rows_below(ctx, project_id))
    return {"project": shown}


def _mine(ctx: Context, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Those among these projects in which the caller has a role, each in its envelope."""
    groups = assignments.groups_of(ctx, ctx.user_id)
    held = assignments.scopes_of(ctx, ctx.user_id, groups, "project")
    shown = views(ctx, [row for row in rows if row["id"] in held])
    if listing.is_asked(ctx, "include_limits"):
        from emulator.identity import limits

        for each in shown:
            each["limits"] = limits.of_project(ctx, each["id"])
    return [{"project": each} for each in shown]


def _nested_above(ctx: Context, project: Any) -> dict[str, Any] | None:
    """The ids above a project as nested objects, the domain at the end."""
    nested: dict[str, Any] | None = None
    for above, _ in reversed(hierarchy.above(ctx, project["id"])):
        nested = {above: nested}
    return nested


def _nested_below(top: str, rows: Sequence[Any]) -> dict[str, Any] | None:
    children = [row["id"] for row in rows if row["parent_id"] == top]
    return {child: _nested_below(child, rows) for child in children} or None


def create(ctx: Context, body: Any) -> dict[str, Any]:
    """Make a project, at the top of a domain or below another project."""
    given = body["project"]
    ctx.authorize("identity:create_project", _target_of_new(given))
    acts_as_domain = is_true(given.get("is_domain", False))
    domain_id = given.get("domain_id")
    if not acts_as_domain and not domain_id:
        domain_id = ctx.credentials.domain_id or "default"
    row = {
        "id": ctx.ids.hex(),
        "name": given["name"].strip(),
        "domain_id": domain_id,
        "parent_id": given.get("parent_id") or domain_id,
        "is_domain": int(acts_as_domain),
        "enabled": int(is_true(given.get("enabled", True))),
        "description": given.get("description", ""),
        "options": options(given),
        "extra": extra(given, NOT_EXTRA),
    }
    return {"project": store_new(ctx, row, given.get("tags", ()))}


def _target_of_new(given: Any) -> dict[str, Any]:
    return {f"target.project.{name}": value for name, value in given.items()}


def store_new(ctx: Context, row: dict[str, Any], tags: Sequence[str]) -> dict[str, Any]:
    """Check where a new project stands, and store it; domains are stored with it too."""
    if row["is_domain"]:
        if row["parent_id"]:
            raise Invalid("only root projects are allowed to act as domains.")
    else:
        _check_place(ctx, row)
    _store(ctx, row)
    put_tags(ctx, row["id"], tags)
    return view(ctx, row, sorted(tags))


def _check_place(ctx: Context, row: Mapping[str, Any]) -> None:
    """Raise unless the parent is in the same domain, enabled, and not too deep already."""
    own, parent = get(ctx, row["domain_id"]), get(ctx, row["parent_id"])
    if own is None or not own["is_domain"]:
        raise Invalid(f"Could not find domain: {row['domain_id']}.")
    if parent is None:
        raise Invalid(f"Could not find project: {row['parent_id']}.")
    if parent["is_domain"] and parent["id"] != own["id"]:
        raise Invalid(
            f"Cannot create project, the parent ({parent['id']}) is acting as a domain, but this"
            f" project's domain id ({own['id']}) does not match the parent's id."
        )
    if not parent["is_domain"] and parent["domain_id"] != own["id"]:
        raise Invalid(
            f"Cannot create project, since it specifies its domain_id {own['id']}, but specifies a"
            f" parent in a different domain ({parent['domain_id']})."
        )
    above = [get(ctx, project_id) for project_id, _ in hierarchy.above(ctx, parent["id"])]
    for each in [*above, parent]:
        if not each["enabled"]:
            raise Invalid(
                f"cannot create a project in a branch containing a disabled project: {each['id']}"
            )
    if len(above) + 1 > settings.number(ctx, "max_project_tree_depth"):
        raise NotAllowed(f"Max hierarchy depth reached for {parent['id']} branch.")


def update(ctx: Context, project: Any, body: Any) -> dict[str, Any]:
    """Change a project."""
    given = body.get("project", {})
    listing.must_match(given, project["id"])
    shown = change(ctx, project, given, "project")
    return {"project": shown}


def change(ctx: Context, row: Any, given: Any, kind: str) -> dict[str, Any]:
    """Change a project or a domain; what it answers repeats the extra attributes."""
    check_mutable(row, given, kind)
    if "domain_id" in given and given["domain_id"] != row["domain_id"]:
        raise Invalid("Cannot change Domain ID")
    if "parent_id" in given and given["parent_id"] != row["parent_id"]:
        raise NotAllowed("Update of `parent_id` is not allowed.")
    if "is_domain" in given and is_true(given["is_domain"]) != bool(row["is_domain"]):
        raise Invalid("Update of `is_domain` is not allowed.")
    enabled = is_true(given.get("enabled", bool(row["enabled"])))
    if enabled != bool(row["enabled"]):
        _switch(ctx, row, enabled)
    changed = {
        **dict(row),
        "name": given.get("name", row["name"]).strip(),
        "description": given.get("description", row["description"]),
        "enabled": int(enabled),
        "options": options(given, row),
        "extra": extra(given, NOT_EXTRA, row),
    }
    _store(ctx, changed)
    if "tags" in given:
        put_tags(ctx, row["id"], given["tags"])
    shown = view(ctx, changed, tags_of(ctx, [row["id"]]).get(row["id"], ()))
    return {**shown, "extra": orjson.loads(changed["extra"])}


def _switch(ctx: Context, row: Any, enabled: bool) -> None:
    """Check that a project may be enabled or disabled; disabling ends its tokens."""
    if enabled:
        if any(not above["enabled"] for above in hierarchy.rows_above(ctx, row["id"])):
            raise NotAllowed(f"Cannot enable project {row['id']} since it has disabled parents")
        return
    if not row["is_domain"] and any(
        each["enabled"] for each in hierarchy.rows_below(ctx, row["id"])
    ):
        raise NotAllowed(
            f"Cannot disable project {row['id']} since its subtree contains enabled projects."
        )
    kind = "domain_id" if row["is_domain"] else "project_id"
    revocations.add(ctx, **{kind: row["id"]})


def delete(ctx: Context, project: Any) -> Reply:
    """Delete a project that has none below it."""
    if project["is_domain"]:
        from emulator.identity import domains

        return domains.delete(ctx, project)
    remove(ctx, project)
    return Reply(204)


def remove(ctx: Context, row: Any) -> None:
    """Delete a project with all that belongs to it, tokens included."""
    check_deletable(row, "domain" if row["is_domain"] else "project")
    if hierarchy.below(ctx, row["id"]):
        raise NotAllowed(
            f"Cannot delete the project {row['id']} since it is not a leaf in the hierarchy. Use"
            " the cascade option if you want to delete a whole subtree."
        )
    _forget(ctx, row["id"])
    revocations.add(ctx, project_id=row["id"])
