"""Limits: what a project may have and has, in one document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.compute import quotas, rate_limits
from emulator.compute.schemas import UNKNOWN_UNTIL_274
from emulator.wire.request import Context
from emulator.wire.versioned import Query, View, field, param

# Schemas

SHOW = Query(param("tenant_id"), unknown=UNKNOWN_UNTIL_274)

# View


def _limit(resource: str) -> Callable[[Any, Any], int]:
    return lambda row, ctx: row["limits"][resource]


def _used(resource: str) -> Callable[[Any, Any], int]:
    return lambda row, ctx: row["used"][resource]


ABSOLUTE_LIMITS = View(
    field("maxTotalRAMSize", _limit("ram")),
    field("maxTotalInstances", _limit("instances")),
    field("maxTotalCores", _limit("cores")),
    field("maxTotalKeypairs", _limit("key_pairs")),
    field("maxTotalFloatingIps", _limit("floating_ips"), until="2.35"),
    field("maxServerMeta", _limit("metadata_items")),
    field("maxImageMeta", _limit("metadata_items"), until="2.38"),
    field("maxPersonality", _limit("injected_files"), until="2.56"),
    field("maxPersonalitySize", _limit("injected_file_content_bytes"), until="2.56"),
    field("maxSecurityGroups", _limit("security_groups"), until="2.35"),
    field("maxSecurityGroupRules", _limit("security_group_rules"), until="2.35"),
    field("maxServerGroups", _limit("server_groups")),
    field("maxServerGroupMembers", _limit("server_group_members")),
    field("totalRAMUsed", _used("ram")),
    field("totalCoresUsed", _used("cores")),
    field("totalInstancesUsed", _used("instances")),
    field("totalFloatingIpsUsed", _used("floating_ips"), until="2.35"),
    field("totalSecurityGroupsUsed", _used("security_groups"), until="2.35"),
    field("totalServerGroupsUsed", _used("server_groups")),
)

# Operations


def show(ctx: Context, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """Show the limits and the usage of the caller's project, or of another one."""
    project_id = ctx.project_id
    if "tenant_id" in query:
        project_id = query["tenant_id"][-1]
        ctx.authorize("os_compute_api:limits:other_project")
    row = {"limits": quotas.limits(ctx, project_id), "used": quotas.usages(ctx, project_id)}
    return {
        "limits": {"rate": rate_limits.shown(ctx), "absolute": ABSOLUTE_LIMITS.render(row, ctx)}
    }
