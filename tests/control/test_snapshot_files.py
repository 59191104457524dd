"""Snapshot files on their way: sent as they are, streamed, said alike in every face."""

from __future__ import annotations

import base64
import http.client
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from emulator import Cloud, RemoteCloud
from emulator.cli import main
from emulator.control import in_process
from emulator.errors import UsageError

IMPORT = "/_emulator/snapshots/import"
KINDS = ("application/vnd.sqlite3", "application/octet-stream; x=y", "Application/VND.SQLite3")
LIMIT = 8 << 20  # a snapshot of an empty cloud has less


@pytest.fixture
def own() -> Iterator[Cloud]:
    """A cloud that may be told to take files up to a limit."""
    with Cloud(fixture="", import_bytes_max=LIMIT) as cloud:
        yield cloud


@pytest.fixture
def good(own: Cloud, tmp_path: Path) -> Path:
    """A file that carries the cloud."""
    RemoteCloud(own.url).export(tmp_path / "good.sqlite3")
    return tmp_path / "good.sqlite3"


def send(cloud: Cloud, query: str, body: Any, kind: str, **headers: str) -> tuple[int, Any]:
    """Send a body to the word, as any language does; return status and message or snapshot."""
    place = urlsplit(cloud.url)
    connection = http.client.HTTPConnection(place.netloc)
    path = f"{place.path}{IMPORT}{query}"
    connection.request("POST", path, body, {"Content-Type": kind, **headers})
    answer = connection.getresponse()
    content = json.loads(answer.read())
    connection.close()
    return answer.status, content.get("snapshot") or content["error"]["message"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_sent_as_it_is(own: Cloud, good: Path, kind: str) -> None:
    content = good.read_bytes()
    status, snapshot = send(own, "?name=bug", content, kind)
    assert (status, snapshot["name"]) == (201, "bug")
    pieces = iter([content[:100_000], content[100_000:]])  # a body of unknown length
    assert send(own, "?name=again", pieces, kind)[0] == 201
    assert own.clouds.create("c", snapshot="again")["cloud"]["name"] == "c"
    assert not list(own.data_folder().glob("upload-*"))


def test_json_still_carries_one(own: Cloud, good: Path) -> None:
    content = base64.b64encode(good.read_bytes()).decode()
    body = json.dumps({"name": "bug", "content": content})
    assert send(own, "", body, "application/json")[0] == 201
    assert own.snapshots.import_("again", content)["snapshot"]["name"] == "again"


def test_an_export_is_a_download(own: Cloud, good: Path) -> None:
    own.snapshots.create("bug")
    place = urlsplit(own.url)
    for query, name in (("", "cloud"), ("?name=bug", "bug")):
        connection = http.client.HTTPConnection(place.netloc)
        connection.request("GET", f"{place.path}/_emulator/snapshots/export{query}")
        answer = connection.getresponse()
        told = answer.headers["Content-Disposition"], answer.headers["Content-Type"]
        assert told == (f'attachment; filename="{name}.sqlite3"', "application/vnd.sqlite3")
        assert len(answer.read()) == int(answer.headers["Content-Length"])
        connection.close()


# Bad files, in every face

Say = Callable[[str, Path], Any]


def over_http(cloud: Cloud) -> Say:
    """The file as the body of a request."""

    def say(name: str, file: Path) -> None:
        status, message = send(cloud, f"?name={name}", file.read_bytes(), KINDS[0])
        if status >= 400:
            raise UsageError(message)

    return say


def in_json(cloud: Cloud) -> Say:
    """The file as base64."""

    def say(name: str, file: Path) -> None:
        content = base64.b64encode(file.read_bytes()).decode()
        body = json.dumps({"name": name, "content": content})
        status, message = send(cloud, "", body, "application/json")
        if status >= 400:
            raise UsageError(message)

    return say


def without_sockets(cloud: Cloud) -> Say:
    """The file through requests, in process."""

    def say(name: str, file: Path) -> None:
        url = f"{in_process.url(cloud)}{IMPORT}?name={name}"
        with in_process.session(cloud) as session, file.open("rb") as opened:
            answer = session.post(url, data=opened, headers={"Content-Type": KINDS[0]})
        if answer.status_code >= 400:
            raise UsageError(answer.json()["error"]["message"])

    return say


def by_command(cloud: Cloud) -> Say:
    """The command line."""

    def say(name: str, file: Path) -> None:
        printed: list[str] = []
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("sys.stderr", type("", (), {"write": printed.append, "flush": int}))
            values = [f"name={name}", f"content=@{file}"]
            code = main(["snapshots", "import", *values, "--url", cloud.url])
        if code:
            raise UsageError("".join(printed).removeprefix("openstack-emulator: ").rstrip("\n"))

    return say


FACES: dict[str, Callable[[Cloud], Say]] = {
    "HTTP": over_http,
    "JSON": in_json,
    "requests": without_sockets,
    "Python": lambda cloud: cloud.snapshots.import_,
    "bytes": lambda cloud: lambda name, file: cloud.snapshots.import_(name, file.read_bytes()),
    "remote": lambda cloud: RemoteCloud(cloud.url).snapshots.import_,
    "command": by_command,
}


def changed(content: bytes, statement: str) -> bytes:
    """The file after a statement of SQL."""
    database = sqlite3.connect(":memory:")
    database.deserialize(content)
    database.execute(statement)
    database.commit()
    found = database.serialize()
    database.close()
    return found


BAD: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda good: b"", "^content: is no SQLite file$"),
    "cut off": (lambda good: good[:-4096], r"^content: is damaged: it has \d+ of \d+ bytes$"),
    "too much": (lambda good: good + bytes(4096), r"^content: is damaged: it has \d+ of \d+ "),
    "overwritten": (
        lambda good: good[:8192] + b"\xff" * 4096 + good[12288:],
        "^content: is damaged: ",
    ),
    "newer": (
        lambda good: changed(
            good, "INSERT INTO _sqlite_migrations VALUES (NULL, 'compute', 'of_tomorrow', '')"
        ),
        r"^content: is of a newer version of the emulator .*\(compute of_tomorrow\)$",
    ),
    "other": (
        lambda good: changed(good, "CREATE TABLE more (id)"),
        "^content: is of another version of the emulator",
    ),
    "oversized": (lambda good: good + bytes(3 * LIMIT), "^Request is too large.$"),
}


@pytest.mark.parametrize("face", sorted({*FACES} - {"bytes", "JSON"}))
@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_refused_alike(own: Cloud, good: Path, what: str, face: str) -> None:
    spoil, reason = BAD[what]
    bad = good.with_name("bad.sqlite3")
    bad.write_bytes(spoil(good.read_bytes()))
    before = own.snapshot()
    if what == "oversized" and face == "Python":
        reason = "^content: is damaged"  # the process's own memory is not guarded
    with pytest.raises(UsageError, match=reason):
        FACES[face](own)("bug", bad)
    assert own.snapshots.list() == {"snapshots": []}
    assert own.diff(before) == {"resources": {}, "other_tables": {}}
    assert not list(own.data_folder().glob("upload-*"))


@pytest.mark.parametrize("face", FACES)
def test_a_good_file_is_taken_alike(own: Cloud, good: Path, face: str) -> None:
    FACES[face](own)("bug", good)
    assert [each["name"] for each in own.snapshots.list()["snapshots"]] == ["bug"]
    with pytest.raises(UsageError, match=r"^there is a snapshot 'bug' already$"):
        FACES[face](own)("bug", good)


@pytest.mark.parametrize("face", ["Python", "remote", "command"])
def test_a_file_that_is_not_there(own: Cloud, tmp_path: Path, face: str) -> None:
    for place, reason in ((tmp_path / "nowhere", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(UsageError, match=f"^{place}: {reason}"):
            FACES[face](own)("bug", place)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "'name' is a required property"),
        ("?name=a%20b", "name: 'a b' does not match '^[A-Za-z0-9._-]{1,64}$'"),
        ("?name=a%00", "name: 'a\\x00' does not match '^[A-Za-z0-9._-]{1,64}$'"),
        ("?nmae=a&name=b", "snapshots import has no nmae: it takes name, content"),
    ],
)
def test_what_is_said_beside_a_file(own: Cloud, good: Path, query: str, reason: str) -> None:
    assert send(own, query, good.read_bytes(), KINDS[0]) == (400, reason)
    assert own.snapshots.list() == {"snapshots": []}


def test_an_export_that_cannot_be_had(own: Cloud, tmp_path: Path) -> None:
    remote = RemoteCloud(own.url)
    with pytest.raises(UsageError, match="There is no snapshot 'good' here"):
        remote.export(tmp_path / "x", "good")
    assert not (tmp_path / "x").exists()
    with pytest.raises(UsageError, match=rf"^{tmp_path}: Is a directory$"):
        remote.export(tmp_path)
    with pytest.raises(UsageError, match=r"^no cloud answers at http://127.0.0.1:9: "):
        RemoteCloud("http://127.0.0.1:9").export(tmp_path / "x")
    with pytest.raises(UsageError, match="is not the URL of a cloud"):
        RemoteCloud("file:///etc/passwd").export(tmp_path / "x")
