"""Which networks and ports a server is to be on: what Compute asks for, checked as by Nova."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from emulator.network import ipam, networks, quotas, security_groups, topology
from emulator.network.errors import (
    FixedIpAlreadyInUse,
    NetworkAmbiguous,
    NetworkRequiresSubnet,
    NoUniqueMatch,
    OverQuota,
    PortInUse,
    PortNotFound,
    SecurityGroupNotFound,
)
from emulator.wire.request import Context

Row = Any


class Request(NamedTuple):
    """One network interface that a server asks for: a network, or a port that is there.

    With neither it is the project's own network, which is made if it has none by then.
    """

    network_id: str | None = None
    port_id: str | None = None
    fixed_ip: str | None = None
    tag: str | None = None
    hostname: str = ""  # of the server: what the port is called where ports keep names


# Queries


def usable_networks(ctx: Context, project_id: str) -> list[Row]:
    """Return the networks a project's servers can be on: its own, else the shared ones.

    As Nova looks them up: those of the project that are up and not external (unless its own),
    then those that everyone shares.
    """
    ctx = ctx.at_service("network")
    return ctx.db.all(
        "SELECT * FROM network_networks WHERE admin_state_up = 1 AND (project_id = ?"
        " OR (id IN (SELECT object_id FROM network_rbac_policies"
        " WHERE action = 'access_as_shared' AND target_tenant IN ('*', ?))))"
        " AND (router_external = 0 OR ?) ORDER BY created_at, rowid",
        (project_id, project_id, ctx.is_admin),
    )


def network(ctx: Context, network_id: str) -> Row:
    """Return a network that the caller may use. NetworkNotFound when there is none."""
    return networks.visible(ctx.at_service("network"), network_id)


def find_address(ctx: Context, network_id: str, address: str) -> bool:
    """Say whether an address of a network is given to a port."""
    return bool(
        ctx.db.value(
            "SELECT 1 FROM network_ip_allocations WHERE network_id = ? AND ip_address = ?",
            (network_id, address),
        )
    )


# Operations


def check(
    ctx: Context, requests: Sequence[Request] | None, security_group_names: Sequence[str]
) -> tuple[list[Request], list[str]]:
    """Return what a server will be plugged into, checked, and the ids of its security groups.

    None asks for the one network there is: NetworkAmbiguous when there are several, nothing when
    there is none. Every refusal is one of network.errors.
    """
    ctx = ctx.at_service("network")
    if requests is None:
        found = usable_networks(ctx, ctx.project_id)
        if len(found) > 1:
            raise NetworkAmbiguous()
        requests = [Request(network_id=row["id"]) for row in found]
    checked = [_checked(ctx, each) for each in requests]
    _check_quota(ctx, checked)
    return checked, group_ids(ctx, security_group_names)


def _checked(ctx: Context, request: Request) -> Request:
    if request.port_id is not None:
        row = ctx.db.get("network_ports", request.port_id)
        if row is None or not (ctx.is_admin or row["project_id"] == ctx.project_id):
            raise PortNotFound(port_id=request.port_id)
        if row["device_id"]:
            raise PortInUse(port_id=row["id"], net_id=row["network_id"], device_id=row["device_id"])
        if not ipam.of_port(ctx, row["id"]) and row["ip_allocation"] == "immediate":
            raise NetworkRequiresSubnet(port_id=row["id"])
        return Request(row["network_id"], row["id"], request.fixed_ip, request.tag)
    if request.network_id is None:
        topology.check(ctx)
        return request
    row = networks.visible(ctx, request.network_id)
    if request.fixed_ip is not None and find_address(ctx, row["id"], request.fixed_ip):
        raise FixedIpAlreadyInUse(address=request.fixed_ip, net_id=row["id"])
    return request


def is_closed(ctx: Context, request: Request) -> bool:
    """Say whether a network is an external one that the caller may not plug a server into."""
    if request.network_id is None or request.port_id is not None or ctx.is_admin:
        return False
    row = networks.visible(ctx, request.network_id)
    return bool(
        row["router_external"] and row["project_id"] != ctx.project_id and not row["shared"]
    )


def _check_quota(ctx: Context, requests: Sequence[Request]) -> None:
    new = sum(each.port_id is None for each in requests)
    limit = quotas.limits(ctx, ctx.project_id)["port"]
    if new and 0 <= limit < quotas.used(ctx, ctx.project_id, "port") + new:
        raise OverQuota(overs=["port"])


def group_ids(ctx: Context, names: Sequence[str]) -> list[str]:
    """Return the ids of security groups given by name or id; the default one when none is."""
    default = security_groups.ensure_default(ctx, ctx.project_id)
    found = []
    for name in names:
        if name == "default":
            found.append(default)
            continue
        rows = security_groups.named(ctx, ctx.project_id, name)
        if not rows:
            raise SecurityGroupNotFound(id=name)
        if len(rows) > 1:
            raise NoUniqueMatch(name=name)
        found.append(rows[0]["id"])
    return list(dict.fromkeys(found)) or [default]


def network_for(ctx: Context, project_id: str) -> str:
    """Return a project's only network, made now if it has none."""
    found = usable_networks(ctx, project_id)
    if len(found) > 1:
        raise NetworkAmbiguous()
    return found[0]["id"] if found else topology.ensure(ctx, project_id)
