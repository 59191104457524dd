"""Stages: which steps they pick, how they pace and end them, and that they leave others alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.config import PROFILES
from emulator.errors import UsageError
from emulator.ids import Ids
from emulator.services import MACHINES
from emulator.simulation import breakage, durations, rules, stages, timers
from emulator.simulation.durations import fixed, uniform
from emulator.simulation.engine import Engine
from emulator.simulation.transition import Machine, Step, Transition
from emulator.store import migrations
from emulator.store.database import Database
from emulator.store.migrations import tables
from emulator.yamlfiles import read

TRAINS = tables("trains", first="CREATE TABLE trains (id TEXT PRIMARY KEY, state TEXT, at REAL)")


@dataclass
class Moment:
    db: Database
    now: float
    engine: Any = None
    ids: Ids = field(default_factory=lambda: Ids(1))
    request_id: str = ""


def _show(ctx: Moment, train: str, state: Any) -> None:
    ctx.db.update("trains", train, state=state, at=ctx.now)


def _facts(ctx: Moment, train: str) -> Mapping[str, Any]:
    return {"name": train, "project": ("1", "north"), "metadata": {"colour": "red"}}


TRAIN = Machine(
    "train",
    lambda ctx, train: ctx.db.get("trains", train),
    lambda ctx, train, change, step, given: _show(ctx, train, step.state),
    lambda ctx, train, change, given: _show(ctx, train, change.to),
    lambda ctx, train, change, step, given, why: _show(ctx, train, f"{change.fails_to}: {why}"),
    facts=_facts,
    broken="wreck",
    breaks=lambda ctx, train, why: _show(ctx, train, f"broken: {why}"),
)
TRAIN.add(
    Transition(
        "travel",
        (Step("boarding", fixed(10)), Step("rolling", uniform(20, 40))),
        to="there",
        fails_to="here",
    ),
    Transition("turn", (Step("turning", fixed(5)),), to="turned", fails_to="stuck"),
)
TRAIN.add_fault("derailed", "A train leaves its rails.", transition="travel", outcome="error")
OWN = {"train": TRAIN, breakage.KIND: breakage.MACHINE}


class Line:
    """Trains under an engine."""

    def __init__(self, *contents: Any, seed: int = 1, profile: str = "typical") -> None:
        self.db = Database()
        migrations.create(self.db, [timers.TABLES, TRAINS])
        given = [stages.compiled(each, OWN, 0.0) for each in contents]
        given = [each._replace(name=f"{n}") for n, each in enumerate(given)]
        self.engine = Engine(
            self.db, OWN, self.moment, seed=seed, profile=profile, stages=given
        )  # fmt: skip
        self.now = 0.0

    def moment(self, now: float) -> Moment:
        return Moment(self.db, now, self.engine)

    def send(self, *names: str, transition: str = "travel") -> None:
        for name in names:
            self.db.execute("INSERT OR REPLACE INTO trains VALUES (?, 'here', 0)", (name,))
            self.engine.begin(self.moment(self.now), "train", transition, name)

    def at(self, now: float) -> dict[str, tuple[str, float]]:
        """Let time pass; return the state of every train, and since when."""
        self.engine.catch_up(now)
        self.now = now
        return {row["id"]: (row["state"], row["at"]) for row in self.db.all("SELECT * FROM trains")}

    def counted(self, name: str = "0") -> tuple[int, int]:
        return rules.counts(self.db, name)


@pytest.fixture
def usual() -> tuple[str, float]:
    """How the train a arrives when nothing is said."""
    line = Line()
    line.send("a")
    return line.at(100)["a"]


def test_without_stages_there_are_no_rules(usual: tuple[str, float]) -> None:
    assert Line().engine.rules is None
    assert usual[0] == "there"
    assert 30 <= usual[1] <= 50


def test_seconds_are_those_of_the_whole_transition_shared_out() -> None:
    line = Line({"resource": "train", "transition": "travel", "seconds": 8})
    line.send("a")
    assert line.at(1.9)["a"] == ("boarding", 0)
    assert line.at(2)["a"] == ("rolling", 2)  # 10 of 10 + 30 seconds
    assert line.at(8)["a"] == ("there", 8)
    assert line.counted() == (1, 1)


def test_seconds_of_a_step_are_its_own() -> None:
    line = Line({"transition": "travel", "step": "boarding", "seconds": 3})
    line.send("a")
    assert line.at(3)["a"] == ("rolling", 3)


def test_seconds_hold_under_every_profile() -> None:
    line = Line({"transition": "travel", "seconds": 8}, profile="instant")
    line.send("a")
    assert line.at(8)["a"] == ("there", 8)


def test_factors_and_seconds_go_together(usual: tuple[str, float]) -> None:
    line = Line({"factor": 3})
    line.send("a")
    assert line.at(1000)["a"][1] == pytest.approx(3 * usual[1])
    line = Line({"transition": "travel", "seconds": 8}, {"factor": 3})
    line.send("a")
    assert line.at(1000)["a"][1] == pytest.approx(24)


def test_the_last_stage_that_applies_has_its_way() -> None:
    line = Line({"seconds": 8}, {"seconds": 4}, {"seconds": 2, "match": {"name": "^b"}})
    line.send("a", "b")
    assert line.at(100) == {"a": ("there", 4), "b": ("there", 2)}


def test_a_fault_fails_the_transition_as_it_would_by_itself(usual: tuple[str, float]) -> None:
    line = Line({"transition": "travel", "outcome": "fail", "fault": "no track for {id}"})
    line.send("a")
    assert line.at(100)["a"] == ("here: no track for a", usual[1])


def test_an_error_ends_where_the_machine_is_broken() -> None:
    line = Line({"kind": "derailed"})
    line.send("a")
    assert line.at(100)["a"][0] == "wreck: travel failed"


def test_a_fault_of_a_step_ends_it_there() -> None:
    line = Line({"step": "boarding", "outcome": "fail", "fault": "no seat"})
    line.send("a")
    assert line.at(100)["a"] == ("here: no seat", 10)


def test_what_sticks_is_due_never_and_can_be_cancelled() -> None:
    line = Line({"transition": "travel", "step": "rolling", "outcome": "stick"})
    line.send("a")
    assert line.at(1e9)["a"] == ("rolling", 10)
    assert line.engine.next_due == math.inf
    assert timers.next_due(line.db) == math.inf
    line.engine.hasten("train", "a", 1e9)
    assert line.at(1e9)["a"] == ("there", 1e9)


def test_what_surely_sticks_does_so_at_once() -> None:
    line = Line({"outcome": "stick", "match": {"project": "north"}})
    line.send("a")
    assert line.at(1e9)["a"] == ("boarding", 0)


def test_what_breaks_later_is_well_before(usual: tuple[str, float]) -> None:
    line = Line({"transition": "travel", "outcome": "later", "later": 60, "fault": "rust"})
    line.send("a")
    assert line.at(60)["a"] == usual
    assert line.at(200)["a"] == ("broken: rust", usual[1] + 60)


def test_times_and_skip_count_over_all_resources() -> None:
    line = Line({"transition": "turn", "outcome": "fail", "times": 2, "skip": 1})
    states = []
    for name in "abcde":
        line.send(name, transition="turn")
        states.append(line.at(line.now + 5)[name][0].partition(":")[0])
    assert states == ["turned", "stuck", "stuck", "turned", "turned"]
    assert line.counted() == (5, 2)


def test_after_and_expires_are_a_window() -> None:
    line = Line({"transition": "turn", "outcome": "fail", "after": 10, "expires": 20})
    states = []
    for name in "abc":
        line.send(name, transition="turn")
        states.append(line.at(line.now + 10)[name][0].partition(":")[0])
    assert states == ["turned", "stuck", "turned"]


@pytest.mark.parametrize(
    ("match", "applies"),
    [
        ({"name": "^a$"}, True),
        ({"name": ["x", "a"]}, True),
        ({"name": "b"}, False),
        ({"project": "1"}, True),
        ({"project": ["south", "north"]}, True),
        ({"project": "south"}, False),
        ({"metadata": {"colour": "red"}}, True),
        ({"metadata": {"colour": "blue"}}, False),
        ({"name": "a", "project": "south"}, False),
        ({"host": "somewhere"}, False),
    ],
)
def test_what_stages_match(match: Mapping[str, Any], applies: bool) -> None:
    line = Line({"transition": "travel", "seconds": 1, "match": match})
    line.send("a")
    assert (line.at(1)["a"][0] == "there") == applies


def test_a_chance_is_a_new_one_each_time() -> None:
    line = Line({"transition": "turn", "outcome": "fail", "chance": 0.5})
    states = set()
    for _ in range(30):
        line.send("a", transition="turn")
        states.add(line.at(line.now + 5)["a"][0].partition(":")[0])
    assert states == {"turned", "stuck"}


def test_chances_and_weights_are_what_they_say() -> None:
    names = [f"t{number}" for number in range(2000)]
    for content in ({"chance": 0.25}, {"weight": 1 / 3}):
        line = Line({"transition": "turn", "outcome": "fail", **content})
        line.send(*names, transition="turn")
        failed = sum(state.startswith("stuck") for state, _ in line.at(5).values())
        assert 430 < failed < 570


CHANCE = st.floats(0.05, 0.95)
STAGE = st.one_of(
    st.builds(lambda c: {"transition": "travel", "outcome": "fail", "chance": c}, CHANCE),
    st.builds(lambda c: {"transition": "travel", "outcome": "stick", "chance": c}, CHANCE),
    st.builds(lambda c: {"step": "rolling", "factor": {"uniform": [1, 9]}, "chance": c}, CHANCE),
    st.builds(lambda c: {"seconds": {"lognormal": [1, 99]}, "chance": c}, CHANCE),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STAGE, max_size=4), st.integers(0, 5), st.integers(0, 99), STAGE)
def test_nobodys_luck_is_moved_by_others(
    contents: list[Any], place: int, seed: int, other: dict[str, Any]
) -> None:
    """More trains, and stages that do not match, change nothing for the trains that were there."""
    alone = Line(*contents, seed=seed)
    alone.send("a", "b")
    unmatched = {**other, "match": {"name": "^x"}}
    crowded = Line(*contents[:place], unmatched, *contents[place:], seed=seed)
    crowded.send("x1", "a", "x2", "b", "x3")
    with_others = crowded.at(500)
    assert alone.at(500) == {name: with_others[name] for name in "ab"}


@settings(max_examples=30, deadline=None)
@given(st.lists(STAGE, max_size=4), st.lists(st.floats(1, 60), max_size=8), st.integers(0, 99))
def test_how_often_one_looks_does_not_show(
    contents: list[Any], pauses: list[float], seed: int
) -> None:
    once, often = Line(*contents, seed=seed), Line(*contents, seed=seed)
    for line in (once, often):
        line.send("a", "b", "c")
    now = 0.0
    for pause in pauses:
        now += pause
        often.at(now)
    assert often.at(1000) == once.at(1000)


# Files and mistakes


@pytest.mark.parametrize("profile", durations.PLAIN)
def test_plain_profiles_are_what_their_files_say(profile: str) -> None:
    (content,) = rules.profile_contents(profile)
    assert content["factor"] == durations.PLAIN[profile]


@pytest.mark.parametrize("profile", PROFILES)
def test_profiles_can_be_used(profile: str) -> None:
    contents = read(rules.FOLDER / f"{profile}.yaml")["stages"]
    assert stages.read_all(contents, MACHINES, 0.0)


def test_every_fault_of_a_resource_can_be_used() -> None:
    for machine in MACHINES.values():
        for name in machine.faults:
            assert stages.compiled({"kind": name}, MACHINES, 0.0).name == name


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- {factor: 1}\n- {factor: x}", "3: stages[1].factor: takes a number of at least 0"),
        ("- {fcator: 1}", "2: stages[0].fcator: 'fcator' is not a key of a stage; keys are name"),
        ("- 7", "1: stages[0]: is not a mapping"),
        ("- {seconds: {normal: [1, 2]}}", "2: stages[0].seconds: takes a number, or a mapping"),
        ("- {seconds: {uniform: [2, 1]}}", "2: stages[0].seconds: uniform takes two numbers in"),
        ("- {seconds: {lognormal: [0, 1]}}", "2: stages[0].seconds: lognormal takes two numbers"),
        ("- {seconds: {uniform: 3}}", "2: stages[0].seconds: uniform takes two numbers, as in"),
        ("- {seconds: .nan}", "2: stages[0].seconds: takes a number of at least 0"),
        ("- {seconds: true}", "2: stages[0].seconds: takes a number of at least 0"),
        ("- {factor: 1, chance: 2}", "2: stages[0].chance: takes a number from 0 to 1"),
        ("- {factor: 1, chance: 1, weight: 1}", "2: stages[0].weight: stands beside chance"),
        ("- {outcome: explode}", "2: stages[0].outcome: 'explode' is none of ok, fail, error"),
        ("- {factor: 1, match: {name: '('}}", "2: stages[0].match: name '(' is no pattern"),
        ("- {factor: 1, match: {metadata: 3}}", "2: stages[0].match: metadata takes a mapping"),
        ("- {factor: 1, match: {host: {}}}", "2: stages[0].match: host takes a text or a list"),
        ("- {factor: 1, match: server}", "2: stages[0].match: takes a mapping of some of id"),
        ("- {factor: 1, times: 0.5}", "2: stages[0].times: takes a whole number of at least 1"),
        ("- {factor: 1, name: a/b}", "2: stages[0].name: 'a/b' is no name"),
        ("- {factor: 1, fault: 3}", "2: stages[0].fault: takes a text, not 3"),
        ("- {step: 9, transition: turn, factor: 1}", "2: stages[0].step: 9 is none of turning"),
    ],
)
def test_mistakes_are_told_by_file_line_and_key(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(f"stages:\n{text}\n")
    with pytest.raises(UsageError) as problem:
        stages.read_all(read(file)["stages"], OWN, 0.0, f"{file}:1: stages")
    assert str(problem.value).startswith(f"{file}:{sentence}")


TEXT = st.sampled_from(["", "a", "uniform", "fixed", "travel", "rolling", "fail", "("])
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(stages.KEYS), JSON, max_size=5))
def test_any_stage_is_used_or_refused_in_a_sentence(content: dict[str, Any]) -> None:
    try:
        plain = stages.read_one(content, OWN, 0.0)
    except UsageError:
        return
    line = Line(plain)
    line.send("a")
    line.at(1000)
