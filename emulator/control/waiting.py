"""Waiting on the cloud's own time: from due step to due step until a resource has a status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.control import resources
from emulator.control.resources import Resource
from emulator.errors import UsageError

if TYPE_CHECKING:
    from emulator.cloud import Cloud


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
