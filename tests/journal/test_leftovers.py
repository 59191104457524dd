"""assert_clean(): what is left, and which request made it."""

from __future__ import annotations

from typing import Any

import pytest

SERVERS = "/compute/v2.1/servers"


def left(api: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.cloud.journal.clean()["left"]
    return found


def test_the_fixture_is_nobodys_litter(api: Any) -> None:
    api.get(SERVERS)
    api.get("/networking/v2.0/security-groups", who="demo")  # makes the project's default group
    api.cloud.assert_clean()
    assert api.cloud.journal.clean() == {"clean": True, "left": []}


def test_a_server_is_told_with_who_made_it_and_without_what_came_along(api: Any, boot: Any) -> None:
    answer = boot("vm")
    api.cloud.settle()
    server = answer.json["server"]["id"]
    request_id = answer.headers["x-openstack-request-id"]
    made = {"made_by": "POST /servers", "request_id": request_id}
    assert left(api) == [{"kind": "server", "id": server, "name": "vm", **made}]
    with pytest.raises(AssertionError) as failure:
        api.cloud.assert_clean()
    assert str(failure.value) == (
        f"1 thing is left behind:\n  server 'vm' {server}, made by POST /servers ({request_id})"
    )
    api.delete(f"{SERVERS}/{server}", who="demo")
    api.cloud.settle()
    api.cloud.assert_clean()


def test_every_service_leaves_things(api: Any) -> None:
    network = "/networking/v2.0"
    made = api.post(f"{network}/networks", {"network": {"name": "n"}}, who="demo").json["network"]
    subnet = {"network_id": made["id"], "cidr": "10.9.0.0/24", "ip_version": 4}
    api.post(f"{network}/subnets", {"subnet": subnet}, who="demo")
    api.post("/volume/v3/volumes", {"volume": {"size": 1, "name": "v"}}, who="demo")
    api.post("/image/v2/images", {"name": "i"}, who="demo")
    api.post("/identity/v3/projects", {"project": {"name": "p"}})
    api.post("/compute/v2.1/os-keypairs", {"keypair": {"name": "k"}}, who="demo")
    api.put("/placement/traits/CUSTOM_T", version="placement 1.39")
    found = {each["kind"]: each for each in left(api)}
    assert set(found) == {"keypair", "volume", "image", "network", "subnet", "project", "trait"}
    assert all("request_id" in each for each in found.values())
    assert found["trait"]["made_by"] == "PUT /traits/{name}"
    with pytest.raises(AssertionError, match=r"^7 things are left behind:\n"):
        api.cloud.assert_clean()


def test_what_was_there_when_the_journal_was_cleared_is_the_beginning(api: Any, boot: Any) -> None:
    boot("vm")
    api.cloud.journal.clear()
    api.cloud.settle()
    api.cloud.assert_clean()


def test_who_made_it_may_be_forgotten(open_cloud: Any) -> None:
    api = open_cloud(who=["admin"], journal_max=3)
    api.post("/identity/v3/projects", {"project": {"name": "p"}})
    for _ in range(5):
        api.get(SERVERS)
    with pytest.raises(AssertionError, match="made by no request that the journal keeps"):
        api.cloud.assert_clean()
