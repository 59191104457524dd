"""Rules: the stages that hold in a cloud, and what they make of a step that is entered.

They are rows, so that snapshots and forks have them, beside those of the profile and the settings,
which are the process's. The last one that applies has its way. Each draws from a stream of its own,
keyed by what it says and whom it is about: another rule or another resource moves nobody's luck.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from emulator.config import PROFILES
from emulator.errors import BadInput
from emulator.ids import chance
from emulator.simulation import stages
from emulator.simulation.durations import PLAIN
from emulator.simulation.stages import ERROR, FAIL, LATER, OK, STICK, Content, Machines, Stage
from emulator.simulation.transition import Machine, Transition
from emulator.store.database import Database

FOLDER = Path(__file__).parent / "profiles"
OWN = "emulator:"  # how the metadata of a resource begins that is about its own lifecycle
OUTAGE = "outage"
HOLDING = ("lifecycle", "fault", OUTAGE)  # whose rows are stages
BUILD = "build"  # what metadata calls the transition create

Fired = Callable[[Stage], None]

Given = tuple[str, Content, Stage]
"""A stage that is the process's: where it is from, as it is written down, as it holds."""

# Queries


def rows(db: Database, origin: str | None = None) -> list[Any]:
    """Return the rules of an origin, or all, in order, with how often they matched and fired."""
    return db.all(
        "SELECT r.*, coalesce(c.matched, 0) AS matched, coalesce(c.fired, 0) AS fired"
        " FROM rules r LEFT JOIN rule_counts c ON c.rule = r.name"
        " WHERE origin = coalesce(?, origin) ORDER BY r.seq",
        (origin,),
    )


def add(db: Database, name: str, origin: str, content: Content, made_at: float) -> None:
    """Add a rule; it comes after all others."""
    text = orjson.dumps(content).decode()
    row = {"name": name, "origin": origin, "content": text, "made_at": made_at}
    db.insert("rules", row)


def remove(db: Database, name: str) -> None:
    """Remove a rule and what was counted of it."""
    for table, column in (("rules", "name"), ("rule_counts", "rule"), ("rule_turns", "rule")):
        db.delete(table, name, column)


def counts(db: Database, name: str) -> tuple[int, int]:
    """Return how often a rule matched and fired."""
    row = db.get("rule_counts", name, "rule")
    return (0, 0) if row is None else (row["matched"], row["fired"])


def count(db: Database, name: str, *, matched: int = 0, fired: int = 0) -> None:
    """Count that a rule matched or fired."""
    db.execute(
        "INSERT INTO rule_counts (rule, matched, fired) VALUES (?, ?, ?) ON CONFLICT (rule)"
        " DO UPDATE SET matched = matched + excluded.matched, fired = fired + excluded.fired",
        (name, matched, fired),
    )


def next_turn(db: Database, name: str, entity: str) -> int:
    """Return how often a rule has looked at an entity, this time included."""
    turn: int = db.value(
        "INSERT INTO rule_turns (rule, entity, turns) VALUES (?, ?, 1) ON CONFLICT (rule, entity)"
        " DO UPDATE SET turns = turns + 1 RETURNING turns",
        (name, entity),
    )
    return turn


def free_name(db: Database, wanted: str) -> str:
    """Return a name that no rule has: the wanted one, or with a number."""
    taken = {row["name"] for row in db.all("SELECT name FROM rules")}
    numbers = (wanted if number == 1 else f"{wanted}-{number}" for number in range(1, 10**6))
    return next(name for name in numbers if name not in taken)


# Profiles


@lru_cache(maxsize=8)
def profile_contents(profile: str) -> tuple[Content, ...]:
    """Return the stages of a profile that comes with the emulator, as its file has them."""
    from emulator.yamlfiles import read

    assert profile in PROFILES
    return tuple(read(FOLDER / f"{profile}.yaml")["stages"])


def given(profile: str, contents: Sequence[Content], machines: Machines) -> list[Given]:
    """Return the stages of a profile and of the settings. UsageError when one cannot be used."""
    found: list[Given] = []
    for origin, each in (
        *((profile, each) for each in (() if profile in PLAIN else profile_contents(profile))),
        *(
            ("settings", each)
            for each in stages.read_all(list(contents), machines, 0.0, "lifecycles")
        ),
    ):
        stage = stages.compiled(each, machines, 0.0)
        found.append((origin, each, stage._replace(name=f"{origin}/{len(found)}-{stage.name}")))
    return found


# What holds


@dataclass
class Picked:
    """The stages that may apply to a step, in order: those that pace the whole transition (they are
    asked at its beginning), those that pace this step, those that say how it ends."""

    whole: list[Stage] = field(default_factory=list)
    paces: list[Stage] = field(default_factory=list)
    ends: list[Stage] = field(default_factory=list)


class Rules:
    """All stages that hold, asked once for each step that is entered."""

    def __init__(
        self, database: Database, machines: Machines, seed: int, given: Sequence[Stage]
    ) -> None:
        self.database = database
        self.machines = machines
        self.seed = seed
        stored = database.all("SELECT * FROM rules ORDER BY seq")
        self.stages = [*given, *_stages(stored, machines)]
        self.heeds_metadata = any(row["origin"] == OWN for row in stored)
        self._picked: dict[tuple[str, str, int], Picked] = {}
        self._touches: dict[tuple[str, str], bool] = {}

    def __bool__(self) -> bool:
        return bool(self.stages or self.heeds_metadata)

    def may_touch(self, kind: str, change: Transition) -> bool:
        """Say whether a rule may apply to a step of a transition."""
        if self.heeds_metadata:
            return True
        key = (kind, change.name)
        if key not in self._touches:
            each = [self._pick(kind, change, place) for place in range(len(change.steps))]
            self._touches[key] = any(one.whole or one.paces or one.ends for one in each)
        return self._touches[key]

    def _pick(self, kind: str, change: Transition, index: int) -> Picked:
        key = (kind, change.name, index)
        picked = self._picked.get(key)
        if picked is None:
            picked = self._picked[key] = Picked()
            for stage in self.stages:
                if stage.picks(kind, change):
                    _sort_in(picked, stage, stage.steps(change), index)
        return picked

    def decide(
        self,
        ctx: Any,
        machine: Machine,
        change: Transition,
        index: int,
        entity: str,
        arguments: dict[str, Any],
        delay: float,
        fired: Fired,
    ) -> float:
        """Return how long a step takes; note in the arguments how it ends, if not as always.

        `arguments["pace"]` is decided at the beginning of a transition and stays with it,
        `arguments["fate"]` is what becomes of this step.
        """
        arguments.pop("fate", None)
        if index == 0:
            arguments.pop("pace", None)
        picked = self._pick(machine.kind, change, index)
        asked = bool(picked.whole or picked.paces or picked.ends)
        if not asked and not self.heeds_metadata and "pace" not in arguments:
            return delay
        who = Asked(self, ctx, machine, entity, fired)
        own = _own_stages(who, change, index) if self.heeds_metadata else Picked()
        if index == 0:
            pace = _pace(who, [*picked.whole, *own.whole], change.name)
            if pace:
                arguments["pace"] = pace
        delay = _paced(arguments.get("pace", {}), change, index, delay)
        delay = _stepped(_pace(who, picked.paces, change.name, index), delay)
        end = who.last_that_applies([*picked.ends, *own.ends])
        if end is None or end.outcome == OK:
            return delay
        arguments["fate"] = _fate(end, entity, who, change.name)
        return math.inf if end.outcome == STICK else delay


def _stages(stored: Iterable[Any], machines: Machines) -> Iterable[Stage]:
    """The stages of the table, from the moment they were made on."""
    for row in stored:
        if row["origin"] in HOLDING:
            content = orjson.loads(row["content"])
            yield stages.compiled(content, machines, row["made_at"], name=row["name"])


def _sort_in(picked: Picked, stage: Stage, steps: list[int], index: int) -> None:
    """Put a stage where it is asked: how it ends, at the last of its steps.

    What surely sticks and names no step does so in the first step where it matches.
    """
    paces = stage.seconds is not None or stage.factor is not None
    whole = stage.step is None and "host" not in stage.match
    if paces and whole and index == 0:
        picked.whole.append(stage)
    if paces and not whole and index in steps:
        picked.paces.append(stage)
    at_once = stage.outcome == STICK and stage.step is None and stage.odds >= 1
    if stage.outcome is not None and steps and (at_once or index == steps[-1]):
        picked.ends.append(stage)


class Asked:
    """A step whose stages are being asked: what is known of whose it is, looked up once."""

    def __init__(self, rules: Rules, ctx: Any, machine: Machine, entity: str, fired: Fired) -> None:
        self.rules = rules
        self.ctx = ctx
        self.machine = machine
        self.entity = entity
        self.fired = fired
        self._facts: Mapping[str, Any] | None = None

    @property
    def facts(self) -> Mapping[str, Any]:
        """What stages can match of the resource."""
        if self._facts is None:
            known = self.machine.facts
            self._facts = {} if known is None else known(self.ctx, self.entity)
        return self._facts

    def last_that_applies(self, asked: Sequence[Stage]) -> Stage | None:
        """Return the last of the stages that applies, and count it. All are asked."""
        found = None
        for stage in asked:
            if self._applies(stage):
                found = stage
        if found is not None:
            count(self.rules.database, found.name, fired=1)
            self.fired(found)
        return found

    def _applies(self, stage: Stage) -> bool:
        if not stage.starts_at <= self.ctx.now < stage.ends_at:
            return False
        if stage.match and not stages.matches(stage.match, self.facts):
            return False
        db = self.rules.database
        matched, fired = counts(db, stage.name) if stage.skip or stage.times else (0, 0)
        count(db, stage.name, matched=1)
        if matched < stage.skip or (stage.times is not None and fired >= stage.times):
            return False
        if stage.odds >= 1:
            return True
        turn = next_turn(db, stage.name, self.entity)
        return chance(self.rules.seed, "rule", stage.luck, self.entity, turn) < stage.odds

    def draw(self, duration: Any, *keys: object) -> float:
        """Return a number of a distribution, of this entity's own stream."""
        number = chance(self.rules.seed, "pace", *keys, self.entity)
        return float(duration.draw(number))


# Pace


def _pace(who: Asked, asked: Sequence[Stage], *keys: object) -> dict[str, float]:
    """The seconds and the factor that the last stages that apply give."""
    pace: dict[str, float] = {}
    for key in ("seconds", "factor"):
        timed = [stage for stage in asked if getattr(stage, key) is not None]
        if timed:
            last = who.last_that_applies(timed)
            if last is not None:
                pace[key] = who.draw(getattr(last, key), last.luck, key, *keys)
    return pace


def _paced(pace: Mapping[str, float], change: Transition, index: int, delay: float) -> float:
    """A step's part of the seconds that the whole transition takes."""
    if "seconds" in pace:
        shares = [step.duration.low + step.duration.high for step in change.steps]
        if not sum(shares):
            shares = [*([0.0] * (len(shares) - 1)), 1.0]
        delay = pace["seconds"] * shares[index] / sum(shares)
    return delay * pace.get("factor", 1.0)


def _stepped(pace: Mapping[str, float], delay: float) -> float:
    return pace.get("seconds", delay) * pace.get("factor", 1.0)


# Ends


def _fate(end: Stage, entity: str, who: Asked, transition: str) -> dict[str, Any]:
    fate: dict[str, Any] = {"outcome": end.outcome, "rule": end.name}
    if end.outcome in (FAIL, ERROR, LATER):
        text = end.fault or f"{transition} failed"
        fate["fault"] = text.replace("{id}", entity)
        fate |= {"code": end.code, "details": end.details}
    if end.outcome == LATER:
        fate["seconds"] = who.draw(end.later, end.luck, "later", transition)
    return fate


# A resource's own metadata: emulator:build_seconds, emulator:outcome, emulator:delete_outcome, …


def _own_stages(who: Asked, change: Transition, index: int) -> Picked:
    """The stages that a resource brings in its metadata."""
    metadata = who.facts.get("metadata") or {}
    own = own_stages(metadata, change, who.rules.machines)
    picked = Picked()
    for stage in own:
        if stage.picks(who.machine.kind, change):
            _sort_in(picked, stage, stage.steps(change), index)
    return picked


def own_stages(metadata: Mapping[str, Any], change: Transition, machines: Machines) -> list[Stage]:
    """Return what metadata says of a transition; nothing of what cannot be understood."""
    found = []
    for content in own_contents(metadata):
        if content["transition"] in stages.names_of(change):
            try:
                found.append(stages.compiled(content, machines, 0.0, name="metadata"))
            except stages.StageProblem:
                continue
    return found


def own_contents(metadata: Mapping[str, Any]) -> list[Content]:
    """Return the stages that metadata writes down."""
    found: list[Content] = []
    for key, value in metadata.items():
        name = key.removeprefix(OWN)
        if name in (key, "fault"):
            continue
        transition, _, what = name.rpartition("_")
        content: dict[str, Any] = {
            "transition": "create" if transition in ("", BUILD) else transition
        }
        if what in ("seconds", "factor"):
            content[what] = _as_number(value)
        elif what != "outcome":
            continue
        elif value in stages.OUTCOMES:
            content["outcome"] = value
            content["fault"] = metadata.get(OWN + "fault")
        else:
            content["kind"] = value
        found.append(content)
    return found


def _as_number(text: Any) -> Any:
    try:
        return float(text)
    except (TypeError, ValueError):
        return text


def metadata_problem(metadata: Mapping[str, Any], machines: Machines) -> str | None:
    """Say what is wrong with metadata about a resource's own lifecycle, None when nothing is."""
    for key in metadata:
        if not key.startswith(OWN) or key == OWN + "fault":
            continue
        contents = own_contents({key: metadata[key]})
        if not contents:
            return f"{key} is none of {OWN}outcome, {OWN}fault, {OWN}build_seconds and the like"
        try:
            stages.compiled(contents[0], machines, 0.0)
        except stages.StageProblem as problem:
            return f"{key}: {problem}"
    return None


def heed(ctx: Any, metadata: Mapping[str, Any]) -> None:
    """Take note of a resource's metadata that is about its lifecycle, which costs nothing before.

    BadInput when it is, but cannot be understood.
    """
    if not any(key.startswith(OWN) for key in metadata):
        return
    problem = metadata_problem(metadata, ctx.engine.machines)
    if problem is not None:
        raise BadInput(problem)
    rules = ctx.engine.rules
    if rules is None or not rules.heeds_metadata:
        add(ctx.db, OWN, OWN, {}, ctx.now)
        ctx.engine.heed_rules()
