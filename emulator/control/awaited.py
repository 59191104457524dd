"""A cloud whose words are awaited, for tests and programs that run in an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from emulator.control import faces, streams
from emulator.control.remote import RemoteCloud
from emulator.journal.selection import Requests
from emulator.seeding import doors

if TYPE_CHECKING:
    from emulator.cloud import Cloud
    from emulator.control.ran import Ran


class AsyncCloud(faces.Nouns):
    """A cloud of this process, or a running one, in the words of Cloud; each word is awaited.

        async with AsyncCloud(clock="manual") as cloud:
            await cloud.settle()
            async for event in cloud.follow(kind="step"): …

    The loop goes on while a word is done. `cloud` is the Cloud or the RemoteCloud that it speaks
    to: given, or made of settings when the block is entered, and closed at its end.
    """

    def __init__(self, cloud: Cloud | RemoteCloud | None = None, **settings: Any) -> None:
        self._cloud = cloud
        self._settings = settings

    async def __aenter__(self) -> Self:
        """Make the cloud, where it is not there, and serve it on loopback."""
        if self._cloud is None:
            from emulator.cloud import Cloud

            self._cloud = await asyncio.to_thread(Cloud, **self._settings)
        await asyncio.to_thread(self._cloud.__enter__)
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Close the cloud."""
        await asyncio.to_thread(self.cloud.__exit__, *exception)

    @property
    def cloud(self) -> Cloud | RemoteCloud:
        """The cloud itself. RuntimeError before it was made."""
        if self._cloud is None:
            raise RuntimeError("the cloud is not made: use `async with AsyncCloud() as cloud`")
        return self._cloud

    @property
    def url(self) -> str:
        """Where it is served."""
        return self.cloud.url

    def env(self, user: str = "demo", project: str | None = None) -> dict[str, str]:
        """Return the OS_* variables with which clients reach this cloud."""
        return self.cloud.env(user, project)

    async def say(self, name: str, /, *values: Any, **named: Any) -> Any:
        """Say a word: `await say("clock settle")`. UsageError when it cannot be done.

        What comes bit by bit is awaited without a thread that waits: clock wait, and (as a list, so
        it takes a limit or seconds) events follow.
        """
        if name == "clock wait":
            message = faces.find(name).message(*values, **named)
            return doors.checked(*message[:2], 200, await _whole(self.cloud, message[1]))
        if name == "events follow":
            return [each async for each in self.follow(*values, **named)]
        return await asyncio.to_thread(partial(self.cloud.say, name, *values, **named))

    async def follow(self, *values: Any, **named: Any) -> AsyncIterator[dict[str, Any]]:
        """Yield what is asked and done, as it happens; it takes what `events follow` takes."""
        _, path, _ = faces.find("events follow").message(*values, **named)
        rest = b""
        async for chunk in _pieces(self.cloud, path):
            found, rest = streams.parsed(rest + chunk)
            for each in found:
                yield each

    async def wait(self, resource: Any, status: str, seconds: float | None = None) -> bool:
        """Wait until a resource has a status, is in error, or so many real seconds are over.

        Return whether it has the status. The cloud's clock is not moved.
        """
        answer = await self.clock.wait(_named(resource), status, timeout=seconds)
        return bool(answer["reached"])

    async def advance(self, seconds: float) -> Ran:
        """Move the clock forward and do what falls due; return how many steps ran, and which."""
        return await asyncio.to_thread(self.cloud.advance, seconds)

    async def settle(self) -> Ran:
        """Jump from due step to due step until nothing is pending; return what ran."""
        return await asyncio.to_thread(self.cloud.settle)

    async def until(self, resource: Any, status: str) -> Any:
        """Let time pass until a resource has a status; return it as the cloud does."""
        return await asyncio.to_thread(self.cloud.until, _named(resource), status)

    async def snapshot(self, name: str = "") -> str:
        """Keep the cloud as it is now under a name, or s1, s2, …; return the name."""
        return str((await self.snapshots.create(name or None))["snapshot"]["name"])

    async def restore(self, snapshot: str) -> None:
        """Become the cloud that a snapshot holds."""
        await asyncio.to_thread(self.cloud.restore, snapshot)

    async def diff(self, before: str, after: str | None = None) -> dict[str, Any]:
        """Return what changed between two snapshots, by kind of resource; None is now."""
        return await asyncio.to_thread(self.cloud.diff, before, after)

    async def export(self, path: str | Path, snapshot: str | None = None) -> None:
        """Write the cloud into a file that `Cloud.load` and sqlite3 can open."""
        await asyncio.to_thread(self.cloud.export, path, snapshot)

    async def fork(self, name: str = "") -> AsyncCloud:
        """Return a new cloud that goes on from where this one is, served below it."""
        named = (name,) if name else ()
        return AsyncCloud(await asyncio.to_thread(partial(self.cloud.fork, *named)))

    async def at(self, request_id: str) -> AsyncCloud:
        """Return a new cloud as this one was when it had answered a request."""
        return AsyncCloud(await asyncio.to_thread(self.cloud.at, request_id))

    async def requests(self, operation: str = "", **chosen: Any) -> Requests:
        """Return the requests of a kind: `(await cloud.requests("POST /servers")).once()`."""
        return await asyncio.to_thread(partial(self.cloud.requests, operation, **chosen))

    async def why(self, request_id: Any = "last") -> dict[str, Any]:
        """Say what refused a request, or what went wrong with what it began."""
        return await asyncio.to_thread(self.cloud.why, request_id)

    async def assert_clean(self) -> None:
        """Assert that nothing is left that was not there at the beginning."""
        __tracebackhide__ = True
        await asyncio.to_thread(self.cloud.assert_clean)


def _named(resource: Any) -> str:
    return resource if isinstance(resource, str) else str(resource.id)


async def _whole(cloud: Cloud | RemoteCloud, path: str) -> bytes:
    return b"".join([chunk async for chunk in _pieces(cloud, path)])


async def _pieces(cloud: Cloud | RemoteCloud, path: str) -> AsyncIterator[bytes]:
    """An answer of the control API bit by bit. UsageError when it is a refusal."""
    if isinstance(cloud, RemoteCloud):
        async for chunk in _remote_pieces(cloud, path):
            yield chunk
        return
    answer = await asyncio.to_thread(doors.answered, cloud, "GET", path)
    doors.checked("GET", path, answer.status, answer.body)
    for chunk in answer.stream:
        if chunk:
            yield chunk
        else:
            await asyncio.sleep(streams.LOOK_SECONDS)


async def _remote_pieces(cloud: RemoteCloud, path: str) -> AsyncIterator[bytes]:
    import aiohttp

    headers = {"Authorization": f"Bearer {cloud.token}"} if cloud.token else {}
    forever = aiohttp.ClientTimeout(total=None)
    async with (
        aiohttp.ClientSession(headers=headers, timeout=forever) as session,
        session.get(cloud.url + path) as answer,
    ):
        if answer.status >= 400:
            doors.checked("GET", path, answer.status, await answer.read())
        async for chunk in answer.content.iter_any():
            yield chunk
