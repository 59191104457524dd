"""Notifications as services publish them: made as steps begin and end, where they are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.compute.servers import notifications
from emulator.simulation.engine import Watch
from emulator.wire.request import Context

if TYPE_CHECKING:
    from emulator.cloud import Cloud


def watch(cloud: Cloud) -> Watch:
    """Return what the engine tells of every step: the record keeps it, and what is published."""
    record = cloud.record
    assert record is not None

    def told(moment: float, what: str, kind: str, entity: str, *rest: Any) -> None:
        record.watch(moment, what, kind, entity, *rest)
        if kind == "server":
            transition, step, _, message = rest
            ctx = Context(cloud, moment)
            for each in notifications.messages(ctx, what, entity, transition, step, message):
                record.publish(moment, entity, each)

    return told
