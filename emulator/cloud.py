"""The composition root: store, clock, engine and services make a cloud."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self

import orjson

from emulator import releases
from emulator.compute import cells, listeners, rate_limits
from emulator.config import Settings
from emulator.control import (
    copies,
    faces,
    injection,
    lifecycles,
    neighbours,
    polling,
    publishing,
    snapshots,
    waiting,
    wire_faults,
)
from emulator.control.ran import REPORT_MAX, Ran, reporting
from emulator.control.replicas import Replicas
from emulator.control.resources import Resource
from emulator.control.served import Served
from emulator.errors import UsageError
from emulator.identity import tokens
from emulator.ids import Ids
from emulator.journal.record import Record
from emulator.services import BY_MOUNT, BY_NAME, MACHINES, SERVICES, TABLES
from emulator.signals import Signals
from emulator.simulation import rules
from emulator.simulation.clock import VirtualClock
from emulator.simulation.engine import Engine
from emulator.store import cloud_state, files, migrations
from emulator.store.database import Database
from emulator.wire import outside
from emulator.wire.dispatch import announce, dispatch, encode
from emulator.wire.enforcers import enforcers
from emulator.wire.request import Context, Credentials, Request, Response
from emulator.wire.service import Service
from emulator.wire.upload import Upload
from emulator.yamlfiles import Names

UNTIL_SECONDS_MAX = 86400.0  # of the virtual clock
CRASH_GAP = (
    1_000_000  # request ids skipped when a file was not closed: those may have been given out
)


class Cloud(Served, faces.Face):
    """One emulated deployment: a store, a clock, an engine; share-nothing with every other.

    Settings are given as keywords (`Cloud(fixture="devstack", clock="manual", seed=7)`) or as a
    `Settings`. As a context manager it is served on loopback: `with Cloud() as cloud: cloud.url`.
    `content` is a snapshot to begin as, `going_on` with the clock it has; without it an empty
    store is filled from the fixture.
    All calls may come from any thread.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        name: str = "",
        content: bytes | None = None,
        going_on: bool = False,
        **changes: Any,
    ) -> None:
        self.settings = replace(settings or Settings(), **changes)
        self.name = name
        self.lock = threading.RLock()
        self.services = BY_NAME
        self.signals = Signals()
        self.signals.connect("server_uses_attachment", listeners.uses_attachment)
        self.signals.connect("volume_extended", listeners.volume_extended)
        self.signals.connect("guest_port", lambda port: True)  # the server may listen
        self.proxy_ports: dict[str, int] = {}  # of consoles, where they are not the usual ones
        self.series = releases.find(self.settings.release)
        self.enforcers = enforcers(SERVICES, self.settings, self.series.name)
        self._data_folder: Path | None = None
        self._remove_data: Callable[[], object] = lambda: None
        self.database = Database(self.settings.db)
        begins = self.database.is_empty() and content is None
        if self.database.is_empty():
            from emulator.seeding.templates import template

            content = template(self.settings) if content is None else content
            self.database.restore(content)
            if not going_on:
                self._start_clock()
        else:
            migrations.apply(self.database, TABLES)
        kept = self.settings.journal_max
        self.record = Record(kept, content) if kept else None
        self.neighbours: dict[str, Cloud] = {}  # below this one, by name
        self.closed = False
        self.expiring = False  # some below this one go when they are idle
        self.expires_seconds = 0.0  # of idleness; 0 is never
        self.used_at, self.in_use = 0.0, 0  # in real seconds; requests being answered
        self.kept: dict[str, copies.Kept] = {}  # snapshots by name
        self.keeps_files = False  # a snapshot may need large image data that is deleted
        self._load_state()
        if begins and self.settings.lifecycles:
            lifecycles.check_settings(self.context())
        if begins and self.settings.timeline:
            self.timeline.load(file=self.settings.timeline)

    # State

    def _start_clock(self) -> None:
        """Give a new cloud its clock."""
        settings = self.settings
        base = settings.clock_start if settings.clock == "manual" else None
        self.virtual_clock = VirtualClock(settings.clock, settings.rate, base=base)
        self.skip_on_poll = settings.skip_on_poll
        self._keep_state(unclosed=False)

    def _load_state(self) -> None:
        """Take seed, counters and clock from the store: they are the cloud's, not the process's."""
        state = cloud_state.read(self.database)
        self.virtual_clock = VirtualClock(
            state["clock.mode"],
            float(state["clock.rate"]),
            base=float(state["clock.base"]),
            anchor=float(state["clock.anchor"]),
        )
        gap = CRASH_GAP if state["unclosed"] == "1" else 0
        self.ids = Ids(
            int(state["seed"]),
            entities=int(state["ids.entities"]),
            requests=int(state["ids.requests"]) + gap,
        )
        self._kept_entities = self.ids.entities
        self.given_stages = rules.given(self.settings.durations, self.settings.lifecycles, MACHINES)
        self.engine = Engine(
            self.database,
            MACHINES,
            partial(Context, self),
            seed=self.ids.seed,
            profile=self.settings.durations,
            stages=[stage for _, _, stage in self.given_stages],
        )
        if self.record is not None:
            publishes = self.settings.notifications
            self.engine.watch = publishing.watch(self) if publishes else self.record.watch
        self.token_cache: dict[str, Credentials] = {}
        self.skip_on_poll = state.get("clock.skip_on_poll", "0") == "1"
        self.polled: polling.Polled = {}
        self.wire_faulty = False
        self.replicas: Replicas | None = None
        wire_faults.take_note(self)
        series = releases.find(state.get("release") or self.settings.release)
        self._be_of(series, json.loads(state.get("versions", "{}")))
        given = rate_limits.are_given(self.database)
        self.rate_limited = given or bool(self.settings.rate_limits)
        self.down_hosts = cells.down_hosts(self.database)
        if self.settings.db:
            self._keep_state(unclosed=True)

    def _keep_state(self, *, unclosed: bool) -> None:
        ids: Ids = getattr(self, "ids", Ids(self.settings.seed))
        known = cloud_state.read(self.database)
        state = {
            "seed": str(ids.seed),
            "ids.entities": known.get("ids.entities", "0"),
            "ids.requests": known.get("ids.requests", "0"),
            "clock.mode": self.virtual_clock.mode,
            "clock.rate": repr(self.virtual_clock.rate),
            "clock.base": repr(self.virtual_clock.base),
            "clock.anchor": repr(self.virtual_clock.anchor),
            "clock.skip_on_poll": "1" if self.skip_on_poll else "0",
            "unclosed": "1" if unclosed else "0",
        }
        if hasattr(self, "ids"):
            state["ids.entities"] = str(ids.entities)
            state["ids.requests"] = str(ids.requests)
        cloud_state.write(self.database, state)

    @staticmethod
    def _versions(
        release: releases.Series, lower: Mapping[str, Sequence[int]]
    ) -> dict[str, tuple[int, int]]:
        """The newest version of each service: that of the release unless set lower."""
        versions = {name: getattr(release, name) for name in releases.SERVICES}
        return versions | {name: (major, minor) for name, (major, minor) in lower.items()}

    def _be_of(self, release: releases.Series, lower: Mapping[str, Sequence[int]]) -> None:
        """Speak the versions of a release, or lower ones, and have its policies."""
        self.newest = self._versions(release, lower)
        if release is not self.series:
            self.series = release
            self.enforcers = enforcers(SERVICES, self.settings, release.name)
            self.token_cache.clear()  # which remembers what the rules said

    def set_release(
        self, release: releases.Series, lower: Mapping[str, tuple[int, int]] | None = None
    ) -> None:
        """Become a cloud of a release; `lower` are versions that services speak at most."""
        with self.lock:
            kept = {"release": release.name, "versions": json.dumps(lower or {})}
            cloud_state.write(self.database, kept)
            self._be_of(release, lower or {})

    def remember_names(self, names: Names) -> None:
        """Store what the fixture made under which name."""
        rows = [[kind, name, id] for (kind, name), id in names.items()]
        cloud_state.write(self.database, {"names": encode(rows).decode()})

    @property
    def names(self) -> Names:
        """What the fixture made: cloud.names["flavor", "m1.nano"] is its id."""
        rows = orjson.loads(cloud_state.read(self.database).get("names", "[]"))
        return Names({(kind, name): id for kind, name, id in rows})

    def keep_counters(self) -> None:
        """Store the id counters, inside the transaction that used them."""
        ids = self.ids
        if ids.entities != self._kept_entities:
            self._kept_entities = ids.entities
            cloud_state.write_counters(self.database, ids.entities, ids.requests)

    def snapshot(self) -> bytes:
        """Return the whole cloud as the bytes of one SQLite file."""
        with self.lock:
            self._keep_state(unclosed=False)
            content = self.database.serialize()
            if self.settings.db:
                self._keep_state(unclosed=True)
            return content

    def restore(self, snapshot: bytes | str) -> None:
        """Become the cloud that a snapshot holds: one with a name, or the bytes of one."""
        with self.lock:
            content = copies.content_of(self, snapshot)
            self.database.restore(content)
            self._load_state()
            if self.record is not None:
                self.record.restored(content)

    def fork(self, name: str = "", **changes: Any) -> Cloud:
        """Return a new cloud that goes on from where this one is, served below it."""
        return copies.fork(self, name, changes=changes)

    def diff(self, before: bytes | str, after: bytes | str | None = None) -> dict[str, Any]:
        """Return what changed between two snapshots, by kind of resource; None is now."""
        return copies.diff(self, before, after)

    def export(self, path: str | Path, snapshot: bytes | str | None = None) -> None:
        """Write the cloud into a file that `Cloud.load` and sqlite3 can open."""
        copies.write(copies.carried(self, snapshot), path)

    @classmethod
    def load(cls, path: str | Path, **settings: Any) -> Self:
        """Return the cloud that a file carries; it goes on from there. UsageError if it cannot."""
        content = files.checked(copies.read(path), TABLES, str(path))
        return cls(content=content, going_on=True, **settings)

    # Requests

    def handle(self, request: Request) -> Response:
        """Answer one request; everything that is due happens before."""
        with self.lock:
            if self.skip_on_poll:
                polling.skip(self, request)
            now = self.virtual_clock.now()
            if self.engine.next_due <= now:
                self.engine.catch_up(now)
            service, ctx = self._addressed(request, now)
            if service is None:
                return outside.answer(request, SERVICES)
            if self.record is None:
                return self._answer(ctx, service)
            begun = self.record.begin(ctx)
            response = self._answer(ctx, service)
            self.record.end(ctx, service, begun, response)
            return response

    def _answer(self, ctx: Context, service: Service) -> Response:
        """Answer one request, as a fault of the wire has it where there is one."""
        if self.wire_faulty and not service.outside:
            return injection.answer(self, ctx, service)
        return dispatch(ctx, service)

    def _addressed(self, request: Request, now: float) -> tuple[Service | None, Context]:
        """The service that a request is for, and the context it begins with."""
        mount, slash, rest = request.path[1:].partition("/")
        service = BY_MOUNT.get(mount)
        ctx = Context(self, now, request)
        if service is not None:
            ctx.mount = "" if request.native else service.mount
            ctx.path = service.read_path(slash + rest)
        return service, ctx

    def announce(self, request: Request, *, beginning: bool) -> bool:
        """Tell the operation of a request that its data is on its way, or broke off."""
        with self.lock:
            service, ctx = self._addressed(request, self.virtual_clock.now())
            if service is None or service.outside:
                return False
            return announce(ctx, service, beginning=beginning)

    def expects(self, request: Request) -> tuple[bool, float]:
        """Say whether the body of a request is data to be streamed, and how long it may be."""
        method = request.method
        mount, slash, rest = request.path[1:].partition("/")
        service = BY_MOUNT.get(mount)
        if service is None:
            return False, Service.body_bytes_max
        node, _ = service.paths.find(service.read_path(slash + rest))
        rows = node.methods.get(method, ()) if node is not None else ()
        if service.outside and service.read_path(slash + rest) == snapshots.IMPORT_PATH:
            return snapshots.is_data(request), self.settings.import_bytes_max
        if any(row.upload for row in rows):
            return True, float("inf")
        return False, service.body_bytes_max

    def new_upload(self) -> Upload:
        """Return an empty upload, for data that a request brings; the request's end closes it."""
        return Upload(self.data_folder)

    def data_folder(self) -> Path:
        """Return the folder for what is too large for the store."""
        if self._data_folder is None:
            self._data_folder, self._remove_data = copies.open_folder(self)
        return self._data_folder

    def credentials(self, ctx: Context, token: str) -> Credentials | None:
        """Return who a token stands for, None when it is not valid now."""
        return tokens.credentials(ctx, token)

    def context(self, credentials: Credentials | None = None) -> Context:
        """Return a context of the emulator's own at this moment, for seeding and control."""
        ctx = Context(self, self.virtual_clock.now())
        if credentials is not None:
            ctx.credentials = credentials
        return ctx

    # Time

    def advance(self, seconds: float, report_max: int = REPORT_MAX) -> Ran:
        """Move the clock forward and do what falls due; return how many steps ran, and which."""
        with self.lock, reporting(self.engine, report_max) as report:
            now = self.virtual_clock.advance(seconds)
            steps = self.engine.catch_up(now)
            self._keep_state(unclosed=bool(self.settings.db))
            return report.ran(steps)

    def settle(self, steps_max: int | None = None, report_max: int = REPORT_MAX) -> Ran:
        """Jump from due step to due step until nothing is under way; return what ran.

        A timeline goes on only as far as it is passed on the way. UsageError when so many steps
        (`settle_steps_max` of the settings) were not enough.
        """
        most = self.settings.settle_steps_max if steps_max is None else steps_max
        with self.lock, reporting(self.engine, report_max) as report:
            steps = 0
            while self.engine.next_work() < float("inf"):
                steps += self.to_next_step()
                if steps > most:
                    raise UsageError(f"the cloud is not quiet after {steps} steps")
            self._keep_state(unclosed=bool(self.settings.db))
            return report.ran(steps)

    def to_next_step(self) -> int:
        """Jump to where a step is due, and do all that is due then; return how many steps ran."""
        with self.lock:
            now = self.virtual_clock.now()
            if self.engine.next_due > now:
                now = self.virtual_clock.advance(self.engine.next_due - now)
            return self.engine.catch_up(max(now, self.engine.next_due))

    def until(
        self,
        resource: Any,
        status: str,
        kind: str | None = None,
        seconds_max: float = UNTIL_SECONDS_MAX,
        report_max: int = REPORT_MAX,
    ) -> Resource:
        """Let time pass until a resource has a status: `cloud.until(server, "ACTIVE")`.

        `resource` is an id, a name, or what has an `id`. UsageError when it cannot get there.
        What is returned says what ran until then (`ran`).
        """
        with self.lock, reporting(self.engine, report_max) as report:
            which = resource if isinstance(resource, str) else str(resource.id)
            found, steps = waiting.until(self, which, status, kind, seconds_max)
            self._keep_state(unclosed=bool(self.settings.db))
            return replace(found, ran=report.ran(steps))

    def set_clock(
        self,
        mode: str | None = None,
        rate: float | None = None,
        skip_on_poll: bool | None = None,
    ) -> None:
        """Let the clock run differently from now on; None leaves a thing as it is."""
        with self.lock:
            self.virtual_clock.change(mode, rate)
            if skip_on_poll is not None:
                self.skip_on_poll = skip_on_poll
            self._keep_state(unclosed=bool(self.settings.db))

    def at(self, request_id: str) -> Cloud:
        """Return a new cloud as this one was when it had answered a request; its clock stands.

        UsageError when the request is not known, or lies before what the journal can play again.
        """
        from emulator.journal import past

        with self.lock:
            return past.at(self, request_id)

    # Being told

    @property
    def now(self) -> float:
        """The virtual time, in seconds since 1970."""
        return self.virtual_clock.now()

    def say(self, name: str, /, *values: Any, **named: Any) -> Any:
        """Say a word of the control API: `say("clock advance", 60)` is `cloud.clock.advance(60)`.

        UsageError says in one sentence what cannot be done.
        """
        from emulator.seeding import doors

        method, path, body = faces.find(name).message(*values, **named)
        return doors.through_cloud(self)(method, path, body)[1]

    # Its end

    def close(self) -> None:
        """Stop serving the cloud and close its store."""
        neighbours.part(self)
        with self.lock:
            self.closed = True
            if self._loopback is not None:
                self._loopback.remove(self)
                self._loopback = None
            if self.settings.db:
                self._keep_state(unclosed=False)
                if self.keeps_files:
                    copies.forget_unused(self)
            self.database.close()
            self._remove_data()
