"""A cloud without sockets: clients of requests (and so keystoneauth and openstacksdk), of httpx and
of aiohttp call it.

Same state, same answers, same journal as over HTTP; only nothing listens.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from emulator import access
from emulator.control import neighbours, streams
from emulator.errors import UsageError
from emulator.wire.request import Request, Response
from emulator.wire.upload import CHUNK_BYTES

if TYPE_CHECKING:
    import aiohttp
    import requests
    from openstack.connection import Connection

    from emulator.cloud import Cloud

TRANSPORTS = ("loopback", "in-process")
HOST = "in-process"  # in the URL of a cloud that nothing listens for


def url(cloud: Cloud) -> str:
    """Return where a cloud is for clients of this process: as it is served, if it is."""
    return cloud.url if cloud.is_served else f"http://{HOST}"


def session(cloud: Cloud) -> requests.Session:
    """Return a session of requests that reaches the cloud, and those below it, without sockets.

    UsageError without requests.
    """
    try:
        import requests
    except ModuleNotFoundError:
        raise UsageError("requests is missing: pip install requests") from None
    found = requests.Session()
    mount(cloud, found)
    return found


def httpx_transport(cloud: Cloud) -> Any:
    """Return a transport of httpx, sync and async, that reaches the cloud and those below it.

    `httpx.Client(transport=in_process.httpx_transport(cloud))`. UsageError without httpx.
    """
    try:
        from emulator.control import in_httpx
    except ModuleNotFoundError:
        raise UsageError("httpx is missing: pip install httpx") from None
    return in_httpx.InProcess(cloud)


def aiohttp_connector(cloud: Cloud) -> aiohttp.TCPConnector:
    """Return a connector of aiohttp that reaches the cloud without sockets, and all else with.

    `aiohttp.ClientSession(connector=in_process.aiohttp_connector(cloud))`, in a running loop.
    """
    from emulator.control import in_aiohttp

    return in_aiohttp.InProcess(cloud)


def mount(cloud: Cloud, found: requests.Session) -> None:
    """Let a session of requests reach the cloud without sockets; all else goes as before."""
    found.mount(url(cloud), _adapter()(cloud))


def connection(cloud: Cloud, user: str, project: str, transport: str) -> Connection:
    """Return an openstacksdk connection through loopback or in process.

    UsageError without the SDK, or for another transport.
    """
    if transport not in TRANSPORTS:
        raise UsageError(f"transport: {transport!r} is none of {', '.join(TRANSPORTS)}")
    if transport == "loopback":
        return access.connection(cloud.env(user, project))
    made = access.connection(access.variables(url(cloud), user, project))
    mount(cloud, made.session.session)
    return made


@cache
def _adapter() -> Any:
    """The class of adapters; requests is imported when the first one is made."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPHeaderDict
    from urllib3.response import HTTPResponse

    class InProcess(HTTPAdapter):
        """Sends requests to a cloud of this process."""

        def __init__(self, cloud: Cloud) -> None:
            super().__init__()
            self.cloud = cloud

        def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
            """Answer a request; what happens on the way of the answer is as over HTTP."""
            reply = answer(
                self.cloud, request.method or "", request.url or "", request.headers, request.body
            )
            content = (
                b"".join(streams.patient(reply.stream)) if reply.stream is not None else reply.body
            )
            trouble = reply.trouble
            if trouble is not None:
                threading.Event().wait(trouble.delay_seconds + trouble.spread_seconds)
                cut = trouble.sent_bytes is not None and trouble.sent_bytes < len(content)
                if trouble.reset or cut:
                    raise requests.ConnectionError("Connection aborted.", request=request)
            raw = HTTPResponse(
                body=io.BytesIO(content),
                headers=HTTPHeaderDict(reply.headers),
                status=reply.status,
                preload_content=False,
                request_method=request.method,
            )
            return self.build_response(request, raw)

    return InProcess


def answer(
    cloud: Cloud, method: str, address: str, headers: Mapping[str, Any], body: Any
) -> Response:
    """Answer a request to a URL below that of the cloud."""
    base, parts = urlsplit(url(cloud)), urlsplit(address)
    place = parts.path.removeprefix(base.path) or "/"
    found, root, path = neighbours.reach({"": cloud, **cloud.neighbours}.get, place)
    if found is None:
        raise UsageError(f"There is no cloud at {address}.")
    origin = f"{parts.scheme}://{parts.netloc}"
    asked = Request(method, path, parts.query, headers, origin=origin, root=base.path + root)
    response: Response | None = None
    try:
        upload, size_max = found.expects(asked)
        if upload and body is not None:
            asked.upload = found.new_upload()
            asked.announced = found.announce(asked, beginning=True)
            for chunk in _chunks(body):
                asked.too_large = asked.upload.size + len(chunk) > size_max
                if asked.too_large:
                    break
                asked.upload.write(chunk)
        elif body is not None:
            content = b"".join(_chunks(body))
            asked.too_large = len(content) > size_max
            asked.body = b"" if asked.too_large else content
        response = found.handle(asked)
        return response
    finally:
        if asked.upload is not None:
            asked.upload.close()
        if asked.announced and (response is None or response.status >= 400):
            found.announce(asked, beginning=False)


def _chunks(body: Any) -> Iterable[bytes]:
    """The bytes of a body as requests takes it: text, bytes, a file or an iterable."""
    if isinstance(body, str):
        return (body.encode(),)
    if isinstance(body, bytes | bytearray):
        return (bytes(body),)
    if hasattr(body, "read"):
        return iter(lambda: body.read(CHUNK_BYTES), b"")
    return (each.encode() if isinstance(each, str) else each for each in body)
