"""The engine: begins transitions, catches up with the clock, runs one step at a time.

It knows nothing of servers or volumes: an entity is a kind and an id, and its machine knows the
rest. Nothing runs by itself: whoever is about to answer a request calls `catch_up` first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from emulator.errors import EmulatorError, TransitionFailed
from emulator.simulation import durations, timers
from emulator.simulation.transition import Machine, Transition
from emulator.store.database import Database

BATCH_STEPS_MAX = 1000  # steps in one transaction of a catch-up


class Engine:
    """Runs the transitions of one cloud.

    `context_at(now)` makes the context that effects get, with the step's own due time as `now`:
    how often a client polls never shows in the data.
    """

    def __init__(
        self,
        database: Database,
        machines: Mapping[str, Machine],
        context_at: Callable[[float], Any],
        *,
        seed: int,
        profile: str,
    ) -> None:
        self.database = database
        self.machines = machines
        self.seed = seed
        self.profile = profile
        self._context_at = context_at
        self.steps_run = 0
        self.forget()

    def forget(self) -> None:
        """Look at the table again: it was restored, or a transaction was rolled back."""
        due = timers.next_due(self.database)
        self.next_due = math.inf if due is None else due

    def begin(self, ctx: Any, kind: str, transition: str, entity: str, **arguments: Any) -> None:
        """Enter the first step of a transition now; the rest follows by the clock.

        Arguments are JSON values; they travel with the timer to every effect.
        """
        machine = self.machines[kind]
        self._enter(ctx, machine, machine.transitions[transition], 0, entity, arguments)

    def cancel(self, kind: str, entity: str) -> None:
        """Stop whatever the entity is in the middle of."""
        timers.cancel(self.database, kind, entity)

    def catch_up(self, now: float, steps_max: int | None = None) -> int:
        """Run every step due by now, in order; return how many ran."""
        if self.next_due > now:
            return 0
        ran = 0
        while self.next_due <= now and (steps_max is None or ran < steps_max):
            with self.database.transaction():
                for _ in range(BATCH_STEPS_MAX if steps_max is None else steps_max - ran):
                    timer = timers.take_due(self.database, now)
                    if timer is None:
                        break
                    self._run(timer)
                    ran += 1
            self.forget()
        self.steps_run += ran
        return ran

    def _run(self, timer: Any) -> None:
        """End one step: its effect, then the next step or the end of the transition."""
        machine = self.machines[timer["kind"]]
        transition = machine.transitions[timer["transition"]]
        step, entity_id = transition.steps[timer["step"]], timer["entity"]
        arguments: dict[str, Any] = orjson.loads(timer["arguments"])
        ctx = self._context_at(timer["due_at"])
        if step.then is not None:
            entity = machine.load(ctx, entity_id)
            if entity is None:
                return
            try:
                with self.database.transaction():
                    arguments.update(step.then(ctx, entity, arguments) or {})
            except (TransitionFailed, EmulatorError) as failure:
                machine.fail(ctx, entity_id, transition, step, arguments, failure.message)
                return
        if machine.leave is not None:
            machine.leave(ctx, entity_id, transition, step, arguments)
        if timer["step"] + 1 < len(transition.steps):
            self._enter(ctx, machine, transition, timer["step"] + 1, entity_id, arguments)
        else:
            machine.finish(ctx, entity_id, transition, arguments)

    def _enter(
        self,
        ctx: Any,
        machine: Machine,
        transition: Transition,
        index: int,
        entity: str,
        arguments: Mapping[str, Any],
    ) -> None:
        step = transition.steps[index]
        machine.enter(ctx, entity, transition, step, arguments)
        delay = durations.seconds(
            step.duration, self.profile, self.seed, entity, transition.name, index
        )
        due_at = ctx.now + delay
        timers.add(
            self.database,
            due_at,
            machine.kind,
            entity,
            transition.name,
            index,
            orjson.dumps(arguments).decode(),
        )
        self.next_due = min(self.next_due, due_at)
