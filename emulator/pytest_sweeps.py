"""Sweeps of pytest: a test run again and again, with each call failing, or with each seed.

`--cloud-fault-every-call` runs each test that passed once for every call it makes and every kind
of failure; `--cloud-seeds 50` runs it with so many seeds, and so with other orders in which
concurrent transitions end. What came out is a table at the end; `--cloud-report FILE` has it as
JSON. The fixture `cloud` of pytest_plugin.py asks the Run of its test what to do. Registered only
where one of the options is given.
"""

from __future__ import annotations

import json
import signal
import threading
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol

from emulator.pytest_plugin import CLOUDS, RUN

if TYPE_CHECKING:
    from emulator.cloud import Cloud

FAULT = "every-call"  # the name of the fault that a run adds
KINDS: Mapping[str, Mapping[str, Any]] = {
    "500": {"status": 500},
    "503": {"status": 503},
    "429": {"status": 429, "retry_after": 1},
    "before": {"reset": "before"},
    "after": {"reset": "after"},
}
"""What becomes of the call: a status, or a connection reset before or after it took effect."""
OUTCOMES = ("hangs", "corrupts", "leaks", "fails", "survives")  # the worst first
TOLD = OUTCOMES[:3]  # with what exactly was wrong
GRACE_SECONDS = 1.0  # that the teardown of a run has at least
AGAIN_SECONDS = 0.25  # after which a run is told once more that it took too long


class TookTooLong(BaseException):
    """A run did not end in time. It is no Exception, so that no retrying loop eats it."""


@dataclass
class Run:
    """One run of a test: what is to happen in it, and what was seen."""

    seed: int | None = None
    fault: tuple[int, str] | None = None  # which call, which kind of failure
    deadline: float | None = None
    hung: bool = False
    reached: bool = False  # the fault hit a call
    used: bool = False  # there was a cloud, and it kept a journal
    calls: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)  # kind, name
    broken: dict[str, int] = field(default_factory=dict)  # what is not true, of how many

    def begin(self, cloud: Cloud) -> None:
        """Do what is to be done before the test has its cloud."""
        if self.fault is not None:
            nth, kind = self.fault
            cloud.wire_faults.add(name=FAULT, nth=nth, **KINDS[kind])

    def end(self, cloud: Cloud) -> None:
        """Look at what the test has done, when all that was under way has come to an end."""
        from emulator.errors import EmulatorError, UsageError
        from emulator.journal import entries, leftovers, truths

        if cloud.record is None:
            return
        with cloud.lock:
            heard = [
                each for each in cloud.record.heard() if not cloud.services[each.service].outside
            ]
            self.reached = any(entries.fault_name(each) == FAULT for each in heard)
            self.calls = [entries.operation_name(each) or each.request.path for each in heard]
            with suppress(UsageError, EmulatorError):
                cloud.settle()
            with suppress(UsageError):  # too large for its beginning to be kept
                told = leftovers.left(cloud, cloud.record)
                self.left = [(each["kind"], each["name"]) for each in told]
                self.used = True
            self.broken = {what: len(ids) for what, ids in truths.broken(cloud.database).items()}


# Options


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what cannot be. Called when the plugin is registered."""
    option = config.getoption
    if option("--cloud-fault-every-call") and option("--cloud-seeds"):
        raise pytest.UsageError("--cloud-fault-every-call and --cloud-seeds: one after the other")
    if option("--cloud-seeds") is not None and option("--cloud-seeds") < 1:
        raise pytest.UsageError("--cloud-seeds: 1 or more")
    if option("--cloud-fault-limit") <= 0:
        raise pytest.UsageError("--cloud-fault-limit: more than 0 seconds")
    for name in _failing(config):
        if name not in OUTCOMES[:-1]:
            known = ", ".join(OUTCOMES[:-1])
            raise pytest.UsageError(f"--cloud-fault-fail: {name!r} is none of {known}")
    if option("--cloud-fault"):
        _fault(option("--cloud-fault"))


def _fault(text: str) -> tuple[int, str]:
    nth, _, kind = text.partition(":")
    if not nth.isdecimal() or not int(nth) or kind not in KINDS:
        kinds = ", ".join(KINDS)
        raise pytest.UsageError(
            f"--cloud-fault: {text!r} is not NUMBER:KIND, such as 3:500; kinds are {kinds}"
        )
    return int(nth), kind


# Runs


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test that has a cloud as often as the sweep wants; others as ever."""
    option = item.config.getoption
    if "cloud" not in getattr(item, "fixturenames", ()):
        return None
    if option("--cloud-fault"):
        item.stash[RUN] = Run(fault=_fault(option("--cloud-fault")))
        return None
    if not (option("--cloud-fault-every-call") or option("--cloud-seeds")):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    if option("--cloud-seeds"):
        reports, result = _seeds(item, option("--cloud-seeds"))
    else:
        reports, result = _every_call(item, option("--cloud-fault-limit"))
    ended = _end(item, nextitem)
    for report in (*reports, *ended):
        if report.when == "call" and result is not None:
            vars(report)["cloud_sweep"] = result  # an attribute: xdist's workers send it along
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _once(item: pytest.Item, run: Run) -> list[pytest.TestReport]:
    """Run a test once; what it shares with others stays as it is."""
    item.stash[RUN] = run
    if CLOUDS in item.stash:
        del item.stash[CLOUDS]
    return runtestprotocol(item, log=False, nextitem=item.parent)  # type: ignore[arg-type]


def _end(item: pytest.Item, nextitem: pytest.Item | None) -> list[pytest.TestReport]:
    """End what the next test does not share; return a report where that failed."""
    if item.session.shouldfail or item.session.shouldstop:
        nextitem = None
    ended = pytest.CallInfo.from_call(
        lambda: item.session._setupstate.teardown_exact(nextitem), when="teardown"
    )
    if ended.excinfo is None:
        return []
    return [pytest.TestReport.from_item_and_call(item, ended)]


def _passed(reports: list[pytest.TestReport]) -> bool:
    return all(each.passed and not hasattr(each, "wasxfail") for each in reports)


# Every call


def _every_call(
    item: pytest.Item, limit: float
) -> tuple[list[pytest.TestReport], dict[str, Any] | None]:
    calm = Run()
    reports = _once(item, calm)
    if not (_passed(reports) and calm.used):
        return reports, None
    runs = []
    for nth in range(1, len(calm.calls) + 1):
        for kind in KINDS:
            run = Run(fault=(nth, kind), deadline=perf_counter() + limit)
            passed = _passed(_once(item, run))
            outcome, detail = _judge(calm, run, passed)
            runs.append({"call": nth, "fault": kind, "outcome": outcome, "detail": detail})
    return reports, {"test": item.nodeid, "calls": calm.calls, "runs": runs}


def _judge(calm: Run, run: Run, passed: bool) -> tuple[str, str]:
    """Say what came of a run, and what was wrong in particular."""
    if run.hung:
        return "hangs", "did not end in time"
    broken = Counter(run.broken) - Counter(calm.broken)
    if broken:
        return "corrupts", ", ".join(broken)
    left = _more(run.left, calm.left)
    if left:
        ending = "passed" if passed else "failed"
        return "leaks", f"{ending} and left {', '.join(left)}"
    if not passed:
        return "fails", ""
    return ("survives", "") if run.reached else ("not reached", "")


def _more(now: list[tuple[str, str]], before: list[tuple[str, str]]) -> list[str]:
    """Name what is left now beyond what is left anyway: counted by kind, as names may be random."""
    found: list[str] = []
    for kind, count in (Counter(k for k, _ in now) - Counter(k for k, _ in before)).items():
        names = [name for each, name in now if each == kind]
        new = sorted(names, key=lambda name: (kind, name) in before)[:count]
        found += [f"{kind} {name!r}" if name else kind for name in new]
    return found


# Time


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Limit the setup of a run."""
    with _limited(item):
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Limit a run itself."""
    with _limited(item):
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Limit the teardown of a run."""
    with _limited(item, least=GRACE_SECONDS):
        return (yield)


@contextmanager
def _limited(item: pytest.Item, least: float = 0.001) -> Iterator[None]:
    """Interrupt what takes longer than its run may. UsageError where nothing can be interrupted."""
    run = item.stash.get(RUN, None)
    if run is None or run.deadline is None:
        yield
        return
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        raise pytest.UsageError(
            "--cloud-fault-every-call needs the main thread and signals, to end what hangs"
        )

    def interrupt(number: int, frame: object) -> None:
        run.hung = True
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, max(run.deadline - perf_counter(), least), AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# Every seed


def _seeds(item: pytest.Item, count: int) -> tuple[list[pytest.TestReport], dict[str, Any] | None]:
    """Run a test with the seeds from 1 on; the reports are those of the first that fails."""
    chosen: list[pytest.TestReport] = []
    failing: list[int] = []
    for seed in range(1, count + 1):
        reports = _once(item, Run(seed=seed))
        if any(each.failed for each in reports):
            if not failing:
                chosen = reports
            failing.append(seed)
        elif not chosen:
            chosen = reports
            if any(each.skipped for each in reports):
                break
    return chosen, {"test": item.nodeid, "seeds": count, "failing": failing}


# What came out


def _results(terminalreporter: Any) -> list[Any]:
    """What came out: it travels with the reports of tests, those of xdist's workers too."""
    reports = [each for reports in terminalreporter.stats.values() for each in reports]
    return [each.cloud_sweep for each in reports if hasattr(each, "cloud_sweep")]


def _failing(config: pytest.Config) -> list[str]:
    """The outcomes with which the whole run is to have failed."""
    return [each for each in str(config.getoption("--cloud-fault-fail")).split(",") if each]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """End with 1 where a run came out as it may not."""
    terminal = session.config.pluginmanager.getplugin("terminalreporter")
    failing = _failing(session.config)
    if terminal is None or session.exitstatus != pytest.ExitCode.OK:
        return
    runs = [run for result in _results(terminal) for run in result.get("runs", ())]
    if any(run["outcome"] in failing for run in runs):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the tables; write the report, where one is wanted."""
    results = _results(terminalreporter)
    file = config.getoption("--cloud-report")
    if file is not None:
        file.write_text(json.dumps({"tests": results}, indent=2) + "\n", encoding="utf-8")
    for title, key, lines in (
        ("every call failing", "calls", _fault_lines),
        ("every seed", "seeds", _seed_lines),
    ):
        chosen = [each for each in results if key in each]
        if chosen:
            terminalreporter.section(f"openstack-emulator: {title}")
            for result in chosen:
                for line in lines(result):
                    terminalreporter.line(line)


def _fault_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """A table of a test: a row for each call, a column for each kind of failure."""
    runs = {(each["call"], each["fault"]): each for each in result["runs"]}
    counts = Counter(each["outcome"] for each in result["runs"])
    shown = ", ".join(
        f"{counts[name]} {name}" for name in (*OUTCOMES, "not reached") if counts[name]
    )
    yield f"{result['test']}: {len(result['calls'])} calls, {len(runs)} runs: {shown or 'none'}"
    width = max([len(name) for name in result["calls"]] or [0]) + 4
    yield f"  {'':<{width}}" + "".join(f"{kind:<13}" for kind in KINDS).rstrip()
    for nth, name in enumerate(result["calls"], 1):
        outcomes = "".join(f"{runs[nth, kind]['outcome']:<13}" for kind in KINDS)
        yield f"  {nth:>2} {name:<{width - 3}}{outcomes}".rstrip()
    for each in result["runs"]:
        if each["outcome"] in TOLD:
            again = f"--cloud-fault {each['call']}:{each['fault']}"
            yield f"  {each['outcome']}: {each['detail']}; again: pytest '{result['test']}' {again}"


def _seed_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """How many seeds a test fails with, and how to see the smallest."""
    failing, count = result["failing"], result["seeds"]
    if not failing:
        yield f"{result['test']}: passes with all {count} seeds"
        return
    some = f"fails with {len(failing)} of {count} seeds, the smallest is {failing[0]}"
    yield f"{result['test']}: {some}"
    yield f"  again: pytest '{result['test']}' --cloud-seed {failing[0]}"
