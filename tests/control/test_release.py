"""A cloud of an older release: its services speak no newer versions, and clients adapt."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import Cloud
from emulator.errors import UsageError

# What the SDK itself is going to change is the SDK's own affair.
pytestmark = pytest.mark.filterwarnings("ignore:::openstack")

ASKED = {"compute": "2.91", "volume": "3.69", "placement": "1.39"}
PATHS = {
    "compute": "/compute/v2.1/flavors",
    "volume": "/volume/v3/volumes",
    "placement": "/placement/resource_classes",
}


def test_newer_versions_are_refused(open_cloud: Any) -> None:
    api = open_cloud(who=["admin"], release="xena")
    for service, version in ASKED.items():
        answer = api.get(PATHS[service], version=f"{service} {version}")
        assert answer.status == 406, (service, answer.text)
        assert api.get(PATHS[service], version=f"{service} latest").status == 200
    latest = api.get(PATHS["compute"], version="compute latest")
    assert latest.headers["openstack-api-version"] == "compute 2.90"


def test_the_version_documents_say_what_there_is(open_cloud: Any) -> None:
    api = open_cloud(who=["admin"], release="yoga")
    compute = {each["id"]: each for each in api.get("/compute/").json["versions"]}
    assert compute["v2.1"]["version"] == "2.90"
    assert compute["v2.0"]["version"] == ""
    assert api.get("/compute/v2.1/").json["version"]["version"] == "2.90"
    assert api.get("/volume/").json["versions"][0]["version"] == "3.68"
    assert api.get("/placement/").json["versions"][0]["max_version"] == "1.39"
    image = api.get("/image/versions").json["versions"]
    assert (image[0]["id"], image[0]["status"]) == ("v2.15", "CURRENT")


def test_extensions_of_later_releases_are_not_there(open_cloud: Any) -> None:
    old, new = open_cloud(who=["admin"], release="train"), open_cloud(who=["admin"])
    path = "/networking/v2.0/extensions"
    names = [{each["alias"] for each in api.get(path).json["extensions"]} for api in (old, new)]
    assert names[1] - names[0] >= {"address-group", "l3-ndp-proxy", "stateful-security-group"}
    assert names[0] >= {"router", "security-group", "quotas"}
    assert old.get(f"{path}/address-group").status == 404
    assert new.get(f"{path}/address-group").status == 200


def test_an_unmodified_client_agrees_on_what_there_is() -> None:
    pytest.importorskip("openstack")
    with Cloud(release="train", durations="instant") as cloud:
        connection = cloud.connect()
        compute = connection.compute
        assert compute.get_endpoint_data().max_microversion == (2, 79)
        cloud.release.set(compute="2.60")
        connection.close()
        connection = cloud.connect()
        assert connection.compute.get_endpoint_data().max_microversion == (2, 60)
        connection.close()


def test_the_release_is_part_of_the_cloud(cloud: Cloud) -> None:
    cloud.release.set(name="zed", compute="2.79")
    content = cloud.snapshot()
    cloud.release.set(name="2026.2")
    assert cloud.release.show()["release"]["versions"]["compute"] == "2.104"
    cloud.restore(content)
    shown = cloud.release.show()["release"]
    assert (shown["name"], shown["versions"]["compute"]) == ("zed", "2.79")


def test_no_such_release() -> None:
    with pytest.raises(UsageError, match="'austin' is no release known here"):
        Cloud(release="austin")
