"""python -m benchmarks: a table of what things cost; exit status 1 when a budget is missed."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass

from benchmarks import measures

BARE_SECONDS = 26e-6  # what the bare handler costs on the machine that the budgets are for
SMOKE_SLACK = 3  # a short run is to find what has become slow by far, not by a little
MIB = 2**20


@dataclass(frozen=True)
class Line:
    """One line of the table. `budget` is in the unit of `value`; None is shown and not judged."""

    name: str
    value: float
    unit: str
    budget: float | None = None
    at_least: bool = False
    scales: bool = True  # a slower machine is given more

    def kept(self, slowness: float, slack: float) -> bool:
        """Say whether the budget is kept, on a machine so much slower than that of the budgets.

        `slack` is how many times the budget may be missed; it holds for every line.
        """
        if self.budget is None:
            return True
        allowed = slack * (slowness if self.scales else 1)
        if self.at_least:
            return self.value >= self.budget / allowed
        return self.value <= self.budget * allowed


def main() -> int:
    """Measure, print the table, judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--smoke", action="store_true", help=f"a short run, with {SMOKE_SLACK} times the budgets"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    size = measures.SMOKE if options.smoke else measures.FULL
    tell("cold start")
    start, idle = measures.cold_start(size)
    tell("clouds of tests")
    up, down = measures.own_cloud(size)
    tell("copies of a cloud")
    copies = measures.copies(size)
    tell("requests")
    found = measures.requests(size)
    tell("a journal")
    kept, unkept = measures.journal(size)
    tell(f"{size.by_clock:,} servers by the clock")
    found["create"], by_clock = measures.by_the_clock(size)
    tell(f"{size.many:,} servers")
    found |= measures.many(size)
    tell(f"an image of {size.image_mib} MiB")
    found |= measures.image_data(size)
    bare = min(found["bare"], found["bare_again"])
    slack = SMOKE_SLACK if options.smoke else 1
    lines = [
        Line("bare aiohttp handler", bare * 1e6, "µs"),
        Line("cold start to the first authenticated answer", start, "s", 0.35),
        Line("own cloud for a test, up", up * 1e3, "ms", 3),
        Line("own cloud for a test, down", down * 1e3, "ms", 2),
        Line("fork of a cloud with 1,000 servers", copies["fork"] * 1e3, "ms", 3),
        Line("drop of it", copies["drop"] * 1e3, "ms", 2),
        Line("snapshot of it", copies["snapshot"] * 1e3, "ms"),
        Line("restore of it", copies["restore"] * 1e3, "ms", 2),
        Line("token issue", found["token"] * 1e3, "ms"),
        Line("GET server", found["show"] * 1e6, "µs", 100),
        Line("the same with a journal / without", kept / unkept, "×", 1.1, scales=False),
        Line("list of 100 in detail", found["list_100"] * 1e3, "ms", 1),
        Line("list of 1,000 in detail", found["list_1000"] * 1e3, "ms", 10),
        Line("list of 1,000 ports", found["ports_1000"] * 1e3, "ms"),
        Line("port create", 1 / found["port"], "/s"),
        Line("volume create", 1 / found["volume"], "/s"),
        Line("create", 1 / found["create"], "/s", 2000, at_least=True),
        Line(f"{size.by_clock:,} servers to ACTIVE", by_clock, "s", size.by_clock / 10_000),
        Line("resident memory, idle", idle / MIB, "MiB", 60, scales=False),
        Line(f"resident memory, {size.many:,} servers", found["many_bytes"] / MIB, "MiB"),
        Line(f"GET server among {size.many:,}", found["show_many"] * 1e6, "µs", 100),
        Line(
            f"GET among {size.many:,} / among 10", found["show_many"] / found["show"], "×", 1.3,
            scales=False,
        ),
        Line(f"upload of an image of {size.image_mib} MiB", found["upload"], "s"),
        Line("download of it", found["download"], "s"),
        Line("resident growth meanwhile", found["growth_bytes"] / MIB, "MiB", 64, scales=False),
    ]  # fmt: skip
    return report(lines, bare, slack, as_json=options.json)


def tell(what: str) -> None:
    """Say what is being measured."""
    print(f"measuring: {what}", file=sys.stderr, flush=True)


def report(lines: list[Line], bare: float, slack: float, *, as_json: bool) -> int:
    """Print the lines; return 1 when a budget is missed by more than `slack` times."""
    slowness = max(1.0, bare / BARE_SECONDS)
    scale = {"s": 1, "ms": 1e-3, "µs": 1e-6}
    rows = []
    for line in lines:
        seconds = 1 / line.value if line.unit == "/s" else line.value * scale.get(line.unit, 0)
        ratio = seconds / bare if seconds else None
        rows.append((line, ratio, line.kept(slowness, slack)))
    if as_json:
        values = [
            {**vars(line), "ratio_to_bare": ratio, "kept": kept} for line, ratio, kept in rows
        ]
        print(json.dumps({"slowness": slowness, "slack": slack, "lines": values}, indent=2))
    else:
        given = f"{slowness:.2f} times for this machine"
        given += f", {slack:g} times for a short run" if slack > 1 else ""
        print(f"CPU time. Budgets are given {given}.\n")
        print(f"{'':<46} {'measured':>12}  {'budget':>12} {'× bare':>8}")
        for line, ratio, kept in rows:
            sign = "≥" if line.at_least else "≤"
            budget = "" if line.budget is None else f"{sign} {line.budget:g} {line.unit}"
            shown = f"{ratio:.1f}" if ratio else ""
            measured = f"{line.value:,.3g}" if line.value < 1000 else f"{line.value:,.0f}"
            measured, verdict = f"{measured} {line.unit}", "" if kept else "  MISSED"
            print(f"{line.name:<46} {measured:>12}  {budget:>12} {shown:>8}{verdict}")
    return 0 if all(kept for _, _, kept in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
