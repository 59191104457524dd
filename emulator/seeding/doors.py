"""Ways into a cloud for whoever fills it: over HTTP, or straight into one of this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from emulator.errors import UsageError

if TYPE_CHECKING:
    from emulator.cloud import Cloud
    from emulator.wire.request import Response

Door = Callable[..., tuple[Mapping[str, str], Any]]
"""door(method, path, body=None, **headers) → headers (lower case) and JSON body of the answer.

Underscores in header names stand for dashes. UsageError says what the cloud refused."""


@contextmanager
def through_url(url: str) -> Iterator[Door]:
    """Open the door of a running cloud."""
    import http.client

    from emulator.control import streams

    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.netloc:
        raise UsageError(f"{url!r} is not the URL of a cloud, such as http://127.0.0.1:8774")
    connection = http.client.HTTPConnection(parts.netloc)

    def ask(method: str, path: str, body: Any = None, **headers: str) -> tuple[Any, Any]:
        try:
            connection.request(method, parts.path + path, _content(body), _named(headers))
            answer = connection.getresponse()
            if answer.status < 400 and answer.headers.get_content_type() == streams.EVENTS:
                return {}, streams.events(answer)
            content = answer.read()
        except (OSError, http.client.HTTPException) as problem:
            raise UsageError(f"no cloud answers at {url}: {problem}") from None
        named = {name.lower(): value for name, value in answer.getheaders()}
        return named, checked(method, path, answer.status, content)

    try:
        yield ask
    finally:
        connection.close()


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
    content = _content(body) or b""
    request = Request(method, place, query, _named(headers), content, inside=True)
    if path.startswith("/_emulator") and cloud.is_served:  # what tells where clouds are
        request.origin = cloud.url
    return cloud.handle(request)


def _content(body: Any) -> bytes | None:
    return None if body is None else json.dumps(body).encode()


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"Content-Type": "application/json", **named}


def checked(method: str, path: str, status: int, content: bytes) -> Any:
    """Return the body of a good answer. UsageError for another."""
    if status >= 400 and path.startswith("/_emulator"):  # what refuses in whole sentences
        raise UsageError(json.loads(content)["error"]["message"])
    if status >= 400:
        raise UsageError(f"{method} {path} was answered with {status}: {content.decode()[:300]}")
    if content.startswith(b"SQLite format 3"):
        return content
    if content[:1] == b"<":
        return content.decode()  # a page
    return json.loads(content) if content[:1] == b"{" else None
