"""The engine: begins transitions, catches up with the clock, runs step after step.

It knows nothing of servers or volumes: an entity is a kind and an id, and its machine knows the
rest. Nothing runs by itself: whoever is about to answer a request calls `catch_up` first.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Any

import orjson

from emulator.errors import EmulatorError, TransitionFailed
from emulator.simulation import breakage, durations, stages, timers
from emulator.simulation.rules import Rules
from emulator.simulation.stages import Stage
from emulator.simulation.transition import Effect, Machine, Step, Transition, Turn
from emulator.store.database import Database

log = logging.getLogger("emulator")

STREAM = "ids"  # the argument that names the stream of ids of a transition
BATCH_TIMERS_MAX = 20_000  # due timers that one transaction of a catch-up begins with
BATCH_STEPS_MAX = 100_000  # steps in one transaction of a catch-up

Due = tuple[float, int, str, str, str, int, dict[str, Any]]
"""due_at, number, kind, entity, transition, step, arguments: sorts as timers do."""

Later = tuple[float, str, str, str, int, dict[str, Any]]
"""The same without the number, which the table gives."""

Watch = Callable[[float, str, str, str, str, int, str | None, str], None]
"""watch(moment, what, kind, entity, transition, step, state, message): plain values.

`what` is "entered", "ended" or "failed" of a step (its number and the state it shows), "finished"
after the last one of a transition, "fired" of a rule that changed what happens (its name is the
message). The message of "entered" is the id of the request that began it, "" when the clock did;
that of "failed" is what went wrong. What is told within a request is undone when that fails.
"""


class Engine:
    """Runs the transitions of one cloud.

    `context_at(now)` makes the context that effects get, with the step's own due time as `now`:
    how often a client polls never shows in the data. `stages` hold beside those of the table.
    """

    def __init__(
        self,
        database: Database,
        machines: Mapping[str, Machine],
        context_at: Callable[[float], Any],
        *,
        seed: int,
        profile: str,
        stages: Sequence[Stage] = (),
    ) -> None:
        self.database = database
        self.machines = machines
        self.seed = seed
        self.profile = profile
        self._context_at = context_at
        self.watch: Watch | None = None  # told of every step
        self.stages = stages
        self.rules: Rules | None = None  # None while none holds
        self.appointments = [kind for kind, each in machines.items() if each.appointment]
        self.steps_run = 0
        self._due: list[Due] = []  # what a catch-up is about to run
        self._later: list[Later] = []  # what it has put off, to be stored at the end
        self._until = -math.inf  # a step that ends before goes into _due
        self._counter = 0
        self._unseen_until = -math.inf  # nobody looks before: what is over by then passes unseen
        self._stride = 2  # steps tried together at most: twice as many as last time
        self.heed_rules()
        self.forget()

    def heed_rules(self) -> None:
        """Look at the table of rules again."""
        rules = Rules(self.database, self.machines, self.seed, self.stages)
        self.rules = rules if rules else None

    def forget(self) -> None:
        """Look at the table again: it was restored, or a transaction was rolled back."""
        due = timers.next_due(self.database)
        self.next_due = math.inf if due is None else due

    def next_work(self) -> float:
        """Return when the next step is due that is no appointment."""
        kinds = self.appointments
        if not kinds or not timers.are_pending(self.database, kinds):
            return self.next_due
        following = timers.next_but(self.database, kinds)
        return math.inf if following is None else float(following["due_at"])

    def begin(self, ctx: Any, kind: str, transition: str, entity: str, **arguments: Any) -> None:
        """Enter the first step of a transition now; the rest follows by the clock.

        Arguments are JSON values; they travel with the timer to every effect.
        """
        machine = self.machines[kind]
        if STREAM not in arguments:
            arguments[STREAM] = ctx.ids.hex()
        self._enter(ctx, machine, machine.transitions[transition], 0, entity, arguments)

    def later(
        self, ctx: Any, kind: str, transition: str, entity: str, seconds: float, **arguments: Any
    ) -> None:
        """Let the first step of a transition end after so many seconds, whatever the profile.

        Nothing is shown of it until then: it is a deadline, not something under way.
        """
        if STREAM not in arguments:
            arguments[STREAM] = ctx.ids.hex()
        self._put(ctx.now + seconds, kind, entity, transition, 0, arguments)

    def cancel(self, kind: str, entity: str) -> None:
        """Stop whatever the entity is in the middle of."""
        timers.cancel(self.database, kind, entity)
        if self._due or self._later:
            whose = (kind, entity)
            self._due[:] = [each for each in self._due if each[2:4] != whose]
            heapify(self._due)
            self._later[:] = [each for each in self._later if each[1:3] != whose]

    def hasten(self, kind: str, entity: str, now: float) -> None:
        """Let the step the entity is in end now."""
        timers.hasten(self.database, kind, entity, now)
        self.next_due = min(self.next_due, now)
        for each in [each for each in self._later if each[1:3] == (kind, entity)]:
            self._later.remove(each)
            self._put(min(now, each[0]), *each[1:])

    def stop(self, kind: str, entity: str) -> None:
        """Let the step the entity is in never end, unless it is hastened."""
        timers.stop(self.database, kind, entity)
        for each in [each for each in self._due if each[2:4] == (kind, entity)]:
            self._due.remove(each)
            self._later.append((math.inf, *each[2:]))
        heapify(self._due)

    def finish(self, ctx: Any, kind: str, entity: str) -> None:
        """Let all steps of what the entity is in the middle of be over now.

        What an effect raises goes to the caller, whose transition waited for this one.
        """
        machine = self.machines[kind]
        pending: list[tuple[Any, Any, Any]] = [
            (timer["transition"], timer["step"], orjson.loads(timer["arguments"]))
            for timer in timers.pending(self.database, kind, entity)
        ]
        pending += [
            (name, step, arguments)
            for *_, whose, which, name, step, arguments in (*self._due, *self._later)
            if (whose, which) == (kind, entity)
        ]
        self.cancel(kind, entity)
        for name, index, arguments in pending:
            transition = machine.transitions[name]
            for place, step in enumerate(transition.steps[index:], index):
                if step.then is not None:
                    row = machine.load(ctx, entity)
                    arguments.update(step.then(ctx, row, arguments) or {})
                self._leave(ctx, machine, transition, place, entity, arguments)
            self._finish(ctx, machine, transition, entity, arguments)

    def catch_up(self, now: float, steps_max: int | None = None) -> int:
        """Run every step due by now, in order; return how many ran."""
        if self.next_due > now:
            return 0
        ran = 0
        while self.next_due <= now and (steps_max is None or ran < steps_max):
            most = BATCH_STEPS_MAX if steps_max is None else min(steps_max - ran, BATCH_STEPS_MAX)
            with self.database.transaction():
                ran += self._run_batch(now, most, passing=steps_max is None)
            self.forget()
        self.steps_run += ran
        return ran

    def _run_batch(self, now: float, steps_max: int, *, passing: bool) -> int:
        """Run up to so many due steps in one transaction: what follows them at once, too.

        Timers are taken out of the table together and put back together; between, they are in
        memory, in the same order. Whatever goes wrong, the transaction leaves the table as it was.
        """
        most = min(steps_max, BATCH_TIMERS_MAX)
        taken = timers.take_due(self.database, now, most)
        try:
            self._due[:] = [(*timer[:-1], orjson.loads(timer["arguments"])) for timer in taken]
            self._counter = taken[-1]["seq"] if taken else 0
            whole = len(taken) < most
            self._until = math.nextafter(now, math.inf) if whole else taken[-1]["due_at"]
            self._unseen_until = now if passing else -math.inf
            ran = 0
            while self._due and ran < steps_max:
                ran += self._run_next(steps_max - ran)
            put_off = [
                (due_at, kind, entity, name, step, arguments)
                for due_at, _, kind, entity, name, step, arguments in sorted(self._due)
            ]
            timers.add_all(
                self.database,
                [(*each[:-1], orjson.dumps(each[-1]).decode()) for each in put_off + self._later],
            )
        finally:
            self._due.clear()
            self._later.clear()
            self._until = self._unseen_until = -math.inf
        return ran

    def _run_next(self, steps_max: int) -> int:
        """Run the step that is due next, with those that may run together with it; count them."""
        window = self._window(min(steps_max, self._stride))
        if len(window) == 1:
            self._run(window[0])
            return 1
        done = self._run_together(window)
        self._stride = min(2 * (done + 1), BATCH_STEPS_MAX)
        if done < len(window):
            for timer in window[done + 1 :]:
                heappush(self._due, timer)
            self._run(window[done])
            done += 1
        return done

    def _window(self, most: int) -> list[Due]:
        """Take the step that is due next, and those after it that may run together with it.

        They are of the same transition; of those with an effect all are the first one's step, which
        has a form for many; and none is due after what may follow from one before it. So what all
        of them do is what they would do one after the other. What rules may touch runs alone.
        """
        first = heappop(self._due)
        window = [first]
        due_at, _, kind, _, name, index, arguments = first
        transition = self.machines[kind].transitions[name]
        steps = transition.steps
        if "fate" in arguments or (steps[index].then and not steps[index].together):
            return window
        if self.rules is not None and self.rules.may_touch(kind, transition):
            return window
        pauses = self._pauses(steps)
        until = due_at + pauses[index]
        while self._due and len(window) < most:
            due_at, _, its_kind, _, its_name, its_index, arguments = self._due[0]
            if due_at > until or its_name != name or its_kind != kind or "fate" in arguments:
                break
            if its_index != index and steps[its_index].then is not None:
                break
            until = min(until, due_at + pauses[its_index])
            window.append(heappop(self._due))
        return window

    def _pauses(self, steps: Sequence[Step]) -> list[float]:
        """Return how long after the end of each step the next one ends at the earliest."""
        following = [durations.shortest(step.duration, self.profile) for step in steps[1:]]
        return [*following, math.inf]

    def _run_together(self, window: list[Due]) -> int:
        """Run the steps of a window up to the first that has to run alone; return how many."""
        _, _, kind, _, name, index, _ = window[0]
        step = self.machines[kind].transitions[name].steps[index]
        turns = [Turn(self._context_of(each), each[3], each[6]) for each in window]
        done = len(window)
        if step.together is not None:
            acting = [place for place, each in enumerate(window) if each[5] == index]
            seen_to = 0
            try:
                with self.database.transaction():
                    seen_to = step.together([turns[place] for place in acting])
            except Exception:
                log.exception("%s: %s: unexpected, one at a time now", kind, name)
            if seen_to < len(acting):
                done = acting[seen_to]
        with self.database.gathering():
            for timer, turn in zip(window[:done], turns, strict=False):
                self._end(turn.ctx, timer)
        return done

    def _context_of(self, timer: Due) -> Any:
        """The context of a step: the moment when it is due, and ids of its own."""
        ctx = self._context_at(timer[0])
        ctx.ids = ctx.ids.branch(f"{timer[6].get(STREAM, timer[3])}{timer[5]}")
        return ctx

    def _run(self, timer: Due) -> None:
        """Let one step have its effect and end."""
        _, _, kind, entity_id, name, index, arguments = timer
        machine = self.machines[kind]
        transition = machine.transitions[name]
        step = transition.steps[index]
        ctx = self._context_of(timer)
        fate = arguments.pop("fate", None)
        if fate is not None and fate["outcome"] in (stages.FAIL, stages.ERROR):
            if machine.load(ctx, entity_id) is not None:
                self._fail(ctx, timer, fate["fault"], fate)
            return
        if step.then is not None:
            entity = machine.load(ctx, entity_id)
            if entity is None:
                return
            try:
                self._effect(step.then, ctx, entity, arguments)
            except (TransitionFailed, EmulatorError) as failure:
                self._fail(ctx, timer, failure.message)
                return
            except Exception as error:
                log.exception("%s %s: %s: unexpected", kind, entity_id, name)
                self._fail(ctx, timer, repr(error))
                return
        self._end(ctx, timer)
        if fate is not None and fate["outcome"] == stages.LATER:
            told = {"resource": kind, "change": name, "fault": fate["fault"], "rule": fate["rule"]}
            self.later(ctx, breakage.KIND, breakage.BREAK, entity_id, fate["seconds"], **told)

    def _end(self, ctx: Any, timer: Due) -> None:
        """End a step well: then begins the next one, or the transition is over."""
        _, _, kind, entity, name, index, arguments = timer
        machine = self.machines[kind]
        transition = machine.transitions[name]
        self._leave(ctx, machine, transition, index, entity, arguments)
        if index + 1 < len(transition.steps):
            self._enter(ctx, machine, transition, index + 1, entity, arguments)
        else:
            self._finish(ctx, machine, transition, entity, arguments)

    def _fail(
        self, ctx: Any, timer: Due, message: str, fate: Mapping[str, Any] | None = None
    ) -> None:
        """End a step badly, and the transition with it; `fate` is what a rule says of that."""
        _, _, kind, entity, name, index, arguments = timer
        machine = self.machines[kind]
        transition = machine.transitions[name]
        step = transition.steps[index]
        if fate is not None:
            arguments["fate"] = fate
            if fate["outcome"] == stages.ERROR:
                transition = transition._replace(fails_to=machine.broken)
            self.tell_fired(ctx, kind, entity, name, index, fate["rule"])
        machine.fail(ctx, entity, transition, step, arguments, message)
        if self.watch is not None:
            self.watch(ctx.now, "failed", kind, entity, name, index, step.state, message)

    def _leave(
        self,
        ctx: Any,
        machine: Machine,
        transition: Transition,
        index: int,
        entity: str,
        arguments: dict[str, Any],
    ) -> None:
        step = transition.steps[index]
        if machine.leave is not None:
            machine.leave(ctx, entity, transition, step, arguments)
        if self.watch is not None:
            name = transition.name
            self.watch(ctx.now, "ended", machine.kind, entity, name, index, step.state, "")

    def _finish(
        self,
        ctx: Any,
        machine: Machine,
        transition: Transition,
        entity: str,
        arguments: dict[str, Any],
    ) -> None:
        machine.finish(ctx, entity, transition, arguments)
        if self.watch is not None:
            last = len(transition.steps) - 1
            self.watch(ctx.now, "finished", machine.kind, entity, transition.name, last, None, "")

    def _effect(self, then: Effect, ctx: Any, entity: Any, arguments: dict[str, Any]) -> None:
        """Let a step have its effect, or nothing of it."""
        execute = self.database.execute
        execute("SAVEPOINT effect")
        try:
            arguments.update(then(ctx, entity, arguments) or {})
        except BaseException:
            execute("ROLLBACK TO effect")
            execute("RELEASE effect")
            self.heed_rules()
            raise
        execute("RELEASE effect")

    def _enter(
        self,
        ctx: Any,
        machine: Machine,
        transition: Transition,
        index: int,
        entity: str,
        arguments: dict[str, Any],
    ) -> None:
        step = transition.steps[index]
        delay = durations.seconds(
            step.duration, self.profile, self.seed, entity, transition.name, index
        )
        if self.rules is not None:
            delay = self._ruled(ctx, machine, transition, index, entity, arguments, delay)
        due_at = ctx.now + delay
        unseen = due_at <= self._unseen_until
        enter = machine.skim if unseen and machine.skim else machine.enter
        enter(ctx, entity, transition, step, arguments)
        if self.watch is not None:
            whose = (machine.kind, entity, transition.name, index, step.state)
            self.watch(ctx.now, "entered", *whose, ctx.request_id)
        self._put(due_at, machine.kind, entity, transition.name, index, arguments)

    def _put(
        self,
        due_at: float,
        kind: str,
        entity: str,
        transition: str,
        index: int,
        arguments: dict[str, Any],
    ) -> None:
        """Put a step down for when it is due: within this catch-up, or in the table."""
        timed = (kind, entity, transition, index)
        if due_at < self._until:
            self._counter += 1
            heappush(self._due, (due_at, self._counter, *timed, arguments))
        elif self._until > -math.inf:
            self._later.append((due_at, *timed, arguments))
        else:
            timers.add(self.database, due_at, *timed, orjson.dumps(arguments).decode())
        self.next_due = min(self.next_due, due_at)

    # Rules

    def _ruled(
        self,
        ctx: Any,
        machine: Machine,
        transition: Transition,
        index: int,
        entity: str,
        arguments: dict[str, Any],
        delay: float,
    ) -> float:
        """Return how long a step takes after the rules were asked."""
        assert self.rules is not None

        def fired(stage: Stage) -> None:
            if stage.outcome not in (stages.FAIL, stages.ERROR, stages.LATER):
                self.tell_fired(ctx, machine.kind, entity, transition.name, index, stage.name)

        return self.rules.decide(ctx, machine, transition, index, entity, arguments, delay, fired)

    def tell_fired(
        self, ctx: Any, kind: str, entity: str, transition: str, index: int, rule: str
    ) -> None:
        """Tell who watches that a rule changed what happens."""
        if self.watch is not None:
            state = self.machines[kind].transitions[transition].steps[index].state
            self.watch(ctx.now, "fired", kind, entity, transition, index, state, rule)
