"""Subnets: the address ranges of networks."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import (
    converters,
    dhcp,
    ipam,
    networks,
    sharing,
    subnet_checks,
    subnet_pools,
    validators,
)
from emulator.network.attributes import (
    ENFORCE,
    FILTER,
    HIDDEN,
    NEUTRON_TIMES,
    NOT_SPECIFIED,
    POST,
    PUT,
    SORT,
    TAG_FILTERS,
    Values,
    attr,
    attributes,
    given,
    is_set,
)
from emulator.network.errors import (
    BadRequest,
    GatewayIpInUse,
    InvalidInput,
    IpamValueInvalid,
    SegmentNotFound,
    SubnetInUse,
    SubnetNotFound,
    SubnetsNotAllAssociatedWithSegments,
)
from emulator.network.networks import AUTOMATIC_OWNERS
from emulator.network.resource import Item, Resource, Row, Where
from emulator.network.standard import bump, change, changes_in, fresh, json_text, parsed, raw, times
from emulator.wire.request import Context

IPV6_MODES = ("dhcpv6-stateful", "dhcpv6-stateless", "slaac", None)

# Schemas

ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("name", POST | PUT | FILTER | SORT, default="", check=validators.name()),
    attr("ip_version", POST | FILTER | SORT, to=converters.integer, check=validators.one_of(4, 6)),
    attr("network_id", POST | FILTER | SORT, check=validators.uuid),
    attr(
        "subnetpool_id",
        POST | FILTER | SORT,
        default=NOT_SPECIFIED,
        check=validators.subnetpool_or_none,
    ),
    attr(
        "prefixlen",
        POST | HIDDEN,
        default=NOT_SPECIFIED,
        to=converters.integer,
        check=validators.non_negative,
    ),
    attr(
        "cidr",
        POST | FILTER | SORT,
        default=NOT_SPECIFIED,
        to=converters.cidr,
        check=validators.subnet_or_none,
    ),
    attr(
        "gateway_ip",
        POST | PUT | FILTER | SORT,
        default=NOT_SPECIFIED,
        to=converters.address,
        check=validators.ip_or_none,
    ),
    attr(
        "allocation_pools",
        POST | PUT,
        default=NOT_SPECIFIED,
        to=converters.pools,
        check=validators.ip_pools,
    ),
    attr(
        "dns_nameservers",
        POST | PUT,
        default=NOT_SPECIFIED,
        to=converters.empty_list,
        check=validators.nameservers,
    ),
    attr(
        "host_routes",
        POST | PUT,
        default=NOT_SPECIFIED,
        to=converters.empty_list,
        check=validators.host_routes,
    ),
    attr("tenant_id", POST | FILTER | SORT, check=validators.string(255)),
    attr("enable_dhcp", POST | PUT | FILTER | SORT, default=True, to=converters.boolean),
    attr(
        "ipv6_ra_mode",
        POST | FILTER | SORT,
        default=NOT_SPECIFIED,
        check=validators.one_of(*IPV6_MODES),
    ),
    attr(
        "ipv6_address_mode",
        POST | FILTER | SORT,
        default=NOT_SPECIFIED,
        check=validators.one_of(*IPV6_MODES),
    ),
    attr("shared", HIDDEN | FILTER | ENFORCE, default=False, to=converters.boolean),
    attr("router:external", FILTER | ENFORCE, default=False, to=converters.boolean),
    attr("service_types", POST | PUT, default=NOT_SPECIFIED, check=validators.service_types),
    attr("use_default_subnetpool", POST | HIDDEN, default=False, to=converters.boolean),
    attr("description", POST | PUT | FILTER, default="", check=validators.string(255)),
    attr("segment_id", POST | PUT | FILTER | SORT, default=None, check=validators.uuid_or_none),
    *NEUTRON_TIMES,
    *TAG_FILTERS,
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return subnets as items."""
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "tenant_id": row["project_id"],
            "project_id": row["project_id"],
            "network_id": row["network_id"],
            "ip_version": row["ip_version"],
            "subnetpool_id": row["subnetpool_id"],
            "enable_dhcp": bool(row["enable_dhcp"]),
            "ipv6_ra_mode": row["ipv6_ra_mode"],
            "ipv6_address_mode": row["ipv6_address_mode"],
            "gateway_ip": row["gateway_ip"],
            "cidr": row["cidr"],
            "allocation_pools": raw(row["allocation_pools"]),
            "host_routes": raw(row["host_routes"]),
            "dns_nameservers": raw(row["dns_nameservers"]),
            "description": row["description"],
            "router:external": bool(row["network_external"]),
            "service_types": raw(row["service_types"]),
            "segment_id": row["segment_id"],
            "tags": raw(row["tags"]),
            **times(row),
        }
        for row in rows
    ]


def facts(ctx: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what policy is told of the subnet's network."""
    network = networks.facts(ctx, values.get("network_id"))
    return {**network, "router:external": network.get("router:external", False)}


# Queries


NETWORK_COLUMNS = (
    "(SELECT router_external FROM network_networks AS nets"
    " WHERE nets.id = network_subnets.network_id) AS network_external"
)


def sees(ctx: Context) -> Where:
    """Return what a project sees: its own subnets and those on networks that it may use."""
    return (
        "network_subnets.project_id = ? OR network_subnets.network_id IN"
        " (SELECT id FROM network_networks WHERE project_id = ? UNION SELECT object_id"
        " FROM network_rbac_policies WHERE target_tenant IN ('*', ?) AND object_type = 'network')",
        [ctx.project_id] * 3,
    )


def on_shared_networks(ctx: Context, values: Sequence[bool]) -> Where:
    """Return the filter `shared=`."""
    text, wanted = sharing.is_shared("nets")(ctx, list(values))
    return (
        f"EXISTS (SELECT 1 FROM network_networks AS nets WHERE nets.id = {{table}}.network_id"
        f" AND ({text}))",
        wanted,
    )


def on_external_networks(ctx: Context, values: Sequence[bool]) -> Where:
    """Return the filter `router:external=`."""
    marks = ", ".join("?" * len(values))
    return (
        "network_subnets.network_id IN (SELECT id FROM network_networks"
        f" WHERE router_external IN ({marks}))",
        [int(value) for value in values],
    )


def users_of(ctx: Context, subnet_id: str) -> list[Row]:
    """Return the ports with an address of a subnet: id and owner."""
    return ctx.db.all(
        "SELECT p.id, p.device_owner, p.device_id, a.ip_address FROM network_ip_allocations AS a"
        " JOIN network_ports AS p ON p.id = a.port_id WHERE a.subnet_id = ?",
        (subnet_id,),
    )


def _ports_that_derive(ctx: Context, network_id: str) -> list[Row]:
    marks = ", ".join("?" * len(ipam.ROUTER_OWNERS))
    return ctx.db.all(
        "SELECT id, network_id, mac_address FROM network_ports WHERE network_id = ?"
        f" AND device_owner NOT IN ({marks}) AND ip_allocation != 'none'",
        (network_id, *ipam.ROUTER_OWNERS),
    )


# Operations


def create(ctx: Context, values: Values) -> str:
    """Create a subnet, its prefix named or taken from a pool; return its id."""
    subnet_checks.check_request(values)
    pool_id = subnet_pools.chosen_pool(ctx, values)
    cidr = given(values, "cidr")
    if cidr is not None:
        cidr = str(ipaddress.ip_interface(cidr).network)
        values["cidr"] = cidr
    if pool_id is None and cidr is None:
        raise BadRequest(
            resource="subnets", msg="a subnetpool must be specified in the absence of a cidr"
        )
    delegated = pool_id == ipam.DELEGATED
    if not delegated:
        subnet_checks.check(values)
    network = networks.visible(ctx, values["network_id"])
    networks.check_mtu(network["id"], network["mtu"], [values["ip_version"]])
    if delegated:
        subnet_pools.check_delegation_affinity(ctx, network)
        cidr = ipam.PROVISIONAL
    elif pool_id is not None:
        cidr = subnet_pools.allocate(ctx, pool_id, network, values)
    else:
        subnet_pools.check_affinity(ctx, network, None, values["ip_version"])
    _check_overlap(ctx, network["id"], cidr)
    if values["segment_id"] and ctx.db.get("network_segments", values["segment_id"]) is None:
        raise SegmentNotFound(segment_id=values["segment_id"])
    gateway = _gateway(values, cidr)
    pools = given(values, "allocation_pools")
    if not pools:
        pools = ipam.whole_pools(cidr, gateway)
    else:
        ipam.check_pools(pools, cidr)
        subnet_checks.keep_gateway_out(gateway, pools)
    row = {
        **fresh(ctx, values),
        "name": values["name"],
        "network_id": network["id"],
        "ip_version": values["ip_version"],
        "cidr": cidr,
        "gateway_ip": gateway,
        "enable_dhcp": int(values["enable_dhcp"]),
        "ipv6_ra_mode": given(values, "ipv6_ra_mode"),
        "ipv6_address_mode": given(values, "ipv6_address_mode"),
        "allocation_pools": json_text(pools),
        "dns_nameservers": json_text(given(values, "dns_nameservers", [])),
        "host_routes": json_text(given(values, "host_routes", [])),
        "service_types": json_text(given(values, "service_types", []) or []),
        "subnetpool_id": pool_id,
        "segment_id": values["segment_id"],
    }
    ctx.db.insert("network_subnets", row)
    bump(ctx, "network_networks", network["id"])
    _address_ports(ctx, row)
    dhcp.serve(ctx, network["id"])
    subnet_id: str = row["id"]
    return subnet_id


def _gateway(values: Values, cidr: str) -> str | None:
    gateway = values["gateway_ip"]
    if gateway is not NOT_SPECIFIED:
        return None if gateway is None else str(gateway)
    found = ipam.first_host(cidr)
    if ipaddress.ip_network(cidr).prefixlen == 31:
        raise IpamValueInvalid(
            message_text=f"Gateway IP {found} cannot be the network or broadcast IP address {cidr}"
        )
    return found


def _check_overlap(ctx: Context, network_id: str, cidr: str) -> None:
    wanted = ipaddress.ip_network(cidr)
    if wanted.prefixlen == 0:
        raise InvalidInput(error_message="0 is not allowed as CIDR prefix length")
    for other in ipam.subnets_on(ctx, network_id):
        if other["cidr"] != ipam.PROVISIONAL and ipaddress.ip_network(other["cidr"]).overlaps(
            wanted
        ):
            raise InvalidInput(
                error_message=f"Requested subnet with cidr: {cidr} for network: {network_id}"
                " overlaps with another subnet"
            )


def _address_ports(ctx: Context, row: Row) -> None:
    """Give the ports that are there already the addresses that derive from their MACs."""
    if not ipam.is_automatic(row):
        return
    for port in _ports_that_derive(ctx, row["network_id"]):
        address = ipam.derived(row["cidr"], port["mac_address"])
        ipam.keep(ctx, port, [{"subnet_id": row["id"], "ip_address": address}])
        bump(ctx, "network_ports", port["id"])


def update(ctx: Context, row: Row, values: Values) -> None:
    """Change a subnet; its prefix stays what it is."""
    if values.get("segment_id") and values["segment_id"] != row["segment_id"]:
        raise SubnetsNotAllAssociatedWithSegments(network_id=row["network_id"])
    whole = {
        **values,
        "ip_version": row["ip_version"],
        "cidr": row["cidr"],
        "subnetpool_id": row["subnetpool_id"],
    }
    subnet_checks.check(whole, row)
    delegated = row["subnetpool_id"] == ipam.DELEGATED
    if not delegated and "gateway_ip" in values and values["gateway_ip"] != row["gateway_ip"]:
        for user in users_of(ctx, row["id"]):
            if user["ip_address"] == row["gateway_ip"] and (
                user["device_owner"] in ipam.ROUTER_OWNERS
            ):
                raise GatewayIpInUse(ip_address=row["gateway_ip"], port_id=user["id"])
    pools = given(values, "allocation_pools")
    if pools is not None:
        ipam.check_pools(pools, row["cidr"])
    gateway = values.get("gateway_ip", row["gateway_ip"])
    if pools is not None or gateway != row["gateway_ip"]:
        kept = parsed(row["allocation_pools"]) if pools is None else pools
        subnet_checks.keep_gateway_out(gateway, kept)
    wanted: Values = {
        name: values[name]
        for name in ("name", "description", "gateway_ip", "segment_id")
        if name in values
    }
    beside: Values = {  # in tables of their own, so that the subnet gets no new revision
        name: json_text(values[name])
        for name in ("allocation_pools", "dns_nameservers", "host_routes", "service_types")
        if is_set(values.get(name))
    }
    if "enable_dhcp" in values:
        wanted["enable_dhcp"] = int(values["enable_dhcp"])
    if changes := changes_in(row, beside):
        ctx.db.update("network_subnets", row["id"], **changes)
    if change(ctx, "network_subnets", row, wanted) and changes_in(row, wanted).keys() - {
        "description"
    }:
        bump(ctx, "network_networks", row["network_id"])
    if "enable_dhcp" in wanted:
        dhcp.serve(ctx, row["network_id"])


def delete(ctx: Context, row: Row) -> None:
    """Remove a subnet. SubnetInUse while a port has an address of it that it did not derive."""
    users = users_of(ctx, row["id"])
    for user in users:
        if user["device_owner"] in AUTOMATIC_OWNERS:
            continue
        if user["device_owner"] in ipam.ROUTER_OWNERS or not ipam.is_automatic(row):
            raise SubnetInUse(
                subnet_id=row["id"],
                reason="One or more ports have an IP allocation from this subnet",
            )
    ctx.db.delete("network_ip_allocations", row["id"], "subnet_id")
    for user in users:
        bump(ctx, "network_ports", user["id"])
    ctx.db.delete("network_subnets", row["id"])
    bump(ctx, "network_networks", row["network_id"])
    dhcp.serve(ctx, row["network_id"])


def missing(subnet_id: str) -> Any:
    """Return what is raised for an id that no subnet has."""
    return SubnetNotFound(subnet_id=subnet_id)


SUBNET = Resource(
    member="subnet",
    collection="subnets",
    path="/subnets",
    table="network_subnets",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    sees=sees,
    columns=NETWORK_COLUMNS,
    filters={"shared": on_shared_networks, "router:external": on_external_networks},
    blank_fields=True,
    facts=facts,
    facts_differ_by=("project_id", "network_id"),
)
