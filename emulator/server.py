"""The aiohttp shell: one handler takes all. Nothing behind it awaits.

It stands on aiohttp's low-level server: an Application's router would be asked about every
request, and has nothing to say about any.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import logging
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.http_exceptions import PayloadEncodingError
from multidict import CIMultiDict

from emulator.cloud import Cloud
from emulator.compute.servers import screens
from emulator.compute.servers.consoles import ACCESS, GUEST_ADDRESS, open_ports
from emulator.compute.servers.spice import Conversation
from emulator.config import Settings
from emulator.control import neighbours, streams
from emulator.control.neighbours import Find
from emulator.errors import UsageError
from emulator.services import BY_MOUNT, SERVICES
from emulator.wire.request import Request, Response, Trouble
from emulator.wire.upload import CHUNK_BYTES, Upload

SHUTDOWN_SECONDS = 2.0
TRICKLES = 20  # pieces of a slow body
BROKEN_BODY = (web.RequestPayloadError, PayloadEncodingError, ConnectionError)

log = logging.getLogger("emulator")

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def handler(find: Find, native_mount: str = "") -> Handler:
    """Return what answers a request. With `native_mount` it is on that service's own port.

    What begins with no mount is then that service's: /v2.1 on Compute's port is /compute/v2.1.
    """

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        url = request.rel_url
        cloud, root, path = neighbours.reach(find, url.raw_path)
        if cloud is None:
            name = root.rpartition("/")[2]
            return _refusal(404, f"There is no cloud {name!r} here.")
        native = bool(native_mount) and not _has_mount(path)
        asked = Request(
            request.method,
            native_mount + path if native else path,
            url.raw_query_string,
            request.headers,
            origin=f"http://{request.headers.get('Host') or _own_address(request)}",
            root=root,
            native=native,
        )
        response: Response | None = None
        if cloud.expires_seconds:
            neighbours.use(cloud, 1)
        try:
            if request.body_exists:
                if "Expect" in request.headers:
                    await _meet(request)
                await _read_body(request, asked, cloud)
            response = cloud.handle(asked)
        except web.HTTPExpectationFailed:
            return _refusal(417, "Only 100-continue can be expected.")
        except BROKEN_BODY as problem:
            log.debug("%s %s: the body broke off: %r", request.method, path, problem)
            return _refusal(400, "The body of the request cannot be read.")
        except Exception:
            log.exception("%s %s: unexpected", request.method, path)
            return _refusal(500, "The emulator failed; its log says how.")
        finally:
            if cloud.expires_seconds:
                neighbours.use(cloud, -1)
            if asked.upload is not None:
                asked.upload.close()
            if asked.announced and (response is None or response.status >= 400):
                cloud.announce(asked, beginning=False)
        if response.trouble is not None or response.stream is not None:
            send = _stream if response.trouble is None else _troubled
            return await send(request, response)
        headers = CIMultiDict(response.headers)
        return web.Response(body=response.body, status=response.status, headers=headers)

    return answer


def _refusal(status: int, message: str) -> web.Response:
    """An answer of no service's own."""
    return web.json_response({"error": {"code": status, "message": message}}, status=status)


def _has_mount(path: str) -> bool:
    """Say whether a path begins with where a service is, or is answered outside the services."""
    first = path[1:].partition("/")[0]
    return first in BY_MOUNT or first == "health"


def _own_address(request: web.BaseRequest) -> str:
    """Where the client reached us, for one that did not say (HTTP/1.0)."""
    assert request.transport is not None
    host, port = request.transport.get_extra_info("sockname")[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def _meet(request: web.BaseRequest) -> None:
    """Tell a client that waits for it to go on with the body."""
    if request.headers["Expect"].lower() != "100-continue":
        raise web.HTTPExpectationFailed()
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0  # the answer itself has not begun


async def _read_body(request: web.BaseRequest, asked: Request, cloud: Cloud) -> None:
    """Read a body up to the service's limit; data goes to a temporary file, in chunks."""
    upload, size_max = cloud.expects(asked)
    if request.content_length is not None and request.content_length > size_max:
        asked.too_large = True
        return
    if upload:
        asked.upload = cloud.new_upload()
        asked.announced = cloud.announce(asked, beginning=True)
        asked.too_large = not await _receive(request, asked.upload, size_max)
        return
    chunks, size = [], 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > size_max:
            asked.too_large = True
            return
        chunks.append(chunk)
    asked.body = chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _receive(request: web.BaseRequest, upload: Upload, size_max: float) -> bool:
    """Take the data of a body as it comes; say whether it was all, as it is not too long."""
    try:
        async for chunk in request.content.iter_chunked(CHUNK_BYTES):
            if upload.size + len(chunk) > size_max:
                return False
            upload.write(chunk)
        return True
    except BaseException:
        upload.close()
        raise


async def _stream(request: web.BaseRequest, response: Response) -> web.StreamResponse:
    """Send an answer whose body comes piece by piece; others are answered while it has none."""
    reply = web.StreamResponse(status=response.status, headers=CIMultiDict(response.headers))
    if reply.content_type == streams.EVENTS:
        reply.force_close()  # its end is the end of the connection
    await reply.prepare(request)
    for chunk in response.stream:
        if chunk:
            await reply.write(chunk)
        elif request.transport is None or request.transport.is_closing():
            return reply
        else:
            await asyncio.sleep(streams.LOOK_SECONDS)
    await reply.write_eof()
    return reply


async def _troubled(request: web.BaseRequest, response: Response) -> web.StreamResponse:
    """Send an answer that a fault of the wire has befallen."""
    trouble = response.trouble or Trouble()
    await asyncio.sleep(trouble.delay_seconds)
    if trouble.reset:
        return _cut(request)
    content = b"".join(response.stream) if response.stream is not None else response.body
    reply = web.StreamResponse(status=response.status, headers=CIMultiDict(response.headers))
    reply.content_length = len(content)
    await reply.prepare(request)
    if trouble.sent_bytes is not None:
        await reply.write(content[: trouble.sent_bytes])
        return _cut(request, reply)
    size = max(1, len(content) // TRICKLES) if trouble.spread_seconds else max(1, len(content))
    for start in range(0, len(content), size):
        await asyncio.sleep(trouble.spread_seconds / TRICKLES)
        await reply.write(content[start : start + size])
    await reply.write_eof()
    return reply


def _cut(request: web.BaseRequest, reply: web.StreamResponse | None = None) -> web.StreamResponse:
    """Cut the connection; what was written before still reaches the client."""
    if request.transport is not None:
        if reply is None:
            request.transport.abort()
        else:
            request.transport.close()
    return reply or web.Response()


def console_handler(cloud: Cloud, kind: str) -> Handler:
    """Return what answers on a console proxy's port: a page, and a screen or serial port behind it.

    As nova-novncproxy and its like (websockify) do, it upgrades first and looks at the token then.
    """

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() != "websocket":
            page = screens.page(kind)
            if page is None:
                return web.Response(status=405)
            return web.Response(text=page, content_type="text/html")
        query = request.rel_url.query
        token = query.get("token") or request.cookies.get("token", "")
        with cloud.lock:
            talk = screens.conversation(cloud.context(), token, kind)
        channel = web.WebSocketResponse(protocols=("binary",), max_msg_size=2**16)
        await channel.prepare(request)
        if talk is None or _is_from_elsewhere(request):
            assert request.transport is not None
            request.transport.close()
            return channel

        async def receive() -> bytes:
            message = await channel.receive()
            if message.type not in (web.WSMsgType.BINARY, web.WSMsgType.TEXT):
                raise EOFError
            said = message.data
            return said.encode() if isinstance(said, str) else bytes(said)

        await _talk(talk, channel.send_bytes, receive)
        await channel.close()
        return channel

    return answer


def _is_from_elsewhere(request: web.BaseRequest) -> bool:
    """Say whether a page of another host opened this web socket."""
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    host = urlsplit(f"//{request.headers.get('Host', '')}").hostname
    return urlsplit(origin).hostname != host


Send = Callable[[bytes], Awaitable[None]]
Receive = Callable[[], Awaitable[bytes]]


async def _talk(talk: Conversation, send: Send, receive: Receive) -> None:
    """Carry a conversation until either side ends it; `receive` raises EOFError then."""
    heard = b""
    try:
        out, wanted = next(talk)
        while True:
            if out:
                await send(out)
            while len(heard) < max(wanted, 1):
                heard += await receive()
            size = wanted or len(heard)
            out, wanted = talk.send(heard[:size])
            heard = heard[size:]
    except StopIteration as end:
        if end.value:
            await send(end.value)
    except (EOFError, ConnectionError):
        return


def guest_handler(cloud: Cloud) -> Callable[..., Awaitable[None]]:
    """Return what answers at the ports of guests, where proxies connect."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("sockname")[1]
        with cloud.lock:
            talk = screens.of_guest(cloud.context(), port)

        async def send(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        async def receive() -> bytes:
            data = await reader.read(CHUNK_BYTES)
            if not data:
                raise EOFError
            return data

        try:
            if talk is not None:
                await _talk(talk, send, receive)
        finally:
            writer.close()

    return answer


@contextmanager
def listen_for_guests(cloud: Cloud) -> Iterator[None]:
    """Listen at each guest's port from when its console is opened; a taken one is no guest's."""
    answer = guest_handler(cloud)
    loop = asyncio.get_running_loop()
    listening: dict[int, asyncio.Task[asyncio.Server]] = {}

    def is_free(port: int) -> bool:
        if port not in listening:
            try:
                own = socket.create_server((GUEST_ADDRESS, port))
            except OSError:
                return False
            listening[port] = loop.create_task(asyncio.start_server(answer, sock=own))
        return True

    cloud.signals.connect("guest_port", is_free)
    for port in open_ports(cloud.context()):
        is_free(port)
    yield
    for task in listening.values():
        if task.done():
            task.result().close()


async def serve_consoles(cloud: Cloud) -> list[web.ServerRunner]:
    """Serve consoles at their usual ports, or where those are taken at free ones."""
    runners = []
    for kind in screens.PROXIES:
        answer, usual = console_handler(cloud, kind), ACCESS[kind][1]
        try:
            runner, port = await listen(answer, cloud.settings.host, usual)
        except UsageError:  # another cloud serves its consoles there
            runner, port = await listen(answer, cloud.settings.host, 0)
        runners.append(runner)
        cloud.proxy_ports[kind] = port
    return runners


async def listen(answer: Handler, host: str, port: int) -> tuple[web.ServerRunner, int]:
    """Listen and answer; return the runner and the port. UsageError when the port is taken."""
    # aiohttp answers what is no request with 400; it would also log a traceback each time.
    quiet = logging.getLogger("emulator.http")
    quiet.setLevel(logging.CRITICAL)
    server = web.Server(answer, access_log=None, logger=quiet)
    runner = web.ServerRunner(server, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
    except OSError as problem:
        await runner.cleanup()
        raise UsageError(f"cannot listen on {host}:{port}: {problem.strerror or problem}") from None
    sockets = site._server.sockets  # type: ignore[union-attr]
    return runner, sockets[0].getsockname()[1]


def serve(settings: Settings, *, native_ports: bool, ready: Callable[[str], None]) -> None:
    """Serve one cloud until SIGTERM or SIGINT; `ready` is called with its URL when it answers.

    UsageError when a port is taken or the settings cannot be had.
    """
    asyncio.run(_serve(settings, native_ports, ready))


async def _serve(settings: Settings, native_ports: bool, ready: Callable[[str], None]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    cloud = Cloud(settings)
    find = neighbours.finder(cloud)
    runners = []
    guests = ExitStack()
    try:
        # The port on which every service is comes first: the others are beside it.
        mounts = {each.native_port: each.mount for each in SERVICES} if native_ports else {}
        answer = handler(find, mounts.pop(settings.port, ""))
        runner, port = await listen(answer, settings.host, settings.port)
        runners.append(runner)
        for native_port, mount in mounts.items():
            if native_port:
                answer = handler(find, mount)
                runners.append((await listen(answer, settings.host, native_port))[0])
        if settings.console_ports:
            guests.enter_context(listen_for_guests(cloud))
            runners += await serve_consoles(cloud)
        gc.freeze()  # what a cloud is made of stays: no collection need look at it again
        gc.enable()
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        ready(f"http://{host}:{port}")
        await stopped.wait()
    finally:
        guests.close()
        for runner in runners:
            await runner.cleanup()
        cloud.close()


class Loopback:
    """One listening socket on 127.0.0.1, in a thread of its own, for all clouds of this process."""

    def __init__(self) -> None:
        self._clouds: dict[str, Cloud] = {}
        self._names = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self.port = 0

        def run() -> None:
            asyncio.set_event_loop(self._loop)
            _, self.port = self._loop.run_until_complete(
                listen(handler(self._clouds.get), "127.0.0.1", 0)
            )
            started.set()
            self._loop.run_forever()

        threading.Thread(target=run, name="openstack-emulator", daemon=True).start()
        started.wait()

    def add(self, cloud: Cloud) -> None:
        """Serve a cloud at /clouds/NAME; one without a name gets c1, c2, …"""
        if not cloud.name:
            cloud.name = f"c{next(self._names)}"
        if cloud.name in self._clouds:
            raise UsageError(f"a cloud named {cloud.name!r} is already served")
        self._clouds[cloud.name] = cloud

    def remove(self, cloud: Cloud) -> None:
        """Stop serving a cloud."""
        self._clouds.pop(cloud.name, None)

    def url(self, cloud: Cloud) -> str:
        """Return where a cloud is served."""
        return f"http://127.0.0.1:{self.port}{neighbours.PREFIX}{cloud.name}"


@lru_cache(maxsize=1)
def loopback() -> Loopback:
    """Return the process's loopback server, started on first use."""
    return Loopback()
