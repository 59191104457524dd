"""Screens: what answers where a console is said to be, in the words of its protocol.

A VNC screen speaks RFB 3.8 (RFC 6143) to one client and stays black, as a SPICE one does; a serial
port shows the boot log and says back what it is told. Conversations are generators: each yields
what to send and how many bytes it then waits for (0: whatever comes), and is sent those; what it
returns is sent before the end.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

from emulator.compute.servers import spice
from emulator.compute.servers.actions.console import boot_log
from emulator.compute.servers.consoles import at_port, granted, is_of_its_type
from emulator.compute.servers.spice import Conversation
from emulator.wire.request import Context

PROXIES: Mapping[str, str] = {"novnc": "noVNC", "spice-html5": "SPICE", "serial": ""}
"""Type of the consoles that a proxy serves → what its page calls itself; "": it has none."""

PAGE = """<!DOCTYPE html>
<html lang="en"><head><title>%(name)s</title></head><body>
<p id="state">Connecting…</p>
<script>
// The screen of an emulated server is black: this page says only that it is there.
const query = new URLSearchParams(location.search);
const path = query.get("path") || "?token=" + query.get("token");
const socket = new WebSocket("ws://" + location.host + "/" + path, ["binary"]);
const state = document.getElementById("state");
socket.onopen = () => { state.textContent = "%(name)s: connected to an emulated server"; };
socket.onclose = () => { state.textContent = "%(name)s: the connection was closed"; };
</script></body></html>
"""
WIDTH, HEIGHT = 320, 200
PIXELS = struct.pack(">BBBBHHHBBBxxx", 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)
FIXED = {0: 19, 3: 9, 4: 7, 5: 5}  # client message → bytes after its type
ENCODINGS, CUT_TEXT, UPDATE_REQUEST = 2, 6, 3
TEXT_BYTES_MAX = 1 << 20  # that a client may put on the clipboard


def page(kind: str) -> str | None:
    """Return the page of the proxy for a type of consoles, None when it has none."""
    name = PROXIES[kind]
    return PAGE % {"name": name} if name else None


def conversation(ctx: Context, token: str, kind: str) -> Conversation | None:
    """Begin to talk to who holds a token; None when it opens nothing at the proxy of this type."""
    row = granted(ctx, token)
    if row is None or row["console_type"] != kind or not is_of_its_type(row):
        return None
    return LANGUAGES[kind](ctx, row)


def of_guest(ctx: Context, port: int) -> Conversation | None:
    """Begin to talk at a guest's own port, as proxies do; None when no guest is there."""
    row = next(filter(is_of_its_type, at_port(ctx, port)), None)
    return None if row is None else LANGUAGES[row["console_type"]](ctx, row)


def vnc(ctx: Context, row: Any) -> Conversation:
    """Speak RFB: no password, one black screen."""
    yield b"RFB 003.008\n", 12
    yield b"\x01\x01", 1  # one security type: none
    yield bytes(4), 1  # that is well; the client says whether it shares the screen
    name = f"QEMU ({row['server_uuid']})".encode()
    head = struct.pack(">HH", WIDTH, HEIGHT) + PIXELS + struct.pack(">I", len(name))
    out = head + name
    while True:
        kind = (yield out, 1)[0]
        out = b""
        if kind in FIXED:
            said = yield b"", FIXED[kind]
            if kind == UPDATE_REQUEST and not said[0]:  # of the whole screen, not of changes
                out = _black()
        elif kind == ENCODINGS:
            (count,) = struct.unpack(">xH", (yield b"", 3))
            if count:
                yield b"", 4 * count
        elif kind == CUT_TEXT:
            (length,) = struct.unpack(">xxxI", (yield b"", 7))
            if length > TEXT_BYTES_MAX:
                return None
            if length:
                yield b"", length
        else:
            return None


def _black() -> bytes:
    """The whole screen, in one raw rectangle."""
    head = struct.pack(">BxHHHHHi", 0, 1, 0, 0, WIDTH, HEIGHT, 0)
    return head + bytes(WIDTH * HEIGHT * 4)


def serial(ctx: Context, row: Any) -> Conversation:
    """Show the boot log, then say back what is said."""
    out = boot_log(ctx, row).replace("\n", "\r\n").encode()
    while True:
        out = yield out, 0


LANGUAGES: Mapping[str, Callable[[Context, Any], Conversation]] = {
    "novnc": vnc,
    "spice-html5": spice.conversation,
    "spice-direct": spice.conversation,
    "serial": serial,
}
"""Type of a console → what is spoken there."""
