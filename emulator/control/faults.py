"""Faults at the level of meaning: what goes wrong with resources, hosts, quotas and people.

A fault of a resource is a stage (emulator/simulation/stages.py) and happens inside its transition;
one of a host, a quota or a project is done at once and taken back when it is over (disasters.py).
"""

from __future__ import annotations

from typing import Any

import orjson

from emulator.control import disasters, selectors
from emulator.control.lifecycles import STAGE_KEYS
from emulator.errors import NotFound
from emulator.simulation import rules, stages
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop

ORIGIN = "fault"
KEYS = ("kind", *(key for key in STAGE_KEYS if key != "kind"), *disasters.KEYS)
ADD = Body(schema=Object(*(prop(key, {}) for key in dict.fromkeys(KEYS))))


class FaultNotFound(NotFound):
    """No fault has that name."""

    template = "There is no fault %(name)r."


def kinds(ctx: Context) -> dict[str, Any]:
    """List what can be made to go wrong, by name."""
    of_resources = [
        {"kind": each.name, "meaning": each.meaning, **each.stage}
        for machine in ctx.engine.machines.values()
        for each in machine.faults.values()
    ]
    others = [
        {"kind": each.name, "meaning": each.meaning, "takes": list(each.takes)}
        for each in disasters.KINDS.values()
    ]
    return {"kinds": sorted([*of_resources, *others], key=lambda each: str(each["kind"]))}


def index(ctx: Context) -> dict[str, Any]:
    """List the faults, with how often each matched and fired."""
    return {"faults": [_view(ctx, row) for row in _rows(ctx)]}


def _rows(ctx: Context) -> list[Any]:
    return [row for row in rules.rows(ctx.db) if row["origin"] in (ORIGIN, disasters.ORIGIN)]


def _view(ctx: Context, row: Any) -> dict[str, Any]:
    content = orjson.loads(row["content"])
    state = content.pop("state", None) or _state(ctx, row, content)
    content.pop("before", None)
    counted = {"matched": row["matched"], "fired": row["fired"]}
    return {"name": row["name"], "state": state, **content, **counted}


def _state(ctx: Context, row: Any, content: stages.Content) -> str:
    """Waiting for its time, holding, or over."""
    stage = stages.compiled(content, ctx.engine.machines, row["made_at"])
    if ctx.now < stage.starts_at:
        return disasters.WAITING
    spent = stage.times is not None and row["fired"] >= stage.times
    return disasters.OVER if spent or ctx.now >= stage.ends_at else disasters.HOLDING


def add(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Let something go wrong from now on, or after a while."""
    with ctx.db.transaction():
        if body.get("kind") in list(disasters.KINDS):
            name = disasters.add(ctx, body)
        else:
            known = selectors.known(ctx)
            content = stages.read_one(body, ctx.engine.machines, ctx.now, known=known)
            stage = stages.compiled(content, ctx.engine.machines, ctx.now)
            name = rules.free_name(ctx.db, stage.name)
            rules.add(ctx.db, name, ORIGIN, content, ctx.now)
    ctx.engine.heed_rules()
    return show(ctx, name)


def show(ctx: Context, name: str) -> dict[str, Any]:
    """Show a fault, with how often it matched and fired."""
    return {"fault": _view(ctx, _find(ctx, name))}


def _find(ctx: Context, name: str) -> Any:
    for row in _rows(ctx):
        if row["name"] == name:
            return row
    raise FaultNotFound(name=name)


def remove(ctx: Context, name: str) -> Reply:
    """Let nothing more go wrong by a fault; a host that died of it returns, and so on."""
    row = _find(ctx, name)
    with ctx.db.transaction():
        _forget(ctx, row)
    ctx.engine.heed_rules()
    return Reply(204)


def clear(ctx: Context) -> Reply:
    """Remove every fault."""
    with ctx.db.transaction():
        for row in _rows(ctx):
            _forget(ctx, row)
    ctx.engine.heed_rules()
    return Reply(204)


def _forget(ctx: Context, row: Any) -> None:
    if row["origin"] == disasters.ORIGIN:
        disasters.end(ctx, row["name"])
        ctx.engine.cancel(disasters.KIND, row["name"])
    rules.remove(ctx.db, row["name"])
