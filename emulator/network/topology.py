"""Auto-allocated topology: network and router, made for who asks; and floating IP pools."""

from __future__ import annotations

from typing import Any

from emulator.network import listing, networks, permission, routers, subnets
from emulator.network.attributes import Values, attr, attributes, values_of
from emulator.network.errors import AutoAllocationFailure, HTTPNotFound, NotAuthorized
from emulator.network.networks import NETWORK
from emulator.network.resource import Resource, rows_of
from emulator.network.routers import ROUTER, interfaces
from emulator.network.subnets import SUBNET
from emulator.wire.operation import Reply
from emulator.wire.request import Context

NAME = "auto_allocated_network"

# Queries


def _of(ctx: Context, project_id: str) -> Any:
    return ctx.db.get("network_auto_topologies", project_id, "project_id")


def _default_external(ctx: Context) -> str | None:
    found: str | None = ctx.db.value(
        "SELECT id FROM network_networks WHERE is_default = 1 AND router_external = 1"
    )
    return found


def _default_pools(ctx: Context) -> list[Any]:
    return ctx.db.all(
        "SELECT id, ip_version FROM network_subnetpools WHERE is_default = 1 ORDER BY ip_version"
    )


def _floating_pools(ctx: Context) -> list[Any]:
    return ctx.db.all(
        "SELECT s.id, s.name, s.cidr, n.id AS network_id FROM network_subnets AS s"
        " JOIN network_networks AS n ON n.id = s.network_id"
        " WHERE n.router_external = 1 AND s.ip_version = 4 AND (? OR n.id IN"
        " (SELECT object_id FROM network_rbac_policies WHERE target_tenant IN ('*', ?)))"
        " ORDER BY n.id, s.id",
        (ctx.is_admin, ctx.project_id),
    )


# Operations


def _project(ctx: Context, id: str) -> str:
    """Return the project that is asked for: the caller's own, or another's for admins."""
    project_id = ctx.project_id if id in ("", "None") else id
    if project_id != ctx.project_id and not ctx.is_admin:
        raise NotAuthorized()
    return project_id


def show(ctx: Context, id: str) -> dict[str, Any]:
    """Show a project's topology, made now if it has none; `dry-run` says if it can be."""
    project_id = _project(ctx, id)
    target = {"project_id": project_id, "tenant_id": project_id}
    if not ctx.can("get_auto_allocated_topology", target):
        raise HTTPNotFound()
    if "dry-run" in ctx.query.get("fields", ()):
        check(ctx)
        return _answer("dry-run=pass", project_id)
    return _answer(ensure(ctx, project_id), project_id)


def ensure(ctx: Context, project_id: str) -> str:
    """Return the network of a project's topology, made now if there is none."""
    row = _of(ctx, project_id)
    if row is not None:
        network_id: str = row["network_id"]
        return network_id
    check(ctx)
    return _make(ctx, project_id)


def check(ctx: Context) -> None:
    """Raise AutoAllocationFailure unless a topology can be made."""
    if _default_external(ctx) is None:
        raise AutoAllocationFailure(reason="No default router:external network")
    if not _default_pools(ctx):
        raise AutoAllocationFailure(reason="No default subnetpools defined")


def _answer(network_id: str, project_id: str) -> dict[str, Any]:
    return {
        "auto_allocated_topology": {
            "id": network_id,
            "tenant_id": project_id,
            "project_id": project_id,
        }
    }


def _values(ctx: Context, kind: Resource, project_id: str, **given: Any) -> Values:
    body = {"project_id": project_id, **given}
    return values_of(ctx.as_emulator(), kind.attributes, kind.member, body, create=True)


def _make(ctx: Context, project_id: str) -> str:
    """Make network, subnets and router; return the network's id."""
    acting = ctx.as_emulator()
    network_id = networks.create(acting, _values(ctx, NETWORK, project_id, name=NAME))
    gateway = {"network_id": _default_external(ctx)}
    values = _values(
        ctx, ROUTER, project_id, name="auto_allocated_router", external_gateway_info=gateway
    )
    router_id = routers.operations.create(acting, values)
    for pool in _default_pools(ctx):
        version = pool["ip_version"]
        values = _values(
            ctx,
            SUBNET,
            project_id,
            name=f"auto_allocated_subnet_v{version}",
            network_id=network_id,
            ip_version=version,
            subnetpool_id=pool["id"],
        )
        subnet_id = subnets.create(acting, values)
        router = rows_of(ROUTER, acting, [router_id])[0]
        interfaces.add(acting, router, {"subnet_id": subnet_id})
    ctx.db.insert(
        "network_auto_topologies",
        {"project_id": project_id, "network_id": network_id, "router_id": router_id},
    )
    return network_id


def delete(ctx: Context, id: str) -> Reply:
    """Take a project's topology down."""
    project_id = _project(ctx, id)
    target = {"project_id": project_id, "tenant_id": project_id}
    if not ctx.can("delete_auto_allocated_topology", target):
        raise permission.forbidden("delete_auto_allocated_topology")
    row = _of(ctx, project_id)
    if row is not None:
        _take_down(ctx.as_emulator(), row)
        ctx.db.delete("network_auto_topologies", project_id, "project_id")
    return Reply(204)


def _take_down(ctx: Context, row: Any) -> None:
    router = ctx.db.get("network_routers", row["router_id"])
    if router is not None:
        for port in routers.queries.interfaces(ctx, router["id"]):
            interfaces.remove(ctx, router, {"port_id": port["id"]})
        routers.operations.delete(ctx, ctx.db.get("network_routers", router["id"]))
    network = ctx.db.get("network_networks", row["network_id"])
    if network is not None:
        networks.delete(ctx, network)


def floating_pools(ctx: Context) -> dict[str, Any]:
    """List the subnets that floating IPs come from."""
    found = [
        {
            "subnet_id": row["id"],
            "subnet_name": row["name"],
            "tenant_id": ctx.project_id,
            "project_id": ctx.project_id,
            "network_id": row["network_id"],
            "cidr": row["cidr"],
        }
        for row in _floating_pools(ctx)
    ]
    known = attributes(*(attr(name, 0) for name in ("subnet_id", "subnet_name", "cidr")))
    return {"floatingip_pools": listing.plain(ctx, known, found)}
