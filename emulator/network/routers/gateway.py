"""The way out: a router's port on an external network."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import ipam, networks, ports, validators, zones
from emulator.network.attributes import NOT_SPECIFIED, Values, given
from emulator.network.errors import (
    BadRequest,
    InvalidInput,
    RouterExternalGatewayInUseByFloatingIp,
    RouterGatewayInUseByNDPProxy,
    RouterGatewayNotValid,
)
from emulator.network.ports import operations as port_operations
from emulator.network.resource import Row
from emulator.network.routers import queries
from emulator.wire.request import Context

INFO: validators.Parts = {
    "network_id": (True, validators.uuid),
    "external_fixed_ips": (False, validators.fixed_ips),
    "enable_snat": (False, validators.boolean),
    "qos_policy_id": (False, validators.uuid_or_none),
}

NOT_PLUGGED = ("network:floatingip", "network:local_ip")  # they only hold an address

# Queries


def _proxies(ctx: Context, router_id: str) -> int:
    count: int = ctx.db.value(
        "SELECT count(*) FROM network_ndp_proxies WHERE router_id = ?", (router_id,)
    )
    return count


# Operations


def apply(ctx: Context, router: Mapping[str, Any], info: Any) -> dict[str, Any]:
    """Bring a router's gateway to what was asked for; return the columns that changed."""
    before = ctx.db.get("network_ports", router["gw_port_id"]) if router["gw_port_id"] else None
    if not info:
        if before is not None:
            _clear(ctx, router, before)
        return {"gw_port_id": None, "gateway_qos_policy_id": None, "enable_snat": 1}
    network = networks.visible(ctx, info["network_id"])
    wished = info.get("external_fixed_ips")
    _check(ctx, network, wished or ())
    networks.check_qos_policy(ctx, info.get("qos_policy_id"))
    columns: dict[str, Any] = {"gateway_qos_policy_id": info.get("qos_policy_id")}
    if "enable_snat" in info:
        columns["enable_snat"] = int(_truth(info["enable_snat"]))
    if before is not None and before["network_id"] != network["id"]:
        _clear(ctx, router, before)
        before = None
    zones.schedule_router(ctx, router["id"])
    if before is None:
        columns["gw_port_id"] = _plug(ctx, router, network, wished)
    elif wished:
        row = ctx.db.get("network_ports", before["id"])
        ports.update(ctx, row, {"fixed_ips": wished})
    return columns


def check_proxying(ctx: Context, router_id: str, values: Values) -> None:
    """Refuse a new router that is to answer for addresses which its gateway cannot lead to."""
    if given(values, "enable_ndp_proxy") is not True:
        return
    info = values["external_gateway_info"]
    reason = "The request body not contain external gateway information"
    if info:
        network_id = info["network_id"]
        if networks.ipv6_scope(ctx, network_id) is not None:
            return
        reason = (
            f"The external network {network_id} don't support IPv6 ndp proxy, the network has no "
            "IPv6 subnets or has no IPv6 address scope"
        )
    raise RouterGatewayNotValid(router_id=router_id, reason=reason)


def proxying(ctx: Context, router: Mapping[str, Any], values: Values) -> int:
    """Return whether a changed router answers for addresses of others.

    Where that is not said it does as soon as its gateway can (Neutron 29.0.0, NDPProxyPlugin).
    """
    wanted = given(values, "enable_ndp_proxy")
    if "external_gateway_info" in values and not values["external_gateway_info"]:
        if wanted:
            reason = "The router's external gateway will be unset"
            raise RouterGatewayNotValid(router_id=router["id"], reason=reason)
        return 0
    able = _leads_to_ipv6(ctx, router["gw_port_id"])
    if wanted and not able:
        reason = (
            "The router has no external gateway or the external gateway port has no IPv6 address "
            "or IPv6 address scope"
        )
        raise RouterGatewayNotValid(router_id=router["id"], reason=reason)
    return int(able if wanted is None else wanted)


def _leads_to_ipv6(ctx: Context, port_id: str | None) -> bool:
    if port_id is None:
        return False
    scope = networks.ipv6_scope(ctx, queries.gateway_network(ctx, port_id))
    return scope is not None and any(
        ":" in each["ip_address"] for each in ipam.of_port(ctx, port_id)
    )


def _truth(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).lower() in ("1", "t", "true", "yes")


def _check(ctx: Context, network: Row, wished: Sequence[Mapping[str, str]]) -> None:
    if not network["router_external"]:
        raise BadRequest(
            resource="router", msg=f"Network {network['id']} is not an external network"
        )
    gateways = {subnet["gateway_ip"] for subnet in ipam.subnets_on(ctx, network["id"])}
    for wish in wished:
        if wish.get("ip_address") in gateways:
            raise BadRequest(
                resource="router",
                msg=f"External IP {wish['ip_address']} is the same as the gateway IP",
            )


def _clear(ctx: Context, router: Mapping[str, Any], port: Row) -> None:
    if queries.floating_ips_through(ctx, router["id"]):
        raise RouterExternalGatewayInUseByFloatingIp(
            router_id=router["id"], net_id=port["network_id"]
        )
    if _proxies(ctx, router["id"]):
        raise RouterGatewayInUseByNDPProxy(router_id=router["id"])
    port_operations.remove(ctx, port)


def _plug(ctx: Context, router: Mapping[str, Any], network: Row, wished: Any) -> str:
    """Make the gateway's port; it belongs to no project."""
    subnets = ipam.subnets_on(ctx, network["id"])
    if not subnets and wished:
        raise InvalidInput(error_message="IP allocation requires subnet_id or ip_address")
    for each in queries.attachments(ctx, router["id"]):
        for subnet in subnets:
            refuse_overlap(each, subnet)
    values = values_of_port(
        network["id"], router["id"], queries.GATEWAY, wished if wished else NOT_SPECIFIED
    )
    return ports.create(ctx.as_emulator(), values)


def refuse_overlap(attached: Row, subnet: Row) -> None:
    """Refuse a subnet whose addresses a router already has on another side."""
    if attached["subnet_id"] == subnet["id"]:
        raise BadRequest(
            resource="router", msg=f"Router already has a port on subnet {subnet['id']}"
        )
    if ipam.PROVISIONAL in (attached["cidr"], subnet["cidr"]):
        return
    one, other = ipaddress.ip_network(attached["cidr"]), ipaddress.ip_network(subnet["cidr"])
    if one.version == other.version and one.overlaps(other):
        raise BadRequest(
            resource="router",
            msg=f"Cidr {subnet['cidr']} of subnet {subnet['id']} overlaps with cidr"
            f" {attached['cidr']} of subnet {attached['subnet_id']}",
        )


def values_of_port(
    network_id: str, device_id: str, owner: str, fixed_ips: Any, project_id: str = ""
) -> Values:
    """Return what a port of the cloud's own is made from."""
    return {
        "project_id": project_id,
        "name": "",
        "network_id": network_id,
        "admin_state_up": True,
        "mac_address": NOT_SPECIFIED,
        "fixed_ips": fixed_ips,
        "device_id": device_id,
        "device_owner": owner,
        "status": "N/A" if owner in NOT_PLUGGED else "ACTIVE",
        "allowed_address_pairs": NOT_SPECIFIED,
        "extra_dhcp_opts": None,
        "binding:vnic_type": "normal",
        "binding:host_id": NOT_SPECIFIED,
        "binding:profile": NOT_SPECIFIED,
        "port_security_enabled": False,
        "qos_policy_id": None,
        "propagate_uplink_status": True,
        "dns_name": "",
        "dns_domain": "",
        "device_profile": None,
        "numa_affinity_policy": None,
        "trusted": NOT_SPECIFIED,
        "security_groups": NOT_SPECIFIED,
        "description": "",
        "tags": [],
    }
