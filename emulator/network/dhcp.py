"""DHCP: the ports through which agents answer on networks that have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from emulator.network import ipam, ports
from emulator.network.ports import operations as port_operations
from emulator.network.routers.gateway import values_of_port
from emulator.wire.request import Context

AGENT = "DHCP agent"
OWNER = "network:dhcp"

# Queries


def _agents(ctx: Context, network_id: str) -> list[Any]:
    """Return the DHCP agents that serve a network; the first one alive takes on a new network."""
    bound = ctx.db.all(
        "SELECT a.id, a.host FROM network_agent_bindings AS b JOIN network_agents AS a"
        " ON a.id = b.agent_id WHERE b.resource_id = ? AND a.agent_type = ? ORDER BY a.id",
        (network_id, AGENT),
    )
    if bound:
        return bound
    found = ctx.db.all(
        "SELECT id, host FROM network_agents WHERE agent_type = ? AND alive = 1"
        " AND admin_state_up = 1 ORDER BY host LIMIT 1",
        (AGENT,),
    )
    for agent in found:
        ctx.db.insert(
            "network_agent_bindings", {"agent_id": agent["id"], "resource_id": network_id}
        )
    return found


def _ports(ctx: Context, network_id: str) -> dict[str, Any]:
    rows = ctx.db.all(
        "SELECT * FROM network_ports WHERE network_id = ? AND device_owner = ?",
        (network_id, OWNER),
    )
    return {row["device_id"]: row for row in rows}


def _has_agents(ctx: Context) -> bool:
    return bool(ctx.db.value("SELECT 1 FROM network_agents WHERE agent_type = ?", (AGENT,)))


# Operations


def serve(ctx: Context, network_id: str) -> None:
    """Bring the DHCP ports of a network in line with its subnets and its agents."""
    if not _has_agents(ctx):
        return
    network = ctx.db.get("network_networks", network_id)
    served = [each for each in ipam.serving(ctx, network_id, OWNER) if each["enable_dhcp"]]
    known = _ports(ctx, network_id)
    wanted = {}
    if served and network is not None:
        wanted = {_device(agent["host"], network_id): agent for agent in _agents(ctx, network_id)}
    for device_id, row in known.items():
        if device_id not in wanted:
            port_operations.remove(ctx, row)
    for device_id, agent in wanted.items():
        _serve_from(ctx, network, served, device_id, agent["host"], known.get(device_id))


def leave(ctx: Context, agent_id: str, network_id: str) -> None:
    """Take the port of an agent that serves a network no longer."""
    host = ctx.db.get("network_agents", agent_id)["host"]
    row = _ports(ctx, network_id).get(_device(host, network_id))
    if row is not None:
        port_operations.remove(ctx, row)


def _device(host: str, network_id: str) -> str:
    return f"dhcp{uuid5(NAMESPACE_DNS, host)}-{network_id}"


def _serve_from(
    ctx: Context, network: Any, served: Sequence[Any], device_id: str, host: str, row: Any
) -> None:
    """Give one agent its port on a network, with the first free address of each subnet."""
    ctx = ctx.as_emulator()
    before = [] if row is None else ipam.of_port(ctx, row["id"])
    have = {each["subnet_id"] for each in before}
    wish: list[dict[str, str]] = [each for each in before if _is_among(each, served)]
    for subnet in served:
        if subnet["id"] in have:
            continue
        if ipam.is_automatic(subnet):
            wish.append({"subnet_id": subnet["id"]})
        elif (address := ipam.lowest(ctx, subnet)) is not None:
            wish.append({"subnet_id": subnet["id"], "ip_address": address})
    if row is not None:
        ports.update(ctx, row, {"fixed_ips": wish})
    elif wish:
        values = values_of_port(network["id"], device_id, OWNER, wish, network["project_id"])
        ports.create(ctx, {**values, "binding:host_id": host})


def _is_among(address: dict[str, str], subnets: Sequence[Any]) -> bool:
    return any(address["subnet_id"] == subnet["id"] for subnet in subnets)
