"""Addresses: the pools of subnets, what ports get from them, and what derives from MACs."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import lru_cache
from typing import Any

from emulator.errors import EmulatorError
from emulator.network.attributes import NOT_SPECIFIED
from emulator.network.errors import (
    AllocationOnAutoAddressSubnet,
    InvalidAllocationPool,
    InvalidInput,
    InvalidIpForNetwork,
    InvalidIpForSubnet,
    IpAddressAlreadyAllocated,
    IpAddressGenerationFailure,
    OutOfBoundsAllocationPool,
    OverlappingAllocationPools,
    SubnetNotFound,
)
from emulator.network.standard import parsed
from emulator.wire.request import Context

Pool = dict[str, str]
Row = Mapping[str, Any]
FixedIp = dict[str, str]
GivenOut = Set[tuple[str, str]]
"""(subnet, address) and (network, MAC) of ports that are made but not stored yet."""

NOTHING: GivenOut = frozenset()
ROUTER_OWNERS = (
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
)
AUTOMATIC_MODES = ("slaac", "dhcpv6-stateless")
DELEGATED = "prefix_delegation"  # the pool of subnets whose prefix the provider is to give
PROVISIONAL = "::/64"  # their prefix until it does
RANDOM_TRIES = 8  # guesses before the free addresses of a pool are counted
DRAWN_FROM_MAX = 65536  # the first addresses of a pool, drawn from before all of it is
FREE_LOOK_MAX = 4096  # addresses of a pool that are looked at one by one

# Pools


def whole_pools(cidr: str, gateway: str | None) -> list[Pool]:
    """Return the pools of a subnet that names none: every host address but the gateway."""
    network = ipaddress.ip_network(cidr)
    first, last = _hosts(network)
    if first > last:
        return []
    kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
    spans = [(first, last)]
    if gateway is not None:
        hole = int(ipaddress.ip_address(gateway))
        if first <= hole <= last:
            spans = [(first, hole - 1), (hole + 1, last)]
    return [{"start": str(kind(a)), "end": str(kind(b))} for a, b in spans if a <= b]


def _hosts(network: Any) -> tuple[int, int]:
    """Return the first and the last host address of a network."""
    first, last = int(network.network_address), int(network.broadcast_address)
    if network.version == 4:
        return (first + 1, last - 1) if network.prefixlen <= 30 else (first, last)
    return (first + 1, last) if network.prefixlen < 127 else (first, last)


def first_host(cidr: str) -> str:
    """Return the gateway of a subnet that names none: of version 6 it is the anycast address."""
    network = ipaddress.ip_network(cidr)
    return str(network.network_address + (1 if network.version == 4 else 0))


def check_pools(pools: Sequence[Pool], cidr: str) -> None:
    """Refuse pools that are no ranges, leave the subnet or overlap."""
    network = ipaddress.ip_network(cidr)
    first, last = _hosts(network)
    spans: list[tuple[int, int, Pool]] = []
    for pool in pools:
        start, end = ipaddress.ip_address(pool["start"]), ipaddress.ip_address(pool["end"])
        if start.version != end.version or int(start) > int(end):
            raise InvalidAllocationPool(pool=pool)
        if start.version != network.version:
            raise InvalidAllocationPool(pool=_dashed(pool))
        if int(start) < first or int(end) > last:
            raise OutOfBoundsAllocationPool(pool=_dashed(pool), subnet_cidr=cidr)
        for low, high, other in spans:
            if int(start) <= high and low <= int(end):
                raise OverlappingAllocationPools(
                    pool_1=_dashed(other), pool_2=_dashed(pool), subnet_cidr=cidr
                )
        spans.append((int(start), int(end), pool))


def _dashed(pool: Pool) -> str:
    return f"{pool['start']}-{pool['end']}"


def pool_of(address: str, pools: Iterable[Pool]) -> Pool | None:
    """Return the pool that an address lies in."""
    number = int(ipaddress.ip_address(address))
    for pool in pools:
        if _number(pool["start"]) <= number <= _number(pool["end"]):
            return pool
    return None


def _number(address: str) -> int:
    return int(ipaddress.ip_address(address))


# Derived addresses


def is_automatic(subnet: Row) -> bool:
    """Say whether hosts on a subnet make their own addresses from their MACs."""
    return subnet["ipv6_address_mode"] in AUTOMATIC_MODES


def derived(cidr: str, mac: str) -> str:
    """Return the modified EUI-64 address of a MAC on a /64."""
    octets = [int(each, 16) for each in mac.split(":")]
    octets[0] ^= 2
    tail = bytes([*octets[:3], 0xFF, 0xFE, *octets[3:]])
    base = int(ipaddress.ip_network(cidr).network_address)
    return str(ipaddress.IPv6Address(base | int.from_bytes(tail, "big")))


# Queries


def subnets_on(ctx: Context, network_id: str) -> list[Any]:
    """Return the subnets of a network, oldest first."""
    return ctx.db.all(
        "SELECT * FROM network_subnets WHERE network_id = ? ORDER BY created_at, rowid",
        (network_id,),
    )


def is_taken(ctx: Context, subnet_id: str, address: str) -> bool:
    """Say whether an address of a subnet is given to a port."""
    return bool(
        ctx.db.value(
            "SELECT 1 FROM network_ip_allocations WHERE subnet_id = ? AND ip_address = ?",
            (subnet_id, address),
        )
    )


def taken_on(ctx: Context, subnet_id: str) -> list[str]:
    """Return every address of a subnet that is given to a port."""
    rows = ctx.db.all(
        "SELECT ip_address FROM network_ip_allocations WHERE subnet_id = ?", (subnet_id,)
    )
    return [row["ip_address"] for row in rows]


def keep(ctx: Context, port: Row, addresses: Sequence[FixedIp]) -> None:
    """Store the addresses of a port."""
    keep_all(ctx, [(port, addresses)])


def keep_all(ctx: Context, ports: Iterable[tuple[Row, Sequence[FixedIp]]]) -> None:
    """Store the addresses of many ports."""
    ctx.db.connection.executemany(
        "INSERT INTO network_ip_allocations (port_id, subnet_id, network_id, ip_address)"
        " VALUES (?, ?, ?, ?)",
        [
            (port["id"], each["subnet_id"], port["network_id"], each["ip_address"])
            for port, addresses in ports
            for each in addresses
        ],
    )


def drop(ctx: Context, port_id: str, address: FixedIp) -> None:
    """Take one address from a port."""
    ctx.db.execute(
        "DELETE FROM network_ip_allocations WHERE port_id = ? AND subnet_id = ? AND ip_address = ?",
        (port_id, address["subnet_id"], address["ip_address"]),
    )


def of_port(ctx: Context, port_id: str) -> list[FixedIp]:
    """Return the addresses of a port."""
    rows = ctx.db.all(
        "SELECT subnet_id, ip_address FROM network_ip_allocations WHERE port_id = ?"
        " ORDER BY ip_address, subnet_id",
        (port_id,),
    )
    return [{"subnet_id": row["subnet_id"], "ip_address": row["ip_address"]} for row in rows]


# Choosing


@lru_cache(maxsize=256)
def _spans(pools: str) -> tuple[tuple[int, int, Any], ...]:
    """Of each pool in a JSON column the first address as a number, the size, the kind."""
    spans = []
    for pool in parsed(pools):
        start = ipaddress.ip_address(pool["start"])
        spans.append((int(start), _number(pool["end"]) - int(start) + 1, type(start)))
    return tuple(spans)


def draw(ctx: Context, subnet: Row, given_out: GivenOut = NOTHING) -> str | None:
    """Return a free address of a subnet's pools, picked by chance; None when all are taken."""
    subnet_id = subnet["id"]
    for low, size, kind in _spans(subnet["allocation_pools"]):
        for guess in range(2 * RANDOM_TRIES):
            range_size = size if guess >= RANDOM_TRIES else min(size, DRAWN_FROM_MAX)
            number = low + int.from_bytes(ctx.ids.octets(8), "big") % range_size
            address = str(kind(number))
            if (subnet_id, address) not in given_out and not is_taken(ctx, subnet_id, address):
                return address
        taken = {_number(each) for each in taken_on(ctx, subnet_id)}
        taken |= {_number(each) for where, each in given_out if where == subnet_id}
        free = [low + at for at in range(min(size, FREE_LOOK_MAX + len(taken)))]
        free = [number for number in free if number not in taken]
        if free:
            pick = int.from_bytes(ctx.ids.octets(8), "big") % len(free)
            return str(kind(free[pick]))
    return None


def lowest(ctx: Context, subnet: Row) -> str | None:
    """Return the first free address of a subnet's pools; None when all are taken."""
    taken = {_number(each) for each in taken_on(ctx, subnet["id"])}
    for pool in parsed(subnet["allocation_pools"]):
        start = ipaddress.ip_address(pool["start"])
        for number in range(int(start), _number(pool["end"]) + 1):
            if number not in taken:
                return str(type(start)(number))
    return None


def choose(
    ctx: Context,
    network_id: str,
    mac: str,
    wanted: Any,
    subnets: Sequence[Row],
    owner: str = "",
    *,
    before: Sequence[FixedIp] = (),
    given_out: GivenOut = NOTHING,
) -> list[FixedIp]:
    """Return the addresses of a port, not stored yet.

    Without a wish it gets one of version 4, one of version 6 where hosts ask for theirs, and all
    that derive from its MAC. `before` are those it has already: they are kept where they are
    wished for again. `subnets` are those of the network that serve the owner; `given_out` is heeded
    where no address is wished for.
    """
    router = owner in ROUTER_OWNERS
    if wanted is NOT_SPECIFIED:
        chosen = _by_chance(ctx, subnets, network_id, given_out)
    else:
        chosen = _granted(ctx, network_id, mac, wanted, subnets, before, router=router)
    if not router:
        have = {each["subnet_id"] for each in chosen}
        for subnet in subnets:
            if is_automatic(subnet) and subnet["id"] not in have:
                address = derived(subnet["cidr"], mac)
                chosen.append({"subnet_id": subnet["id"], "ip_address": address})
    return chosen


def _by_chance(
    ctx: Context, subnets: Sequence[Row], network_id: str, given_out: GivenOut
) -> list[FixedIp]:
    chosen = []
    for version in (4, 6):
        group = [s for s in subnets if s["ip_version"] == version and not is_automatic(s)]
        if group:
            chosen.append(_one_of(ctx, group, network_id, given_out))
    return chosen


def serving(ctx: Context, network_id: str, owner: str) -> list[Row]:
    """Return the subnets of a network that ports of an owner get addresses of."""
    return [each for each in subnets_on(ctx, network_id) if _serves(each, owner)]


def _serves(subnet: Row, owner: str) -> bool:
    """Say whether ports of an owner get addresses of a subnet."""
    kinds = parsed(subnet["service_types"])
    return not kinds or any(owner.startswith(kind) for kind in kinds)


def _one_of(
    ctx: Context, subnets: Sequence[Row], network_id: str, given_out: GivenOut = NOTHING
) -> FixedIp:
    for subnet in subnets:
        address = draw(ctx, subnet, given_out)
        if address is not None:
            return {"subnet_id": subnet["id"], "ip_address": address}
    raise IpAddressGenerationFailure(net_id=network_id)


def _granted(
    ctx: Context,
    network_id: str,
    mac: str,
    wanted: Sequence[Mapping[str, Any]],
    subnets: Sequence[Row],
    before: Sequence[FixedIp],
    *,
    router: bool,
) -> list[FixedIp]:
    """Return what was wished for: named addresses first, as they could be drawn by chance."""
    by_id = {each["id"]: each for each in subnets}
    old = {each["ip_address"]: each for each in before}
    chosen: list[FixedIp | None] = [None] * len(wanted)
    for index, wish in enumerate(wanted):
        if "ip_address" in wish:
            subnet = _subnet_for(ctx, network_id, wish, by_id)
            if subnet["cidr"] == PROVISIONAL:
                continue  # no address of it can be named yet
            address = str(ipaddress.ip_address(wish["ip_address"]))
            kept = old.pop(address, None)
            if kept is None:
                _check_named(ctx, subnet, address, mac, router=router)
                if any(each is not None and each["ip_address"] == address for each in chosen):
                    raise IpAddressAlreadyAllocated(ip=address, subnet_id=subnet["id"])
            chosen[index] = {"subnet_id": subnet["id"], "ip_address": address}
    for index, wish in enumerate(wanted):
        if chosen[index] is None:
            subnet = _subnet_for(ctx, network_id, wish, by_id)
            kept = next((o for o in old.values() if o["subnet_id"] == subnet["id"]), None)
            if kept is not None:
                chosen[index] = old.pop(kept["ip_address"])
            elif is_automatic(subnet) and not router:
                address = derived(subnet["cidr"], mac)
                chosen[index] = {"subnet_id": subnet["id"], "ip_address": address}
            else:
                chosen[index] = _one_of_not(ctx, subnet, network_id, chosen)
    return [each for each in chosen if each is not None]


def _one_of_not(
    ctx: Context, subnet: Row, network_id: str, chosen: Sequence[FixedIp | None]
) -> FixedIp:
    """Draw an address that is not among those chosen for the same port."""
    mine = {each["ip_address"] for each in chosen if each is not None}
    for _ in range(RANDOM_TRIES):
        found = _one_of(ctx, [subnet], network_id)
        if found["ip_address"] not in mine:
            return found
    raise IpAddressGenerationFailure(net_id=network_id)


def _unusable(ctx: Context, network_id: str, subnet_id: str) -> EmulatorError:
    """Return why a port cannot have an address of a subnet that its network does not offer."""
    if ctx.db.get("network_subnets", subnet_id) is None:
        return SubnetNotFound(subnet_id=subnet_id)
    return InvalidInput(
        error_message=f"Failed to create port on network {network_id}, because fixed_ips included"
        f" invalid subnet {subnet_id}"
    )


def _subnet_for(
    ctx: Context, network_id: str, wish: Mapping[str, Any], by_id: Mapping[str, Row]
) -> Row:
    """Return the subnet of a wish. InvalidIpForNetwork or InvalidIpForSubnet when it fits none."""
    subnet_id, address = wish.get("subnet_id"), wish.get("ip_address")
    if subnet_id is not None:
        subnet = by_id.get(subnet_id)
        if subnet is None:
            raise _unusable(ctx, network_id, subnet_id)
        if address is not None and not _inside(subnet, address):
            raise InvalidIpForSubnet(ip_address=address)
        return subnet
    if address is None:
        raise InvalidInput(error_message="IP allocation requires subnet_id or ip_address")
    for subnet in by_id.values():
        if _inside(subnet, address):
            return subnet
    raise InvalidIpForNetwork(ip_address=address)


def _inside(subnet: Row, address: str) -> bool:
    """Say whether hosts of a subnet may have an address."""
    network, found = ipaddress.ip_network(subnet["cidr"]), ipaddress.ip_address(address)
    if found not in network:
        return False
    first, last = _hosts(network)
    return network.version == 6 or first <= int(found) <= last


def _check_named(ctx: Context, subnet: Row, address: str, mac: str, *, router: bool) -> None:
    if is_automatic(subnet) and not router and address != derived(subnet["cidr"], mac):
        raise AllocationOnAutoAddressSubnet(ip=address, subnet_id=subnet["id"])
    if is_taken(ctx, subnet["id"], address):
        raise IpAddressAlreadyAllocated(ip=address, subnet_id=subnet["id"])
