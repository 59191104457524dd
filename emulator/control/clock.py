"""The virtual clock, seen and moved from outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from emulator.config import CLOCKS
from emulator.control import resources, waiting
from emulator.control.ran import Ran
from emulator.control.resources import Resource
from emulator.errors import BadInput
from emulator.simulation.clock import END, iso
from emulator.wire.dispatch import encode
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, param, prop

SECONDS = {"type": "number", "minimum": 0}
SET = Body(
    schema=Object(
        prop("mode", {"enum": list(CLOCKS)}),
        prop("rate", SECONDS),
        prop("now", {"type": "string"}),
        prop("skip_on_poll", {"type": "boolean"}),
    )
)
REPORT_MAX = prop("report_max", {"type": "integer", "minimum": 0})
ADVANCE = Body(schema=Object(prop("seconds", SECONDS, required=True), REPORT_MAX))
SETTLE = Body(schema=Object(prop("steps_max", {"type": "integer", "minimum": 1}), REPORT_MAX))
UNTIL = Body(
    schema=Object(
        prop("resource", {"type": "string"}, required=True),
        prop("status", {"type": "string"}, required=True),
        prop("kind", {"enum": list(resources.KINDS)}),
        prop("seconds_max", SECONDS),
        REPORT_MAX,
    )
)
WAIT = Query(
    param("resource", multiple=False, required=True),
    param("status", multiple=False, required=True),
    param("kind", {"enum": list(resources.KINDS)}, multiple=False),
    param("timeout", {"type": "string", "pattern": "^[0-9]{1,6}([.][0-9]+)?$"}, multiple=False),
    unknown=False,
)


def show(ctx: Context) -> dict[str, Any]:
    """Say what time it is and how the clock runs."""
    clock = ctx.cloud.virtual_clock
    return {
        "clock": {
            "mode": clock.mode,
            "rate": clock.rate,
            "now": iso(clock.now()) + "Z",
            "skip_on_poll": ctx.cloud.skip_on_poll,
        }
    }


def change(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Let the clock run differently from now on, or set it to a later moment."""
    moment = _moment(ctx, body["now"]) if "now" in body else None
    ctx.cloud.set_clock(body.get("mode"), body.get("rate"), body.get("skip_on_poll"))
    if moment is not None:
        ctx.cloud.advance(max(0.0, moment - ctx.cloud.now))
    return show(ctx)


def _moment(ctx: Context, text: str) -> float:
    """The moment that a text such as 2030-01-01T12:00:00Z names; it lies ahead."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"now: {text!r} is no moment such as 2030-01-01T12:00:00Z") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment.timestamp() < ctx.now:
        raise BadInput(f"now: {text} is past, and a clock cannot go back: it is {iso(ctx.now)}Z")
    if moment.timestamp() > END:
        raise BadInput(f"now: {text} is too late: clocks end at {iso(END)}Z")
    return moment.timestamp()


def advance(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Move the clock forward and do what falls due; say what ran."""
    return _moved(ctx, ctx.cloud.advance(**body))


def settle(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Jump from due step to due step until nothing is pending; say what ran."""
    return _moved(ctx, ctx.cloud.settle(**body))


def until(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Jump from due step to due step until a resource has a status; say what ran."""
    found = ctx.cloud.until(**body)
    return {**_moved(ctx, found.ran), "resource": _shown(found)}


def wait(ctx: Context, query: dict[str, list[str]]) -> Reply:
    """Answer when a resource has a status, is in error, or `timeout` real seconds are over."""
    given = {name: values[-1] for name, values in query.items()}
    found = waiting.find(ctx, given["resource"], given["status"], given.get("kind"))
    timeout = float(given.get("timeout", waiting.TIMEOUT_SECONDS))
    return Reply(200, stream=_waited(ctx, found, given["status"], timeout))


def _waited(ctx: Context, found: Resource, status: str, timeout: float) -> Iterator[bytes]:
    """Nothing, until the answer is there."""
    for now, reached, over in waiting.looks(ctx.cloud, found, status, timeout):
        answer = {**show(ctx), "resource": _shown(now), "reached": reached}
        yield encode(answer) if over else b""


def _shown(found: Resource) -> dict[str, str]:
    return {"kind": found.kind, "id": found.id, "name": found.name, "status": found.status}


def _moved(ctx: Context, ran: Ran) -> dict[str, Any]:
    return {**show(ctx), "steps": int(ran), "report": ran.report, "untold": ran.untold}
