"""The record itself: raw values put down as things happen, bounded; reading makes sense of them.

Nothing is rendered, masked or copied while a request is answered. Queues, each of at most
`journal_max`: requests with their answers, steps of transitions with the faults that fired, and
notifications where they are asked for.
Snapshots taken now and then let the past be replayed (past.py).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import takewhile
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.wire.request import Context, Credentials, Request, Response
from emulator.wire.upload import MEMORY_BYTES

if TYPE_CHECKING:
    from emulator.cloud import Cloud
    from emulator.wire.operation import Operation
    from emulator.wire.service import Service
    from emulator.wire.versioned import Version

READS = ("GET", "HEAD")
BYTES_MAX = 64 * 1024 * 1024  # of bodies kept, whatever the number of requests
SNAPSHOT_BYTES_MAX = 32 * 1024 * 1024  # a cloud that is larger is not kept to be replayed
OWN = "/_emulator/journal"  # who reads the journal is not in it

Begun = tuple[int, float, float, float | None, int, int]
"""What is known when a request begins: number, virtual, wall and CPU time, the counters of ids."""


class Refusal(NamedTuple):
    """Why a request was refused: the name of the error, the kind of reason, words and values."""

    error: str
    reason: str
    message: str
    facts: Mapping[str, Any]


class Heard(NamedTuple):
    """One request and its answer. `body` is the answer's, where it is not only of a reading.

    `moment` is virtual, and so is what `passed` until the answer; `came` is on a wall clock that
    begins somewhere, `wall` and `cpu` (of what is no GET) are how long it took; `entities` and
    `requests` are the counters of ids before it.
    """

    number: int
    moment: float
    passed: float
    came: float
    wall: float
    cpu: float | None
    request: Request
    status: int
    headers: list[tuple[str, str]]
    body: bytes | None
    size: int
    service: str
    operation: Operation | None
    query: dict[str, list[str]]
    version: Version | None
    who: Credentials
    request_id: str
    global_request_id: str | None
    refusal: Refusal | None
    entities: int
    requests: int
    weight: int


class Moved(NamedTuple):
    """One moment of a transition: a step entered or failed, all finished; a fault that fired."""

    number: int
    moment: float
    what: str
    kind: str
    entity: str
    transition: str
    step: int
    state: str | None
    message: str


class Published(NamedTuple):
    """One notification, as a service would publish it on a message queue; of which server."""

    number: int
    moment: float
    entity: str
    message: Mapping[str, Any]


class Record:
    """What one cloud keeps of itself in memory. `begun` is the cloud as it was at the beginning."""

    def __init__(self, size: int, begun: bytes | None) -> None:
        self.size = size
        self.requests: deque[tuple[Any, ...]] = deque()
        self.steps: deque[tuple[Any, ...]] = deque(maxlen=size)
        self.notifications: deque[tuple[Any, ...]] = deque(maxlen=size)
        self.begun = begun
        self.snapshots: list[tuple[int, bytes]] = [] if begun is None else [(0, begun)]
        self.number = 0  # of the latest entry
        self.forgotten = 0  # requests that had to make room
        self.lost = 0  # the number of the latest of them
        self._bytes = 0
        self._unkept = size // 2 if begun is not None else 0  # requests before the next snapshot

    # While a request is answered

    def begin(self, ctx: Context) -> Begun:
        """Take note that a request has come."""
        self._unkept -= 1
        if self._unkept < 0:
            self._keep(ctx.cloud)
        self.number += 1
        ids = ctx.ids
        # Reading the CPU's clock takes as long as the rest of this: a GET is spared it.
        cpu = None if ctx.request.method == "GET" else thread_time()
        return self.number, ctx.now, perf_counter(), cpu, ids.entities, ids.requests

    def end(self, ctx: Context, service: Service, begun: Begun, response: Response) -> None:
        """Put a request down with its answer; what its transaction undid has not happened."""
        number, moment, wall, cpu, entities, requests = begun
        request, operation = ctx.request, ctx.operation
        refusal = None
        if ctx.error is not None:
            refusal = _refusal(ctx.error)
            if not ctx.error.keeps_changes:
                self._undo(number)
        reading = request.method in READS
        if service.outside and (reading or request.path.startswith(OWN)):
            return
        if operation is None:
            operation = _asked_for(ctx, service)
        body = response.body
        size = len(body)
        # A copy, as orjson's bytes hold a block of four KiB however few they are.
        kept = None if reading and refusal is None else bytes(memoryview(body))
        weight = _weight(request, kept)
        self.requests.append(
            (
                number, moment, ctx.now - moment, wall, perf_counter() - wall,
                None if cpu is None else thread_time() - cpu,
                request, response.status, response.headers, kept, size,
                service.name, operation, ctx.query,
                ctx.version if ctx.version_known else None, ctx.credentials,
                ctx.request_id, ctx.global_request_id, refusal, entities, requests, weight,
            )
        )  # fmt: skip
        self._bytes += weight
        if len(self.requests) > self.size or self._bytes > BYTES_MAX:
            self._make_room()
        if request.upload is not None and request.upload.size > MEMORY_BYTES:
            self._unkept = 0  # its data cannot be sent again

    def watch(
        self,
        moment: float,
        what: str,
        kind: str,
        entity: str,
        transition: str,
        step: int,
        state: str | None,
        message: str,
    ) -> None:
        """Put down what the engine tells; that a step ended shows in what comes after it."""
        if what == "ended":
            return
        self.number += 1
        self.steps.append(
            (self.number, moment, what, kind, entity, transition, step, state, message)
        )

    def publish(self, moment: float, entity: str, message: Mapping[str, Any]) -> None:
        """Put down a notification."""
        self.number += 1
        self.notifications.append((self.number, moment, entity, message))

    def _undo(self, number: int) -> None:
        for kept in (self.steps, self.notifications):
            while kept and kept[-1][0] > number:
                kept.pop()

    # Bounds

    def _make_room(self) -> None:
        while len(self.requests) > self.size or (
            self._bytes > BYTES_MAX and len(self.requests) > 1
        ):
            oldest = self.requests.popleft()
            self._bytes -= oldest[-1]
            self.forgotten += 1
            self.lost = oldest[0]
        while self.snapshots and self.snapshots[0][0] < self.lost:
            del self.snapshots[0]

    def _keep(self, cloud: Cloud) -> None:
        """Take a snapshot, so that what is from here on can be replayed when the rest is gone."""
        self._unkept = self.size // 2
        content = self._content(cloud)
        if content is None:
            self.snapshots.clear()
        else:
            self.snapshots.append((self.number, content))
            self.begun = self.begun or content

    def _content(self, cloud: Cloud) -> bytes | None:
        return None if cloud.database.size() > SNAPSHOT_BYTES_MAX else cloud.snapshot()

    def restored(self, content: bytes) -> None:
        """The cloud became another one: what follows is replayed from there."""
        self.number += 1
        self.snapshots.append((self.number, content))

    def clear(self, cloud: Cloud) -> None:
        """Forget everything; the cloud as it is now is the beginning."""
        self.requests.clear()
        self.steps.clear()
        self.notifications.clear()
        self.forgotten = self._bytes = 0
        self._unkept = self.size // 2
        self.begun = self._content(cloud)
        self.snapshots = [] if self.begun is None else [(self.number, self.begun)]

    # Reading

    def heard(self, after: int = 0) -> list[Heard]:
        """Return every request, or those after a number, in the order in which they came."""
        found: list[Heard] = [Heard._make(each) for each in _after(self.requests, after)]
        return sorted(found, key=lambda each: each.number)

    def moved(self, after: int = 0) -> list[Moved]:
        """Return every step and fault, or those after a number, in order."""
        found = [Moved._make(each) for each in _after(self.steps, after)]
        found.reverse()
        return found

    def published(self, after: int = 0) -> list[Published]:
        """Return every notification, or those after a number, in order."""
        found = [Published._make(each) for each in _after(self.notifications, after)]
        found.reverse()
        return found


def _after(kept: deque[tuple[Any, ...]], number: int) -> Iterator[tuple[Any, ...]]:
    """What comes after a number, the latest first: followers look at the end of a long queue."""
    return takewhile(lambda each: each[0] > number, reversed(kept))


def _asked_for(ctx: Context, service: Service) -> Operation | None:
    """The operation of a request that was refused, or lost, before anybody looked for it."""
    node, _ = service.paths.find(ctx.path)
    rows = node.methods.get(ctx.request.method, ()) if node is not None else ()
    return rows[0] if rows else None


def _refusal(error: Any) -> Refusal:
    """What is kept of an error: not itself, which holds on to all that was going on."""
    facts = {key: value for key, value in error.facts.items() if key != "exception"}
    return Refusal(type(error).__name__, error.reason, error.message, facts)


def _weight(request: Request, body: bytes | None) -> int:
    """How many bytes are kept with a request; large uploads are files, which are not."""
    weight = len(request.body) + len(body or b"")
    if request.upload is not None and request.upload.size <= MEMORY_BYTES:
        weight += request.upload.size
    return weight
