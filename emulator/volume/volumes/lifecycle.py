"""The lifecycle of volumes: each transition shows its steps' states as the volume's status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.errors import TransitionFailed
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Machine, Step, Transition
from emulator.volume import messages, scheduler, statuses
from emulator.volume.volumes import queries
from emulator.wire.request import Context


def _put_on_backend(ctx: Context, volume: Any, arguments: Arguments) -> None:
    """The scheduler chooses a pool."""
    pool = volume["host"] or scheduler.choose(ctx, queries.type_of(ctx, volume))
    if pool is None:
        raise TransitionFailed("No valid backend was found.")
    queries.change(ctx, volume["id"], host=pool, shared_targets=0)


def _extend(ctx: Context, volume: Any, arguments: Arguments) -> None:
    queries.change(ctx, volume["id"], size=arguments["size"])
    ctx.request_id = arguments["request"]
    for each in queries.attachments_of(ctx, [volume["id"]]):
        if each["server_id"]:
            ctx.cloud.signals.emit("volume_extended", ctx, each["server_id"], volume["id"])


def _retype(ctx: Context, volume: Any, arguments: Arguments) -> None:
    kind = ctx.db.get("volume_types", arguments["type_id"])
    shared = queries.is_multiattach(kind)
    queries.change(ctx, volume["id"], type_id=kind["id"], multiattach=shared)
    if arguments["migrates"] and not scheduler.suits(ctx, volume["host"], kind):
        pool = scheduler.choose(ctx, kind)
        queries.change(ctx, volume["id"], host=pool, migration_status="success")


def remove(ctx: Context, volume: Any, arguments: Arguments) -> None:
    """Let a volume be no more, nor any of its snapshots: those of a cascade may be slower."""
    for snapshot_id in queries.snapshot_ids(ctx, volume["id"]):
        ctx.engine.cancel("snapshot", snapshot_id)
        ctx.db.delete("volume_snapshots", snapshot_id)
    ctx.db.delete("volume_attachments", volume["id"], "volume_id")
    ctx.db.delete("volume_volumes", volume["id"])


CREATE = Transition(
    "create",
    (Step("creating", uniform(0.5, 2.0), then=_put_on_backend),),
    to="available",
    fails_to="error",
)
CREATE_FROM_IMAGE = Transition(
    "create_from_image",
    (
        Step("creating", uniform(0.5, 1.0), then=_put_on_backend),
        Step("downloading", uniform(1.0, 5.0)),
    ),
    to="available",
    fails_to="error",
    facts={"record": "create"},
)
DELETE = Transition(
    "delete",
    (Step("deleting", uniform(0.5, 2.0), then=remove),),
    fails_to="error_deleting",
)
EXTEND = Transition(
    "extend",
    (Step("extending", uniform(0.5, 2.0), then=_extend),),
    fails_to="error_extending",
)
RETYPE = Transition(
    "retype",
    (Step("retyping", uniform(0.5, 3.0), then=_retype),),
    fails_to="error",
)


def enter(
    ctx: Context, volume_id: str, change: Transition, step: Step, arguments: Arguments
) -> None:
    """A step begins: its state is the volume's status."""
    if step.state is not None:
        queries.show_status(ctx, volume_id, step.state)


def finish(ctx: Context, volume_id: str, change: Transition, arguments: Arguments) -> None:
    """The transition ended well: in its own state, or in the one noted at its beginning."""
    status = arguments.get("back", change.to)
    if status is not None:
        queries.change(ctx, volume_id, status=status)


def fail(
    ctx: Context,
    volume_id: str,
    change: Transition,
    step: Step,
    arguments: Arguments,
    message: str,
) -> None:
    """An effect failed; the volume's users are told why."""
    if step.then is _put_on_backend:
        volume = queries.raw(ctx, volume_id)
        messages.add(ctx, volume, "allocate", "no_backend", arguments.get("request"))
    status = arguments.get("back") if change.fails_to is None else change.fails_to
    queries.change(ctx, volume_id, **({} if status is None else {"status": status}))


def facts(ctx: Context, volume_id: str) -> Mapping[str, Any]:
    """Return what stages of lifecycles can match of a volume."""
    return statuses.facts(ctx, queries.raw(ctx, volume_id))


def break_down(ctx: Context, volume_id: str, message: str) -> None:
    """A volume that was well is in error."""
    queries.change(ctx, volume_id, status="error")


VOLUME = Machine(
    "volume",
    queries.raw,
    enter,
    finish,
    fail,
    facts=facts,
    broken="error",
    breaks=break_down,
)
VOLUME.add(CREATE, CREATE_FROM_IMAGE, DELETE, EXTEND, RETYPE)


def finish_now(ctx: Context, volume_id: str) -> None:
    """Let a volume that is creating be available at once: Nova waits for those it asks for.

    TransitionFailed when no pool has room for it.
    """
    ctx.engine.cancel("volume", volume_id)
    _put_on_backend(ctx, queries.raw(ctx, volume_id), {})
    queries.change(ctx, volume_id, status="available")


def begin(ctx: Context, change: Transition, volume_id: str, **arguments: Any) -> None:
    """Begin a transition of a volume."""
    ctx.engine.begin(ctx, "volume", change.name, volume_id, **arguments, request=ctx.request_id)
