"""What clients sent and nobody read is listed; what was read, or refused, is not."""

from __future__ import annotations

from typing import Any

import pytest

COMPUTE, IDENTITY, NETWORK = "/compute/v2.1", "/identity/v3", "/networking/v2.0"
VOLUME, IMAGE, PLACEMENT = "/volume/v3", "/image/v2", "/placement"


def unread(api: Any) -> set[tuple[str, str]]:
    return {(each["place"], each["name"]) for each in api.cloud.journal.ignored()["ignored"]}


PARAMETERS = [
    (f"{COMPUTE}/servers?name=a&nmae=a", {"nmae"}),
    (f"{COMPUTE}/servers/detail?limit=1&marker=&sort_key=created_at&all_tenants=1", set()),
    (f"{COMPUTE}/flavors?minRam=1&ram=2", {"ram"}),
    (f"{COMPUTE}/os-services?binary=nova-compute&hots=x", {"hots"}),
    (f"{IDENTITY}/users?name=a&nmae=a&name__contains=b&domain_id=default", {"nmae"}),
    (f"{IDENTITY}/role_assignments?user.id=x&include_names&usr.id=y", {"usr.id"}),
    (f"{IDENTITY}/projects?limit=1&parent=x", {"parent"}),
    (f"{VOLUME}/volumes?name=a&all_tenants=1&nmae=b", {"nmae"}),
    (f"{VOLUME}/volumes/detail?status=available&limit=5&with_count=true", {"with_count"}),
    (f"{NETWORK}/networks?name=a&fields=id&limit=1", set()),
    (f"{NETWORK}/security-groups?name=a&tags-any=x", set()),
    (f"{IMAGE}/images?name=a&os_distro=b&limit=1", set()),
    (f"{PLACEMENT}/resource_providers?name=a", set()),
]


@pytest.mark.parametrize(("path", "names"), PARAMETERS)
def test_parameters(api: Any, path: str, names: set[str]) -> None:
    assert api.get(path).status == 200
    assert unread(api) == {("query", name) for name in names}


def test_of_one_network_nothing_is_filtered(api: Any) -> None:
    network = api.get(f"{NETWORK}/networks").json["networks"][0]["id"]
    api.get(f"{NETWORK}/networks/{network}?name=x&fields=id")
    assert unread(api) == {("query", "name")}


HEADERS = [
    (COMPUTE, {"X-OpenStack-Nova-API-Version": "2.1"}, set()),
    (COMPUTE, {"OpenStack-API-Version": "compute 2.1, volume 3.1"}, set()),
    (COMPUTE, {"OpenStack-API-Version": "volume 3.1"}, {"OpenStack-API-Version: volume 3.1"}),
    (COMPUTE, {"X-Project-Id": "x", "Accept": "*/*"}, {"X-Project-Id"}),
    (NETWORK, {"OpenStack-API-Version": "network 2.0"}, {"OpenStack-API-Version"}),
    (COMPUTE, {"X-OpenStack-Request-ID": "x", "X-Service-Token": "x"}, set()),
    (IDENTITY, {"X-Subject-Token": "x"}, set()),
]


@pytest.mark.parametrize(("path", "headers", "names"), HEADERS)
def test_headers(api: Any, path: str, headers: dict[str, str], names: set[str]) -> None:
    assert api.get(path, headers=headers).status == 200
    assert {name.lower() for _, name in unread(api)} == {name.lower() for name in names}


def test_fields_of_a_server(api: Any, boot: Any) -> None:
    server = boot("vm", hints={"group_id": "x", "different_host": []}).json["server"]["id"]
    assert unread(api) == {("body", "os:scheduler_hints.group_id")}
    api.cloud.settle()
    api.cloud.journal.clear()
    action = f"{COMPUTE}/servers/{server}/action"
    api.post(action, {"os-stop": {"force": True}}, who="demo")
    api.cloud.settle()
    api.post(action, {"os-start": None}, who="demo")
    assert unread(api) == {("body", "os-stop.force")}


BODIES = [
    (f"{IDENTITY}/projects", {"project": {"name": "p", "colour": "red"}}, set()),
    (f"{IDENTITY}/policies", {"policy": {"blob": "b", "type": "t"}, "x": 1}, {"x"}),
    (f"{NETWORK}/networks", {"network": {"name": "n"}, "x": 1}, {"x"}),
    (f"{IMAGE}/images", {"name": "i", "os_distro": "x"}, set()),
    (f"{VOLUME}/volumes", {"volume": {"size": 1, "metadata": {"a": "b"}}}, set()),
    (f"{COMPUTE}/servers", {"server": {"nmae": "x"}}, set()),
]


@pytest.mark.parametrize(("path", "body", "names"), BODIES)
def test_fields_of_bodies(api: Any, path: str, body: Any, names: set[str]) -> None:
    api.post(path, body)
    assert unread(api) == {("body", name) for name in names}


def test_a_body_where_none_is_read(api: Any) -> None:
    api("GET", f"{COMPUTE}/servers", {"a": 1})
    assert unread(api) == {("body", "the whole body")}


def test_a_thing_is_listed_once_with_how_often(api: Any) -> None:
    for _ in range(3):
        answer = api.get(f"{COMPUTE}/servers?nmae=x")
    (told,) = api.cloud.journal.ignored()["ignored"]
    assert told["times"] == 3
    assert told["operation"] == "GET /servers of compute"
    assert told["request_id"] != answer.headers["x-openstack-request-id"]
