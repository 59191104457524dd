"""The image cache: what it holds, what it is to fetch."""

from __future__ import annotations

from typing import Any

from emulator.image.access import require
from emulator.image.answers import no_content
from emulator.image.errors import (
    CacheNotCentral,
    CacheTargetInvalid,
    ImageNotFound,
    ImageOfTagNotFound,
    NotCacheable,
)
from emulator.image.images import queries as images
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Machine, Step, Transition
from emulator.wire.operation import Reply
from emulator.wire.request import Context

KIND = "image_cache"

# Queries


def find(ctx: Context, image_id: str) -> Any:
    """Return the cache's entry of an image, None when it has none."""
    return ctx.db.get("image_cache", image_id, "image_id")


def cached(ctx: Context) -> list[dict[str, Any]]:
    """Return the images in the cache."""
    rows = ctx.db.all(
        "SELECT image_id, hits, last_accessed, last_modified, size FROM image_cache"
        " WHERE state = 'cached' ORDER BY image_id"
    )
    return [dict(row) for row in rows]


def queued(ctx: Context) -> list[str]:
    """Return the ids of the images that the cache is to fetch, oldest first."""
    rows = ctx.db.all(
        "SELECT image_id FROM image_cache WHERE state = 'queued' ORDER BY last_modified, rowid"
    )
    return [row["image_id"] for row in rows]


def _clear(ctx: Context, state: str) -> None:
    ctx.db.delete("image_cache", state, "state")


# Operations


def index(ctx: Context) -> Any:
    """Show what is in the cache and what is to be."""
    return {"cached_images": cached(ctx), "queued_images": queued(ctx)}


def queue(ctx: Context, image_id: str) -> Reply:
    """Have the cache fetch an image."""
    try:
        image = images.find(ctx, image_id)
    except ImageNotFound:
        raise ImageOfTagNotFound(image_id=image_id) from None
    require(ctx, "cache_image", image)
    if image["status"] != "active":
        raise NotCacheable()
    if find(ctx, image_id) is None:
        _add(ctx, image, "queued")
        ctx.engine.begin(ctx, KIND, "fetch", image_id)
    return Reply(202, None, {"Content-Type": "text/html; charset=UTF-8"})


def _add(ctx: Context, image: Any, state: str) -> None:
    values = {"image_id": image["id"], "state": state, "hits": 0, "size": image["size"]}
    moments = {"last_accessed": ctx.now, "last_modified": ctx.now}
    ctx.db.insert("image_cache", {**values, **moments})


def delete(ctx: Context, image_id: str) -> Reply:
    """Take an image out of the cache, or out of what it is to fetch."""
    try:
        image = images.find(ctx, image_id)
    except ImageNotFound:
        if find(ctx, image_id) is None:
            raise ImageOfTagNotFound(image_id=image_id) from None
        ctx.authorize("cache_delete")
    else:
        require(ctx, "cache_delete", image)
    forget(ctx, image_id)
    return no_content()


def forget(ctx: Context, image_id: str) -> None:
    """Drop an image from the cache."""
    ctx.engine.cancel(KIND, image_id)
    ctx.db.delete("image_cache", image_id, "image_id")


def clear(ctx: Context) -> Reply:
    """Empty the cache, what it is to fetch, or both."""
    target = ctx.request.headers.get("X-Image-Cache-Clear-Target", "").lower()
    if target not in ("", "cache", "queue"):
        raise CacheTargetInvalid()
    if target != "queue":
        _clear(ctx, "cached")
    if target != "cache":
        for image_id in queued(ctx):
            forget(ctx, image_id)
    return no_content()


def nodes(ctx: Context, image_id: str) -> Reply:
    """Refuse: there is no cache that is one for all nodes."""
    raise CacheNotCentral()


def clean(ctx: Context) -> Reply:
    """Remove what is broken: nothing ever is."""
    return Reply(200, None, {"Content-Type": "text/html; charset=UTF-8"})


def prune(ctx: Context) -> Any:
    """Make the cache as small as it may be: it always is."""
    return {"total_files_pruned": 0, "total_bytes_pruned": 0}


# Lifecycle


def hit(ctx: Context, image: Any) -> None:
    """A download: the cache has the image from now on, and counts."""
    entry = find(ctx, image["id"])
    if entry is None:
        _add(ctx, image, "cached")
    elif entry["state"] == "cached":
        changes = {"hits": entry["hits"] + 1, "last_accessed": ctx.now}
        ctx.db.update("image_cache", image["id"], "image_id", **changes)


def _finish(ctx: Context, image_id: str, transition: Transition, arguments: Arguments) -> None:
    changes = {"last_accessed": ctx.now, "last_modified": ctx.now}
    ctx.db.update("image_cache", image_id, "image_id", state="cached", **changes)


def _nothing(*_: Any) -> None:
    """A queued entry says so already."""


MACHINE = Machine(KIND, load=find, enter=_nothing, finish=_finish, fail=_nothing)
MACHINE.add(Transition("fetch", (Step("queued", uniform(0.2, 1.0)),)))
