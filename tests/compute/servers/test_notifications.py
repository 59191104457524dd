"""Nova's versioned notifications: which come when, from where, in the shape Nova publishes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from emulator.cloud import Cloud

if TYPE_CHECKING:
    from tests.conftest import Api

COMPUTE = "/compute/v2.1"
LATEST = "compute 2.104"


@pytest.fixture
def told(open_cloud: Callable[..., Api]) -> Api:
    return open_cloud(who=["demo"], clock="manual", durations="typical", notifications=True)


def boot(api: Api, **more: Any) -> str:
    order = {
        "name": "vm1",
        "imageRef": api.cloud.names["image", "cirros-0.6.3-x86_64-disk"],
        "flavorRef": "1",
        "networks": "auto",
        **more,
    }
    made = api.post(f"{COMPUTE}/servers", {"server": order}, who="demo", version=LATEST)
    assert made.status == 202, made.text
    return str(made.json["server"]["id"])


def act(api: Api, server: str, action: dict[str, Any]) -> None:
    path = f"{COMPUTE}/servers/{server}/action"
    answer = api.post(path, action, who="demo", version=LATEST)
    assert answer.status == 202, answer.text
    api.cloud.settle()


def messages(cloud: Cloud) -> list[Any]:
    kept = cloud.journal.list(kind="notification", limit=1000)["journal"]
    return [each["message"] for each in kept]


def types(cloud: Cloud) -> list[str]:
    return [each["event_type"] for each in messages(cloud)]


def data(message: Any) -> Any:
    return message["payload"]["nova_object.data"]


def test_a_server_is_created_and_deleted(told: Api) -> None:
    server = boot(told)
    told.cloud.settle()
    begun, done = messages(told.cloud)
    assert (begun["event_type"], done["event_type"]) == (
        "instance.create.start",
        "instance.create.end",
    )
    assert set(begun) == {"event_type", "payload", "priority", "publisher_id"}
    host = data(done)["host"]
    assert begun["publisher_id"] == done["publisher_id"] == f"nova-compute:{host}"
    assert begun["priority"] == "INFO"
    payload = begun["payload"]
    assert payload["nova_object.name"] == "InstanceCreatePayload"
    assert payload["nova_object.namespace"] == "nova"
    assert payload["nova_object.version"] == "1.13"
    states = [(data(each)["state"], data(each)["task_state"]) for each in (begun, done)]
    assert states == [("building", None), ("active", None)]
    assert [data(each)["power_state"] for each in (begun, done)] == ["pending", "running"]
    assert data(begun)["ip_addresses"] == []
    address = data(done)["ip_addresses"][0]["nova_object.data"]
    assert address["version"] == 4
    assert address["device_name"] == f"tap{address['port_uuid'][:11]}"
    flavor = data(done)["flavor"]
    assert (flavor["nova_object.name"], flavor["nova_object.version"]) == ("FlavorPayload", "1.4")
    assert flavor["nova_object.data"]["memory_mb"] == 512
    assert data(done)["launched_at"].startswith("2030-01-01T00:00:0")
    assert data(done)["instance_name"] == "instance-00000001"
    asked = told.cloud.requests("POST /servers").once()
    assert data(begun)["request_id"] == asked["request_id"]

    assert told.delete(f"{COMPUTE}/servers/{server}", who="demo").status == 204
    told.cloud.settle()
    assert types(told.cloud)[2:] == [
        "instance.delete.start",
        "instance.shutdown.start",
        "instance.shutdown.end",
        "instance.delete.end",
    ]
    last = messages(told.cloud)[-1]
    assert (data(last)["state"], data(last)["task_state"]) == ("deleted", None)
    assert data(last)["deleted_at"]
    assert last["payload"]["nova_object.name"] == "InstanceActionPayload"


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"pause": None}, ["pause"]),
        ({"os-stop": None}, ["power_off"]),
        ({"reboot": {"type": "HARD"}}, ["reboot"]),
        ({"resize": {"flavorRef": "2"}}, ["resize_prep", "resize", "resize_finish"]),
        ({"shelve": None}, ["shelve", "shelve_offload"]),
        ({"createImage": {"name": "copy"}}, ["snapshot"]),
        ({"rescue": {}}, ["rescue"]),
        ({"changePassword": {"adminPass": "x"}}, []),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_each_action_tells_of_its_beginning_and_its_end(
    told: Api, action: dict[str, Any], expected: list[str]
) -> None:
    server = boot(told)
    told.cloud.settle()
    before = len(messages(told.cloud))
    path = f"{COMPUTE}/servers/{server}/action"
    answer = told.post(path, action, who="demo", version="compute 2.40")
    assert answer.status in (200, 202), answer.text
    told.cloud.settle()
    found = [each.removeprefix("instance.") for each in types(told.cloud)[before:]]
    assert found == [f"{each}.{phase}" for each in expected for phase in ("start", "end")]


def test_what_a_resize_is_to_become_is_told(told: Api) -> None:
    server = boot(told)
    told.cloud.settle()
    act(told, server, {"resize": {"flavorRef": "2"}})
    (prep, *_) = [
        each for each in messages(told.cloud) if each["event_type"] == "instance.resize_prep.start"
    ]
    assert prep["payload"]["nova_object.name"] == "InstanceActionResizePrepPayload"
    assert data(prep)["new_flavor"]["nova_object.data"]["flavorid"] == "2"
    assert data(prep)["flavor"]["nova_object.data"]["flavorid"] == "1"
    assert data(prep)["task_state"] == "resize_prep"
    act(told, server, {"revertResize": None})
    assert types(told.cloud)[-2:] == ["instance.resize_revert.start", "instance.resize_revert.end"]


def test_a_build_that_fails_on_its_host_is_an_error(told: Api) -> None:
    told.cloud.faults.add("image-download-failed")
    boot(told)
    told.cloud.settle()
    begun, failed = messages(told.cloud)
    assert failed["event_type"] == "instance.create.error"
    assert failed["priority"] == "ERROR"
    assert failed["publisher_id"] == begun["publisher_id"]
    assert data(failed)["state"] == "building"
    fault = data(failed)["fault"]
    assert (fault["nova_object.name"], fault["nova_object.version"]) == ("ExceptionPayload", "1.1")
    assert "Exhausted all hosts" in fault["nova_object.data"]["exception_message"]


def test_a_build_that_finds_no_host_is_told_by_no_host(told: Api) -> None:
    told.cloud.faults.add("no-valid-host")
    boot(told)
    told.cloud.settle()
    assert messages(told.cloud) == []


def test_notifications_are_in_the_stream_of_events(told: Api) -> None:
    server = boot(told)
    told.cloud.settle()
    followed = list(told.cloud.events.follow(kind="notification", since=0, limit=1))
    assert followed[0]["id"] == server
    assert followed[0]["message"]["event_type"] == "instance.create.start"
    told.cloud.journal.clear()
    assert messages(told.cloud) == []


def test_what_a_refused_request_began_is_not_told(told: Api) -> None:
    server = boot(told)
    told.cloud.settle()
    before = types(told.cloud)
    path = f"{COMPUTE}/servers/{server}/action"
    assert told.post(path, {"os-start": None}, who="demo").status == 409
    assert types(told.cloud) == before


def test_none_are_made_unless_they_are_wanted(open_cloud: Callable[..., Api]) -> None:
    api = open_cloud(who=["demo"], clock="manual", durations="typical")
    boot(api)
    api.cloud.settle()
    assert messages(api.cloud) == []
