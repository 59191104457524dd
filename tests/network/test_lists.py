"""Lists of many: a handful of queries, whoever asks."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.network import resource

PORTS = 100


@pytest.mark.parametrize("who", ["admin", "demo"])
def test_a_list_of_ports_is_a_handful_of_queries(api: Any, who: str) -> None:
    network = api.get("/networking/v2.0/networks?name=private").json["networks"][0]["id"]
    made = [{"network_id": network, "fixed_ips": []} for _ in range(PORTS)]
    assert api.post("/networking/v2.0/ports", {"ports": made}, who="demo").status == 201
    api.get("/networking/v2.0/ports", who=who)
    seen: list[str] = []
    api.cloud.database.connection.set_trace_callback(seen.append)
    found = api.get("/networking/v2.0/ports", who=who).json["ports"]
    api.cloud.database.connection.set_trace_callback(None)
    assert len(found) >= PORTS
    assert len([each for each in seen if each.startswith("SELECT")]) <= 12


def test_a_long_list_is_whole(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = api.get("/networking/v2.0/ports").json["ports"]
    monkeypatch.setattr(resource, "VIEW_ROWS_MAX", 1)
    assert api.get("/networking/v2.0/ports").json["ports"] == before
    assert len(before) > 1


def test_a_member_sees_no_port_of_others(api: Any) -> None:
    found = api.get("/networking/v2.0/ports", who="demo").json["ports"]
    demo = api.get("/identity/v3/projects?name=demo").json["projects"][0]["id"]
    private = api.get("/networking/v2.0/networks?name=private").json["networks"][0]["id"]
    assert found
    assert all(each["project_id"] == demo or each["network_id"] == private for each in found)
    assert not any("binding:host_id" in each for each in found)
