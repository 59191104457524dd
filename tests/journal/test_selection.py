"""cloud.requests(…): which requests a pattern means, and what its assertions say."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest

from emulator import Cloud, RemoteCloud
from emulator.errors import UsageError

SERVERS = "/compute/v2.1/servers"


def test_counting_and_looking(api: Any, boot: Any) -> None:
    server = boot("vm").json["server"]["id"]
    boot("vm2")
    api.cloud.settle()
    api.post(f"{SERVERS}/{server}/action", {"os-stop": None}, who="demo")
    requests = api.cloud.requests
    assert requests("POST /servers").times(2) is None
    assert requests("POST /servers").count == len(requests("POST /servers")) == 2
    assert [each["status"] for each in requests("POST /servers")] == [202, 202]
    assert requests("POST /servers")[0]["path"] == SERVERS
    assert requests("POST /servers/*/action os-stop").once()["user"] == "demo"
    requests("POST /servers/{server_id}/action os-start").never()
    requests("POST /servers/*", status="5xx").never()
    requests(f"POST {SERVERS}/{server}/action").once()
    requests("* /servers/*/action").once()
    requests("/servers").times(2)
    requests("POST").times(3)
    requests(service="network").never()
    requests("POST /servers", resource=server).once()
    requests("GET /nowhere").never()
    api.get("/compute/v2.1/nowhere")
    requests("GET /nowhere").once()


def test_what_assertions_say(api: Any, boot: Any) -> None:
    with pytest.raises(AssertionError, match=r"^POST /servers was expected once, but no request"):
        api.cloud.requests("POST /servers").once()
    boot("vm")
    api.get(f"{SERVERS}/nope", who="demo")
    api.get(f"{SERVERS}/nope", who="demo")
    with pytest.raises(AssertionError) as failure:
        api.cloud.requests("DELETE /servers/*").times(3)
    assert str(failure.value) == (
        "DELETE /servers/* was expected 3 times, but never came. "
        "What came: GET /servers/{server_id} ×2, POST /servers"
    )
    with pytest.raises(AssertionError) as failure:
        api.cloud.requests("GET /servers/*", status="404").never()
    first, *lines = str(failure.value).splitlines()
    assert first == "GET /servers/* status=404 was expected never, but came twice:"
    assert len(lines) == 2
    assert all(f"404 GET compute (2.1) {SERVERS}/nope  demo  req-" in line for line in lines)
    for _ in range(30):
        api.get("/networking/v2.0/networks")
    with pytest.raises(AssertionError, match=r"… and 10 more$"):
        api.cloud.requests("GET /networks").once()


@pytest.mark.parametrize(
    "text", ["servers", "POST servers", "POST /servers os-stop more", "post /"]
)
def test_what_is_no_request(api: Any, text: str) -> None:
    with pytest.raises(UsageError, match=r"is no request: write METHOD /path"):
        api.cloud.requests(text)


def test_a_cloud_of_another_process_is_asked_the_same() -> None:
    with Cloud(durations="instant") as cloud:
        remote = RemoteCloud(cloud.url)
        remote.requests("POST /servers").never()
        with urllib.request.urlopen(f"{cloud.url}/compute/v2.1"):
            assert remote.requests("GET /v2.1").once()["status"] == 200
        assert repr(remote.requests(service="compute")) == "<1 × service=compute>"
        remote.assert_clean()
