"""Sweeps of pytest: each call of a test fails in turn; a test meets many orders of events."""

from __future__ import annotations

import json
import re
from pathlib import Path

from emulator.cloud import Cloud
from emulator.journal import truths
from tests.test_plugin import run

ASK = """
import json, threading, urllib.request
import pytest

class Door:
    def __init__(self, cloud):
        self.cloud, self.token = cloud, ""
        who = {"user": {"name": "demo", "domain": {"id": "default"}, "password": "secret"}}
        scope = {"project": {"name": "demo", "domain": {"id": "default"}}}
        self.send("POST", "/identity/v3/auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": who}, "scope": scope}})

    def send(self, method, path, body=None):
        headers = {"Content-Type": "application/json", "X-Auth-Token": self.token}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.cloud.url + path, data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            self.token = answer.headers.get("X-Subject-Token", self.token)
            return json.loads(answer.read() or b"null")

KEYPAIRS = "/compute/v2.1/os-keypairs"
"""

FRAGILE = f"""{ASK}
SETUPS = []

@pytest.fixture(scope="module")
def shared():
    SETUPS.append(1)
    assert len(SETUPS) == 1
    yield
    SETUPS.clear()

def test_fragile(shared, cloud):
    door = Door(cloud)
    try:
        door.send("POST", KEYPAIRS, {{"keypair": {{"name": "k1"}}}})
    except OSError:
        pass  # hopes for the best
    if not door.send("GET", KEYPAIRS)["keypairs"]:
        threading.Event().wait()  # for what never comes
    try:
        door.send("DELETE", KEYPAIRS + "/k1")
    except OSError:
        pass

def test_without_a_cloud(shared):
    pass

def test_that_fails_anyway(cloud):
    assert 0

@pytest.mark.skip
def test_skipped(cloud):
    pass
"""

RACE = f"""{ASK}
@pytest.mark.cloud(clock="manual", durations="typical")
def test_race(cloud):
    door = Door(cloud)
    (image,) = [each["id"] for each in door.send("GET", "/compute/v2.1/images")["images"]][:1]
    (flavor,) = [each["id"] for each in door.send("GET", "/compute/v2.1/flavors")["flavors"]][:1]
    body = {{"name": "vm", "imageRef": image, "flavorRef": flavor}}
    first, second = (
        door.send("POST", "/compute/v2.1/servers", {{"server": body}})["server"]["id"]
        for _ in range(2)
    )
    cloud.until(first, "ACTIVE")
    shown = door.send("GET", f"/compute/v2.1/servers/{{second}}")["server"]["status"]
    assert shown == "ACTIVE", f"seed {{cloud.ids.seed}}"

def test_calm(cloud):
    Door(cloud)
"""


def rows(shown: str) -> dict[str, list[str]]:
    """The table of calls: what is in each row behind the name of its operation."""
    found = {}
    for line in shown.splitlines():
        match = re.match(r"  +\d+ ((?:GET|POST|DELETE) \S+) +(.*)$", line)
        if match:
            found[match[1]] = re.split(r"  +", match[2])
    return found


def test_each_call_fails_in_turn(tmp_path: Path) -> None:
    ended = run(
        tmp_path, FRAGILE, "--cloud-fault-every-call", "--cloud-fault-limit=3",
        "--cloud-report", "report.json",
    )  # fmt: skip
    assert "1 failed, 2 passed, 1 skipped" in ended.stdout, ended.stdout + ended.stderr
    assert rows(ended.stdout) == {
        "POST /auth/tokens": ["fails"] * 5,
        "POST /os-keypairs": ["hangs"] * 4 + ["survives"],
        "GET /os-keypairs": ["leaks"] * 5,
        "DELETE /os-keypairs/{name}": ["leaks"] * 4 + ["survives"],
    }
    assert "4 calls, 20 runs: 4 hangs, 9 leaks, 5 fails, 2 survives" in ended.stdout
    assert (
        "leaks: passed and left keypair 'k1'; again: "
        "pytest 'test_suite.py::test_fragile' --cloud-fault 4:500"
    ) in ended.stdout
    (told,) = json.loads((tmp_path / "report.json").read_text())["tests"]
    assert told["test"] == "test_suite.py::test_fragile"
    assert {"call": 3, "fault": "before", "outcome": "leaks",
            "detail": "failed and left keypair 'k1'"} in told["runs"]  # fmt: skip


CARELESS = f"""{ASK}
SERVER = "11111111-2222-3333-4444-555555555555"  # of an orchestrator's own, no Nova's

def test_careless(cloud):
    door = Door(cloud)
    volume = door.send("POST", "/volume/v3/volumes", {{"volume": {{"size": 1}}}})["volume"]["id"]
    asked = {{"attachment": {{"volume_uuid": volume, "instance_uuid": SERVER}}}}
    attachment = door.send("POST", "/volume/v3/attachments", asked)["attachment"]["id"]
    door.send("DELETE", "/volume/v3/attachments/" + attachment)
    door.send("DELETE", "/volume/v3/volumes/" + volume)
"""


def test_what_is_corrupt_is_told_and_may_fail_the_run(tmp_path: Path) -> None:
    """Who attaches volumes itself and loses its way leaves attachments to no server."""
    text = CARELESS.replace(
        '"X-Auth-Token"', '"OpenStack-API-Version": "volume 3.44", "X-Auth-Token"'
    )
    sweep = ("--cloud-fault-every-call", "--cloud-fault-fail", "corrupts,hangs")
    ended = run(tmp_path, text, *sweep)
    assert "1 passed" in ended.stdout, ended.stdout + ended.stderr
    assert rows(ended.stdout)["DELETE /attachments/{attachment_id}"] == [
        *["corrupts"] * 4,
        "leaks",
    ]
    assert "corrupts: attachment to a server that is gone" in ended.stdout
    assert ended.returncode == 1
    assert run(tmp_path, text, sweep[0], "--cloud-fault-fail=hangs").returncode == 0


def test_workers_sweep_too(tmp_path: Path) -> None:
    ended = run(tmp_path, RACE, "--cloud-seeds", "1", "-n", "1", "-k", "calm")
    assert "test_calm: passes with all 1 seeds" in ended.stdout, ended.stdout


def test_one_call_fails_again(tmp_path: Path) -> None:
    ended = run(tmp_path, FRAGILE, "-k", "fragile", "--cloud-fault", "3:500")
    assert "1 failed" in ended.stdout
    assert "HTTP Error 500" in ended.stdout
    assert "[fault every-call]" in ended.stdout


def test_a_race_that_only_some_seeds_show(tmp_path: Path) -> None:
    ended = run(tmp_path, RACE, "--cloud-seeds", "8")
    assert "1 failed, 1 passed" in ended.stdout, ended.stdout + ended.stderr
    assert "test_suite.py::test_calm: passes with all 8 seeds" in ended.stdout
    found = re.search(r"test_race: fails with (\d) of 8 seeds, the smallest is (\d)", ended.stdout)
    assert found is not None, ended.stdout
    smallest = int(found[2])
    assert int(found[1]) < 8
    assert smallest > 1
    assert f"AssertionError: seed {smallest}\n" in ended.stdout
    assert f"again: pytest 'test_suite.py::test_race' --cloud-seed {smallest}\n" in ended.stdout
    again = run(tmp_path, RACE, "--cloud-seed", str(smallest))
    assert f"AssertionError: seed {smallest}\n" in again.stdout
    fewer = run(tmp_path, RACE, "--cloud-seeds", str(smallest - 1))
    assert "2 passed" in fewer.stdout


def test_options_of_sweeps_that_cannot_be(tmp_path: Path) -> None:
    for arguments, said in (
        (["--cloud-seeds=0"], "--cloud-seeds: 1 or more"),
        (["--cloud-seeds=2", "--cloud-fault-every-call"], "one after the other"),
        (["--cloud-fault=x:500"], "--cloud-fault: 'x:500' is not NUMBER:KIND, such as 3:500"),
        (["--cloud-fault-every-call", "--cloud-fault-limit=0"], "more than 0 seconds"),
        (
            ["--cloud-fault-every-call", "--cloud-fault-fail=hangs,burns"],
            "--cloud-fault-fail: 'burns' is none of hangs, corrupts, leaks, fails",
        ),
        (["--cloud-report=x.json"], "--cloud-report says where to"),
    ):
        ended = run(tmp_path, "", *arguments)
        assert ended.returncode == 4, arguments
        assert said in ended.stderr


def test_what_is_not_true_is_told(cloud: Cloud) -> None:
    assert truths.broken(cloud.database) == {}
    cloud.database.insert(
        "network_ip_allocations",
        {"port_id": "gone", "subnet_id": "s", "network_id": "n", "ip_address": "192.0.2.9"},
    )
    assert truths.broken(cloud.database) == {"address of a port that is gone": ["192.0.2.9"]}
