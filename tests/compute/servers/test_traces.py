"""Each action from beginning to end: the states it passes, what it records, as the real one did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

TRACES = yaml.safe_load((Path(__file__).parent / "traces.yaml").read_text())
ROOT = "/compute/v2.1"
SERVERS = f"{ROOT}/servers"
PENDING = "SELECT count(*) FROM timers WHERE kind != 'deadline'"  # those come hours later
ADMIN_ONLY = {"version": "compute 2.95", "who": "admin"}
NOWHERE = "nowhere"


class Watch:
    """A server that is looked at after each step of what is done to it."""

    def __init__(self, api: Any) -> None:
        self.api = api
        listed = api.get(f"{ROOT}/flavors", who="demo").json["flavors"]
        flavors = {each["name"]: each["id"] for each in listed}
        image = api.get("/image/v2/images?sort=name:asc", who="demo").json["images"][0]["id"]
        self.ids = {"image": image, "tiny": flavors["m1.tiny"], "flavor": flavors["m1.small"]}
        self.ids["volume"] = self.volume()
        self.seen: list[str] = []
        self.recorded = 0

    def volume(self) -> str:
        path = f"/volume/v3/{self.api.cloud.names['project', 'demo']}/volumes"
        volume: str = self.api.post(path, {"volume": {"size": 1}}, who="demo").json["volume"]["id"]
        self.api.cloud.settle()
        return volume

    def create(self, hints: Any = None) -> int:
        """Make the server, and watch it."""
        body: dict[str, Any] = {"name": "vm", "flavorRef": self.ids["tiny"], "networks": "none"}
        body = {"server": {**body, "imageRef": self.ids["image"]}}
        if hints:
            body["os:scheduler_hints"] = hints
        answer = self.api.post(SERVERS, body, version="compute 2.95", who="demo")
        self.ids["server"] = answer.json["server"]["id"]
        self.watch()
        status: int = answer.status
        return status

    def shown(self) -> Any:
        """The server as an admin sees it, None once it is gone."""
        answer = self.api.get(f"{SERVERS}/{self.ids['server']}", **ADMIN_ONLY)
        return answer.json["server"] if answer.status == 200 else None

    def watch(self) -> None:
        """Look, then let one step after the other happen, until the server is in none."""
        cloud = self.api.cloud
        self.look()
        while cloud.database.value(PENDING):
            cloud.advance(cloud.engine.next_due - cloud.context().now)
            self.look()

    def look(self) -> None:
        server = self.shown()
        if server is not None:
            named = [server["status"], server["OS-EXT-STS:vm_state"]]
            self.seen.append(" ".join([*named, server["OS-EXT-STS:task_state"] or "-"]))

    def do(self, row: Mapping[str, Any]) -> int:
        """Do what a row says, and watch what comes of it; return the answer's code."""
        does, who = row["does"], row.get("by", "demo")
        if does == "create":
            return self.create(row.get("hints"))
        if isinstance(does, dict):
            does = ["POST", "/action", does]
        method, part, body = does
        path = part if part.startswith(ROOT) else f"{SERVERS}/{self.ids['server']}{part}"
        path, body = self.filled(path), self.filled(body)
        answer = self.api(method, path, body, version="compute 2.95", who=who)
        self.watch()
        status: int = answer.status
        return status

    def filled(self, value: Any) -> Any:
        """The same value with ids in the place of $names."""
        if isinstance(value, dict):
            return {name: self.filled(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        if not isinstance(value, str):
            return value
        for name, id in self.ids.items():
            value = value.replace(f"${name}", id)
        return value

    def host_goes_down(self) -> None:
        host = self.shown()["OS-EXT-SRV-ATTR:host"]
        listed = self.api.get(f"{ROOT}/os-services?host={host}", **ADMIN_ONLY).json
        (service,) = listed["services"]
        path = f"{ROOT}/os-services/{service['id']}"
        assert self.api.put(path, {"forced_down": True}, **ADMIN_ONLY).status == 200

    def new_records(self) -> list[Any]:
        """What was recorded since this was last asked, oldest first, as the traces write it."""
        path = f"{SERVERS}/{self.ids['server']}/os-instance-actions"
        listed = self.api.get(path, **ADMIN_ONLY).json["instanceActions"][::-1]
        new, self.recorded = listed[self.recorded :], len(listed)
        found = []
        for each in new:
            shown = self.api.get(f"{path}/{each['request_id']}", **ADMIN_ONLY).json
            events = shown["instanceAction"]["events"][::-1]
            written = {each["action"]: [written_event(event) for event in events]}
            found.append(written | ({"message": each["message"]} if each["message"] else {}))
        return found


def written_event(event: Mapping[str, Any]) -> str:
    name: str = event["event"]
    return name if event["result"] == "Success" else f"{name} {event['result']}"


@pytest.mark.parametrize("story", TRACES["stories"], ids=lambda story: story["name"])
def test_states_and_records_come_in_the_order_recorded(
    story: Mapping[str, Any], open_cloud: Callable[..., Any]
) -> None:
    settings = {
        "fixture": "oracle",
        "clock": "manual",
        "durations": "typical",
        **story.get("settings", {}),
    }
    watch = Watch(open_cloud(who=["admin", "demo"], **settings))
    if story["rows"][0]["does"] != "create":
        watch.create()
        watch.new_records()
    for row in story["rows"]:
        if row.get("host") == "down":
            watch.host_goes_down()
        watch.seen = []
        assert watch.do(row) == row.get("code", 202), row
        passed = iter(watch.seen)
        assert all(each in passed for each in row["passes"]), (row, watch.seen)
        assert watch.new_records() == row["records"], row
        server = watch.shown()
        assert (server is not None) == bool(row["passes"]), row
        if server is not None:
            assert watch.seen[-1] == row["passes"][-1], (row, watch.seen)
            check_end(row, server)


def check_end(row: Mapping[str, Any], server: Mapping[str, Any]) -> None:
    assert server["OS-EXT-STS:power_state"] == row["power"], row
    assert ("progress" in server) == (server["status"] in TRACES["with_progress"]), row
    nowhere = server["OS-EXT-SRV-ATTR:host"] is None
    assert nowhere == (row.get("at") == NOWHERE), row
