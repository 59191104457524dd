"""The content store: kept once, small ones in the cloud's own rows, large ones beside them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from emulator.cloud import Cloud
from emulator.wire.upload import CHUNK_BYTES, MEMORY_BYTES, Upload

IMAGES = "/image/v2/images"
OCTETS = {"Content-Type": "application/octet-stream"}
LARGE = b"0123456789abcdef" * (MEMORY_BYTES // 16) + b"more"


def new_image(api: Any, data: bytes | None = None, who: str = "demo") -> str:
    body = {"disk_format": "raw", "container_format": "bare"}
    image_id: str = api.post(IMAGES, body, who=who).json["id"]
    if data is not None:
        answer = api.put(f"{IMAGES}/{image_id}/file", data=data, headers=OCTETS, who=who)
        assert answer.status == 204, answer.text
    return image_id


def download(api: Any, image_id: str) -> bytes:
    content: bytes = api.get(f"{IMAGES}/{image_id}/file", who="demo").content
    return content


def contents(api: Any) -> int:
    """How many contents there are beside the fixture's two."""
    return int(api.cloud.database.value("SELECT count(*) FROM image_contents")) - 2


def files(api: Any) -> list[str]:
    return sorted(each.name for each in api.cloud.data_folder().iterdir())


def test_the_same_data_is_kept_once_and_goes_with_its_last_image(api: Any) -> None:
    first, second = new_image(api, LARGE), new_image(api, LARGE)
    key = hashlib.sha512(LARGE).hexdigest()
    assert contents(api) == 1
    assert files(api) == [key]
    api.delete(f"{IMAGES}/{first}", who="demo")
    api.cloud.settle()
    assert download(api, second) == LARGE
    api.delete(f"{IMAGES}/{second}", who="demo")
    api.cloud.settle()
    assert contents(api) == 0
    assert files(api) == []


def test_data_taken_up_again_before_it_is_swept_stays(open_cloud: Any) -> None:
    api = open_cloud(who=["demo"], clock="manual")
    first = new_image(api, LARGE)
    with api.cloud.lock:
        api.delete(f"{IMAGES}/{first}", who="demo")
        second = new_image(api, LARGE)
    api.cloud.settle()
    assert download(api, second) == LARGE


def test_a_large_image_comes_back_whole_and_in_parts(api: Any) -> None:
    image_id = new_image(api, LARGE)
    assert download(api, image_id) == LARGE
    start = CHUNK_BYTES - 3
    part = api.get(
        f"{IMAGES}/{image_id}/file", who="demo", headers={"Range": f"bytes={start}-{start + 9}"}
    )
    assert part.status == 206
    assert part.content == LARGE[start : start + 10]
    shown = api.get(f"{IMAGES}/{image_id}", who="demo").json
    assert shown["size"] == len(LARGE)
    assert shown["checksum"] == hashlib.md5(LARGE, usedforsecurity=False).hexdigest()
    assert shown["os_hash_value"] == hashlib.sha512(LARGE).hexdigest()


def test_a_refused_upload_leaves_nothing_behind(api: Any) -> None:
    image_id = new_image(api, LARGE)
    answer = api.put(f"{IMAGES}/{image_id}/file", data=LARGE[::-1], headers=OCTETS, who="demo")
    assert answer.status == 409
    assert files(api) == [hashlib.sha512(LARGE).hexdigest()]


def test_an_image_deleted_while_it_is_downloaded_is_still_sent(api: Any) -> None:
    from emulator.wire.request import Request

    image_id = new_image(api, LARGE)
    headers = {"X-Auth-Token": api.token("demo")}
    response = api.cloud.handle(Request("GET", f"{IMAGES}/{image_id}/file", headers=headers))
    chunks = iter(response.stream)
    begun = next(chunks)
    api.delete(f"{IMAGES}/{image_id}", who="demo")
    api.cloud.settle()
    assert files(api) == []
    assert begun + b"".join(chunks) == LARGE


def test_a_snapshot_of_a_cloud_in_memory_carries_small_images(api: Any) -> None:
    image_id = new_image(api, b"small")
    content = api.cloud.snapshot()
    api.delete(f"{IMAGES}/{image_id}", who="demo")
    api.cloud.settle()
    api.cloud.restore(content)
    assert download(api, image_id) == b"small"


def test_the_folder_of_a_cloud_in_memory_goes_with_it() -> None:
    cloud = Cloud(durations="instant")
    folder = cloud.data_folder()
    (folder / "something").write_bytes(b"x")
    cloud.close()
    assert not folder.exists()


def test_a_cloud_in_a_file_has_its_large_images_beside_it(api: Any, tmp_path: Path) -> None:
    file = tmp_path / "cloud.db"
    api.cloud = Cloud(db=str(file), content=api.cloud.snapshot(), durations="instant")
    image_id = new_image(api, LARGE)
    api.cloud.close()
    (tmp_path / "cloud.db.data" / "upload-1-1").write_bytes(b"of a process that was killed")
    api.cloud = Cloud(db=str(file))
    try:
        assert download(api, image_id) == LARGE
        assert files(api) == [hashlib.sha512(LARGE).hexdigest()]
    finally:
        api.cloud.close()


@pytest.mark.parametrize("size", [0, 5, MEMORY_BYTES, MEMORY_BYTES + 1])
def test_an_upload_measures_and_keeps_what_it_is_given(tmp_path: Path, size: int) -> None:
    upload = Upload(lambda: tmp_path)
    data = bytes(range(256)) * (size // 256 + 1)
    for start in range(0, size, CHUNK_BYTES):
        upload.write(data[start : min(start + CHUNK_BYTES, size)])
    assert upload.size == size
    assert b"".join(upload.chunks()) == data[:size]
    assert upload.sha512.hexdigest() == hashlib.sha512(data[:size]).hexdigest()
    assert bool(list(tmp_path.iterdir())) == (size > MEMORY_BYTES)
    upload.keep(tmp_path / "kept")
    upload.close()
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept").read_bytes() == data[:size]
