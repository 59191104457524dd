"""What is measured, one function each. Seconds are CPU time of the server's process."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from benchmarks.server import LARGE, Server, login_body, resident_bytes, serving

COMPUTE = "/compute/v2.1"
NETWORKING = "/networking/v2.0"
JOURNAL_TURNS = 20
SETTLED_SECONDS = 600  # after so long no server is still being built


@dataclass(frozen=True)
class Size:
    """How much of everything: the whole run, or a short one that only proves that it runs."""

    requests: int
    lists: int
    clouds: int
    starts: int
    by_clock: int
    many: int
    image_mib: int


FULL = Size(
    requests=2000, lists=50, clouds=50, starts=3, by_clock=10_000, many=100_000, image_mib=1024
)
SMOKE = Size(requests=200, lists=5, clouds=5, starts=1, by_clock=500, many=2_000, image_mib=64)


def cold_start(size: Size) -> tuple[float, float]:
    """Return the CPU seconds from nothing to the first authenticated answer, and the memory then.

    The first start of all is not counted: it compiles Python to bytecode, as installing does.
    """
    _start()
    starts = [_start() for _ in range(size.starts)]
    return statistics.median(seconds for seconds, _ in starts), starts[0][1]


def _start() -> tuple[float, float]:
    import http.client
    import json

    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
    )
    assert process.stdout is not None
    url = process.stdout.readline().removeprefix("Ready. ").strip()
    resident = resident_bytes(process.pid)
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    content = json.dumps(login_body("demo"))
    connection.request(
        "POST", "/identity/v3/auth/tokens", content, {"Content-Type": "application/json"}
    )
    answer = connection.getresponse()
    answer.read()
    token = str(answer.headers["X-Subject-Token"])
    connection.request("GET", f"{COMPUTE}/servers", headers={"X-Auth-Token": token})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    process.send_signal(signal.SIGKILL)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    process.stdout.close()
    connection.close()
    return usage.ru_utime + usage.ru_stime, resident


def own_cloud(size: Size) -> tuple[float, float]:
    """Return what a cloud of its own costs a test: up and down."""
    from emulator.cloud import Cloud

    with Cloud():
        ups, downs = [], []
        for _ in range(size.clouds):
            begun = time.process_time()
            cloud = Cloud(durations="instant").start()
            up = time.process_time()
            cloud.close()
            ups.append(up - begun)
            downs.append(time.process_time() - up)
    return statistics.median(ups), statistics.median(downs)


def copies(size: Size) -> dict[str, float]:
    """Return what copies of a cloud with 1,000 servers cost: fork, drop, snapshot and restore.

    The forks are of a cloud that stays as it is, as tests make them; it changes before a snapshot
    and before it is restored.
    """
    from emulator.cloud import Cloud
    from emulator.seeding import doors, inhabitants

    cloud = Cloud(durations="instant")
    inhabitants.fill(doors.through_cloud(cloud), servers=1000, projects=5, seed=1)
    found: dict[str, list[float]] = {"fork": [], "drop": [], "snapshot": [], "restore": []}

    def timed(name: str, act: Callable[..., Any], *arguments: Any) -> Any:
        begun = time.process_time()
        result = act(*arguments)
        found[name].append(time.process_time() - begun)
        return result

    cloud.snapshot()
    for _ in range(size.clouds):
        timed("drop", timed("fork", cloud.fork).close)
    for _ in range(size.clouds):
        cloud.advance(1)
        content = timed("snapshot", cloud.snapshot)
        cloud.advance(1)
        timed("restore", cloud.restore, content)
    cloud.close()
    return {name: statistics.median(values) for name, values in found.items()}


def requests(size: Size) -> dict[str, float]:
    """Return what single requests cost: bare, token, show, lists, new ports and volumes."""
    found = {}
    with serving(durations="instant", fixture=LARGE) as server:
        found["bare"] = server.bare(size.requests)
        server.login("admin")
        path = "/identity/v3/auth/tokens"
        found["token"] = server.cost(size.requests // 4, "POST", path, login_body("demo"))
        make(server, 10)
        found["show"] = show(server, size)
        make(server, 1000)
        for length in (100, 1000):
            path = f"{COMPUTE}/servers/detail?limit={length}"
            found[f"list_{length}"] = server.cost(size.lists, "GET", path, wave=1)
        path = f"{NETWORKING}/ports?limit=1000"
        found["ports_1000"] = server.cost(size.lists, "GET", path, wave=1)
        port = {"port": {"network_id": large(server)}}
        found["port"] = server.cost(size.requests // 4, "POST", f"{NETWORKING}/ports", port)
        path = f"/volume/v3/{server.project_id}/volumes"
        found["volume"] = server.cost(size.requests // 4, "POST", path, {"volume": {"size": 1}})
        found["bare_again"] = server.bare(size.requests)
    return found


def journal(size: Size) -> tuple[float, float]:
    """Return what a GET of a server costs with a journal and without one, asked in turn."""
    settings = {"durations": "instant", "fixture": LARGE}
    with serving(**settings) as kept, serving(**settings, journal_max=0) as unkept:
        found: dict[Server, list[float]] = {kept: [], unkept: []}
        for server in found:
            server.login("admin")
            make(server, 10)
        for _ in range(JOURNAL_TURNS):  # many short ones: both meet the machine at its best
            for server, costs in found.items():
                path = f"{COMPUTE}/servers/{first_server(server)}"
                costs.append(server.cost(size.requests // 4, "GET", path))
        return min(found[kept]), min(found[unkept])


def by_the_clock(size: Size) -> tuple[float, float]:
    """Return what a create costs, and the seconds to bring many servers to ACTIVE, by the clock."""
    with serving(durations="typical", clock="manual", fixture=LARGE) as server:
        server.login("admin")
        make(server, 10)
        path, body = f"{COMPUTE}/servers", creation(server)
        create = server.cost(size.requests // 2, "POST", path, body)
        _, _ = server.tell("advance", SETTLED_SECONDS)
        make(server, size.by_clock)
        assert first_status(server) == "BUILD"
        _, seconds = server.tell("advance", SETTLED_SECONDS)
        assert first_status(server) == "ACTIVE"
    return create, float(seconds)


def many(size: Size) -> dict[str, float]:
    """Return memory with many servers, and what a GET costs among so many."""
    with serving(durations="instant", fixture=LARGE) as server:
        server.login("admin")
        make(server, size.many)
        return {"many_bytes": server.tell("resident"), "show_many": show(server, size)}


def image_data(size: Size) -> dict[str, float]:
    """Return what it costs to bring an image's data in and out, and how much memory that takes."""
    with serving(durations="instant") as server:
        server.login("admin")
        body = {"disk_format": "raw", "container_format": "bare"}
        image = server.ask("POST", "/image/v2/images", body)[1]["id"]
        path = f"{server.root}/image/v2/images/{image}/file"
        before, begun = server.tell("resident"), server.tell("cpu")
        _send(server, path, size.image_mib)
        sent = server.tell("cpu")
        assert _fetch(server, path) == size.image_mib << 20
        fetched = server.tell("cpu")
        growth = server.tell("peak") - before
    return {"upload": sent - begun, "download": fetched - sent, "growth_bytes": growth}


def _send(server: Server, path: str, mib: int) -> None:
    import http.client

    connection = http.client.HTTPConnection(server.host)
    block = bytes(range(256)) * 4096
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(mib << 20)}
    connection.request("PUT", path, (block for _ in range(mib)), {**server.headers, **headers})
    answer = connection.getresponse()
    assert answer.status == 204, answer.read()
    connection.close()


def _fetch(server: Server, path: str) -> int:
    import http.client

    connection = http.client.HTTPConnection(server.host)
    connection.request("GET", path, headers=server.headers)
    answer, buffer, size = connection.getresponse(), bytearray(1 << 20), 0
    while count := answer.readinto(buffer):
        size += count
    connection.close()
    return size


def show(server: Server, size: Size) -> float:
    """Return what one GET of a server costs."""
    return server.cost(size.requests, "GET", f"{COMPUTE}/servers/{first_server(server)}")


def make(server: Server, count: int) -> None:
    """Make servers, up to a hundred a request."""
    project, quota = server.project_id, {"instances": -1, "cores": -1, "ram": -1}
    server.ask("PUT", f"{COMPUTE}/os-quota-sets/{project}", {"quota_set": quota})
    server.ask("PUT", f"{NETWORKING}/quotas/{project}", {"quota": {"port": -1}})
    quota = {"volumes": -1, "gigabytes": -1}
    server.ask("PUT", f"/volume/v3/{project}/os-quota-sets/{project}", {"quota_set": quota})
    one = creation(server)["server"]
    while count > 0:
        wave = min(count, 100)
        body = {"server": {**one, "min_count": wave, "max_count": wave}}
        server.ask("POST", f"{COMPUTE}/servers", body)
        count -= wave


def creation(server: Server) -> dict[str, Any]:
    """Return the body that creates a server on the network `large`."""
    image = server.ask("GET", "/image/v2/images?limit=1")[1]["images"][0]["id"]
    return {
        "server": {
            "name": "bench",
            "flavorRef": "42",
            "imageRef": image,
            "networks": [{"uuid": large(server)}],
        }
    }


def large(server: Server) -> str:
    """Return the id of the network `large`."""
    path = f"{NETWORKING}/networks?name=large"
    return str(server.ask("GET", path)[1]["networks"][0]["id"])


def first_server(server: Server) -> str:
    """Return the id of the newest server."""
    return str(server.ask("GET", f"{COMPUTE}/servers?limit=1")[1]["servers"][0]["id"])


def first_status(server: Server) -> str:
    """Return the status of the newest server."""
    path = f"{COMPUTE}/servers/detail?limit=1"
    return str(server.ask("GET", path)[1]["servers"][0]["status"])
