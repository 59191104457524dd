"""A cloud kept in a file: what was acknowledged is there after a kill, and after a clean stop."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from emulator.cloud import Cloud
from emulator.errors import UsageError


def post(url: str, body: Any, token: str | None = None) -> tuple[Any, str | None]:
    headers = {"Content-Type": "application/json", **({"X-Auth-Token": token} if token else {})}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer), answer.headers["X-Subject-Token"]


def login(url: str) -> str:
    domain = {"id": "default"}
    user = {"name": "admin", "domain": domain, "password": "secret"}
    identity = {"methods": ["password"], "password": {"user": user}}
    scope = {"project": {"name": "admin", "domain": domain}}
    body = {"auth": {"identity": identity, "scope": scope}}
    token = post(f"{url}/identity/v3/auth/tokens", body)[1]
    assert token is not None
    return token


@contextmanager
def serving(db: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0", "--db", str(db)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().removeprefix("Ready. ").strip()
    finally:
        process.kill()
        process.communicate()


def keypair_names(db: Path) -> set[str]:
    with Cloud(db=str(db)) as cloud:
        request = urllib.request.Request(f"{cloud.url}/compute/v2.1/os-keypairs")
        request.add_header("X-Auth-Token", login(cloud.url))
        with urllib.request.urlopen(request) as answer:
            return {each["keypair"]["name"] for each in json.load(answer)["keypairs"]}


def test_what_was_acknowledged_survives_a_kill_amid_writing(tmp_path: Path) -> None:
    db = tmp_path / "cloud.sqlite"
    acknowledged: list[str] = []

    def write(url: str, token: str) -> None:
        key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKbPvlWVAsRBLT0Nd5jvXsZ4Bhf3yHw4gjuXqpq0Rbx k"
        for number in range(10_000):
            body = {"keypair": {"name": f"key-{number}", "public_key": key}}
            try:
                post(f"{url}/compute/v2.1/os-keypairs", body, token)
            except OSError:
                return
            acknowledged.append(f"key-{number}")
            if number == 20:
                halfway.set()

    halfway = threading.Event()
    with serving(db) as (process, url):
        writer = threading.Thread(target=write, args=(url, login(url)))
        writer.start()
        assert halfway.wait(20)
        process.send_signal(signal.SIGKILL)
        writer.join()
    found = keypair_names(db)
    assert set(acknowledged) <= found
    assert len(found) <= len(acknowledged) + 1  # the one that was being answered


def test_a_clean_stop_leaves_one_file(tmp_path: Path) -> None:
    db = tmp_path / "cloud.sqlite"
    with serving(db) as (process, url):
        login(url)
        process.terminate()
        assert process.wait(10) == 0
    assert [each.name for each in tmp_path.iterdir()] == ["cloud.sqlite"]
    with sqlite3.connect(db) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_reopened_cloud_gives_out_new_ids_and_keeps_old_tokens(tmp_path: Path) -> None:
    db = str(tmp_path / "cloud.sqlite")
    first = Cloud(db=db)
    with first:
        token = login(first.url)
        given = {first.ids.uuid(), first.ids.request_id()}
        login(first.url)  # commits the counters
    again = Cloud(db=db)
    with again:
        assert again.credentials(again.context(), token) is not None
        assert not given & {again.ids.uuid(), again.ids.request_id()}


def test_a_file_is_open_in_one_cloud_at_a_time(tmp_path: Path) -> None:
    db = str(tmp_path / "cloud.sqlite")
    first = Cloud(db=db, fixture="")
    with pytest.raises(UsageError, match=r"cloud\.sqlite: .*database is locked"):
        Cloud(db=db)
    first.close()
    Cloud(db=db).close()
