"""Bad input to every word in every face: one sentence that names the place, and nothing changed.

The cases are made from the tables of the words: what no schema knows, what the schema of each
parameter does not allow, what is needed and missing, and what no value can be.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
import yaml

from emulator import Cloud, RemoteCloud
from emulator.cli import main
from emulator.control.routes import BY_NAME, WORDS
from emulator.control.words import MOUNT, Word, as_text
from emulator.errors import UsageError
from emulator.wire.versioned import UNVERSIONED

EXAMPLES = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text())
SENTENCE_MAX = 1100  # characters

DEEP: list[Any] = []
for _ in range(120):
    DEEP = [DEEP]
ODD: dict[str, Any] = {  # what nobody can mean, whatever the schema says
    "half a character": "a\ud800b",
    "NaN": float("nan"),
    "infinity": float("-inf"),
    "a number of forty digits": 10**40,
    "a huge number": 1e300,
    "nesting": DEEP,
}
OTHER: dict[str, Any] = {  # what some schemas allow and others do not
    "a number": 5,
    "less than nothing": -1,
    "a fraction": 1.5,
    "a text": "no such thing",
    "nothing": "",
    "NUL": "a\0b",
    "a long text": "x" * 100_000,
    "true": True,
    "a list": [1],
    "a list of texts": ["no such thing"],
    "a mapping": {},
    "a mapping of no sense": {"nonsense": {"a": [1]}},
    "a list of mappings": [{"nonsense": 1}],
}
AT_ONCE = {"clock wait": {"timeout": "0"}, "events follow": {"seconds": "0"}}

Outcome = tuple[bool, str]
"""(whether it was taken, the sentence that refuses it)."""


def good(word: Word) -> tuple[dict[str, Any], list[Any]]:
    """What the word takes, by an example that is answered, and what is said before."""
    answered = [each for each in EXAMPLES if each["say"] == word.name and "answer" in each]
    best = max(answered, key=lambda each: len(each.get("with", {})), default={})
    named = {name: "none" for name in word.in_path}
    return {**named, **AT_ONCE.get(word.name, {}), **best.get("with", {})}, best.get("before", [])


def cases(word: Word) -> Iterator[tuple[str, str, dict[str, Any], bool]]:
    """Yield label, place, what is said, and whether it has to be refused."""
    named, _ = good(word)
    yield "unknown", "nonsense", {**named, "nonsense": 1}, True
    schema = {} if word.operation.body is None else word.operation.body.at(UNVERSIONED)
    for name in [*schema.get("required", ()), *word.in_path]:
        yield "missing", name, {key: each for key, each in named.items() if key != name}, True
    for name, own in word.parameters.items():
        is_text = name in word.in_path or word.operation.query is not None
        for label, value in {**ODD, **OTHER}.items():
            if not is_text or isinstance(value, str):  # what an address has is text
                is_bad = label in ODD or (not is_text and not is_valid(own, value))
                yield label, name, {**named, name: value}, is_bad


def is_valid(schema: Any, value: Any) -> bool:
    import jsonschema

    return bool(jsonschema.Draft202012Validator(schema).is_valid(value))


# Faces


def over_http(cloud: Cloud, word: Word, named: dict[str, Any]) -> Outcome | None:
    """A request as any language may make it; None where none can be made."""
    place, path, given = urlsplit(cloud.url), MOUNT + word.operation.path, dict(named)
    try:
        for name in word.in_path:
            if given.get(name, "") == "":  # that is another address
                return None
            path = path.replace(f"{{{name}}}", quote(as_text(given.pop(name)), safe=""))
        body = None
        if word.operation.body is not None:
            body = json.dumps(given).encode()
        elif given:
            path += "?" + urlencode([(name, as_text(each)) for name, each in given.items()])
    except UnicodeEncodeError:
        return None
    connection = http.client.HTTPConnection(place.netloc, timeout=30)
    headers = {"Content-Type": "application/json"}
    connection.request(word.operation.method, place.path + path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status < 400:
        return True, ""
    assert answer.status < 500, content
    if len(path) > 8000:  # no server takes such an address
        return None
    return False, json.loads(content)["error"]["message"]


def in_python(cloud: Cloud, word: Word, named: dict[str, Any]) -> Outcome:
    """The cloud of the test's own process."""
    try:
        answer = cloud.say(word.name, **named)
        if isinstance(answer, Iterator):
            list(answer)
    except UsageError as refusal:
        return False, str(refusal)
    return True, ""


def by_command(
    cloud: Cloud, word: Word, named: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> Outcome | None:
    """The command line, whose texts are texts; None where a value cannot be written there."""
    values = []
    for name, each in named.items():
        if word.parameters.get(name, {}).get("type") == "string":
            if not isinstance(each, str):
                return None
            values.append(f"{name}={each}")
        else:
            values.append(f"{name}={written(each)}")
    code = main([*word.name.split(" "), *values, "--json", "--url", cloud.url])
    out, err = capsys.readouterr()
    assert code in (0, 2)
    if code:
        assert not out
        return False, err.removeprefix("openstack-emulator: ").rstrip("\n")
    return True, ""


def written(value: Any) -> str:
    """A value as YAML, which has its own words for what is no number."""
    return {"NaN": ".nan", "-Infinity": "-.inf"}.get(json.dumps(value), json.dumps(value))


# Tests


def state(cloud: Cloud) -> list[Any]:
    """What a snapshot does not hold."""
    told: list[Any] = [cloud.clouds.list(), cloud.snapshots.list(), cloud.clock.show()]
    return [*told, cloud.signals, cloud.virtual_clock.rate, cloud.skip_on_poll]


def fresh(word: Word) -> tuple[Cloud, bytes, list[Any]]:
    """A cloud to which everything was said that the word's example needs."""
    cloud = Cloud(clock="manual", durations="typical").start()
    for each in good(word)[1]:
        cloud.say(each["say"], **each.get("with", {}))
    return cloud, cloud.snapshot(), state(cloud)


@pytest.mark.parametrize("name", BY_NAME)
def test_bad_input_changes_nothing(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    word = BY_NAME[name]
    cloud, snapshot, before = fresh(word)
    for label, place, named, is_bad in cases(word):
        told: list[Outcome] = []
        for face in ("HTTP", "Python", "command"):
            if face == "HTTP":
                outcome = over_http(cloud, word, named)
            elif face == "Python":
                outcome = in_python(cloud, word, named)
            else:
                outcome = by_command(cloud, word, named, capsys)
            if outcome is None:
                continue
            told.append(outcome)
            taken, sentence = outcome
            said = f"{name}: {label} as {place}, {face}: {sentence[:300]}"
            if taken:
                assert not is_bad, said
                cloud.close()
                cloud, snapshot, before = fresh(word)
                continue
            assert_a_sentence(sentence, said)
            assert cloud.snapshot() == snapshot, said
            assert state(cloud) == before, said
        assert len(set(told)) == 1, (name, label, place, told)
    cloud.close()


def assert_a_sentence(sentence: str, said: str) -> None:
    """One line, not too long, that is no accident's."""
    assert sentence, said
    assert "\n" not in sentence, said
    assert len(sentence) <= SENTENCE_MAX, said
    for accident in ("Traceback", "The emulator failed", "was answered with", "object at 0x"):
        assert accident not in sentence, said


BODIES = {
    b"{": "~the body is no JSON: ",
    b"\xff\xfe": "~the body is no JSON: ",
    b'{"seconds": 1,}': "~the body is no JSON: ",
    b"[]": "[] is not of type 'object'",
    b'"seconds"': "'seconds' is not of type 'object'",
    b"null": "'seconds' is a required property",
    b"": "'seconds' is a required property",
    b'{"seconds": NaN}': "seconds: nan is no number",
    b'{"seconds": "\\ud800"}': "seconds: is no text: half a character stands in it",
    b'{"seconds": 1e999}': "seconds: inf is no number",
    b"[" * 100_000: "~the body is no JSON: ",
    b'{"seconds":' + b"[" * 200 + b"]" * 200 + b"}": "seconds: is nested more than 90 deep",
    b'{"x": "' + b"x" * (17 << 20) + b'"}': "Request is too large.",
}


@pytest.mark.parametrize("body", BODIES, ids=lambda body: str(body[:20]))
def test_a_body_that_is_none(body: bytes) -> None:
    with Cloud(fixture="", clock="manual") as cloud:
        place = urlsplit(cloud.url)
        connection = http.client.HTTPConnection(place.netloc, timeout=30)
        connection.request("POST", f"{place.path}/_emulator/clock/advance", body)
        answer = connection.getresponse()
        assert answer.status in (400, 413)
        message = json.loads(answer.read())["error"]["message"]
        connection.close()
        expected = BODIES[body]
        assert message.startswith(expected[1:]) if expected[0] == "~" else message == expected
        assert cloud.now == 1893456000.0


def test_paths_methods_and_queries_that_are_none() -> None:
    with Cloud(fixture="") as cloud:
        place = urlsplit(cloud.url)
        for method, path, status in (
            ("GET", "/nowhere", 404),
            ("DELETE", "/clock", 405),
            ("GET", "/clock?x=%ff", 400),
            ("GET", "/snapshots/diff?before=a&before=b", 400),
        ):
            connection = http.client.HTTPConnection(place.netloc, timeout=30)
            connection.request(method, f"{place.path}{MOUNT}{path}")
            answer = connection.getresponse()
            message = json.loads(answer.read())["error"]["message"]
            assert (answer.status, bool(message)) == (status, True), path
            connection.close()


@pytest.mark.parametrize("name", ["no\0where.yaml", "x" * 5000 + ".yaml"])
def test_files_of_names_that_no_file_can_have(name: str) -> None:
    with Cloud(fixture="") as cloud:
        for face in (cloud, RemoteCloud(cloud.url)):
            for say in (face.lifecycles.load, face.timeline.load):
                with pytest.raises(UsageError, match=r"embedded null byte|File name too long"):
                    say(file=name)
            with pytest.raises(UsageError, match="there is no such fixture file"):
                face.clouds.create("c", fixture=name)
        assert cloud.clouds.list() == {"clouds": []}


def test_what_python_alone_can_say() -> None:
    with Cloud(fixture="", clock="manual") as cloud:
        with pytest.raises(UsageError, match="seconds: cannot be said: it is of type 'object'"):
            cloud.clock.advance(object())
        with pytest.raises(UsageError, match="seconds: cannot be said: it is of type 'set'"):
            cloud.clock.advance({1})
        for seconds in (-1, float("nan"), 1e12):
            with pytest.raises(UsageError, match=r"^seconds: "):
                cloud.advance(seconds)
        with pytest.raises(UsageError, match="clocks end at 9999-01-01"):
            cloud.clock.set(now="9999-06-01T00:00:00Z")
        assert cloud.now == 1893456000.0
        assert len(WORDS) == len(BY_NAME)
