"""Timelines: words that are said by themselves, each at its moment of the virtual clock.

    timeline:
    - {at: 10 min, say: faults add, with: {kind: host-dies, host: compute2}}
    - {at: 12 min, say: faults add, with: {kind: quota-drops, project: demo, quota: {cores: 5}}}

Moments are counted from the loading. Entries are rows and timers, so they are part of snapshots,
and of a cloud that is stopped and opened again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from emulator.control.words import Message
from emulator.errors import EmulatorError, TransitionFailed, UsageError
from emulator.simulation.clock import iso
from emulator.simulation.transition import Arguments, Machine, Step, Transition
from emulator.wire.operation import Reply
from emulator.wire.request import Context, Request
from emulator.wire.versioned import UNVERSIONED, Body, Object, prop
from emulator.yamlfiles import Section, read

KIND = "timeline"
SAY = "say"
KEYS = ("at", "say", "with")
WAITING, DONE, FAILED = "waiting", "done", "failed"
NOT_HERE = ("clock", "clouds", "timeline")
"""Nouns that a timeline cannot speak of: they move what it is run by."""
UNITS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600}
UNITS |= {f"{name}s": seconds for name, seconds in UNITS.items() if len(name) > 1}
MOMENT = re.compile(r"(?:\s*\d+(?:\.\d+)?\s*[a-z]+)+\s*")
PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")
SECONDS_MAX = 1e10

LOAD = Body(schema=Object(prop("timeline", {"type": "array"}), prop("file", {"type": "string"})))

Entry = tuple[float, str, Mapping[str, Any]]
"""Seconds from the loading, the word, its parameters."""

# Queries


def _rows(ctx: Context) -> list[Any]:
    return ctx.db.all("SELECT * FROM control_timeline ORDER BY seq")


def _load(ctx: Context, seq: str) -> Any:
    return ctx.db.get("control_timeline", seq, "seq")


def _forget(ctx: Context) -> None:
    for row in _rows(ctx):
        ctx.engine.cancel(KIND, str(row["seq"]))
    ctx.db.execute("DELETE FROM control_timeline")


# Operations


def show(ctx: Context) -> dict[str, Any]:
    """Show what is said when, and what became of it."""
    return {"timeline": [_view(row) for row in _rows(ctx)]}


def _view(row: Any) -> dict[str, Any]:
    shown = {
        "at": iso(row["at"]) + "Z",
        "say": row["say"],
        "with": orjson.loads(row["parameters"]),
        "state": row["state"],
    }
    return {**shown, "message": row["message"]} if row["message"] else shown


def load(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Let these words be said, each at its moment, in place of those of another timeline."""
    entries = _read(body)
    with ctx.db.transaction():
        _forget(ctx)
        for after, say, parameters in entries:
            row = {"at": ctx.now + after, "say": say, "state": WAITING}
            text = orjson.dumps(parameters).decode()
            seq = str(ctx.db.insert("control_timeline", {**row, "parameters": text}))
            ctx.engine.later(ctx, KIND, SAY, seq, after, ids=f"{KIND}{seq}")
    return show(ctx)


def clear(ctx: Context) -> Reply:
    """Let nothing more be said by itself."""
    with ctx.db.transaction():
        _forget(ctx)
    return Reply(204)


# Reading


def _read(body: Mapping[str, Any]) -> list[Entry]:
    """The entries of a list or a file. UsageError names the place of what is wrong."""
    if ("file" in body) == ("timeline" in body):
        raise UsageError("timeline load takes a timeline or a file with one")
    place, contents = "timeline", body.get("timeline")
    if "file" in body:
        document = read(body["file"])
        for key in document:
            if key != "timeline":
                raise UsageError(f"{document.places[key]}: is not the key timeline")
        place = document.places.get("timeline", document.places[""])
        contents = document.get("timeline")
    if not isinstance(contents, list):
        raise UsageError(f"{place}: takes a list of entries with at, say and with")
    entries: list[Entry] = []
    for number, content in enumerate(contents):
        own = f"{place}[{number}]"
        if isinstance(content, Section):
            own = content.places[""]
        try:
            entry = _entry(content)
            if entries and entry[0] < entries[-1][0]:
                raise UsageError("at: is earlier than the entry before it")
        except UsageError as problem:
            raise UsageError(f"{_place_of(content, str(problem), own)}") from None
        entries.append(entry)
    return entries


def _place_of(content: Any, sentence: str, own: str) -> str:
    """A sentence that begins with a key, after the place of that key."""
    key, colon, rest = sentence.partition(": ")
    if colon and key in KEYS:
        place = content.places.get(key) if isinstance(content, Section) else f"{own}.{key}"
        return f"{place or own}: {rest}"
    return f"{own}: {sentence}"


def _entry(content: Any) -> Entry:
    if not isinstance(content, Mapping):
        raise UsageError("is not a mapping of at, say and with")
    for key in content:
        if key not in KEYS:
            raise UsageError(f"{key!r} is not a key of an entry; keys are {', '.join(KEYS)}")
    for key in ("at", "say"):
        if key not in content:
            raise UsageError(f"the key {key!r} is missing")
    seconds = seconds_of(content["at"])
    parameters = content.get("with") or {}
    _message(content["say"], parameters, check=True)
    return seconds, content["say"], _plain(parameters)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in value}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def seconds_of(value: Any) -> float:
    """Return the seconds that a moment is: 90, "90 s", "10 min", "1 h 30 min"."""
    seconds = -1.0
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value)
    elif isinstance(value, str) and MOMENT.fullmatch(value):
        parts = PART.findall(value)
        if all(unit in UNITS for _, unit in parts):
            seconds = sum(float(number) * UNITS[unit] for number, unit in parts)
    if not 0 <= seconds <= SECONDS_MAX:
        raise UsageError(f"at: takes seconds, or a text such as 1 h 30 min, not {value!r}")
    return seconds


def _message(say: Any, parameters: Any, *, check: bool = False) -> Message:
    """The request that a word is. UsageError when it is none, or not with these parameters."""
    from emulator.control import faces  # which has the word `timeline load` too

    if not isinstance(say, str) or say.partition(" ")[0] in NOT_HERE:
        known = ", ".join(NOT_HERE)
        raise UsageError(f"say: {say!r} cannot be said in a timeline (nothing of {known} can)")
    try:
        word = faces.find(say)
    except UsageError as problem:
        raise UsageError(f"say: {problem}") from None
    if not isinstance(parameters, Mapping):
        raise UsageError(f"with: takes a mapping, not {parameters!r}")
    try:
        message = word.message(**parameters)
    except (UsageError, TypeError) as problem:
        raise UsageError(f"with: {problem}") from None
    if check and word.operation.body is not None:
        from emulator.control.errors import DIALECT

        try:
            DIALECT.check_body(word.operation.body.at(UNVERSIONED), _plain(message[2]))
        except EmulatorError as refusal:
            raise UsageError(f"with: {refusal.message}") from None
    return message


# Lifecycle


def _say(ctx: Context, row: Any, arguments: Arguments) -> None:
    """Say an entry's word. TransitionFailed in its own words when it is refused."""
    method, path, content = _message(row["say"], orjson.loads(row["parameters"]))
    place, _, query = path.partition("?")
    octets = b"" if content is None else orjson.dumps(content)
    request = Request(method, place, query, {}, octets, inside=True)
    own = Context(ctx.cloud, ctx.now, request)
    service = own.service = ctx.cloud.services["control"]
    own.path = place.removeprefix(service.mount)
    try:
        for step in service.steps:
            step(own)
        assert own.operation is not None
        assert own.operation.handler is not None
        own.operation.handler(own, **own.arguments)
    except EmulatorError as refusal:
        raise TransitionFailed(refusal.message) from None
    except UsageError as problem:
        raise TransitionFailed(str(problem)) from None
    ctx.db.update("control_timeline", row["seq"], "seq", state=DONE)


def _nothing(*_: Any) -> None:
    """An entry shows nothing until it is said."""


def _fail(ctx: Context, seq: str, change: Any, step: Any, arguments: Any, message: str) -> None:
    """What was to be said was refused, and nothing was done."""
    ctx.db.update("control_timeline", seq, "seq", state=FAILED, message=message)


MACHINE = Machine(KIND, _load, _nothing, _nothing, _fail, appointment=True)
MACHINE.add(Transition(SAY, (Step(None, then=_say),)))
