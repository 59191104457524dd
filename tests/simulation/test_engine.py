"""The engine: what is due is done in order, once, each at its own time, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from emulator.errors import TransitionFailed
from emulator.ids import Ids
from emulator.simulation import timers
from emulator.simulation.durations import fixed, uniform
from emulator.simulation.engine import Engine
from emulator.simulation.transition import Machine, Step, Transition, Turn
from emulator.store import migrations
from emulator.store.database import Database
from emulator.store.migrations import tables

LAMPS = tables(
    "lamps",
    first="""
CREATE TABLE lamps (id TEXT PRIMARY KEY, state TEXT, task TEXT, changed REAL);
CREATE TABLE log (seq INTEGER PRIMARY KEY, at REAL, text TEXT)
""",
)


@dataclass
class Moment:
    """What effects get: the database, when it is, and ids to give out."""

    db: Database
    now: float
    request_id: str = ""
    ids: Ids = field(default_factory=lambda: Ids(1))


def _note(ctx: Moment, text: str) -> None:
    ctx.db.insert("log", {"at": ctx.now, "text": text})


def _enter(ctx: Moment, lamp: str, change: Transition, step: Step, arguments: Any) -> None:
    ctx.db.update("lamps", lamp, task=step.state, changed=ctx.now)


def _finish(ctx: Moment, lamp: str, change: Transition, arguments: Any) -> None:
    ctx.db.update("lamps", lamp, task=None, state=change.to, changed=ctx.now)
    _note(ctx, f"{lamp} is {change.to}")


def _fail(
    ctx: Moment, lamp: str, change: Transition, step: Step, arguments: Any, message: str
) -> None:
    ctx.db.update("lamps", lamp, task=None, state=change.fails_to, changed=ctx.now)
    _note(ctx, f"{lamp}: {message}")


def _burn(ctx: Moment, lamp: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    _note(ctx, f"{lamp['id']} burns at {arguments['volts']}")
    if arguments["volts"] > 240:
        raise TransitionFailed("too much")
    return {"seen": True}


def _tell(ctx: Moment, lamp: Any, arguments: Mapping[str, Any]) -> None:
    _note(ctx, f"{lamp['id']} seen: {arguments['seen']}")


LIGHT = Transition(
    "light",
    (Step("heating", fixed(2), then=_burn), Step("glowing", fixed(3), then=_tell)),
    to="lit",
    fails_to="broken",
)
FADE = Transition("fade", (Step("fading", uniform(1, 9)),), to="dark")
MACHINE = Machine("lamp", lambda ctx, lamp: ctx.db.get("lamps", lamp), _enter, _finish, _fail)
MACHINE.add(LIGHT, FADE)


@pytest.fixture
def db() -> Iterator[Database]:
    database = Database()
    migrations.create(database, [timers.TABLES, LAMPS])
    for name in "abc":
        database.insert("lamps", {"id": name, "state": "dark"})
    yield database
    database.close()


def make_engine(db: Database, *, seed: int = 1, profile: str = "typical") -> Engine:
    return Engine(db, {"lamp": MACHINE}, lambda now: Moment(db, now), seed=seed, profile=profile)


def lamp(db: Database, name: str) -> dict[str, Any]:
    return dict(db.get("lamps", name))


def log(db: Database) -> list[tuple[float, str]]:
    return [(row["at"], row["text"]) for row in db.all("SELECT at, text FROM log ORDER BY seq")]


def test_a_transition_shows_its_steps_one_after_the_other(db: Database) -> None:
    engine = make_engine(db)
    engine.begin(Moment(db, 100.0), "lamp", "light", "a", volts=230)
    assert lamp(db, "a")["task"] == "heating"
    assert engine.catch_up(101.9) == 0
    assert engine.catch_up(102.0) == 1
    assert lamp(db, "a") == {"id": "a", "state": "dark", "task": "glowing", "changed": 102.0}
    assert engine.catch_up(105.0) == 1
    assert lamp(db, "a") == {"id": "a", "state": "lit", "task": None, "changed": 105.0}


def test_how_often_one_looks_does_not_show(db: Database) -> None:
    engine = make_engine(db)
    engine.begin(Moment(db, 100.0), "lamp", "light", "a", volts=230)
    assert engine.catch_up(1000.0) == 2
    assert lamp(db, "a")["changed"] == 105.0
    assert log(db) == [(102.0, "a burns at 230"), (105.0, "a seen: True"), (105.0, "a is lit")]


def test_what_is_due_at_the_same_time_happens_in_the_order_it_was_asked_for(db: Database) -> None:
    engine = make_engine(db)
    for name in "cab":
        engine.begin(Moment(db, 0.0), "lamp", "light", name, volts=1)
    engine.catch_up(5.0)
    assert [text for _, text in log(db) if text.endswith("lit")] == [
        "c is lit",
        "a is lit",
        "b is lit",
    ]


def test_a_failed_effect_leaves_nothing_behind_and_ends_in_the_failing_state(db: Database) -> None:
    engine = make_engine(db)
    engine.begin(Moment(db, 0.0), "lamp", "light", "a", volts=999)
    engine.catch_up(100.0)
    assert lamp(db, "a")["state"] == "broken"
    assert log(db) == [(2.0, "a: too much")]
    assert timers.next_due(db) is None


def test_a_cancelled_transition_does_not_go_on(db: Database) -> None:
    engine = make_engine(db)
    engine.begin(Moment(db, 0.0), "lamp", "light", "a", volts=1)
    engine.cancel("lamp", "a")
    assert engine.catch_up(100.0) == 0
    assert lamp(db, "a")["state"] == "dark"


def test_what_an_effect_cancels_does_not_run_in_the_same_catch_up(db: Database) -> None:
    engine = make_engine(db)
    stop = Transition(
        "stop", (Step("stopping", fixed(3), then=lambda ctx, *_: engine.cancel("lamp", "b")),)
    )
    MACHINE.transitions["stop"] = stop
    try:
        engine.begin(Moment(db, 0.0), "lamp", "light", "b", volts=1)
        engine.begin(Moment(db, 0.0), "lamp", "stop", "a")
        assert engine.catch_up(100.0) == 2
    finally:
        del MACHINE.transitions["stop"]
    assert lamp(db, "b")["task"] == "glowing"
    assert timers.next_due(db) is None


def test_steps_run_in_the_order_of_their_times_across_entities(db: Database) -> None:
    engine = make_engine(db)
    engine.begin(Moment(db, 0.0), "lamp", "light", "a", volts=1)
    engine.begin(Moment(db, 1.0), "lamp", "light", "b", volts=1)
    engine.catch_up(100.0)
    assert [at for at, _ in log(db)] == sorted(at for at, _ in log(db))


def test_an_effect_that_breaks_ends_its_own_transition_only(db: Database) -> None:
    engine = make_engine(db)
    engine.begin(Moment(db, 0.0), "lamp", "light", "a")
    engine.begin(Moment(db, 0.0), "lamp", "light", "b", volts=1)
    engine.catch_up(100.0)
    assert (lamp(db, "a")["state"], lamp(db, "b")["state"]) == ("broken", "lit")


def test_a_transition_can_be_over_at_once(db: Database) -> None:
    engine = make_engine(db)
    engine.begin(Moment(db, 0.0), "lamp", "light", "a", volts=1)
    engine.finish(Moment(db, 1.0), "lamp", "a")
    assert lamp(db, "a")["state"] == "lit"
    assert log(db) == [(1.0, "a burns at 1"), (1.0, "a seen: True"), (1.0, "a is lit")]
    assert engine.catch_up(100.0) == 0


def test_a_state_that_passes_unseen_is_not_entered(db: Database) -> None:
    skimmed: list[str | None] = []
    machine = replace(MACHINE, skim=lambda ctx, lamp, change, step, *_: skimmed.append(step.state))
    engine = Engine(db, {"lamp": machine}, lambda now: Moment(db, now), seed=1, profile="typical")
    engine.begin(Moment(db, 0.0), "lamp", "light", "a", volts=1)
    engine.begin(Moment(db, 0.0), "lamp", "light", "b", volts=1)
    engine.catch_up(2.0)
    assert skimmed == []
    assert lamp(db, "a")["task"] == "glowing"
    engine.begin(Moment(db, 3.0), "lamp", "light", "c", volts=1)
    engine.catch_up(100.0)
    assert skimmed == ["glowing"]
    assert [lamp(db, name)["state"] for name in "abc"] == ["lit"] * 3


def test_steps_of_an_entity_that_is_gone_are_dropped(db: Database) -> None:
    engine = make_engine(db)
    engine.begin(Moment(db, 0.0), "lamp", "light", "a", volts=1)
    db.delete("lamps", "a")
    engine.catch_up(100.0)
    assert log(db) == []


def test_instant_transitions_end_with_the_next_look(db: Database) -> None:
    engine = make_engine(db, profile="instant")
    engine.begin(Moment(db, 7.0), "lamp", "light", "a", volts=1)
    assert lamp(db, "a")["task"] == "heating"
    engine.catch_up(7.0)
    assert lamp(db, "a")["state"] == "lit"


@pytest.mark.parametrize(("profile", "due"), [("fast", 0.5), ("typical", 5.0), ("slow", 25.0)])
def test_profiles_stretch_every_step_alike(db: Database, profile: str, due: float) -> None:
    engine = make_engine(db, profile=profile)
    engine.begin(Moment(db, 0.0), "lamp", "light", "a", volts=1)
    engine.catch_up(1000.0)
    assert lamp(db, "a")["changed"] == pytest.approx(due)


def test_a_limit_on_steps_is_kept(db: Database) -> None:
    engine = make_engine(db)
    for name in "abc":
        engine.begin(Moment(db, 0.0), "lamp", "light", name, volts=1)
    assert engine.catch_up(100.0, steps_max=4) == 4
    assert engine.catch_up(100.0) == 2


def test_pending_steps_survive_another_engine(db: Database) -> None:
    make_engine(db).begin(Moment(db, 0.0), "lamp", "light", "a", volts=1)
    reopened = make_engine(db)
    assert reopened.next_due == 2.0
    reopened.catch_up(5.0)
    assert lamp(db, "a")["state"] == "lit"


def _fading_times(db: Database, seed: int, names: str) -> dict[str, float]:
    engine = make_engine(db, seed=seed)
    for name in names:
        engine.begin(Moment(db, 0.0), "lamp", "fade", name)
    due = {row["entity"]: row["due_at"] for row in db.all("SELECT entity, due_at FROM timers")}
    for name in names:
        engine.cancel("lamp", name)
    return due


def test_durations_depend_on_the_seed_and_the_entity_alone(db: Database) -> None:
    together = _fading_times(db, 1, "abc")
    alone = _fading_times(db, 1, "b")
    assert alone["b"] == together["b"]
    assert len(set(together.values())) == 3
    assert _fading_times(db, 2, "b") != alone
    assert all(1 <= due <= 9 for due in together.values())


# Together


@pytest.fixture
def gone_about() -> Iterator[list[list[str]]]:
    """Let lamps be heated together, up to 240 volts; list who was, each time."""
    goes: list[list[str]] = []

    def burn_together(turns: Sequence[Turn]) -> int:
        goes.append([])
        for turn in turns:
            if turn.arguments["volts"] > 240:
                break
            _burn(turn.ctx, {"id": turn.entity}, turn.arguments)
            goes[-1].append(turn.entity)
        return len(goes[-1])

    heating = Step("heating", uniform(1, 2), then=_burn, together=burn_together)
    steps = (heating, Step("glowing", uniform(1, 3)), Step("shining", uniform(1, 5)))
    MACHINE.transitions["burn"] = LIGHT._replace(name="burn", steps=steps)
    yield goes
    del MACHINE.transitions["burn"]


def burn(db: Database, volts: Mapping[int, int]) -> list[tuple[float, str]]:
    """Let twenty lamps burn; return what happened."""
    db.execute("DELETE FROM log")
    engine = make_engine(db)
    for number in range(20):
        db.execute("INSERT OR REPLACE INTO lamps (id) VALUES (?)", (f"lamp{number}",))
        moment = Moment(db, number / 10)
        engine.begin(moment, "lamp", "burn", f"lamp{number}", volts=volts.get(number, 230))
    assert engine.catch_up(100.0) == 60 - 2 * len(volts)
    return log(db)


@pytest.mark.parametrize("volts", [{}, {0: 999}, {7: 999, 8: 999, 13: 999}])
def test_steps_run_together_do_what_they_do_one_after_the_other(
    db: Database, gone_about: list[list[str]], volts: dict[int, int]
) -> None:
    together = burn(db, volts)
    went = [name for go in gone_about for name in go]
    assert len(went) >= 14 - len(volts)
    assert len(set(went)) == len(went)
    burning = MACHINE.transitions["burn"]
    steps = (burning.steps[0]._replace(together=None), *burning.steps[1:])
    MACHINE.transitions["burn"] = burning._replace(steps=steps)
    assert sorted(together) == sorted(burn(db, volts))


def test_a_form_for_many_that_breaks_is_done_without(db: Database) -> None:
    def broken(turns: Sequence[Turn]) -> int:
        _note(turns[0].ctx, "half done")
        raise RuntimeError("broken")

    heating = Step("heating", fixed(1), then=_burn, together=broken)
    MACHINE.transitions["burn"] = LIGHT._replace(name="burn", steps=(heating,))
    try:
        engine = make_engine(db)
        for name in "abc":
            engine.begin(Moment(db, 0.0), "lamp", "burn", name, volts=1)
        engine.catch_up(100.0)
    finally:
        del MACHINE.transitions["burn"]
    assert [lamp(db, name)["state"] for name in "abc"] == ["lit"] * 3
    assert "half done" not in [text for _, text in log(db)]


def test_one_name_is_one_transition() -> None:
    with pytest.raises(ValueError, match="two transitions are named fade"):
        MACHINE.add(Transition("fade", ()))


def test_who_watches_is_told_of_every_step(db: Database) -> None:
    engine = make_engine(db)
    seen: list[tuple[Any, ...]] = []
    engine.watch = lambda *told: seen.append(told)
    engine.begin(Moment(db, 0.0, "req-1"), "lamp", "light", "a", volts=1)
    engine.begin(Moment(db, 1.0), "lamp", "light", "b", volts=999)
    engine.catch_up(5.0)
    assert seen == [
        (0.0, "entered", "lamp", "a", "light", 0, "heating", "req-1"),
        (1.0, "entered", "lamp", "b", "light", 0, "heating", ""),
        (2.0, "ended", "lamp", "a", "light", 0, "heating", ""),
        (2.0, "entered", "lamp", "a", "light", 1, "glowing", ""),
        (3.0, "failed", "lamp", "b", "light", 0, "heating", "too much"),
        (5.0, "ended", "lamp", "a", "light", 1, "glowing", ""),
        (5.0, "finished", "lamp", "a", "light", 1, None, ""),
    ]
