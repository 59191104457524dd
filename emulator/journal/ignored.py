"""What clients sent and nobody read: fields of bodies, parameters of queries, headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from emulator.journal import entries
from emulator.journal.record import Heard, Record
from emulator.wire.asked import Asked
from emulator.wire.negotiation import HEADER
from emulator.wire.steps import parse_query
from emulator.wire.versioned import UNVERSIONED

OWN_HEADER = re.compile(r"^(x-|openstack-)", re.IGNORECASE)
READ_BY_ALL = {
    "x-auth-token", "x-service-token", "x-openstack-request-id",
    "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-prefix",
}  # fmt: skip
READ_BY = {
    "compute": {"openstack-api-version", "x-openstack-nova-api-version"},
    "volume": {"openstack-api-version"},
    "placement": {"openstack-api-version"},
    "identity": {"x-subject-token", "openstack-auth-receipt", "x-amz-date"},
    "image": {
        "x-image-meta-store", "x-openstack-image-size", "x-image-cache-clear-target",
        "x-openstack-append",
    },
    "network": set(),
}  # fmt: skip
VERSIONED = {"compute": ("compute",), "volume": ("volume",), "placement": ("placement",)}
KEPT = ("identity",)  # stores what a resource has besides, and shows it again
REFUSES = ("network",)  # takes a body apart by its tables: what is not there is refused


def ignored(record: Record) -> list[dict[str, Any]]:
    """Return what was sent and not read, each thing once, with how often and by which request.

    Requests that were refused are left out: nobody had to read on.
    """
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for heard in record.heard():
        if entries.is_refused(heard) or heard.service == "control" or heard.request.inside:
            continue
        operation = f"{entries.operation_name(heard)} of {heard.service}"
        for place, name in _unread(heard):
            told = found.setdefault(
                (operation, place, name),
                {
                    "operation": operation, "place": place, "name": name,
                    "times": 0, "request_id": heard.request_id,
                },
            )  # fmt: skip
            told["times"] += 1
    return list(found.values())


def sentence(told: Mapping[str, Any]) -> str:
    """Say what was not read."""
    often = f", {told['times']} times" if told["times"] > 1 else ""
    return f"{told['operation']}: {told['place']} {told['name']!r} ({told['request_id']}{often})"


def _unread(heard: Heard) -> Iterator[tuple[str, str]]:
    yield from (("header", name) for name in _headers(heard))
    yield from (("query", name) for name in _query(heard))
    yield from (("body", name) for name in _body(heard))


def _headers(heard: Heard) -> Iterator[str]:
    read = READ_BY.get(heard.service, set())
    for name, value in heard.request.headers.items():
        lower = name.lower()
        if lower == HEADER.lower() and lower in read:
            own = VERSIONED[heard.service]
            if not any(entry.split()[:1] == [each] for entry in value.split(",") for each in own):
                yield f"{name}: {value}"
        elif OWN_HEADER.match(name) and lower not in READ_BY_ALL and lower not in read:
            yield name


def _query(heard: Heard) -> Iterator[str]:
    if not heard.request.query or heard.operation is None:
        return
    given = parse_query(heard.request.query)
    read: set[str] = set()
    if isinstance(heard.query, Asked):
        read |= heard.query.seen
    if heard.operation.query is not None:
        read |= heard.operation.query.known(heard.version or UNVERSIONED, given).keys()
    yield from (name for name in given if name not in read)


def _body(heard: Heard) -> Iterator[str]:
    operation, content = heard.operation, heard.request.body
    if not content or operation is None or operation.upload:
        return
    try:
        value = orjson.loads(content)
    except ValueError:
        return
    if operation.body is not None:
        schema = operation.body.at(heard.version or UNVERSIONED)
        depth = 1 if heard.service in KEPT else None
        yield from _unknown(schema, value, "", depth)
        if operation.action is None or schema["properties"].get(operation.action):
            return
    if operation.action is not None and isinstance(value, dict):
        inner = value.get(operation.action)
        if isinstance(inner, dict):
            yield from (f"{operation.action}.{name}" for name in inner)
    elif heard.request.method in ("GET", "HEAD", "DELETE"):
        yield "the whole body"
    elif heard.service in REFUSES and isinstance(value, dict) and len(value) > 1:
        yield from list(value)[1:]


def _unknown(schema: Any, value: Any, place: str, depth: int | None) -> Iterator[str]:
    """The fields that a schema lets pass without knowing them."""
    if not isinstance(schema, dict):
        return
    if isinstance(value, list):
        for each in value:
            yield from _unknown(schema.get("items"), each, f"{place}[]", depth)
    if not isinstance(value, dict):
        return
    known = schema.get("properties", {})
    if schema.get("additionalProperties", True) is True and known:
        patterns = schema.get("patternProperties", {})
        for name in value:
            if name not in known and not any(re.search(each, name) for each in patterns):
                yield f"{place}.{name}".lstrip(".")
    if depth == 1:
        return
    for name, inner in known.items():
        if name in value:
            yield from _unknown(inner, value[name], f"{place}.{name}", depth)
