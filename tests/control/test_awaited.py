"""A cloud in an event loop: AsyncCloud, and aiohttp and httpx without sockets."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from emulator import AsyncCloud, Cloud, RemoteCloud
from emulator.control import in_process
from emulator.errors import UsageError
from emulator.wire.upload import MEMORY_BYTES

pytestmark = [pytest.mark.asyncio, pytest.mark.filterwarnings("ignore:::openstack")]

USER = {"name": "demo", "domain": {"id": "default"}, "password": "secret"}
LOGIN = {
    "auth": {
        "identity": {"methods": ["password"], "password": {"user": USER}},
        "scope": {"project": {"name": "demo", "domain": {"id": "default"}}},
    }
}
VOLUME = {"volume": {"size": 1, "name": "v1"}}


@pytest.fixture
def unserved() -> Iterator[Cloud]:
    cloud = Cloud(clock="manual", durations="typical")
    yield cloud
    cloud.close()


def session_of(cloud: Cloud) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=in_process.aiohttp_connector(cloud))


async def make_volume(cloud: Cloud) -> str:
    url = in_process.url(cloud)
    async with session_of(cloud) as session:
        async with session.post(f"{url}/identity/v3/auth/tokens", json=LOGIN) as answer:
            token = answer.headers["X-Subject-Token"]
        headers = {"X-Auth-Token": token}
        async with session.post(f"{url}/volume/v3/volumes", json=VOLUME, headers=headers) as answer:
            return str((await answer.json())["volume"]["id"])


# AsyncCloud


async def test_words_are_awaited() -> None:
    async with AsyncCloud(clock="manual", durations="typical") as cloud:
        assert cloud.env()["OS_AUTH_URL"] == f"{cloud.url}/identity/v3"
        assert (await cloud.clock.advance(60))["clock"]["now"] == "2030-01-01T00:01:00.000000Z"
        assert isinstance(cloud.cloud, Cloud)
        volume = await make_volume(cloud.cloud)
        good = await cloud.snapshot("good")
        assert (await cloud.until("v1", "available")).id == volume
        assert (await cloud.settle(), await cloud.advance(1)) == (0, 0)
        (await cloud.requests("POST /volumes")).once()
        with pytest.raises(AssertionError, match="volume 'v1'"):
            await cloud.assert_clean()
        assert set((await cloud.diff(good))["resources"]) == {"volume"}
        async with await cloud.fork("f") as fork:
            assert fork.url == f"{cloud.url}/clouds/f"
        await cloud.restore(good)
        with pytest.raises(UsageError, match="no request that the journal keeps was refused"):
            await cloud.why()
        with pytest.raises(UsageError, match="there is no 'clock stop'"):
            await cloud.say("clock stop")


@pytest.mark.parametrize("remote", [False, True], ids=["own", "remote"])
async def test_tasks_wait_while_others_go_on(remote: bool) -> None:
    with Cloud(clock="manual", durations="typical", control_token="s3cret") as own:
        known = RemoteCloud(own.url, token="s3cret") if remote else own
        cloud = AsyncCloud(known)
        volume = await make_volume(own)
        follows = asyncio.create_task(take(cloud, 3))
        waits = asyncio.create_task(cloud.wait("v1", "available"))
        await asyncio.sleep(0)
        await cloud.settle()
        assert await waits
        assert await follows == [("entered", volume), ("finished", volume)]
        assert not await cloud.wait("v1", "in-use", seconds=0)
        with pytest.raises(UsageError, match="there is no resource 'v2'"):
            await cloud.wait("v2", "available")
        with pytest.raises(UsageError, match="is not one of"):
            await cloud.events.follow(kind="party")
        (event,) = await cloud.events.follow(since=0, limit=1, kind="request")
        assert event["operation"] == "POST /auth/tokens"


async def take(cloud: AsyncCloud, _: int) -> list[Any]:
    found = []
    async for event in cloud.follow(kind="step", since=0):
        found.append((event["what"], event["id"]))
        if event["what"] == "finished":
            break
    return found


async def test_a_cloud_is_made_when_its_block_is_entered() -> None:
    with pytest.raises(RuntimeError, match="the cloud is not made"):
        await AsyncCloud().settle()


# aiohttp without sockets


async def test_aiohttp_without_sockets(unserved: Cloud) -> None:
    volume = await make_volume(unserved)
    assert not unserved.is_served
    unserved.settle()
    assert unserved.journal.list(resource=volume, kind="step")["count"] == 2
    url = in_process.url(unserved)
    async with session_of(unserved) as session:
        async with session.get(f"{url}/health") as answer:
            assert await answer.json() == {"status": "ok"}
        unserved.fork("other")
        async with session.get(f"{url}/clouds/other/identity/v3") as answer:
            link = (await answer.json())["version"]["links"][0]["href"]
        assert link == f"{url}/clouds/other/identity/v3/"


async def test_aiohttp_has_the_same_state_as_all_others() -> None:
    with Cloud(durations="instant") as cloud:
        fork = cloud.fork("f")
        for each in (cloud, fork):
            async with session_of(each) as inside, aiohttp.ClientSession() as outside:
                for path in ("/compute/v2.1", "/nowhere"):
                    async with inside.get(f"{each.url}{path}") as answer:
                        near = (answer.status, await answer.read())
                    async with outside.get(f"{each.url}{path}") as answer:
                        assert (answer.status, await answer.read()) == near
    assert inside.closed


async def test_faults_of_the_wire_reach_aiohttp(unserved: Cloud) -> None:
    unserved.wire_faults.add("cut", path="/v2.1$", reset="after")
    unserved.wire_faults.add("half", path="/v3$", body="truncated")
    url = in_process.url(unserved)
    async with session_of(unserved) as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{url}/compute/v2.1")
        with pytest.raises(aiohttp.ClientPayloadError):
            async with session.get(f"{url}/identity/v3") as answer:
                await answer.read()
        async with session.get(f"{url}/health") as answer:
            assert answer.status == 200


async def test_large_data_goes_through_aiohttp() -> None:
    data = b"0123456789abcdef" * (MEMORY_BYTES // 16) + b"more"
    cloud = Cloud(durations="instant")
    url = in_process.url(cloud)
    async with session_of(cloud) as session:
        async with session.post(f"{url}/identity/v3/auth/tokens", json=LOGIN) as answer:
            headers = {"X-Auth-Token": answer.headers["X-Subject-Token"]}
        image = {"disk_format": "raw", "container_format": "bare", "name": "large"}
        async with session.post(f"{url}/image/v2/images", json=image, headers=headers) as answer:
            path = (await answer.json())["file"]
        kind = {"Content-Type": "application/octet-stream"}
        async with session.put(
            f"{url}/image{path}", data=io.BytesIO(data), headers=headers | kind
        ) as answer:
            assert answer.status == 204
        async with session.get(f"{url}/image{path}", headers=headers) as answer:
            assert await answer.read() == data
    cloud.close()


# httpx without sockets


async def test_httpx_without_sockets(unserved: Cloud) -> None:
    httpx = pytest.importorskip("httpx")
    transport, url = in_process.httpx_transport(unserved), in_process.url(unserved)
    async with httpx.AsyncClient(transport=transport, base_url=url) as client:
        answer = await client.post("/identity/v3/auth/tokens", json=LOGIN)
        assert answer.status_code == 201
        headers = {"X-Auth-Token": answer.headers["X-Subject-Token"]}
        made = (await client.post("/volume/v3/volumes", json=VOLUME, headers=headers)).json()
        waits = asyncio.create_task(
            client.get("/_emulator/wait", params={"resource": "v1", "status": "available"})
        )
        await asyncio.sleep(0.01)
        unserved.settle()
        assert (await waits).json()["resource"]["id"] == made["volume"]["id"]
    with httpx.Client(transport=transport, base_url=url) as plain:
        shown = plain.get("/volume/v3/volumes/detail", headers=headers).json()["volumes"]
        assert [each["status"] for each in shown] == ["available"]
        with plain.stream("GET", "/_emulator/events?since=0&limit=1") as answer:
            assert next(answer.iter_lines()) == ": follows"
        unserved.wire_faults.add("cut", path="/v2.1$", reset="after")
        unserved.wire_faults.add("half", path="/v3$", body="truncated")
        with pytest.raises(httpx.ReadError):
            plain.get("/compute/v2.1")
        with pytest.raises(httpx.RemoteProtocolError):
            plain.get("/identity/v3")
    assert not unserved.is_served
