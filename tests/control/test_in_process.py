"""Clients that reach a cloud without sockets: what they see is what they see over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator import Cloud
from emulator.control import in_process
from emulator.errors import UsageError
from emulator.wire.upload import MEMORY_BYTES

requests = pytest.importorskip("requests")
pytest.importorskip("openstack")
pytestmark = pytest.mark.filterwarnings("ignore:::openstack")


@pytest.fixture
def unserved() -> Iterator[Cloud]:
    cloud = Cloud(durations="instant")
    yield cloud
    cloud.close()


def test_openstacksdk_without_sockets(unserved: Cloud) -> None:
    demo = unserved.connect(transport="in-process")
    image = demo.get_image("cirros-0.6.3-x86_64-disk")
    server = demo.create_server(
        "vm1", image=image.id, flavor="m1.tiny", network="private", wait=True
    )
    assert server.status == "ACTIVE"
    assert not unserved.is_served
    unserved.requests("POST /servers").once()


def test_both_transports_have_the_same_state() -> None:
    with Cloud(durations="instant") as cloud:
        inside, outside = cloud.connect(transport="in-process"), cloud.connect()
        network = inside.network.create_network(name="blue")
        assert outside.network.get_network(network.id).name == "blue"
        links = [each.get("/").json() for each in (inside.compute, outside.compute)]
        assert links[0] == links[1]


def test_large_data_goes_in_and_out(unserved: Cloud) -> None:
    demo = unserved.connect(transport="in-process")
    data = b"x" * (MEMORY_BYTES + 1)
    image = demo.create_image("large", data=data, container_format="bare", disk_format="raw")
    assert demo.image.download_image(image.id).content == data


def test_a_session_of_requests(unserved: Cloud) -> None:
    url = in_process.url(unserved)
    with in_process.session(unserved) as session:
        assert session.get(f"{url}/health").json() == {"status": "ok"}
        assert session.get(f"{url}/compute/v2.1/servers").status_code == 401
        unserved.fork("other")
        shown = session.get(f"{url}/clouds/other/identity/v3").json()["version"]
        assert shown["links"][0]["href"] == f"{url}/clouds/other/identity/v3/"


def test_faults_of_the_wire_reach_them_too(unserved: Cloud) -> None:
    unserved.wire_faults.add("cut", reset="after")
    with in_process.session(unserved) as session, pytest.raises(requests.ConnectionError):
        session.get(f"{in_process.url(unserved)}/compute/v2.1/servers")


def test_another_transport_is_none(unserved: Cloud) -> None:
    with pytest.raises(UsageError, match="transport: 'pigeon' is none of loopback, in-process"):
        unserved.connect(transport="pigeon")
