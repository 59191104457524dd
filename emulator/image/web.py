"""Fetching data over HTTP, for imports and locations: from this machine unless more is allowed."""

from __future__ import annotations

import http.client
import ipaddress
from typing import Any
from urllib.parse import urlsplit

from emulator.wire.request import Context
from emulator.wire.upload import CHUNK_BYTES, Upload

TIMEOUT_SECONDS = 10.0
REDIRECTS_MAX = 3
MOVED = (301, 302, 303, 307, 308)


class Unreachable(Exception):
    """The data cannot be had; the text says why."""


def is_allowed(ctx: Context, url: Any) -> bool:
    """Say whether a URL is one that the cloud fetches from (`web_hosts`: loopback or any)."""
    if not url or not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host:
        return False
    return ctx.settings.web_hosts == "any" or _is_loopback(host)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def fetch(ctx: Context, url: str, own: str) -> Upload:
    """Return what is at a URL. Unreachable when that is nothing, or may not be asked for.

    `own` is where the client reached the emulator, which would wait for itself there.
    """
    upload: Upload = ctx.cloud.new_upload()
    try:
        _read(ctx, url, own, upload)
    except (OSError, http.client.HTTPException, ValueError) as problem:
        upload.close()
        raise Unreachable(f"{url}: {problem}") from None
    except Unreachable:
        upload.close()
        raise
    return upload


def _is_own(url: str, own: str) -> bool:
    here, there = urlsplit(own), urlsplit(url)
    if here.netloc == there.netloc:
        return True
    hosts = (here.hostname or "", there.hostname or "")
    return (here.port or 80) == (there.port or 80) and all(_is_loopback(host) for host in hosts)


def _read(ctx: Context, url: str, own: str, upload: Upload) -> None:
    for _ in range(REDIRECTS_MAX + 1):
        if not is_allowed(ctx, url):
            raise Unreachable(f"{url} is not fetched")
        parts = urlsplit(url)
        if _is_own(url, own):
            raise Unreachable(f"{url} is the emulator itself")
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(parts.netloc, timeout=TIMEOUT_SECONDS)
        try:
            query = f"?{parts.query}" if parts.query else ""
            connection.request("GET", (parts.path or "/") + query)
            answer = connection.getresponse()
            if answer.status in MOVED:
                url = answer.getheader("Location", "")
                continue
            if answer.status != 200:
                raise Unreachable(f"{url} answers {answer.status} {answer.reason}")
            while chunk := answer.read(CHUNK_BYTES):
                upload.write(chunk)
            return
        finally:
            connection.close()
    raise Unreachable(f"{url} redirects too often")
