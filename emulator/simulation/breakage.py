"""What was well and breaks by itself, a while after its transition ended."""

from __future__ import annotations

from typing import Any

from emulator.simulation.transition import Arguments, Fault, Machine, Step, Transition

KIND = "breakage"
BREAK = "break"


def _itself(ctx: Any, entity: str) -> str:
    return entity


def _nothing(*_: Any) -> None:
    """A thing that is going to break shows nothing of it."""


def _break(ctx: Any, entity: str, arguments: Arguments) -> None:
    """Let a resource be in error, if it is still there."""
    kind = arguments["resource"]
    machine = ctx.engine.machines[kind]
    if machine.breaks is None or machine.load(ctx, entity) is None:
        return
    ctx.engine.cancel(kind, entity)
    machine.breaks(ctx, entity, arguments["fault"])
    ctx.engine.tell_fired(ctx, kind, entity, arguments["change"], 0, arguments["rule"])


MACHINE = Machine(KIND, _itself, _nothing, _nothing, _nothing, appointment=True)
MACHINE.add(Transition(BREAK, (Step(None, then=_break),)))
MACHINE.faults["slow"] = Fault("slow", "Everything takes ten times as long.", {"factor": 10})
