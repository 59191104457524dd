"""Clouds beside the default one, each share-nothing with the others, at /clouds/NAME."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.config import CLOCKS, PROFILES
from emulator.errors import Conflict, NotEmulated, NotFound
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from emulator.cloud import Cloud

CREATE = Body(
    schema=Object(
        prop("name", {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}, required=True),
        prop("fixture", {"type": "string"}),
        prop("seed", {"type": "integer"}),
        prop("clock", {"enum": list(CLOCKS)}),
        prop("rate", {"type": "number", "minimum": 0}),
        prop("durations", {"enum": list(PROFILES)}),
    )
)


class CloudNotFound(NotFound):
    """No cloud of that name is served."""

    template = "There is no cloud %(name)r here."


class CloudExists(Conflict):
    """The name is taken."""

    template = "There is a cloud %(name)r already."


def index(ctx: Context) -> dict[str, Any]:
    """List the clouds beside the default one."""
    return {"clouds": [_view(ctx, name) for name in _neighbours(ctx) if name]}


def create(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make a cloud; what is not said is as in the default cloud."""
    name = body.pop("name")
    if name in _neighbours(ctx):
        raise CloudExists(name=name)
    return Reply(201, {"cloud": join(ctx, name, ctx.cloud.another(name, body))})


def join(ctx: Context, name: str, cloud: Cloud) -> dict[str, str]:
    """Serve a cloud beside the others; return it as it is shown. CloudExists, NotEmulated."""
    neighbours = _neighbours(ctx)
    if name in neighbours:
        raise CloudExists(name=name)
    cloud.name = name
    neighbours[name] = cloud
    return _view(ctx, name)


def delete(ctx: Context, name: str) -> Reply:
    """Drop a cloud and all that is in it."""
    cloud = _neighbours(ctx).pop(name, None)
    if cloud is None:
        raise CloudNotFound(name=name)
    cloud.close()
    return Reply(204)


def _neighbours(ctx: Context) -> MutableMapping[str, Cloud]:
    neighbours: MutableMapping[str, Cloud] | None = ctx.cloud.neighbours
    if neighbours is None:
        raise NotEmulated(feature="Making clouds from within a cloud that is not the default one")
    return neighbours


def _view(ctx: Context, name: str) -> dict[str, str]:
    return {"name": name, "url": f"{ctx.request.origin}/clouds/{name}"}
