"""Uploads as they come over a socket."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from emulator.wire.upload import MEMORY_BYTES

IMAGES = "/image/v2/images"


def new_image(api: Any, disk_format: str = "raw") -> str:
    body = {"disk_format": disk_format, "container_format": "bare"}
    image_id: str = api.post(IMAGES, body, who="demo").json["id"]
    return image_id


@contextlib.contextmanager
def begun_upload(api: Any, image_id: str, verb: str = "file") -> Iterator[socket.socket]:
    """An upload of four MiB of which two have been sent."""
    place = urlsplit(api.cloud.url)
    head = (
        f"PUT {place.path}{IMAGES}/{image_id}/{verb} HTTP/1.1\r\nHost: {place.netloc}\r\n"
        f"X-Auth-Token: {api.token('demo')}\r\nContent-Type: application/octet-stream\r\n"
        f"Accept: application/json\r\nContent-Length: {4 * MEMORY_BYTES}\r\n\r\n"
    )
    with socket.create_connection((place.hostname, place.port)) as client:
        client.sendall(head.encode() + b"x" * 2 * MEMORY_BYTES)
        yield client


def wait_for(api: Any, image_id: str, status: str) -> None:
    """Ask over the socket, as the server answers it in turn with what it is at."""
    place = urlsplit(api.cloud.url)
    found = ""
    with contextlib.closing(http.client.HTTPConnection(place.netloc)) as client:
        for _ in range(2000):
            headers = {"X-Auth-Token": api.token("demo")}
            client.request("GET", f"{place.path}{IMAGES}/{image_id}", headers=headers)
            found = json.loads(client.getresponse().read())["status"]
            if found == status:
                return
    raise AssertionError(f"the image is {found}, not {status}")


def answer_to(client: socket.socket) -> str:
    answer = b""
    while chunk := client.recv(65536):
        answer += chunk
        if b"\r\n\r\n" in answer:
            break
    return answer.split(b"\r\n", 1)[0].decode()


@pytest.mark.parametrize(("verb", "status"), [("file", "saving"), ("stage", "uploading")])
def test_an_upload_cut_off_midway_leaves_the_image_queued(api: Any, verb: str, status: str) -> None:
    api.cloud.start()
    image_id = new_image(api)
    with begun_upload(api, image_id, verb):
        wait_for(api, image_id, status)
    wait_for(api, image_id, "queued")
    assert list(api.cloud.data_folder().iterdir()) == []


def test_while_data_comes_another_upload_is_refused(api: Any) -> None:
    api.cloud.start()
    image_id = new_image(api)
    with begun_upload(api, image_id) as client:
        wait_for(api, image_id, "saving")
        headers = {"Content-Type": "application/octet-stream"}
        path = f"{IMAGES}/{image_id}/file"
        refused = api.put(path, data=b"other", headers=headers, who="demo")
        assert refused.status == 409
        assert "transition from saving to saving" in refused.text
        client.sendall(b"x" * 2 * MEMORY_BYTES)
        assert answer_to(client) == "HTTP/1.1 204 No Content"
    shown = api.get(f"{IMAGES}/{image_id}", who="demo").json
    assert (shown["status"], shown["size"]) == ("active", 4 * MEMORY_BYTES)


def test_an_image_deleted_while_its_data_comes_is_gone(api: Any) -> None:
    api.cloud.start()
    image_id = new_image(api)
    with begun_upload(api, image_id) as client:
        wait_for(api, image_id, "saving")
        assert api.delete(f"{IMAGES}/{image_id}", who="demo").status == 204
        client.sendall(b"x" * 2 * MEMORY_BYTES)
        assert answer_to(client) == "HTTP/1.1 410 Gone"
    assert list(api.cloud.data_folder().iterdir()) == []


def test_data_that_is_refused_in_the_end_leaves_the_image_queued(open_cloud: Any) -> None:
    api = open_cloud(who=["demo"], image_format_check=True)
    api.cloud.start()
    image_id = new_image(api, disk_format="qcow2")
    with begun_upload(api, image_id) as client:
        client.sendall(b"x" * 2 * MEMORY_BYTES)
        assert answer_to(client) == "HTTP/1.1 415 Unsupported Media Type"
    wait_for(api, image_id, "queued")


def test_data_of_unknown_length_comes_in_chunks(api: Any) -> None:
    api.cloud.start()
    image_id = new_image(api)
    place = urlsplit(api.cloud.url)
    client = http.client.HTTPConnection(place.netloc)
    headers = {"X-Auth-Token": api.token("demo"), "Content-Type": "application/octet-stream"}
    blocks = (b"y" * 65536 for _ in range(40))
    client.request("PUT", f"{place.path}{IMAGES}/{image_id}/file", blocks, headers)
    answer = client.getresponse()
    answer.read()
    assert answer.status == 204
    client.request("GET", f"{place.path}{IMAGES}/{image_id}", headers=headers)
    assert json.loads(client.getresponse().read())["size"] == 40 * 65536
    client.request("GET", f"{place.path}{IMAGES}/{image_id}/file", headers=headers)
    answer = client.getresponse()
    assert answer.getheader("Content-Length") == str(40 * 65536)
    assert answer.read() == b"y" * (40 * 65536)
    client.close()
