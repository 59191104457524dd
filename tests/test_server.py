"""The server against clients that misbehave: it answers or closes, never hangs, never fails."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import json
import socket
import struct
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from emulator.cloud import Cloud
from emulator.server import console_handler, handler, listen, listen_for_guests, serve_consoles
from emulator.wire.request import Request

TIMEOUT_SECONDS = 5.0


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    with Cloud(fixture="", name="bare") as cloud:
        parts = urlsplit(cloud.url)
        assert parts.hostname is not None
        assert parts.port is not None
        yield parts.hostname, parts.port


@pytest.fixture
def client(address: tuple[str, int]) -> Iterator[socket.socket]:
    with socket.create_connection(address, TIMEOUT_SECONDS) as connected:
        yield connected


def everything(client: socket.socket) -> bytes:
    """Return what comes until the server closes."""
    received = b""
    while chunk := client.recv(65536):
        received += chunk
    return received


def ask(client: socket.socket, head: str, body: bytes = b"") -> tuple[int, bytes]:
    """Send one request on a connection that is closed after it; return status and body."""
    client.sendall(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body)
    received = everything(client)
    first, _, rest = received.partition(b"\r\n")
    return int(first.split()[1]), rest.partition(b"\r\n\r\n")[2]


def still_well(address: tuple[str, int]) -> bool:
    connection = http.client.HTTPConnection(*address, timeout=TIMEOUT_SECONDS)
    connection.request("GET", "/clouds/bare/health")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status == 200


CLOCK = "/clouds/bare/_emulator/clock"
LOGIN = "/clouds/bare/identity/v3/auth/tokens"


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 100 + b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: five\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100_000 + b"\r\n",
    ],
    ids=lambda sent: repr(sent[:40]),
)
def test_bytes_that_are_no_request_are_refused(
    client: socket.socket,
    address: tuple[str, int],
    caplog: pytest.LogCaptureFixture,
    sent: bytes,
) -> None:
    received = b""
    try:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        received = everything(client)
    except OSError:
        pass  # closed while we were still sending
    assert received == b"" or received[:13] in (b"HTTP/1.0 400 ", b"HTTP/1.1 400 ")
    assert not caplog.records
    assert still_well(address)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/clouds/bare/nothing"),
        ("GET", "/clouds/nobody/health"),
        ("GET", "/clouds/"),
        ("GET", "//double"),
        ("GET", "/clouds/bare//identity//v3"),
        ("GET", "/clouds/bare/compute/%zz%00%ff"),
        ("GET", "/clouds/bare/compute/v2.1/\xff\xfe"),
        ("GET", "/clouds/bare/../../etc/passwd"),
        ("GET", "/clouds/bare/compute?%zz=%ff&&&=;"),
        ("OPTIONS", "*"),
        ("BREW", "/clouds/bare/compute/"),
        ("TRACE", "/clouds/bare/compute/"),
        ("CONNECT", "example.org:443"),
        ("HEAD", "/clouds/bare/nothing"),
    ],
)
def test_odd_targets_and_methods_are_the_clients_mistake(
    client: socket.socket, address: tuple[str, int], method: str, target: str
) -> None:
    status, _ = ask(client, f"{method} {target} HTTP/1.1\nHost: x\nConnection: close")
    assert 200 <= status < 500
    assert still_well(address)


def test_an_absolute_target_is_understood(client: socket.socket) -> None:
    status, body = ask(
        client, f"GET http://elsewhere{CLOCK} HTTP/1.1\nHost: elsewhere\nConnection: close"
    )
    assert (status, json.loads(body)["clock"]["mode"]) == (200, "real")


def test_no_host_is_needed_before_http_1_1(client: socket.socket) -> None:
    status, body = ask(client, "GET /clouds/bare/ HTTP/1.0")
    assert status == 200
    links = json.loads(body)["openstack-emulator"]
    assert links["identity"].startswith("http://127.0.0.1:")


def test_a_body_may_come_in_chunks(client: socket.socket) -> None:
    head = f"POST {CLOCK}/advance HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\nConnection: close"
    status, body = ask(client, head, b'5\r\n{"sec\r\n9\r\nonds": 1}\r\n0\r\n\r\n')
    assert (status, json.loads(body)["steps"]) == (200, 0)


def test_a_client_may_wait_for_the_server_to_want_the_body(client: socket.socket) -> None:
    body = b'{"seconds": 0}'
    head = f"POST {CLOCK}/advance HTTP/1.1\nHost: x\nExpect: 100-continue\nConnection: close"
    head += f"\nContent-Length: {len(body)}"
    client.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
    assert client.recv(100).startswith(b"HTTP/1.1 100 ")
    client.sendall(body)
    assert everything(client).startswith(b"HTTP/1.1 200 ")


def test_other_expectations_are_not_met(client: socket.socket) -> None:
    head = f"POST {CLOCK}/advance HTTP/1.1\nHost: x\nExpect: coffee\nConnection: close"
    assert ask(client, f"{head}\nContent-Length: 2", b"{}")[0] == 417


def test_requests_may_be_sent_without_waiting_for_answers(client: socket.socket) -> None:
    one = f"GET {CLOCK} HTTP/1.1\r\nHost: x\r\n\r\n"
    last = f"GET {CLOCK} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    client.sendall((one * 20 + last).encode())
    assert everything(client).count(b"HTTP/1.1 200 OK") == 21


def test_head_has_the_length_of_the_body_and_no_body(address: tuple[str, int]) -> None:
    connection = http.client.HTTPConnection(*address, timeout=TIMEOUT_SECONDS)
    connection.request("HEAD", "/clouds/bare/health")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")
    assert answer.headers["Content-Length"] == "15"
    connection.request("GET", "/clouds/bare/health")  # the connection is still in step
    assert connection.getresponse().read() == b'{"status":"ok"}'
    connection.close()


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("gzip", gzip.compress(b'{"seconds": 0}', mtime=0), 200),
        ("gzip", b"not gzip", 400),
        ("deflate", b"\x00\x01", 400),
        ("identity", b'{"seconds": 0}', 200),
    ],
)
def test_a_compressed_body_is_read_or_refused(
    client: socket.socket, encoding: str, body: bytes, status: int
) -> None:
    head = f"POST {CLOCK}/advance HTTP/1.1\nHost: x\nConnection: close"
    head += f"\nContent-Encoding: {encoding}\nContent-Length: {len(body)}"
    assert ask(client, head, body)[0] == status


@pytest.mark.parametrize("length", [20_000_000, 2**40])
def test_a_body_that_is_too_large_is_not_read(client: socket.socket, length: int) -> None:
    head = f"POST {CLOCK}/advance HTTP/1.1\nHost: x\nContent-Length: {length}\nConnection: close"
    client.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n{")
    assert client.recv(100).startswith(b"HTTP/1.1 413 ")


def test_compute_refuses_a_body_that_is_too_large_before_it_asks_anything(
    client: socket.socket,
) -> None:
    head = "POST /clouds/bare/compute/v2.1/nowhere HTTP/1.1\nHost: x\nConnection: close"
    head += "\nContent-Type: text/xml\nContent-Length: 200000"
    client.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + b" " * 200_000)
    assert client.recv(100).startswith(b"HTTP/1.1 413 ")


def test_an_endless_body_is_cut_off(client: socket.socket) -> None:
    head = f"POST {CLOCK}/advance HTTP/1.1\nHost: x\nTransfer-Encoding: chunked"
    client.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
    try:
        for _ in range(1000):
            client.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
    except (ConnectionResetError, BrokenPipeError, TimeoutError):
        pass  # it does not listen to the end
    try:
        received = client.recv(100)
    except ConnectionResetError:
        return
    assert received.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("path", [f"{CLOCK}/advance", LOGIN, "/clouds/nobody/x"])
def test_a_client_that_goes_away_amid_its_body_harms_nobody(
    client: socket.socket,
    address: tuple[str, int],
    caplog: pytest.LogCaptureFixture,
    path: str,
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    client.sendall(head.encode() + b'{"sec')
    client.close()
    assert still_well(address)
    assert still_well(address)
    assert not caplog.records


def test_a_slow_body_keeps_nobody_waiting(client: socket.socket, address: tuple[str, int]) -> None:
    body = b'{"seconds": 0}'
    head = f"POST {CLOCK}/advance HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    client.sendall(head.encode())
    for octet in body:
        assert still_well(address)
        client.sendall(bytes([octet]))
    assert client.recv(100).startswith(b"HTTP/1.1 200 ")


def test_idle_connections_keep_nobody_waiting(address: tuple[str, int]) -> None:
    idle = [socket.create_connection(address, TIMEOUT_SECONDS) for _ in range(200)]
    for half in idle[::2]:
        half.sendall(b"GET / HTTP/1.1\r\nHo")
    assert still_well(address)
    for each in idle:
        each.close()
    assert still_well(address)


def test_an_unexpected_failure_is_said_and_logged(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: Cloud, request: object) -> None:
        raise RuntimeError("broken on purpose")

    with monkeypatch.context() as patched:
        patched.setattr(Cloud, "handle", fail)
        connection = http.client.HTTPConnection(*address, timeout=TIMEOUT_SECONDS)
        connection.request("GET", CLOCK)
        answer = connection.getresponse()
        assert (answer.status, json.load(answer)["error"]["code"]) == (500, 500)
        connection.close()
    assert "broken on purpose" in caplog.text
    assert still_well(address)


def fetch(url: str, body: Any = None, headers: Mapping[str, str] | None = None) -> tuple[Any, Any]:
    content = None if body is None else json.dumps(body).encode()
    named = {"Content-Type": "application/json", **(headers or {})}
    with urllib.request.urlopen(urllib.request.Request(url, content, named)) as answer:
        return answer.headers, json.load(answer)


LOGIN_BODY = {
    "auth": {
        "identity": {
            "methods": ["password"],
            "password": {
                "user": {"name": "demo", "domain": {"id": "default"}, "password": "secret"}
            },
        },
        "scope": {"project": {"name": "demo", "domain": {"id": "default"}}},
    }
}


@pytest.mark.asyncio
async def test_a_service_is_found_on_a_port_of_its_own() -> None:
    cloud = Cloud()
    clouds = {"": cloud}
    ports, runners = {}, []
    for mount in ("/identity", "/compute", "/image", "/networking", "/volume", "/placement"):
        runner, ports[mount] = await listen(handler(clouds.get, mount), "127.0.0.1", 0)
        runners.append(runner)

    def ask() -> None:
        origins = {mount: f"http://127.0.0.1:{port}" for mount, port in ports.items()}
        headers, body = fetch(f"{origins['/identity']}/v3/auth/tokens", LOGIN_BODY)
        token = {"X-Auth-Token": headers["X-Subject-Token"]}
        # Who logs in on Keystone's own port is led to the own ports of the others.
        urls = {each["type"]: each["endpoints"][0]["url"] for each in body["token"]["catalog"]}
        assert urls["compute"] == "http://127.0.0.1:8774/v2.1"
        assert urls["network"] == "http://127.0.0.1:9696"
        mounted = f"{origins['/identity']}/compute/v2.1/servers"
        assert fetch(mounted, headers=token)[1] == {"servers": []}
        version = fetch(f"{origins['/compute']}/v2.1/")[1]["version"]
        assert version["links"][0]["href"] == f"{origins['/compute']}/v2.1/"
        assert fetch(f"{origins['/compute']}/v2.1/servers", headers=token)[1] == {"servers": []}
        assert fetch(f"{origins['/image']}/v2/images", headers=token)[1]["images"]
        assert fetch(f"{origins['/networking']}/v2.0/networks", headers=token)[1]["networks"]
        assert fetch(f"{origins['/placement']}/")[1]["versions"]
        project = body["token"]["project"]["id"]
        assert (
            fetch(f"{origins['/volume']}/v3/{project}/volumes", headers=token)[1]["volumes"] == []
        )
        assert fetch(f"{origins['/compute']}/health")[1] == {"status": "ok"}

    await asyncio.to_thread(ask)
    for runner in runners:
        await runner.cleanup()
    cloud.close()


Console = Callable[[str, str], tuple[str, Any]]


@pytest.fixture
def screened() -> Iterator[tuple[Cloud, Console]]:
    """A cloud with a server, and what opens a console of it: a token, and what that tells."""
    cloud = Cloud(durations="instant")
    headers: dict[str, str] = {}

    def ask(path: str, body: Any = None) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        method = "GET" if body is None else "POST"
        answer = cloud.handle(Request(method, path, "", headers, content))
        return answer.headers, json.loads(answer.body)

    admin = json.loads(json.dumps(LOGIN_BODY).replace("demo", "admin"))
    headers["X-Auth-Token"] = dict(ask("/identity/v3/auth/tokens", admin)[0])["X-Subject-Token"]
    headers["OpenStack-API-Version"] = "compute 2.99"
    made_of = {
        "imageRef": cloud.names["image", "cirros-0.6.3-x86_64-disk"],
        "flavorRef": cloud.names["flavor", "m1.nano"],
    }
    server = {"name": "vm", "networks": "none", **made_of}
    made = ask("/compute/v2.1/servers", {"server": server})[1]["server"]["id"]

    def open_console(protocol: str, kind: str) -> tuple[str, Any]:
        body = {"remote_console": {"protocol": protocol, "type": kind}}
        path = f"/compute/v2.1/servers/{made}/remote-consoles"
        url = ask(path, body)[1]["remote_console"]["url"]
        token = url.rpartition("%3D" if "%3D" in url else "=")[2]
        told = ask(f"/compute/v2.1/os-console-auth-tokens/{token}")[1]["console"]
        return token, {**told, "proxy_port": urlsplit(url).port}

    yield cloud, open_console
    cloud.close()


def upgraded(port: int, token: str, *lines: str) -> bytes:
    """Open a web socket as noVNC does; return all that comes in one second."""
    head = [
        f"GET /?token={token} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: binary",
        *lines,
    ]
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS) as client:
        client.sendall("\r\n".join([*head, "", ""]).encode())
        received = b""
        while chunk := client.recv(65536):
            received += chunk
            if b"RFB" in received:
                break
        return received


@pytest.mark.asyncio
async def test_a_proxy_upgrades_first_and_looks_at_the_token_then(
    screened: tuple[Cloud, Console],
) -> None:
    cloud, open_console = screened
    runner, port = await listen(console_handler(cloud, "novnc"), "127.0.0.1", 0)
    token, _ = open_console("vnc", "novnc")
    for lines in ((), (f"Origin: http://127.0.0.1:{port}",)):
        opened = await asyncio.to_thread(upgraded, port, token, *lines)
        assert opened.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        assert opened.endswith(b"RFB 003.008\n")
    for wrong, *lines in (("bad" + token,), (token, "Origin: http://example.org")):
        refused = await asyncio.to_thread(upgraded, port, wrong, *lines)
        assert refused.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        assert refused.endswith(b"\r\n\r\n")
    page = await asyncio.to_thread(urllib.request.urlopen, f"http://127.0.0.1:{port}/vnc_auto.html")
    assert b"noVNC" in page.read()
    await runner.cleanup()


@pytest.mark.asyncio
async def test_a_proxy_of_serial_ports_has_no_pages(screened: tuple[Cloud, Console]) -> None:
    runner, port = await listen(console_handler(screened[0], "serial"), "127.0.0.1", 0)
    with pytest.raises(urllib.error.HTTPError) as refused:
        await asyncio.to_thread(urllib.request.urlopen, f"http://127.0.0.1:{port}/")
    assert refused.value.code == 405
    refused.value.close()
    await runner.cleanup()


@pytest.mark.asyncio
async def test_a_guest_is_heard_at_its_port_once_a_console_is_open(
    screened: tuple[Cloud, Console],
) -> None:
    cloud, open_console = screened
    with listen_for_guests(cloud):
        _, console = open_console("spice", "spice-direct")
        reader, writer = await asyncio.open_connection(console["host"], console["port"])
        body = struct.pack("<IBBIIIII", 0, 1, 0, 1, 1, 18, 11, 9)
        writer.write(struct.pack("<4sIII", b"REDQ", 2, 2, len(body)) + body)
        greeting = await asyncio.wait_for(reader.readexactly(20), TIMEOUT_SECONDS)
        assert struct.unpack("<4sIIII", greeting)[::4] == (b"REDQ", 0)
        writer.close()
        await writer.wait_closed()
        cloud.database.execute("DELETE FROM compute_console_tokens")
        reader, writer = await asyncio.open_connection(console["host"], console["port"])
        assert await asyncio.wait_for(reader.read(), TIMEOUT_SECONDS) == b""
        writer.close()
        await writer.wait_closed()


@pytest.mark.asyncio
async def test_consoles_of_a_second_emulator_are_at_ports_that_are_free(
    screened: tuple[Cloud, Console],
) -> None:
    first, second = Cloud(fixture=""), screened[0]
    runners = await serve_consoles(first)  # at the usual ports, if nobody else has them
    runners += await serve_consoles(second)
    with listen_for_guests(first), listen_for_guests(second):
        first.signals.emit("guest_port", 5900)
        token, console = screened[1]("vnc", "novnc")
        assert console["port"] > 5900
        assert not set(first.proxy_ports.values()) & set(second.proxy_ports.values())
        assert console["proxy_port"] == second.proxy_ports["novnc"] != 6080
        opened = await asyncio.to_thread(upgraded, console["proxy_port"], token)
        assert opened.endswith(b"RFB 003.008\n")
    for runner in runners:
        await runner.cleanup()
    first.close()
