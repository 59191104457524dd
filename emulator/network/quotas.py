"""Quotas: how many of each resource a project may have, and what is asked about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import permission
from emulator.network.errors import (
    AdminRequired,
    HTTPBadRequest,
    InvalidInput,
    OverQuota,
    TenantQuotaNotFound,
)
from emulator.wire.operation import Reply
from emulator.wire.request import Context

DEFAULTS: Mapping[str, int] = {
    "network": 100,
    "subnet": 100,
    "subnetpool": -1,
    "port": 500,
    "router_route": 30,
    "router": 10,
    "floatingip": 50,
    "rbac_policy": 10,
    "security_group": 10,
    "security_group_rule": 100,
    "trunk": -1,
}
HOW = ("force", "check_limit")  # beside limits; usage is checked unless forced (Neutron 29.0.0)
COUNTED: Mapping[str, str] = {
    "network": "network_networks",
    "subnet": "network_subnets",
    "subnetpool": "network_subnetpools",
    "port": "network_ports",
    "router": "network_routers",
    "floatingip": "network_floatingips",
    "rbac_policy": "network_rbac_policies",
    "security_group": "network_security_groups",
    "security_group_rule": "network_security_group_rules",
    "trunk": "network_trunks",
}

# View


def limits(ctx: Context, project_id: str) -> dict[str, int]:
    """Return the limits of a project, its own before the defaults."""
    return {**defaults(ctx), **_own_limits(ctx, project_id)}


def defaults(ctx: Context) -> dict[str, int]:
    """Return the limits of a project that has none of its own."""
    return {**DEFAULTS, **ctx.settings.quotas.get("network", {})}


# Queries


def _own_limits(ctx: Context, project_id: str) -> dict[str, int]:
    rows = ctx.db.all(
        "SELECT resource, quota_limit FROM network_quotas WHERE project_id = ?", (project_id,)
    )
    return {row["resource"]: row["quota_limit"] for row in rows}


def _own_limit(ctx: Context, project_id: str, resource: str) -> int | None:
    limit: int | None = ctx.db.value(
        "SELECT quota_limit FROM network_quotas WHERE project_id = ? AND resource = ?",
        (project_id, resource),
    )
    return limit


def used(ctx: Context, project_id: str, resource: str) -> int:
    """Return how many of a resource a project has."""
    table = COUNTED.get(resource)
    if table is None:
        return 0
    count: int = ctx.db.value(f"SELECT count(*) FROM {table} WHERE project_id = ?", (project_id,))
    return count


def set_limits(ctx: Context, project_id: str, wanted: Mapping[str, int]) -> None:
    """Give a project limits of its own."""
    for resource, limit in wanted.items():
        ctx.db.execute(
            "INSERT OR REPLACE INTO network_quotas VALUES (?, ?, ?)", (project_id, resource, limit)
        )


def _projects_with_quotas(ctx: Context) -> list[str]:
    rows = ctx.db.all("SELECT DISTINCT project_id FROM network_quotas ORDER BY project_id")
    return [row["project_id"] for row in rows]


# Operations


def reserve(ctx: Context, resource: str, project_ids: Sequence[str]) -> None:
    """Refuse with OverQuota what would be more than a project may have."""
    if resource not in COUNTED:
        return
    for project_id, more in Counter(project_ids).items():
        limit = _own_limit(ctx, project_id, resource)
        if limit is None:
            limit = defaults(ctx)[resource]
        if limit >= 0 and used(ctx, project_id, resource) + more > limit:
            raise OverQuota(overs=[resource])


def _authorize(ctx: Context, action: str, project_id: str) -> None:
    target = {"project_id": project_id, "tenant_id": project_id}
    if not ctx.can(f"{action}_quota", target):
        raise permission.forbidden(f"{action}_quota")


def _may_see(ctx: Context, project_id: str) -> None:
    """A project may see its own; another's takes the policy's word."""
    if project_id != ctx.project_id:
        _authorize(ctx, "get", project_id)


def index(ctx: Context) -> dict[str, Any]:
    """List the projects that have limits of their own."""
    _authorize(ctx, "get", "")
    return {
        "quotas": [
            {**limits(ctx, each), "project_id": each, "tenant_id": each}
            for each in _projects_with_quotas(ctx)
        ]
    }


def show(ctx: Context, id: str) -> dict[str, Any]:
    """Show the limits of a project."""
    _may_see(ctx, id)
    return {"quota": limits(ctx, id)}


def show_default(ctx: Context, id: str) -> dict[str, Any]:
    """Show what a project has that was given no limits."""
    _may_see(ctx, id)
    return {"quota": defaults(ctx)}


def show_details(ctx: Context, id: str) -> dict[str, Any]:
    """Show limits with what is used of them."""
    if id != ctx.project_id and not ctx.can("get_quota", {"project_id": id, "tenant_id": id}):
        raise AdminRequired(reason="Only admin is authorized to access quotas for another project")
    return {
        "quota": {
            resource: {"limit": limit, "used": used(ctx, id, resource), "reserved": 0}
            for resource, limit in limits(ctx, id).items()
        }
    }


def show_own(ctx: Context) -> dict[str, Any]:
    """Tell the caller's project, by either name."""
    name = ctx.path.rpartition("/")[2]
    return {name: {f"{name}_id": ctx.project_id}}


def update(ctx: Context, id: str) -> dict[str, Any]:
    """Set limits of a project; a limit below what is used is refused."""
    body = ctx.body
    given = body.get("quota") if isinstance(body, dict) else None
    if not isinstance(given, dict):
        raise HTTPBadRequest("Unable to find 'quota' in request body")
    wanted = {name: value for name, value in given.items() if name not in HOW}
    if "tenant_id" in wanted or "project_id" in wanted:
        wanted |= {"project_id": None, "tenant_id": None}  # each stands for the other
    known = defaults(ctx)
    if unknown := sorted(wanted.keys() - known.keys()):
        raise HTTPBadRequest(f"Unrecognized attribute(s) '{', '.join(unknown)}'")
    wanted = {name: _limit(name, value) for name, value in wanted.items()}
    _authorize(ctx, "update", id)
    if not given.get("force"):
        for name, value in wanted.items():
            taken = used(ctx, id, name)
            if 0 <= value < taken:
                raise HTTPBadRequest(
                    f"Quota limit {value} for {name} must be greater than "
                    f"or equal to already used {taken}"
                )
    set_limits(ctx, id, wanted)
    return {"quota": limits(ctx, id)}


def _limit(name: str, value: Any) -> int:
    try:
        limit = int(value)
    except (TypeError, ValueError):
        raise InvalidInput(error_message=f"'{value}' is not an integer") from None
    if limit < -1:
        raise HTTPBadRequest(
            f"Invalid input for {name}. Reason: '{limit}' is too small - must be at least '-1'."
        )
    if limit > 2147483647:
        raise HTTPBadRequest(
            f"Invalid input for {name}. Reason: '{limit}' is too large - "
            "must be no larger than '2147483647'."
        )
    return limit


def delete(ctx: Context, id: str) -> Reply:
    """Give a project the defaults again."""
    if not ctx.can("delete_quota", {"project_id": id, "tenant_id": id}):
        raise permission.forbidden("delete_quota")
    if not ctx.db.delete("network_quotas", id, "project_id"):
        raise TenantQuotaNotFound(tenant_id=id)
    return Reply(204)
