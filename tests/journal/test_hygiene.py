"""The hygiene report: bad habits are found, good ones are not; the oldest release that would do."""

from __future__ import annotations

from typing import Any

import pytest

SERVERS = "/compute/v2.1/servers"
LIMIT = {"verb": "GET", "uri": "*", "regex": ".*", "value": 1, "unit": "MINUTE"}


def found(api: Any) -> dict[str, str]:
    report = api.cloud.journal.hygiene()["hygiene"]
    return {each["kind"]: each["sentence"] for each in report["findings"]}


def oldest(api: Any) -> dict[str, str]:
    told: dict[str, str] = api.cloud.journal.hygiene()["hygiene"]["oldest_release"]
    return told


def test_a_client_with_good_manners(api: Any, boot: Any) -> None:
    boot("vm")
    api.get(f"{SERVERS}/detail", version="compute 2.79")
    assert found(api) == {}


def test_polling(api: Any) -> None:
    for _ in range(3):
        api.get(f"{SERVERS}/x", version="compute 2.1")
    assert found(api)["polling"].startswith("GET /servers/{server_id} was polled every 0.0")
    api.cloud.journal.clear()
    for number in range(3):
        api.get(f"{SERVERS}/{number}", version="compute 2.1")
    assert "polling" not in found(api)


def test_slow_polling_is_no_polling(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(1000))
    monkeypatch.setattr("emulator.journal.record.perf_counter", lambda: next(moments) * 1.2)
    for _ in range(4):
        api.get(f"{SERVERS}/x", version="compute 2.1")
    assert "polling" not in found(api)


def test_retry_after(api: Any) -> None:
    api.cloud.rate_limits.set([LIMIT])
    for _ in range(3):
        api.get(SERVERS, version="compute 2.1")
    assert found(api)["retry-after"] == "GET /servers did not wait as Retry-After said"
    api.cloud.journal.clear()
    api.get(SERVERS, version="compute 2.1")
    api.cloud.advance(60)
    api.get(SERVERS, version="compute 2.1")
    assert "retry-after" not in found(api)


def test_a_token_a_call(api: Any) -> None:
    from tests.conftest import login

    for _ in range(3):
        api.post("/identity/v3/auth/tokens", login("demo"), who="nobody")
        api.get(SERVERS)
    assert found(api)["tokens"] == "3 tokens were asked for 3 requests; one lasts for many"
    for _ in range(4):
        api.get(SERVERS)
    assert "tokens" not in found(api)


def test_one_by_one(api: Any, boot: Any) -> None:
    ids = [boot(f"vm{number}").json["server"]["id"] for number in range(3)]
    api.get(SERVERS, version="compute 2.79")
    for each in ids:
        api.get(f"{SERVERS}/{each}", version="compute 2.79")
    assert found(api)["n+1"] == (
        "GET /servers, and then 3 times GET /servers/{server_id}: a list in detail tells it at once"
    )


def test_no_microversion(api: Any) -> None:
    api.get("/compute/v2.1", who="nobody")
    assert found(api) == {}
    api.get(SERVERS)
    assert found(api)["microversion"] == (
        "compute was asked without a microversion, and so answered as 2.1"
    )


@pytest.mark.parametrize(
    ("path", "ending"),
    [
        ("/os-networks", "only hands on to another service"),
        ("/os-cells", "was removed for good"),
        ("/os-fping", "was removed for good"),
    ],
)
def test_deprecated_calls(api: Any, path: str, ending: str) -> None:
    api.get(f"/compute/v2.1{path}", version="compute 2.1")
    assert found(api)["deprecated"] == f"GET {path} of compute {ending}"


# The oldest release


def test_nothing_special_works_everywhere(api: Any, boot: Any) -> None:
    boot("vm")
    assert oldest(api) == {
        "name": "train",
        "because": "no request asks for more than the oldest release known here has",
    }


def test_a_named_version_needs_a_release_that_speaks_it(api: Any, boot: Any) -> None:
    boot("vm", version="2.94")
    assert oldest(api) == {"name": "2023.1", "because": "POST /servers of compute at 2.94"}
    api.get("/volume/v3/volumes", version="volume 3.71")
    assert oldest(api)["name"] == "2024.1"
    api.get(SERVERS, version="compute 2.999")
    assert oldest(api)["name"] == "2024.1"


def test_who_looks_first_needs_what_the_request_contains(api: Any, boot: Any) -> None:
    api.get("/compute/v2.1", who="nobody")
    boot("vm", version="2.96")
    assert oldest(api)["name"] == "train"
    boot("vm", version="2.96", hostname="web")
    assert oldest(api) == {"name": "xena", "because": "POST /servers of compute at 2.96"}


def test_latest_needs_what_the_operation_needs(api: Any) -> None:
    api.get(SERVERS, version="compute latest")
    assert oldest(api)["name"] == "train"


def test_paths_that_came_later(api: Any) -> None:
    api.get("/networking/v2.0/local_ips")
    assert oldest(api) == {"name": "yoga", "because": "GET /local_ips of network"}
    api.get("/networking/v2.0/default-security-group-rules")
    assert oldest(api)["name"] == "2023.2"
