"""Holds the services against the schemas that the real ones declare.

    python .ci/schemas.py bodies REFERENCE [NAME…]     every body and query: the same verdicts, of
                                                       all services or of those named
    python .ci/schemas.py serve REFERENCE FILE [ARG…]  `openstack-emulator serve ARG…`, every answer
                                                       checked; what breaks its schema goes to FILE

REFERENCE holds, for each service, SERVICE/operations.json (operations with the schemas of each span
of versions) and SERVICE/schemas.json (the schemas). Exit status 1 where anything differs that is
not LISTED or LACKING. Nova, Keystone and Glance declare schemas of their answers, too.
"""

from __future__ import annotations

import copy
import itertools
import json
import sys
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from examples import examples
from reference import SERVICES, Reference, Version, broken, key_of, rows_of, spans

from emulator.errors import BadInput, EmulatorError
from emulator.image import schemas as image_schemas
from emulator.image.metadefs.schemas import PUBLISHED
from emulator.wire.operation import Operation
from emulator.wire.service import Service
from emulator.wire.validation import Dialect

LISTED = {
    ("volume", "PUT /backups/{id}"): "no backup at all is refused later by Cinder, with 400 too",
    ("volume", "PUT /default-types/{id}"): "Cinder fails where the key is missing",
    ("volume", "POST /groups"): "Cinder's format for a group type's length is part of the table",
    ("volume", "PUT /os-services/set-log"): "a level too long is refused later by Cinder",
    ("volume", "DELETE /consistencygroups/{id}"): "a body of DELETE, which is not read",
    ("volume", "POST /manageable_snapshots"): "there since 3.8",
    ("volume", "POST /manageable_volumes"): "there since 3.8",
    ("volume", "PUT /os-hosts"): "Cinder has a schema for a path that it does not route",
    ("volume", "POST /volume-transfers"): "there since 3.55",
    ("volume", "POST /volume-transfers/{id}/accept"): "there since 3.55",
    ("image", "members"): "published by Glance without pages and without what members may not have",
    ("image", "tasks"): "published by Glance without pages and without what tasks may not have",
}
"""Operations, and schemas of Glance, that differ, each with the reason."""
LACKING = {
    ("identity", "POST /projects"): "project",
    ("identity", "POST /services"): "service",
}
"""Operations whose schema does not require a key that Keystone fails (500) without; that is refused
here, so bodies without it are not compared."""
COMBINATIONS_MAX = 400  # examples of one schema

# Bodies and queries


def verdict(service: Service, row: Operation, kind: str, version: Version, value: Any) -> bool:
    """Say whether the emulator accepts a body or a query."""
    table = row.body if kind == "request_body" else row.query
    if table is None:
        return True
    dialect = _unworded(service.name)
    check = dialect.check_body if kind == "request_body" else dialect.check_query
    try:
        check(table.at(version), copy.deepcopy(value))
    except EmulatorError:
        return False
    return True


@lru_cache
def _unworded(name: str) -> Dialect:
    """How a service validates, without its words for a refusal: finding those takes long."""

    def refused(error: Any) -> EmulatorError:
        return BadInput(error.message)

    return replace(SERVICES[name].dialect, word_body=refused, word_query=refused)


def compare_bodies(reference: Reference) -> int:
    """Compare the verdicts on generated bodies and queries; print the differences."""
    counted: Counter[str] = Counter()
    for entry in reference.operations:
        key = key_of(entry, reference.service)
        if (reference.service.name, key) in LISTED:
            counted["operations listed"] += 1
            continue
        rows = rows_of(entry, reference.service)
        if not rows:
            declares = bool(entry.get("response_body") or entry.get("request_body"))
            counted["operations without a row"] += declares
            if declares:
                print(f"no row: {key}")
            continue
        for kind in ("request_body", "query"):
            for name, versions in spans(entry, kind, reference.service):
                for version in versions:
                    _compare(reference, entry, rows, kind, name, version, counted)
    _tell(reference, counted)
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
    service = reference.service
    key = key_of(entry, service)
    where, required = f"{key} at {version[0]}.{version[1]}", LACKING.get((service.name, key))
    if row is None:
        print(f"{where}: no row")
        counted["operations without a row"] += 1
        return
    validator, told = reference.validator(name), 0
    for value in itertools.islice(examples(reference.schema(name)), COMBINATIONS_MAX):
        if kind == "query" and not _is_query(value, service):
            continue
        if required is not None and isinstance(value, dict) and required not in value:
            counted["bodies listed"] += 1
            continue
        try:
            expected = validator.is_valid(value)
        except AttributeError:  # a schema of Cinder's that is none, where jsonschema comes to it
            counted["not told by the schema"] += 1
            continue
        got = verdict(service, row, kind, version, value)
        _count(counted, expected, got)
        if expected != got and told < 3:
            told += 1
            print(f"{where}: {'accepts' if got else 'refuses'} {json.dumps(value)[:160]}")


def _count(counted: Counter[str], expected: bool, got: bool) -> None:
    counted["verdicts alike" if expected == got else "verdicts that differ"] += 1
    counted["accepted" if expected else "refused"] += 1


def _is_query(value: Any, service: Service) -> bool:
    """Nova and Cinder look at all values of a parameter, Keystone and Placement at one."""
    if not isinstance(value, dict):
        return False
    if service.name in ("identity", "placement"):
        return all(isinstance(each, str) for each in value.values())
    return all(
        isinstance(each, list) and all(isinstance(text, str) for text in each)
        for each in value.values()
    )


def _of_glance() -> dict[str, Any]:
    """The emulator's schemas of images and all that is about them, as they are checked.

    Those of members and tasks are published without saying that there is nothing else in them.
    """
    return {
        **image_schemas.SCHEMAS,
        "member": image_schemas.MEMBER,
        "task": image_schemas.TASK,
        **{f"metadef_{name}": each for name, each in PUBLISHED.items()},
    }


def compare_published(reference: Reference) -> int:
    """Compare the schemas that Glance publishes, and the verdicts of its check with them."""
    ours = _of_glance()
    counted: Counter[str] = Counter()
    for name, schema in reference.definitions.items():
        if ("image", name) in LISTED:
            counted["schemas listed"] += 1
            continue
        if json.dumps(ours[name]) != json.dumps(schema):
            counted["schemas that differ"] += 1
            print(f"{name}: another schema")
        validator = reference.validator(name)
        for value in itertools.islice(examples(reference.schema(name)), COMBINATIONS_MAX):
            _count(counted, validator.is_valid(value), _satisfies(ours[name], value))
    _tell(reference, counted)
    return int(bool(counted["verdicts that differ"] or counted["schemas that differ"]))


def _satisfies(schema: Any, value: Any) -> bool:
    try:
        image_schemas.check(schema, copy.deepcopy(value))
    except EmulatorError:
        return False
    return True


def _tell(reference: Reference, counted: Counter[str]) -> None:
    counts = ", ".join(f"{number} {what}" for what, number in sorted(counted.items()) if number)
    print(f"{reference.service.name}: {counts}")


# Answers


def serve_checked(folder: str, file: str, arguments: list[str]) -> int:
    """Serve as the command does; write down each answer that breaks its schema."""
    from emulator.cli import main
    from emulator.wire import dispatch

    known = Answers(folder)
    response, seen = dispatch._response, Counter[str]()
    report = Path(file).open("w", encoding="utf-8")  # noqa: SIM115 - open as long as it serves

    def checked(ctx: Any, reply: Any) -> Any:
        made = response(ctx, reply)
        problem = known.problem(ctx, reply, made)
        if problem is not None and not seen[problem]:
            seen[problem] += 1
            print(problem, file=report, flush=True)
        return made

    dispatch._response = checked
    return main(["serve", *arguments]) or 0


class Answers:
    """The schemas of answers, by the emulator's operations."""

    def __init__(self, folder: str) -> None:
        self.entries = {}
        for service in SERVICES.values():
            reference = Reference(folder, service)
            for entry in reference.operations:
                for row in rows_of(entry, service) if entry.get("response_body") else ():
                    self.entries[id(row)] = reference, entry

    def problem(self, ctx: Any, reply: Any, made: Any) -> str | None:
        """Say what of a good answer breaks its schema, None when nothing does."""
        found = self.entries.get(id(ctx.operation))
        if found is None or reply.status >= 300 or not made.body:
            return None
        return broken(*found, ctx.version, json.loads(made.body))


def main() -> int:
    """Do what the arguments say."""
    match sys.argv[1:]:
        case ["bodies", folder, *names]:
            return max(
                (compare_published if name == "image" else compare_bodies)(
                    Reference(folder, SERVICES[name])
                )
                for name in names or SERVICES
            )
        case ["serve", folder, file, *arguments]:
            return serve_checked(folder, file, arguments)
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
