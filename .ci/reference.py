"""What the real services declare of their bodies, queries and answers, as a folder holds it.

Each service declares in its own way: Nova and Cinder say which schema holds at which versions,
Keystone has one version, Placement names a schema after the version that it came with, and Glance
publishes schemas without saying for what. Here they all become one form: operations with
`request_body`, `query` and `response_body`, each a list of spans with a schema.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from emulator import compute, identity, image, placement, volume
from emulator.compute.versions import MAXIMUM, MINIMUM
from emulator.errors import EmulatorError
from emulator.wire.operation import Operation
from emulator.wire.service import Service

Version = tuple[int, int]
KINDS = ("request_body", "query", "response_body")
SERVICES = {
    each.name: each
    for each in (
        compute.SERVICE, volume.SERVICE, identity.SERVICE, image.SERVICE, placement.SERVICE,
    )
}  # fmt: skip
# Of the paths of documents, or of all.
PREFIX = {"compute": "/v2.1", "volume": "/v3", "identity": "/v3", "image": "/v2", "placement": ""}
RANGE = {
    "compute": (MINIMUM, MAXIMUM),
    "volume": ((3, 0), (3, 71)),
    "identity": ((3, 14), (3, 14)),
    "image": ((2, 17), (2, 17)),
    "placement": ((1, 0), (1, 39)),
}
OF_PATHS = (("/traits/{name}", "1.6"), ("/resource_classes/{name}", "1.7"))
"""Paths of Placement, each with a version from which PUT has a schema of the name in the path."""
NAMESPACE = "/metadefs/namespaces/{namespace}"
SHOWN = {
    "POST /images": "image",
    "GET /images": "images",
    "GET /images/{image_id}": "image",
    "PATCH /images/{image_id}": "image",
    "GET /images/{image_id}/members": "members",
    "POST /images/{image_id}/members": "member",
    "GET /images/{image_id}/members/{member_id}": "member",
    "PUT /images/{image_id}/members/{member_id}": "member",
    "GET /tasks": "tasks",
    "POST /tasks": "task",
    "GET /tasks/{task_id}": "task",
    "GET /metadefs/namespaces": "metadef_namespaces",
    "POST /metadefs/namespaces": "metadef_namespace",
    f"GET {NAMESPACE}": "metadef_namespace",
    f"PUT {NAMESPACE}": "metadef_namespace",
    f"GET {NAMESPACE}/objects": "metadef_objects",
    f"POST {NAMESPACE}/objects": "metadef_object",
    f"GET {NAMESPACE}/objects/{{object_name}}": "metadef_object",
    f"PUT {NAMESPACE}/objects/{{object_name}}": "metadef_object",
    f"GET {NAMESPACE}/properties": "metadef_properties",
    f"POST {NAMESPACE}/properties": "metadef_property",
    f"GET {NAMESPACE}/properties/{{property_name}}": "metadef_property",
    f"PUT {NAMESPACE}/properties/{{property_name}}": "metadef_property",
    f"GET {NAMESPACE}/tags": "metadef_tags",
    f"POST {NAMESPACE}/tags": "metadef_tags",
    f"GET {NAMESPACE}/tags/{{tag_name}}": "metadef_tag",
    f"POST {NAMESPACE}/tags/{{tag_name}}": "metadef_tag",
    f"PUT {NAMESPACE}/tags/{{tag_name}}": "metadef_tag",
    f"GET {NAMESPACE}/resource_types": "metadef_resource_types",
    f"POST {NAMESPACE}/resource_types": "metadef_resource_type",
}
"""Which of the schemas that Glance publishes an answer of it is like."""


class Reference:
    """The operations and schemas of a service, as they were taken from the real one."""

    def __init__(self, folder: str, service: Service) -> None:
        base = Path(folder) / service.name
        self.service = service
        schemas = json.loads((base / "schemas.json").read_text())
        self.definitions = schemas.get("$defs", schemas)
        operations = json.loads((base / "operations.json").read_text())
        plain = FORMS.get(service.name, lambda reference, entry: entry)
        self.operations = [plain(self, entry) for entry in operations]
        self._validators: dict[str, Draft202012Validator] = {}

    def validator(self, name: str) -> Draft202012Validator:
        """Return the validator of a schema."""
        if name not in self._validators:
            self._validators[name] = Draft202012Validator(
                self.schema(name), format_checker=self._formats
            )
        return self._validators[name]

    @cached_property
    def _formats(self) -> FormatChecker:
        checker = FormatChecker()
        for name, check in self.service.dialect.formats.items():
            checker.checks(name)(_quiet(check))
        return checker

    def schema(self, name: str) -> Any:
        """Return a schema with every reference to another put in its place."""
        schema = self.definitions[name]
        return _resolved(schema, {**self.definitions, **schema.get("definitions", {})})


def _resolved(schema: Any, definitions: Any) -> Any:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            return _resolved(definitions[schema["$ref"].rpartition("/")[2]], definitions)
        return {key: _resolved(value, definitions) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_resolved(each, definitions) for each in schema]
    return schema


def _quiet(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """A format that says no instead of wording its refusal."""

    def quiet(value: Any) -> bool:
        try:
            return check(value)
        except EmulatorError:
            return False

    return quiet


# Each service's form


def _of_identity(reference: Reference, entry: Any) -> Any:
    names = {**entry, "query": entry.get("request_query")}
    return {**entry, **{kind: _always(names.get(kind)) for kind in KINDS}}


def _of_image(reference: Reference, entry: Any) -> Any:
    path = entry["path"].removeprefix(PREFIX["image"])
    shown = _always(SHOWN.get(f"{entry['method']} {path}"))
    return {**entry, "action": None, "response_body": shown}


def _always(name: str | None) -> list[Any]:
    return [] if name is None else [{"schema": name, "min": None, "max": None}]


def _of_placement(reference: Reference, entry: Any) -> Any:
    names = entry["schemas"]
    if entry["method"] == "PUT" and (entry["path"], entry["min_version"]) in OF_PATHS:
        names = []
    if entry["path"] == "/allocation_candidates":
        first = "allocation_candidate.GET_SCHEMA_"
        names = [name for name in reference.definitions if name.startswith(first)]
    begins = sorted((_since(name, entry["min_version"]), name) for name in names)
    ends = [(since[0], since[1] - 1) for since, _ in begins[1:]]
    spans = [
        {"schema": name, "min": _text(since), "max": _text(end)}
        for (since, name), end in itertools.zip_longest(begins, ends)
    ]
    return {**entry, "query" if entry["method"] == "GET" else "request_body": spans}


def _since(name: str, default: str) -> Version:
    """The version after which a schema is named, the operation's first without one."""
    found = re.search(r"_V?(\d+)_(\d+)$", name)
    return (int(found[1]), int(found[2])) if found else _version(default, (1, 0))


def _text(version: Version | None) -> str | None:
    return None if version is None else f"{version[0]}.{version[1]}"


FORMS = {"identity": _of_identity, "image": _of_image, "placement": _of_placement}


# Its operations and the emulator's


def key_of(entry: Any, service: Service) -> str:
    """Return how an operation of the reference is called: "POST /volumes/{id}/action os-extend"."""
    path = entry["path"].removeprefix(PREFIX[service.name])
    action = f" {entry['action']}" if entry.get("action") else ""
    return str(entry.get("key", f"{entry['method']} {path}{action}"))


def rows_of(entry: Any, service: Service) -> list[Operation]:
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


def spans(entry: Any, kind: str, service: Service) -> Iterator[tuple[str, list[Version]]]:
    """Yield each schema of an operation with the first and the last version it holds at."""
    lowest, highest = RANGE[service.name]
    born = max(lowest, _version(entry.get("min_version"), lowest))
    alive = born, _version(entry.get("max_version"), highest)
    for each in entry.get(kind, ()):
        first = max(_version(each["min"], lowest), alive[0])
        last = min(_version(each["max"], highest), alive[1])
        if first <= last and each["max"] != "2.0":
            yield each["schema"], sorted({first, last})


def broken(reference: Reference, entry: Any, version: Version, body: Any) -> str | None:
    """Say what of an answer breaks its operation's schema at a version, None when nothing does."""
    lowest, highest = RANGE[reference.service.name]
    if reference.service.name in ("identity", "image"):
        version = highest  # theirs is the service's only one
    for bounds in entry.get("response_body", ()):
        if _version(bounds["min"], lowest) <= version <= _version(bounds["max"], highest):
            error = next(reference.validator(bounds["schema"]).iter_errors(body), None)
            if error is None:
                return None
            place = "/".join("*" if isinstance(each, int) else str(each) for each in error.path)
            key = key_of(entry, reference.service)
            where = f"{key} at {version[0]}.{version[1]} ({bounds['schema']})"
            return f"{where}: {place}: {error.message[:200]}"
    return None
