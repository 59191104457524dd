"""httpx without sockets: a transport, sync and async, that calls a cloud of this process."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import TYPE_CHECKING

import anyio
import httpx

from emulator.control import in_process, streams
from emulator.wire.request import Response

if TYPE_CHECKING:
    from emulator.cloud import Cloud


class InProcess(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends requests to a cloud of this process; what happens on the way is as over HTTP."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        assert isinstance(request.stream, httpx.SyncByteStream)
        reply = self._answer(request, request.stream)
        if reply.trouble is not None:
            threading.Event().wait(_delay(reply))
        return _response(request, reply)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a loop, whose other tasks go on while there is nothing to say."""
        assert isinstance(request.stream, httpx.AsyncByteStream)
        reply = self._answer(request, [chunk async for chunk in request.stream])
        if reply.trouble is not None:
            await anyio.sleep(_delay(reply))
        return _response(request, reply)

    def _answer(self, request: httpx.Request, body: Iterable[bytes]) -> Response:
        address = str(request.url)
        return in_process.answer(self.cloud, request.method, address, request.headers, body)


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes bit by bit."""

    def __init__(self, stream: Iterable[bytes]) -> None:
        self.stream = stream

    def __iter__(self) -> Iterator[bytes]:
        return streams.patient(self.stream)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.stream:
            if chunk:
                yield chunk
            else:
                await anyio.sleep(streams.LOOK_SECONDS)


def _delay(reply: Response) -> float:
    assert reply.trouble is not None
    return reply.trouble.delay_seconds + reply.trouble.spread_seconds


def _response(request: httpx.Request, reply: Response) -> httpx.Response:
    """The answer as httpx has it, or what httpx raises when there is none."""
    trouble = reply.trouble
    if reply.stream is not None and trouble is None:
        return httpx.Response(reply.status, headers=reply.headers, stream=_Body(reply.stream))
    content = reply.body if reply.stream is None else b"".join(streams.patient(reply.stream))
    if trouble is not None and trouble.reset:
        raise httpx.ReadError("Connection reset by peer", request=request)
    cut = trouble.sent_bytes if trouble is not None else None
    if cut is not None and cut < len(content):
        raise httpx.RemoteProtocolError(
            "peer closed connection without sending complete message body", request=request
        )
    return httpx.Response(reply.status, headers=reply.headers, stream=_Body([content]))
