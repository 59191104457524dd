"""The content store: image data, each content kept once, under its SHA-512.

Small contents are rows, so that a snapshot of the cloud carries them; larger ones are files in
the cloud's data folder. Nothing here holds more than one chunk of a file in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from emulator.simulation.transition import Arguments, Machine, Step, Transition
from emulator.store.database import Database
from emulator.wire.request import Context
from emulator.wire.upload import CHUNK_BYTES, MEMORY_BYTES, Upload

KIND = "image_content"

# Queries


def find(ctx: Context, key: str | None) -> Any:
    """Return size and sums of a content, None when there is none of this key."""
    return ctx.db.one("SELECT key, size, md5 FROM image_contents WHERE key = ?", (key,))


def is_used(ctx: Context, key: str) -> bool:
    """Say whether an image has this content."""
    return bool(
        ctx.db.value(
            "SELECT EXISTS (SELECT 1 FROM image_images WHERE content = ?)"
            " OR EXISTS (SELECT 1 FROM image_images WHERE staged = ?)",
            (key, key),
        )
    )


def small(ctx: Context, key: str) -> bytes | None:
    """Return a content that is a row, None when it is a file."""
    data: bytes | None = ctx.db.value("SELECT data FROM image_contents WHERE key = ?", (key,))
    return data


def in_files(db: Database) -> list[str]:
    """Return the keys of the contents that are files."""
    return [row["key"] for row in db.all("SELECT key FROM image_contents WHERE data IS NULL")]


def fill(db: Database, key: str, data: bytes) -> None:
    """Make a row of a content that was a file."""
    db.update("image_contents", key, "key", data=data)


# Operations


def received(ctx: Context) -> Upload:
    """Return the data that the request brought."""
    if isinstance(ctx.request.upload, Upload):
        return ctx.request.upload
    upload: Upload = ctx.cloud.new_upload()
    upload.write(ctx.request.body)
    return upload


def from_bytes(ctx: Context, chunks: Iterable[bytes]) -> Upload:
    """Return data that the emulator itself has, as if it had been sent."""
    upload: Upload = ctx.cloud.new_upload()
    for chunk in chunks:
        upload.write(chunk)
    return upload


def put(ctx: Context, upload: Upload) -> str:
    """Keep data; return its key. The same data again costs nothing."""
    key = upload.sha512.hexdigest()
    known = find(ctx, key)
    large = upload.size > MEMORY_BYTES
    if known is None:
        data = None if large else b"".join(upload.chunks())
        ctx.db.insert(
            "image_contents",
            {"key": key, "size": upload.size, "md5": upload.md5.hexdigest(), "data": data},
        )
    if large and not _place(ctx, key).exists():
        upload.keep(_place(ctx, key))
    return key


def release(ctx: Context, key: str | None) -> None:
    """Forget a content if no image has it. A file goes once the forgetting image is committed."""
    if key is not None and not is_used(ctx, key):
        ctx.engine.begin(ctx, KIND, "sweep", key)


def read(ctx: Context, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """Return the bytes of a content, chunk by chunk. FileNotFoundError when its file is gone.

    The file is opened at once: it stays readable when the image is deleted meanwhile.
    """
    data = small(ctx, key)
    if data is not None:
        return iter((data[start:][:length],))
    file = _place(ctx, key).open("rb")
    file.seek(start)
    return _chunks(file, length)


def _chunks(file: Any, length: int | None) -> Iterator[bytes]:
    with file:
        while length is None or length > 0:
            chunk = file.read(CHUNK_BYTES if length is None else min(CHUNK_BYTES, length))
            if not chunk:
                return
            if length is not None:
                length -= len(chunk)
            yield chunk


def head(ctx: Context, key: str, size: int) -> bytes:
    """Return the first bytes of a content."""
    return b"".join(read(ctx, key, 0, size))


def digest(ctx: Context, key: str, algorithm: str) -> str:
    """Return the content's sum by any of hashlib's algorithms, in hexadecimal."""
    if algorithm == "sha512":
        return key
    if algorithm == "md5":
        return str(find(ctx, key)["md5"])
    found = hashlib.new(algorithm)
    for chunk in read(ctx, key):
        found.update(chunk)
    return found.hexdigest()


def _place(ctx: Context, key: str) -> Path:
    folder: Path = ctx.cloud.data_folder()
    return folder / key


# Lifecycle


def _sweep(ctx: Context, content: Any, arguments: Arguments) -> None:
    """Remove a content that nobody took up again."""
    key = content["key"]
    if not is_used(ctx, key):
        if small(ctx, key) is None and not ctx.cloud.keeps_files:
            _place(ctx, key).unlink(missing_ok=True)
        ctx.db.delete("image_contents", key, "key")


def _nothing(*_: Any) -> None:
    """A content has no states to write."""


MACHINE = Machine(KIND, load=find, enter=_nothing, finish=_nothing, fail=_nothing)
MACHINE.add(Transition("sweep", (Step(None, then=_sweep),)))
