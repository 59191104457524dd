"""The tags of an image, one by one."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.image import limits
from emulator.image.access import require
from emulator.image.answers import no_content
from emulator.image.errors import (
    ImageNotFound,
    ImageOfTagNotFound,
    ImageTagLimitExceeded,
    TagNotFound,
)
from emulator.image.images import queries
from emulator.image.schemas import IMAGE, check
from emulator.wire.operation import Reply
from emulator.wire.request import Context

# Operations


def _image(ctx: Context, image_id: str) -> tuple[Any, list[str]]:
    try:
        image = queries.find(ctx, image_id)
    except ImageNotFound:
        raise ImageOfTagNotFound(image_id=image_id) from None
    require(ctx, "modify_image", image)
    return image, orjson.loads(image["tags"])


def update(ctx: Context, image_id: str, tag_value: str) -> Reply:
    """Add a tag; one that is there stays."""
    check(IMAGE, {"tags": [tag_value]})
    _, tags = _image(ctx, image_id)
    if tag_value not in tags:
        if len(tags) >= limits.TAGS_MAX:
            raise ImageTagLimitExceeded(
                image_id=image_id, attempted=len(tags) + 1, maximum=limits.TAGS_MAX
            )
        queries.update(ctx, image_id, tags=[*tags, tag_value])
    return no_content()


def delete(ctx: Context, image_id: str, tag_value: str) -> Reply:
    """Remove a tag."""
    _, tags = _image(ctx, image_id)
    if tag_value not in tags:
        raise TagNotFound()
    queries.update(ctx, image_id, tags=[tag for tag in tags if tag != tag_value])
    return no_content()
