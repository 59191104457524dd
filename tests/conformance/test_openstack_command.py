"""The `openstack` command of python-openstackclient: a newcomer's day, as demo and as admin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.cloud import Cloud

Cli = Callable[..., Any]
BOOT = "server create --image cirros-0.6.3-x86_64-disk --flavor m1.tiny --network private"


def names(rows: list[dict[str, Any]]) -> set[str]:
    return {row["Name"] for row in rows}


@pytest.mark.parametrize("user", ["demo", "admin"])
def test_looking_around(cli: Any, cloud: Cloud, user: str) -> None:
    cli.be(cloud, user)
    token = cli("token issue")
    assert token["project_id"]
    catalog = cli("catalog list")
    assert {"nova", "keystone", "glance", "neutron", "placement"} <= names(catalog)
    assert {"m1.nano", "m1.tiny", "m1.xlarge"} <= names(cli("flavor list --all"))
    images = cli("image list")
    assert {"cirros-0.6.3-x86_64-disk"} <= names(images)
    assert {row["Status"] for row in images} == {"active"}
    assert "public" in names(cli("network list"))
    assert cli("availability zone list --compute")
    assert cli("limits show --absolute")


def test_an_image_goes_in_and_comes_out(cli: Any, tmp_path: Path) -> None:
    content = bytes(range(256)) * 64
    (tmp_path / "in.raw").write_bytes(content)
    own = cli(f"image create --file {tmp_path}/in.raw --disk-format raw own")
    assert own["name"] == "own"
    assert cli("image show own")["status"] == "active"
    cli.text(f"image save --file {tmp_path}/out.raw own")
    assert (tmp_path / "out.raw").read_bytes() == content
    cli.text("image delete own")
    assert "own" not in names(cli("image list"))


def test_a_servers_life(cli: Any, cloud: Cloud) -> None:
    assert "PRIVATE KEY" in cli.text("keypair create k")
    server = cli(f"{BOOT} --key-name k --wait vm1")
    assert server["status"] == "ACTIVE"
    assert server["addresses"]["private"]
    (row,) = cli("server list --long")
    assert (row["Name"], row["Status"], row["Flavor"]) == ("vm1", "ACTIVE", "m1.tiny")
    for command, status in (
        ("server stop vm1", "SHUTOFF"),
        ("server start vm1", "ACTIVE"),
        ("server reboot --wait vm1", "ACTIVE"),
        ("server pause vm1", "PAUSED"),
        ("server unpause vm1", "ACTIVE"),
        ("server resize --flavor m1.small --wait vm1", "VERIFY_RESIZE"),
        ("server resize confirm vm1", "ACTIVE"),
    ):
        cli.text(command)
        cloud.settle()
        assert cli("server show vm1")["status"] == status
    assert "vm1 login:" in cli.text("console log show vm1")
    actions = [event["Action"] for event in cli("server event list vm1")]
    assert actions == [
        "confirmResize", "resize", "unpause", "pause", "reboot", "start", "stop", "create",
    ]  # fmt: skip
    cli.text("server delete --wait vm1")
    assert cli("server list") == []


def test_admin_sees_what_others_have(cli: Any, cloud: Cloud) -> None:
    cli(f"{BOOT} --wait vm1")
    cli.be(cloud, "admin")
    assert cli("server list") == []
    (row,) = cli("server list --all-projects --long")
    assert row["Name"] == "vm1"
    assert cli("hypervisor list")
    assert cli("compute service list")
    project, user = cli("project create lab"), cli("user create --password secret ann")
    cli.text("role add --project lab --user ann member")
    assert project["name"] == "lab"
    assert user["name"] == "ann"
    cli.env = cloud.env("ann", "lab")
    assert cli("server list") == []
    assert cli("token issue")["project_id"] == project["id"]


def test_a_refusal_reaches_the_user(cli: Any) -> None:
    refused = cli.run("server create --image cirros-0.6.3-x86_64-disk --flavor m9.none vm1")
    assert refused["status"] == 1
    assert "m9.none" in refused["err"]
    refused = cli.run("hypervisor list")
    assert refused["status"] == 1
    assert "os_compute_api:os-hypervisors" in refused["err"]


@pytest.mark.filterwarnings("ignore:::openstack")
def test_a_day_in_the_life(cli: Any, cloud: Cloud, census: Callable[[], Any]) -> None:
    before = census()
    for command in (
        "network create own",
        "subnet create --network own --subnet-range 10.9.0.0/24 own4",
        "router create --external-gateway public own",
        "router add subnet own own4",
        "security group create web",
        "security group rule create --protocol tcp --dst-port 80 web",
        "keypair create k",
        "volume create --size 1 data",
        "server create --image cirros-0.6.3-x86_64-disk --flavor m1.tiny --network own"
        " --security-group web --key-name k --wait vm1",
    ):
        cli.text(command)
    address = cli("floating ip create public")["floating_ip_address"]
    cloud.settle()
    for command in (
        f"server add floating ip vm1 {address}",
        "volume snapshot create --volume data data-snap",
        "server add volume vm1 data",
        "server image create --name vm1-snap --wait vm1",
        "server resize --flavor m1.small --wait vm1",
        "server resize confirm vm1",
    ):
        cli.text(command)
        cloud.settle()
    server = cli("server show vm1")
    assert server["status"] == "ACTIVE"
    assert server["flavor"]["name"] == "m1.small"
    assert address in server["addresses"]["own"]
    assert [each["Status"] for each in cli("volume list")] == ["in-use"]
    for command in (
        "server remove volume vm1 data",
        f"server remove floating ip vm1 {address}",
        f"floating ip delete {address}",
        "server delete --wait vm1",
        "image delete vm1-snap",
        "volume snapshot delete data-snap",
        "volume delete data",
        "keypair delete k",
        "security group delete web",
        "router remove subnet own own4",
        "router delete own",
        "network delete own",
    ):
        cli.text(command)
        cloud.settle()
    assert census() == before
