"""Time belongs to the test: it stands, is moved, jumps to where something is done."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import Cloud, RemoteCloud
from emulator.errors import UsageError

# What the SDK itself is going to change is the SDK's own affair.
pytestmark = pytest.mark.filterwarnings("ignore:::openstack")

pytest.importorskip("openstack")


def boot(openstack: Any) -> Any:
    """Ask for a server and do not wait, nor look at it."""
    return openstack.compute.create_server(
        name="vm1",
        image_id=openstack.get_image("cirros-0.6.3-x86_64-disk").id,
        flavor_id=openstack.get_flavor("m1.tiny").id,
        networks="auto",
    )


@pytest.mark.cloud(clock="manual", durations="typical")
def test_until_a_server_has_a_status(cloud: Cloud, openstack: Any) -> None:
    server = boot(openstack)
    before = cloud.now
    assert cloud.until(server, "ACTIVE").status == "ACTIVE"
    assert openstack.get_server_by_id(server.id).status == "ACTIVE"
    assert 0 < cloud.now - before < 60
    openstack.compute.delete_server(server)
    assert cloud.until(server, "deleted", kind="server").status == "deleted"


@pytest.mark.cloud(clock="manual", durations="typical")
def test_until_ends_where_it_cannot_become_true(cloud: Cloud, openstack: Any) -> None:
    server = boot(openstack)
    with pytest.raises(UsageError, match=r"server 'vm1' is still BUILD after 0\.1 seconds"):
        cloud.until("vm1", "ACTIVE", seconds_max=0.1)
    with pytest.raises(UsageError, match="server 'vm1' is ACTIVE, and nothing is pending"):
        cloud.until(server, "SHUTOFF")
    with pytest.raises(UsageError, match="kind: 'tree' is none of server, volume"):
        cloud.until(server, "ACTIVE", kind="tree")
    boot(openstack)
    with pytest.raises(UsageError, match="'vm1' is the name of several: server"):
        cloud.until("vm1", "ACTIVE")


@pytest.mark.cloud(clock="manual", durations="typical")
def test_settling_has_a_limit(cloud: Cloud, openstack: Any) -> None:
    boot(openstack)
    with pytest.raises(UsageError, match="the cloud is not quiet after 2 steps"):
        cloud.settle(steps_max=1)
    assert cloud.settle() > 0


@pytest.mark.cloud(clock="manual", durations="typical")
def test_what_ran_is_told(cloud: Cloud, openstack: Any) -> None:
    """Which step of which resource at which moment, in order; a fault that fired, too."""
    server = boot(openstack)
    ran = cloud.settle()
    own = [each for each in ran.report if each["id"] == server.id]
    assert [each["state"] for each in own][-1] == "spawning"
    assert {(each["resource"], each["transition"], each["what"]) for each in own} == {
        ("server", "create", "ended")
    }
    assert [each["time"] for each in ran.report] == sorted(each["time"] for each in ran.report)
    assert ran == len(ran.report) > 3
    assert ran.untold == 0
    openstack.compute.delete_server(server)
    few = RemoteCloud(cloud.url).settle(report_max=1)
    assert (len(few.report), few.untold) == (1, few - 1)
    cloud.faults.add("no-valid-host")
    doomed = boot(openstack)
    found = cloud.until(doomed, "ERROR")
    assert found.ran is not None
    assert [(each["kind"], each["what"]) for each in found.ran.report][-2:] == [
        ("fault", "fired"),
        ("fault", "failed"),
    ]
    assert found.ran.report[-1]["message"].startswith("No valid host was found.")


@pytest.mark.cloud(clock="manual", durations="typical", journal_max=0)
def test_what_ran_is_told_without_a_journal(cloud: Cloud, openstack: Any) -> None:
    server = boot(openstack)
    assert server.id in {each["id"] for each in cloud.advance(100).report}


@pytest.mark.cloud(clock="frozen", durations="slow", skip_on_poll=True)
def test_an_unmodified_waiter_sees_build_once(cloud: Cloud, openstack: Any) -> None:
    server = boot(openstack)
    seen = [openstack.compute.get_server(server.id).status for _ in range(3)]
    assert seen == ["BUILD", "ACTIVE", "ACTIVE"]
    openstack.compute.resize_server(server, openstack.get_flavor("m1.small").id)
    seen = [openstack.compute.get_server(server.id).status for _ in range(3)]
    assert seen == ["RESIZE", "VERIFY_RESIZE", "VERIFY_RESIZE"]


@pytest.mark.cloud(clock="frozen", durations="slow", skip_on_poll=True)
def test_waiters_of_the_sdk_end_at_once(cloud: Cloud, openstack: Any) -> None:
    before = cloud.now
    server = openstack.compute.wait_for_server(boot(openstack), interval=0.001)
    assert server.status == "ACTIVE"
    volume = openstack.block_storage.create_volume(name="disk", size=1)
    openstack.block_storage.wait_for_status(volume, "available", interval=0.001)
    openstack.compute.delete_server(server)
    openstack.compute.wait_for_delete(server, interval=0.001)
    assert cloud.now - before > 10  # of the cloud's own seconds


@pytest.mark.cloud(clock="frozen", durations="slow", skip_on_poll=True)
def test_a_list_polled_goes_step_by_step(cloud: Cloud, openstack: Any) -> None:
    boot(openstack)
    seen = [next(iter(openstack.compute.servers())).status for _ in range(12)]
    assert seen[0] == "BUILD"
    assert seen[-1] == "ACTIVE"


@pytest.mark.cloud(clock="frozen", durations="slow", skip_on_poll=True)
def test_looking_elsewhere_moves_no_time(cloud: Cloud, openstack: Any) -> None:
    server = boot(openstack)
    before = cloud.now
    assert openstack.compute.get_server(server.id).status == "BUILD"
    assert openstack.compute.get_flavor("1")
    assert cloud.now == before


@pytest.mark.cloud(clock="frozen", skip_on_poll=True, resize_confirm_window_seconds=60)
def test_deadlines_are_not_skipped(cloud: Cloud, openstack: Any) -> None:
    server = boot(openstack)
    openstack.compute.resize_server(server, openstack.get_flavor("m1.small").id)
    seen = [openstack.compute.get_server(server.id).status for _ in range(3)]
    assert seen == ["VERIFY_RESIZE"] * 3
    cloud.advance(60)
    assert openstack.compute.get_server(server.id).status == "ACTIVE"


def test_how_the_clock_runs_is_part_of_the_cloud(cloud: Cloud) -> None:
    cloud.clock.set(mode="frozen", skip_on_poll=True)
    content = cloud.snapshot()
    cloud.clock.set(mode="real", skip_on_poll=False)
    cloud.restore(content)
    shown = cloud.clock.show()["clock"]
    assert (shown["mode"], shown["skip_on_poll"]) == ("frozen", True)


def ids_of_a_run(openstack: Any, cloud: Cloud, *, pause: float) -> list[str]:
    """The ids that the same requests get, with time passing between them or not."""
    network = openstack.network.find_network("private").id
    first = boot(openstack)
    cloud.advance(pause)
    volume = openstack.block_storage.create_volume(name="disk", size=1)
    cloud.advance(pause)
    second = boot(openstack)
    cloud.settle()
    ports = [each.id for each in openstack.network.ports(device_id=first.id)]
    return [network, first.id, volume.id, second.id, *ports]


def test_ids_do_not_depend_on_what_happened_between_requests() -> None:
    runs = []
    for pause in (0, 100):
        with Cloud(clock="manual", durations="typical") as cloud:
            openstack = cloud.connect()
            runs.append(ids_of_a_run(openstack, cloud, pause=pause))
            openstack.close()
    assert runs[0] == runs[1]
