"""What can be said to a cloud. A word is one operation of /_emulator, and the same in every face.

    word("clock advance", "POST", "/clock/advance", clock.advance, body=clock.ADVANCE)

| face | how it is said |
|---|---|
| HTTP | `POST /_emulator/clock/advance` `{"seconds": 60}` |
| Python | `cloud.clock.advance(60)`, or `cloud.clock.advance(seconds=60)` |
| command | `openstack-emulator clock advance 60`, or `… seconds=60` |

The parameters of a word are the parts of its path, then those of its query, then the properties
of its body, in the order of its tables: values without a name fill them in this order.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from emulator.errors import UsageError
from emulator.wire.operation import Handler, Operation, op
from emulator.wire.versioned import UNVERSIONED, Body, Query

MOUNT = "/_emulator"
DEEP_MAX = 90  # how deep a value may be nested
NAME_MAX = 60  # characters of a name that is quoted
TEXT_MAX = 1000  # characters of what is said in an address
NUMBER_MAX = 2**63  # what everything can hold is less
DATA = (bytes, Path)

Message = tuple[str, str, Any]
"""(method, path with query, body or None). A body is what JSON says, or data: bytes, or the Path of
a file with them."""

Say = Callable[..., Any]
"""say("clock advance", 60) → the answer. UsageError says in one sentence what cannot be done."""


@dataclass(frozen=True)
class Word:
    """One thing to say: a noun and a verb, and the operation that answers."""

    name: str
    operation: Operation

    @property
    def noun(self) -> str:
        """What it is about: clock."""
        return self.name.partition(" ")[0]

    @property
    def verb(self) -> str:
        """What is done: advance."""
        return self.name.partition(" ")[2]

    @property
    def meaning(self) -> str:
        """The first line of what its function says of itself."""
        return (self.operation.handler.__doc__ or "").partition("\n")[0]

    @property
    def in_path(self) -> list[str]:
        """The names of the parts of its path."""
        parts = self.operation.path.split("/")
        return [part[1:-1] for part in parts if part.startswith("{")]

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """Every parameter in order, with its JSON schema."""
        found: dict[str, Any] = {name: {"type": "string"} for name in self.in_path}
        if self.operation.query is not None:
            found |= {
                each.name: each.schema.get("items", each.schema)
                for each in self.operation.query.parameters
            }
        if self.operation.body is not None:
            found |= self.operation.body.at(UNVERSIONED).get("properties", {})
        return found

    @cached_property
    def data(self) -> str:
        """The name of the parameter that takes what a file has, "" where none does."""
        takes = (name for name, each in self.parameters.items() if "contentEncoding" in each)
        return next(takes, "")

    def message(self, *values: Any, **named: Any) -> Message:
        """Return the request that says this word. UsageError when a parameter is not its own."""
        given = self._given(values, named)
        path = MOUNT + self.operation.path
        data = given.pop(self.data, None) if isinstance(given.get(self.data), DATA) else None
        in_address = self.in_path if self.operation.body is not None else list(given)
        for name, value in given.items():
            problem = flaw(name, value)
            if problem:
                raise UsageError(problem)
            if name in in_address and len(as_text(value)) > TEXT_MAX:
                raise UsageError(f"{name}: is longer than {TEXT_MAX} characters")
        for name in self.in_path:
            if given.get(name) in (None, ""):
                raise UsageError(f"{self.name} needs {name}")
            path = path.replace(f"{{{name}}}", quote(as_text(given.pop(name)), safe=""))
        if self.operation.body is None or data is not None:
            pairs = [(name, as_text(value)) for name, value in given.items()]
            return self.operation.method, f"{path}?{urlencode(pairs)}" if pairs else path, data
        return self.operation.method, path, given

    def unknown(self, name: str) -> str:
        """Say that a parameter is none of the word's."""
        short = name if len(name) <= NAME_MAX else f"{name[:NAME_MAX]}…"
        return f"{self.name} has no {short}: it takes {_listed(list(self.parameters))}"

    def _given(self, values: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
        """What is given, by name; None stands for nothing given."""
        known = list(self.parameters)
        if len(values) > len(known):
            raise UsageError(f"{self.name} takes {_listed(known)}, not {len(values)} values")
        given = dict(zip(known, values, strict=False))
        for name, value in named.items():
            if name not in self.parameters:
                raise UsageError(self.unknown(name))
            if name in given:
                raise UsageError(f"{self.name}: {name} is given twice")
            given[name] = value
        return {name: value for name, value in given.items() if value is not None}


def word(
    name: str,
    method: str,
    path: str,
    handler: Handler,
    *,
    body: Body | None = None,
    query: Query | None = None,
    status: int = 200,
) -> Word:
    """Return a word; its function is an operation like any other."""
    return Word(name, op(method, path, handler, body=body, query=query, status=status))


def flaw(place: str, value: Any, deep: int = 1) -> str | None:
    """Say what of a value cannot be said in any face, and where; None when all can."""
    if isinstance(value, dict | list | tuple):
        if deep >= DEEP_MAX:
            return f"{place.partition('.')[0]}: is nested more than {DEEP_MAX} deep"
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        flaws = (flaw(f"{place}.{name}", each, deep + 1) for name, each in pairs)
        return next((each for each in flaws if each), None)
    problem = None
    if isinstance(value, str):
        problem = None if _is_text(value) else "is no text: half a character stands in it"
    elif isinstance(value, float) and not math.isfinite(value):
        problem = f"{value} is no number"
    elif isinstance(value, int | float) and abs(value) >= NUMBER_MAX:
        problem = "is too large a number"
    elif value is not None and not isinstance(value, int | float):
        problem = f"cannot be said: it is of type {type(value).__name__!r}"
    return problem and f"{place}: {problem}"


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def as_text(value: Any) -> str:
    """Return a value as it is in a query: bytes as base64, what is no text as JSON."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value if isinstance(value, str) else json.dumps(value)


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "nothing"
