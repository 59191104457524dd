"""How many addresses networks have, and how many of them are taken."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from orjson import Fragment

from emulator.network.attributes import FILTER, HIDDEN, SORT, attr, attributes
from emulator.network.errors import NetworkNotFound
from emulator.network.listing import Pages
from emulator.network.ports.queries import marks
from emulator.network.resource import Item, Resource, Row, Where
from emulator.network.standard import parsed
from emulator.wire.request import Context

# Schemas

ATTRIBUTES = attributes(
    attr("network_id", FILTER | SORT),
    attr("network_name", FILTER),
    attr("tenant_id", FILTER),
    attr("total_ips", 0),
    attr("used_ips", 0),
    attr("subnet_ip_availability", 0),
    attr("ip_version", HIDDEN | FILTER),
    attr("ip_availability_details", 0),
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return networks with their counts: one query for subnets, one for addresses."""
    own: dict[str, list[Item]] = defaultdict(list)
    subnets = _subnets(ctx, [row["id"] for row in rows])
    taken = _taken(ctx, [row["id"] for row in subnets])
    versions = ctx.query.get("ip_version")
    for subnet in subnets:
        if versions is None or str(subnet["ip_version"]) in versions:
            own[subnet["network_id"]].append(_subnet(subnet, taken.get(subnet["id"], ())))
    return [
        {
            "network_id": row["id"],
            "network_name": row["name"],
            "project_id": row["project_id"],
            "tenant_id": row["project_id"],
            "subnet_ip_availability": _shown(own[row["id"]]),
            **_shown(_sum(own[row["id"]])),
        }
        for row in rows
    ]


def _subnet(row: Row, taken: Sequence[str]) -> Item:
    pools = [
        (_number(pool["start"]), _number(pool["end"])) for pool in parsed(row["allocation_pools"])
    ]
    network = ipaddress.ip_network(row["cidr"])
    in_pools = sum(high - low + 1 for low, high in pools)
    used_in_pools = sum(
        any(low <= _number(address) <= high for low, high in pools) for address in taken
    )
    whole = network.num_addresses - (2 if network.version == 4 else 0)
    return {
        "subnet_id": row["id"],
        "ip_version": row["ip_version"],
        "cidr": row["cidr"],
        "subnet_name": row["name"],
        "used_ips": len(taken),
        "total_ips": in_pools,
        "ip_availability_details": {
            "total_ips_in_subnet": whole,
            "total_ips_in_allocation_pool": in_pools,
            "used_ips_in_subnet": len(taken),
            "used_ips_in_allocation_pool": used_in_pools,
        },
    }


def _shown(value: Any) -> Any:
    """Return counts as JSON takes them: version 6 has more addresses than 64 bits count."""
    if isinstance(value, dict):
        return {name: _shown(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_shown(each) for each in value]
    return Fragment(str(value)) if isinstance(value, int) and value >= 2**63 else value


def _number(address: str) -> int:
    return int(ipaddress.ip_address(address))


def _sum(subnets: Sequence[Item]) -> Item:
    names = (
        "total_ips_in_subnet", "total_ips_in_allocation_pool", "used_ips_in_subnet",
        "used_ips_in_allocation_pool",
    )  # fmt: skip
    return {
        "used_ips": sum(each["used_ips"] for each in subnets),
        "total_ips": sum(each["total_ips"] for each in subnets),
        "ip_availability_details": {
            name: sum(each["ip_availability_details"][name] for each in subnets) for name in names
        },
    }


# Queries


def _subnets(ctx: Context, network_ids: Sequence[str]) -> list[Row]:
    return ctx.db.all(
        f"SELECT * FROM network_subnets WHERE network_id IN ({marks(network_ids)})"
        " ORDER BY created_at, rowid",
        list(network_ids),
    )


def _taken(ctx: Context, subnet_ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in ctx.db.all(
        "SELECT subnet_id, ip_address FROM network_ip_allocations"
        f" WHERE subnet_id IN ({marks(subnet_ids)})",
        list(subnet_ids),
    ):
        found[row["subnet_id"]].append(row["ip_address"])
    return found


def _by_version(ctx: Context, values: Sequence[int]) -> Where:
    return (
        "EXISTS (SELECT 1 FROM network_subnets AS s WHERE s.network_id = network_networks.id"
        f" AND s.ip_version IN ({marks(values)}))",
        list(values),
    )


def missing(network_id: str) -> Any:
    """Return what is raised for an id that no network has."""
    return NetworkNotFound(net_id=network_id)


NETWORK_IP_AVAILABILITY = Resource(
    member="network_ip_availability",
    collection="network_ip_availabilities",
    path="/network-ip-availabilities",
    table="network_networks",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    renamed={"network_id": "id", "network_name": "name"},
    filters={"ip_version": _by_version},
    facts_differ_by=("project_id",),
    pages=Pages.EMULATED,
)
