"""Routers: the SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from emulator.network import ipam
from emulator.network.ports.queries import marks
from emulator.wire.request import Context

Row = Any
GATEWAY = "network:router_gateway"
INTERFACE = "network:router_interface"


def gateways_of(ctx: Context, port_ids: Sequence[str]) -> dict[str, Row]:
    """Return the gateway ports of routers by id."""
    rows = ctx.db.all(
        f"SELECT id, network_id FROM network_ports WHERE id IN ({marks(port_ids)})",
        list(port_ids),
    )
    return {row["id"]: row for row in rows}


def gateway_network(ctx: Context, port_id: str | None) -> str | None:
    """Return the network that a router's gateway port is on, None where there is no gateway."""
    network_id: str | None = ctx.db.value(
        "SELECT network_id FROM network_ports WHERE id = ?", (port_id,)
    )
    return network_id


def helpers_of(ctx: Context, router_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the connection tracking helpers of routers."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in ctx.db.all(
        "SELECT router_id, protocol, port, helper FROM network_conntrack_helpers"
        f" WHERE router_id IN ({marks(router_ids)}) ORDER BY rowid",
        list(router_ids),
    ):
        found[row["router_id"]].append(
            {"protocol": row["protocol"], "port": row["port"], "helper": row["helper"]}
        )
    return found


def interfaces(ctx: Context, router_id: str) -> list[Row]:
    """Return the ports of a router on inner networks."""
    return ctx.db.all(
        "SELECT * FROM network_ports WHERE device_id = ?"
        f" AND device_owner IN ({marks(ipam.ROUTER_OWNERS)}) ORDER BY created_at, rowid",
        (router_id, *ipam.ROUTER_OWNERS),
    )


def attachments(ctx: Context, router_id: str) -> list[Row]:
    """Return every address of a router with its port and subnet."""
    return ctx.db.all(
        "SELECT p.id AS port_id, p.device_owner, p.network_id, a.ip_address, s.id AS subnet_id,"
        " s.cidr, s.ip_version FROM network_ports AS p"
        " JOIN network_ip_allocations AS a ON a.port_id = p.id"
        " JOIN network_subnets AS s ON s.id = a.subnet_id"
        f" WHERE p.device_id = ? AND p.device_owner IN ({marks(ipam.ROUTER_OWNERS)}, ?)",
        (router_id, *ipam.ROUTER_OWNERS, GATEWAY),
    )


def port(ctx: Context, port_id: str) -> Row:
    """Return a port that the caller may use, None when there is none."""
    return ctx.db.one(
        "SELECT * FROM network_ports WHERE id = ? AND (? OR project_id = ? OR network_id IN"
        " (SELECT id FROM network_networks WHERE project_id = ?))",
        (port_id, ctx.is_admin, ctx.project_id, ctx.project_id),
    )


def floating_ips_through(ctx: Context, router_id: str, subnet_id: str | None = None) -> int:
    """Return how many floating IPs need a router, or its interface on a subnet."""
    sql = "SELECT count(*) FROM network_floatingips AS f WHERE f.router_id = ?"
    values = [router_id]
    if subnet_id is not None:
        sql += (
            " AND EXISTS (SELECT 1 FROM network_ip_allocations AS a WHERE a.subnet_id = ?"
            " AND a.port_id = f.port_id AND a.ip_address = f.fixed_ip_address)"
        )
        values.append(subnet_id)
    count: int = ctx.db.value(sql, values)
    return count
