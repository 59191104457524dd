"""NDP proxies: version 6 addresses of servers that a router answers for outside."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from emulator.network import ipam, networks, validators
from emulator.network.attributes import (
    FILTER,
    NEUTRON_TIMES,
    POST,
    PUT,
    SORT,
    Values,
    attr,
    attributes,
)
from emulator.network.errors import (
    AddressScopeConflict,
    BadRequest,
    InvalidAddress,
    NDPProxyNotFound,
    NeutronDbObjectDuplicateEntry,
    PortNotFound,
    PortUnreachableRouter,
    RouterNDPProxyNotEnable,
)
from emulator.network.resource import Item, Resource, Row, find, own_rows
from emulator.network.routers import ROUTER, queries
from emulator.network.standard import change, fresh, owner, picked, times
from emulator.wire.request import Context

# Schemas

ATTRIBUTES = attributes(
    attr("id", SORT),
    attr("name", POST | PUT | FILTER | SORT, default="", check=validators.name()),
    attr("project_id", POST | SORT, check=validators.string(255)),
    attr("router_id", POST | SORT, check=validators.uuid),
    attr("port_id", POST | SORT, check=validators.uuid),
    attr("ip_address", POST | SORT, default=None, check=validators.ip_or_none),
    attr("description", POST | PUT | FILTER, default="", check=validators.string(255)),
    *NEUTRON_TIMES,
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return proxies as items."""
    return [
        {
            **picked(row, "id", "name", "router_id", "port_id", "ip_address", "description"),
            **owner(row),
            **times(row),
        }
        for row in rows
    ]


# Queries


def _is_answered_for(ctx: Context, router_id: str, address: str) -> bool:
    sql = "SELECT 1 FROM network_ndp_proxies WHERE router_id = ? AND ip_address = ?"
    return ctx.db.value(sql, (router_id, address)) is not None


# Operations


def create(ctx: Context, values: Values) -> str:
    """Let a router answer for an address of a port; return the proxy's id."""
    port = queries.port(ctx, values["port_id"])
    if port is None:
        raise PortNotFound(port_id=values["port_id"])
    router_id = values["router_id"]
    near = [
        each
        for each in queries.attachments(ctx, router_id)
        if each["network_id"] == port["network_id"]
    ]
    if not near:
        raise PortUnreachableRouter(port_id=port["id"], router_id=router_id)
    router = find(ROUTER, ctx, router_id)
    if not router["enable_ndp_proxy"]:
        raise RouterNDPProxyNotEnable(router_id=router["id"])
    subnets = {each["subnet_id"] for each in near if ":" in each["ip_address"]}
    address = _address(ctx, port["id"], router["id"], subnets, values["ip_address"])
    outer = networks.ipv6_scope(ctx, queries.gateway_network(ctx, router["gw_port_id"]))
    inner = networks.ipv6_scope(ctx, port["network_id"])
    if outer != inner:
        raise AddressScopeConflict(ext_address_scope=outer, internal_address_scope=inner)
    if _is_answered_for(ctx, router["id"], address):
        raise NeutronDbObjectDuplicateEntry(
            object_type="NDPProxy", attributes=["router_id", "ip_address"], values=None
        )
    row = {
        **fresh(ctx, values),
        **picked(values, "name", "router_id", "port_id"),
        "ip_address": address,
    }
    ctx.db.insert("network_ndp_proxies", row)
    proxy_id: str = row["id"]
    return proxy_id


def _address(
    ctx: Context, port_id: str, router_id: str, subnets: Collection[str], wanted: str | None
) -> str:
    """Return the address of a port that a proxy is for; it is on one of the router's subnets."""
    addresses = [each for each in ipam.of_port(ctx, port_id) if ":" in each["ip_address"]]
    if not addresses:
        message = f"Requested port {port_id} must allocate one IPv6 address at least"
        raise BadRequest(resource="ndp_proxy", msg=message)
    if wanted is None:
        chosen = next((each for each in addresses if each["subnet_id"] in subnets), None)
        if chosen is None:
            raise PortUnreachableRouter(port_id=port_id, router_id=router_id)
        return str(chosen["ip_address"])
    found = next((each for each in addresses if each["ip_address"] == wanted), None)
    if found is None:
        raise InvalidAddress(
            address=wanted, reason=f"This address not belong to the port {port_id}"
        )
    if found["subnet_id"] not in subnets:
        why = f"This address cannot reach the router {router_id}"
        raise InvalidAddress(address=wanted, reason=why)
    return wanted


def update(ctx: Context, row: Row, values: Values) -> None:
    """Rename or describe a proxy."""
    change(ctx, "network_ndp_proxies", row, values)


def delete(ctx: Context, row: Row) -> None:
    """Answer no longer."""
    ctx.db.delete("network_ndp_proxies", row["id"])


def missing(proxy_id: str) -> Any:
    """Return what is raised for an id that no proxy has."""
    return NDPProxyNotFound(id=proxy_id)


NDP_PROXY = Resource(
    member="ndp_proxy",
    collection="ndp_proxies",
    path="/ndp-proxies",
    table="network_ndp_proxies",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    sees=own_rows("network_ndp_proxies"),
)
