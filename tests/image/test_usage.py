"""Limits, which are Keystone's, and what an image may have, which is not."""

from __future__ import annotations

from typing import Any

import pytest

IMAGES = "/image/v2/images"
OCTETS = {"Content-Type": "application/octet-stream"}
PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}


def limit(api: Any, name: str, amount: int) -> None:
    api.cloud.database.execute(
        "UPDATE identity_registered_limits SET default_limit = ? WHERE resource_name = ?",
        (amount, name),
    )


def usage(api: Any) -> dict[str, int]:
    shown = api.get("/image/v2/info/usage", who="demo").json["usage"]
    return {name: each["usage"] for name, each in shown.items()}


def new_image(api: Any, **values: Any) -> Any:
    body = {"disk_format": "raw", "container_format": "bare", **values}
    return api.post(IMAGES, body, who="demo")


def test_usage_is_what_lives(api: Any) -> None:
    first, second = new_image(api).json["id"], new_image(api).json["id"]
    data = b"x" * (2 << 20)
    api.put(f"{IMAGES}/{first}/file", data=data, headers=OCTETS, who="demo")
    api.put(f"{IMAGES}/{second}/stage", data=data, headers=OCTETS, who="demo")
    assert usage(api) == {
        "image_size_total": 2,
        "image_stage_total": 2,
        "image_count_total": 2,
        "image_count_uploading": 1,
    }
    for image_id in (first, second):
        api.delete(f"{IMAGES}/{image_id}", who="demo")
    assert set(usage(api).values()) == {0}


def test_one_image_too_many_is_refused(api: Any) -> None:
    limit(api, "image_count_total", 1)
    assert new_image(api).status == 201
    refused = new_image(api)
    assert refused.status == 413
    assert "image_count_total is over limit of 1 due to current usage 1 and delta 1" in refused.text


@pytest.mark.parametrize(
    ("name", "verb"), [("image_size_total", "file"), ("image_stage_total", "stage")]
)
def test_too_much_data_is_refused(api: Any, name: str, verb: str) -> None:
    limit(api, name, 1)
    image_id = new_image(api).json["id"]
    path = f"{IMAGES}/{image_id}/{verb}"
    headers = {**OCTETS, "X-OpenStack-Image-Size": str(2 << 20)}
    answer = api.put(path, data=b"x" * (2 << 20), headers=headers, who="demo")
    assert answer.status == 413
    assert api.get(f"{IMAGES}/{image_id}", who="demo").json["status"] == "queued"


def test_an_image_has_so_many_tags_and_properties(api: Any) -> None:
    tags = [f"t{number}" for number in range(129)]
    assert new_image(api, tags=tags).status == 413
    image_id = new_image(api, tags=tags[:128]).json["id"]
    assert api.put(f"{IMAGES}/{image_id}/tags/more", who="demo").status == 413
    properties = {f"p{number}": "x" for number in range(128)}
    image_id = new_image(api, **properties).json["id"]
    add = [{"op": "add", "path": "/one_more", "value": "x"}]
    answer = api.patch(f"{IMAGES}/{image_id}", add, headers=PATCH, who="demo")
    assert answer.status == 413
    assert "Attempted: 129, Maximum: 128" in answer.text


def test_a_patch_may_be_long(api: Any) -> None:
    image_id = new_image(api).json["id"]
    renames = [{"op": "replace", "path": "/name", "value": f"n{count}"} for count in range(10_000)]
    answer = api.patch(f"{IMAGES}/{image_id}", renames, headers=PATCH, who="demo")
    assert (answer.status, answer.json["name"]) == (200, "n9999")


def test_an_image_has_so_many_members(api: Any) -> None:
    image_id = new_image(api).json["id"]
    path = f"{IMAGES}/{image_id}/members"
    for number in range(128):
        assert api.post(path, {"member": f"m{number}"}, who="demo").status == 200
    assert api.post(path, {"member": "one more"}, who="demo").status == 413
