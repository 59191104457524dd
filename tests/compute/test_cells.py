"""A cell that is down: what Compute still says of its servers and services, and what not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FIXTURE = str(Path(__file__).parent / "cells.yaml")
COMPUTE = "/compute/v2.1"
SERVERS = f"{COMPUTE}/servers"
BEFORE, SINCE = "compute 2.68", "compute 2.69"


@pytest.fixture
def api(open_cloud: Callable[..., Any]) -> Any:
    return open_cloud(who=("admin", "demo"), fixture=FIXTURE)


def listed(api: Any, path: str = "", *, version: str = SINCE, who: str = "demo") -> list[Any]:
    servers: list[Any] = api.get(f"{SERVERS}{path}", version=version, who=who).json["servers"]
    return servers


def far(api: Any) -> str:
    (found,) = (each["id"] for each in listed(api) if "name" not in each)
    return str(found)


def test_its_servers_are_listed_with_gaps_since_2_69(api: Any) -> None:
    near, unknown = listed(api)
    assert (near["name"], sorted(unknown)) == ("near", ["id", "links", "status"])
    near, unknown = listed(api, "/detail")
    assert near["status"] == "ACTIVE"
    assert unknown["status"] == "UNKNOWN"
    assert sorted(unknown) == ["created", "id", "links", "status", "tenant_id"]
    assert [each["name"] for each in listed(api, version=BEFORE)] == ["near"]


@pytest.mark.parametrize("query", ["?name=a", "?limit=5", "?sort_key=created_at", "?status=ACTIVE"])
def test_lists_with_a_choice_skip_them(api: Any, query: str) -> None:
    assert [each["name"] for each in listed(api, query)] == ["near"]


def test_admins_see_them_in_all_projects(api: Any) -> None:
    assert listed(api, who="admin") == []
    assert len(listed(api, "?all_tenants=1", who="admin")) == 2


def test_one_is_shown_as_it_was_asked_for(api: Any) -> None:
    server = api.get(f"{SERVERS}/{far(api)}", version="compute 2.71", who="demo").json["server"]
    assert sorted(server) == [
        "OS-EXT-AZ:availability_zone",
        "OS-EXT-STS:power_state",
        "created",
        "flavor",
        "id",
        "image",
        "links",
        "server_groups",
        "status",
        "tenant_id",
        "user_id",
    ]
    assert (server["status"], server["OS-EXT-STS:power_state"]) == ("UNKNOWN", 0)
    assert server["OS-EXT-AZ:availability_zone"] == "UNKNOWN"
    assert server["flavor"]["original_name"] == "m1.tiny"


def test_nothing_else_can_be_asked_or_done(api: Any) -> None:
    server_id = far(api)
    for answer in (
        api.get(f"{SERVERS}/{server_id}", version=BEFORE, who="demo"),
        api.post(f"{SERVERS}/{server_id}/action", {"os-stop": None}, version=SINCE, who="demo"),
        api.get(f"{SERVERS}/{server_id}/ips", version=SINCE, who="demo"),
        api.delete(f"{SERVERS}/{server_id}", version=SINCE, who="demo"),
    ):
        assert answer.status == 400
        assert "is not responding or returned an exception" in answer.text


def test_its_services_are_unknown_and_its_hypervisors_are_not_there(api: Any) -> None:
    services = api.get(f"{COMPUTE}/os-services?host=compute3", version=SINCE).json["services"]
    assert services == [{"binary": "nova-compute", "host": "compute3", "status": "UNKNOWN"}]
    assert api.get(f"{COMPUTE}/os-services?host=compute3", version=BEFORE).json["services"] == []
    nodes = api.get(f"{COMPUTE}/os-hypervisors", version=SINCE).json["hypervisors"]
    assert [each["hypervisor_hostname"] for each in nodes] == ["compute1", "compute2"]


def test_no_server_goes_there(api: Any) -> None:
    server = {"name": "vm", "flavorRef": "1", "networks": "none", "availability_zone": "az2"}
    server["imageRef"] = api.cloud.names["image", "cirros-0.6.3-x86_64-disk"]
    answer = api.post(SERVERS, {"server": server}, version=SINCE, who="demo")
    assert answer.status == 400
    assert answer.json["badRequest"]["message"].startswith("The requested availability zone")
    del server["availability_zone"]
    for _ in range(3):
        assert api.post(SERVERS, {"server": server}, version=SINCE, who="demo").status == 202
    api.cloud.settle()
    assert len(listed(api, version=BEFORE)) == 4


def test_a_cell_answers_again_when_it_is_told_to(api: Any) -> None:
    server_id = far(api)
    answer = api.put("/_emulator/cells/cell2", {"down": False})
    assert answer.json == {"cells": [{"name": "cell2", "hosts": ["compute3"], "down": False}]}
    shown = api.get(f"{SERVERS}/{server_id}", version=SINCE, who="demo").json["server"]
    assert (shown["name"], shown["status"]) == ("far", "ACTIVE")
    content = api.cloud.snapshot()
    assert api.put("/_emulator/cells/cell2", {"down": True}).status == 200
    assert len(listed(api, version=BEFORE)) == 1
    api.cloud.restore(content)
    assert len(listed(api, version=BEFORE)) == 2
    assert api.put("/_emulator/cells/cell9", {"down": True}).status == 404
