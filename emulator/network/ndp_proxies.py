"""NDP proxies: version 6 addresses of servers that a router answers for outside."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from emulator.network import ipam, validators
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
    InvalidAddress,
    NDPProxyNotFound,
    PortCannotBound,
    PortNotFound,
    PortUnreachableRouter,
    RouterIsNotExternal,
    RouterNDPProxyNotEnable,
)
from emulator.network.resource import Item, Resource, Row, find, own_rows
from emulator.network.routers import ROUTER, queries
from emulator.network.standard import change, fresh, owner, picked, times
from emulator.wire.request import Context

# Schemas

FOUND = POST | FILTER | SORT
ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("name", FOUND | PUT, default="", check=validators.name()),
    attr("project_id", FOUND, check=validators.string(255)),
    attr("router_id", FOUND, check=validators.uuid),
    attr("port_id", FOUND, check=validators.uuid),
    attr("ip_address", FOUND, default=None, check=validators.ip_or_none),
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


# Operations


def create(ctx: Context, values: Values) -> str:
    """Let a router answer for an address of a port; return the proxy's id."""
    port = queries.port(ctx, values["port_id"])
    if port is None:
        raise PortNotFound(port_id=values["port_id"])
    router = find(ROUTER, ctx, values["router_id"])
    if not router["enable_ndp_proxy"]:
        raise RouterNDPProxyNotEnable(router_id=router["id"])
    if not router["gw_port_id"]:
        raise RouterIsNotExternal(router_id=router["id"])
    addresses = [each for each in ipam.of_port(ctx, port["id"]) if ":" in each["ip_address"]]
    wanted = values["ip_address"]
    if wanted is not None:
        if ipaddress.ip_address(wanted).version != 6:
            raise InvalidAddress(address=wanted, reason="not IPv6")
        addresses = [each for each in addresses if each["ip_address"] == wanted]
    if not addresses:
        raise PortCannotBound(port_id=port["id"])
    near = {each["subnet_id"] for each in queries.attachments(ctx, router["id"])}
    chosen = next((each for each in addresses if each["subnet_id"] in near), None)
    if chosen is None:
        raise PortUnreachableRouter(port_id=port["id"], router_id=router["id"])
    row = {
        **fresh(ctx, values),
        **picked(values, "name", "router_id", "port_id"),
        "ip_address": chosen["ip_address"],
    }
    ctx.db.insert("network_ndp_proxies", row)
    proxy_id: str = row["id"]
    return proxy_id


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
