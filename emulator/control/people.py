"""Projects, users and what they may have, as faults change them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.compute import quotas as compute
from emulator.errors import EmulatorError, UsageError
from emulator.identity import projects, revocations
from emulator.network import quotas as network
from emulator.volume import quotas as volume
from emulator.wire.request import Context

LISTED_MAX = 20  # names in a sentence that says which there are

# Queries


def project(ctx: Context, named: Any) -> Any:
    """Return a project by id or name. UsageError when there is none."""
    return _named(ctx, "project", named)


def user(ctx: Context, named: Any) -> Any:
    """Return a user by id or name. UsageError when there is none."""
    return _named(ctx, "user", named)


def _named(ctx: Context, what: str, named: Any) -> Any:
    if not isinstance(named, str):
        raise UsageError(f"{what}: takes an id or a name, not {named!r}")
    rows = ctx.db.all(
        f"SELECT * FROM identity_{what}s WHERE id = ? OR name = ? ORDER BY id", (named, named)
    )
    if not rows:
        listed = ctx.db.all(f"SELECT name FROM identity_{what}s LIMIT {LISTED_MAX}")
        known = [each["name"] for each in listed]
        raise UsageError(f"{what}: there is no {what} {named!r} (there are: {', '.join(known)})")
    return rows[0]


def own_limit(ctx: Context, project_id: str, resource: str) -> int | None:
    """Return the limit that was set for a project, None where the default holds."""
    service, column = _service(resource)
    limit: int | None = ctx.db.value(
        f"SELECT {column} FROM {service}_quotas WHERE project_id = ? AND resource = ?"
        f"{_USER[service]}",
        (project_id, resource),
    )
    return limit


def set_limit(ctx: Context, project_id: str, resource: str, limit: int | None) -> None:
    """Set the limit of a project, whatever it has; None lets the default hold again."""
    service, column = _service(resource)
    ctx.db.execute(
        f"DELETE FROM {service}_quotas WHERE project_id = ? AND resource = ?{_USER[service]}",
        (project_id, resource),
    )
    if limit is not None:
        user = {"user_id": ""} if service == "compute" else {}
        row = {"project_id": project_id, **user, "resource": resource, column: limit}
        ctx.db.insert(f"{service}_quotas", row)


_USER = {"compute": " AND user_id = ''", "volume": "", "network": ""}


def _service(resource: str) -> tuple[str, str]:
    """The service that has a quota, and the column of its limit."""
    if resource in compute.DEFAULTS:
        return "compute", "hard_limit"
    if resource in network.DEFAULTS:
        return "network", "quota_limit"
    return "volume", "hard_limit"


# Changes


def check_quota(ctx: Context, quota: Any) -> None:
    """Refuse limits of resources that nobody counts. UsageError names what is wrong."""
    if not isinstance(quota, Mapping) or not quota:
        raise UsageError("quota: takes a mapping of resources to limits, as in {instances: 5}")
    known = [*compute.DEFAULTS, *volume.resources(ctx), *network.DEFAULTS]
    for resource, limit in quota.items():
        if resource not in known:
            raise UsageError(f"quota: {resource!r} is none of {', '.join(dict.fromkeys(known))}")
        if isinstance(limit, bool) or not isinstance(limit, int) or not -1 <= limit < 2**31:
            raise UsageError(f"quota: {resource} takes a whole number of at least -1")


def revoke_tokens(ctx: Context, user_named: Any, project_named: Any) -> None:
    """End the tokens that a user has, or has for a project."""
    scope = {} if project_named is None else {"project_id": project(ctx, project_named)["id"]}
    revocations.add(ctx, user_id=user(ctx, user_named)["id"], **scope)
    ctx.cloud.token_cache.clear()


def switch_project(ctx: Context, named: Any, *, enabled: bool) -> bool:
    """Enable or disable a project, and say what it was. UsageError when Keystone would not."""
    row = project(ctx, named)
    own = ctx.as_emulator().at_service("identity")
    try:
        projects.change(own, row, {"enabled": enabled}, "project")
    except EmulatorError as refusal:
        raise UsageError(f"project: {refusal.message}") from None
    ctx.cloud.token_cache.clear()
    return bool(row["enabled"])
