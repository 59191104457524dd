"""Examples for a JSON Schema: values that it likely accepts, and such with one thing wrong."""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

TEXTS = (
    "a", "ab", "abc", "1", "0", "2", "-1", "a-b", "host1", "true", "ssh", "AUTO",
    "/dev/vdb", "ACTIVE", "10.0.0.1", "6f70656e-7374-4163-8b00-000000000001",
    "6f70656e737441638b00000000000001",
    "2001:db8::1", "10.0.0.0/24", "2026-01-01T00:00:00Z", "fa:16:3e:00:00:01", "aGVsbG8=",
    "http://localhost/x", "",
)  # fmt: skip
KEYS = ("VCPU", "CUSTOM_A", "resources1", "6f70656e-7374-4163-8b00-000000000001")
WRONG: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 2**31, 10**30, "", " ", "x" * 256, "x" * 65536, "\u00e9", [], ["x"], {},
    {"x": 1}, [None], "\x00", "a/b", "a,b",
)  # fmt: skip


def examples(schema: Any) -> Iterator[Any]:
    """Yield values for a schema, good ones first, then such with one thing wrong."""
    good = list(itertools.islice(_values(schema), 12))
    yield from good
    for value in good[:3]:
        yield from _spoilt(value)
    yield from WRONG


def _values(schema: Any) -> Iterator[Any]:
    """Values that a schema likely accepts; the validator has the last word."""
    if not isinstance(schema, dict):
        yield from ("a", 1, None)
        return
    for key in ("enum", "oneOf", "anyOf", "allOf"):
        for each in schema.get(key, ()):
            if key == "enum":
                yield each
            else:
                yield from itertools.islice(_values({**schema, key: [], **each}), 4)
    kinds = schema.get("type", ["object"] if "properties" in schema else [])
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        yield from _of_kind(kind, schema)


def _of_kind(kind: str, schema: Any) -> Iterator[Any]:
    if kind == "object":
        yield from _objects(schema)
    elif kind == "array":
        inner = list(itertools.islice(_values(schema.get("items", {})), 3))
        yield inner[:1]
        yield inner
        yield []
    elif kind == "string":
        yield from TEXTS
    elif kind in ("integer", "number"):
        yield from (schema.get("minimum", 1), 1, 2, 10)
    else:
        yield from {"null": (None,), "boolean": (True, False)}[kind]


def _objects(schema: Any) -> Iterator[Any]:
    properties, required = schema.get("properties", {}), schema.get("required", ())
    choices = {name: list(itertools.islice(_fitting(each), 4)) for name, each in properties.items()}
    if all(choices.get(name) for name in required):
        least = {name: choices[name][0] for name in required}
        yield least
        yield {name: values[0] for name, values in choices.items() if values}
        for name, values in choices.items():
            for value in values[:3]:
                yield {**least, name: value}
    for pattern, inner in schema.get("patternProperties", {}).items():
        yield {"key" if pattern != "^.+$" else "k": "value"}
        for value in itertools.islice(_fitting(inner), 2):
            yield {key: value for key in KEYS if re.search(pattern, key)}


def _fitting(schema: Any) -> Iterator[Any]:
    """Values that the schema alone accepts, as far as jsonschema sees without formats."""
    validator = Draft202012Validator(schema if isinstance(schema, dict) else {})
    return (value for value in _values(schema) if validator.is_valid(value))


def _spoilt(value: Any) -> Iterator[Any]:
    """Yield copies of a value with one part missing, unknown or wrong."""
    if isinstance(value, dict):
        yield {**value, "unknown": 1}
        for key, inner in value.items():
            yield {name: each for name, each in value.items() if name != key}
            for wrong in (*WRONG, *_spoilt(inner)):
                yield {**value, key: copy.deepcopy(wrong)}
    elif isinstance(value, list) and value:
        yield [*value, *value]
        for wrong in (*WRONG, *_spoilt(value[0])):
            yield [copy.deepcopy(wrong), *value[1:]]
