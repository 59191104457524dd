"""Hosts, zones and Placement through unmodified clients."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.cloud import Cloud

pytest.importorskip("openstack", reason="openstacksdk is not installed")

pytestmark = pytest.mark.filterwarnings("ignore:::openstack")


def test_an_admin_looks_after_hosts_from_the_command_line(cli: Any, cloud: Cloud) -> None:
    cli.be(cloud, "admin")
    assert {row["Host"] for row in cli("compute service list")} >= {"compute1", "controller"}
    cli.text("compute service set --disable --disable-reason repair compute1 nova-compute")
    rows = cli("compute service list --service nova-compute --long")
    assert [(row["Status"], row["Disabled Reason"]) for row in rows] == [
        ("disabled", "repair"),
        ("enabled", None),
        ("enabled", None),
    ]
    cli.text("compute service set --enable compute1 nova-compute")
    assert len(cli("hypervisor list")) == 3
    assert cli("hypervisor show compute2")["hypervisor_type"] == "QEMU"
    cli("aggregate create --zone fast ssd")
    assert cli("aggregate add host ssd compute1")["hosts"] == ["compute1"]
    cli.text("aggregate set --property kind=nvme ssd")
    assert cli("aggregate show ssd")["properties"] == {"kind": "nvme"}
    zones = cli("availability zone list --compute")
    assert {"fast", "nova", "az2"} <= {row["Zone Name"] for row in zones}
    cli("aggregate remove host ssd compute1")
    cli.text("aggregate delete ssd")


def test_the_same_with_openstacksdk(cloud: Cloud) -> None:
    compute = cloud.connect("admin").compute
    service = next(each for each in compute.services() if each.host == "compute3")
    assert compute.disable_service(service).status == "disabled"
    assert compute.enable_service(service).status == "enabled"
    shown = compute.get_hypervisor(next(iter(compute.hypervisors())).id)
    assert shown.uptime
    aggregate = compute.create_aggregate(name="sdk")
    aggregate = compute.add_host_to_aggregate(aggregate, "compute1")
    assert aggregate.hosts == ["compute1"]
    assert {zone.name for zone in compute.availability_zones(details=True)} >= {"internal", "nova"}


def test_placement_with_openstacksdk(cloud: Cloud) -> None:
    placement = cloud.connect("admin").placement
    roots = [each for each in placement.resource_providers() if not each.parent_provider_id]
    assert {each.name for each in roots} == {"compute1", "compute2", "compute3"}
    below = {each.name for each in placement.resource_providers(in_tree=roots[0].id)}
    assert f"{roots[0].name}:Open vSwitch agent:br-ex" in below
    provider = placement.create_resource_provider(name="share")
    kept = placement.create_resource_provider_inventory(provider, "DISK_GB", total=100)
    assert kept.total == 100
    kept = placement.update_resource_provider_inventory(
        kept, provider, resource_provider_generation=1, total=200
    )
    assert kept.total == 200
    trait = placement.create_trait("CUSTOM_SHARED")
    assert trait.name in {each.name for each in placement.traits(name="startswith:CUSTOM")}
    placement.delete_resource_provider(provider)


def test_servers_claim_what_their_flavor_says(cli: Any, cloud: Cloud) -> None:
    cli.be(cloud, "admin")
    cli(
        "server create --image cirros-0.6.3-x86_64-disk --flavor m1.tiny --network private --wait a"
    )
    connection = cloud.connect("admin")
    (server,) = connection.compute.servers(all_projects=True)
    held = connection.placement.get(
        f"/allocations/{server.id}", headers={"OpenStack-API-Version": "placement 1.39"}
    ).json()
    (of,) = held["allocations"].values()
    assert of["resources"] == {"VCPU": 1, "MEMORY_MB": 512, "DISK_GB": 1}
    assert held["project_id"] == server.project_id
    assert held["consumer_type"] == "INSTANCE"
    connection.compute.delete_server(server)
    connection.compute.wait_for_delete(server)
    left = connection.placement.get(f"/allocations/{server.id}").json()
    assert left == {"allocations": {}}
