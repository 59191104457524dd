"""What a console says to who opens it."""

from __future__ import annotations

import struct
from typing import Any

from emulator.compute.servers import screens


def opened(server: Any, protocol: str, kind: str, port: int) -> Any:
    body = {"remote_console": {"protocol": protocol, "type": kind}}
    url = server.ask("POST", "/remote-consoles", body).json["remote_console"]["url"]
    token = url.rpartition("%3D" if "%3D" in url else "=")[2]
    return screens.conversation(server.api.cloud.context(), token, port)


def test_a_vnc_screen_speaks_rfb_without_a_password(server: Any) -> None:
    talk = opened(server, "vnc", "novnc", 6080)
    assert next(talk) == (b"RFB 003.008\n", 12)
    assert talk.send(b"RFB 003.008\n") == (b"\x01\x01", 1)
    assert talk.send(b"\x01") == (bytes(4), 1)
    shown, wanted = talk.send(b"\x01")
    (length,) = struct.unpack(">L", shown[20:24])
    assert (len(shown), wanted) == (24 + length, 1)
    assert server.id in shown[24:].decode()
    assert talk.send(b"\x02") == (b"", 3)  # the client names two encodings
    assert talk.send(b"\x00\x00\x02") == (b"", 8)
    talk.send(bytes(8))
    assert talk.send(b"\x03") == (b"", 9)  # and asks for the whole screen
    update, _ = talk.send(bytes(9))
    assert len(update) == 16 + screens.WIDTH * screens.HEIGHT * 4


def test_a_serial_port_shows_the_boot_and_says_back(server: Any) -> None:
    talk = opened(server, "serial", "serial", 6083)
    shown, _ = next(talk)
    assert shown.endswith(b"login: ")
    assert talk.send(b"hello") == (b"hello", 0)


def test_a_token_opens_nothing_elsewhere_or_later(server: Any) -> None:
    assert opened(server, "vnc", "novnc", 6083) is None
    assert screens.conversation(server.api.cloud.context(), "nope", 6080) is None
