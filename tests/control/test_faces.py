"""The faces of the control API say the same with the same words: one table, each face."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator import Cloud, RemoteCloud
from emulator.cli import NOUNS, main
from emulator.control.routes import WORDS
from emulator.errors import UsageError
from emulator.seeding import doors

EXAMPLES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text())

Say = Callable[..., Any]
Face = Callable[[Cloud, pytest.CaptureFixture[str]], Say]


def over_http(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> Say:
    """Requests that a test in any language may send."""
    words = {word.name: word for word in WORDS}

    def say(name: str, /, **named: Any) -> Any:
        method, path, body = words[name].message(**named)
        with doors.through_url(cloud.url) as door:
            return door(method, path, body)[1]

    return say


def in_python(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> Say:
    """The cloud of the test's own process."""

    def say(name: str, /, **named: Any) -> Any:
        noun, _, verb = name.replace("-", "_").partition(" ")
        return getattr(getattr(cloud, noun), verb)(**named)

    return say


def remotely(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> Say:
    """A cloud of another process, in Python."""
    return RemoteCloud(cloud.url).say


def by_command(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> Say:
    """The command line."""

    def say(name: str, /, **named: Any) -> Any:
        values = [f"{key}={json.dumps(value)}" for key, value in named.items()]
        values = [re.sub(r'="([^"]*)"$', r"=\1", each) for each in values]
        code = main([*name.split(" "), *values, "--json", "--url", cloud.url])
        out, err = capsys.readouterr()
        if name == "events follow" and not code:
            return [json.loads(line) for line in out.splitlines()]
        if code:
            raise UsageError(err.removeprefix("openstack-emulator: ").rstrip("\n"))
        return json.loads(out) if out else None

    return say


FACES: tuple[Face, ...] = (over_http, in_python, remotely, by_command)


@pytest.fixture
def told() -> Iterator[Cloud]:
    """A cloud that is told things."""
    with Cloud(clock="manual", durations="typical") as cloud:
        yield cloud


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each["say"])
def test_every_face_says_the_same(
    example: dict[str, Any], face: Face, told: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    say = face(told, capsys)
    for each in example.get("before", ()):
        say(each["say"], **each.get("with", {}))
    if "refused" in example:
        with pytest.raises(UsageError) as refusal:
            say(example["say"], **example.get("with", {}))
        assert_like(str(refusal.value), example["refused"])
        return
    answer = say(example["say"], **example.get("with", {}))
    if isinstance(answer, Iterator):
        answer = list(answer)
    if not example["answer"]:
        assert answer == example["answer"]
        return
    for place, value in example["answer"].items():
        assert_like(at(answer, place), value)


def at(answer: Any, place: str) -> Any:
    """The value at a place such as rate_limits.0.limit; names may have dots in them."""
    while place:
        if isinstance(answer, list):
            name, _, place = place.partition(".")
            answer = answer[int(name)]
            continue
        name = next(each for each in answer if place == each or place.startswith(f"{each}."))
        answer, place = answer[name], place[len(name) + 1 :]
    return answer


def assert_like(value: Any, expected: Any) -> None:
    """`~pattern` is looked for in a text; all else is equal."""
    if isinstance(expected, str) and expected.startswith("~"):
        assert re.search(expected[1:], str(value)), value
    else:
        assert value == expected


BROKEN = "stages: [\ntimeline: {"


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
@pytest.mark.parametrize("word", ["lifecycles load", "timeline load"])
def test_broken_yaml_is_refused_by_its_place(
    word: str, face: Face, told: Cloud, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN)
    with pytest.raises(UsageError, match=r"broken.yaml:\d"):
        face(told, capsys)(word, file=str(file))
    assert told.lifecycles.list() == {"stages": []}
    assert told.timeline.show() == {"timeline": []}


def test_every_word_has_an_example() -> None:
    assert {word.name for word in WORDS} == {each["say"] for each in EXAMPLES}


def test_the_command_and_python_have_every_noun(told: Cloud) -> None:
    nouns = {word.noun for word in WORDS}
    assert set(NOUNS) == nouns
    for noun in nouns:
        assert dir(getattr(told, noun.replace("-", "_")))


def test_a_noun_alone_tells_its_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clock"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split("  ")[0] == "clock advance [SECONDS] [REPORT_MAX]"


def test_values_may_stand_in_their_order(told: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    assert told.clock.advance(60)["clock"]["now"] == "2030-01-01T00:01:00.000000Z"
    assert main(["clock", "advance", "60", "--url", told.url]) == 0
    assert "now: '2030-01-01T00:02:00.000000Z'" in capsys.readouterr().out


def test_words_that_are_not_there(told: Cloud) -> None:
    with pytest.raises(AttributeError, match="'clock' has no 'stop': it has advance"):
        told.clock.stop()
    with pytest.raises(UsageError, match="there is no 'clock stop'; it has show, set, advance"):
        told.say("clock stop")


def test_the_control_api_may_want_a_token(capsys: pytest.CaptureFixture[str]) -> None:
    with Cloud(control_token="s3cret", durations="instant") as cloud:
        with pytest.raises(UsageError, match="wants its token"):
            RemoteCloud(cloud.url).clock.show()
        with pytest.raises(UsageError, match="wants its token"):
            RemoteCloud(cloud.url, token="s3cre").clock.show()
        assert RemoteCloud(cloud.url, token="s3cret").clock.show()
        assert cloud.clock.show()
        assert main(["clock", "show", "--url", cloud.url, "--token", "s3cret"]) == 0


def test_there_may_be_no_control_api() -> None:
    with Cloud(control=False, durations="instant") as cloud:
        with pytest.raises(UsageError, match="could not be found"):
            RemoteCloud(cloud.url).clock.show()
        assert cloud.clock.show()


def test_being_told_things_moves_no_id(told: Cloud) -> None:
    before = told.ids.requests
    told.clock.show()
    RemoteCloud(told.url).clock.show()
    assert told.ids.requests == before
