"""Skip on poll: whoever asks again about something under way finds it done.

A waiter asks, sleeps and asks again. Where a cloud skips on poll, its clock jumps when a GET is
asked a second time by the same token while the same thing is still under way: to the end of what
the resource in the path is in the middle of; for any other path to the next due step of the cloud.
So an unmodified waiter sees BUILD once, and then ACTIVE. Deadlines, which are no work under way,
are never skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.simulation import timers
from emulator.wire.request import Request

if TYPE_CHECKING:
    from emulator.cloud import Cloud

DEADLINES = "deadline"
POLLED_MAX = 10_000  # different GETs that are remembered
Polled = dict[tuple[str, str, str], str]
"""(token, path, query) → what was under way when it was asked last."""


def skip(cloud: Cloud, request: Request) -> None:
    """Let the clock jump if this request is a poll."""
    if request.method != "GET":
        return
    asked = (request.headers.get("X-Auth-Token") or "", request.path, request.query)
    before, now = cloud.polled.get(asked, ""), under_way(cloud, request.path)
    steps = 0
    while now and now == before and steps < cloud.settings.settle_steps_max:
        steps += cloud.to_next_step()
        now = under_way(cloud, request.path)
    if len(cloud.polled) >= POLLED_MAX:
        cloud.polled.clear()
    cloud.polled[asked] = now


def under_way(cloud: Cloud, path: str) -> str:
    """Say what is under way for a path: with the resource it names, else in the whole cloud."""
    machines, later = cloud.engine.machines, (DEADLINES, *cloud.engine.appointments)
    kinds = [kind for kind in machines if kind not in later]
    for segment in reversed(path.split("/")):
        own = timers.under_way(cloud.database, kinds, segment) if segment else []
        if own:
            return ", ".join(own)
    following = timers.next_but(cloud.database, later)
    return "" if following is None else f"step {following['seq']}"
