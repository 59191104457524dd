"""at(): the cloud as it was, played again from what was kept."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import Cloud
from emulator.errors import UsageError
from emulator.journal import past, record

SERVERS = "/compute/v2.1/servers"
REQUEST_ID = "x-openstack-request-id"


def again(api: Any, then: Any) -> Any:
    """The same callers, at another cloud."""
    return type(api)(then, dict(api.tokens))


def story(api: Any, boot: Any) -> list[tuple[str, Any]]:
    """Do this and that; return request ids with what a list said right after each."""
    told = []

    def see(answer: Any) -> None:
        shown = api.get(f"{SERVERS}/detail", who="demo").content
        told.append((answer.headers[REQUEST_ID], shown))

    first = boot("one").json["server"]["id"]
    api.cloud.advance(1)
    see(boot("two"))
    see(boot("", key_name="none"))
    api.cloud.settle()
    see(api.get(f"{SERVERS}/{first}", who="demo"))
    see(api.post(f"{SERVERS}/{first}/action", {"os-stop": None}, who="demo"))
    api.cloud.advance(0.3)
    see(api.post("/volume/v3/volumes", {"volume": {"size": 1}}, who="demo"))
    see(api.delete(f"{SERVERS}/{first}", who="demo"))
    api.cloud.advance(100)
    see(boot("three"))
    return told


def seen_then(api: Any, request_id: str) -> Any:
    then = api.cloud.at(request_id)
    try:
        return again(api, then).get(f"{SERVERS}/detail", who="demo").content
    finally:
        then.close()


def test_every_moment_comes_back_as_it_was(api: Any, boot: Any) -> None:
    told = story(api, boot)
    for request_id, shown in told:
        assert seen_then(api, request_id) == shown
    assert len({shown for _, shown in told}) > 4


def test_what_goes_on_there_changes_nothing_here(api: Any, boot: Any) -> None:
    created = boot("vm")
    server = created.json["server"]["id"]
    api.cloud.settle()
    then = api.cloud.at(created.headers[REQUEST_ID])
    there = again(api, then)
    assert there.get(f"{SERVERS}/{server}", who="demo").json["server"]["status"] == "BUILD"
    then.settle()
    there.delete(f"{SERVERS}/{server}", who="demo")
    then.close()
    assert api.get(f"{SERVERS}/{server}", who="demo").json["server"]["status"] == "ACTIVE"


def test_ids_go_on_as_they_did(api: Any, boot: Any) -> None:
    first = boot("one")
    second = boot("two")
    then = api.cloud.at(first.headers[REQUEST_ID])
    body = api.cloud.record.heard()[-1].request.body
    answer = again(api, then)(
        "POST", SERVERS, data=body, who="demo", version="compute 2.79",
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert answer.content == second.content
    then.close()


def test_faults_strike_again_as_they_did(api: Any, boot: Any) -> None:
    api.cloud.faults.add(kind="no-valid-host", times=1)
    boot("unlucky")
    second = boot("lucky")
    then = api.cloud.at(second.headers[REQUEST_ID])
    then.settle()
    servers = again(api, then).get(f"{SERVERS}/detail", who="demo").json["servers"]
    assert {each["name"]: each["status"] for each in servers} == {
        "unlucky": "ERROR", "lucky": "ACTIVE",
    }  # fmt: skip
    then.close()


def test_after_a_restore_the_past_is_that_of_the_snapshot(api: Any, boot: Any) -> None:
    before = boot("before")
    content = api.cloud.snapshot()
    boot("lost")
    api.cloud.restore(content)
    after = boot("after")
    for answer, names in ((before, {"before"}), (after, {"before", "after"})):
        then = api.cloud.at(answer.headers[REQUEST_ID])
        servers = again(api, then).get(SERVERS, who="demo").json["servers"]
        assert {each["name"] for each in servers} == names
        then.close()


def test_the_far_past_is_gone(open_cloud: Any) -> None:
    api = open_cloud(who=["admin"], journal_max=6)
    ids = []
    for number in range(20):
        body = {"flavor": {"name": f"f{number}", "ram": 1, "vcpus": 1, "disk": 0}}
        ids.append(api.post("/compute/v2.1/flavors", body).headers[REQUEST_ID])
    then = api.cloud.at(ids[-1])
    names = [each["name"] for each in again(api, then).get("/compute/v2.1/flavors").json["flavors"]]
    assert {f"f{number}" for number in range(20)} <= set(names)
    then.close()
    kept = [each.request_id for each in api.cloud.record.heard()]
    with pytest.raises(UsageError, match=f"the journal has no request {ids[0]!r}"):
        api.cloud.at(ids[0])
    with pytest.raises(UsageError, match="lies before what the journal can play again"):
        api.cloud.at(kept[0])
    assert len(api.cloud.record.snapshots) <= 3


def test_a_cloud_in_a_file_has_a_past_too(open_cloud: Any, tmp_path: Any) -> None:
    file = str(tmp_path / "cloud.db")
    Cloud(db=file, clock="manual").close()
    api = open_cloud(db=file, clock="manual")
    created = api.post("/identity/v3/projects", {"project": {"name": "p"}})
    api.delete(f"/identity/v3/projects/{created.json['project']['id']}")
    then = api.cloud.at(created.headers[REQUEST_ID])
    assert len(again(api, then).get("/identity/v3/projects?name=p").json["projects"]) == 1
    then.close()


def test_uploads_are_sent_again_unless_they_are_large(api: Any) -> None:
    path = "/image/v2/images"
    headers = {"Content-Type": "application/octet-stream"}
    image = {"name": "i", "disk_format": "raw", "container_format": "bare"}
    small, large = (api.post(path, image).json["id"] for _ in range(2))
    sent = api("PUT", f"{path}/{small}/file", data=b"data", headers=headers)
    then = api.cloud.at(sent.headers["x-openstack-request-id"])
    assert again(api, then).get(f"{path}/{small}").json["status"] == "active"
    then.close()
    sent = api("PUT", f"{path}/{large}/file", data=bytes(2 << 20), headers=headers)
    with pytest.raises(UsageError, match="brought 2097152 bytes of data, which are not kept"):
        api.cloud.at(sent.headers["x-openstack-request-id"])
    after = api.get(f"{path}/{large}")
    then = api.cloud.at(after.headers["x-openstack-request-id"])
    assert again(api, then).get(f"{path}/{large}").json["status"] == "active"
    then.close()


def test_a_past_that_comes_out_differently_is_refused(api: Any, boot: Any) -> None:
    answer = boot("vm")
    heard = api.cloud.record.requests
    number = record.Heard._fields.index("status")
    latest = heard.pop()
    heard.append((*latest[:number], 409, *latest[number + 1 :]))
    with pytest.raises(UsageError, match=r"cannot be played again: POST .* with 409, and now with"):
        api.cloud.at(answer.headers[REQUEST_ID])


def test_a_large_cloud_is_not_kept(open_cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "SNAPSHOT_BYTES_MAX", 1000)
    api = open_cloud(who=["admin"])
    api.cloud.journal.clear()
    answer = api.get(SERVERS)
    with pytest.raises(UsageError, match="lies before what the journal can play again"):
        api.cloud.at(answer.headers[REQUEST_ID])
    with pytest.raises(UsageError, match="too large to be kept"):
        api.cloud.assert_clean()


def test_the_latest_request_has_a_name(api: Any, boot: Any) -> None:
    boot("vm")
    assert past.find(api.cloud.record.heard(), "last").status == 202
