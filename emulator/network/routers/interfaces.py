"""Router interfaces: what a router is plugged into inside."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import ipam, ports, sharing, subnets, validators, zones
from emulator.network.errors import (
    BadRequest,
    PortInUse,
    PortNotFound,
    RouterInterfaceInUseByFloatingIP,
    RouterInterfaceInUseByNDPProxy,
    RouterInterfaceInUseByRoute,
    RouterInterfaceNotFound,
    RouterInterfaceNotFoundForSubnet,
    SubnetMismatchForPort,
    SubnetNotFound,
)
from emulator.network.ports import operations as port_operations
from emulator.network.resource import Row, find
from emulator.network.routers import queries
from emulator.network.routers.gateway import refuse_overlap, values_of_port
from emulator.network.standard import bump, parsed
from emulator.wire.request import Context


def _bad(msg: str) -> Exception:
    return BadRequest(resource="router", msg=msg)


def _wanted(body: Any, *, removal: bool = False) -> tuple[str | None, str | None]:
    """Return port id and subnet id of a request; one of them is there."""
    given: Mapping[str, Any] = body if isinstance(body, dict) else {}
    if "port_id" not in given and "subnet_id" not in given:
        raise _bad("Either subnet_id or port_id must be specified")
    for key in ("port_id", "subnet_id"):
        if key in given and (reason := validators.uuid(given[key])):
            raise _bad(reason)
    if not removal and "port_id" in given and "subnet_id" in given:
        raise _bad("Cannot specify both subnet-id and port-id")
    return given.get("port_id"), given.get("subnet_id")


def _answer(router: Row, port: Row, subnet_ids: Sequence[str]) -> dict[str, Any]:
    return {
        "id": router["id"],
        "project_id": router["project_id"],
        "port_id": port["id"],
        "network_id": port["network_id"],
        "subnet_id": subnet_ids[0] if subnet_ids else None,
        "subnet_ids": list(subnet_ids),
    }


# Queries


def _proxies_on(ctx: Context, router_id: str, subnet_id: str) -> bool:
    return bool(
        ctx.db.value(
            "SELECT 1 FROM network_ndp_proxies AS n JOIN network_ip_allocations AS a"
            " ON a.port_id = n.port_id WHERE n.router_id = ? AND a.subnet_id = ?",
            (router_id, subnet_id),
        )
    )


# Operations


def add(ctx: Context, router: Row, body: Any) -> dict[str, Any]:
    """Plug a router into a subnet, with a port of its own or one that is there."""
    port_id, subnet_id = _wanted(body)
    if port_id is not None:
        port, subnet_ids = _add_port(ctx, router, port_id)
    else:
        assert subnet_id is not None
        port, subnet_ids = _add_subnet(ctx, router, subnet_id)
    zones.schedule_router(ctx, router["id"])
    bump(ctx, "network_routers", router["id"])
    return _answer(router, port, subnet_ids)


def _add_port(ctx: Context, router: Row, port_id: str) -> tuple[Row, list[str]]:
    port = queries.port(ctx, port_id)
    if port is None:
        raise PortNotFound(port_id=port_id)
    if port["device_id"]:
        raise PortInUse(net_id=port["network_id"], port_id=port_id, device_id=port["device_id"])
    addresses = ipam.of_port(ctx, port_id)
    if not addresses:
        raise _bad("Router port must have at least one fixed IP")
    own = [ctx.db.get("network_subnets", each["subnet_id"]) for each in addresses]
    if sum(subnet["ip_version"] == 4 for subnet in own) > 1:
        raise _bad("Cannot have multiple IPv4 subnets on router port")
    attached = queries.attachments(ctx, router["id"])
    for subnet in own:
        _refuse_attached(ctx, attached, subnet)
    ports.update(
        ctx.as_emulator(),
        port,
        {"device_id": router["id"], "device_owner": queries.INTERFACE},
    )
    _mark_wired(ctx, port_id)
    return port, [each["subnet_id"] for each in addresses]


def _mark_wired(ctx: Context, port_id: str) -> None:
    ctx.db.update("network_ports", port_id, status="ACTIVE", port_security_enabled=0)
    ctx.db.delete("network_port_security_groups", port_id, "port_id")


def _refuse_attached(ctx: Context, attached: Sequence[Row], subnet: Row) -> None:
    """Refuse what a router has a port on; on external networks all subnets count."""
    for each in attached:
        if each["subnet_id"] == subnet["id"]:
            raise _bad(f"Router already has a port on subnet {subnet['id']}")
    for each in attached:
        refuse_overlap(each, subnet)


def _add_subnet(ctx: Context, router: Row, subnet_id: str) -> tuple[Row, list[str]]:
    subnet = find(subnets.SUBNET, ctx, subnet_id)
    if not subnet["gateway_ip"]:
        raise _bad("Subnet for router interface must have a gateway IP")
    if subnet["project_id"] != ctx.project_id and not ctx.is_admin:
        granted = sharing.granted(ctx, subnet["network_id"], sharing.SHARED, ctx.project_id)
        if not granted:
            raise _bad(
                f"Cannot add interface to router because subnet {subnet_id} is not owned by"
                " project making the request"
            )
    attached = queries.attachments(ctx, router["id"])
    _refuse_attached(ctx, attached, subnet)
    wish = {"subnet_id": subnet_id, "ip_address": subnet["gateway_ip"]}
    if subnet["ip_version"] == 6 and subnet["subnetpool_id"] != ipam.DELEGATED:
        known = _ipv6_port(attached, subnet["network_id"])
        if known is not None:
            row = ctx.db.get("network_ports", known)
            ports.update(ctx, row, {"fixed_ips": [*ipam.of_port(ctx, known), wish]})
            return row, [subnet_id]
    values = values_of_port(
        subnet["network_id"], router["id"], queries.INTERFACE, [wish], router["project_id"]
    )
    port_id = ports.create(ctx.as_emulator(), values)
    return ctx.db.get("network_ports", port_id), [subnet_id]


def _ipv6_port(attached: Sequence[Row], network_id: str) -> str | None:
    """Return the router's port on a network that has version 6 addresses already."""
    for each in attached:
        if (
            each["network_id"] == network_id
            and each["ip_version"] == 6
            and each["device_owner"] in ipam.ROUTER_OWNERS
        ):
            found: str = each["port_id"]
            return found
    return None


def remove(ctx: Context, router: Row, body: Any) -> dict[str, Any]:
    """Unplug a router from a subnet; the port goes."""
    port_id, subnet_id = _wanted(body, removal=True)
    if port_id is not None:
        port = _own_port(ctx, router, port_id)
        subnet_ids = [each["subnet_id"] for each in ipam.of_port(ctx, port_id)]
        if subnet_id is not None and subnet_id not in subnet_ids:
            raise SubnetMismatchForPort(port_id=port_id, subnet_id=subnet_id)
        for each in subnet_ids:
            _refuse_used(ctx, router, each)
        port_operations.remove(ctx, port)
    else:
        assert subnet_id is not None
        port = _remove_subnet(ctx, router, subnet_id)
        subnet_ids = [subnet_id]
    bump(ctx, "network_routers", router["id"])
    return _answer(router, port, subnet_ids)


def _own_port(ctx: Context, router: Row, port_id: str) -> Row:
    for port in queries.interfaces(ctx, router["id"]):
        if port["id"] == port_id:
            return port
    raise RouterInterfaceNotFound(router_id=router["id"], port_id=port_id)


def _remove_subnet(ctx: Context, router: Row, subnet_id: str) -> Row:
    if ctx.db.get("network_subnets", subnet_id) is None:
        raise SubnetNotFound(subnet_id=subnet_id)
    _refuse_used(ctx, router, subnet_id)
    for port in queries.interfaces(ctx, router["id"]):
        addresses = ipam.of_port(ctx, port["id"])
        rest = [each for each in addresses if each["subnet_id"] != subnet_id]
        if len(rest) == len(addresses):
            continue
        if rest:
            ports.update(ctx, port, {"fixed_ips": rest})
        else:
            port_operations.remove(ctx, port)
        return port
    raise RouterInterfaceNotFoundForSubnet(router_id=router["id"], subnet_id=subnet_id)


def _refuse_used(ctx: Context, router: Row, subnet_id: str) -> None:
    """Refuse to unplug what floating IPs, routes or proxies go through."""
    where = {"router_id": router["id"], "subnet_id": subnet_id}
    if queries.floating_ips_through(ctx, router["id"], subnet_id):
        raise RouterInterfaceInUseByFloatingIP(**where)
    if _proxies_on(ctx, router["id"], subnet_id):
        raise RouterInterfaceInUseByNDPProxy(**where)
    network = ipaddress.ip_network(ctx.db.get("network_subnets", subnet_id)["cidr"])
    for route in parsed(router["routes"]):
        if ipaddress.ip_address(route["nexthop"]) in network:
            raise RouterInterfaceInUseByRoute(**where)
