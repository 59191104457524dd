"""Lifecycles of what Cinder shows by a `status` alone: snapshots, backups, groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.simulation.transition import Arguments, Machine, Step, Transition
from emulator.wire.request import Context


def machine(
    kind: str,
    table: str,
    *transitions: Transition,
    updates: bool = False,
    finished: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> Machine:
    """Return the machine of a table: steps, and the ends of its transitions, are its status.

    `updates` says whether an end is an update of the row, `finished` what else a good end sets,
    `reason` the column that says why a transition failed.
    """

    def set_status(ctx: Context, key: str, status: str | None, more: Mapping[str, Any]) -> None:
        moment = {"updated_at": ctx.timestamp} if updates else {}
        ctx.db.update(table, key, status=status, **more, **moment)

    def load(ctx: Context, key: str) -> Any:
        return ctx.db.get(table, key)

    def enter(ctx: Context, key: str, change: Transition, step: Step, given: Arguments) -> None:
        ctx.db.update(table, key, status=step.state)

    def finish(ctx: Context, key: str, change: Transition, given: Arguments) -> None:
        if change.to is not None:
            set_status(ctx, key, change.to, finished or {})

    def fail(
        ctx: Context, key: str, change: Transition, step: Step, given: Arguments, message: str
    ) -> None:
        set_status(ctx, key, change.fails_to, {reason: message} if reason else {})

    made = Machine(kind, load, enter, finish, fail)
    made.add(*transitions)
    return made
