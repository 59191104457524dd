"""SPICE: what a guest's screen says to a client of that protocol (2.2, of the Spice project).

There is no password: any ticket will do. The screen is one black surface; keys and mouse lead
nowhere. Each channel is a connection of its own, and begins in the same way.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Mapping
from typing import Any

from emulator.wire.request import Context

Conversation = Generator[tuple[bytes, int], bytes, bytes | None]

MAGIC, MAJOR, MINOR = b"REDQ", 2, 2
MAIN, DISPLAY, INPUTS = 1, 2, 3
AUTH_SELECTION, AUTH_SPICE, MINI_HEADER = 1, 2, 8  # bits of a channel's first common capability
CAPABILITIES = AUTH_SELECTION | AUTH_SPICE | MINI_HEADER
OK, INVALID_MAGIC, INVALID_DATA, VERSION_MISMATCH, CHANNEL_NOT_AVAILABLE = 0, 2, 3, 4, 9
LINK = "<4sIII"  # magic, major, minor, size of what follows
LINK_BODY = "<IBBIII"  # connection, type and id of the channel, count and offset of capabilities
LINK_BYTES_MAX = 4096
TICKET_BYTES = 128
MESSAGE_BYTES_MAX = 1 << 20
KEY = bytes.fromhex(
    "30819f300d06092a864886f70d010101050003818d0030818902818100"  # RSA of 1024 bits
    "c8e8f79cc048dce5e6d617d3081e2819e99b7c7b2b14f4ea036c9ef53d6909dc"
    "0c4092a965f1da7956b8e1834efbb32dfb1481fbfa6c6648ea4f0666d103fbee"
    "2ee965729b4573e3a66559286e9b2199a97a6d096eceecb2cee30279eb70a192"
    "2518d54dc8c6518faff41d2f20f64f151fcbb124d7226c11acf5f32dde003771"
    "0203010001"
)
"""The public key that clients hide their ticket with. Nobody has the private one."""

ATTACH_CHANNELS = 104  # what a client says on the main channel to hear of the others
CHANNELS = struct.pack("<I4B", 2, DISPLAY, 0, INPUTS, 0)
WIDTH, HEIGHT, BITS, PRIMARY = 320, 200, 32, 1
SCREEN = (314, struct.pack("<5I", 0, WIDTH, HEIGHT, BITS, PRIMARY)), (102, b"")
MODIFIERS = ((101, struct.pack("<H", 0)),)
Messages = tuple[tuple[int, bytes], ...]


def conversation(ctx: Context, row: Any) -> Conversation:
    """Speak SPICE on one channel: agree on it, take the ticket, then show what the channel has."""
    magic, major, _, size = struct.unpack(LINK, (yield b"", struct.calcsize(LINK)))
    if magic != MAGIC:
        return _reply(INVALID_MAGIC)
    if major != MAJOR:
        return _reply(VERSION_MISMATCH)
    if not struct.calcsize(LINK_BODY) <= size <= LINK_BYTES_MAX:
        return _reply(INVALID_DATA)
    body = yield b"", size
    _, channel, _, count, _, offset = struct.unpack_from(LINK_BODY, body)
    opening = _openings(row["id"]).get(channel)
    if opening is None:
        return _reply(CHANNEL_NOT_AVAILABLE)
    if count and offset + 4 > size:
        return _reply(INVALID_DATA)
    (common,) = struct.unpack_from("<I", body, offset) if count else (0,)
    yield _reply(OK), TICKET_BYTES + (4 if common & AUTH_SELECTION else 0)
    mini = bool(common & MINI_HEADER)
    out = struct.pack("<I", OK) + _packed(opening, mini)
    while True:
        head = yield out, 6 if mini else 18
        kind, length = struct.unpack("<HI" if mini else "<8xHI4x", head)
        if length > MESSAGE_BYTES_MAX:
            return None
        if length:
            yield b"", length
        asked = channel == MAIN and kind == ATTACH_CHANNELS
        out = _packed(((104, CHANNELS),), mini) if asked else b""


def _openings(session: int) -> Mapping[int, Messages]:
    """Channel → what its server says first. The main one: session, a screen, the server's mouse."""
    return {
        MAIN: ((103, struct.pack("<8I", session, 1, 1, 1, 0, 0, 0, 0)),),
        DISPLAY: SCREEN,
        INPUTS: MODIFIERS,
    }


def _reply(error: int) -> bytes:
    offset = 4 + len(KEY) + 12
    body = struct.pack("<I", error) + KEY + struct.pack("<4I", 1, 0, offset, CAPABILITIES)
    return struct.pack(LINK, MAGIC, MAJOR, MINOR, len(body)) + body


def _packed(messages: Messages, mini: bool) -> bytes:
    """Messages as they are sent. Long headers count them; nobody looks at the count."""
    heads = "<HI" if mini else "<8xHI4x"
    return b"".join(struct.pack(heads, kind, len(data)) + data for kind, data in messages)
