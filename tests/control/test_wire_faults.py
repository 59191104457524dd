"""Faults of the wire, as unmodified clients meet them."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from emulator import Cloud
from emulator.control.wire_faults import _presets

pytest.importorskip("openstack")
import requests
from keystoneauth1 import session as sessions
from keystoneauth1.exceptions import ConnectFailure
from keystoneauth1.identity import v3
from openstack import exceptions

# What the SDK itself is going to change is the SDK's own affair.
pytestmark = pytest.mark.filterwarnings("ignore:::openstack")

HEADER = "X-Emulator-Fault"


@pytest.fixture
def compute(cloud: Cloud) -> Iterator[Any]:
    """A Compute client that tries everything once."""
    connection = cloud.connect("admin")
    connection.config.config["compute_connect_retries"] = 0
    connection.compute.status_code_retries = 0
    connection.compute.connect_retries = 0
    list(connection.compute.flavors())  # discovery is over
    yield connection.compute
    connection.close()


def nova(cloud: Cloud) -> Any:
    """A novaclient that tries everything once."""
    pytest.importorskip("novaclient")
    from novaclient import client

    values = cloud.env("admin")
    auth = v3.Password(
        values["OS_AUTH_URL"], username="admin", password="secret", project_name="admin",
        user_domain_id="default", project_domain_id="default",
    )  # fmt: skip
    return client.Client("2.90", session=sessions.Session(auth=auth))


def keypairs(compute: Any) -> list[str]:
    return [each.name for each in compute.keypairs()]


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("identity", "/identity/v3/users"),
        ("placement", "/placement/resource_providers"),
        ("image", "/image/v2/images"),
        ("network", "/networking/v2.0/networks"),
        ("volume", "/volume/v3/volumes"),
        ("compute", "/compute/v2.1/servers"),
    ],
)
def test_a_status_comes_in_the_services_own_envelope(
    open_cloud: Any, service: str, path: str
) -> None:
    api = open_cloud(who=["admin"])
    api.cloud.wire_faults.add(
        service=service, status=503, retry_after=7, message="Come back later.", times=1
    )
    answer = api.get(path)
    assert answer.status == 503
    assert answer.headers["retry-after"] == "7"
    assert answer.headers["x-emulator-fault"] == "fault-1"
    assert "Come back later." in answer.text
    again = api.get(path)
    assert again.status == 200
    assert "x-emulator-fault" not in again.headers


def test_the_sdk_sees_a_status(cloud: Cloud, compute: Any) -> None:
    cloud.wire_faults.add(operation="POST /os-keypairs", status=500)
    with pytest.raises(exceptions.HttpException) as failure:
        compute.create_keypair(name="k1")
    assert failure.value.status_code == 500
    assert failure.value.response.headers[HEADER] == "fault-1"
    assert keypairs(compute) == []
    cloud.wire_faults.clear()
    compute.create_keypair(name="k1")
    assert keypairs(compute) == ["k1"]


def test_novaclient_is_limited(cloud: Cloud) -> None:
    from novaclient import exceptions as errors

    client = nova(cloud)
    client.flavors.list()
    cloud.wire_faults.add(operation="GET /servers/detail", status=429, retry_after=3)
    with pytest.raises(errors.RateLimit) as failure:
        client.servers.list()
    assert failure.value.code == 429


def test_a_sequence_is_over_when_it_is_over(cloud: Cloud, compute: Any) -> None:
    cloud.wire_faults.add(
        operation="GET /servers/detail", status=503, sequence=["fail", "fail", "ok", "fail"]
    )
    seen = []
    for _ in range(6):
        try:
            list(compute.servers())
            seen.append("ok")
        except exceptions.HttpException as failure:
            seen.append(str(failure.status_code))
    assert seen == ["503", "503", "ok", "503", "ok", "ok"]
    assert cloud.wire_faults.show("fault-1")["wire_fault"]["fired"] == 3


def test_the_sdk_tries_again_where_it_may(cloud: Cloud) -> None:
    connection = cloud.connect("admin")
    connection.compute.status_code_retries = 3
    connection.compute.retriable_status_codes = [503]
    list(connection.compute.flavors())
    cloud.wire_faults.add(
        operation="GET /servers/detail", status=503, retry_after=0, sequence=["fail", "fail"]
    )
    assert list(connection.compute.servers()) == []
    assert cloud.wire_faults.show("fault-1")["wire_fault"]["seen"] == 3
    connection.close()


def test_a_reset_before_has_no_effect_and_one_after_has(cloud: Cloud, compute: Any) -> None:
    for when, left in (("before", []), ("after", ["after"])):
        cloud.wire_faults.add(operation="POST /os-keypairs", reset=when, times=1)
        with pytest.raises((exceptions.SDKException, requests.ConnectionError, Exception)) as error:
            compute.create_keypair(name=when)
        assert "onnect" in str(error.value)
        assert keypairs(compute) == left


@pytest.mark.parametrize(
    ("criteria", "hit"),
    [
        ({"user": "admin"}, True),
        ({"user": "demo"}, False),
        ({"project": "admin", "method": "GET"}, True),
        ({"method": "POST"}, False),
        ({"service": "volume"}, False),
        ({"path": "/flavors/\\d+$"}, True),
        ({"path": "^/servers"}, False),
        ({"header": {"User-Agent": "openstacksdk"}}, True),
        ({"header": {"User-Agent": "gophercloud"}}, False),
        ({"header": {"X-Not-There": "."}}, False),
        ({"operation": "GET /flavors/{flavor_id}"}, True),
        ({"operation": "GET /flavors"}, False),
        ({"nth": 2}, False),
        ({"nth": [1, 3]}, True),
        ({"every": 2}, False),
        ({"probability": 1}, True),
        ({"probability": 0}, False),
        ({"after_seconds": 1}, False),
        ({"for_seconds": 1}, True),
        ({"for_seconds": 0}, False),
    ],
    ids=str,
)
@pytest.mark.cloud(clock="frozen")
def test_which_requests_a_fault_is_about(
    cloud: Cloud, compute: Any, criteria: dict[str, Any], hit: bool
) -> None:
    cloud.wire_faults.add(status=418, **criteria)
    try:
        compute.get_flavor("1")
        was_hit = False
    except exceptions.HttpException as failure:
        was_hit = failure.status_code == 418
    assert was_hit is hit


def test_an_action_goes_by_its_name(open_cloud: Any) -> None:
    api = open_cloud(who=["admin"])
    path = "/compute/v2.1/servers/none/action"
    api.cloud.wire_faults.add(operation="os-stop", status=503)
    assert api.post(path, {"os-start": None}).status == 404
    assert api.post(path, {"os-stop": None}).status == 503


@pytest.mark.cloud(clock="manual")
def test_a_latency_passes_on_the_clouds_clock(cloud: Cloud, compute: Any) -> None:
    cloud.wire_faults.add(operation="GET /servers/detail", latency=[10, 20])
    before = cloud.now
    list(compute.servers())
    first = cloud.now - before
    list(compute.servers())
    second = cloud.now - before - first
    assert 10 <= first <= 20
    assert 10 <= second <= 20
    assert first != second


@pytest.mark.cloud(rate=100)
def test_an_answer_is_held_back(cloud: Cloud) -> None:
    cloud.wire_faults.add(path="^/v3", latency=1000)
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{cloud.url}/identity/v3", timeout=0.2)
    cloud.wire_faults.clear()
    assert requests.get(f"{cloud.url}/identity/v3", timeout=5).status_code == 200


def ask(cloud: Cloud, path: str) -> bytes:
    """The body of an answer. IncompleteRead when it breaks off."""
    parts = urlsplit(cloud.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.request("GET", parts.path + path)
    answer = connection.getresponse()
    try:
        return answer.read()
    finally:
        answer.close()
        connection.close()


def test_a_body_breaks_off(cloud: Cloud) -> None:
    whole = ask(cloud, "/compute/")
    cloud.wire_faults.add(service="compute", body="truncated")
    with pytest.raises(http.client.IncompleteRead) as broken:
        ask(cloud, "/compute/")
    assert broken.value.partial == whole[: len(whole) // 2]


@pytest.mark.cloud(rate=100)
def test_a_body_trickles(cloud: Cloud) -> None:
    whole = ask(cloud, "/compute/")
    cloud.wire_faults.add(service="compute", body="slow")
    assert ask(cloud, "/compute/") == whole


def test_a_gateway_answers_in_its_own_language(cloud: Cloud, compute: Any) -> None:
    cloud.wire_faults.add(service="compute", status=502, content_type="text/html", times=1)
    cloud.wire_faults.add(service="compute", content_type="text/plain", nth=2)
    with pytest.raises(exceptions.HttpException) as failure:
        compute.get_flavor("1")
    assert failure.value.status_code == 502
    assert "<h1>502 Bad Gateway</h1>" in failure.value.response.text
    session = compute.session
    answer = session.get("/flavors/1", endpoint_filter={"service_type": "compute"})
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.json()["flavor"]["name"] == "m1.tiny"


@pytest.mark.cloud(clock="manual")
def test_lists_lag_behind_gets(cloud: Cloud, compute: Any) -> None:
    compute.create_keypair(name="old")
    cloud.advance(60)
    cloud.wire_faults.add(operation="GET /os-keypairs", stale_seconds=10)
    compute.create_keypair(name="new")
    assert keypairs(compute) == ["old"]
    assert compute.get_keypair("new").name == "new"
    cloud.advance(6)
    compute.delete_keypair("old")
    assert keypairs(compute) == ["old"]
    cloud.advance(6)
    assert keypairs(compute) == ["new", "old"]  # what was deleted lingers
    cloud.advance(6)
    assert keypairs(compute) == ["new"]


def test_a_replica_knows_new_tokens(open_cloud: Any) -> None:
    api = open_cloud(who=["admin"], clock="manual")
    api.cloud.wire_faults.add(operation="GET /os-keypairs", stale_seconds=10)
    api.post("/compute/v2.1/os-keypairs", {"keypair": {"name": "k1"}}, who="demo")
    answer = api.get("/compute/v2.1/os-keypairs", who="demo")
    assert (answer.status, answer.json) == (200, {"keypairs": []})


SEEN: dict[str, set[Any]] = {  # what a client of each preset sees, beside good answers
    "flaky": {500, 503, "ConnectFailure"},
    "rate-limited": {429},
    "slow-api": {"slow"},
    "eventual": {"stale"},
    "maintenance": {503},
    "brownout": {502, 503, 504, "slow"},
}


@pytest.mark.parametrize("preset", sorted(_presets()))
@pytest.mark.cloud(clock="manual")
def test_presets_befall_a_client(cloud: Cloud, compute: Any, preset: str) -> None:
    """Over eighty calls each preset hits some, and says so; then it can be taken back."""
    cloud.wire_faults.preset(preset)
    seen: set[Any] = set()
    begun = cloud.now
    for number in range(40):
        try:
            compute.create_flavor(name=f"f{number}", ram=1, vcpus=1, disk=1)
            if f"f{number}" not in [each.name for each in compute.flavors()]:
                seen.add("stale")
        except exceptions.HttpException as failure:
            seen.add(failure.status_code)
        except ConnectFailure:
            seen.add("ConnectFailure")
    if cloud.now - begun > 0.2 * 40:
        seen.add("slow")
    assert seen <= SEEN[preset]
    assert seen
    assert sum(each["fired"] for each in cloud.wire_faults.list()["wire_faults"]) > 0
    cloud.wire_faults.clear()
    assert list(compute.flavors())


def test_a_preset_of_every_name_is_tried() -> None:
    assert set(SEEN) == set(_presets())


@pytest.mark.cloud(clock="manual")
def test_maintenance_lets_reading_be(cloud: Cloud, compute: Any) -> None:
    """Whoever wants to change something is told when to come back; lists go on."""
    cloud.wire_faults.preset("maintenance")
    with pytest.raises(exceptions.HttpException) as failure:
        compute.create_keypair(name="k1")
    assert failure.value.status_code == 503
    assert failure.value.response.headers["Retry-After"] == "120"
    assert "The service is under maintenance." in str(failure.value)
    assert keypairs(compute) == []


def test_the_same_seed_hits_the_same_requests(open_cloud: Any) -> None:
    seen = []
    for seed in (1, 1, 2):
        api = open_cloud(who=["admin"], seed=seed)
        api.cloud.wire_faults.add(status=503, probability=0.5)
        seen.append([api.get("/compute/v2.1/flavors").status for _ in range(40)])
    assert seen[0] == seen[1]
    assert seen[0] != seen[2]
    assert {200, 503} == set(seen[0])


def test_one_faults_luck_is_its_own(open_cloud: Any) -> None:
    seen = []
    for others in (0, 1):
        api = open_cloud(who=["admin"])
        for _ in range(others):
            api.cloud.wire_faults.add(name="other", service="volume", status=500, probability=0.5)
        api.cloud.wire_faults.add(name="mine", status=503, probability=0.5)
        seen.append([api.get("/compute/v2.1/flavors").status for _ in range(40)])
    assert seen[0] == seen[1]


def test_faults_of_the_wire_are_part_of_the_cloud(open_cloud: Any) -> None:
    api = open_cloud(who=["admin"])
    api.cloud.wire_faults.add(service="compute", status=503)
    content = api.cloud.snapshot()
    api.cloud.wire_faults.clear()
    assert api.get("/compute/v2.1/flavors").status == 200
    api.cloud.restore(content)
    assert api.get("/compute/v2.1/flavors").status == 503
