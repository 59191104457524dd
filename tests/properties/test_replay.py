"""Chaos is the same every time: in another process, and when the cloud is stopped meanwhile."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator import Cloud
from emulator.seeding import doors

NOVA, CINDER = "/compute/v2.1", "/volume/v3"
TOKEN = "/identity/v3/auth/tokens"
LOGIN = {
    "auth": {
        "identity": {
            "methods": ["password"],
            "password": {
                "user": {"name": "demo", "password": "secret", "domain": {"id": "default"}}
            },
        },
        "scope": {"project": {"name": "demo", "domain": {"id": "default"}}},
    }
}


class Day:
    """A day in a cloud on which much goes wrong; every answer is kept."""

    def __init__(self, cloud: Cloud) -> None:
        self.answers: list[Any] = []
        self.open(cloud)
        headers, _ = self.door("POST", TOKEN, LOGIN)
        self.token = headers["x-subject-token"]

    def open(self, cloud: Cloud) -> None:
        """Go on with a cloud."""
        self.cloud, self.door = cloud, doors.through_cloud(cloud)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask as demo and keep the answer."""
        answer = self.door(method, path, body, X_Auth_Token=self.token)
        self.answers.append(answer)
        return answer[1]

    def morning(self) -> None:
        """Ask for servers and volumes, one after the other."""
        image = self.ask("GET", "/image/v2/images")["images"][0]["id"]
        network = self.ask("GET", "/networking/v2.0/networks?name=private")["networks"][0]["id"]
        for number in range(10):
            server = {
                "name": f"vm-{number}",
                "imageRef": image,
                "flavorRef": "42",
                "networks": [{"uuid": network}],
            }
            if number % 4 == 0:
                server["metadata"] = {"emulator:build_seconds": "40"}
            self.ask("POST", f"{NOVA}/servers", {"server": server})
            self.ask("POST", f"{CINDER}/volumes", {"volume": {"size": 1}})
            self.cloud.advance(0.7)

    def evening(self) -> None:
        """Delete half of what is there."""
        for each in self.ask("GET", f"{NOVA}/servers")["servers"][::2]:
            self.ask("DELETE", f"{NOVA}/servers/{each['id']}")
        self.cloud.advance(5)

    def look(self) -> None:
        """See how everything is."""
        self.ask("GET", f"{NOVA}/servers/detail")
        self.ask("GET", f"{CINDER}/volumes/detail")
        self.ask("GET", "/networking/v2.0/ports")
        self.answers.append(self.cloud.lifecycles.list())

    def digest(self) -> str:
        """Return what all answers come to."""
        return hashlib.sha256(json.dumps(self.answers, default=str).encode()).hexdigest()


def a_day(seed: int) -> str:
    """Spend a day; return what all answers come to."""
    with Cloud(clock="manual", durations="chaos", seed=seed) as cloud:
        day = Day(cloud)
        day.morning()
        for _ in range(6):
            day.look()
            cloud.advance(7)
        day.evening()
        cloud.settle()
        day.look()
        return day.digest()


def test_two_processes_have_the_same_day() -> None:
    code = "import runpy, sys; print(runpy.run_path(sys.argv[1])['a_day'](int(sys.argv[2])))"
    days = []
    for seed, salt in ((7, "1"), (7, "2"), (8, "1")):
        environment = {**os.environ, "PYTHONHASHSEED": salt}
        ended = subprocess.run(
            [sys.executable, "-c", code, __file__, str(seed)],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        days.append(ended.stdout.strip())
    assert days[0] == days[1] != days[2]


@pytest.mark.parametrize("seed", [3, 4])
def test_stopping_in_mid_transition_changes_nothing(tmp_path: Path, seed: int) -> None:
    faults = [
        {"kind": "host-dies", "host": "compute1", "after": 5, "expires": 60},
        {"kind": "slow", "times": 3},
        {"kind": "volume-error-deleting", "after": 20},
    ]

    def cloud(name: str) -> Cloud:
        return Cloud(db=str(tmp_path / name), clock="manual", durations="chaos", seed=seed)

    through = Day(cloud("through"))
    stopped = Day(cloud("stopped"))
    for day in (through, stopped):
        for fault in faults:
            day.cloud.faults.add(**fault)
        day.morning()
    for pause in (0.3, 1, 3, 9, 27, 81):
        for day in (through, stopped):
            day.cloud.advance(pause)
            day.look()
        stopped.cloud.close()
        stopped.open(cloud("stopped"))
    for day in (through, stopped):
        day.evening()
        day.cloud.settle()
        day.look()
    assert stopped.answers == through.answers
    assert any(each["fired"] for each in through.answers[-1]["stages"])
    for day in (through, stopped):
        day.cloud.close()
