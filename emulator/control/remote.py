"""A cloud that another process serves, with the same words as one's own."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from emulator import access
from emulator.control import faces, neighbours
from emulator.control.ran import Ran
from emulator.seeding import doors

if TYPE_CHECKING:
    from http.client import HTTPConnection


class RemoteCloud(faces.Face):
    """A running cloud by its URL: `RemoteCloud("http://127.0.0.1:8774").clock.advance(60)`.

    `token` is what `serve --control-token` was given. Nothing is asked before the first word; the
    connection is kept for the next one. All calls may come from any thread.
    """

    def __init__(self, url: str, *, token: str = "") -> None:
        # By process: a fork of this one must not speak where this one listens.
        self._kept: dict[int, HTTPConnection] = {}
        self.url = url.rstrip("/")
        self.token = token

    def say(self, name: str, /, *values: Any, **named: Any) -> Any:
        """Say a word: `say("clock advance", seconds=60)`. UsageError when it cannot be done."""
        method, path, body = faces.find(name).message(*values, **named)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        process = os.getpid()
        connection = self._kept.pop(process, None) or doors.connection_to(self.url)
        try:
            answer = doors.through(connection, self.url)(method, path, body, **headers)[1]
        except BaseException:
            connection.close()
            raise
        if self._kept.setdefault(process, connection) is not connection:
            connection.close()  # another thread spoke meanwhile, and one is enough
        return answer

    def env(self, user: str = "demo", project: str | None = None) -> dict[str, str]:
        """Return the OS_* variables with which clients reach this cloud."""
        return access.variables(self.url, user, project or user)

    def advance(self, seconds: float, report_max: int | None = None) -> Ran:
        """Move the clock forward and do what falls due; return how many steps ran, and which."""
        return Ran.of(self.clock.advance(seconds, report_max))

    def settle(self, steps_max: int | None = None, report_max: int | None = None) -> Ran:
        """Jump from due step to due step until nothing is pending; return what ran."""
        return Ran.of(self.clock.settle(steps_max, report_max))

    def until(self, resource: Any, status: str) -> Any:
        """Let time pass until a resource has a status; return what it is then."""
        which = resource if isinstance(resource, str) else str(resource.id)
        return self.clock.until(which, status)["resource"]

    def snapshot(self, name: str = "") -> str:
        """Keep the cloud as it is now under a name, or s1, s2, …; return the name."""
        return str(self.snapshots.create(name or None)["snapshot"]["name"])

    def restore(self, snapshot: str) -> None:
        """Become the cloud that a snapshot holds."""
        self.snapshots.restore(snapshot)

    def diff(self, before: str, after: str | None = None) -> dict[str, Any]:
        """Return what changed between two snapshots, by kind of resource; None is now."""
        told: dict[str, Any] = self.snapshots.diff(before, after)["diff"]
        return told

    def export(self, path: str | Path, snapshot: str | None = None) -> None:
        """Write the cloud into a file of this machine that `Cloud.load` and sqlite3 can open."""
        _, place, _ = faces.find("snapshots export").message(snapshot)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        doors.download(self.url, place, path, **headers)

    def fork(self, name: str | None = None, expires_seconds: float | None = None) -> RemoteCloud:
        """Return a new cloud that goes on from where this one is, below it."""
        made = self.clouds.fork(name, expires_seconds)["cloud"]
        return RemoteCloud(f"{self.url}{neighbours.PREFIX}{made['name']}", token=self.token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the connection that was kept; a later word opens another."""
        while self._kept:
            self._kept.popitem()[1].close()

    def __del__(self) -> None:
        """Close it quietly where nobody has: Python warns of sockets left open."""
        self.__exit__()

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it be pickled, for another process: a connection of its own is opened there."""
        return partial(RemoteCloud, token=self.token), (self.url,)

    def at(self, request_id: str) -> RemoteCloud:
        """Return the cloud as it was when it had answered a request: a new one beside it."""
        made = self.say("journal at", request_id)
        return RemoteCloud(made["cloud"]["url"], token=self.token)
