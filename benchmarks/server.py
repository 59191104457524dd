"""A server in a process of its own that tells what it costs: CPU time and memory."""

from __future__ import annotations

import asyncio
import gc
import http.client
import json
import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

LARGE = str(Path(__file__).parent / "large.yaml")  # hosts and a network for 100,000 servers
ROUNDS = 5
ANSWER = {"id": 1, "name": "bare"}


def _child(pipe: Connection, settings: Mapping[str, Any]) -> None:
    """Serve a cloud and, on a port of its own, a bare handler; answer the parent's questions."""
    from aiohttp import web

    from emulator.cloud import Cloud

    async def bare(request: web.Request) -> web.Response:
        body = json.dumps(ANSWER).encode()
        return web.Response(body=body, content_type="application/json")

    async def listen() -> int:
        app = web.Application()
        app.router.add_get("/", bare)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return int(runner.addresses[0][1])

    loop = asyncio.new_event_loop()
    bare_port = loop.run_until_complete(listen())
    threading.Thread(target=loop.run_forever, daemon=True).start()
    cloud = Cloud(**settings).start()
    pipe.send((cloud.url, f"http://127.0.0.1:{bare_port}/"))
    while True:
        question, arguments = pipe.recv()
        begun = time.process_time()
        if question == "stop":
            break
        if question == "cpu":
            pipe.send(time.process_time())
        elif question == "resident":
            gc.collect()
            pipe.send(resident_bytes(os.getpid()))
        elif question == "peak":
            lines = Path("/proc/self/status").read_text().splitlines()
            pipe.send(next(int(each.split()[1]) for each in lines if each[:5] == "VmHWM") * 1024)
        elif question == "advance":
            steps = cloud.advance(*arguments)
            pipe.send((steps, time.process_time() - begun))
    pipe.send(None)


def resident_bytes(pid: int) -> int:
    """Return the memory that a process has of its own and shared, in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Server:
    """The child process, seen from here: `ask` sends a request, `cpu` is what it has cost."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.url, bare = pipe.recv()
        parts = urlsplit(self.url)
        self.root = parts.path
        self.host = parts.netloc
        self._connection = http.client.HTTPConnection(parts.netloc)
        self._bare = urlsplit(bare).netloc
        self.project_id = ""
        self.headers: dict[str, str] = {"Content-Type": "application/json"}

    def tell(self, question: str, *arguments: Any) -> Any:
        """Ask the child about itself."""
        self._pipe.send((question, arguments))
        return self._pipe.recv()

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, Any]:
        """Send a request; return the answer and its body. RuntimeError when it is an error."""
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        self._connection.request(
            method, self.root + path, content, {**self.headers, **(headers or {})}
        )
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {text.decode()[:500]}")
        return answer, json.loads(text) if text[:1] in b"{[" and text else text

    def cost(self, count: int, method: str, path: str, body: Any = None, wave: int = 20) -> float:
        """Return the CPU seconds of one such request, the best of several rounds.

        Requests come in waves, as from many clients: a server that is woken for each request
        alone would mostly be measured waking up. RuntimeError when an answer is an error.
        """
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {self.root}{path} HTTP/1.1\r\nHost: {self.host}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        request = f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content
        return self._best(self.host, request, count, wave)

    def bare(self, count: int) -> float:
        """Return the CPU seconds of one request to the bare handler."""
        request = f"GET / HTTP/1.1\r\nHost: {self._bare}\r\n\r\n".encode()
        return self._best(self._bare, request, count, 20)

    def _best(self, host: str, request: bytes, count: int, wave: int) -> float:
        name, _, port = host.partition(":")
        with socket.create_connection((name, int(port))) as connection:
            answers = connection.makefile("rb")
            _wave(connection, answers, request, 1)
            rounds: list[float] = []
            for _ in range(ROUNDS):
                begun, waves = self.tell("cpu"), max(1, count // ROUNDS // wave)
                for _ in range(waves):
                    _wave(connection, answers, request, wave)
                rounds.append((self.tell("cpu") - begun) / (waves * wave))
            answers.close()
        return min(rounds)

    def login(self, user: str = "admin") -> None:
        """Act as a user in the project of the same name from here on."""
        answer, body = self.ask("POST", "/identity/v3/auth/tokens", login_body(user))
        self.project_id = body["token"]["project"]["id"]
        self.headers["X-Auth-Token"] = str(answer.headers["X-Subject-Token"])


def _wave(connection: socket.socket, answers: BinaryIO, request: bytes, count: int) -> None:
    """Send so many requests at once and read their answers."""
    sender = threading.Thread(target=connection.sendall, args=(request * count,))
    sender.start()
    for _ in range(count):
        status, length = answers.readline(), 0
        while (line := answers.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        content = answers.read(length)
        if int(status.split()[1]) >= 400:
            raise RuntimeError(f"{status.decode()} {content.decode()[:500]}")
    sender.join()


def login_body(user: str) -> dict[str, Any]:
    """Return the body of a password login of a user in the project of the same name."""
    domain = {"id": "default"}
    password = {"user": {"name": user, "domain": domain, "password": "secret"}}
    return {
        "auth": {
            "identity": {"methods": ["password"], "password": password},
            "scope": {"project": {"name": user, "domain": domain}},
        }
    }


@contextmanager
def serving(**settings: Any) -> Iterator[Server]:
    """Run a server in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_child, args=(theirs, settings), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Server(ours)
        ours.send(("stop", ()))
        ours.recv()
    finally:
        process.terminate()
        process.join()
