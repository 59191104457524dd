"""What ran while time was moved: how many steps, and which of which resource at which moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from emulator.journal import entries
from emulator.journal.record import Moved
from emulator.simulation.engine import Engine

REPORT_MAX = 100  # entries of a report, unless more are asked for
TOLD = ("ended", "failed", "fired")  # that a step begins shows in that it ends


class Ran(int):
    """How many steps ran. `report` says which, as the journal does: the first so many of them.

    `untold` is how many entries did not fit.
    """

    report: list[dict[str, Any]]
    untold: int

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Ran:
        """Return what an answer of the clock says."""
        made = cls(answer["steps"])
        made.report, made.untold = answer["report"], answer["untold"]
        return made


@dataclass
class Report:
    """What is noted while time is moved."""

    most: int
    seen: list[Moved] = field(default_factory=list)
    count: int = 0

    def answer(self, steps: int) -> dict[str, Any]:
        """Return it as the control API tells it."""
        told = [entries.step(each) for each in self.seen]
        return {"steps": steps, "report": told, "untold": self.count - len(told)}

    def ran(self, steps: int) -> Ran:
        """Return it as Python takes it."""
        return Ran.of(self.answer(steps))


@contextmanager
def reporting(engine: Engine, most: int) -> Iterator[Report]:
    """Note which steps end and which faults fire in the meantime, beside who watches anyway."""
    report, watch = Report(most), engine.watch

    def note(moment: float, what: str, *rest: Any) -> None:
        if what in TOLD:
            report.count += 1
            if report.count <= most:
                report.seen.append(Moved(report.count, moment, what, *rest))
        if watch is not None:
            watch(moment, what, *rest)

    engine.watch = note
    try:
        yield report
    finally:
        engine.watch = watch
