"""Security groups: named sets of rules that ports follow; every project has one named default."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from emulator.network import converters, security_group_rules, sharing, validators
from emulator.network.attributes import (
    ENFORCE,
    FILTER,
    NEUTRON_TIMES,
    NOT_SPECIFIED,
    POST,
    PUT,
    SORT,
    TAG_FILTERS,
    Values,
    attr,
    attributes,
)
from emulator.network.errors import (
    SecurityGroupCannotRemoveDefault,
    SecurityGroupCannotUpdateDefault,
    SecurityGroupDefaultAlreadyExists,
    SecurityGroupInUse,
    SecurityGroupNotFound,
)
from emulator.network.resource import Item, Resource, Row
from emulator.network.standard import change, fresh, raw, times
from emulator.wire.request import Context

# Schemas


def name_not_default(value: Any) -> str | None:
    """Accept a name other than that of the group every project has."""
    reason = validators.string(255)(value)
    if reason is None and value.lower() == "default":
        raise SecurityGroupDefaultAlreadyExists()
    return reason


ATTRIBUTES = attributes(
    attr("description", POST | PUT | FILTER, default="", check=validators.string(255)),
    attr("id", FILTER | SORT),
    attr("name", POST | PUT | FILTER | SORT, default="", check=name_not_default),
    attr("tenant_id", POST | FILTER | SORT, check=validators.string(255)),
    attr("security_group_rules", 0),
    attr("stateful", POST | PUT | FILTER, default=NOT_SPECIFIED, to=converters.boolean),
    attr("shared", FILTER | ENFORCE, to=converters.boolean),
    *NEUTRON_TIMES,
    *TAG_FILTERS,
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return security groups as items, with their rules."""
    rules: dict[str, list[Item]] = defaultdict(list)
    found = security_group_rules.of_groups(ctx, [row["id"] for row in rows])
    for item in security_group_rules.view_nested(ctx, found):
        rules[item["security_group_id"]].append(item)
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "stateful": bool(row["stateful"]),
            "tenant_id": row["project_id"],
            "project_id": row["project_id"],
            "description": row["description"],
            "shared": bool(row["shared"]),
            "security_group_rules": rules[row["id"]],
            "tags": raw(row["tags"]),
            **times(row),
        }
        for row in rows
    ]


# Queries


SEES = sharing.own_or_granted("network_security_groups", "security_group")


def default_of(ctx: Context, project_id: str) -> str | None:
    """Return the id of a project's default group, None when it has none yet."""
    found: str | None = ctx.db.value(
        "SELECT id FROM network_security_groups WHERE project_id = ? AND is_default = 1",
        (project_id,),
    )
    return found


def named(ctx: Context, project_id: str, name: str) -> list[Row]:
    """Return the groups that a project has under a name (or an id)."""
    return ctx.db.all(
        "SELECT id, name FROM network_security_groups WHERE project_id = ? AND name = ?"
        " UNION SELECT id, name FROM network_security_groups WHERE id = ?",
        (project_id, name, name),
    )


def usable(ctx: Context, group_ids: Sequence[str], project_id: str) -> set[str]:
    """Return those of the ids that are groups the caller or the project may use."""
    marks = ", ".join("?" * len(group_ids))
    rows = ctx.db.all(
        f"SELECT id FROM network_security_groups WHERE id IN ({marks}) AND (? OR project_id"
        " IN (?, ?) OR id IN (SELECT object_id FROM network_rbac_policies"
        " WHERE target_tenant IN ('*', ?, ?)))",
        (*group_ids, ctx.is_admin, ctx.project_id, project_id, ctx.project_id, project_id),
    )
    return {row["id"] for row in rows}


def _stateful_by_default(ctx: Context, project_id: str) -> bool:
    """Return what a project chose for its new groups; stateful when it did not choose."""
    chosen = ctx.db.value(
        "SELECT stateful FROM network_default_statefulness WHERE project_id = ?", (project_id,)
    )
    return chosen is None or bool(chosen)


def _is_used(ctx: Context, group_id: str) -> bool:
    return bool(
        ctx.db.value(
            "SELECT 1 FROM network_port_security_groups WHERE security_group_id = ?", (group_id,)
        )
    )


# Operations


def ensure_default(ctx: Context, project_id: str) -> str:
    """Return the id of a project's default group, made when it is not there yet."""
    if not project_id:
        return ""
    found = default_of(ctx, project_id)
    if found is not None:
        return found
    return _insert(
        ctx,
        {
            "project_id": project_id,
            "name": "default",
            "description": "Default security group",
            "stateful": True,
        },
        default=True,
    )


def arrive(ctx: Context) -> None:
    """Make a project's default group when groups are first looked at: the caller's or, where a
    list is of another project's, that one's, if the caller may."""
    asked = ctx.query.get("project_id") or ctx.query.get("tenant_id") or [ctx.project_id]
    if ctx.can("create_default_security_group", {"project_id": asked[0]}):
        ensure_default(ctx, asked[0])


def _insert(ctx: Context, values: Values, *, default: bool = False) -> str:
    row = {
        **fresh(ctx, values),
        "name": values["name"],
        "stateful": int(values["stateful"]),
        "is_default": int(default),
    }
    ctx.db.insert("network_security_groups", row)
    security_group_rules.fill(ctx, row)
    group_id: str = row["id"]
    return group_id


def create(ctx: Context, values: Values) -> str:
    """Create a group with the rules that every new group gets; return its id."""
    ensure_default(ctx, values["project_id"])
    if values["stateful"] is NOT_SPECIFIED:
        values["stateful"] = _stateful_by_default(ctx, values["project_id"])
    return _insert(ctx, values)


def update(ctx: Context, row: Row, values: Values) -> None:
    """Change a group; the default one keeps its name."""
    if row["is_default"] and "name" in values:
        raise SecurityGroupCannotUpdateDefault()
    wanted: Values = {n: values[n] for n in ("name", "description") if n in values}
    if "stateful" in values:
        if int(values["stateful"]) != row["stateful"] and _is_used(ctx, row["id"]):
            raise SecurityGroupInUse(id=row["id"], reason="in use")
        wanted["stateful"] = int(values["stateful"])
    change(ctx, "network_security_groups", row, wanted)


def delete(ctx: Context, row: Row) -> None:
    """Remove a group that no port follows; only admins remove a default one."""
    if _is_used(ctx, row["id"]):
        raise SecurityGroupInUse(id=row["id"], reason="in use")
    if row["is_default"] and not ctx.is_admin:
        raise SecurityGroupCannotRemoveDefault()
    security_group_rules.forget(ctx, row["id"])
    sharing.forget(ctx, row["id"])
    ctx.db.delete("network_security_groups", row["id"])


def missing(group_id: str) -> Any:
    """Return what is raised for an id that no group has."""
    return SecurityGroupNotFound(id=group_id)


SECURITY_GROUP = Resource(
    member="security_group",
    collection="security_groups",
    path="/security-groups",
    table="network_security_groups",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    sees=SEES,
    arrive=arrive,
    columns=sharing.shared_column("network_security_groups"),
    filters={"shared": sharing.is_shared("network_security_groups")},
    facts_differ_by=("project_id", "shared"),
)
