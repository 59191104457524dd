"""Holds Compute and Block Storage against the schemas that Nova and Cinder declare.

    python .ci/schemas.py bodies REFERENCE             every body and query: the same verdicts
    python .ci/schemas.py serve REFERENCE FILE [ARG…]  `openstack-emulator serve ARG…`, every answer
                                                       checked; what breaks its schema goes to FILE

REFERENCE holds, for each service, SERVICE/operations.json (operations with the schemas of each span
of versions) and SERVICE/schemas.json (the schemas, under $defs). Exit status 1 where anything
differs that is not LISTED. Only Nova declares schemas of its answers.
"""

from __future__ import annotations

import copy
import itertools
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from emulator import compute, volume
from emulator.compute.versions import MAXIMUM, MINIMUM
from emulator.errors import EmulatorError
from emulator.wire.operation import Operation
from emulator.wire.service import Service

Version = tuple[int, int]
PREFIX = {"compute": "/v2.1", "volume": "/v3"}  # of the paths of documents, or of all
RANGE = {"compute": (MINIMUM, MAXIMUM), "volume": ((3, 0), (3, 71))}
LISTED = {
    "PUT /backups/{id}": "no backup at all is refused later by Cinder, with 400 too",
    "PUT /default-types/{id}": "Cinder fails where the key is missing; here that is refused",
    "POST /groups": "the format that Cinder has for a group type's length is part of the table",
    "PUT /os-services/set-log": "a level that is too long is refused later by Cinder",
    "DELETE /consistencygroups/{id}": "a body of DELETE, which is not read",
    "POST /manageable_snapshots": "there since 3.8",
    "POST /manageable_volumes": "there since 3.8",
    "PUT /os-hosts": "Cinder has a schema for a path that it does not route",
    "POST /volume-transfers": "there since 3.55",
    "POST /volume-transfers/{id}/accept": "there since 3.55",
}
"""Operations of Block Storage whose verdicts differ, each with the reason."""
TEXTS = (
    "a", "ab", "abc", "1", "0", "2", "-1", "a-b", "host1", "true", "ssh", "AUTO",
    "/dev/vdb", "ACTIVE", "10.0.0.1", "6f70656e-7374-4163-8b00-000000000001",
    "6f70656e737441638b00000000000001",
    "2001:db8::1", "10.0.0.0/24", "2026-01-01T00:00:00Z", "fa:16:3e:00:00:01", "aGVsbG8=",
    "http://localhost/x", "",
)  # fmt: skip
WRONG: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 2**31, 10**30, "", " ", "x" * 256, "x" * 65536, "\u00e9", [], ["x"], {},
    {"x": 1}, [None], "\x00", "a/b", "a,b",
)  # fmt: skip
COMBINATIONS_MAX = 400  # examples of one schema


class Reference:
    """The operations and schemas of a service, as they were taken from the real one."""

    def __init__(self, folder: str, service: Service = compute.SERVICE) -> None:
        base = Path(folder) / service.name
        self.service = service
        self.operations = json.loads((base / "operations.json").read_text())
        self.definitions = json.loads((base / "schemas.json").read_text())["$defs"]
        self._validators: dict[str, Draft202012Validator] = {}

    def validator(self, name: str) -> Draft202012Validator:
        """Return the validator of a schema."""
        if name not in self._validators:
            schema = {"$ref": f"#/$defs/{name}", "$defs": self.definitions}
            self._validators[name] = Draft202012Validator(schema, format_checker=self._formats)
        return self._validators[name]

    @cached_property
    def _formats(self) -> FormatChecker:
        checker = FormatChecker()
        for name, check in self.service.dialect.formats.items():
            checker.checks(name)(_quiet(check))
        return checker

    def schema(self, name: str) -> Any:
        """Return a schema with every reference to another put in its place."""
        return self._resolved(self.definitions[name])

    def _resolved(self, schema: Any) -> Any:
        if isinstance(schema, dict):
            if "$ref" in schema:
                return self._resolved(self.definitions[schema["$ref"].rpartition("/")[2]])
            return {key: self._resolved(value) for key, value in schema.items()}
        if isinstance(schema, list):
            return [self._resolved(each) for each in schema]
        return schema


def _quiet(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """A format that says no instead of wording its refusal."""

    def quiet(value: Any) -> bool:
        try:
            return check(value)
        except EmulatorError:
            return False

    return quiet


# Examples


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
    for pattern in schema.get("patternProperties", {}):
        yield {"key" if pattern != "^.+$" else "k": "value"}


def _fitting(schema: Any) -> Iterator[Any]:
    """Values that the schema alone accepts, as far as jsonschema sees without Nova's formats."""
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


# Bodies and queries


def key_of(entry: Any) -> str:
    """Return how an operation of the reference is called: "POST /volumes/{id}/action os-extend"."""
    path = entry["path"].removeprefix(PREFIX["volume"])
    action = f" {entry['action']}" if entry.get("action") else ""
    return str(entry.get("key", f"{entry['method']} {path}{action}"))


def rows_of(entry: Any, service: Service = compute.SERVICE) -> list[Operation]:
    """Return the emulator's rows for an operation of the reference."""
    prefix = PREFIX[service.name]
    shape = _shape(entry["path"].removeprefix(prefix))
    found = []
    documents = [each for each in service.documents if each.path.startswith(prefix)]
    for row in (*service.operations, *documents):
        path = row.path.removeprefix(prefix) if row in documents else row.path
        if row.method != entry["method"] or _shape(path) != shape:
            continue
        if entry.get("action") is None:
            found += [row] if row.actions is None else []
        elif row.actions is not None:
            found += row.actions.get(entry["action"], ())
    return found


def _shape(path: str) -> tuple[str, ...]:
    """A path without the names of its parameters."""
    return tuple("{}" if part.startswith("{") else part for part in path.strip("/").split("/"))


def _version(text: str | None, default: Version) -> Version:
    if text is None:
        return default
    major, minor = text.split(".")
    return int(major), int(minor)


def spans(
    entry: Any, kind: str, service: Service = compute.SERVICE
) -> Iterator[tuple[str, list[Version]]]:
    """Yield each schema of an operation with the first and the last version it holds at."""
    lowest, highest = RANGE[service.name]
    born = max(lowest, _version(entry["min_version"], lowest))
    alive = born, _version(entry["max_version"], highest)
    for each in entry.get(kind, ()):
        first = max(_version(each["min"], lowest), alive[0])
        last = min(_version(each["max"], highest), alive[1])
        if first <= last and each["max"] != "2.0":
            yield each["schema"], sorted({first, last})


def verdict(service: Service, row: Operation, kind: str, version: Version, value: Any) -> bool:
    """Say whether the emulator accepts a body or a query."""
    table = row.body if kind == "request_body" else row.query
    if table is None:
        return True
    dialect = service.dialect
    check = dialect.check_body if kind == "request_body" else dialect.check_query
    try:
        check(table.at(version), copy.deepcopy(value))
    except EmulatorError:
        return False
    return True


def compare_bodies(reference: Reference) -> int:
    """Compare the verdicts on generated bodies and queries; print the differences."""
    counted: Counter[str] = Counter()
    for entry in reference.operations:
        if reference.service is volume.SERVICE and key_of(entry) in LISTED:
            counted["operations listed"] += 1
            continue
        rows = rows_of(entry, reference.service)
        if not rows:
            declares = bool(entry.get("response_body") or entry.get("request_body"))
            counted["operations without a row"] += declares
            if declares:
                print(f"no row: {key_of(entry)}")
            continue
        for kind in ("request_body", "query"):
            for name, versions in spans(entry, kind, reference.service):
                for version in versions:
                    _compare(reference, entry, rows, kind, name, version, counted)
    counts = ", ".join(f"{number} {what}" for what, number in sorted(counted.items()) if number)
    print(f"{reference.service.name}: {counts}")
    return int(bool(counted["verdicts that differ"] or counted["operations without a row"]))


def _compare(
    reference: Reference,
    entry: Any,
    rows: list[Operation],
    kind: str,
    name: str,
    version: Version,
    counted: Counter[str],
) -> None:
    row = next((each for each in rows if each.span.holds(version)), None)
    where = f"{key_of(entry)} at {version[0]}.{version[1]}"
    if row is None:
        print(f"{where}: no row")
        counted["operations without a row"] += 1
        return
    validator, told = reference.validator(name), 0
    for value in itertools.islice(examples(reference.schema(name)), COMBINATIONS_MAX):
        if kind == "query" and not _is_query(value):
            continue
        try:
            expected = validator.is_valid(value)
        except AttributeError:  # a schema of Cinder's that is none, where jsonschema comes to it
            counted["not told by the schema"] += 1
            continue
        got = verdict(reference.service, row, kind, version, value)
        counted["verdicts alike" if expected == got else "verdicts that differ"] += 1
        counted["accepted" if expected else "refused"] += 1
        if expected != got and told < 3:
            told += 1
            print(f"{where}: {'accepts' if got else 'refuses'} {json.dumps(value)[:160]}")


def _is_query(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(each, list) and all(isinstance(text, str) for text in each)
        for each in value.values()
    )


# Answers


def serve_checked(reference: Reference, file: str, arguments: list[str]) -> int:
    """Serve as the command does; write down each answer of Compute that breaks its schema."""
    from emulator.cli import main
    from emulator.wire import dispatch

    entries = {id(row): entry for entry in reference.operations for row in rows_of(entry)}
    response, seen = dispatch._response, Counter[str]()
    report = Path(file).open("w", encoding="utf-8")  # noqa: SIM115 - open as long as it serves

    def checked(ctx: Any, reply: Any) -> Any:
        entry = entries.get(id(ctx.operation))
        if entry is not None and reply.status < 300 and reply.body is not None:
            made = response(ctx, reply)
            problem = broken(reference, entry, ctx.version, json.loads(made.body or b"null"))
            if problem is not None and not seen[problem]:
                seen[problem] += 1
                print(problem, file=report, flush=True)
            return made
        return response(ctx, reply)

    dispatch._response = checked
    return main(["serve", *arguments]) or 0


def broken(reference: Reference, entry: Any, version: Version, body: Any) -> str | None:
    """Say what of an answer breaks its operation's schema at a version, None when nothing does."""
    for name, _ in spans(entry, "response_body"):
        bounds = next(each for each in entry["response_body"] if each["schema"] == name)
        if _version(bounds["min"], MINIMUM) <= version <= _version(bounds["max"], MAXIMUM):
            error = next(reference.validator(name).iter_errors(body), None)
            if error is None:
                return None
            place = "/".join("*" if isinstance(each, int) else str(each) for each in error.path)
            where = f"{entry['key']} at {version[0]}.{version[1]} ({name})"
            return f"{where}: {place}: {error.message[:200]}"
    return None


def main() -> int:
    """Do what the arguments say."""
    match sys.argv[1:]:
        case ["bodies", folder]:
            services = (compute.SERVICE, volume.SERVICE)
            return max(compare_bodies(Reference(folder, service)) for service in services)
        case ["serve", folder, file, *arguments]:
            return serve_checked(Reference(folder), file, arguments)
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
