"""Clouds below a cloud, snapshots with names, and files that carry a cloud."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator import Cloud, RemoteCloud
from emulator.control import neighbours
from emulator.errors import UsageError
from emulator.seeding import doors
from emulator.wire.request import Request
from emulator.wire.upload import MEMORY_BYTES

COMPUTE = "/compute/v2.1"
IMAGES = "/image/v2/images"
LARGE = b"0123456789abcdef" * (MEMORY_BYTES // 16) + b"more"


@pytest.fixture
def own() -> Iterator[Cloud]:
    with Cloud(clock="manual", durations="typical") as cloud:
        yield cloud


def ask(url: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
    with doors.through_url(url) as door:
        token = door("POST", "/identity/v3/auth/tokens", login())[0]["x-subject-token"]
        return door(method, path, body, X_Auth_Token=token, **headers)[1]


def login() -> Any:
    user = {"name": "demo", "domain": {"id": "default"}, "password": "secret"}
    scope = {"project": {"name": "demo", "domain": {"id": "default"}}}
    identity = {"methods": ["password"], "password": {"user": user}}
    return {"auth": {"identity": identity, "scope": scope}}


def boot(cloud: Cloud, name: str = "vm1") -> str:
    names = cloud.names
    server = {
        "name": name,
        "imageRef": names["image", "cirros-0.6.3-x86_64-disk"],
        "flavorRef": "1",
        "networks": "none",
    }
    made = ask(
        cloud.url,
        "POST",
        f"{COMPUTE}/servers",
        {"server": server},
        X_OpenStack_Nova_API_Version="2.104",
    )
    return str(made["server"]["id"])


def servers(url: str) -> list[str]:
    listed = ask(url, "GET", f"{COMPUTE}/servers/detail")["servers"]
    return [f"{each['name']} {each['status']}" for each in listed]


# Forks


def test_a_fork_goes_on_from_where_the_cloud_is(own: Cloud) -> None:
    boot(own)
    other = own.fork("other")
    assert other.url == f"{own.url}/clouds/other"
    assert servers(other.url) == servers(own.url) == ["vm1 BUILD"]
    own.settle()
    assert servers(other.url) == ["vm1 BUILD"]
    other.settle()
    boot(other, "vm2")
    assert servers(other.url) == ["vm2 BUILD", "vm1 ACTIVE"]
    assert servers(own.url) == ["vm1 ACTIVE"]


def test_a_fork_of_a_cloud_in_a_file_leaves_the_file_alone(tmp_path: Path) -> None:
    """Also its snapshots with names: they are in memory, and restoring one changes the file."""
    file = str(tmp_path / "cloud.db")
    with Cloud(clock="manual", durations="typical", db=file) as own:
        boot(own)
        own.snapshot()
        good = own.snapshots.create("good")["snapshot"]["name"]
        with own.fork("other") as other:
            assert not other.settings.db
            other.settle()
            boot(other, "vm2")
            assert servers(own.url) == ["vm1 BUILD"]
        own.settle()
        assert servers(own.url) == ["vm1 ACTIVE"]
        own.restore(good)
        assert servers(own.url) == ["vm1 BUILD"]
    with Cloud(db=file) as again:
        assert servers(again.url) == ["vm1 BUILD"]
        assert again.snapshots.list() == {"snapshots": []}


def test_forks_of_one_cloud_give_the_same_ids(own: Cloud) -> None:
    first, second = own.fork(), own.fork()
    assert boot(first) == boot(second)


def test_how_much_may_be_imported_is_a_setting() -> None:
    with Cloud(durations="instant") as cloud:
        assert cloud.expects(Request("POST", "/_emulator/snapshots/import")) == (False, 256 << 20)
    with Cloud(durations="instant", import_bytes_max=1000) as cloud:
        content = cloud.snapshot()
        with pytest.raises(UsageError, match="too large"):
            RemoteCloud(cloud.url).snapshots.import_("big", content)
        assert cloud.snapshots.list() == {"snapshots": []}


def test_the_catalog_of_a_fork_stays_inside(own: Cloud) -> None:
    made = RemoteCloud(own.url).fork("other")
    with doors.through_url(made.url) as door:
        catalog = door("POST", "/identity/v3/auth/tokens", login())[1]["token"]["catalog"]
    urls = [endpoint["url"] for service in catalog for endpoint in service["endpoints"]]
    assert urls
    assert all(url.startswith(f"{own.url}/clouds/other/") for url in urls)


def test_clouds_below_clouds_go_with_them(own: Cloud) -> None:
    with own.fork() as first:
        second = first.fork("second")
        assert second.url == f"{own.url}/clouds/f1/clouds/second"
        assert servers(second.url) == []
        assert [each["name"] for each in first.clouds.list()["clouds"]] == ["second"]
    assert own.clouds.list() == {"clouds": []}
    with pytest.raises(UsageError, match="There is no cloud 'f1' here"):
        RemoteCloud(f"{own.url}/clouds/f1/clouds/second").clock.show()


def test_an_empty_cloud_has_no_users(own: Cloud) -> None:
    made = own.clouds.create("empty", fixture="")["cloud"]
    assert made["url"] == f"{own.url}/clouds/empty"
    with pytest.raises(UsageError, match="401"):
        servers(made["url"])


def test_large_images_are_in_forks_too(own: Cloud) -> None:
    image = ask(own.url, "POST", IMAGES, {"disk_format": "raw", "container_format": "bare"})
    upload(own, image["id"])
    other = own.fork()
    ask(own.url, "DELETE", f"{IMAGES}/{image['id']}")
    own.settle()
    assert download(other, image["id"]) == hashlib.sha512(LARGE).hexdigest()


def upload(cloud: Cloud, image_id: str) -> None:
    send(cloud, "PUT", image_id, LARGE)


def download(cloud: Cloud, image_id: str) -> str:
    return hashlib.sha512(send(cloud, "GET", image_id, None)).hexdigest()


def send(cloud: Cloud, method: str, image_id: str, data: bytes | None) -> bytes:
    import urllib.request

    with doors.through_url(cloud.url) as door:
        token = door("POST", "/identity/v3/auth/tokens", login())[0]["x-subject-token"]
    headers = {"X-Auth-Token": token, "Content-Type": "application/octet-stream"}
    url = f"{cloud.url}{IMAGES}/{image_id}/file"
    asked = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(asked) as answer:
        content: bytes = answer.read()
    return content


# Idle ones


def test_an_idle_cloud_goes_when_somebody_asks(own: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    time = [1000.0]
    monkeypatch.setattr(neighbours, "real_seconds", lambda: time[0])
    own.clouds.create("short", expires_seconds=60)
    own.clouds.create("long")
    time[0] += 50
    RemoteCloud(f"{own.url}/clouds/short").clock.show()
    time[0] += 50
    (short, _) = own.clouds.list()["clouds"]
    assert (short["expires_seconds"], short["idle_seconds"]) == (60, 50)
    time[0] += 11
    with pytest.raises(UsageError, match="There is no cloud 'short' here"):
        RemoteCloud(f"{own.url}/clouds/short").clock.show()
    assert [each["name"] for each in own.clouds.list()["clouds"]] == ["long"]


# Snapshots


def test_what_changed_between_two_snapshots(own: Cloud) -> None:
    first = own.snapshot()
    server = boot(own)
    second = own.snapshot()
    own.settle()
    made = own.diff(first, second)["resources"]
    assert made["server"] == {"added": [{"id": server, "name": "vm1"}]}
    (changed,) = own.diff(second)["resources"]["server"]["changed"]
    assert (changed["id"], changed["name"]) == (server, "vm1")
    assert changed["columns"]["vm_state"] == ["building", "active"]
    gone = own.diff(second, first)["resources"]["server"]
    assert gone == {"removed": [{"id": server, "name": "vm1"}]}
    assert own.diff(second, second) == {"resources": {}, "other_tables": {}}


def test_a_snapshot_keeps_large_images(own: Cloud) -> None:
    image = ask(own.url, "POST", IMAGES, {"disk_format": "raw", "container_format": "bare"})
    upload(own, image["id"])
    own.snapshots.create("good")
    ask(own.url, "DELETE", f"{IMAGES}/{image['id']}")
    own.settle()
    own.restore("good")
    assert download(own, image["id"]) == hashlib.sha512(LARGE).hexdigest()


def test_a_snapshot_that_is_none_changes_nothing(own: Cloud) -> None:
    server = boot(own)
    for wrong, reason in ((b"no", "is no SQLite file"), (own.snapshot()[:-4096], "is damaged")):
        with pytest.raises(UsageError, match=reason):
            own.restore(wrong)
    with pytest.raises(UsageError, match="there is no snapshot 'good'"):
        own.restore("good")
    assert own.clock.until(server, "ACTIVE")


# Files


def test_a_file_carries_a_cloud(own: Cloud, tmp_path: Path) -> None:
    image = ask(own.url, "POST", IMAGES, {"disk_format": "raw", "container_format": "bare"})
    upload(own, image["id"])
    server = boot(own)
    file = tmp_path / "bug.sqlite3"
    RemoteCloud(own.url).export(file)
    with sqlite3.connect(file) as opened:
        assert opened.execute("SELECT uuid FROM compute_servers").fetchall() == [(server,)]
    opened.close()
    with Cloud.load(file, durations="typical") as loaded:
        assert servers(loaded.url) == ["vm1 BUILD"]
        assert download(loaded, image["id"]) == hashlib.sha512(LARGE).hexdigest()
        assert loaded.now == own.now
        loaded.settle()
        assert servers(loaded.url) == ["vm1 ACTIVE"]
    own.snapshots.import_("bug", file.read_bytes())
    made = own.clouds.create("again", snapshot="bug")["cloud"]
    assert servers(made["url"]) == ["vm1 BUILD"]


def damaged(content: bytes) -> bytes:
    """The file with a page in the middle overwritten."""
    middle = len(content) // 8192 * 4096
    return content[:middle] + b"\xff" * 4096 + content[middle + 4096 :]


def changed(content: bytes, *statements: str) -> bytes:
    database = sqlite3.connect(":memory:")
    if content:
        database.deserialize(content)
    for each in statements:
        database.execute(each)
    database.commit()
    found = database.serialize()
    database.close()
    return found


def test_files_that_are_none(own: Cloud, tmp_path: Path) -> None:
    file = tmp_path / "bug.sqlite3"
    own.export(file)
    good = file.read_bytes()
    newer = "INSERT INTO _sqlite_migrations VALUES (NULL, 'compute', 'of_tomorrow', '')"
    refused = {
        b"": "is no SQLite file",
        good[:-1]: f"is damaged: it has {len(good) - 1} of {len(good)} bytes",
        damaged(good): "is damaged: ",
        changed(good, newer): "is of a newer version .* \\(compute of_tomorrow\\)",
        changed(good, "CREATE TABLE more (id)"): "is of another version of the emulator",
        changed(good, "DELETE FROM cloud_state"): "its clock or its counters are not there",
        changed(b"", "CREATE TABLE a (b)"): "not of a cloud",
    }
    for content, reason in refused.items():
        file.write_bytes(content)
        with pytest.raises(UsageError, match=f"^{file}: .*{reason}"):
            Cloud.load(file)
        with pytest.raises(UsageError, match=f"^content: .*{reason}"):
            own.snapshots.import_("bad", content)
    assert own.snapshots.list() == {"snapshots": []}
    with pytest.raises(UsageError, match="No such file"):
        Cloud.load(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="No such file"):
        own.export(tmp_path / "nowhere" / "file")
