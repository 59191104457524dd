"""The pytest plugin: every test has a cloud of its own, made only when it is asked for."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from emulator.cloud import Cloud
from emulator.simulation.clock import moment

SUITE = """
import json, urllib.request
import pytest

def clock(cloud):
    return json.load(urllib.request.urlopen(cloud.url + "/_emulator/clock"))["clock"]

@pytest.mark.cloud(clock="manual")
@pytest.mark.parametrize("n", range(4))
def test_time_of_one_cloud_is_not_that_of_another(cloud, n):
    before = clock(cloud)["now"]
    assert before == "2030-01-01T00:00:00.000000Z"
    cloud.advance(60)
    assert clock(cloud)["now"] == "2030-01-01T00:01:00.000000Z"

@pytest.mark.asyncio
async def test_it_works_in_a_loop(cloud):
    import asyncio
    answer = await asyncio.to_thread(clock, cloud)
    assert answer["mode"] == "real"
"""


LOOPS = ("-o", "asyncio_mode=strict", "-o", "asyncio_default_fixture_loop_scope=function")


def run(folder: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on a test file of its own."""
    (folder / "test_suite.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "--strict-markers", "-Werror"]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", *LOOPS, *arguments, str(folder)],
        capture_output=True, text=True, cwd=folder, check=False,
    )  # fmt: skip


def test_a_cloud_is_served(cloud: Cloud) -> None:
    with urllib.request.urlopen(f"{cloud.url}/health") as answer:
        assert answer.read() == b'{"status":"ok"}'
    assert cloud.env()["OS_AUTH_URL"] == f"{cloud.url}/identity/v3"
    assert cloud.env("admin")["OS_PROJECT_NAME"] == "admin"
    assert f"auth_url: {cloud.url}/identity/v3" in cloud.clouds_yaml


@pytest.mark.cloud(seed=5)
class TestMarkers:
    """Markers of a class and of its tests add up; the nearest wins."""

    def test_the_marker_of_the_class_holds(self, cloud: Cloud) -> None:
        assert (cloud.ids.seed, cloud.settings.durations) == (5, "instant")

    @pytest.mark.cloud(durations="slow", seed=6)
    def test_the_nearest_marker_wins(self, cloud: Cloud) -> None:
        assert (cloud.ids.seed, cloud.settings.durations) == (6, "slow")


@pytest.mark.cloud(clock="manual")
def test_time_is_moved_by_the_test(cloud: Cloud) -> None:
    before = cloud.now
    cloud.advance(90)
    assert cloud.now - before == 90
    assert before == moment("2030-01-01T00:00:00")
    assert cloud.settle() == 0


SHARING = """
import pytest

seen = []

@pytest.mark.parametrize("turn", ["first", "second"])
def test_one_of_two(cloud, turn):
    cloud.database.execute("CREATE TABLE own (turn TEXT)")
    cloud.database.insert("own", {"turn": turn})
    assert cloud.database.value("SELECT count(*) FROM own") == 1
    seen.append((cloud.url, cloud.ids.uuid()))

def test_both():
    (first_url, first_id), (second_url, second_id) = seen
    assert first_url != second_url
    assert first_id == second_id  # the seed is the same, and neither saw the other's draw
"""


def test_two_clouds_share_nothing(tmp_path: Path) -> None:
    """Each finds only what it made itself: rows, ids and time."""
    ended = run(tmp_path, SHARING)
    assert "3 passed" in ended.stdout, ended.stdout + ended.stderr


def test_it_works_beside_other_plugins(tmp_path: Path) -> None:
    ended = run(tmp_path, SUITE, "-n", "2")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "5 passed" in ended.stdout


def test_the_package_is_imported_as_it_is_compiled(tmp_path: Path) -> None:
    text = (
        "def test_one(cloud):\n"
        "    import emulator.cloud\n"
        "    assert '_pytest' not in type(emulator.cloud.__loader__).__module__\n"
    )
    ended = run(tmp_path, text)
    assert ended.returncode == 0, ended.stdout


def test_a_wrong_marker_is_one_sentence(tmp_path: Path) -> None:
    text = (
        "import pytest\n"
        "@pytest.mark.cloud(durations='long')\ndef test_one(cloud): pass\n"
        "@pytest.mark.cloud(wings=2)\ndef test_two(cloud): pass\n"
        "@pytest.mark.cloud('small')\ndef test_three(cloud): pass\n"
        "@pytest.mark.cloud(fixture='nothing')\ndef test_four(cloud): pass\n"
    )
    ended = run(tmp_path, text)
    assert "4 errors" in ended.stdout
    assert "durations: 'long' is none of instant, fast, typical, slow" in ended.stdout
    assert "unexpected keyword argument 'wings'" in ended.stdout
    assert "takes its settings by name" in ended.stdout
    assert "there is no fixture 'nothing'" in ended.stdout


TROUBLE = """
import urllib.request
import pytest

def ask(cloud, path, **headers):
    request = urllib.request.Request(cloud.url + path, headers=headers)
    with urllib.request.urlopen(request) as answer:
        answer.read()

def test_that_fails(cloud):
    ask(cloud, "/compute/v2.1")
    cloud.requests("POST /servers").once()

@pytest.mark.cloud(strict=True)
def test_that_sends_what_nobody_reads(cloud):
    ask(cloud, "/compute/v2.1?colour=red", **{"X-Whatever": "1"})

@pytest.mark.cloud(strict=True)
def test_that_passes(cloud):
    ask(cloud, "/compute/v2.1")

@pytest.mark.cloud(journal_max=0)
def test_that_fails_without_a_journal(cloud):
    assert not ask(cloud, "/health") is None

def test_that_has_no_cloud():
    assert 0
"""


def test_a_failed_test_tells_what_happened_last(tmp_path: Path) -> None:
    ended = run(tmp_path, TROUBLE)
    assert "4 failed, 1 passed" in ended.stdout
    heading = "openstack-emulator: what happened last"
    assert ended.stdout.count(heading) == 2
    section = ended.stdout.partition(heading)[2]
    assert "200 GET compute (2.1) /compute/v2.1  nobody  req-" in section.splitlines()[1]
    assert "POST /servers was expected once, but never came. What came: GET /v2.1" in ended.stdout


def test_strict_tests_fail_by_what_nobody_reads(tmp_path: Path) -> None:
    ended = run(tmp_path, TROUBLE, "-k", "strict or reads or passes")
    assert "1 failed, 1 passed" in ended.stdout
    shown = ended.stdout.partition("the test sent what nobody reads:")[2]
    assert re.match(
        r"\n  GET /v2.1 of compute: header 'X-Whatever' \(req-.*\)"
        r"\n  GET /v2.1 of compute: query 'colour' \(req-.*\)\n",
        shown,
    )


def test_timelines_of_failed_tests_are_drawn(tmp_path: Path) -> None:
    folder = tmp_path / "drawn" / "here"
    ended = run(tmp_path, TROUBLE, "--cloud-artifacts", str(folder), "-n", "2")
    names = [
        f"test_suite.py_test_that_{name}.html" for name in ("fails", "sends_what_nobody_reads")
    ]
    assert sorted(file.name for file in folder.iterdir()) == names
    assert f"timeline: {folder / names[0]}" in ended.stdout
    page = (folder / names[0]).read_text(encoding="utf-8")
    assert "test_suite.py::test_that_fails</title>" in page
    assert "POST /servers was expected once" in page


def test_all_timelines_are_drawn_where_asked(tmp_path: Path) -> None:
    run(tmp_path, TROUBLE, "--cloud-artifacts", "drawn", "--cloud-artifacts-all")
    assert (tmp_path / "drawn" / "test_suite.py_test_that_passes.html").exists()


def test_options_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run(tmp_path, TROUBLE, "--cloud-artifacts", "file")
    assert ended.returncode == 4
    assert "--cloud-artifacts: file: File exists" in ended.stderr
    ended = run(tmp_path, TROUBLE, "--cloud-artifacts-all")
    assert "--cloud-artifacts-all says what is drawn; --cloud-artifacts where" in ended.stderr


def test_it_costs_nothing_when_it_is_not_used(tmp_path: Path) -> None:
    text = (
        "import sys\n"
        "def test_one():\n"
        "    assert 'emulator.pytest_plugin' in sys.modules\n"
        "    assert not {'emulator.cloud', 'aiohttp', 'openstack'} & set(sys.modules)\n"
    )
    ended = run(tmp_path, text)
    assert ended.returncode == 0, ended.stdout


def test_a_cloud_needs_no_pytest() -> None:
    code = (
        "import sys, urllib.request\n"
        "from emulator import Cloud\n"
        "with Cloud(fixture='') as cloud:\n"
        "    print(urllib.request.urlopen(cloud.url + '/health').status, 'pytest' in sys.modules)\n"
        "try:\n"
        "    urllib.request.urlopen(cloud.url + '/health')\n"
        "except Exception as problem:\n"
        "    print(problem)\n"
    )
    shown = subprocess.check_output([sys.executable, "-Werror", "-c", code], text=True)
    assert shown.startswith("200 False\n")
