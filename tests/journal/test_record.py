"""What the journal keeps: requests and answers, steps, in order, without secrets, bounded."""

from __future__ import annotations

import gc
import json
import tracemalloc
from typing import Any

import pytest

from emulator import Cloud
from emulator.errors import UsageError

SERVERS = "/compute/v2.1/servers"


def listed(api: Any, **chosen: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.cloud.journal.list(**chosen)["journal"]
    return found


def test_a_request_is_put_down_with_its_answer(api: Any) -> None:
    headers = {"User-Agent": "curl/8", "X-OpenStack-Request-ID": "req-" + 8 * "1234" + "-234"}
    answer = api.get(f"{SERVERS}/nope?a=b", who="demo", version="compute 2.79", headers=headers)
    (entry,) = listed(api)
    assert entry["request_id"] == answer.headers["x-openstack-request-id"]
    expected = {
        "kind": "request", "service": "compute", "method": "GET", "status": 404,
        "path": f"{SERVERS}/nope?a=b", "operation": "GET /servers/{server_id}",
        "microversion": "2.79", "user": "demo", "project": "demo", "user_agent": "curl/8",
        "time": "2030-01-01T00:00:00.000000Z", "reason": "missing",
    }  # fmt: skip
    assert expected.items() <= entry.items()
    assert entry["wall_ms"] > 0


def test_steps_follow_the_request_that_began_them(api: Any, boot: Any) -> None:
    created = boot("vm")
    api.cloud.settle()
    entries = listed(api)
    assert [each["kind"] for each in entries[:2]] == ["request", "step"]
    assert entries[1]["request_id"] == created.headers["x-openstack-request-id"]
    entered = [each["state"] for each in entries if each.get("what") == "entered"]
    assert entered == ["scheduling", "networking", "block_device_mapping", "spawning"]
    assert entries[-1]["what"] == "finished"
    assert entries[-1]["time"] > entries[0]["time"]


def test_what_a_refused_request_began_has_not_happened(api: Any, boot: Any) -> None:
    assert boot("vm", networks=[{"uuid": 36 * "0"}]).status == 400
    assert [each["kind"] for each in listed(api)] == ["request"]


def test_a_short_answer_takes_little_room(api: Any) -> None:
    def ask(number: int) -> None:
        assert api.delete(f"/compute/v2.1/os-keypairs/none-{number}").status == 404

    for number in range(50, 60):
        ask(number)
    tracemalloc.start()
    for number in range(50):
        ask(number)
    gc.collect()
    encoded = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*/dispatch.py")])
    tracemalloc.stop()
    assert sum(each.size for each in encoded.traces) < 50 * 2000  # orjson gives each 4096 bytes


SECRETS = [
    ("POST", "/identity/v3/auth/tokens", {"auth": {"identity": {"methods": ["password"], "password":
        {"user": {"name": "demo", "domain": {"id": "default"}, "password": "S3CRET"}}}}}),
    ("POST", "/identity/v3/auth/tokens",
        {"auth": {"identity": {"methods": ["token"], "token": {"id": "S3CRET"}}}}),
    ("POST", "/identity/v3/credentials",
        {"credential": {"type": "ec2", "blob": '{"access": "a", "secret": "S3CRET"}'}}),
    ("POST", "/identity/v3/users", {"user": {"name": "u", "password": "S3CRET"}}),
    ("POST", SERVERS, {"server": {"name": "x", "user_data": "S3CRET", "adminPass": "S3CRET"}}),
    ("GET", "/compute/v2.1/os-console-auth-tokens/S3CRET", None),
    ("GET", "/volume/v3/volumes?token=S3CRET", None),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), SECRETS)
def test_secrets_are_masked(api: Any, method: str, path: str, body: Any) -> None:
    api(method, path, body, headers={"X-Service-Token": "S3CRET"})
    text = json.dumps(listed(api, detail="true"))
    assert "S3CRET" not in text
    assert api.tokens["admin"] not in text
    assert "***" in text


def test_answers_are_masked_too(api: Any, boot: Any) -> None:
    created = boot("vm")
    password = created.json["server"]["adminPass"]
    token = api.token("alt_demo")
    text = json.dumps(listed(api, detail="true"))
    assert password not in text
    assert token not in text


def test_bodies_that_are_no_json(api: Any) -> None:
    api("POST", SERVERS, data=b"\xff\x00garbage", headers={"Content-Type": "application/json"})
    api("POST", "/identity/v3/OS-OAUTH2/token", data=b"client_secret=S3CRET&x=1",
        headers={"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
    entries = listed(api, detail="true")
    assert entries[0]["body"] == "<9 bytes>"
    assert entries[1]["body"] == "client_secret=***&x=1"


def test_filters(api: Any, boot: Any) -> None:
    server = boot("vm").json["server"]["id"]
    api.cloud.advance(60)
    api.get(f"{SERVERS}/{server}", who="demo")
    api.get("/networking/v2.0/networks")
    api.get(f"{SERVERS}/nope")
    assert len(listed(api, service="compute", kind="request")) == 3
    assert len(listed(api, operation="GET /servers/*")) == 2
    assert len(listed(api, status="4xx")) == len(listed(api, status="404")) == 1
    assert len(listed(api, user="demo")) == 2
    assert {each.get("id", server) for each in listed(api, resource=server)} == {server}
    assert [each["method"] for each in listed(api, resource=server, kind="request")] == [
        "POST", "GET",
    ]  # fmt: skip
    since = listed(api, since="2030-01-01T00:01:00")
    assert [each["path"].rpartition("/")[2] for each in since] == [server, "networks", "nope"]
    assert listed(api, since=str(since[1]["number"])) == since[1:]
    assert listed(api, limit="1") == since[-1:]
    assert listed(api, limit="0") == []


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"since": "yesterday"}, "since: 'yesterday' is no time"),
        ({"status": "abc"}, "does not match"),
        ({"kind": "thing"}, "is not one of"),
        ({"operation": "the servers"}, "'the servers' is no request: write METHOD /path"),
        ({"colour": "red"}, "journal list has no colour"),
        ({"limit": "-1"}, "does not match"),
    ],
)
def test_filters_that_cannot_be(api: Any, chosen: dict[str, str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        api.cloud.journal.list(**chosen)


def test_the_journal_is_bounded_and_says_so(open_cloud: Any) -> None:
    api = open_cloud(who=["admin"], journal_max=5)
    for number in range(9):
        api.get(f"{SERVERS}/{number}")
    found = api.cloud.journal.list()
    assert [each["path"][-1] for each in found["journal"]] == list("45678")
    assert found["forgotten"] == 4
    with pytest.raises(UsageError, match="has forgotten 4 requests"):
        api.cloud.requests("DELETE /servers/*").never()
    api.cloud.journal.clear()
    assert api.cloud.journal.list() == {"journal": [], "count": 0, "forgotten": 0}
    api.cloud.requests("DELETE /servers/*").never()


def test_bodies_are_bounded(open_cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.journal.record.BYTES_MAX", 9000)
    api = open_cloud(who=["admin"])
    for _ in range(4):
        api.post(SERVERS, {"server": {"name": 2000 * "x"}})
    assert 1 <= len(api.cloud.journal.list()["journal"]) <= 2


def test_there_may_be_no_journal(open_cloud: Any) -> None:
    api = open_cloud(who=["admin"], journal_max=0)
    assert api.get(SERVERS).status == 200
    for say in (api.cloud.journal.list, api.cloud.why, api.cloud.assert_clean):
        with pytest.raises(UsageError, match="the cloud keeps no journal: its setting journal_max"):
            say()
    with pytest.raises(UsageError, match="journal_max"):
        Cloud(journal_max=-1)


def test_what_the_cloud_was_told_stands_in_it_too(api: Any) -> None:
    api.cloud.rate_limits.reset()
    api.cloud.clock.show()
    api.cloud.journal.list()
    (entry,) = listed(api)
    assert (entry["kind"], entry["method"]) == ("control", "DELETE")
    assert api.cloud.requests().count == 0


def test_what_passes_meanwhile_is_told(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from emulator.cloud import dispatch

    def slow(ctx: Any, service: Any) -> Any:
        ctx.now += 1.5
        return dispatch(ctx, service)

    monkeypatch.setattr("emulator.cloud.dispatch", slow)
    api.get(SERVERS)
    (entry,) = listed(api)
    assert entry["time"] == "2030-01-01T00:00:00.000000Z"
    assert entry["virtual_ms"] == 1500


def test_a_request_without_a_good_token_has_a_name_too(api: Any) -> None:
    api.get(f"{SERVERS}/x", who="nobody")
    api.get("/compute/v2.1/nowhere/x", who="nobody")
    assert [each["operation"] for each in listed(api)] == ["GET /servers/{server_id}", None]
