"""What a cloud of an older release does by default otherwise than one of the newest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator import Cloud, former_policies, releases
from emulator.policy import references

READER, SYSTEM_READER = "demo_reader@demo", "system_reader@system"
SERVERS, VOLUMES = "/compute/v2.1/servers", "/volume/v3/volumes"
NETWORKS, IMAGES = "/networking/v2.0/networks", "/image/v2/images"
GROUPS, NAMESPACES = "/networking/v2.0/address-groups", "/image/v2/metadefs/namespaces"
PROVIDERS, HYPERVISORS = "/placement/resource_providers", "/compute/v2.1/os-hypervisors"
GROUP = {"address_group": {"name": "x", "addresses": []}}
# who asks, and for what → from which release on the answer is this one
POLICIES: dict[tuple[str, str, str], tuple[Any, dict[str, int]]] = {
    (READER, "POST", SERVERS): ("server", {"train": 202, "2023.1": 403}),
    (READER, "POST", NETWORKS): ({"network": {}}, {"train": 201, "2023.2": 403}),
    (READER, "POST", GROUPS): (GROUP, {"train": 201, "2026.2": 403}),
    (READER, "POST", VOLUMES): ({"volume": {"size": 1}}, {"train": 202, "2026.2": 403}),
    (READER, "POST", IMAGES): ({"name": "x"}, {"train": 201, "2023.1": 403}),
    (READER, "POST", NAMESPACES): ({"namespace": "x"}, {"train": 201, "wallaby": 403}),
    (SYSTEM_READER, "GET", HYPERVISORS): (None, {"train": 403, "ussuri": 200, "yoga": 403}),
    (SYSTEM_READER, "GET", PROVIDERS): (None, {"train": 403, "wallaby": 200, "2023.1": 403}),
    ("admin@system", "GET", IMAGES): (None, {"train": 200, "2023.1": 403}),
    ("demo", "GET", HYPERVISORS): (None, {"train": 403}),
    ("alt_demo", "DELETE", "volume"): (None, {"train": 404}),
    ("alt_demo", "DELETE", "image"): (None, {"train": 403}),
}


def in_release(steps: dict[str, Any], name: str) -> Any:
    """What holds in a release, of what is said from which release on."""
    return [value for since, value in steps.items() if not releases.is_before(name, since)][-1]


@pytest.fixture(params=releases.NAMES)
def of_release(request: Any, open_cloud: Callable[..., Any]) -> tuple[str, Any]:
    """Each release, and a cloud of it."""
    return request.param, open_cloud(who=["admin", "demo"], release=request.param)


def test_who_may_do_what(of_release: tuple[str, Any]) -> None:
    name, api = of_release
    names = api.cloud.names
    made_of = {
        "imageRef": names["image", "cirros-0.6.3-x86_64-disk"],
        "flavorRef": names["flavor", "m1.nano"],
    }
    volume = api.post(VOLUMES, {"volume": {"size": 1}}, who="demo").json["volume"]["id"]
    paths = {"volume": f"{VOLUMES}/{volume}", "image": f"{IMAGES}/{made_of['imageRef']}"}
    for (who, method, path), (body, steps) in POLICIES.items():
        sent = {"server": {"name": "x", **made_of}} if body == "server" else body
        answer = api(method, paths.get(path, path), sent, who=who)
        assert answer.status == in_release(steps, name), (name, who, method, path, answer.text)


def test_a_readers_rights_go_with_the_release_at_run_time(open_cloud: Callable[..., Any]) -> None:
    api = open_cloud(who=["demo", READER])
    assert api.post(NETWORKS, {"network": {}}, who=READER).status == 403
    api.cloud.release.set("zed")
    content = api.cloud.snapshot()
    assert api.post(NETWORKS, {"network": {}}, who=READER).status == 201
    api.cloud.release.set("2026.2")
    assert api.post(NETWORKS, {"network": {}}, who=READER).status == 403
    api.cloud.restore(content)
    assert api.post(NETWORKS, {"network": {}}, who=READER).status == 201
    forked = api.cloud.fork()
    assert forked.enforcers["network"].rules["create_network"] == "rule:regular_user"


def test_rules_of_ones_own_win_over_a_releases() -> None:
    rules = {"network": {"create_network": "!"}}
    with Cloud(release="zed", policies=rules, fixture="") as cloud:
        assert cloud.enforcers["network"].rules["create_network"] == "!"


def test_every_rule_of_a_release_can_be_asked(of_release: tuple[str, Any]) -> None:
    for service, enforcer in of_release[1].cloud.enforcers.items():
        for rule, check in enforcer.rules.items():
            enforcer.compile(check)
            assert references(check) <= set(enforcer.rules), (service, rule)


def test_the_newest_release_has_no_former_rules() -> None:
    services = [each.name for each in Cloud(fixture="").services.values() if each.policies]
    assert len(services) == 6
    for each in services:
        assert not former_policies.of(each, releases.NEWEST.name)
        assert former_policies.of(each, "train")


def test_hosts_hold_more_processors_and_memory(of_release: tuple[str, Any]) -> None:
    """Nova's initial_cpu_allocation_ratio and initial_ram_allocation_ratio."""
    name, api = of_release
    provider = api.get(f"{PROVIDERS}?name=compute1").json["resource_providers"][0]["uuid"]
    held = api.get(f"{PROVIDERS}/{provider}/inventories").json["inventories"]
    ratios = tuple(held[each]["allocation_ratio"] for each in ("VCPU", "MEMORY_MB", "DISK_GB"))
    assert ratios == in_release({"train": (16.0, 1.5, 1.0), "2023.1": (4.0, 1.0, 1.0)}, name)


def test_keystone_says_its_version(of_release: tuple[str, Any]) -> None:
    name, api = of_release
    version = api.get("/identity/v3/").json["version"]
    assert version["id"] == in_release({"train": "v3.13", "ussuri": "v3.14"}, name)


def test_glance_says_its_ways_of_importing(of_release: tuple[str, Any]) -> None:
    name, api = of_release
    steps = {
        "train": ["glance-direct", "web-download"],
        "ussuri": ["glance-direct", "web-download", "copy-image"],
        "zed": ["glance-direct", "web-download", "copy-image", "glance-download"],
    }
    methods = in_release(steps, name)
    image = api.post(IMAGES, {"name": "x"})
    assert image.headers["openstack-image-import-methods"] == ",".join(methods)
    assert api.get("/image/v2/info/import").json["import-methods"]["value"] == methods
    path = f"{IMAGES}/{image.json['id']}/import"
    refused = api.post(path, {"method": {"name": "glance-download"}})
    assert ("Unknown import method" in refused.text) is ("glance-download" not in methods)


def test_keystone_makes_managers(of_release: tuple[str, Any]) -> None:
    name, api = of_release
    since = {"train": [], "2023.2": ["manager"]}
    roles = {each["name"] for each in api.get("/identity/v3/roles").json["roles"]}
    assert roles - {"ResellerAdmin", "anotherrole"} == {
        "admin", "member", "reader", "service", *in_release(since, name)
    }  # fmt: skip
    token = api.get("/identity/v3/auth/tokens", headers={"X-Subject-Token": api.token("admin")})
    held = {each["name"] for each in token.json["token"]["roles"]}
    assert held == {"admin", "member", "reader", *in_release(since, name)}


@pytest.mark.parametrize("name", ["train", "2023.1"])
def test_inhabitants_come_into_old_clouds(name: str) -> None:
    with Cloud(release=name, fixture="busy") as cloud:
        assert cloud.series.name == name
        assert len(cloud.names)
