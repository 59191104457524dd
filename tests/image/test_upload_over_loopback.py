"""Uploads as they come over a socket."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from typing import Any
from urllib.parse import urlsplit

from emulator.wire.upload import MEMORY_BYTES

IMAGES = "/image/v2/images"


def new_image(api: Any) -> str:
    body = {"disk_format": "raw", "container_format": "bare"}
    image_id: str = api.post(IMAGES, body, who="demo").json["id"]
    return image_id


def test_an_upload_cut_off_midway_leaves_the_image_queued(api: Any) -> None:
    api.cloud.start()
    image_id = new_image(api)
    place = urlsplit(api.cloud.url)
    head = (
        f"PUT {place.path}{IMAGES}/{image_id}/file HTTP/1.1\r\nHost: {place.netloc}\r\n"
        f"X-Auth-Token: {api.token('demo')}\r\nContent-Type: application/octet-stream\r\n"
        f"Content-Length: {4 * MEMORY_BYTES}\r\n\r\n"
    )
    with socket.create_connection((place.hostname, place.port)) as client:
        client.sendall(head.encode() + b"x" * 2 * MEMORY_BYTES)
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass
    with contextlib.closing(http.client.HTTPConnection(place.netloc)) as next_client:
        # Answered after what the server still had to do about the one before.
        next_client.request("GET", f"{place.path}/image/")
        assert next_client.getresponse().status == 300
    assert api.get(f"{IMAGES}/{image_id}", who="demo").json["status"] == "queued"
    assert list(api.cloud.data_folder().iterdir()) == []


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
