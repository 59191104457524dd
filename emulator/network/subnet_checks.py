"""Subnets: what does not go together is refused (neutron 29.0.0, db_base_plugin_v2)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from emulator.network import ipam
from emulator.network.attributes import Values, given, is_set
from emulator.network.errors import (
    BadRequest,
    DNSNameServersExhausted,
    GatewayConflictWithAllocationPools,
    HostRoutesExhausted,
    InvalidInput,
)

Row = Any
NAMESERVERS_MAX = 5
HOST_ROUTES_MAX = 20


def check_request(values: Values) -> None:
    """Refuse a prefix and a length at once."""
    if is_set(values["cidr"]) and is_set(values["prefixlen"]):
        raise BadRequest(resource="subnets", msg="cidr and prefixlen must not be supplied together")


def check(values: Values, before: Row | None = None) -> None:
    """Refuse a new subnet, or the change of one, that cannot be."""
    version = values["ip_version"]
    cidr = given(values, "cidr")
    network = None
    if cidr is not None:
        _check_version(version, cidr, "cidr")
        network = ipaddress.ip_network(cidr)
        delegated = values.get("subnetpool_id") == ipam.DELEGATED
        if version == 6 and int(network.network_address) == 0 and not delegated:
            raise InvalidInput(error_message="IPv6 subnet '::' is not supported")
    if network is not None and values.get("enable_dhcp") and not (before and before["enable_dhcp"]):
        _check_dhcp(network)
    gateway = given(values, "gateway_ip")
    if gateway:
        _check_version(version, gateway, "gateway_ip")
        if network is not None:
            _check_gateway(network, gateway)
    servers, routes = given(values, "dns_nameservers", []), given(values, "host_routes", [])
    owner = before["id"] if before else "new subnet"
    if len(servers) > NAMESERVERS_MAX:
        raise DNSNameServersExhausted(subnet_id=owner, quota=NAMESERVERS_MAX)
    for server in servers:
        _check_version(version, server, "dns_nameserver")
    if len(routes) > HOST_ROUTES_MAX:
        raise HostRoutesExhausted(subnet_id=owner, quota=HOST_ROUTES_MAX)
    for route in routes:
        _check_version(version, route["destination"], "destination")
        _check_version(version, route["nexthop"], "nexthop")
    _check_ipv6_modes(values, before)


def _check_version(version: int, text: str, name: str) -> None:
    if ipaddress.ip_interface(text).version != version:
        raise InvalidInput(
            error_message=f"{name} '{text}' does not match the ip_version '{version}'"
        )


def _check_dhcp(network: Any) -> None:
    if network.prefixlen > (30 if network.version == 4 else 126):
        reason = "Subnet has a prefix length that is incompatible with DHCP service enabled"
    elif network.is_multicast:
        reason = "Multicast IP subnet is not supported if enable_dhcp is True"
    elif network.is_loopback:
        reason = "Loopback IP subnet is not supported if enable_dhcp is True"
    elif network.version == 4 and int(network.network_address) == 0:
        reason = "First IP '0.0.0.0' of network is not supported if enable_dhcp is True."
    else:
        return
    raise InvalidInput(error_message=reason)


def _check_gateway(network: Any, gateway: str) -> None:
    """A version 4 gateway is neither the network's nor the broadcast address of its subnet."""
    address = ipaddress.ip_address(gateway)
    ends = (network.network_address, network.broadcast_address)
    if network.version == 4 and network.prefixlen <= 30 and address in ends:
        raise InvalidInput(error_message="Gateway is not valid on subnet")


def _check_ipv6_modes(values: Values, before: Row | None) -> None:
    ra_mode, mode = given(values, "ipv6_ra_mode"), given(values, "ipv6_address_mode")
    if values["ip_version"] == 4:
        for name, value in (("ipv6_ra_mode", ra_mode), ("ipv6_address_mode", mode)):
            if value is not None:
                raise InvalidInput(error_message=f"{name} is not valid when ip_version is 4")
        return
    if before is not None:
        if not values.get("enable_dhcp", True) and (
            before["ipv6_ra_mode"] or before["ipv6_address_mode"]
        ):
            raise InvalidInput(error_message="Cannot disable enable_dhcp with ipv6 attributes set")
        return
    if (ra_mode or mode) and not values["enable_dhcp"]:
        raise InvalidInput(
            error_message="ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is"
            " set to False"
        )
    if ra_mode and mode and ra_mode != mode:
        raise InvalidInput(
            error_message=f"ipv6_ra_mode set to '{ra_mode}' with ipv6_address_mode set to"
            f" '{mode}' is not valid. If both attributes are set, they must be the same value"
        )
    cidr = given(values, "cidr")
    if cidr and mode in ipam.AUTOMATIC_MODES and ipaddress.ip_network(cidr).prefixlen != 64:
        raise InvalidInput(
            error_message=f"Invalid CIDR {cidr} for IPv6 address mode. OpenStack uses the EUI-64"
            " address format, which requires the prefix to be /64"
        )


def keep_gateway_out(gateway: str | None, pools: Sequence[ipam.Pool]) -> None:
    """Refuse pools that would give the gateway's address away."""
    if gateway is not None:
        pool = ipam.pool_of(gateway, pools)
        if pool is not None:
            raise GatewayConflictWithAllocationPools(
                pool=f"{pool['start']}-{pool['end']}", ip_address=gateway
            )
