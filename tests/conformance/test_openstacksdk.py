"""openstacksdk: its cloud layer, its proxies, its microversions, its paging."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.cloud import Cloud

pytest.importorskip("openstack", reason="openstacksdk is not installed")
# What the SDK itself is going to change is the SDK's own affair.
pytestmark = pytest.mark.filterwarnings("ignore:::openstack")
IMAGE = "cirros-0.6.3-x86_64-disk"


def boot(openstack: Any, name: str, **options: Any) -> Any:
    return openstack.create_server(
        name, image=IMAGE, flavor="m1.tiny", network="private", wait=True, timeout=30, **options
    )


def test_a_server_with_a_floating_ip_comes_and_goes(openstack: Any) -> None:
    server = boot(openstack, "vm1", auto_ip=True)
    assert server.status == "ACTIVE"
    floating = [
        each["addr"]
        for each in server.addresses["private"]
        if each["OS-EXT-IPS:type"] == "floating"
    ]
    assert floating == [openstack.get_server("vm1").public_v4]
    (known,) = openstack.list_floating_ips()
    assert [known.floating_ip_address] == floating
    assert openstack.delete_server("vm1", wait=True, timeout=30, delete_ips=True)
    assert openstack.list_servers() == []
    assert openstack.list_floating_ips() == []


def test_servers_are_listed_page_by_page(openstack: Any, cloud: Cloud) -> None:
    image = openstack.get_image(IMAGE)
    network = openstack.network.find_network("private")
    for number in range(5):
        openstack.compute.create_server(
            name=f"vm{number}", image_id=image.id, flavor_id="42", networks=[{"uuid": network.id}]
        )
    found = [server.name for server in openstack.compute.servers(limit=2)]
    assert sorted(found) == ["vm0", "vm1", "vm2", "vm3", "vm4"]


@pytest.mark.parametrize("microversion", ["2.1", "2.47", "2.90", "2.104"])
def test_a_server_is_shown_at_a_microversion(openstack: Any, microversion: str) -> None:
    server = boot(openstack, "vm1")
    answer = openstack.compute.get(f"/servers/{server.id}", microversion=microversion)
    assert answer.headers["OpenStack-API-Version"] == f"compute {microversion}"
    shown = answer.json()["server"]
    assert ("original_name" in shown["flavor"]) == (microversion != "2.1")
    assert ("locked_reason" in shown) == (microversion in ("2.90", "2.104"))
    assert ("OS-EXT-SRV-ATTR:hostname" in shown) == (microversion in ("2.90", "2.104"))


def test_a_refusal_is_the_exception_of_its_kind(openstack: Any) -> None:
    from openstack import exceptions

    with pytest.raises(exceptions.NotFoundException):
        openstack.compute.get_server("00000000-0000-4000-8000-000000000000")
    with pytest.raises(exceptions.ForbiddenException):
        list(openstack.compute.hypervisors())
    with pytest.raises(exceptions.BadRequestException):
        openstack.compute.create_server(name="", flavor_id="42", networks="auto")


def test_a_network_of_ones_own(openstack: Any) -> None:
    network = openstack.create_network("own")
    subnet = openstack.create_subnet("own", cidr="10.9.0.0/24", subnet_name="own4")
    router = openstack.create_router("own", ext_gateway_net_id=openstack.get_network("public").id)
    openstack.add_router_interface(router, subnet_id=subnet.id)
    openstack.create_server("vm1", image=IMAGE, flavor="m1.tiny", network="own", wait=True)
    assert openstack.get_server("vm1").private_v4.startswith("10.9.0.")
    assert openstack.delete_server("vm1", wait=True)
    openstack.remove_router_interface(router, subnet_id=subnet.id)
    assert openstack.delete_router(router.id)
    assert openstack.delete_network(network.id)


def test_a_day_in_the_life(openstack: Any, cloud: Cloud, census: Callable[[], Any]) -> None:
    before = census()
    network = openstack.create_network("own")
    subnet = openstack.create_subnet("own", cidr="10.9.0.0/24", subnet_name="own4")
    router = openstack.create_router("own", ext_gateway_net_id=openstack.get_network("public").id)
    openstack.add_router_interface(router, subnet_id=subnet.id)
    group = openstack.create_security_group("web", "who may come in")
    openstack.create_security_group_rule(group.id, 80, 80, "tcp", "0.0.0.0/0")
    assert "PRIVATE KEY" in openstack.create_keypair("k").private_key
    volume = openstack.create_volume(1, name="data", wait=True)
    server = openstack.create_server(
        "vm1", image=IMAGE, flavor="m1.tiny", network="own", key_name="k", wait=True,
        security_groups=["web"], auto_ip=True, volumes=[volume.id],
    )  # fmt: skip
    assert len(server.addresses["own"]) == 2
    assert openstack.get_volume("data").status == "in-use"
    snapshot = openstack.create_volume_snapshot(volume.id, force=True, name="snap", wait=True)
    image = openstack.create_image_snapshot("vm1-snap", server, wait=True)
    openstack.compute.resize_server(server, openstack.get_flavor("m1.small"))
    openstack.compute.wait_for_server(server, "VERIFY_RESIZE", interval=0.01)
    openstack.compute.confirm_server_resize(server)
    cloud.settle()
    assert openstack.get_server("vm1").flavor.original_name == "m1.small"
    openstack.detach_volume(openstack.get_server("vm1"), openstack.get_volume("data"), wait=True)
    assert openstack.delete_server("vm1", wait=True, delete_ips=True)
    assert openstack.delete_image(image.id)
    assert openstack.delete_volume_snapshot(snapshot.id, wait=True)
    assert openstack.delete_volume(volume.id, wait=True)
    assert openstack.delete_keypair("k")
    assert openstack.delete_security_group(group.id)
    openstack.remove_router_interface(router, subnet_id=subnet.id)
    assert openstack.delete_router(router.id)
    assert openstack.delete_network(network.id)
    assert census() == before
