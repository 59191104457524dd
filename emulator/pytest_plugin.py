"""pytest fixtures: `cloud` is a cloud of the test's own, `openstack` a connection to it.

    @pytest.mark.cloud(clock="manual", durations="typical")
    def test_a_server_becomes_active(cloud, openstack):
        server = openstack.create_server("vm", image=…, flavor="m1.tiny")
        cloud.settle()

The marker takes any setting of emulator.config.Settings. Nothing is imported before its use.
The report of a failed test ends with what its cloud was asked and did last; `--cloud-artifacts DIR`
draws all of it. With `strict=True` a test fails that sent what nobody reads. Sweeps run a test
again and again (pytest_sweeps.py).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from openstack.connection import Connection

    from emulator.cloud import Cloud


CLOUDS = pytest.StashKey["list[Cloud]"]()  # that a test was given
RUN = pytest.StashKey[Any]()  # the pytest_sweeps.Run that a test is in
TAIL = 25  # entries of the journal in the report of a failed test


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    group = parser.getgroup("openstack-emulator")
    group.addoption(
        "--cloud-artifacts",
        metavar="DIR",
        type=Path,
        help="draw the timeline of each failed test's cloud into this folder, as one HTML file",
    )
    group.addoption(
        "--cloud-artifacts-all",
        action="store_true",
        help="with --cloud-artifacts: the timelines of the tests that passed, too",
    )
    group.addoption(
        "--cloud-fault-every-call",
        action="store_true",
        help="run each test again with each of its calls failing in turn, in five ways",
    )
    group.addoption(
        "--cloud-fault-limit",
        metavar="SECONDS",
        type=float,
        default=10.0,
        help="after which such a run is said to hang, in real time (%(default)s)",
    )
    group.addoption(
        "--cloud-fault-fail",
        metavar="OUTCOMES",
        default="",
        help="with which of hangs, corrupts, leaks, fails the exit status is 1: corrupts,hangs",
    )
    group.addoption(
        "--cloud-fault",
        metavar="NUMBER:KIND",
        help="let one call of each test fail: its number, and 500, 503, 429, before or after",
    )
    group.addoption(
        "--cloud-seeds",
        metavar="COUNT",
        type=int,
        help="run each test with so many seeds: what is under way ends in other orders",
    )
    group.addoption("--cloud-seed", metavar="SEED", type=int, help="the seed of every test's cloud")
    group.addoption(
        "--cloud-report",
        metavar="FILE",
        type=Path,
        help="write what --cloud-fault-every-call or --cloud-seeds found, as JSON",
    )


def import_as_compiled() -> None:
    """Keep pytest from compiling the whole package once more, to explain asserts that no test has.

    pytest does so with every distribution that brings a plugin and has no option against it; here
    that took seconds in the first run after an installation, which in CI is every run.
    """
    for finder in sys.meta_path:
        marked = getattr(finder, "_must_rewrite", None)  # of the finder of pytest's own
        if isinstance(marked, set):
            marked.discard("emulator")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known; refuse a folder that cannot be one."""
    import_as_compiled()
    folder = config.getoption("--cloud-artifacts")
    if folder is None and config.getoption("--cloud-artifacts-all"):
        raise pytest.UsageError("--cloud-artifacts-all says what is drawn; --cloud-artifacts where")
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise pytest.UsageError(f"--cloud-artifacts: {folder}: {problem.strerror}") from None
    config.addinivalue_line(
        "markers",
        "cloud(fixture=..., clock=..., durations=..., seed=..., **settings): "
        "the cloud that the fixture `cloud` gives (openstack-emulator)",
    )
    wanted = [
        config.getoption(f"--cloud-{name}") for name in ("fault-every-call", "fault", "seeds")
    ]
    if wanted != [False, None, None]:
        from emulator import pytest_sweeps

        config.pluginmanager.register(pytest_sweeps, "openstack-emulator-sweeps")
    elif config.getoption("--cloud-report") is not None:
        raise pytest.UsageError(
            "--cloud-report says where to; --cloud-fault-every-call or --cloud-seeds what"
        )


@pytest.fixture
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """A fresh cloud for this test alone, served on loopback; operations take no time by default."""
    from emulator.cloud import Cloud
    from emulator.errors import UsageError

    settings: dict[str, Any] = {"durations": "instant"}
    for marker in reversed(list(request.node.iter_markers("cloud"))):
        if marker.args:
            raise pytest.UsageError("pytest.mark.cloud takes its settings by name")
        settings |= marker.kwargs
    run = request.node.stash.get(RUN, None)
    seed = request.config.getoption("--cloud-seed") if run is None or run.seed is None else run.seed
    if seed is not None:
        settings["seed"] = seed
    try:
        own = Cloud(**settings)
    except (UsageError, TypeError) as problem:
        raise pytest.UsageError(f"pytest.mark.cloud: {problem}") from None
    with own:
        request.node.stash.setdefault(CLOUDS, []).append(own)
        if run is not None:
            run.begin(own)
        yield own
        if run is not None:
            run.end(own)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test whose strict cloud was sent what nobody reads."""
    result = yield
    for own in _given(item):
        if own.settings.strict:
            from emulator.journal.ignored import sentence

            unread = own.journal.ignored()["ignored"]
            lines = "".join(f"\n  {sentence(each)}" for each in unread)
            if unread:
                pytest.fail(f"the test sent what nobody reads:{lines}", pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failed test what its cloud was asked and did last."""
    report = yield
    wanted = report.failed or (
        report.when == "call" and item.config.getoption("--cloud-artifacts-all")
    )
    for number, own in enumerate(_given(item) if wanted else ()):
        if own.record is not None:
            with own.lock:
                _tell(item, report, own, number)
    return report


def _given(item: pytest.Item) -> list[Cloud]:
    return item.stash.get(CLOUDS, [])


def _tell(item: pytest.Item, report: pytest.TestReport, own: Cloud, number: int) -> None:
    """Put the end of a cloud's journal into a report, and its timeline into the folder."""
    from emulator.journal import entries, timeline

    lines = entries.tail(own.record, TAIL) if own.record is not None else []
    folder: Path | None = item.config.getoption("--cloud-artifacts")
    if folder is not None and own.record is not None:
        name = re.sub(r"[^\w.-]+", "_", item.nodeid)[-150:]
        file = folder / f"{name}{f'-{number + 1}' if number else ''}.html"
        note = report.longreprtext if report.failed else ""
        page = timeline.page(own, own.record, title=item.nodeid, note=note)
        file.write_text(page, encoding="utf-8")
        lines.append(f"timeline: {file}")
    if report.failed and lines:
        report.sections.append(("openstack-emulator: what happened last", "\n".join(lines)))


@pytest.fixture
def openstack(cloud: Cloud) -> Iterator[Connection]:
    """An openstack.connection.Connection as user demo; `cloud.connect("admin")` gives others."""
    connection = cloud.connect()
    yield connection
    connection.close()
