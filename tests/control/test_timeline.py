"""Timelines: words said by themselves, each at its moment, whatever happens to the cloud."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import Cloud
from emulator.cli import build_parser
from emulator.control import timeline
from emulator.control.routes import WORDS
from emulator.errors import UsageError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:::openstack")
STORY = [
    {"at": "10 min", "say": "faults add", "with": {"kind": "host-dies", "host": "compute2"}},
    {
        "at": "12 min",
        "say": "faults add",
        "with": {"kind": "quota-drops", "project": "demo", "quota": {"instances": 5}},
    },
    {"at": "15 min", "say": "faults remove", "with": {"name": "nobody"}},
    {"at": "20 min", "say": "release set", "with": {"name": "train"}},
]
STORY_FILE = """
timeline:
- {at: 10 min, say: faults add, with: {kind: host-dies, host: compute2}}
- {at: 20 min, say: faults clear}
"""


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with Cloud(clock="manual", durations="typical") as own:
        yield own


def states(cloud: Cloud) -> list[str]:
    return [each["state"] for each in cloud.timeline.show()["timeline"]]


def names(cloud: Cloud) -> list[str]:
    return [each["name"] for each in cloud.faults.list()["faults"]]


def test_each_word_is_said_at_its_moment(cloud: Cloud) -> None:
    cloud.timeline.load(timeline=STORY)
    seen = []
    for _ in range(5):
        cloud.advance(240)
        seen.append((names(cloud), cloud.say("release show")["release"]["versions"]["compute"]))
    assert seen == [
        ([], "2.104"),
        ([], "2.104"),
        (["host-dies", "quota-drops"], "2.104"),
        (["host-dies", "quota-drops"], "2.104"),
        (["host-dies", "quota-drops"], "2.79"),
    ]
    assert states(cloud) == ["done", "done", "failed", "done"]
    (failed,) = [each for each in cloud.timeline.show()["timeline"] if "message" in each]
    assert failed["message"] == "There is no fault 'nobody'."


def test_a_client_sees_what_the_timeline_does_at_its_moment(cloud: Cloud) -> None:
    """One step of the clock passes it all: the host is down since its own minute."""
    cloud.timeline.load(timeline=STORY[:1])
    cloud.advance(3600)
    admin = cloud.connect("admin")
    (service,) = admin.compute.services(binary="nova-compute", host="compute2")
    assert (service.state, service.updated_at) == ("down", "2030-01-01T00:10:00.000000")
    admin.close()


def test_what_is_under_way_meets_the_timeline_where_it_is_passed(cloud: Cloud) -> None:
    """Servers and timelines share one clock: a step after the fault fails, one before does not."""
    cloud.lifecycles.add(resource="volume", transition="create", seconds=10)
    cloud.timeline.load(
        timeline=[{"at": 15, "say": "faults add", "with": {"kind": "volume-error-deleting"}}]
    )
    demo = cloud.connect()
    volumes = [demo.block_storage.create_volume(size=1) for _ in range(2)]
    cloud.advance(12)
    demo.block_storage.delete_volume(volumes[0].id)
    cloud.advance(10)
    demo.block_storage.delete_volume(volumes[1].id)
    cloud.settle()
    left = [(each.id, each.status) for each in demo.block_storage.volumes()]
    assert left == [(volumes[1].id, "error_deleting")]
    demo.close()


def test_settling_waits_for_work_and_not_for_the_timeline(cloud: Cloud) -> None:
    cloud.timeline.load(timeline=STORY)
    demo = cloud.connect()
    demo.block_storage.create_volume(size=1)
    assert cloud.settle() == 1
    assert states(cloud) == ["waiting"] * 4
    cloud.lifecycles.add(resource="volume", transition="create", seconds=660)
    demo.block_storage.create_volume(size=1)
    cloud.settle()
    assert states(cloud) == ["done", "waiting", "waiting", "waiting"]
    demo.close()


def test_a_poll_does_not_skip_to_the_timeline_nor_to_what_stands_still(cloud: Cloud) -> None:
    cloud.clock.set(skip_on_poll=True)
    cloud.timeline.load(timeline=STORY)
    cloud.faults.add("volume-stuck-in-creating")
    demo = cloud.connect()
    volume = demo.block_storage.create_volume(size=1)
    for _ in range(4):
        assert demo.block_storage.get_volume(volume.id).status == "creating"
        list(demo.block_storage.volumes())
    assert cloud.now < 1893456000 + 60
    assert states(cloud) == ["waiting"] * 4
    demo.close()


def test_snapshots_hold_the_timeline(cloud: Cloud) -> None:
    cloud.timeline.load(timeline=STORY)
    cloud.advance(660)
    content = cloud.snapshot()
    cloud.advance(3600)
    assert "waiting" not in states(cloud)
    cloud.restore(content)
    assert states(cloud) == ["done", "waiting", "waiting", "waiting"]
    cloud.advance(100)
    assert names(cloud) == ["host-dies", "quota-drops"]


def test_a_cloud_that_is_opened_again_goes_on_with_its_timeline(tmp_path: Path) -> None:
    story = tmp_path / "story.yaml"
    story.write_text(STORY_FILE)
    options = {
        "db": str(tmp_path / "cloud"), "clock": "manual", "durations": "typical",
        "timeline": str(story),
    }  # fmt: skip
    seen = []
    for _ in range(4):
        cloud = Cloud(**options)
        cloud.advance(400)
        seen.append((states(cloud), names(cloud)))
        cloud.close()
    assert seen == [
        (["waiting", "waiting"], []),
        (["done", "waiting"], ["host-dies"]),
        (["done", "done"], []),
        (["done", "done"], []),
    ]


def test_serve_takes_a_timeline() -> None:
    assert build_parser().parse_args(["serve", "--timeline", "a.yaml"]).timeline == "a.yaml"


def test_a_timeline_takes_the_place_of_another_and_can_be_cleared(cloud: Cloud) -> None:
    cloud.timeline.load(timeline=STORY)
    cloud.timeline.load(timeline=[{"at": 5, "say": "faults add", "with": {"kind": "slow"}}])
    cloud.advance(3600)
    assert names(cloud) == ["slow"]
    cloud.timeline.load(timeline=STORY)
    cloud.timeline.clear()
    cloud.advance(3600)
    assert (names(cloud), states(cloud)) == (["slow"], [])


def test_what_is_refused_changes_nothing(cloud: Cloud) -> None:
    cloud.timeline.load(timeline=STORY)
    with pytest.raises(UsageError):
        cloud.timeline.load(timeline=[STORY[0], {"at": 1, "say": "faults clear"}])
    assert len(states(cloud)) == 4


def test_being_told_timelines_moves_no_id(cloud: Cloud) -> None:
    with Cloud(clock="manual", durations="typical") as other:
        cloud.timeline.load(timeline=STORY)
        cloud.faults.add(kind="host-full", host="compute1", after=5, expires=6)
        cloud.advance(3600)
        assert cloud.ids.uuid() == other.ids.uuid()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- {at: 1, say: faults clear}\n- {at: 0, say: faults clear}", "3: timeline[1].at: is ear"),
        ("- {at: -1, say: faults clear}", "2: timeline[0].at: takes seconds, or a text such as"),
        ("- {at: 1 fortnight, say: faults clear}", "2: timeline[0].at: takes seconds, or a text"),
        ("- {at: .inf, say: faults clear}", "2: timeline[0].at: takes seconds, or a text such as"),
        ("- {at: 1, say: faults}", "2: timeline[0].say: there is no 'faults'; it has kinds, list"),
        ("- {at: 1, say: 3}", "2: timeline[0].say: 3 cannot be said in a timeline"),
        ("- {at: 1, say: clouds create}", "2: timeline[0].say: 'clouds create' cannot be said in"),
        ("- {at: 1, say: faults clear, how: so}", "2: timeline[0]: 'how' is not a key of an entry"),
        ("- {at: 1, say: faults remove}", "2: timeline[0]: faults remove needs name"),
        ("- {at: 1, say: faults show, with: [x]}", "2: timeline[0].with: takes a mapping, not"),
        ("- {say: faults clear}", "2: timeline[0]: the key 'at' is missing"),
        ("- faults clear", "1: timeline[0]: is not a mapping of at, say and with"),
        ("  {at: 1}", "1: timeline: takes a list of entries with at, say and with"),
        ("- {at: 1", "3: "),
    ],
)
def test_mistakes_are_told_by_file_line_and_key(
    cloud: Cloud, tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "story.yaml"
    file.write_text(f"timeline:\n{text}\n")
    with pytest.raises(UsageError) as problem:
        cloud.timeline.load(file=str(file))
    assert str(problem.value).startswith(f"{file}:{sentence}")


def test_other_keys_of_the_file_are_refused(cloud: Cloud, tmp_path: Path) -> None:
    file = tmp_path / "story.yaml"
    file.write_text("timelines: []\n")
    with pytest.raises(UsageError, match=r"story.yaml:1: timelines: is not the key timeline"):
        cloud.timeline.load(file=str(file))


@pytest.mark.parametrize("word", [each.name for each in WORDS])
def test_every_word_can_be_said_or_is_refused_before(cloud: Cloud, word: str) -> None:
    """Without parameters many fail at their moment; that is told, and nothing is broken."""
    try:
        cloud.timeline.load(timeline=[{"at": 1, "say": word}])
    except UsageError:
        return
    cloud.advance(2)
    (entry,) = cloud.timeline.show()["timeline"] or [{"state": "done"}]
    assert entry["state"] in ("done", "failed")
    assert cloud.faults.list() is not None


MOMENTS: tuple[tuple[Any, float], ...] = (
    (90, 90), (1.5, 1.5), ("90 s", 90), ("10 min", 600), ("1h30min", 5400), ("0.5 h", 1800),
    ("1 hour 1 second", 3601), ("2 minutes", 120),
)  # fmt: skip


@pytest.mark.parametrize(("value", "seconds"), MOMENTS)
def test_moments(value: Any, seconds: float) -> None:
    assert timeline.seconds_of(value) == seconds


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text("0123456789. hmins", max_size=12), st.floats(), st.integers()))
def test_any_moment_is_read_or_refused(value: Any) -> None:
    with contextlib.suppress(UsageError):
        assert 0 <= timeline.seconds_of(value) <= timeline.SECONDS_MAX
