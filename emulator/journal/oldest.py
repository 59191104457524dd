"""The oldest OpenStack release on which everything that was asked would have been answered alike.

A client that names a microversion needs a release that speaks it. One that has looked first which
versions there are (it read the service's version document), or asks for the latest, would have
taken an older one: then it is what the request itself contains that must be there.
"""

from __future__ import annotations

from typing import Any

import orjson

from emulator import releases
from emulator.journal import entries
from emulator.journal.record import Heard
from emulator.releases import Series
from emulator.wire.negotiation import HEADER, VERSION_TEXT
from emulator.wire.steps import parse_query
from emulator.wire.versioned import Version

VERSIONED = ("compute", "volume", "placement")
LEGACY_HEADER = "X-OpenStack-Nova-API-Version"


def release(heard: list[Heard]) -> dict[str, Any]:
    """Return the name of the release, and the request that would not have worked before it."""
    looked: set[tuple[Any, ...]] = set()
    oldest, because = releases.SERIES[0], ""
    for each in heard:
        client = (each.service, each.request.headers.get("User-Agent"))
        if each.operation is not None and each.operation.open and each.request.method == "GET":
            looked.add(client)
        if entries.is_refused(each) or each.operation is None:
            continue
        first = _first(each, negotiates=client in looked)
        if releases.SERIES.index(first) > releases.SERIES.index(oldest):
            oldest = first
            version = entries.version_text(each)
            at = f" at {version}" if version else ""
            because = f"{entries.operation_name(each)} of {each.service}{at}"
    return {
        "name": oldest.name,
        "because": because or "no request asks for more than the oldest release known here has",
    }


def asked_version(heard: Heard) -> str | None:
    """Return the microversion that the client named, None when it named none."""
    headers = heard.request.headers
    for entry in headers.get(HEADER, "").split(","):
        words = entry.split()
        if len(words) == 2 and words[0].lower() == heard.service:
            return str(words[1])
    legacy = headers.get(LEGACY_HEADER) if heard.service == "compute" else None
    return None if legacy is None else str(legacy)


def _first(heard: Heard, *, negotiates: bool) -> Series:
    """The oldest release that would have answered a request."""
    assert heard.operation is not None
    if heard.service not in VERSIONED or heard.version is None:
        return releases.first_with_path(heard.service, heard.operation.path)
    asked = VERSION_TEXT.match(asked_version(heard) or "")
    if asked is not None and not negotiates:
        named = int(asked[1]), int(asked[2])
        return releases.first_with(heard.service, named) or releases.NEWEST
    for series in releases.SERIES:
        newest: Version = getattr(series, heard.service)
        if newest >= heard.version or _is_answered(heard, newest):
            return series
    return releases.NEWEST


def _is_answered(heard: Heard, version: Version) -> bool:
    """Say whether a request would be understood at another version."""
    operation = heard.operation
    assert operation is not None
    if not operation.span.holds(version):
        return False
    if operation.query is not None and heard.request.query:
        given = parse_query(heard.request.query)
        known = operation.query.known(version, given)
        if len(known) < len(operation.query.known(heard.version or version, given)):
            return False
    if operation.body is None or not heard.request.body:
        return True
    try:
        value = orjson.loads(heard.request.body)
    except ValueError:
        return True
    return _fits(operation.body.at(version), value)


def _fits(schema: Any, value: Any) -> bool:
    """Say whether a schema knows every field of a value."""
    if isinstance(value, list):
        inner = schema.get("items") if isinstance(schema, dict) else None
        return all(_fits(inner, each) for each in value)
    if not isinstance(schema, dict) or not isinstance(value, dict):
        return True
    known = schema.get("properties", {})
    closed = schema.get("additionalProperties", True) is False
    if closed and not schema.get("patternProperties") and not value.keys() <= known.keys():
        return False
    return all(_fits(known[name], each) for name, each in value.items() if name in known)
