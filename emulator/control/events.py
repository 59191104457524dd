"""What a cloud is asked and does, told while it happens: the journal as server-sent events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from emulator.control import journal, neighbours, streams
from emulator.errors import UsageError
from emulator.simulation.clock import real_seconds
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Query, param

if TYPE_CHECKING:
    from emulator.cloud import Cloud

LAST_SEEN = "Last-Event-ID"  # what a client sends that has lost its connection
STILL_SECONDS = 15.0  # of silence after which a comment shows that the connection is alive
NUMBER = {"type": "string", "pattern": "^[0-9]{1,9}$"}
SECONDS = {"type": "string", "pattern": "^[0-9]{1,6}([.][0-9]+)?$"}

FOLLOW = Query(
    *(each for each in journal.LIST.parameters if each.name not in ("since", "limit")),
    param("since", NUMBER, multiple=False),
    param("limit", NUMBER, multiple=False),
    param("seconds", SECONDS, multiple=False),
    unknown=False,
)

Find = Callable[[int], list[dict[str, Any]]]
"""find(number) → the chosen entries after that number, in order."""


def follow(ctx: Context, query: dict[str, list[str]]) -> Reply:
    """Tell requests, steps, faults and notifications as they come, from now or a number on."""
    record = journal.record_of(ctx)
    find = journal.finder(record, query)
    given = {name: values[-1] for name, values in query.items()}
    after = _after(ctx.request.headers, given, record.number)
    limit = int(given["limit"]) if "limit" in given else None
    seconds = float(given.get("seconds", "inf"))
    stream = _told(ctx.cloud, find, after, limit, seconds)
    headers: dict[str, str | tuple[str, ...]] = {"Cache-Control": "no-store"}
    return Reply(200, stream=stream, content_type=streams.EVENTS, headers=headers)


def _after(headers: Mapping[str, str], given: Mapping[str, str], latest: int) -> int:
    """The number of the last entry that is not to be told (again)."""
    seen = headers.get(LAST_SEEN)
    if seen is not None:
        if not seen.isdecimal():
            raise UsageError(f"{LAST_SEEN}: {seen!r} is no number of an entry")
        return int(seen)
    return int(given["since"]) - 1 if "since" in given else latest


def _told(
    cloud: Cloud, find: Find, after: int, limit: int | None, seconds: float
) -> Iterator[bytes]:
    """Events as they come, until there were so many, or so many real seconds are over."""
    begun = spoken = real_seconds()
    left = float("inf") if limit is None else limit
    yield b": follows\n\n"
    while not cloud.closed:
        with cloud.lock:
            cloud.engine.catch_up(cloud.now)
            found = find(after)
            after = max(after, cloud.record.number if cloud.record is not None else 0)
            if cloud.expires_seconds:
                neighbours.use(cloud, 0)
        shown = found if left > len(found) else found[: int(left)]
        left -= len(shown)
        now = real_seconds()
        if shown:
            spoken = now
            yield b"".join(streams.event(each) for each in shown)
        if left <= 0 or now - begun >= seconds:
            return
        if now - spoken >= STILL_SECONDS:
            spoken = now
            yield b": still there\n\n"
        yield b""
