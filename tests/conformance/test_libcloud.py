"""Apache Libcloud: a day in the life, through its OpenStack driver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.cloud import Cloud

pytest.importorskip("libcloud", reason="apache-libcloud is not installed")
pytestmark = pytest.mark.filterwarnings("ignore:::openstack", "ignore:::libcloud")
IMAGE = "cirros-0.6.3-x86_64-disk"


def connect(cloud: Cloud, password: str) -> Any:
    """Return the driver as user demo; it finds the services in the catalog, by name."""
    from libcloud.compute.providers import get_driver
    from libcloud.compute.types import Provider

    values = cloud.env("demo")
    return get_driver(Provider.OPENSTACK)(
        values["OS_USERNAME"],
        password,
        api_version="2.2",
        ex_tenant_name=values["OS_PROJECT_NAME"],
        ex_domain_name="Default",
        ex_tenant_domain_id="default",
        ex_force_auth_url=values["OS_AUTH_URL"].removesuffix("/v3"),
        ex_force_auth_version="3.x_password",
        ex_force_service_region=values["OS_REGION_NAME"],
    )


@pytest.fixture
def driver(cloud: Cloud) -> Any:
    return connect(cloud, cloud.env("demo")["OS_PASSWORD"])


def named(rows: list[Any], name: str) -> Any:
    (found,) = [row for row in rows if row.name == name]
    return found


def test_looking_around(driver: Any) -> None:
    assert {"m1.nano", "m1.tiny"} <= {size.name for size in driver.list_sizes()}
    assert IMAGE in {image.name for image in driver.list_images()}
    assert {"public", "private"} <= {network.name for network in driver.ex_list_networks()}
    assert [pool.name for pool in driver.ex_list_floating_ip_pools()] == ["public"]
    assert driver.list_locations()
    assert driver.list_nodes() == []
    assert driver.list_volumes() == []


@dataclass
class Site:
    """A network of one's own behind a router, and who may come in."""

    network: Any
    subnet: Any
    router: Any
    group: Any
    rule: Any


def open_site(driver: Any) -> Site:
    public = named(driver.ex_list_networks(), "public")
    network = driver.ex_create_network("own")
    subnet = driver.ex_create_subnet("own4", network, "10.9.0.0/24")
    router = driver.ex_create_router("own", external_gateway_info={"network_id": public.id})
    assert driver.ex_add_router_subnet(router, subnet)
    group = driver.ex_create_security_group("web", "who may come in")
    rule = driver.ex_create_security_group_rule(group, "tcp", 80, 80, cidr="0.0.0.0/0")
    assert (rule.ip_protocol, rule.from_port, rule.to_port) == ("tcp", 80, 80)
    return Site(network, subnet, router, group, rule)


def close_site(driver: Any, site: Site) -> None:
    assert driver.ex_delete_security_group_rule(site.rule)
    assert driver.ex_delete_security_group(site.group)
    assert driver.ex_del_router_subnet(site.router, site.subnet)
    assert driver.ex_delete_router(site.router)
    assert driver.ex_delete_subnet(site.subnet)
    assert driver.ex_delete_network(site.network)


def boot(driver: Any, site: Site) -> Any:
    node = driver.create_node(
        "vm1",
        named(driver.list_sizes(), "m1.tiny"),
        named(driver.list_images(), IMAGE),
        ex_keyname="k",
        ex_security_groups=[site.group],
        networks=[site.network],
    )
    assert node.extra["password"]
    ((node, (address, *_)),) = driver.wait_until_running(
        [node], wait_period=0.01, timeout=10, ssh_interface="private_ips"
    )
    assert address.startswith("10.9.0.")
    assert [each.name for each in driver.ex_get_node_security_groups(node)] == ["web"]
    return node


def use_volume(driver: Any, cloud: Cloud, node: Any) -> None:
    from libcloud.compute.types import StorageVolumeState

    volume = driver.create_volume(1, "data")
    cloud.settle()
    assert driver.attach_volume(node, volume)
    cloud.settle()
    volume = driver.ex_get_volume(volume.id)
    assert volume.state == StorageVolumeState.INUSE
    snapshot = driver.create_volume_snapshot(volume, "data-snap")
    cloud.settle()
    assert [each.id for each in driver.ex_list_snapshots()] == [snapshot.id]
    assert driver.detach_volume(volume)
    cloud.settle()
    assert driver.ex_get_volume(volume.id).state == StorageVolumeState.AVAILABLE
    assert driver.destroy_volume_snapshot(snapshot)
    cloud.settle()
    assert driver.destroy_volume(volume)


def change(driver: Any, cloud: Cloud, node: Any) -> None:
    from libcloud.compute.types import NodeState

    image = driver.create_image(node, "vm1-snap")
    cloud.settle()
    assert driver.get_image(image.id).extra["status"] == "active"
    assert driver.delete_image(image)
    assert driver.ex_resize(node, named(driver.list_sizes(), "m1.small"))
    cloud.settle()
    assert driver.ex_get_node_details(node.id).extra["vm_state"] == "resized"
    assert driver.ex_confirm_resize(node)
    assert driver.reboot_node(node)
    cloud.settle()
    assert driver.ex_stop_node(node)
    cloud.settle()
    assert driver.ex_get_node_details(node.id).state == NodeState.STOPPED


def test_a_day_in_the_life(driver: Any, cloud: Cloud, census: Callable[[], Any]) -> None:
    before = census()
    site = open_site(driver)
    key = driver.create_key_pair("k")
    assert "PRIVATE KEY" in key.private_key
    node = boot(driver, site)
    floating = driver.ex_create_floating_ip("public")
    assert driver.ex_attach_floating_ip_to_node(node, floating)
    known = driver.ex_get_node_details(node.id)  # to it every address of RFC 1918 is private
    assert set(known.private_ips) == {*node.private_ips, floating.ip_address}
    use_volume(driver, cloud, node)
    change(driver, cloud, node)
    assert driver.ex_detach_floating_ip_from_node(node, floating)
    assert driver.ex_delete_floating_ip(floating)
    assert driver.destroy_node(node)
    cloud.settle()
    assert driver.list_nodes() == []
    assert driver.delete_key_pair(key)
    close_site(driver, site)
    assert census() == before


def test_a_refusal_is_the_exception_of_its_kind(driver: Any) -> None:
    from libcloud.common.exceptions import BaseHTTPError

    missing = "00000000-0000-4000-8000-000000000000"
    assert driver.ex_get_node_details(missing) is None
    for asking, code in ((driver.ex_get_volume, 404), (driver.ex_get_network, 404)):
        with pytest.raises(BaseHTTPError) as raised:
            asking(missing)
        assert raised.value.code == code


def test_a_wrong_password_is_refused(cloud: Cloud) -> None:
    from libcloud.common.types import InvalidCredsError

    with pytest.raises(InvalidCredsError):
        connect(cloud, "wrong").list_nodes()
