"""Ways into a cloud for whoever fills it: over HTTP, or straight into one of this process."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from emulator.errors import UsageError
from emulator.store import files
from emulator.wire.upload import CHUNK_BYTES

if TYPE_CHECKING:
    from http.client import HTTPConnection, HTTPResponse

    from emulator.cloud import Cloud
    from emulator.wire.request import Response

Door = Callable[..., tuple[Mapping[str, str], Any]]
"""door(method, path, body=None, **headers) → headers (lower case) and JSON body of the answer.

Underscores in header names stand for dashes. UsageError says what the cloud refused."""


@contextmanager
def through_url(url: str) -> Iterator[Door]:
    """Open the door of a running cloud."""
    connection = connection_to(url)
    try:
        yield through(connection, url)
    finally:
        connection.close()


def connection_to(url: str) -> HTTPConnection:
    """Return a connection to a running cloud, which opens when it is first used."""
    import http.client

    return http.client.HTTPConnection(_parts(url).netloc)


def through(connection: HTTPConnection, url: str) -> Door:
    """Return the door of the cloud at a URL, on a connection that may have been kept a while."""
    import http.client

    from emulator.control import streams

    prefix = _parts(url).path

    def ask(method: str, path: str, body: Any = None, **headers: str) -> tuple[Any, Any]:
        if _has_ended(connection):
            connection.close()  # the request opens it again
        try:
            with _content(body) as content, suppress(BrokenPipeError):  # as it is too large
                connection.request(method, prefix + path, content, _named(headers, body))
            answer = connection.getresponse()
            if answer.status < 400 and answer.headers.get_content_type() == streams.EVENTS:
                return {}, streams.events(answer)
            content = answer.read()
        except (OSError, http.client.HTTPException) as problem:
            raise UsageError(f"no cloud answers at {url}: {problem}") from None
        named = {name.lower(): value for name, value in answer.getheaders()}
        return named, checked(method, path, answer.status, content)

    return ask


def _has_ended(connection: HTTPConnection) -> bool:
    """Say whether the server has closed a connection that was open."""
    from socket import MSG_PEEK

    if connection.sock is None:
        return False
    connection.sock.setblocking(False)
    try:
        connection.sock.recv(1, MSG_PEEK)  # nothing is under way: what can be read is the end
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.sock.setblocking(True)
    return True


def download(url: str, path: str, place: str | Path, **headers: str) -> None:
    """Save what a running cloud answers, as it comes. UsageError when it cannot be had or saved."""
    import http.client

    parts = _parts(url)
    connection = http.client.HTTPConnection(parts.netloc)
    try:
        connection.request("GET", parts.path + path, headers=_named(headers, None))
        answer = connection.getresponse()
        if answer.status >= 400:
            checked("GET", path, answer.status, answer.read())
        _save(answer, place)
    except (OSError, http.client.HTTPException) as problem:
        raise UsageError(f"no cloud answers at {url}: {problem}") from None
    finally:
        connection.close()


def _save(answer: HTTPResponse, place: str | Path) -> None:
    expected = answer.length
    try:
        with Path(place).open("wb") as file:
            shutil.copyfileobj(answer, file, CHUNK_BYTES)
            size = file.tell()
    except ConnectionError:
        raise
    except OSError as problem:
        raise UsageError(f"{place}: {problem.strerror or problem}") from None
    if expected is not None and size != expected:
        raise UsageError(f"{place}: broke off after {size} of {expected} bytes")


def _parts(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.netloc:
        raise UsageError(f"{url!r} is not the URL of a cloud, such as http://127.0.0.1:8774")
    return parts


def through_cloud(cloud: Cloud) -> Door:
    """Return the door of a cloud of this process."""
    from emulator.control import streams

    def ask(method: str, path: str, body: Any = None, **headers: str) -> tuple[Any, Any]:
        answer = answered(cloud, method, path, body, **headers)
        named = {name.lower(): value for name, value in answer.headers}
        if named.get("content-type") == streams.EVENTS:
            return named, streams.events(streams.patient(answer.stream))
        content = answer.body
        if answer.stream is not None:
            content = b"".join(streams.patient(answer.stream))
        return named, checked(method, path, answer.status, content)

    return ask


def answered(cloud: Cloud, method: str, path: str, body: Any = None, **headers: str) -> Response:
    """Return the answer of a cloud of this process to whoever may say everything."""
    from emulator.wire.request import Request

    place, _, query = path.partition("?")
    request = Request(method, place, query, _named(headers, body), inside=True)
    if path.startswith("/_emulator") and cloud.is_served:  # what tells where clouds are
        request.origin = cloud.url
    with _content(body) as content, ExitStack() as at_the_end:
        if isinstance(body, bytes | Path):
            request.upload = cloud.new_upload()
            at_the_end.callback(request.upload.close)
            file = io.BytesIO(content) if isinstance(content, bytes) else content
            for chunk in iter(partial(file.read, CHUNK_BYTES), b""):
                request.upload.write(chunk)
        elif content is not None:
            request.body = content
        return cloud.handle(request)


@contextmanager
def _content(body: Any) -> Iterator[Any]:
    """A body as it is sent: bytes, or an open file. UsageError when that cannot be read."""
    if not isinstance(body, Path):
        yield body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        return
    try:
        file = body.open("rb")
    except OSError as problem:
        raise UsageError(f"{body}: {problem.strerror}") from None
    with file:
        yield file


def _named(headers: Mapping[str, str], body: Any) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, Path) and body.is_file():
        named["Content-Length"] = str(body.stat().st_size)
    kind = files.CONTENT_TYPE if isinstance(body, bytes | Path) else "application/json"
    return {"Content-Type": kind, **named}


def checked(method: str, path: str, status: int, content: bytes) -> Any:
    """Return the body of a good answer. UsageError for another."""
    if status >= 400 and path.startswith("/_emulator") and content[:1] == b"{":  # in sentences
        raise UsageError(json.loads(content)["error"]["message"])
    if status >= 400:
        raise UsageError(f"{method} {path} was answered with {status}: {content.decode()[:300]}")
    if content.startswith(b"SQLite format 3"):
        return content
    if content[:1] == b"<":
        return content.decode()  # a page
    return json.loads(content) if content[:1] == b"{" else None
