"""Networks and floating IPs as Compute showed them until 2.35: other names for Network's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.compute.errors import (
    FloatingIpNotFound,
    FloatingIpPoolNotFound,
    NetworkNotFoundHere,
)
from emulator.errors import EmulatorError, NotFound
from emulator.network import resource
from emulator.network.floatingips import FLOATINGIP
from emulator.network.networks import NETWORK
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, View, field, prop

DEFAULT_POOL = "nova"  # Nova's [neutron]default_floating_pool

# Schemas

CREATE_FLOATING_IP = Body(
    schema=Object(prop("pool", {"type": ["string", "null"]}), unknown=True, type=["object", "null"])
)

# View

# What a network had when Compute made them itself: nothing of it is known any more.
LOST = (
    "cidr",
    "netmask",
    "gateway",
    "broadcast",
    "dns1",
    "dns2",
    "cidr_v6",
    "gateway_v6",
    "netmask_v6",
)
LOST_TO_ADMINS = (
    *("created_at", "updated_at", "deleted_at", "deleted", "injected", "bridge", "vlan"),
    *("vpn_public_address", "vpn_public_port", "vpn_private_address", "dhcp_start", "project_id"),
    *("host", "bridge_interface", "multi_host", "priority", "rxtx_base", "mtu", "dhcp_server"),
    *("enable_dhcp", "share_address"),
)
FLOATING_IP = View(
    field("id"),
    field("ip", column="floating_ip_address"),
    field("fixed_ip", column="fixed_ip_address"),
    field("instance_id", lambda row, ctx: (row["port_details"] or {}).get("device_id")),
    field("pool"),
)


def _network(ctx: Context, network: Mapping[str, Any]) -> dict[str, Any]:
    lost = (*LOST, *LOST_TO_ADMINS) if ctx.is_admin else LOST
    return {"id": network["id"], "label": network["name"], **dict.fromkeys(lost)}


def _tenant_network(network: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": network["id"], "label": network["name"], "cidr": "None"}


def _floating_ips(ctx: Context, found: list[Any]) -> list[dict[str, Any]]:
    pools = {each["id"]: each["name"] for each in _pools(ctx)}
    return [
        FLOATING_IP.render(
            {**each, "pool": pools.get(each["floating_network_id"]) or each["floating_network_id"]},
            ctx,
        )
        for each in found
    ]


# What Network is asked


def ask(ctx: Context, query: Mapping[str, str] | None = None, body: Any = None) -> Context:
    """Return this context as one of Network's, with another query and body."""
    other = ctx.at_service("network")
    other.query = {name: [value] for name, value in (query or {}).items()}
    other.body = body
    return other


def said_by_network(ctx: Context, error: EmulatorError) -> str:
    """Return what Network's client makes of a refusal."""
    return f"{error.message}\nNeutron server returns request_ids: ['{ctx.request_id}']"


def _all_networks(ctx: Context) -> list[Any]:
    found: list[Any] = resource.index(NETWORK, ask(ctx))["networks"]
    return found


def _pools(ctx: Context) -> list[Any]:
    found: list[Any] = resource.index(NETWORK, ask(ctx, {"router:external": "True"}))["networks"]
    return found


def _find_network(ctx: Context, network_id: str) -> Any:
    try:
        return resource.show(NETWORK, ask(ctx), network_id)["network"]
    except NotFound:
        raise NetworkNotFoundHere() from None


def _find_floating_ip(ctx: Context, floating_id: str) -> Any:
    try:
        return resource.show(FLOATINGIP, ask(ctx), floating_id)["floatingip"]
    except NotFound:
        raise FloatingIpNotFound(id=floating_id) from None


# Operations


def networks(ctx: Context) -> dict[str, Any]:
    """List the networks that the caller sees."""
    return {"networks": [_network(ctx, each) for each in _all_networks(ctx)]}


def network(ctx: Context, id: str) -> dict[str, Any]:
    """Show one network."""
    return {"network": _network(ctx, _find_network(ctx, id))}


def tenant_networks(ctx: Context) -> dict[str, Any]:
    """List the networks that the caller sees, in fewer words."""
    return {"networks": [_tenant_network(each) for each in _all_networks(ctx)]}


def tenant_network(ctx: Context, id: str) -> dict[str, Any]:
    """Show one network, in fewer words."""
    return {"network": _tenant_network(_find_network(ctx, id))}


def floating_ip_pools(ctx: Context) -> dict[str, Any]:
    """List the external networks."""
    pools = [{"name": each["name"] or each["id"]} for each in _pools(ctx)]
    return {"floating_ip_pools": pools}


def floating_ips(ctx: Context) -> dict[str, Any]:
    """List the floating IPs of the caller's project."""
    found = resource.index(FLOATINGIP, ask(ctx, {"project_id": ctx.project_id}))["floatingips"]
    return {"floating_ips": _floating_ips(ctx, found)}


def floating_ip(ctx: Context, id: str) -> dict[str, Any]:
    """Show one floating IP."""
    return {"floating_ip": _floating_ips(ctx, [_find_floating_ip(ctx, id)])[0]}


def create_floating_ip(ctx: Context, body: dict[str, Any] | None) -> dict[str, Any]:
    """Take an address from a pool, which is an external network's name or id."""
    wanted = (body or {}).get("pool") or DEFAULT_POOL
    pools = [each["id"] for each in _pools(ctx) if wanted in (each["name"], each["id"])]
    if not pools:
        raise FloatingIpPoolNotFound()
    asked = ask(ctx, body={"floatingip": {"floating_network_id": pools[0]}})
    made = resource.create(FLOATINGIP, asked).body["floatingip"]
    return {"floating_ip": _floating_ips(ctx, [made])[0]}


def delete_floating_ip(ctx: Context, id: str) -> None:
    """Give an address back."""
    _find_floating_ip(ctx, id)
    resource.delete(FLOATINGIP, ask(ctx), id)
