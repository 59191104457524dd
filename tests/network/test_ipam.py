"""Addresses: none is given twice, and all of a pool are given in the end."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.network import ipam, subnet_pools
from emulator.network.errors import InvalidAllocationPool, OverlappingAllocationPools


def make_network(api: Any, cidr: str, **more: Any) -> tuple[str, str]:
    """Make a network of demo with one subnet; return both ids."""
    made = api.post("/networking/v2.0/networks", {"network": {"name": "n"}}, who="demo").json
    network_id = made["network"]["id"]
    body = {"subnet": {"network_id": network_id, "ip_version": 4, "cidr": cidr, **more}}
    answer = api.post("/networking/v2.0/subnets", body, who="demo")
    assert answer.status == 201, answer.text
    return network_id, answer.json["subnet"]["id"]


def test_a_pool_gives_every_address_once_and_then_is_exhausted(api: Any) -> None:
    network_id, _ = make_network(api, "10.9.0.0/28", enable_dhcp=False)
    body = {"port": {"network_id": network_id}}
    found = []
    for _ in range(13):
        answer = api.post("/networking/v2.0/ports", body, who="demo")
        assert answer.status == 201, answer.text
        found.append(answer.json["port"]["fixed_ips"][0]["ip_address"])
    assert sorted(found) == sorted(f"10.9.0.{number}" for number in range(2, 15))
    answer = api.post("/networking/v2.0/ports", body, who="demo")
    assert answer.status == 409
    assert answer.json["NeutronError"]["type"] == "IpAddressGenerationFailure"
    assert answer.json["NeutronError"]["message"] == (
        f"No more IP addresses available on network {network_id}."
    )


def test_dhcp_answers_from_the_first_address_of_the_pool(api: Any) -> None:
    network_id, subnet_id = make_network(api, "10.9.1.0/28")
    path = f"/networking/v2.0/ports?network_id={network_id}&device_owner=network:dhcp"
    (port,) = api.get(path).json["ports"]
    assert port["status"] == "ACTIVE"
    assert port["binding:host_id"] == "controller"
    assert port["fixed_ips"] == [{"subnet_id": subnet_id, "ip_address": "10.9.1.2"}]
    change = {"subnet": {"enable_dhcp": False}}
    api.put(f"/networking/v2.0/subnets/{subnet_id}", change, who="demo")
    assert api.get(path).json["ports"] == []


def test_addresses_derive_from_macs() -> None:
    assert ipam.derived("fd00:1::/64", "fa:16:3e:35:40:35") == "fd00:1::f816:3eff:fe35:4035"


@pytest.mark.parametrize(
    ("pools", "error"),
    [
        ([("10.0.0.9", "10.0.0.4")], InvalidAllocationPool),
        ([("10.0.0.2", "10.0.0.9"), ("10.0.0.9", "10.0.0.12")], OverlappingAllocationPools),
    ],
)
def test_pools_that_cannot_be(pools: list[tuple[str, str]], error: type[Exception]) -> None:
    with pytest.raises(error):
        ipam.check_pools([{"start": a, "end": b} for a, b in pools], "10.0.0.0/24")


@given(prefix=st.integers(8, 32), gateway=st.integers(0, 2**24 - 1))
def test_whole_pools_are_the_hosts_without_the_gateway(prefix: int, gateway: int) -> None:
    network = ipaddress.ip_network(f"10.0.0.0/{prefix}")
    address = str(network.network_address + gateway % network.num_addresses)
    pools = ipam.whole_pools(str(network), address)
    assert ipam.pool_of(address, pools) is None
    ipam.check_pools(pools, str(network))
    size = sum(
        int(ipaddress.ip_address(pool["end"])) - int(ipaddress.ip_address(pool["start"])) + 1
        for pool in pools
    )
    hosts = network.num_addresses - (2 if prefix <= 30 else 0)
    inside = address not in (str(network.network_address), str(network.broadcast_address))
    assert size == hosts - (1 if inside or prefix > 30 else 0)


@given(taken=st.sets(st.integers(0, 15), max_size=15))
def test_what_is_left_of_prefixes_is_what_was_not_taken(taken: set[int]) -> None:
    holes = [f"10.0.{number}.0/24" for number in taken]
    left = subnet_pools._free(["10.0.0.0/20"], holes)
    assert sum(block.num_addresses for block in left) == (16 - len(taken)) * 256
    assert not any(block.overlaps(ipaddress.ip_network(hole)) for block in left for hole in holes)
