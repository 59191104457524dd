"""A machine as people read it: its transitions as text, or as a Mermaid state diagram."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emulator.simulation.durations import Duration
from emulator.simulation.transition import Machine, Transition


def as_text(machine: Machine) -> str:
    """Return every transition with its steps, how long they take, and where it leads."""
    return "\n".join(line for each in machine.transitions.values() for line in _lines(each))


def as_mermaid(machine: Machine) -> str:
    """Return a state diagram: the stable states, and the transitions between them."""
    lines = ["stateDiagram-v2"]
    for transition in machine.transitions.values():
        end = _word(transition.to)
        for begin in transition.facts.get("allowed") or ("any",):
            if end or transition.facts.get("allowed"):
                lines.append(f"    {_id(begin)} --> {_id(end or begin)}: {transition.name}")
    return "\n".join(dict.fromkeys(lines))


def _lines(transition: Transition) -> Iterator[str]:
    allowed = transition.facts.get("allowed")
    begin = ", ".join(map(str, allowed)) if allowed else "any state"
    end = _word(transition.to) or ", ".join(transition.facts.get("ends", ())) or "as it was"
    failed = _word(transition.fails_to)
    yield f"{transition.name}: {begin} → {end}" + (f" (failing: {failed})" if failed else "")
    for step in transition.steps:
        event = f"  {step.event}" if step.event else ""
        yield f"  {step.state or '–':<26} {_seconds(step.duration):>12}{event}"


def _seconds(duration: Duration) -> str:
    if duration.low == duration.high:
        return f"{duration.low:g} s"
    return f"{duration.low:g}–{duration.high:g} s"


def _word(state: Any) -> str:
    """What a machine calls a state; "" for one that is left as it was."""
    return str(getattr(state, "vm", state) or "")


def _id(state: str) -> str:
    return str(state).replace("-", "_").replace(" ", "_")
