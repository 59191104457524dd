"""Answers that take their time: streams that may have nothing to say yet, and server-sent events.

A stream yields bytes. b"" says that there is nothing now; whoever carries it looks again a little
later (LOOK_SECONDS), and lets others be answered meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

LOOK_SECONDS = 0.05  # of real time between two looks at what others may have changed
EVENTS = "text/event-stream"


def patient(stream: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what a stream has to say; the thread waits while it has nothing."""
    pause = threading.Event()
    for chunk in stream:
        if chunk:
            yield chunk
        else:
            pause.wait(LOOK_SECONDS)


def event(entry: dict[str, Any]) -> bytes:
    """Return an entry of the journal as a server-sent event."""
    data = orjson.dumps(entry).decode()
    return f"id: {entry['number']}\nevent: {entry['kind']}\ndata: {data}\n\n".encode()


def events(chunks: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Read server-sent events back, each as soon as it is there."""
    rest = b""
    for chunk in chunks:
        found, rest = parsed(rest + chunk)
        yield from found


def parsed(text: bytes) -> tuple[list[dict[str, Any]], bytes]:
    """Return the events of a piece of a stream, and what is left of it for the next piece."""
    *lines, rest = text.split(b"\n")
    data = [line.removeprefix(b"data: ") for line in lines if line.startswith(b"data: ")]
    return [orjson.loads(each) for each in data], rest
