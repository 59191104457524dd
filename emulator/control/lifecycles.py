"""Lifecycles as data: the stages that hold, seen and changed from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.control import selectors
from emulator.errors import NotFound, UsageError
from emulator.simulation import rules, stages
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop
from emulator.yamlfiles import read

ORIGIN = "lifecycle"
STAGE_KEYS = (
    "resource",
    "transition",
    *(k for k in stages.KEYS if k not in ("resource", "transition")),
)
LOAD = Body(schema=Object(prop("stages", {"type": "array"}), prop("file", {"type": "string"})))
ADD = Body(schema=Object(*(prop(key, {}) for key in STAGE_KEYS)))


class StageNotFound(NotFound):
    """No stage of that name was loaded or added."""

    template = "There is no stage %(name)r that was loaded or added."


def index(ctx: Context) -> dict[str, Any]:
    """List the stages that hold: of the profile, of the settings, and those loaded and added."""
    given = [
        {"origin": origin, **content, "name": stage.name, **_counted(ctx, stage.name)}
        for origin, content, stage in ctx.cloud.given_stages
    ]
    own = [_view(row) for row in rules.rows(ctx.db, ORIGIN)]
    return {"stages": [*given, *own]}


def _counted(ctx: Context, name: str) -> dict[str, int]:
    matched, fired = rules.counts(ctx.db, name)
    return {"matched": matched, "fired": fired}


def _view(row: Any) -> dict[str, Any]:
    content = orjson.loads(row["content"])
    counted = {"matched": row["matched"], "fired": row["fired"]}
    return {"origin": "loaded", **content, "name": row["name"], **counted}


def load(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Let these stages hold, of a list or a YAML file, in place of those loaded and added."""
    contents = checked(ctx, body)
    with ctx.db.transaction():
        _forget(ctx)
        keep(ctx, contents)
    ctx.engine.heed_rules()
    return index(ctx)


def checked(ctx: Context, body: Mapping[str, Any]) -> list[stages.Content]:
    """Return the stages that a request gives. UsageError names the place of what is wrong."""
    if ("file" in body) == ("stages" in body):
        raise UsageError("lifecycles load takes stages or a file with them")
    machines, known = ctx.engine.machines, selectors.known(ctx)
    if "stages" in body:
        return stages.read_all(body["stages"], machines, ctx.now, known=known)
    document = read(body["file"])
    for key in document:
        if key != "stages":
            raise UsageError(f"{document.places[key]}: is not the key stages")
    place = document.places.get("stages", document.places[""])
    return stages.read_all(document.get("stages"), machines, ctx.now, place, known)


def check_settings(ctx: Context) -> None:
    """Refuse stages of the settings that are about what a new cloud does not have."""
    contents, machines = list(ctx.settings.lifecycles), ctx.engine.machines
    stages.read_all(contents, machines, ctx.now, "lifecycles", selectors.known(ctx))


def keep(ctx: Context, contents: list[stages.Content]) -> None:
    """Store stages that were checked, in their order."""
    for content in contents:
        stage = stages.compiled(content, ctx.engine.machines, ctx.now)
        rules.add(ctx.db, rules.free_name(ctx.db, stage.name), ORIGIN, content, ctx.now)


def add(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Let one more stage hold; it comes after those that are there."""
    content = stages.read_one(body, ctx.engine.machines, ctx.now, known=selectors.known(ctx))
    with ctx.db.transaction():
        keep(ctx, [content])
    ctx.engine.heed_rules()
    return {"stage": _view(rules.rows(ctx.db, ORIGIN)[-1])}


def remove(ctx: Context, name: str) -> Reply:
    """Let a stage hold no longer that was loaded or added."""
    if not any(row["name"] == name for row in rules.rows(ctx.db, ORIGIN)):
        raise StageNotFound(name=name)
    with ctx.db.transaction():
        rules.remove(ctx.db, name)
    ctx.engine.heed_rules()
    return Reply(204)


def clear(ctx: Context) -> Reply:
    """Let the stages of the profile and of the settings alone hold."""
    with ctx.db.transaction():
        _forget(ctx)
    ctx.engine.heed_rules()
    return Reply(204)


def _forget(ctx: Context) -> None:
    for row in rules.rows(ctx.db, ORIGIN):
        rules.remove(ctx.db, row["name"])
