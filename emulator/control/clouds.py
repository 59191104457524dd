"""Clouds beside the default one, each share-nothing with the others, at /clouds/NAME.

A cloud below another one, /clouds/NAME/clouds/OTHER, is made by asking that one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.config import CLOCKS, PROFILES
from emulator.control import copies, neighbours
from emulator.errors import Conflict, NotFound, UsageError
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop

if TYPE_CHECKING:
    from emulator.cloud import Cloud

NAME = {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}
SECONDS = {"type": "number", "exclusiveMinimum": 0}
ALONE = ("fixture", "seed")  # what a snapshot settles

CREATE = Body(
    schema=Object(
        prop("name", NAME, required=True),
        prop("fixture", {"type": "string"}),
        prop("seed", {"type": "integer"}),
        prop("clock", {"enum": list(CLOCKS)}),
        prop("rate", {"type": "number", "minimum": 0}),
        prop("durations", {"enum": list(PROFILES)}),
        prop("snapshot", {"type": "string"}),
        prop("expires_seconds", SECONDS),
    )
)
FORK = Body(schema=Object(prop("name", NAME), prop("expires_seconds", SECONDS)))


class CloudNotFound(NotFound):
    """No cloud of that name is served."""

    template = "There is no cloud %(name)r here."


class CloudExists(Conflict):
    """The name is taken."""

    template = "There is a cloud %(name)r already."


def index(ctx: Context) -> dict[str, Any]:
    """List the clouds beside the default one, or below the cloud that is asked."""
    neighbours.drop_idle(ctx.cloud)
    return {"clouds": [_view(ctx, each) for each in ctx.cloud.neighbours.values()]}


def create(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make a cloud, empty (fixture: ""), of a fixture or of a snapshot; else it is as this one."""
    name, expires = body.pop("name"), body.pop("expires_seconds", 0)
    neighbours.drop_idle(ctx.cloud)
    if name in ctx.cloud.neighbours:
        raise CloudExists(name=name)
    snapshot = body.pop("snapshot", None)
    if snapshot is None:
        cloud = type(ctx.cloud)(ctx.cloud.settings, db="", **body)
        return Reply(201, {"cloud": join(ctx, name, cloud, expires)})
    for each in ALONE:
        if each in body:
            raise UsageError(f"{each}: is settled by the snapshot")
    content = copies.kept(ctx.cloud, snapshot).content
    made = copies.fork(ctx.cloud, name, content, body)
    made.set_clock(body.get("clock"), body.get("rate"))
    return Reply(201, {"cloud": _lasting(ctx, made, expires)})


def fork(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make a cloud that goes on from where this one is; changes in one are not in the other."""
    neighbours.drop_idle(ctx.cloud)
    if body.get("name") in ctx.cloud.neighbours:
        raise CloudExists(name=body["name"])
    made = copies.fork(ctx.cloud, body.get("name", ""))
    return Reply(201, {"cloud": _lasting(ctx, made, body.get("expires_seconds", 0))})


def join(ctx: Context, name: str, cloud: Cloud, expires: float = 0) -> dict[str, Any]:
    """Serve a cloud beside the others; return it as it is shown. CloudExists."""
    if name in ctx.cloud.neighbours:
        raise CloudExists(name=name)
    neighbours.join(ctx.cloud, cloud, name)
    return _lasting(ctx, cloud, expires)


def _lasting(ctx: Context, cloud: Cloud, expires: float) -> dict[str, Any]:
    """Let a new cloud go when it is idle for so long, 0 is never; return it as it is shown."""
    if expires:
        neighbours.expire(cloud, expires)
    return _view(ctx, cloud)


def delete(ctx: Context, name: str) -> Reply:
    """Drop a cloud and all that is in it."""
    cloud = neighbours.below(ctx.cloud, name)
    if cloud is None:
        raise CloudNotFound(name=name)
    cloud.close()
    return Reply(204)


def _view(ctx: Context, cloud: Cloud) -> dict[str, Any]:
    root = f"{ctx.request.origin}{ctx.request.root}"
    view: dict[str, Any] = {"name": cloud.name, "url": f"{root}{neighbours.PREFIX}{cloud.name}"}
    if cloud.expires_seconds:
        view["expires_seconds"] = cloud.expires_seconds
        view["idle_seconds"] = round(neighbours.idle_seconds(cloud), 3)
    return view
