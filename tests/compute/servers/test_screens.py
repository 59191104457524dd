"""What a console says to who opens it."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from emulator.compute.servers import screens
from emulator.compute.servers.consoles import open_ports


def token_of(server: Any, protocol: str, kind: str) -> str:
    body = {"remote_console": {"protocol": protocol, "type": kind}}
    asked = server.ask("POST", "/remote-consoles", body)
    url: str = asked.json["remote_console"]["url"]
    return url.rpartition("%3D" if "%3D" in url else "=")[2]


def opened(server: Any, protocol: str, kind: str, proxy: str) -> Any:
    token = token_of(server, protocol, kind)
    return screens.conversation(server.api.cloud.context(), token, proxy)


def console(server: Any, protocol: str, kind: str) -> Any:
    path = f"/compute/v2.1/os-console-auth-tokens/{token_of(server, protocol, kind)}"
    return server.api.get(path, who="admin", version="compute 2.99").json["console"]


def test_a_vnc_screen_speaks_rfb_without_a_password(server: Any) -> None:
    talk = opened(server, "vnc", "novnc", "novnc")
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
    talk.send(b"\x06")  # an empty text for the clipboard is nothing to wait for
    assert talk.send(bytes(7)) == (b"", 1)
    assert talk.send(b"\x03") == (b"", 9)  # and asks for the whole screen
    update, _ = talk.send(bytes(9))
    assert len(update) == 16 + screens.WIDTH * screens.HEIGHT * 4


def test_a_serial_port_shows_the_boot_and_says_back(server: Any) -> None:
    talk = opened(server, "serial", "serial", "serial")
    shown, _ = next(talk)
    assert shown.endswith(b"login: ")
    assert talk.send(b"hello") == (b"hello", 0)


def test_a_token_opens_nothing_elsewhere_or_later(server: Any) -> None:
    assert opened(server, "vnc", "novnc", "serial") is None
    assert screens.conversation(server.api.cloud.context(), "nope", "novnc") is None


def link(channel: int, *, major: int = 2, capabilities: int = 11) -> tuple[bytes, bytes]:
    """What a SPICE client says first: a head, and which channel it wants."""
    body = struct.pack("<IBBIIII", 0, channel, 0, 1, 0, 18, capabilities)
    return struct.pack("<4sIII", b"REDQ", major, 2, len(body)), body


def test_a_spice_screen_is_a_channel_after_another(server: Any) -> None:
    talk = opened(server, "spice", "spice-html5", "spice-html5")
    head, body = link(1)
    assert next(talk) == (b"", 16)
    assert talk.send(head) == (b"", 22)
    reply, wanted = talk.send(body)
    assert struct.unpack_from("<4sIIII", reply) == (b"REDQ", 2, 2, len(reply) - 16, 0)
    assert serialization.load_der_public_key(reply[20:182])
    assert struct.unpack_from("<4I", reply, 182) == (1, 0, 178, 11)
    assert wanted == 4 + 128  # how the client shows who it is, and the hidden ticket
    main, wanted = talk.send(struct.pack("<I", 1) + bytes(128))
    assert struct.unpack_from("<IHI", main) == (0, 103, 32)
    assert wanted == 6
    others, _ = talk.send(struct.pack("<HI", 104, 0))
    assert struct.unpack("<HII4B", others) == (104, 8, 2, 2, 0, 3, 0)
    assert talk.send(struct.pack("<HI", 3, 5)) == (b"", 5)  # a pong
    assert talk.send(bytes(5)) == (b"", 6)


def test_a_spice_display_is_black_in_short_and_long_messages(server: Any) -> None:
    for capabilities, heads, ticket in ((11, "<IHI", 132), (0, "<I8xHI4x", 128)):
        talk = opened(server, "spice", "spice-html5", "spice-html5")
        next(talk)
        head, body = link(2, capabilities=capabilities)
        talk.send(head)
        assert talk.send(body)[1] == ticket
        shown, _ = talk.send(bytes(ticket))
        assert struct.unpack_from(heads, shown) == (0, 314, 20)


def test_what_is_not_spice_is_told_so_and_left(server: Any) -> None:
    for head, error in (
        (link(1)[0].replace(b"REDQ", b"GET "), 2),
        (link(1, major=3)[0], 4),
        (struct.pack("<4sIII", b"REDQ", 2, 2, 1 << 30), 3),
    ):
        talk = opened(server, "spice", "spice-html5", "spice-html5")
        next(talk)
        with pytest.raises(StopIteration) as end:
            talk.send(head)
        assert struct.unpack_from("<I", end.value.value, 16) == (error,)
    talk = opened(server, "spice", "spice-html5", "spice-html5")
    next(talk)
    head, body = link(9)
    talk.send(head)
    with pytest.raises(StopIteration) as end:
        talk.send(body)
    assert struct.unpack_from("<I", end.value.value, 16) == (9,)


def test_each_guest_has_ports_of_its_own_for_proxies(server: Any) -> None:
    screen = console(server, "vnc", "novnc")
    assert (screen["host"], screen["port"]) == ("127.0.0.1", 5900)
    direct = console(server, "spice", "spice-direct")
    assert direct["port"] == 5901
    assert direct["tls_port"] is None
    assert console(server, "spice", "spice-html5")["port"] == 5901
    assert console(server, "vnc", "novnc")["port"] == 5900
    assert console(server, "serial", "serial")["port"] == 10000
    ctx = server.api.cloud.context()
    first = [next(screens.of_guest(ctx, port))[0] for port in (5900, 5901, 10000)]
    assert first[0] == b"RFB 003.008\n"
    assert first[1] == b""  # the client begins
    assert first[2].endswith(b"login: ")
    assert screens.of_guest(ctx, 5902) is None
    server.api.cloud.advance(601)
    assert screens.of_guest(server.api.cloud.context(), 5900) is None


def test_a_serial_token_for_a_screen_opens_neither(server: Any) -> None:
    token = token_of(server, "serial", "novnc")
    ctx = server.api.cloud.context()
    assert [screens.conversation(ctx, token, kind) for kind in screens.PROXIES] == [None] * 3
    assert screens.of_guest(ctx, 10000) is None
    assert console(server, "vnc", "novnc")["port"] == 5900


def test_only_what_the_emulator_serves_is_listened_at(server: Any) -> None:
    heard: list[int] = []
    cloud = server.api.cloud
    cloud.signals.connect("guest_port", lambda port: heard.append(port) or True)
    for protocol, kind in (("vnc", "novnc"), ("mks", "webmks"), ("serial", "serial")):
        console(server, protocol, kind)
    assert heard == open_ports(cloud.context()) == [5900, 10000]
