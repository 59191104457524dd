"""Server groups: servers that are to be kept together, or apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.compute import quotas
from emulator.compute.errors import (
    InvalidServerGroup,
    ServerGroupNotFound,
    TooManyServerGroups,
)
from emulator.compute.links import page_limit
from emulator.compute.schemas import NAME, NON_NEGATIVE, POSITIVE, UNKNOWN_UNTIL_274
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, View, field, param, prop

ANTI_AFFINITY, AFFINITY = "anti-affinity", "affinity"
STRICT = [ANTI_AFFINITY, AFFINITY]
ALL = [*STRICT, "soft-anti-affinity", "soft-affinity"]

# Schemas


def _policies(words: list[str]) -> dict[str, Any]:
    return {
        "type": "array",
        "prefixItems": [{"type": "string", "enum": words}],
        "uniqueItems": True,
        "minItems": 1,
        "maxItems": 1,
        "additionalItems": False,
    }


CREATE = Body(
    "server_group",
    prop("name", NAME, required=True),
    prop("policies", _policies(STRICT), required=True, until="2.14"),
    prop("policies", _policies(ALL), required=True, since="2.15", until="2.63"),
    prop("policy", {"type": "string", "enum": ALL}, required=True, since="2.64"),
    prop("rules", Object(prop("max_server_per_host", POSITIVE)), since="2.64"),
)
LIST = Query(
    param("all_projects"),
    param("limit", NON_NEGATIVE),
    param("offset", NON_NEGATIVE),
    unknown=UNKNOWN_UNTIL_274,
)

# View

SERVER_GROUP = View(
    field("id", column="uuid"),
    field("name"),
    field("policies", lambda row, ctx: [row["policy"]], until="2.63"),
    field("metadata", lambda row, ctx: {}, until="2.63"),
    field("policy", since="2.64"),
    field("rules", lambda row, ctx: orjson.Fragment(row["rules"]), since="2.64"),
    field("members"),
    field("project_id", since="2.13"),
    field("user_id", since="2.13"),
)


def _shown(ctx: Context, rows: list[Any]) -> list[dict[str, Any]]:
    members = members_of(ctx, [row["uuid"] for row in rows])
    return [
        SERVER_GROUP.render({**dict(row), "members": members.get(row["uuid"], [])}, ctx)
        for row in rows
    ]


# Queries


def find(ctx: Context, group_id: str) -> Any:
    """Return the server group of an id. ServerGroupNotFound when it is none of this project's."""
    row = get(ctx, group_id)
    if row is None or not (ctx.is_admin or row["project_id"] == ctx.project_id):
        raise ServerGroupNotFound(group_id=group_id)
    return row


def get(ctx: Context, group_id: str) -> Any:
    """Return the server group of an id, whosever it is; None when it is gone."""
    return ctx.db.get("compute_server_groups", group_id, "uuid")


def select(ctx: Context, project_id: str | None, limit: int, offset: int) -> list[Any]:
    """Return server groups, oldest first: those of a project, or all."""
    where, values = ("WHERE project_id = ?", [project_id]) if project_id else ("", [])
    sql = f"SELECT * FROM compute_server_groups {where} ORDER BY id LIMIT ? OFFSET ?"
    return ctx.db.all(sql, [*values, limit, offset])


def members_of(ctx: Context, group_ids: list[str]) -> dict[str, list[str]]:
    """Return the servers that live in each of the groups."""
    members: dict[str, list[str]] = {}
    marks = ", ".join("?" * len(group_ids))
    sql = (
        "SELECT server_group, uuid FROM compute_servers"
        f" WHERE server_group IN ({marks}) AND deleted = 0 ORDER BY id DESC"
    )
    for row in ctx.db.all(sql, group_ids):
        members.setdefault(row["server_group"], []).append(row["uuid"])
    return members


def add(ctx: Context, *, name: str, policy: str, rules: Mapping[str, int]) -> Any:
    """Make a server group of the caller's project; return its row."""
    row = {
        "uuid": ctx.ids.uuid(),
        "project_id": ctx.project_id,
        "user_id": ctx.user_id,
        "name": name,
        "policy": policy,
        "rules": orjson.dumps(rules).decode(),
        "created_at": ctx.timestamp,
    }
    ctx.db.insert("compute_server_groups", row)
    return row


def remove(ctx: Context, group_id: str) -> None:
    """Delete a server group; its servers are in none then."""
    ctx.db.update("compute_servers", group_id, "server_group", server_group=None)
    ctx.db.delete("compute_server_groups", group_id, "uuid")


# Operations


def index(ctx: Context, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """List the server groups of the project, or an admin's of all."""
    project_id: str | None = ctx.project_id
    if "all_projects" in query and ctx.is_admin:
        ctx.authorize("os_compute_api:os-server-groups:index:all_projects")
        project_id = None
    limit = page_limit(ctx) or ctx.settings.page_limit_max
    rows = select(ctx, project_id, limit, int(query.get("offset", ["0"])[-1]))
    return {"server_groups": _shown(ctx, rows)}


def show(ctx: Context, group: Any) -> dict[str, Any]:
    """Show one server group."""
    return {"server_group": _shown(ctx, [group])[0]}


def create(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Make a server group."""
    _check_quota(ctx)
    asked = body["server_group"]
    policy = asked["policy"] if "policy" in asked else asked["policies"][0]
    rules = {name: int(value) for name, value in asked.get("rules", {}).items()}
    if rules and policy != ANTI_AFFINITY:
        raise InvalidServerGroup("Only anti-affinity policy supports rules.")
    return show(ctx, add(ctx, name=asked["name"], policy=policy, rules=rules))


def delete(ctx: Context, group: Any) -> None:
    """Delete a server group; its servers stay."""
    remove(ctx, group["uuid"])


def _check_quota(ctx: Context) -> None:
    """Nova counts the project's groups, and those of a user who has a limit of the user's own."""
    of_project = quotas.limits(ctx, ctx.project_id)["server_groups"]
    own = quotas.own_limits(ctx, ctx.project_id, ctx.user_id).get("server_groups", -1)
    if 0 <= of_project <= quotas.count_groups(ctx, ctx.project_id):
        raise TooManyServerGroups()
    if 0 <= own <= quotas.count_groups(ctx, ctx.project_id, ctx.user_id):
        raise TooManyServerGroups()
