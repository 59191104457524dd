"""The cloud as it was: its past, played again from a snapshot with the requests that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import UsageError
from emulator.journal.record import Heard, Record
from emulator.simulation.clock import VirtualClock
from emulator.wire.upload import MEMORY_BYTES

if TYPE_CHECKING:
    from emulator.cloud import Cloud

# Words that steer the time, or are about other clouds: the moments of the requests tell the first.
NOT_AGAIN = ("/_emulator/clock", "/_emulator/clouds", "/_emulator/snapshots")


def at(cloud: Cloud, request_id: str) -> Cloud:
    """Return a new cloud as this one was when it had answered a request; its clock stands still.

    UsageError when the request is not known, lies before what is kept, or cannot be played again.
    """
    record = kept(cloud)
    heard = record.heard()
    wanted = find(heard, request_id)
    number, content = _start(record, wanted)
    again = [each for each in heard if number < each.number <= wanted.number]
    for each in again:
        if each.request.upload is not None and each.request.upload.size > MEMORY_BYTES:
            raise UsageError(
                f"{each.request_id} brought {each.request.upload.size} bytes of data, "
                "which are not kept to be sent again"
            )
    then = type(cloud)(cloud.settings, db="", clock="manual", content=content)
    then.skip_on_poll = False  # the moments tell where the time was
    try:
        for each in again:
            _play(then, each)
    except BaseException:
        then.close()
        raise
    return then


def kept(cloud: Cloud) -> Record:
    """Return the cloud's record. UsageError when it keeps none."""
    if cloud.record is None:
        raise UsageError("the cloud keeps no journal: its setting journal_max is 0")
    return cloud.record


def find(heard: list[Heard], request_id: str) -> Heard:
    """Return the request of an id (the client's own, global one too) or of a number in the journal.

    "last" is the latest.

    UsageError when there is none.
    """
    if request_id == "last" and heard:
        return heard[-1]
    ids = ((each.request_id, each.global_request_id, str(each.number)) for each in heard)
    found = [number for number, own in enumerate(ids) if request_id and request_id in own]
    if found:
        return heard[found[-1]]
    raise UsageError(f"the journal has no request {request_id!r}")


def _start(record: Record, wanted: Heard) -> tuple[int, bytes]:
    """The latest snapshot before a request."""
    for number, content in reversed(record.snapshots):
        if record.lost <= number < wanted.number:
            return number, content
    raise UsageError(f"{wanted.request_id} lies before what the journal can play again")


def _play(then: Cloud, heard: Heard) -> None:
    """Let what was due happen, then ask the same again at the same moment."""
    if heard.request.path.startswith(NOT_AGAIN):
        return
    then.virtual_clock = VirtualClock("manual", base=heard.moment)
    then.engine.catch_up(heard.moment)
    then.ids.entities, then.ids.requests = heard.entities, heard.requests
    answer = then.handle(heard.request)
    if answer.status != heard.status:
        raise UsageError(
            f"the past cannot be played again: {heard.request.method} {heard.request.path} "
            f"({heard.request_id}) was answered with {heard.status}, and now with {answer.status}"
        )
