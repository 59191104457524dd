"""The data of images: upload, staging, download."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

from emulator.image import bodies, cache, formats, limits, store, stores, usage
from emulator.image.access import require
from emulator.image.answers import no_content
from emulator.image.errors import (
    BadRange,
    DataFormatMismatch,
    FormatsMissing,
    ImageDeactivated,
    ImageNotFound,
    ImageTooLarge,
    ImageVanished,
    InvalidImageSize,
    MultipleRanges,
    ReadOnlyStore,
    SizeDiffers,
    SizeExceeded,
    StatusConflict,
    StoreNotConfigured,
)
from emulator.image.images import queries
from emulator.image.stores import Store
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.upload import Upload

RANGE = re.compile(r"bytes *= *(\d*) *- *(\d*)", re.IGNORECASE)
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)", re.IGNORECASE)

# Upload


def upload(ctx: Context, image_id: str) -> Reply:
    """Give an image its data: it is active then, or queued again when the data is refused."""
    image, chosen, promised = _image_for_data(ctx, image_id)
    received = store.received(ctx)
    _check_size(received, promised)
    activate(ctx, image, received, [chosen])
    return no_content()


def receiving(ctx: Context, image_id: str, *, beginning: bool) -> None:
    """While the data comes, the image is saving."""
    if beginning:
        _image_for_data(ctx, image_id)
        queries.update(ctx, image_id, status="saving")
    elif queries.find(ctx, image_id)["status"] == "saving":
        queries.update(ctx, image_id, status="queued")


def _image_for_data(ctx: Context, image_id: str) -> tuple[Any, Store, int | None]:
    """The image and the store that take the data of this request, and how much it promises."""
    bodies.require_data(ctx)
    promised = _promised_size(ctx)
    chosen = stores.named(ctx.request.headers.get("X-Image-Meta-Store", stores.DEFAULT.id))
    image = _find_for_data(ctx, image_id)
    require(ctx, "upload_image", image)
    _check_waiting(ctx, image, "saving")
    check_formats(image)
    if chosen.read_only:
        raise ReadOnlyStore()
    usage.check_size(ctx, promised or 0)
    usage.check_uploading(ctx, counted=ctx.request.announced)
    return image, chosen, promised


def _find_for_data(ctx: Context, image_id: str) -> Any:
    try:
        return queries.find(ctx, image_id)
    except ImageNotFound:
        if ctx.request.announced:
            raise ImageVanished(image_id=image_id) from None
        raise


def _check_waiting(ctx: Context, image: Any, wanted: str) -> None:
    """Refuse data for an image that does not wait for it, or waits for that of another request."""
    waiting = wanted if ctx.request.announced else "queued"
    if image["status"] != waiting:
        raise StatusConflict(status=image["status"], wanted=wanted)


def stage(ctx: Context, image_id: str) -> Reply:
    """Leave data for a later import."""
    promised = _image_for_staging(ctx, image_id)
    received = store.received(ctx)
    _check_size(received, promised)
    key = store.put(ctx, received)
    queries.update(ctx, image_id, status="uploading", size=received.size, staged=key)
    return no_content()


def receiving_staged(ctx: Context, image_id: str, *, beginning: bool) -> None:
    """While the data comes, the image is uploading, and it stays so when it has come."""
    if beginning:
        _image_for_staging(ctx, image_id)
        queries.update(ctx, image_id, status="uploading")
        return
    image = queries.find(ctx, image_id)
    if image["status"] == "uploading" and image["staged"] is None:
        queries.update(ctx, image_id, status="queued")


def _image_for_staging(ctx: Context, image_id: str) -> int | None:
    """Find that the image takes staged data; return how much the request promises."""
    bodies.require_data(ctx)
    promised = _promised_size(ctx)
    image = _find_for_data(ctx, image_id)
    require(ctx, "modify_image", image)
    _check_waiting(ctx, image, "uploading")
    usage.check_staged(ctx, promised or 0)
    usage.check_uploading(ctx, counted=ctx.request.announced)
    return promised


def _promised_size(ctx: Context) -> int | None:
    """How many bytes the client says there are."""
    text = ctx.request.headers.get("X-OpenStack-Image-Size")
    if text is None:
        text = ctx.request.headers.get("Content-Length") or "0"
    try:
        return int(text) or None
    except ValueError:
        raise InvalidImageSize() from None


def check_formats(image: Any) -> None:
    """Refuse to give data to an image whose formats are not known."""
    missing = [name for name in ("disk_format", "container_format") if not image[name]]
    if missing:
        raise FormatsMissing(missing)


def _check_size(received: Upload, promised: int | None) -> None:
    if received.size > limits.IMAGE_BYTES_MAX:
        raise ImageTooLarge()
    if promised is not None and received.size > promised:
        raise SizeExceeded(expected=promised, actual=received.size)
    if promised is not None and received.size < promised:
        raise SizeDiffers(expected=promised, actual=received.size)


def activate(ctx: Context, image: Any, received: Upload, chosen: list[Store]) -> None:
    """Keep data as the image's own, in these stores, and make the image active."""
    check_content(ctx, image, received.head, received.size)
    key = store.put(ctx, received)
    settle(ctx, image, key, received.head, chosen)


def check_content(ctx: Context, image: Any, head: bytes, size: int) -> None:
    """Refuse data of another format than the image says, where the cloud is so particular."""
    declared = image["disk_format"]
    if not ctx.settings.image_format_check or image["container_format"] != "bare":
        return
    if not formats.matches(declared, head, size):
        raise DataFormatMismatch(declared=declared, found=formats.inspect(head, size)[0])


def settle(ctx: Context, image: Any, key: str, head: bytes, chosen: list[Store]) -> None:
    """Write what the data of an image says about it: sizes, sums, places; it is active then."""
    content = store.find(ctx, key)
    size = content["size"]
    bare = image["container_format"] == "bare"
    locations = sorted(
        (stores.location(each, image["id"]) for each in chosen), key=stores.weight, reverse=True
    )
    queries.update(
        ctx,
        image["id"],
        status="active",
        size=size,
        virtual_size=formats.virtual_size(image["disk_format"], head, size) if bare else None,
        checksum=content["md5"],
        os_hash_algo="sha512",
        os_hash_value=key,
        content=key,
        staged=None,
        locations=locations,
    )


# Download


def download(ctx: Context, image_id: str) -> Reply:
    """Give the data of an image, or a range of it."""
    image = queries.find(ctx, image_id)
    if image["status"] == "deactivated" and not ctx.is_admin:
        raise ImageDeactivated()
    require(ctx, "download_image", image)
    _check_preferred(ctx, image)
    if image["content"] is None:
        return Reply(204)
    size = image["size"]
    found = _asked_range(ctx, size)
    headers: dict[str, str | tuple[str, ...]] = {}
    if found is None:
        start, length, status = 0, size, 200
    else:
        start, length, status = found[0], found[1] - found[0], 206
        headers["Content-Range"] = f"bytes {start}-{found[1] - 1}/{size}"
    if image["checksum"]:
        headers["Content-MD5"] = image["checksum"]
    headers["Content-Length"] = str(length)
    try:
        chunks: Iterator[bytes] = store.read(ctx, image["content"], start, length)
    except FileNotFoundError:
        return Reply(204)
    cache.hit(ctx, image)
    return Reply(status, None, headers, bodies.DATA_TYPE, chunks)


def _check_preferred(ctx: Context, image: Any) -> None:
    """A client may prefer stores; all of them have the same data."""
    preferred = [each.strip() for each in (ctx.query.get("prefer") or [""])[-1].split(",")]
    preferred = [each for each in preferred if each]
    if preferred:
        require(ctx, "download_from_store", image)
    for name in preferred:
        if name not in stores.BY_ID:
            raise StoreNotConfigured(store=name)


def _asked_range(ctx: Context, size: int) -> tuple[int, int] | None:
    """The first byte wanted and the one behind the last (Glance 33.0.0, common.wsgi)."""
    text = ctx.request.headers.get("Range")
    if text is None:
        return _asked_content_range(ctx, size)
    if "," in text:
        raise MultipleRanges()
    found = RANGE.match(text)
    if found is None or found.groups() == ("", ""):
        raise BadRange("Invalid Range header.")
    if not found[1]:
        return max(0, size - int(found[2])), size
    start = int(found[1])
    end = int(found[2]) + 1 if found[2] else size
    if found[2] and start >= end:
        raise BadRange("Invalid Range header.")
    if start >= size:
        raise BadRange(
            "Invalid start position in Range header. "
            f"Start position MUST be in the inclusive range [0, {size - 1}]."
        )
    return start, min(end, size)


def _asked_content_range(ctx: Context, size: int) -> tuple[int, int] | None:
    """What older clients say in a header that belongs to answers."""
    text = ctx.request.headers.get("Content-Range")
    if text is None:
        return None
    found = CONTENT_RANGE.match(text)
    if found is None:
        raise BadRange("Invalid Content-Range header.")
    start, stop = int(found[1]), int(found[2]) + 1
    if found[3] == "*" and stop > size:
        raise BadRange(
            "Invalid stop position in Content-Range header. "
            f"The stop position MUST be in the inclusive range [0, {size - 1}]."
        )
    if start >= size:
        raise BadRange(
            "Invalid start position in Content-Range header. "
            f"Start position MUST be in the inclusive range [0, {size - 1}]."
        )
    return start, min(stop, size)


def locations_of(image: Any) -> list[dict[str, Any]]:
    """Return where the data of an image is."""
    found: list[dict[str, Any]] = orjson.loads(image["locations"])
    return found
