"""What Compute does with Glance when it makes an image of a server."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.image import snapshots
from emulator.image.errors import ImageNotFound
from emulator.image.images import find
from emulator.wire.request import Credentials

OWNER = Credentials(user_id="u", project_id="p", roles=frozenset({"member", "reader"}))
OTHER = Credentials(user_id="o", project_id="q", roles=frozenset({"member", "reader"}))


def context(api: Any, who: Credentials) -> Any:
    return api.cloud.context(who).at_service("compute")


def begin(ctx: Any) -> str:
    return snapshots.begin(
        ctx,
        name="snap",
        properties={"instance_uuid": "s", "bdm_v2": True, "none": None},
        server_row={"project_id": "p"},
        min_disk=1,
    )


def test_a_snapshot_becomes_an_image_of_the_servers_disk(api: Any) -> None:
    ctx = context(api, OWNER)
    image_id = begin(ctx)
    image = find(ctx, image_id)
    assert (image["status"], image["visibility"], image["owner"]) == ("queued", "private", "p")
    assert image["properties"] == '{"instance_uuid":"s","bdm_v2":"true"}'
    snapshots.start(ctx, image_id)
    assert find(ctx, image_id)["status"] == "saving"
    snapshots.finish(ctx.as_emulator(), image_id, 5 << 30)
    image = find(ctx, image_id)
    assert (image["status"], image["virtual_size"], image["min_disk"]) == ("active", 5 << 30, 1)
    assert image["size"] < 1 << 20


def test_others_do_not_find_it(api: Any) -> None:
    image_id = begin(context(api, OWNER))
    with pytest.raises(ImageNotFound, match=f"No image found with ID {image_id}"):
        find(context(api, OTHER), image_id)


def test_a_snapshot_that_fails_leaves_no_image(api: Any) -> None:
    ctx = context(api, OWNER)
    image_id = begin(ctx)
    snapshots.fail(ctx, image_id)
    with pytest.raises(ImageNotFound):
        find(ctx, image_id)


def test_nothing_happens_to_an_image_deleted_meanwhile(api: Any) -> None:
    ctx = context(api, OWNER)
    image_id = begin(ctx)
    snapshots.fail(ctx, image_id)
    snapshots.start(ctx, image_id)
    snapshots.finish(ctx, image_id, 1 << 30)
    snapshots.fail(ctx, image_id)
    with pytest.raises(ImageNotFound):
        find(ctx, image_id)
