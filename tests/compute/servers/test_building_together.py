"""Many servers built together: row for row what building one after the other writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.compute.servers import building
from emulator.compute.servers.lifecycle import SERVER

SERVERS = "/compute/v2.1/servers"
SETTLED_SECONDS = 60
OF_THE_CLOCK = ("clock.anchor", "clock.base")

Make = Callable[..., Any]


@pytest.fixture
def make(open_cloud: Callable[..., Any]) -> Make:
    """Return a new cloud with quotas that let everything through."""

    def new(durations: str = "typical") -> Any:
        api = open_cloud(clock="manual", durations=durations)
        project = api.cloud.database.value("SELECT id FROM identity_projects WHERE name = 'admin'")
        limits = {"instances": -1, "cores": -1, "ram": -1}
        api.put(f"/compute/v2.1/os-quota-sets/{project}", {"quota_set": limits})
        api.put(f"/networking/v2.0/quotas/{project}", {"quota": {"port": -1}})
        return api

    return new


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every step be run by itself."""
    for change in (building.CREATE, building.CREATE_WITH_DISKS):
        steps = tuple(step._replace(together=None) for step in change.steps)
        monkeypatch.setitem(SERVER.transitions, change.name, change._replace(steps=steps))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how many servers were placed and plugged together."""
    counts: list[int] = []

    def counting(together: Any) -> Any:
        def count(turns: Any) -> int:
            counts.append(together(turns))
            return counts[-1]

        return count

    steps = tuple(
        step._replace(together=counting(step.together)) if step.together else step
        for step in building.CREATE.steps
    )
    monkeypatch.setitem(SERVER.transitions, "create", building.CREATE._replace(steps=steps))
    return counts


def network_of(api: Any, name: str) -> str:
    (network,) = api.get(f"/networking/v2.0/networks?name={name}").json["networks"]
    return str(network["id"])


def image_of(api: Any, name: str) -> str:
    (image,) = api.get(f"/image/v2/images?name={name}").json["images"]
    return str(image["id"])


def order(api: Any, **fields: Any) -> Any:
    """Ask for servers; return the answer's server."""
    hints = fields.pop("hints", None)
    network = fields.pop("network", "private")
    server = {
        "name": "vm",
        "imageRef": image_of(api, "cirros-0.6.3-x86_64-disk"),
        "flavorRef": "42",
        "networks": [{"uuid": network_of(api, network)}],
    }
    body: dict[str, Any] = {"server": {**server, **fields}}
    if hints:
        body["os:scheduler_hints"] = hints
    answer = api.post(SERVERS, body, version="compute 2.74")
    assert answer.status == 202, answer.text
    return answer.json["server"]


def small_network(api: Any) -> None:
    """Make a network with room for five ports."""
    body = {"network": {"name": "small"}}
    made = api.post("/networking/v2.0/networks", body).json["network"]
    subnet = {
        "network_id": made["id"],
        "cidr": "10.9.0.0/29",
        "ip_version": 4,
        "enable_dhcp": False,
    }
    assert api.post("/networking/v2.0/subnets", {"subnet": subnet}).status == 201


def port_on(api: Any, network: str, **fields: Any) -> str:
    body = {"port": {"network_id": network_of(api, network), **fields}}
    return str(api.post("/networking/v2.0/ports", body).json["port"]["id"])


def group_of(api: Any) -> str:
    body = {"server_group": {"name": "apart", "policy": "anti-affinity"}}
    answer = api.post("/compute/v2.1/os-server-groups", body, version="compute 2.74")
    return str(answer.json["server_group"]["id"])


def hold(api: Any, server_id: str) -> None:
    """Let a server hold something of a host, unless it is on one by now."""
    provider = api.get("/placement/resource_providers").json["resource_providers"][0]
    body = {
        "allocations": {provider["uuid"]: {"resources": {"VCPU": 2}}},
        "project_id": "p",
        "user_id": "u",
        "consumer_generation": None,
    }
    path = f"/placement/allocations/{server_id}"
    assert api.put(path, body, version="placement 1.28").status in (204, 409)


def fleet(api: Any) -> None:
    """Ask for servers of every kind, some of which cannot be."""
    small_network(api)
    group = group_of(api)
    networks = [{"uuid": network_of(api, name)} for name in ("small", "private")]
    for _ in range(3):
        order(api)
    order(api, min_count=4)
    order(api, networks=networks)
    order(api, networks=networks, min_count=3)
    api.cloud.advance(0.11)
    order(api, networks=[{"port": port_on(api, "private")}])
    order(api, networks="none")
    order(api, flavorRef="1", min_count=2)
    order(api, availability_zone="az2")
    order(api, availability_zone="nova:compute1")
    order(api, host="compute2")
    for _ in range(4):
        order(api, hints={"group": group})
    api.cloud.advance(0.2)
    for _ in range(2):
        order(api, network="small")
    api.delete(f"{SERVERS}/{order(api)['id']}")
    port_on(api, "private", device_id=order(api)["id"], device_owner="compute:nova")
    hold(api, order(api)["id"])
    for _ in range(30):
        order(api, flavorRef="5", networks="none")
    api.cloud.advance(0.2)
    order(api, flavorRef="5", min_count=20)
    for _ in range(20):
        order(api, flavorRef="5", network="small")
    order(api, flavorRef="1", min_count=3)
    disk: dict[str, Any] = {"uuid": image_of(api, "cirros-0.6.3-x86_64-disk")}
    disk |= {
        "source_type": "image",
        "destination_type": "volume",
        "boot_index": 0,
        "volume_size": 1,
    }
    order(api, imageRef="", block_device_mapping_v2=[disk], min_count=2)


def everything(api: Any) -> list[str]:
    """Return all that a cloud has stored, the clock's own state left out."""
    lines = api.cloud.database.connection.iterdump()
    return [line for line in lines if not any(name in line for name in OF_THE_CLOCK)]


def states(api: Any) -> list[tuple[str, int]]:
    rows = api.cloud.database.all(
        "SELECT vm_state, count(*) FROM compute_servers WHERE deleted = 0 GROUP BY vm_state"
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("durations", ["typical", "instant", "fast"])
def test_together_is_what_one_after_the_other_is(
    make: Make, request: pytest.FixtureRequest, durations: str
) -> None:
    together = make(durations)
    fleet(together)
    together.cloud.advance(SETTLED_SECONDS)
    request.getfixturevalue("alone")
    alone = make(durations)
    fleet(alone)
    alone.cloud.advance(SETTLED_SECONDS)
    assert min(count for _, count in states(together)) > 20  # many of either kind
    assert everything(together) == everything(alone)


def test_how_often_one_looks_does_not_show(make: Make) -> None:
    once, often = make(), make()
    fleet(once)
    once.cloud.advance(SETTLED_SECONDS)
    fleet(often)
    for _ in range(SETTLED_SECONDS * 4):
        often.cloud.advance(0.25)
    assert everything(once) == everything(often)


def test_many_alike_are_placed_and_plugged_in_few_goes(make: Make, counted: list[int]) -> None:
    api = make()
    order(api, min_count=50)
    api.cloud.advance(SETTLED_SECONDS)
    assert states(api) == [("active", 50)]
    assert sum(counted) > 90
    assert len(counted) < 30


def test_what_is_no_plain_case_is_built_alone(make: Make, counted: list[int]) -> None:
    api = make()
    for _ in range(5):
        order(api, networks=[{"port": port_on(api, "private")}], availability_zone="nova:compute1")
    api.cloud.advance(SETTLED_SECONDS)
    assert states(api) == [("active", 5)]
    assert sum(counted) == 0
