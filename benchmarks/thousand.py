"""python -m benchmarks.thousand: 1,000 tests in random order against one process of the emulator.

Four workers of pytest-xdist share one `openstack-emulator serve`; each test makes a cloud of its
own beside the others (`/clouds/NAME`), acts in it, asserts that it saw nobody else's things, and
drops it. The run is made twice, in two orders. Printed are what failed, the clouds and things left,
and what a cloud of its own costs a test: from asking for it until it can be used, and dropping it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKERS = 4
CLOUDS = 100  # made and dropped one after the other, to know what one costs
BUDGET_MS = 10.0  # of a test, in the middle

CONFTEST = """
import os, random, time
import pytest
from emulator.control.remote import RemoteCloud

HOST = RemoteCloud(os.environ["EMULATOR"])

def pytest_collection_modifyitems(items):
    random.Random(int(os.environ["ORDER"])).shuffle(items)

@pytest.fixture
def cloud(request):
    name = request.node.name.replace("[", "-").replace("]", "")
    begun = time.perf_counter()
    made = HOST.clouds.create(name)["cloud"]
    up = time.perf_counter() - begun
    yield RemoteCloud(made["url"])
    begun = time.perf_counter()
    HOST.clouds.delete(name)
    request.node.user_properties.append(("ms", (up + time.perf_counter() - begun) * 1000))

def pytest_runtest_logreport(report):
    if report.when == "teardown" and "PYTEST_XDIST_WORKER" not in os.environ:
        with open(os.environ["FIGURES"], "a") as file:
            for name, value in report.user_properties:
                file.write(f"{report.nodeid} {value}\\n")
"""

SUITE = """
import json, os, urllib.request
import pytest

def send(cloud, method, path, token="", body=None):
    headers = {"Content-Type": "application/json", "X-Auth-Token": token}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(cloud.url + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return answer.headers, json.loads(answer.read() or b"null")

def login(cloud):
    who = {"user": {"name": "demo", "domain": {"id": "default"}, "password": "secret"}}
    scope = {"project": {"name": "demo", "domain": {"id": "default"}}}
    body = {"auth": {"identity": {"methods": ["password"], "password": who}, "scope": scope}}
    headers, _ = send(cloud, "POST", "/identity/v3/auth/tokens", body=body)
    return headers["X-Subject-Token"]

@pytest.mark.parametrize("number", range(int(os.environ["COUNT"])))
def test_alone(cloud, number):
    token = login(cloud)
    kind, path = [
        ("keypair", "/compute/v2.1/os-keypairs"),
        ("network", "/networking/v2.0/networks"),
        ("volume", "/volume/v3/volumes"),
    ][number % 3]
    _, networks = send(cloud, "GET", "/networking/v2.0/networks", token)
    before = {each["id"] for each in networks["networks"]}
    assert send(cloud, "GET", "/compute/v2.1/os-keypairs", token)[1]["keypairs"] == []
    body = {"size": 1, "name": f"v{number}"} if kind == "volume" else {"name": f"n{number}"}
    _, made = send(cloud, "POST", path, token, {kind: body})
    _, listed = send(cloud, "GET", path, token)
    new = [each for each in listed[kind + "s"] if each.get("id") not in before]
    assert len(new) == 1
    left = cloud.journal.clean()["left"]
    assert [each["kind"] for each in left] == [kind]
"""


def main() -> int:
    """Run the suite twice; print the figures; return 1 when something is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.thousand", description=__doc__)
    parser.add_argument("--tests", type=int, default=1000, help="how many (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving() as (url, pid):
        alone = cpu_ms(url, pid)
        runs = [run(Path(folder), url, pid, options.tests, order) for order in (1, 2)]
    same = runs[0].pop("outcomes") == runs[1].pop("outcomes")
    kept = same and all(
        each["exit_status"] == 0
        and each["measured"] == options.tests
        and each["clouds_left"] == 0
        and each["median_ms"] <= BUDGET_MS
        for each in runs
    )
    if options.json:
        found = {"runs": runs, "cpu_ms": alone, "same_outcomes": same, "kept": kept}
        print(json.dumps(found, indent=2))
        return 0 if kept else 1
    print(f"a cloud made and dropped: {alone:.2f} ms of CPU time, of the server and who asks")
    for number, each in enumerate(runs, 1):
        print(f"run {number}: {each['summary']}")
        if each["exit_status"]:
            print(f"  FAILED, first: {each['failure']}")
        print(f"  overhead of a test: median {each['median_ms']:.2f} ms (at most {BUDGET_MS:g}),")
        print(f"  nine of ten {each['p90_ms']:.2f} ms; {each['measured']} measured")
        print(f"  clouds left: {each['clouds_left']}; the server's memory: {each['mib']:.0f} MiB")
    print(f"each test ended alike in both orders: {'yes' if same else 'NO'}")
    return 0 if kept else 1


@contextmanager
def serving() -> Iterator[tuple[str, int]]:
    """Run `serve` in a process of its own; give its URL and its process's id."""
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Ready. "):
                yield line.removeprefix("Ready. ").strip(), process.pid
                break
        else:
            raise RuntimeError("the server did not begin")
    finally:
        process.terminate()
        process.wait()


def cpu_ms(url: str, pid: int) -> float:
    """Return what a cloud costs, made and dropped with nothing else going on, in CPU time."""
    from emulator.control.remote import RemoteCloud

    def spent() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])  # in the process and in the kernel for it
        return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")

    host = RemoteCloud(url)
    host.clouds.create("warm")
    host.clouds.delete("warm")
    begun = spent()
    for number in range(CLOUDS):
        host.clouds.create(f"alone-{number}")
        host.clouds.delete(f"alone-{number}")
    return (spent() - begun) / CLOUDS * 1000


def run(folder: Path, url: str, pid: int, count: int, order: int) -> dict[str, Any]:
    """Run all tests once in one order; return the figures."""
    from benchmarks.server import resident_bytes
    from emulator.control.remote import RemoteCloud

    here = folder / str(order)
    here.mkdir()
    (here / "conftest.py").write_text(CONFTEST)
    (here / "test_thousand.py").write_text(SUITE)
    figures = here / "figures"
    more = {"EMULATOR": url, "ORDER": str(order), "COUNT": str(count), "FIGURES": str(figures)}
    command = [
        sys.executable, "-m", "pytest", "-q", "-n", str(WORKERS), "-p", "no:cacheprovider",
        "-p", "no:openstack_emulator", "-rA", "--tb=short", ".",
    ]  # fmt: skip
    ended = subprocess.run(
        command, cwd=here, env={**os.environ, **more}, capture_output=True, text=True, check=False
    )
    lines_said = ended.stdout.splitlines()
    lines = figures.read_text().splitlines() if figures.exists() else []
    costs = sorted(float(each.rpartition(" ")[2]) for each in lines) or [float("inf")]
    outcomes = sorted(
        " ".join(line.split()[:2]) for line in lines_said
        if line.startswith(("PASSED", "FAILED", "ERROR"))
    )  # fmt: skip
    return {
        "summary": lines_said[-1] if lines_said else ended.stderr[-200:],
        "exit_status": ended.returncode,
        "failure": next((line for line in lines_said if line.startswith(("FAILED", "ERROR"))), ""),
        "measured": len(lines),
        "median_ms": statistics.median(costs),
        "p90_ms": costs[len(costs) * 9 // 10],
        "clouds_left": len(RemoteCloud(url).clouds.list()["clouds"]),
        "mib": resident_bytes(pid) / 2**20,
        "outcomes": outcomes,
    }


if __name__ == "__main__":
    sys.exit(main())
