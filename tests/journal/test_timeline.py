"""The page: what is on it, and that it needs nothing else."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

from emulator.journal import timeline

SERVERS = "/compute/v2.1/servers"


def data(page: str) -> Any:
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def lanes(api: Any) -> dict[str, Any]:
    return {each["name"]: each for each in data(api.cloud.journal.timeline())["lanes"]}


def test_a_lane_tells_the_states_of_a_resource(api: Any, boot: Any) -> None:
    server = boot("vm").json["server"]["id"]
    api.cloud.settle()
    api.post(f"{SERVERS}/{server}/action", {"os-stop": None}, who="demo")
    api.cloud.settle()
    api.delete(f"{SERVERS}/{server}", who="demo")
    api.cloud.settle()
    lane = lanes(api)["vm"]
    assert (lane["kind"], lane["id"]) == ("server", server)
    assert [state for _, _, state in lane["spans"]] == [
        "scheduling", "networking", "block_device_mapping", "spawning", "active", "powering-off",
        "stopped", "deleting",
    ]  # fmt: skip
    assert all(before[1] == after[0] for before, after in pairwise(lane["spans"]))
    assert len(lane["marks"]) == 3


def test_what_has_no_transitions_is_there_until_it_is_deleted(api: Any) -> None:
    path = "/networking/v2.0/networks"
    network = api.post(path, {"network": {"name": "n"}}).json["network"]["id"]
    api.get(f"{path}/{network}")
    api.delete(f"{path}/{network}")
    api.post("/compute/v2.1/os-keypairs", {"keypair": {"name": "k"}}, who="demo")
    found = lanes(api)
    assert found["n"]["spans"] == [[0, 2, "there"]]
    assert found["n"]["marks"] == [0, 1, 2]
    assert found["k"]["spans"] == [[3, 4, "there"]]


def test_what_goes_wrong_is_seen(api: Any, boot: Any) -> None:
    for host in api.get("/compute/v2.1/os-services?binary=nova-compute").json["services"]:
        body = {"host": host["host"], "binary": "nova-compute"}
        api.put("/compute/v2.1/os-services/disable", body)
    boot("vm")
    api.cloud.settle()
    lane = lanes(api)["vm"]
    assert lane["spans"][-1][2] == "error"
    entries = data(api.cloud.journal.timeline())["entries"]
    assert entries[lane["marks"][-1]]["kind"] == "fault"


def test_the_page_stands_alone_and_keeps_secrets(api: Any, boot: Any) -> None:
    password = boot("</script><b>&", adminPass="S3CRET").json["server"]["adminPass"]
    page = api.cloud.journal.timeline()
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(https?:)?//", page)
    assert password == "S3CRET"
    assert password not in page
    assert page.count("</script>") == 2
    assert "</script><b>&" in lanes(api)


def test_a_title_and_a_note_are_quoted(api: Any) -> None:
    record = api.cloud.record
    page = timeline.page(api.cloud, record, title="<i>t", note="</script>")
    assert "<title>&lt;i&gt;t</title>" in page
    assert data(page)["note"] == "</script>"


def test_only_the_latest_is_drawn(api: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(timeline, "ENTRIES_MAX", 3)
    for number in range(5):
        api.get(f"{SERVERS}/{number}")
    told = data(api.cloud.journal.timeline())
    assert [each["path"][-1] for each in told["entries"]] == ["2", "3", "4"]
    assert told["left_out"] == 2


def test_an_empty_journal_is_a_page_too(api: Any) -> None:
    assert data(api.cloud.journal.timeline())["entries"] == []
