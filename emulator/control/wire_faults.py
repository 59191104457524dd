"""Faults of the wire: what a bad network or a tired service does to requests.

A fault says which requests it is about (`service`, `operation`, `method`, `path`, `project`,
`user`, `header`), which of those it hits (`nth`, `every`, `probability`, `sequence`, `times`,
`after_seconds`, `for_seconds`) and what becomes of them (`status`, `retry_after`, `message`,
`latency`, `reset`, `body`, `content_type`, `stale_seconds`). Nothing said of a thing means any. Of
several that hit, the one added first does. injection.py does what is said here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from emulator.control import selectors
from emulator.control.replicas import Replicas
from emulator.errors import BadInput, Conflict, NotFound
from emulator.wire.changes import operations_of
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop

if TYPE_CHECKING:
    from emulator.cloud import Cloud
    from emulator.store.database import Database

TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 1}
SECONDS = {"type": "number", "minimum": 0}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PRESETS = Path(__file__).with_name("presets.yaml")

FAULT = Object(
    prop("name", {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}),
    # which requests
    prop("service", TEXT),
    prop("operation", TEXT),
    prop("method", {"enum": list(METHODS)}),
    prop("path", TEXT),
    prop("project", TEXT),
    prop("user", TEXT),
    prop("header", {"type": "object", "additionalProperties": {"type": "string"}}),
    # which of them
    prop("nth", {"oneOf": [COUNT, {"type": "array", "items": COUNT, "minItems": 1}]}),
    prop("every", COUNT),
    prop("probability", {"type": "number", "minimum": 0, "maximum": 1}),
    prop("sequence", {"type": "array", "items": {"enum": ["fail", "ok"]}, "minItems": 1}),
    prop("times", COUNT),
    prop("after_seconds", SECONDS),
    prop("for_seconds", SECONDS),
    # what becomes of them
    prop("status", {"type": "integer", "minimum": 400, "maximum": 599}),
    prop("retry_after", SECONDS),
    prop("message", {"type": "string"}),
    prop(
        "latency",
        {"oneOf": [SECONDS, {"type": "array", "items": SECONDS, "minItems": 2, "maxItems": 2}]},
    ),
    prop("reset", {"enum": ["before", "after"]}),
    prop("body", {"enum": ["truncated", "slow"]}),
    prop("content_type", TEXT),
    prop("stale_seconds", SECONDS),
)
ADD = Body(schema=FAULT)
PRESET = Body(schema=Object(prop("preset", TEXT, required=True)))
OUTCOMES = ("status", "latency", "reset", "body", "content_type", "stale_seconds")


class WireFaultNotFound(NotFound):
    """No wire fault of that name was added."""

    template = "There is no wire fault %(name)r."


class WireFaultExists(Conflict):
    """The name is taken."""

    template = "There is a wire fault %(name)r already."


# Queries


def all_of(db: Database) -> list[Any]:
    """Return the rows of all wire faults, the one added first before the others."""
    return db.all("SELECT * FROM control_wire_faults ORDER BY id")


def count(db: Database, fault_id: int, *, fired: bool) -> None:
    """Note that a request matched, and whether it was hit."""
    db.execute(
        "UPDATE control_wire_faults SET seen = seen + 1, fired = fired + ? WHERE id = ?",
        (int(fired), fault_id),
    )


def _insert(ctx: Context, fault: Mapping[str, Any]) -> str:
    number = ctx.db.value("SELECT coalesce(max(id), 0) + 1 FROM control_wire_faults")
    name = fault.get("name") or f"fault-{number}"
    if ctx.db.get("control_wire_faults", name, "name") is not None:
        raise WireFaultExists(name=name)
    rest = {key: value for key, value in fault.items() if key != "name"}
    row = {"name": name, "fault": orjson.dumps(rest).decode(), "added_at": ctx.now}
    ctx.db.insert("control_wire_faults", row)
    return name


# View


def _view(row: Any) -> dict[str, Any]:
    said = {"name": row["name"], **orjson.loads(row["fault"])}
    return {**said, "seen": row["seen"], "fired": row["fired"]}


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List the faults of the wire, with how many requests each saw and hit."""
    return {"wire_faults": [_view(row) for row in all_of(ctx.db)]}


def show(ctx: Context, name: str) -> dict[str, Any]:
    """Show one fault of the wire."""
    row = ctx.db.get("control_wire_faults", name, "name")
    if row is None:
        raise WireFaultNotFound(name=name)
    return {"wire_fault": _view(row)}


def add(ctx: Context, body: dict[str, Any]) -> Reply:
    """Let something become of requests from now on."""
    check(ctx, body)
    with ctx.db.transaction():
        name = _insert(ctx, body)
    take_note(ctx.cloud)
    return Reply(201, show(ctx, name))


def remove(ctx: Context, name: str) -> Reply:
    """Take one fault of the wire back."""
    if not ctx.db.delete("control_wire_faults", name, "name"):
        raise WireFaultNotFound(name=name)
    take_note(ctx.cloud)
    return Reply(204)


def clear(ctx: Context) -> Reply:
    """Take all faults of the wire back."""
    for row in all_of(ctx.db):
        ctx.db.delete("control_wire_faults", row["id"])
    take_note(ctx.cloud)
    return Reply(204)


def presets(ctx: Context) -> dict[str, Any]:
    """Show the faults that are kept under a name: flaky, rate-limited, slow-api and so on."""
    return {"presets": dict(_presets())}


def apply(ctx: Context, body: dict[str, Any]) -> Reply:
    """Add the faults of a preset, under its name with a number."""
    name, known = body["preset"], _presets()
    if name not in known:
        raise BadInput(f"preset: {name!r} is none of {', '.join(known)}")
    with ctx.db.transaction():
        for number, fault in enumerate(known[name], 1):
            _insert(ctx, {**fault, "name": f"{name}-{number}"})
    take_note(ctx.cloud)
    return Reply(201, index(ctx))


def _presets() -> Mapping[str, list[dict[str, Any]]]:
    from emulator.yamlfiles import read

    return {name: [dict(each) for each in faults] for name, faults in read(PRESETS).items()}


# Checks and notes


def take_note(cloud: Cloud) -> None:
    """Let a cloud know whether there are faults of the wire: with none, requests pass them by."""
    added = [orjson.loads(row["fault"]) for row in all_of(cloud.database)]
    cloud.wire_faulty = bool(added)
    stale = any("stale_seconds" in fault for fault in added)
    cloud.replicas = (cloud.replicas or Replicas()) if stale else None


def check(ctx: Context, fault: Mapping[str, Any]) -> None:
    """Refuse a fault that could never hit, or that does nothing. BadInput names the place."""
    if not any(name in fault for name in OUTCOMES):
        raise BadInput(f"a fault needs one of {', '.join(OUTCOMES)}")
    services = {name for name, each in ctx.cloud.services.items() if not each.outside}
    if "service" in fault and fault["service"] not in services:
        raise BadInput(f"service: {fault['service']!r} is none of {', '.join(sorted(services))}")
    for key in ("project", "user"):
        problem = selectors.known(ctx)(key, fault[key]) if key in fault else ""
        if problem:
            raise BadInput(f"{key}: {problem}")
    patterns = [("path", fault["path"])] if "path" in fault else []
    patterns += [(f"header.{name}", text) for name, text in fault.get("header", {}).items()]
    for place, text in patterns:
        try:
            re.compile(text)
        except re.error as problem:
            raise BadInput(f"{place}: {text!r} is no pattern: {problem}") from None
    if "operation" in fault:
        _check_operation(ctx, fault["operation"], fault.get("service"))
    if isinstance(fault.get("latency"), list) and fault["latency"][0] > fault["latency"][1]:
        raise BadInput(f"latency: {fault['latency'][0]:g} is more than {fault['latency'][1]:g}")


def _check_operation(ctx: Context, operation: str, service: str | None) -> None:
    known = set(_names(ctx, service))
    if operation not in known:
        words = set(re.findall(r"\w+", operation.lower())) - {"get", "post", "put", "delete"}
        near = [name for name in sorted(known) if words & set(re.findall(r"\w+", name.lower()))]
        hint = f"; there is {', '.join(near[:3])}" if near else ""
        raise BadInput(f"operation: {operation!r} is none that is emulated{hint}")


def _names(ctx: Context, service: str | None) -> Iterator[str]:
    """What operations may be called: "POST /servers", or the name of an action alone."""
    for name, each in ctx.cloud.services.items():
        if service in (None, name) and not each.outside:
            for row in operations_of(each):
                yield row.name
                if row.action:
                    yield row.action
