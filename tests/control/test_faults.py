"""Every kind of fault, as an unmodified client sees it, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openstack
import pytest
from keystoneauth1.exceptions import Unauthorized

from emulator import Cloud
from emulator.errors import UsageError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:::openstack")
RETRIES = "Exceeded maximum number of retries. Exhausted all hosts available for retrying build "


@dataclass
class Bench:
    """A cloud, its owner's and its admin's connection."""

    cloud: Cloud
    demo: Any
    admin: Any

    def boot(self, name: str = "vm", **more: Any) -> Any:
        """Ask for a server on the private network."""
        image, flavor = self.demo.image.find_image(IMAGE), self.demo.compute.find_flavor("m1.tiny")
        network = self.demo.network.find_network("private")
        return self.demo.compute.create_server(
            name=name,
            image_id=image.id,
            flavor_id=flavor.id,
            networks=[{"uuid": network.id}],
            **more,
        )

    def booted(self, name: str = "vm", **more: Any) -> Any:
        """Ask for a server and wait until everything is quiet."""
        server = self.boot(name, **more)
        self.cloud.settle()
        return self.demo.compute.get_server(server.id)

    def held(self, server: Any) -> tuple[int, int, int]:
        """Return how many servers count, which ports are the server's, what it holds of hosts."""
        usage = self.demo.compute.get("/limits").json()["limits"]["absolute"]
        ports = list(self.demo.network.ports(device_id=server.id))
        allocations = self.admin.placement.get(f"/allocations/{server.id}").json()["allocations"]
        return usage["totalInstancesUsed"], len(ports), len(allocations)

    def message_of(self, server: Any, action: str) -> Any:
        """Return what the record of an action says went wrong."""
        (found,) = [
            each for each in self.demo.compute.server_actions(server) if each.action == action
        ]
        return found.message

    def fired(self, name: str) -> int:
        """Return how often a fault fired."""
        return int(self.cloud.faults.show(name)["fault"]["fired"])


IMAGE = "cirros-0.6.3-x86_64-disk"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Cloud(clock="manual", durations="typical") as cloud:
        demo, admin = cloud.connect(), cloud.connect("admin")
        yield Bench(cloud, demo, admin)
        demo.close()
        admin.close()


# Building


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("no-valid-host", "No valid host was found. There are not enough hosts available."),
        (
            "network-allocation-failed",
            "Build of instance {id} aborted: Failed to allocate the network(s), not rescheduling.",
        ),
        ("port-binding-failed", RETRIES + "failures for instance {id}."),
        ("block-device-failed", "Build of instance {id} aborted: Failure prepping block device."),
        ("image-download-failed", RETRIES + "failures for instance {id}."),
    ],
)
def test_a_build_that_fails_leaves_an_error_and_nothing_else(
    bench: Bench, kind: str, message: str
) -> None:
    bench.cloud.faults.add(kind=kind, match={"name": "^web-"}, times=1)
    server = bench.boot("web-1")
    bench.cloud.settle()
    with pytest.raises(openstack.exceptions.ResourceFailure):
        bench.demo.compute.wait_for_server(server, interval=0.01)
    server = bench.demo.compute.get_server(server.id)
    assert server.status == "ERROR"
    assert server.fault["code"] == 500
    assert server.fault["message"] == message.format(id=server.id)
    assert bench.message_of(server, "create") == "Error"
    assert bench.held(server) == (1, 0, 0)
    assert bench.admin.compute.get_server(server.id).compute_host is None
    assert bench.booted("web-2").status == "ACTIVE"
    assert bench.fired(kind) == 1
    bench.demo.compute.delete_server(server.id)
    bench.cloud.settle()
    assert bench.held(server) == (1, 0, 0)


def test_a_server_stuck_in_build_can_still_be_deleted(bench: Bench) -> None:
    bench.cloud.faults.add("stuck-in-build")
    server = bench.booted()
    bench.cloud.advance(86400)
    server = bench.demo.compute.get_server(server.id)
    assert (server.status, server.task_state) == ("BUILD", "spawning")
    assert bench.held(server) == (1, 1, 1)
    with pytest.raises(openstack.exceptions.ResourceTimeout):
        bench.demo.compute.wait_for_server(server, interval=0.01, wait=0.05)
    bench.demo.compute.delete_server(server.id)
    bench.cloud.settle()
    assert bench.held(server) == (0, 0, 0)


def test_a_server_stuck_in_deleting_stays(bench: Bench) -> None:
    bench.cloud.faults.add("stuck-in-deleting")
    server = bench.booted()
    bench.demo.compute.delete_server(server.id)
    bench.cloud.settle()
    server = bench.demo.compute.get_server(server.id)
    assert (server.status, server.task_state) == ("ACTIVE", "deleting")
    assert bench.held(server) == (1, 1, 1)
    bench.admin.compute.reset_server_state(server.id, "active")
    bench.cloud.faults.clear()
    bench.demo.compute.delete_server(server.id)
    bench.cloud.settle()
    assert bench.held(server) == (0, 0, 0)


def test_a_server_is_active_and_then_in_error(bench: Bench) -> None:
    bench.cloud.faults.add("active-then-error", later=30)
    server = bench.boot()
    bench.cloud.advance(10)
    assert bench.demo.compute.get_server(server.id).status == "ACTIVE"
    bench.cloud.advance(30)
    server = bench.demo.compute.get_server(server.id)
    assert server.status == "ERROR"
    assert server.fault["message"] == "The guest ended unexpectedly."
    assert bench.held(server) == (1, 1, 1)
    bench.demo.compute.reboot_server(server.id, "HARD")
    bench.cloud.settle()
    assert bench.demo.compute.get_server(server.id).status == "ACTIVE"


def test_a_server_that_is_deleted_before_it_breaks_is_gone(bench: Bench) -> None:
    bench.cloud.faults.add("active-then-error")
    server = bench.boot()
    bench.cloud.advance(10)
    bench.demo.compute.delete_server(server.id)
    bench.cloud.settle()
    assert bench.demo.compute.find_server(server.id) is None


def test_slow_is_ten_times_as_long(bench: Bench) -> None:
    begun = bench.cloud.now
    bench.booted("a")
    usual = bench.cloud.now - begun
    bench.cloud.faults.add("slow", match={"name": "b"})
    begun = bench.cloud.now
    bench.booted("b")
    assert 4 * usual < bench.cloud.now - begun < 25 * usual
    assert bench.fired("slow") == 1


def test_a_resize_to_a_full_disk_ends_in_error_on_the_old_host(bench: Bench) -> None:
    server = bench.booted()
    bench.cloud.faults.add("resize-disk-full")
    host = bench.admin.compute.get_server(server.id).compute_host
    bench.demo.compute.resize_server(server.id, bench.demo.compute.find_flavor("m1.small").id)
    bench.cloud.settle()
    server = bench.admin.compute.get_server(server.id)
    assert server.status == "ERROR"
    assert server.fault["message"] == "ProcessExecutionError"
    assert "No space left on device" in server.fault["details"]
    assert "details" not in bench.demo.compute.get_server(server.id).fault
    assert server.compute_host == host
    assert bench.held(server) == (1, 1, 1)
    (migration,) = bench.admin.compute.migrations(instance_uuid=server.id)
    assert migration.status == "error"
    assert bench.message_of(server, "resize") == "Error"


# Volumes


def attached(bench: Bench) -> tuple[Any, Any]:
    server, volume = bench.boot(), bench.demo.block_storage.create_volume(size=1, name="data")
    bench.cloud.settle()
    bench.demo.compute.create_volume_attachment(server.id, volume_id=volume.id)
    bench.cloud.settle()
    return server, bench.demo.block_storage.get_volume(volume.id)


def test_a_volume_that_cannot_be_attached_is_available_again(bench: Bench) -> None:
    bench.cloud.faults.add("volume-attach-failed", times=1)
    server, volume = attached(bench)
    assert volume.status == "available"
    assert list(bench.demo.compute.volume_attachments(server.id)) == []
    assert bench.demo.compute.get_server(server.id).status == "ACTIVE"
    assert bench.message_of(server, "attach_volume") == "Error"
    bench.demo.compute.create_volume_attachment(server.id, volume_id=volume.id)
    bench.cloud.settle()
    assert bench.demo.block_storage.get_volume(volume.id).status == "in-use"


def test_a_volume_in_error_attaching_stays_reserved(bench: Bench) -> None:
    bench.cloud.faults.add("volume-error-attaching")
    server, volume = attached(bench)
    assert volume.status == "reserved"
    assert list(bench.demo.compute.volume_attachments(server.id)) == []
    left = bench.admin.block_storage.get(
        f"/attachments?volume_id={volume.id}&all_tenants=1", microversion="3.27"
    ).json()["attachments"]
    assert [each["status"] for each in left] == ["error_attaching"]


def test_a_volume_that_cannot_be_detached_stays_in_use(bench: Bench) -> None:
    server, volume = attached(bench)
    bench.cloud.faults.add("volume-detach-failed", times=1)
    bench.demo.compute.delete_volume_attachment(server.id, volume.id)
    bench.cloud.settle()
    assert bench.demo.block_storage.get_volume(volume.id).status == "in-use"
    assert len(list(bench.demo.compute.volume_attachments(server.id))) == 1
    bench.demo.compute.delete_volume_attachment(server.id, volume.id)
    bench.cloud.settle()
    assert bench.demo.block_storage.get_volume(volume.id).status == "available"


@pytest.mark.parametrize(
    ("kind", "status"),
    [("volume-no-backend", "error"), ("volume-stuck-in-creating", "creating")],
)
def test_a_new_volume_fails_or_sticks(bench: Bench, kind: str, status: str) -> None:
    bench.cloud.faults.add(kind)
    volume = bench.demo.block_storage.create_volume(size=1)
    bench.cloud.settle()
    assert bench.demo.block_storage.get_volume(volume.id).status == status
    messages = bench.demo.block_storage.get("/messages", microversion="3.3").json()["messages"]
    assert len(messages) == (status == "error")
    usage = bench.demo.block_storage.get("/limits").json()["limits"]["absolute"]
    assert usage["totalVolumesUsed"] == 1


@pytest.mark.parametrize(
    ("kind", "status"),
    [("volume-error-deleting", "error_deleting"), ("volume-stuck-in-deleting", "deleting")],
)
def test_a_volume_that_is_deleted_stays(bench: Bench, kind: str, status: str) -> None:
    volume = bench.demo.block_storage.create_volume(size=1)
    bench.cloud.settle()
    bench.cloud.faults.add(kind)
    bench.demo.block_storage.delete_volume(volume.id)
    bench.cloud.settle()
    assert bench.demo.block_storage.get_volume(volume.id).status == status


def test_a_volume_in_error_extending_is_as_large_as_it_was(bench: Bench) -> None:
    volume = bench.demo.block_storage.create_volume(size=1)
    bench.cloud.settle()
    bench.cloud.faults.add("volume-error-extending")
    bench.demo.block_storage.extend_volume(volume.id, 2)
    bench.cloud.settle()
    volume = bench.demo.block_storage.get_volume(volume.id)
    assert (volume.status, volume.size) == ("error_extending", 1)


def test_snapshots_and_backups_fail(bench: Bench) -> None:
    for kind in ("snapshot-failed", "backup-failed"):
        bench.cloud.faults.add(kind, times=1)
    volume = bench.demo.block_storage.create_volume(size=1)
    bench.cloud.settle()
    snapshot = bench.demo.block_storage.create_snapshot(volume_id=volume.id)
    bench.cloud.settle()
    assert bench.demo.block_storage.get_snapshot(snapshot.id).status == "error"
    backup = bench.demo.block_storage.create_backup(volume_id=volume.id)
    bench.cloud.settle()
    backup = bench.demo.block_storage.get_backup(backup.id)
    assert (backup.status, backup.fail_reason) == ("error", "The backup driver failed")
    bench.cloud.faults.add("snapshot-error-deleting")
    bench.demo.block_storage.delete_snapshot(snapshot.id)
    bench.cloud.settle()
    assert bench.demo.block_storage.get_snapshot(snapshot.id).status == "error_deleting"


def test_an_image_that_cannot_be_imported_waits_for_data(bench: Bench) -> None:
    bench.cloud.faults.add("image-import-failed")
    image = bench.demo.image.create_image(
        name="own", container_format="bare", disk_format="raw", data=b"content", use_import=True
    )
    bench.cloud.settle()
    assert bench.demo.image.get_image(image.id).status == "queued"


# Hosts


def host_of(bench: Bench, server: Any) -> str:
    return str(bench.admin.compute.get_server(server.id).compute_host)


def service_of(bench: Bench, host: str) -> Any:
    (found,) = bench.admin.compute.services(binary="nova-compute", host=host)
    return found


def test_a_host_dies_and_returns(bench: Bench) -> None:
    server = bench.booted()
    host = host_of(bench, server)
    bench.cloud.faults.add("host-dies", host=host)
    died = bench.cloud.now
    bench.cloud.advance(100)
    service = service_of(bench, host)
    assert (service.state, service.status, service.is_forced_down) == ("down", "enabled", False)
    bench.demo.compute.reboot_server(server.id, "HARD")
    others = {host_of(bench, bench.booted(f"other-{number}")) for number in range(3)}
    assert host not in others
    assert bench.demo.compute.get_server(server.id).status == "HARD_REBOOT"
    bench.cloud.faults.remove("host-dies")
    bench.cloud.settle()
    assert service_of(bench, host).state == "up"
    assert bench.demo.compute.get_server(server.id).status == "ACTIVE"
    assert died < bench.cloud.now


def test_a_server_on_a_dead_host_is_deleted_at_once(bench: Bench) -> None:
    server = bench.booted()
    bench.cloud.faults.add("host-dies", host=host_of(bench, server))
    bench.demo.compute.delete_server(server.id)
    assert bench.demo.compute.find_server(server.id) is None
    assert bench.held(server) == (0, 0, 0)


def test_what_is_built_on_a_host_that_dies_is_in_error_when_it_returns(bench: Bench) -> None:
    server = bench.boot()
    bench.cloud.advance(1.0)
    host = host_of(bench, server)
    bench.cloud.faults.add("host-dies", host=host, expires=600)
    bench.cloud.advance(500)
    assert bench.demo.compute.get_server(server.id).status == "BUILD"
    bench.cloud.advance(101)
    assert bench.demo.compute.get_server(server.id).status == "ERROR"
    assert service_of(bench, host).state == "up"


def test_the_agents_of_a_dead_host_are_not_heard_of(bench: Bench) -> None:
    def alive() -> dict[str, bool]:
        return {each.host: each.is_alive for each in bench.admin.network.agents()}

    bench.cloud.faults.add("host-dies", host="compute1", expires=60)
    bench.cloud.advance(30)
    assert alive() == {"compute1": False, "compute2": True, "compute3": True, "controller": True}
    (agent,) = bench.admin.network.agents(host="compute1")
    assert agent.last_heartbeat_at == "2030-01-01 00:00:00"
    bench.cloud.advance(30)
    assert set(alive().values()) == {True}
    (agent,) = bench.admin.network.agents(host="compute1")
    assert agent.last_heartbeat_at == "2030-01-01 00:01:00"


def test_block_storage_of_a_dead_host_stands_still(bench: Bench) -> None:
    """Its services are down, its volumes stay as they are, new ones find no back end."""
    volume = bench.demo.block_storage.create_volume(size=1)
    bench.cloud.settle()
    bench.cloud.faults.add("host-dies", host="devstack", expires=600)
    states = {each.host: each.state for each in bench.admin.block_storage.services()}
    assert set(states.values()) == {"down"}
    bench.demo.block_storage.delete_volume(volume)
    unlucky = bench.demo.block_storage.create_volume(size=1)
    bench.cloud.advance(500)
    assert bench.demo.block_storage.get_volume(volume).status == "deleting"
    assert bench.demo.block_storage.get_volume(unlucky).status == "error"
    bench.cloud.advance(100)
    bench.cloud.settle()
    assert bench.demo.block_storage.find_volume(volume.id) is None
    assert {each.state for each in bench.admin.block_storage.services()} == {"up"}


def test_a_host_that_dies_twice_returns_with_the_first_fault(bench: Bench) -> None:
    first, second = (
        bench.cloud.faults.add("host-dies", host="compute1")["fault"]["name"] for _ in range(2)
    )
    bench.cloud.faults.remove(second)
    assert service_of(bench, "compute1").state == "down"
    bench.cloud.faults.remove(first)
    assert service_of(bench, "compute1").state == "up"


def test_a_full_host_takes_no_more(bench: Bench) -> None:
    hosts = [each.host for each in bench.admin.compute.services(binary="nova-compute")]
    for host in hosts:
        bench.cloud.faults.add("host-full", host=host)
    server = bench.booted()
    assert server.fault["message"].startswith("No valid host was found.")
    bench.cloud.faults.clear()
    assert bench.booted("again").status == "ACTIVE"


def test_a_disabled_host_takes_no_more_until_it_is_enabled_again(bench: Bench) -> None:
    bench.cloud.faults.add("host-disabled", host="compute1", after=10, expires=20)
    states = []
    for _ in range(3):
        states.append(service_of(bench, "compute1").status)
        bench.cloud.advance(10)
    assert states == ["enabled", "disabled", "enabled"]


def test_a_zone_goes_down(bench: Bench) -> None:
    def states() -> dict[str, str]:
        return {
            each.host: each.state for each in bench.admin.compute.services(binary="nova-compute")
        }

    zones = {each.host: each.availability_zone for each in bench.admin.compute.services()}
    assert zones["compute1"] == zones["compute2"] == "nova" != zones["compute3"]
    bench.cloud.faults.add("zone-down", zone="nova")
    assert states() == {"compute1": "down", "compute2": "down", "compute3": "up"}
    assert host_of(bench, bench.booted()) == "compute3"
    bench.cloud.faults.clear()
    assert set(states().values()) == {"up"}


# Networks


def test_a_port_takes_its_time_or_stays_down(bench: Bench) -> None:
    """BUILD while the agent is at it; what is not wired stays DOWN."""
    server = bench.booted("before")
    (port,) = bench.demo.network.ports(device_id=server.id)
    assert port.status == "ACTIVE"
    bench.cloud.lifecycles.add(resource="port", transition="wire", seconds=30)
    bench.cloud.faults.add("port-stays-down", times=1)
    first, second = bench.boot("first"), bench.boot("second")
    bench.cloud.advance(10)
    ports = [next(bench.demo.network.ports(device_id=each.id)) for each in (first, second)]
    assert [each.status for each in ports] == ["BUILD", "BUILD"]
    bench.cloud.settle()
    states = sorted(bench.demo.network.get_port(each).status for each in ports)
    assert states == ["ACTIVE", "DOWN"]
    assert bench.fired("port-stays-down") == 1
    bench.demo.compute.delete_server(second)
    bench.cloud.settle()
    assert list(bench.demo.network.ports(device_id=second.id)) == []


def test_a_floating_ip_takes_its_time_or_ends_in_error(bench: Bench) -> None:
    server = bench.booted()
    (port,) = bench.demo.network.ports(device_id=server.id)
    public = bench.demo.network.find_network("public")
    bench.cloud.lifecycles.add(resource="floatingip", seconds=20, match={"project": "demo"})
    leading = {"floating_network_id": public.id, "port_id": port.id}
    address = bench.demo.network.create_ip(**leading)
    assert address.status == "DOWN"
    assert bench.cloud.until(address, "ACTIVE", kind="floatingip").ran is not None
    bench.demo.network.delete_ip(address)
    address = bench.demo.network.create_ip(**leading)
    bench.demo.network.update_ip(address, port_id=None)
    bench.cloud.settle()
    assert bench.demo.network.get_ip(address).status == "DOWN"
    bench.cloud.faults.add("floating-ip-error")
    unlucky = bench.demo.network.create_ip(**leading)
    bench.cloud.settle()
    assert bench.demo.network.get_ip(unlucky).status == "ERROR"


# Quotas and people


def test_a_quota_drops_and_comes_back(bench: Bench) -> None:
    bench.booted()
    quota = {"instances": 1, "volumes": 0, "router": 1}
    bench.cloud.faults.add("quota-drops", project="demo", quota=quota, expires=60)
    with pytest.raises(openstack.exceptions.HttpException, match="Quota exceeded for instances"):
        bench.boot("second")
    with pytest.raises(openstack.exceptions.HttpException, match="VolumeLimitExceeded"):
        bench.demo.block_storage.create_volume(size=1)
    with pytest.raises(openstack.exceptions.ConflictException, match="Quota exceeded"):
        bench.demo.network.create_router()
    bench.cloud.advance(60)
    assert bench.booted("second").status == "ACTIVE"
    bench.demo.block_storage.create_volume(size=1)


def test_a_revoked_token_is_replaced_by_the_client(bench: Bench) -> None:
    old = bench.demo.auth_token
    bench.cloud.faults.add("token-revoked", user="demo")
    assert list(bench.demo.compute.servers()) == []
    assert bench.demo.auth_token != old
    answer = bench.admin.identity.get("/auth/tokens", headers={"X-Subject-Token": old})
    assert answer.status_code == 404


def test_a_disabled_project_lets_nobody_in(bench: Bench) -> None:
    bench.demo.authorize()
    bench.cloud.faults.add("project-disabled", project="demo", expires=60)
    with pytest.raises(Unauthorized):
        list(bench.demo.compute.servers())
    bench.cloud.advance(60)
    fresh = bench.cloud.connect()
    assert list(fresh.compute.servers()) == []
    fresh.close()


def test_every_kind_of_fault_is_tried(bench: Bench) -> None:
    """Each stands in a test of this file, by its name."""
    text = Path(__file__).read_text(encoding="utf-8")
    kinds = [each["kind"] for each in bench.cloud.faults.kinds()["kinds"]]
    assert [each for each in kinds if f'"{each}"' not in text] == []


# Where stages come from


def test_stages_of_a_fixture_hold(tmp_path: Path) -> None:
    fixture = tmp_path / "own.yaml"
    fixture.write_text(
        "extends: devstack\nlifecycles:\n- {resource: server, transition: create, seconds: 33}\n"
    )
    with Cloud(fixture=str(fixture), clock="manual", durations="instant") as cloud:
        (stage,) = cloud.lifecycles.list()["stages"]
        assert (stage["origin"], stage["seconds"]) == ("loaded", 33)
        bench = Bench(cloud, cloud.connect(), None)
        begun = cloud.now
        bench.booted()
        assert cloud.now == pytest.approx(begun + 33, abs=1e-5)
        bench.demo.close()


def test_a_mistake_in_a_fixture_is_told_by_its_place(tmp_path: Path) -> None:
    fixture = tmp_path / "own.yaml"
    fixture.write_text("extends: devstack\nlifecycles:\n- {resource: server, secnds: 33}\n")
    with pytest.raises(UsageError, match=r"own.yaml:3: lifecycles\[0\].secnds: 'secnds' is not"):
        Cloud(fixture=str(fixture), clock="manual")


def test_stages_of_the_settings_hold_beside_the_profile() -> None:
    stage = {"resource": "server", "transition": "create", "outcome": "fail", "fault": "no"}
    with Cloud(clock="manual", durations="instant", lifecycles=[stage]) as cloud:
        bench = Bench(cloud, cloud.connect(), None)
        assert bench.booted().fault["message"] == "no"
        assert cloud.lifecycles.list()["stages"][0]["fired"] == 1
        bench.demo.close()
    with pytest.raises(UsageError, match=r"lifecycles\[0\]: changes nothing"):
        Cloud(lifecycles=[{"resource": "server"}])


def test_the_metadata_of_a_resource_says_what_becomes_of_it(bench: Bench) -> None:
    begun = bench.cloud.now
    slow = bench.booted("slow", metadata={"emulator:build_seconds": "77"})
    assert slow.status == "ACTIVE"
    assert bench.cloud.now == pytest.approx(begun + 77, abs=1e-5)
    bad = bench.booted("bad", metadata={"emulator:outcome": "fail", "emulator:fault": "too bad"})
    assert bad.fault["message"] == "too bad"
    none = bench.booted("none", metadata={"emulator:outcome": "no-valid-host"})
    assert none.fault["message"].startswith("No valid host was found.")
    kept = bench.booted("kept", metadata={"emulator:delete_outcome": "stick"})
    bench.demo.compute.delete_server(kept.id)
    bench.cloud.settle()
    assert bench.demo.compute.get_server(kept.id).task_state == "deleting"
    volume = bench.demo.block_storage.create_volume(
        size=1, metadata={"emulator:delete_outcome": "volume-error-deleting"}
    )
    bench.cloud.settle()
    bench.demo.block_storage.delete_volume(volume.id)
    bench.cloud.settle()
    assert bench.demo.block_storage.get_volume(volume.id).status == "error_deleting"


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        ({"emulator:build_seconds": "soon"}, "takes a number of at least 0, not 'soon'"),
        ({"emulator:outcome": "explosion"}, "'explosion' is none of"),
        ({"emulator:colour": "red"}, "emulator:colour is none of emulator:outcome"),
        ({"emulator:fly_seconds": "3"}, "'fly' is none of"),
    ],
)
def test_metadata_that_says_nothing_clear_is_refused(
    bench: Bench, metadata: dict[str, str], sentence: str
) -> None:
    with pytest.raises(openstack.exceptions.BadRequestException, match=sentence):
        bench.boot(metadata=metadata)
    with pytest.raises(openstack.exceptions.BadRequestException, match=sentence):
        bench.demo.block_storage.create_volume(size=1, metadata=metadata)


def test_novaclient_sees_faults_too(bench: Bench) -> None:
    """python-novaclient, unmodified: the fault, the action and its event."""
    nova = pytest.importorskip("novaclient.client")
    bench.cloud.faults.add(kind="image-download-failed", match={"flavor": "m1.tiny"})
    server = bench.booted()
    client = nova.Client("2.96", session=bench.demo.session)
    found = client.servers.get(server.id)
    assert (found.status, found.fault["code"]) == ("ERROR", 500)
    (action,) = client.instance_action.list(found)
    assert (action.action, action.message) == ("create", "Error")
    (event,) = client.instance_action.get(found, action.request_id).events
    assert (event["event"], event["result"]) == ("compute__do_build_and_run_instance", "Error")


def test_rules_are_about_what_the_fixture_or_the_settings_find(tmp_path: Path) -> None:
    """A rule of a fixture may be about a flavor of the same fixture; of the settings, too."""
    stage = {"resource": "server", "transition": "create", "match": {"flavor": "own"}, "seconds": 9}
    fixture = tmp_path / "own.yaml"
    flavor = "{name: own, id: '77', ram: 64, disk: 1, vcpus: 1}"
    text = f"extends: devstack\ncompute: {{flavors: [{flavor}]}}\n"
    fixture.write_text(f"{text}lifecycles:\n- {stage}\n")
    Cloud(fixture=str(fixture), lifecycles=[stage]).close()
    fixture = tmp_path / "without.yaml"
    fixture.write_text(f"extends: devstack\nlifecycles:\n- {stage}\n")
    with pytest.raises(UsageError, match=r"without.yaml:3.*there is no flavor 'own'"):
        Cloud(fixture=str(fixture))
    with pytest.raises(UsageError, match=r"^lifecycles\[0\].match: there is no flavor 'own'"):
        Cloud(lifecycles=[stage])
