"""The services' own Python clients: a day in the life, each service through its own client."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from emulator.cloud import Cloud

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore:::openstack", "ignore:::neutronclient"
)
IMAGE = "cirros-0.6.3-x86_64-disk"


def session(cloud: Cloud, user: str = "demo") -> Any:
    """Return a keystoneauth session; each client finds its service in the catalog."""
    from keystoneauth1 import loading
    from keystoneauth1.session import Session

    values = cloud.env(user)
    names = (
        "auth_url", "username", "password", "user_domain_id", "project_name", "project_domain_id",
    )  # fmt: skip
    options = {name: values[f"OS_{name.upper()}"] for name in names}
    return Session(auth=loading.get_plugin_loader("password").load_from_options(**options))


def test_keystoneclient_sees_who_it_is(cloud: Cloud) -> None:
    module = pytest.importorskip(
        "keystoneclient.v3.client", reason="python-keystoneclient is not installed"
    )
    client = module.Client(session=session(cloud, "admin"))
    project = client.projects.create("lab", "default")
    user = client.users.create("ann", domain="default", password="secret", default_project=project)
    (role,) = [role for role in client.roles.list() if role.name == "member"]
    client.roles.grant(role, user=user, project=project)
    (found,) = client.role_assignments.list(user=user)
    assert found.scope["project"]["id"] == project.id
    assert {"compute", "identity", "image", "network"} <= {
        service.type for service in client.services.list()
    }
    client.users.delete(user)
    client.projects.delete(project)


def test_glanceclient_makes_and_shares_an_image(cloud: Cloud, census: Callable[[], Any]) -> None:
    glance = pytest.importorskip("glanceclient", reason="python-glanceclient is not installed")
    before = census()
    client = glance.Client("2", session=session(cloud))
    made = client.images.create(name="own", disk_format="raw", container_format="bare", tags=["t"])
    client.images.upload(made.id, io.BytesIO(b"content"))
    known = client.images.get(made.id)
    assert (known.status, known.size, known.tags) == ("active", 7, ["t"])
    assert b"".join(client.images.data(made.id)) == b"content"
    client.images.update(made.id, purpose="test")
    assert [each.id for each in client.images.list(filters={"purpose": "test"})] == [made.id]
    client.images.update(made.id, visibility="shared")
    other = session(cloud, "admin").get_project_id()
    client.image_members.create(made.id, other)
    assert [each.member_id for each in client.image_members.list(made.id)] == [other]
    client.image_members.delete(made.id, other)
    assert client.schemas.get("image").name == "image"
    client.images.delete(made.id)
    assert census() == before


def test_cinderclient_and_a_volumes_life(cloud: Cloud, census: Callable[[], Any]) -> None:
    cinder = pytest.importorskip("cinderclient.client", reason="python-cinderclient is missing")
    before = census()
    client = cinder.Client("3.70", session=session(cloud))
    volume = client.volumes.create(1, name="data")
    cloud.settle()
    assert client.volumes.get(volume.id).status == "available"
    snapshot = client.volume_snapshots.create(volume.id, name="data-snap")
    cloud.settle()
    copy = client.volumes.create(1, name="copy", snapshot_id=snapshot.id)
    client.volumes.extend(volume, 2)
    cloud.settle()
    assert client.volumes.get(volume.id).size == 2
    assert {each.name for each in client.volumes.list()} == {"data", "copy"}
    transfer = client.transfers.create(copy.id, "given")
    assert [each.id for each in client.transfers.list()] == [transfer.id]
    client.transfers.delete(transfer.id)
    backup = client.backups.create(volume.id, name="kept")
    cloud.settle()
    assert client.backups.get(backup.id).status == "available"
    for remove in (backup.delete, snapshot.delete, copy.delete):
        remove()
    cloud.settle()
    volume.delete()
    assert census() == before


def test_a_day_with_novaclient_and_neutronclient(cloud: Cloud, census: Callable[[], Any]) -> None:
    neutron = pytest.importorskip(
        "neutronclient.v2_0.client", reason="python-neutronclient is not installed"
    )
    nova = pytest.importorskip("novaclient.client", reason="python-novaclient is not installed")
    before = census()
    network, compute = (
        neutron.Client(session=session(cloud)),
        nova.Client("2.96", session=session(cloud)),
    )
    (public,) = network.list_networks(name="public")["networks"]
    own = network.create_network({"network": {"name": "own"}})["network"]
    asked = {"network_id": own["id"], "cidr": "10.9.0.0/24", "ip_version": 4}
    subnet = network.create_subnet({"subnet": asked})["subnet"]
    router = network.create_router(
        {"router": {"name": "own", "external_gateway_info": {"network_id": public["id"]}}}
    )["router"]
    network.add_interface_router(router["id"], {"subnet_id": subnet["id"]})
    group = network.create_security_group({"security_group": {"name": "web"}})["security_group"]
    rule = {"security_group_id": group["id"], "direction": "ingress", "protocol": "icmp"}
    network.create_security_group_rule({"security_group_rule": rule})
    server = compute.servers.create(
        "vm1", compute.glance.find_image(IMAGE), compute.flavors.find(name="m1.tiny"),
        nics=[{"net-id": own["id"]}], security_groups=["web"],
    )  # fmt: skip
    cloud.settle()
    (port,) = network.list_ports(device_id=server.id)["ports"]
    floating = network.create_floatingip(
        {"floatingip": {"floating_network_id": public["id"], "port_id": port["id"]}}
    )["floatingip"]
    assert len(compute.servers.ips(server)["own"]) == 2
    image = server.create_image("vm1-snap")
    cloud.settle()
    compute.servers.resize(server, compute.flavors.find(name="m1.small"))
    cloud.settle()
    compute.servers.confirm_resize(server)
    cloud.settle()
    assert compute.servers.get(server.id).status == "ACTIVE"
    server.delete()
    network.delete_floatingip(floating["id"])
    cloud.settle()
    session(cloud).delete(f"/v2/images/{image}", endpoint_filter={"service_type": "image"})
    network.delete_security_group(group["id"])
    network.remove_interface_router(router["id"], {"subnet_id": subnet["id"]})
    network.delete_router(router["id"])
    network.delete_network(own["id"])
    assert census() == before
