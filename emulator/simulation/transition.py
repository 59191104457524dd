"""Lifecycles as values: a transition is steps in order, a machine all transitions of a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from emulator.simulation.durations import Duration, fixed

Arguments = Mapping[str, Any]


@dataclass(slots=True)
class Turn:
    """One entity that ends a step: when (`ctx.now`), and what travels with it."""

    ctx: Any
    entity: str
    arguments: Arguments


Effect = Callable[[Any, Any, Arguments], Mapping[str, Any] | None]
"""effect(ctx, entity, arguments): what a step does at its end. TransitionFailed ends the transition
in its failing state; a mapping that it returns is added to the arguments of the later steps."""

Together = Callable[[Sequence[Turn]], int]
"""together(turns): the same effect for many entities, in this order, and row for row what it would
have written for one after the other. It stops before the first entity that is not a plain case or
would fail, as if it had never looked at it, and returns how many it has seen to; the engine goes
on with that one alone. It reads nothing that its own transition writes of other entities when
their steps begin and end."""


class Step(NamedTuple):
    """One stretch of a transition: the state it shows while it lasts, and its effect at the end.

    `state` is the machine's own word (a server's task_state, a volume's status); `event` is what
    the audit records call it, `opens` and `closes` say whether it begins and ends with this step
    (neighbouring steps may share one). `together` is the effect for many at once, where there is
    such a form: it changes how fast things are done, never what is done.
    """

    state: str | None
    duration: Duration = fixed(0)
    event: str | None = None
    then: Effect | None = None
    opens: bool = True
    closes: bool = True
    together: Together | None = None


class Transition(NamedTuple):
    """A named way from some states to another. `to` and `fails_to` are the machine's to interpret.

    `facts` holds what else a kind of resource declares about its transitions (allowed states,
    the name of the audit record), as plain values.
    """

    name: str
    steps: tuple[Step, ...]
    to: Any = None
    fails_to: Any = None
    facts: Mapping[str, Any] = MappingProxyType({})


class Fault(NamedTuple):
    """Something that goes wrong under a name: what it is, and the stage that makes it so."""

    name: str
    meaning: str
    stage: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Machine:
    """How one kind of resource moves: its transitions, and plain functions that write its states.

    load(ctx, entity_id) → the entity that effects get, None when it is gone (whoever removes an
        entity cancels its timers);
    enter(ctx, entity_id, transition, step, arguments): a step begins;
    leave(ctx, entity_id, transition, step, arguments): a step ended well;
    skim(ctx, entity_id, transition, step, arguments): stands for `enter` where the step is over
        before anyone can look: what lasts is written, not the state that passes;
    finish(ctx, entity_id, transition, arguments): the last step ended well;
    fail(ctx, entity_id, transition, step, arguments, message): an effect failed;
    facts(ctx, entity_id) → what stages can match: name, project, flavor, metadata and the like, a
        tuple where a thing has an id and a name;
    broken: the `fails_to` of a transition after which the resource is in error;
    breaks(ctx, entity_id, message): a resource that is at rest is in error from now on;
    faults: what can be made to go wrong, by name;
    appointment: its steps are kept for their moments: they are no work that is under way, so that
        who waits until everything is quiet does not wait for them.
    """

    kind: str
    load: Callable[[Any, str], Any]
    enter: Callable[[Any, str, Transition, Step, Arguments], None]
    finish: Callable[[Any, str, Transition, Arguments], None]
    fail: Callable[[Any, str, Transition, Step, Arguments, str], None]
    leave: Callable[[Any, str, Transition, Step, Arguments], None] | None = None
    skim: Callable[[Any, str, Transition, Step, Arguments], None] | None = None
    facts: Callable[[Any, str], Mapping[str, Any]] | None = None
    broken: Any = None
    breaks: Callable[[Any, str, str], None] | None = None
    appointment: bool = False
    faults: dict[str, Fault] = field(default_factory=dict)
    transitions: dict[str, Transition] = field(default_factory=dict)

    def add(self, *transitions: Transition) -> None:
        """Make the transitions known; a name stands once."""
        for transition in transitions:
            if self.transitions.setdefault(transition.name, transition) is not transition:
                raise ValueError(f"{self.kind}: two transitions are named {transition.name}")

    def add_fault(self, name: str, meaning: str, **stage: Any) -> None:
        """Make a fault known that the stage brings about."""
        self.faults[name] = Fault(name, meaning, {"resource": self.kind, **stage})
