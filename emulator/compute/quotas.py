"""Quotas: how much a project, or one user in it, may have; and how much it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.compute.errors import InvalidQuotaLimit, TooManyServers
from emulator.compute.projects import verify_project
from emulator.compute.schemas import BOOLEAN, INTEGER_MAX, UNKNOWN_UNTIL_274, truth
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Property, Query, View, field, param, prop

UNLIMITED = -1
UNCOUNTED = -1  # what is in use where nothing is counted
DEFAULTS: Mapping[str, int] = {
    "cores": 20,
    "injected_files": 5,
    "injected_file_content_bytes": 10 * 1024,
    "injected_file_path_bytes": 255,
    "instances": 10,
    "key_pairs": 100,
    "metadata_items": 128,
    "ram": 50 * 1024,
    "server_groups": 10,
    "server_group_members": 10,
    "fixed_ips": UNLIMITED,
    "floating_ips": UNLIMITED,
    "security_groups": UNLIMITED,
    "security_group_rules": UNLIMITED,
}
PER_PROJECT_ONLY = ("fixed_ips", "floating_ips")  # never limited for one user

Limits = dict[str, int]

# Schemas

LIMIT = {
    "type": ["integer", "string"],
    "pattern": "^-?[0-9]+$",
    "minimum": UNLIMITED,
    "maximum": INTEGER_MAX,
}


def limit_properties(*, network_until: str) -> tuple[Property, ...]:
    """Return a property for each resource that has a limit."""
    return (
        prop("instances", LIMIT),
        prop("cores", LIMIT),
        prop("ram", LIMIT),
        prop("floating_ips", LIMIT, until=network_until),
        prop("fixed_ips", LIMIT, until=network_until),
        prop("metadata_items", LIMIT),
        prop("key_pairs", LIMIT),
        prop("security_groups", LIMIT, until=network_until),
        prop("security_group_rules", LIMIT, until=network_until),
        prop("injected_files", LIMIT, until="2.56"),
        prop("injected_file_content_bytes", LIMIT, until="2.56"),
        prop("injected_file_path_bytes", LIMIT, until="2.56"),
        prop("server_groups", LIMIT),
        prop("server_group_members", LIMIT),
    )


UPDATE = Body("quota_set", *limit_properties(network_until="2.35"), prop("force", BOOLEAN))
OF_USER = Query(param("user_id"), unknown=UNKNOWN_UNTIL_274)

# View

QUOTA_SET = View(
    field("id", when=lambda row, ctx: "id" in row),
    field("cores"),
    field("injected_files", until="2.56"),
    field("injected_file_content_bytes", until="2.56"),
    field("injected_file_path_bytes", until="2.56"),
    field("instances"),
    field("key_pairs"),
    field("metadata_items"),
    field("ram"),
    field("server_groups"),
    field("server_group_members"),
    field("fixed_ips", until="2.35"),
    field("floating_ips", until="2.35"),
    field("security_groups", until="2.35"),
    field("security_group_rules", until="2.35"),
)

# Queries


def class_limits(ctx: Context, name: str) -> Limits:
    """Return the limits of a quota class; what it does not set is as configured."""
    if not are_counted(ctx):
        return dict.fromkeys(DEFAULTS, UNLIMITED)
    limits = {**DEFAULTS, **ctx.settings.quotas.get("compute", {})}
    for row in ctx.db.all(
        "SELECT resource, hard_limit FROM compute_quota_classes WHERE name = ?", (name,)
    ):
        limits[row["resource"]] = row["hard_limit"]
    return limits


def set_class_limit(ctx: Context, name: str, resource: str, limit: int) -> None:
    """Set one limit of a quota class."""
    ctx.db.execute(
        "INSERT OR REPLACE INTO compute_quota_classes VALUES (?, ?, ?)", (name, resource, limit)
    )


def own_limits(ctx: Context, project_id: str, user_id: str = "") -> Limits:
    """Return the limits set for a project, or for a user in it."""
    if not are_counted(ctx):
        return {}
    rows = ctx.db.all(
        "SELECT resource, hard_limit FROM compute_quotas WHERE project_id = ? AND user_id = ?",
        (project_id, user_id),
    )
    return {row["resource"]: row["hard_limit"] for row in rows}


def given_to_users(ctx: Context, project_id: str) -> Limits:
    """Return what has been given out to the users of a project, in all, for each resource."""
    rows = ctx.db.all(
        "SELECT resource, sum(hard_limit) AS given FROM compute_quotas"
        " WHERE project_id = ? AND user_id != '' GROUP BY resource",
        (project_id,),
    )
    return {row["resource"]: row["given"] for row in rows}


def set_limit(ctx: Context, project_id: str, user_id: str, resource: str, limit: int) -> None:
    """Set one limit of a project, or of a user in it."""
    if resource in PER_PROJECT_ONLY:
        user_id = ""
    ctx.db.execute(
        "INSERT OR REPLACE INTO compute_quotas VALUES (?, ?, ?, ?)",
        (project_id, user_id, resource, limit),
    )


def forget_limits(ctx: Context, project_id: str, user_id: str = "") -> None:
    """Let defaults hold again: for one user, or for the project and all its users."""
    if user_id:
        sql = "DELETE FROM compute_quotas WHERE project_id = ? AND user_id = ?"
        ctx.db.execute(sql, (project_id, user_id))
    else:
        ctx.db.execute("DELETE FROM compute_quotas WHERE project_id = ?", (project_id,))


def count(ctx: Context, project_id: str, user_id: str | None = None) -> dict[str, int]:
    """Return the instances, cores and ram that a project, or a user in it, has in use.

    One row a user is kept for this, so that it costs the same with any number of servers.
    """
    sql = (
        "SELECT coalesce(sum(instances), 0) AS instances, coalesce(sum(cores), 0) AS cores,"
        " coalesce(sum(ram), 0) AS ram FROM compute_usages WHERE project_id = ?"
    )
    values = [project_id]
    if user_id:
        sql += " AND user_id = ?"
        values.append(user_id)
    return dict(ctx.db.one(sql, values))


def add_usage(
    ctx: Context, project_id: str, user_id: str, instances: int, cores: int, ram: int
) -> None:
    """Count servers that a user got (or, with negative numbers, gave back); ram in MiB."""
    ctx.db.execute(
        "INSERT INTO compute_usages VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " instances = instances + excluded.instances, cores = cores + excluded.cores,"
        " ram = ram + excluded.ram",
        (project_id, user_id, instances, cores, ram),
    )


def count_groups(ctx: Context, project_id: str, user_id: str | None = None) -> int:
    """Return the server groups of a project, or of a user in it."""
    sql = "SELECT count(*) FROM compute_server_groups WHERE project_id = ?"
    values = [project_id]
    if user_id:
        sql += " AND user_id = ?"
        values.append(user_id)
    counted: int = ctx.db.value(sql, values)
    return counted


# Rules


def are_counted(ctx: Context) -> bool:
    """Say whether there are limits at all (Nova 34.0.0, nova.quota.NoopQuotaDriver)."""
    return ctx.settings.quota_driver != "none"


def limits(ctx: Context, project_id: str, user_id: str | None = None) -> Limits:
    """Return the limits that hold for a project, or for a user in it."""
    return {
        **class_limits(ctx, "default"),
        **own_limits(ctx, project_id),
        **(own_limits(ctx, project_id, user_id) if user_id else {}),
    }


def usages(ctx: Context, project_id: str, user_id: str | None = None) -> dict[str, int]:
    """Return what is in use; key pairs and group members are not counted here, as in Nova."""
    if not are_counted(ctx):
        return dict.fromkeys(DEFAULTS, UNCOUNTED)
    return {
        **dict.fromkeys(DEFAULTS, 0),
        **count(ctx, project_id, user_id),
        "server_groups": count_groups(ctx, project_id, user_id),
    }


Excess = tuple[list[str], Limits, dict[str, int]]
"""What would be exceeded: the resources by name, the limits, the usage held against them."""


def check(ctx: Context, project_id: str, user_id: str, deltas: Mapping[str, int]) -> None:
    """Raise TooManyServers when instances, cores or ram would grow beyond what is allowed."""
    excess = _excess(ctx, project_id, user_id, deltas)
    if excess is not None:
        raise _refusal(excess, deltas)


def check_servers(
    ctx: Context, project_id: str, user_id: str, flavor: Any, least: int, most: int
) -> int:
    """Return how many servers of a flavor may be made, from `least` to `most`.

    TooManyServers when not even `least` may (Nova 34.0.0, compute.utils.check_num_instances_quota).
    """
    cores, ram = flavor["vcpus"], flavor["memory_mb"]
    while True:
        deltas = {"instances": most, "cores": most * cores, "ram": most * ram}
        excess = _excess(ctx, project_id, user_id, deltas)
        if excess is None:
            return most
        _, limits, used = excess
        room = {name: limits[name] - used[name] for name in deltas}
        allowed = room["instances"]
        for name, each in (("cores", cores), ("ram", ram)):
            if each and limits[name] != UNLIMITED:
                allowed = min(allowed, room[name] // each)
        if allowed <= 0 or not least <= allowed < most:
            number = str(least) if least == most else f"{least}-{most}"
            raise _refusal(excess, {**deltas, "instances": number})
        most = allowed


def _excess(
    ctx: Context, project_id: str, user_id: str, deltas: Mapping[str, int]
) -> Excess | None:
    if not are_counted(ctx):
        return None
    of_project = limits(ctx, project_id)
    used = count(ctx, project_id)
    over = [name for name in deltas if 0 <= of_project[name] < used[name] + deltas[name]]
    set_for_user = own_limits(ctx, project_id, user_id)
    if not set_for_user.keys().isdisjoint(used):
        of_user = {**of_project, **set_for_user}
        used_by_user = count(ctx, project_id, user_id)
        more = [n for n in deltas if 0 <= of_user[n] < used_by_user[n] + deltas[n]]
        if set(more) - set(over):
            return sorted({*over, *more}), of_user, used_by_user
    return (sorted(over), of_project, used) if over else None


def _refusal(excess: Excess, requested: Mapping[str, Any]) -> TooManyServers:
    over, allowed, used = excess
    return TooManyServers(
        overs=", ".join(over),
        req=", ".join(str(requested.get(name, 0)) for name in over),
        used=", ".join(str(used[name]) for name in over),
        allowed=", ".join(str(allowed[name]) for name in over),
    )


# Operations


def show(ctx: Context, tenant_id: str, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """Show the limits of a project, or of a user in it."""
    _authorize(ctx, "show", tenant_id)
    row = {"id": tenant_id, **limits(ctx, tenant_id, _user(query))}
    return {"quota_set": QUOTA_SET.render(row, ctx)}


def detail(ctx: Context, tenant_id: str, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """Show the limits of a project with what is in use."""
    _authorize(ctx, "detail", tenant_id)
    used = usages(ctx, tenant_id, _user(query))
    reserved = 0 if are_counted(ctx) else UNCOUNTED
    row: dict[str, Any] = {
        name: {"limit": limit, "in_use": used[name], "reserved": reserved}
        for name, limit in limits(ctx, tenant_id, _user(query)).items()
    }
    return {"quota_set": QUOTA_SET.render({"id": tenant_id, **row}, ctx)}


def defaults(ctx: Context, tenant_id: str) -> dict[str, Any]:
    """Show the limits that hold for projects without their own."""
    _authorize(ctx, "defaults", tenant_id)
    row = {"id": tenant_id, **class_limits(ctx, "default")}
    return {"quota_set": QUOTA_SET.render(row, ctx)}


def update(
    ctx: Context, tenant_id: str, body: dict[str, Any], query: Mapping[str, list[str]]
) -> dict[str, Any]:
    """Set limits; below what is in use only by force."""
    _authorize(ctx, "update", tenant_id)
    user_id = _user(query)
    wanted = {
        name: int(limit)
        for name, limit in body["quota_set"].items()
        if name != "force" and (limit or limit == 0)
    }
    if are_counted(ctx) and not truth(body["quota_set"].get("force", False)):
        _check_limits(ctx, tenant_id, user_id, wanted)
    for resource, limit in wanted.items():
        set_limit(ctx, tenant_id, user_id, resource, limit)
    return {"quota_set": QUOTA_SET.render(limits(ctx, tenant_id, user_id), ctx)}


def delete(ctx: Context, tenant_id: str, query: Mapping[str, list[str]]) -> Reply:
    """Let the defaults hold again."""
    ctx.authorize("os_compute_api:os-quota-sets:delete", {"project_id": tenant_id})
    forget_limits(ctx, tenant_id, _user(query))
    return Reply(202)


def _authorize(ctx: Context, verb: str, project_id: str) -> None:
    ctx.authorize(f"os_compute_api:os-quota-sets:{verb}", {"project_id": project_id})
    verify_project(ctx, project_id)


def _user(query: Mapping[str, list[str]]) -> str:
    return next(iter(query.get("user_id", ())), "")


def _check_limits(ctx: Context, project_id: str, user_id: str, wanted: Limits) -> None:
    """Hold new limits against usage, and those of a user against the project's."""
    in_use = usages(ctx, project_id, user_id or None)
    given = given_to_users(ctx, project_id)
    of_project = limits(ctx, project_id)
    of_user = own_limits(ctx, project_id, user_id) if user_id else {}
    for name, limit in wanted.items():
        remains = of_project[name] - given.get(name, 0)
        if of_project[name] <= UNLIMITED:
            remains = UNLIMITED
        least, most = in_use[name], UNLIMITED
        if user_id:
            own = of_user.get(name, 0)
            most = UNLIMITED if min(remains, own) <= UNLIMITED else remains + own
        elif remains > UNLIMITED:
            least = max(of_project[name] - remains, least)
        if _number(limit) < _number(least):
            raise InvalidQuotaLimit(
                f"Quota limit {limit} for {name} must be greater than or equal to"
                f" already used and reserved {least}."
            )
        if _number(limit) > _number(most):
            raise InvalidQuotaLimit(
                f"Quota limit {limit} for {name} must be less than or equal to {most}."
            )


def _number(limit: int) -> float:
    return float("inf") if limit == UNLIMITED else limit
