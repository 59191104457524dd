"""Servers in any state, for tests of what is done to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

SERVERS = "/compute/v2.1/servers"


@dataclass
class Subject:
    """A server and the cloud it is in: `server.act({"pause": None})`."""

    api: Any
    id: str
    image: str
    flavors: dict[str, str]

    @property
    def row(self) -> Any:
        """The server as it is stored."""
        return self.api.cloud.database.get("compute_servers", self.id, "uuid")

    @property
    def state(self) -> tuple[str, str | None, int]:
        """vm_state, task_state and power_state."""
        row = self.row
        return row["vm_state"], row["task_state"], row["power_state"]

    def become(self, **columns: Any) -> None:
        """Set columns of the server."""
        self.api.cloud.database.update("compute_servers", self.id, "uuid", **columns)

    def act(
        self, body: Any, *, version: str = "2.100", who: str = "demo", settle: bool = True
    ) -> Any:
        """Do an action and, unless told otherwise, let it come to its end."""
        path = f"{SERVERS}/{self.id}/action"
        answer = self.api.post(path, body, version=f"compute {version}", who=who)
        if settle:
            self.api.cloud.settle()
        return answer

    def ask(
        self, method: str, part: str = "", body: Any = None, *, version: str = "2.100", **more: Any
    ) -> Any:
        """Ask about the server or a part of it."""
        path = f"{SERVERS}/{self.id}{part}"
        return self.api(
            method, path, body, version=f"compute {version}", who=more.get("who", "demo")
        )

    def actions(self) -> list[tuple[str, str | None, list[tuple[str, str | None]]]]:
        """What is recorded, oldest first: action, message, its events with their results."""
        recorded = self.ask("GET", "/os-instance-actions").json["instanceActions"]
        found = []
        for action in reversed(recorded):
            part = f"/os-instance-actions/{action['request_id']}"
            shown = self.ask("GET", part, who="admin").json["instanceAction"]
            events = [(each["event"], each["result"]) for each in reversed(shown["events"])]
            found.append((action["action"], action["message"], events))
        return found

    def held(self) -> dict[str, dict[str, int]]:
        """What Placement says the server holds, by host."""
        rows = self.api.cloud.database.all(
            "SELECT p.name, a.resource_class, a.used FROM placement_consumers c"
            " JOIN placement_allocations a ON a.consumer_id = c.id"
            " JOIN placement_resource_providers p ON p.id = a.provider_id WHERE c.uuid = ?",
            (self.id,),
        )
        held: dict[str, dict[str, int]] = {}
        for name, resource_class, used in rows:
            held.setdefault(name, {})[resource_class] = used
        return held

    def used(self) -> int:
        """The memory in use on all hosts together, in MiB."""
        used: int = self.api.cloud.database.value(
            "SELECT sum(used) FROM placement_inventories WHERE resource_class = 'MEMORY_MB'"
        )
        return used


@pytest.fixture
def boot(open_cloud: Callable[..., Any]) -> Callable[..., Subject]:
    """boot(networks="none", …) → an ACTIVE server of demo, in a cloud of its own."""

    def booting(networks: Any = "none", name: str = "vm", **settings: Any) -> Subject:
        settings = {"clock": "manual", **settings}
        api = open_cloud(who=["admin", "demo"], **settings)
        listed = api.get("/compute/v2.1/flavors", who="demo").json["flavors"]
        flavors = {each["name"]: each["id"] for each in listed}
        image = api.get("/image/v2/images?sort=name:asc", who="demo").json["images"][0]["id"]
        server = {
            "name": name,
            "flavorRef": flavors.get("m1.tiny", listed[0]["id"]),
            "imageRef": image,
            "networks": networks,
        }
        answer = api.post(SERVERS, {"server": server}, version="compute 2.37", who="demo")
        assert answer.status == 202, answer.text
        api.cloud.settle()
        return Subject(api, answer.json["server"]["id"], image, flavors)

    return booting


@pytest.fixture
def server(boot: Callable[..., Subject]) -> Subject:
    """An ACTIVE server of demo without ports, in a cloud whose clock stands still."""
    return boot()
