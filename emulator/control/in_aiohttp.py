"""aiohttp without sockets: client and server speak HTTP with each other within one loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from emulator import server
from emulator.control import in_process, neighbours

if TYPE_CHECKING:
    from emulator.cloud import Cloud


class InProcess(aiohttp.TCPConnector):
    """Connects to a cloud of this process where its URL is asked, else as ever."""

    def __init__(self, cloud: Cloud, **options: Any) -> None:
        super().__init__(**options)
        self._place = urlsplit(in_process.url(cloud)).netloc
        log = logging.getLogger("emulator.http")
        self._server = web.Server(server.handler(_finder(cloud)), access_log=None, logger=log)

    async def _create_connection(self, req: Any, *how: Any) -> Any:
        if req.url.raw_authority != self._place:
            return await super()._create_connection(req, *how)
        return connect(self._loop, self._factory(), self._server())


def _finder(cloud: Cloud) -> neighbours.Find:
    """What finds a cloud, and those below it, at the paths that its URL has."""
    if not cloud.is_served:
        return neighbours.finder(cloud)
    top = cloud
    while top.parent is not None:
        top = top.parent
    return {top.name: top}.get


def connect(
    loop: asyncio.AbstractEventLoop, client: asyncio.Protocol, served: asyncio.Protocol
) -> asyncio.Protocol:
    """Connect two protocols of a loop with each other; return the client's."""
    near, far = End(loop, client), End(loop, served)
    near.other, far.other = far, near
    served.connection_made(far)
    client.connection_made(near)
    return client


class End(asyncio.Transport):
    """One end of a connection: what is written here arrives at the protocol of the other end."""

    other: End

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: asyncio.Protocol) -> None:
        super().__init__({"peername": (in_process.HOST, 0), "sockname": (in_process.HOST, 0)})
        self._loop = loop
        self._protocol = protocol
        self._closing = False
        self._paused = False
        self._waiting: list[bytes] = []  # what came while nobody wanted to read

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send data to the other end."""
        if not self._closing:
            self._loop.call_soon(self.other.arrive, bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Send several pieces of data."""
        self.write(b"".join(list_of_data))

    def arrive(self, data: bytes) -> None:
        """Let the protocol have data, when it wants it; b"" is the end of it."""
        if self._paused:
            self._waiting.append(data)
        elif data:
            self._protocol.data_received(data)
        elif not self._closing:
            self._protocol.eof_received()
            self.close()

    def pause_reading(self) -> None:
        """Keep what comes for later."""
        self._paused = True

    def resume_reading(self) -> None:
        """Give what was kept."""
        self._paused = False
        waiting, self._waiting = self._waiting, []
        for data in waiting:
            self.arrive(data)

    def is_reading(self) -> bool:
        """Whether data is given as it comes."""
        return not self._paused and not self._closing

    def close(self) -> None:
        """Close the connection when all is sent."""
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self.other.arrive, b"")
            self._loop.call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        """Cut the connection."""
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._protocol.connection_lost, None)
            self._loop.call_soon(self.other.cut)

    def cut(self) -> None:
        """The other end cut the connection."""
        if not self._closing:
            self._closing = True
            self._protocol.connection_lost(ConnectionResetError("Connection reset by peer"))

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._closing

    def get_write_buffer_size(self) -> int:
        """Nothing waits here to be sent."""
        return 0

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Give what comes to another protocol."""
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol."""
        return self._protocol
