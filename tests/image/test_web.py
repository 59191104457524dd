"""Data from the web: from this machine, and from nowhere else unless that is allowed."""

from __future__ import annotations

import hashlib
import http.client
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from emulator.errors import UsageError
from emulator.image.formats import empty_qcow2

IMAGES = "/image/v2/images"
PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
DATA = empty_qcow2(1 << 20, "from the web")


class Page(BaseHTTPRequestHandler):
    """One image, a place that leads to it, one that leads away, and nothing else."""

    def do_GET(self) -> None:
        places = {"/moved": "/disk.qcow2", "/away": "http://192.0.2.1/disk.qcow2"}
        if self.path in places:
            self.send_response(302)
            self.send_header(
                "Location",
                places[self.path].replace("/disk", self.server.url, 1)
                if self.path == "/moved"
                else places[self.path],
            )
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        found = self.path.startswith("/disk.qcow2")
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(DATA)) if found else "0")
        self.end_headers()
        if found:
            self.wfile.write(DATA)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def web() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Page)
    url = f"http://127.0.0.1:{server.server_port}"
    server.url = f"{url}/disk"  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield url
    server.shutdown()
    thread.join()
    server.server_close()


def new_image(api: Any) -> str:
    body = {"disk_format": "qcow2", "container_format": "bare"}
    image_id: str = api.post(IMAGES, body, who="demo").json["id"]
    return image_id


def show(api: Any, image_id: str) -> Any:
    return api.get(f"{IMAGES}/{image_id}", who="demo").json


@pytest.mark.parametrize("path", ["/disk.qcow2", "/moved"])
def test_an_image_is_downloaded_from_the_web(api: Any, web: str, path: str) -> None:
    image_id = new_image(api)
    body = {"method": {"name": "web-download", "uri": web + path}}
    assert api.post(f"{IMAGES}/{image_id}/import", body, who="demo").status == 202
    shown = show(api, image_id)
    assert shown["status"] == "active"
    assert shown["virtual_size"] == 1 << 20
    assert api.get(f"{IMAGES}/{image_id}/file", who="demo").content == DATA


@pytest.mark.parametrize("path", ["/nothing", "/away"])
def test_what_cannot_be_had_leaves_the_image_queued(api: Any, web: str, path: str) -> None:
    image_id = new_image(api)
    body = {"method": {"name": "web-download", "uri": web + path}}
    assert api.post(f"{IMAGES}/{image_id}/import", body, who="demo").status == 202
    shown = show(api, image_id)
    assert (shown["status"], shown["size"]) == ("queued", None)
    tasks = api.get(f"{IMAGES}/{image_id}/tasks", who="demo").json["tasks"]
    assert [task["status"] for task in tasks] == ["failure"]


def test_a_location_is_patched_in_and_out(api: Any, web: str) -> None:
    image_id = new_image(api)
    path = f"{IMAGES}/{image_id}"
    url = f"{web}/disk.qcow2"

    def change(*changes: Any, who: str = "demo") -> Any:
        return api.patch(path, list(changes), headers=PATCH, who=who)

    location = {"url": url, "metadata": {"foo": "bar"}}
    assert change({"op": "add", "path": "/locations/-", "value": location}).status == 200
    shown = show(api, image_id)
    assert (shown["status"], shown["size"], shown["checksum"]) == ("active", len(DATA), None)
    assert shown["locations"] == [{"url": url, "metadata": {"foo": "bar", "store": "web"}}]
    second = {"url": f"{url}#again", "metadata": {}}
    assert change({"op": "add", "path": "/locations/-", "value": second}).status == 200
    assert change({"op": "add", "path": "/locations/-", "value": second}).status == 400
    assert change({"op": "replace", "path": "/locations", "value": [second]}).status == 400
    assert change({"op": "replace", "path": "/locations", "value": []}).status == 403
    assert change({"op": "remove", "path": "/locations/0"}).status == 403
    removed = change({"op": "remove", "path": "/locations/0"}, who="admin@demo")
    assert removed.status == 200
    assert [each["url"] for each in removed.json["locations"]] == [f"{url}#again"]
    assert change({"op": "remove", "path": "/locations/0"}, who="admin@demo").status == 403
    assert api.get(f"{path}/file", who="demo").content == DATA


@pytest.mark.parametrize("url", ["gopher://x", "file:///etc/passwd", "http://127.0.0.1:1/x"])
def test_a_location_that_leads_nowhere_is_refused(api: Any, url: str) -> None:
    image_id = new_image(api)
    add = {"op": "add", "path": "/locations/-", "value": {"url": url, "metadata": {}}}
    assert api.patch(f"{IMAGES}/{image_id}", [add], headers=PATCH, who="demo").status == 400
    assert show(api, image_id)["status"] == "queued"


def test_sums_that_come_with_a_location_are_kept_and_must_agree(api: Any, web: str) -> None:
    image_id = new_image(api)
    sums = {"checksum": "1" * 32, "os_hash_algo": "sha512", "os_hash_value": "ab" * 64}
    url = f"{web}/disk.qcow2"

    def add(suffix: str, **changes: str) -> int:
        value = {"url": url + suffix, "metadata": {}, "validation_data": {**sums, **changes}}
        change = {"op": "add", "path": "/locations/-", "value": value}
        answer = api.patch(f"{IMAGES}/{image_id}", [change], headers=PATCH, who="demo")
        return int(answer.status)

    assert add("", os_hash_algo="sha256") == 409
    assert add("", os_hash_value="ab") == 409
    assert add("") == 200
    assert {name: show(api, image_id)[name] for name in sums} == sums
    assert add("#2") == 200
    assert add("#3", checksum="2" * 32) == 409


def test_the_new_way_to_add_a_location_checks_the_data(api: Any, web: str) -> None:
    url, sha256 = f"{web}/disk.qcow2", hashlib.sha256(DATA).hexdigest()
    good = new_image(api)
    body: dict[str, Any] = {"url": url, "validation_data": {"os_hash_algo": "sha256"}}
    assert api.post(f"{IMAGES}/{good}/locations", body, who="demo").status == 400
    body["validation_data"]["os_hash_value"] = sha256
    assert api.post(f"{IMAGES}/{good}/locations", body, who="demo").status == 202
    shown = show(api, good)
    assert (shown["status"], shown["os_hash_value"], shown["stores"]) == ("active", sha256, "web")
    bad = new_image(api)
    body["validation_data"]["os_hash_value"] = "ab" * 32
    assert api.post(f"{IMAGES}/{bad}/locations", body, who="demo").status == 202
    shown = show(api, bad)
    assert (shown["status"], shown["os_hash_value"], shown["stores"]) == ("queued", None, "web")
    assert api.get(f"{IMAGES}/{good}/locations", who="demo").status == 403
    assert api.get(f"{IMAGES}/{good}/locations", who="admin").json[0]["url"] == url


def test_a_task_makes_an_image_with_its_data(api: Any, web: str) -> None:
    given = {
        "import_from": f"{web}/disk.qcow2",
        "import_from_format": "qcow2",
        "image_properties": {
            "name": "t",
            "disk_format": "qcow2",
            "container_format": "bare",
            "k": "v",
        },
    }
    task = api.post("/image/v2/tasks", {"type": "import", "input": given})
    assert (task.status, task.json["status"]) == (201, "pending")
    done = api.get(f"/image/v2/tasks/{task.json['id']}").json
    assert done["status"] == "success"
    image = api.get(f"{IMAGES}/{done['result']['image_id']}").json
    assert (image["name"], image["status"], image["k"]) == ("t", "active", "v")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_emulator_does_not_wait_for_itself(api: Any, host: str) -> None:
    api.cloud.start()
    place = urlsplit(api.cloud.url)
    image_id = new_image(api)
    client = http.client.HTTPConnection(place.netloc, timeout=5)
    uri = f"http://{host}:{place.port}/health"
    body = json.dumps({"method": {"name": "web-download", "uri": uri}})
    headers = {"X-Auth-Token": api.token("demo"), "Content-Type": "application/json"}
    client.request("POST", f"{place.path}{IMAGES}/{image_id}/import", body, headers)
    assert client.getresponse().status == 202
    client.close()
    tasks = api.get(f"{IMAGES}/{image_id}/tasks", who="demo").json["tasks"]
    assert tasks[0]["message"].endswith("is the emulator itself")


def test_where_images_come_from_is_one_of_two(open_cloud: Any) -> None:
    with pytest.raises(UsageError, match="web_hosts"):
        open_cloud(web_hosts="everywhere")
