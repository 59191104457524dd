"""Stages: lifecycles as data. A stage picks steps by what they are and whose, and says of them how
long they take, or how they end.

    {resource: server, transition: create, match: {flavor: m1.large}, seconds: 30}
    {resource: volume, transition: delete, outcome: fail, chance: 0.1}

A fault is a stage with an outcome: it goes through the same transition as everything else.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from emulator.errors import UsageError
from emulator.simulation.durations import Duration, fixed, lognormal, uniform
from emulator.simulation.transition import Machine, Transition
from emulator.yamlfiles import Section

OK, FAIL, ERROR, STICK, LATER = "ok", "fail", "error", "stick", "later"
OUTCOMES = (OK, FAIL, ERROR, STICK, LATER)
"""ok: as always; fail: the transition fails as it does by itself; error: it fails, and its resource
is in error; stick: the step never ends; later: all goes well, and then the resource is in error."""
MATCHES = (
    "id", "name", "project", "user", "host", "zone", "flavor", "image", "volume_type", "metadata"
)  # fmt: skip
KEYS = (
    "name", "kind", "resource", "transition", "step", "match", "seconds", "factor", "outcome",
    "fault", "code", "details", "later", "weight", "chance", "times", "skip", "after", "expires",
)  # fmt: skip
CHANGES = ("seconds", "factor", "outcome")
DISTRIBUTIONS: Mapping[str, Callable[[float, float], Duration]] = {
    "uniform": uniform,
    "lognormal": lognormal,
}
LATER_DEFAULT = fixed(60)  # seconds until a resource is in error whose stage says later
WHOLE_MAX = 2**53
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

Machines = Mapping[str, Machine]
Content = Mapping[str, Any]
"""A stage as it is written down."""
Known = Callable[[str, str], str]
"""known("flavor", "m1.tiny") → what is wrong with that, "" where there is such a flavor."""


class StageProblem(UsageError):
    """A stage cannot be used; `key` is where in it."""

    def __init__(self, key: str, sentence: str) -> None:
        self.key = key
        super().__init__(sentence)


class Stage(NamedTuple):
    """A stage as the engine goes by it. Times are moments; infinite where nothing was said.

    `luck` keys its stream of chances: its name, or else what it says, so that other stages beside
    it do not move it. `odds` are the chances in [0, 1] that it applies where it matches.
    """

    name: str
    luck: str
    resource: str | None = None
    transition: str | None = None
    step: str | int | None = None
    match: Mapping[str, Any] = MappingProxyType({})
    seconds: Duration | None = None
    factor: Duration | None = None
    outcome: str | None = None
    fault: str = ""
    code: int = 500
    details: str = ""
    later: Duration = LATER_DEFAULT
    odds: float = 1.0
    times: int | None = None
    skip: int = 0
    starts_at: float = -math.inf
    ends_at: float = math.inf

    def picks(self, kind: str, change: Transition) -> bool:
        """Say whether it is about a transition."""
        if self.resource not in (None, kind):
            return False
        return self.transition is None or self.transition in names_of(change)

    def steps(self, change: Transition) -> list[int]:
        """Return the numbers of the steps of a transition that it is about."""
        count = len(change.steps)
        if self.step is None:
            return list(range(count))
        if isinstance(self.step, int):
            return [self.step] if self.step < count else []
        return [place for place, step in enumerate(change.steps) if step.state == self.step]


def names_of(change: Transition) -> tuple[str, ...]:
    """Return what a transition is called: its name, and the action that it is a form of."""
    record = change.facts.get("record")
    return (change.name,) if record in (None, change.name) else (change.name, str(record))


# Reading


def read_all(
    contents: Any,
    machines: Machines,
    now: float,
    where: str = "stages",
    known: Known | None = None,
) -> list[Content]:
    """Return stages that are written down as plain values, checked. UsageError names the place."""
    if not isinstance(contents, list):
        raise UsageError(f"{where}: takes a list of stages")
    return [
        read_one(each, machines, now, f"{where}[{place}]", known)
        for place, each in enumerate(contents)
    ]


def read_one(
    content: Any, machines: Machines, now: float, where: str = "", known: Known | None = None
) -> Content:
    """Return a stage as plain values, when it can be used, and `known` knows what it names."""
    if not isinstance(content, Mapping):
        raise UsageError(f"{where}: is not a mapping of names to values")
    try:
        stage = compiled(content, machines, now)
        if known is not None:
            _check_names(stage, known)
    except StageProblem as problem:
        if isinstance(content, Section):
            place = content.places.get(problem.key, content.places[""])
            raise UsageError(f"{place}: {problem}") from None
        place = ".".join(part for part in (where, problem.key) if part)
        raise UsageError(f"{place}: {problem}" if place else str(problem)) from None
    plain: Content = orjson.loads(orjson.dumps(_plain(content)))
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(value[key]) for key in value}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def compiled(content: Content, machines: Machines, now: float, *, name: str = "") -> Stage:
    """Return a stage that the engine can go by. StageProblem when it makes no sense."""
    for key in content:
        if key not in KEYS:
            raise StageProblem(key, f"{key!r} is not a key of a stage; keys are {', '.join(KEYS)}")
    given = with_kind(content, machines)
    stage = Stage(
        name=name or name_of(given),
        luck=given.get("name") or name_of_contents(content),
        resource=_one_of(given, "resource", resources(machines)),
        transition=_text(given, "transition"),
        step=_step(given),
        match=_match(given),
        seconds=_duration(given, "seconds"),
        factor=_duration(given, "factor"),
        outcome=_one_of(given, "outcome", OUTCOMES),
        fault=_text(given, "fault") or "",
        code=_whole(given, "code", 500),
        details=_text(given, "details") or "",
        later=_duration(given, "later") or LATER_DEFAULT,
        odds=_odds(given),
        times=None if given.get("times") is None else _whole(given, "times", 1, least=1),
        skip=_whole(given, "skip", 0),
        starts_at=now + _number(given, "after") if given.get("after") is not None else -math.inf,
        ends_at=now + _number(given, "expires") if given.get("expires") is not None else math.inf,
    )
    if not any(given.get(each) is not None for each in CHANGES):
        raise StageProblem("", f"changes nothing: it needs one of {', '.join(CHANGES)}")
    _check_picks(stage, machines)
    return stage


def with_kind(content: Content, machines: Machines) -> Content:
    """Return a stage with what its kind of fault says, where it does not say it itself."""
    kind = content.get("kind")
    if kind is None:
        return content
    known = {name: each for machine in machines.values() for name, each in machine.faults.items()}
    if not isinstance(kind, str) or kind not in known:
        raise StageProblem("kind", f"{kind!r} is none of {', '.join(known)}")
    return {**known[kind].stage, **{key: content[key] for key in content}}


def _check_names(stage: Stage, known: Known) -> None:
    """Refuse a stage about what is not there."""
    for key, wanted in stage.match.items():
        for text in sorted(wanted) if isinstance(wanted, frozenset) else ():
            problem = known(key, text)
            if problem:
                raise StageProblem("match", problem)


def resources(machines: Machines) -> list[str]:
    """Return the kinds of resources that stages can be about: those of which something is known."""
    return [kind for kind, machine in machines.items() if machine.facts is not None]


def _check_picks(stage: Stage, machines: Machines) -> None:
    """Refuse a stage that no step can ever be picked by."""
    picked = [
        change
        for kind, machine in machines.items()
        if machine.facts is not None
        for change in machine.transitions.values()
        if stage.picks(kind, change)
    ]
    if not picked:
        names = transitions_of(machines, stage.resource)
        raise StageProblem("transition", f"{stage.transition!r} is none of {', '.join(names)}")
    if not any(stage.steps(change) for change in picked):
        states = dict.fromkeys(
            step.state for change in picked for step in change.steps if step.state is not None
        )
        known = ", ".join(states) or "0"
        raise StageProblem("step", f"{stage.step!r} is none of {known}")


def transitions_of(machines: Machines, resource: str | None) -> list[str]:
    """Return the names of the transitions of a kind of resource, or of all kinds."""
    chosen = [machines[each] for each in ([resource] if resource else resources(machines))]
    names: Iterator[str] = (
        name for each in chosen for change in each.transitions.values() for name in names_of(change)
    )
    return list(dict.fromkeys(names))


def name_of(given: Content) -> str:
    """Return the name of a stage or a fault: its own, or one after what it is."""
    name = given.get("name") or given.get("kind") or given.get("outcome") or "stage"
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise StageProblem("name", f"{name!r} is no name: letters, digits, '.', '_' and '-'")
    return name


def name_of_contents(content: Content) -> str:
    """Return a short text that stands for what a stage says."""
    text = json.dumps(_plain(content), sort_keys=True)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _text(given: Content, key: str) -> str | None:
    value = given.get(key)
    if value is not None and (not isinstance(value, str) or not value):
        raise StageProblem(key, f"takes a text, not {value!r}")
    return value


def _one_of(given: Content, key: str, known: Iterable[str]) -> str | None:
    value = given.get(key)
    if value is not None and value not in list(known):
        raise StageProblem(key, f"{value!r} is none of {', '.join(known)}")
    return value


def _step(given: Content) -> str | int | None:
    value = given.get("step")
    if value is None or isinstance(value, str):
        return value
    return _whole(given, "step", 0)


def _whole(given: Content, key: str, default: int, *, least: int = 0) -> int:
    value = given.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < WHOLE_MAX:
        raise StageProblem(key, f"takes a whole number of at least {least}, not {value!r}")
    return value


def _number(given: Content, key: str) -> float:
    return _checked(key, given.get(key))


def seconds_of(given: Content, key: str) -> float | None:
    """Return a number of seconds, None when there is none. StageProblem when it is no number."""
    return None if given.get(key) is None else _number(given, key)


def _checked(key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise StageProblem(key, f"takes a number of at least 0, not {value!r}")
    return float(value)


def _odds(given: Content) -> float:
    """The odds from `chance`, or from `weight` against 1, the weight of the ordinary way."""
    weight, chance = given.get("weight"), given.get("chance")
    if weight is not None and chance is not None:
        raise StageProblem("weight", "stands beside chance: one of them is enough")
    if weight is not None:
        return _number(given, "weight") / (1.0 + _number(given, "weight"))
    if chance is not None and _number(given, "chance") > 1:
        raise StageProblem("chance", f"takes a number from 0 to 1, not {chance!r}")
    return 1.0 if chance is None else float(chance)


def _duration(given: Content, key: str) -> Duration | None:
    value = given.get(key)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return fixed(_checked(key, value))
    kind = str(next(iter(value), ""))
    if kind == "fixed" and len(value) == 1:
        return fixed(_checked(key, value[kind]))
    if len(value) != 1 or kind not in DISTRIBUTIONS:
        known = ", ".join(["fixed", *DISTRIBUTIONS])
        raise StageProblem(key, f"takes a number, or a mapping with one of {known}")
    pair = value[kind]
    if not isinstance(pair, list) or len(pair) != 2:
        raise StageProblem(key, f"{kind} takes two numbers, as in [1, 5]")
    low, high = (_checked(key, each) for each in pair)
    if low > high or (kind == "lognormal" and low == 0):
        raise StageProblem(key, f"{kind} takes two numbers in order, above 0 for a lognormal")
    return DISTRIBUTIONS[kind](low, high)


def _match(given: Content) -> Mapping[str, Any]:
    """What must be so of a resource: texts or lists of texts, a pattern for the name."""
    match = given.get("match")
    if match is None:
        return {}
    if not isinstance(match, Mapping):
        raise StageProblem("match", f"takes a mapping of some of {', '.join(MATCHES)}")
    found: dict[str, Any] = {}
    for key in match:
        if key not in MATCHES:
            raise StageProblem("match", f"{key!r} is none of {', '.join(MATCHES)}")
        found[key] = _criterion(key, match[key])
    return found


def _criterion(key: str, value: Any) -> Any:
    if key == "metadata":
        if not isinstance(value, Mapping) or not value:
            raise StageProblem("match", f"metadata takes a mapping, not {value!r}")
        return {str(name): str(value[name]) for name in value}
    values: Sequence[Any] = value if isinstance(value, list) else [value]
    if not values or not all(_is_text(each) for each in values):
        raise StageProblem("match", f"{key} takes a text or a list of texts, not {value!r}")
    texts = [str(each) for each in values]
    if key != "name":
        return frozenset(texts)
    try:
        return [re.compile(each) for each in texts]
    except re.error as problem:
        raise StageProblem("match", f"name {value!r} is no pattern: {problem}") from None


def _is_text(value: Any) -> bool:
    """Say whether a value is a text, or a number that stands for one, as ids of flavors do."""
    return isinstance(value, str) or (isinstance(value, int) and abs(value) < WHOLE_MAX)


# Matching


def matches(match: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Say whether what must be so of a resource is so."""
    for key, wanted in match.items():
        has = facts.get(key)
        if key == "metadata":
            own = has or {}
            if any(own.get(name) != value for name, value in wanted.items()):
                return False
        elif key == "name":
            if not any(pattern.search(has or "") for pattern in wanted):
                return False
        elif not wanted.intersection(has if isinstance(has, tuple) else (has,)):
            return False
    return True
