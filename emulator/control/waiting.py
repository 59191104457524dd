"""Waiting for a resource to have a status: on the cloud's own time, or while real time passes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from emulator.control import resources
from emulator.control.resources import Resource
from emulator.errors import UsageError
from emulator.simulation.clock import real_seconds
from emulator.wire.request import Context

if TYPE_CHECKING:
    from emulator.cloud import Cloud

TIMEOUT_SECONDS = 30.0  # unless it is said


def until(
    cloud: Cloud, resource: str, status: str, kind: str | None, seconds_max: float
) -> tuple[Resource, int]:
    """Let time pass until the resource has the status; return it, and how many steps ran.

    UsageError when it gets into an error instead, when nothing is pending any more that could
    bring it there, or when it would take longer.
    """
    found = resources.find(cloud.database, resource, kind)
    limit, steps = cloud.now + seconds_max, 0
    while found.status.lower() != status.lower():
        if "error" in found.status.lower() and "error" not in status.lower():
            raise UsageError(f"{found.called} is {found.status}, and was to become {status}")
        if cloud.engine.next_due == float("inf"):
            raise UsageError(
                f"{found.called} is {found.status}, and nothing is pending"
                f" that could make it {status}"
            )
        if cloud.engine.next_due > limit:
            raise UsageError(
                f"{found.called} is still {found.status} after {seconds_max:g} seconds"
                " of the cloud's time"
            )
        steps += cloud.to_next_step()
        found = resources.again(cloud.database, found)
    return found, steps


def find(ctx: Context, resource: str, status: str, kind: str | None) -> Resource:
    """Return the resource that somebody waits for. UsageError when there is none, or several.

    Who waits until something is deleted may come late: then what is not there is deleted.
    """
    try:
        return resources.find(ctx.db, resource, kind)
    except resources.NoSuchResource:
        if status.lower() != resources.GONE:
            raise
        return Resource(kind or "resource", resource, "", resources.GONE)


def looks(
    cloud: Cloud, found: Resource, status: str, timeout: float
) -> Iterator[tuple[Resource, bool, bool]]:
    """Look at a resource again and again until it has the status.

    Yield it, whether it has the status, and whether this was the last look.

    It is over when it cannot get there (it is in error), after so many real seconds, and when the
    cloud is closed. What falls due by the cloud's clock is done at each look.
    """
    begun = real_seconds()
    while True:
        if not cloud.closed:
            with cloud.lock:
                cloud.engine.catch_up(cloud.now)
                if found.status != resources.GONE:
                    found = resources.again(cloud.database, found)
        reached = found.status.lower() == status.lower()
        over = reached or "error" in found.status.lower() or cloud.closed
        over = over or real_seconds() - begun >= timeout
        yield found, reached, over
        if over:
            return
