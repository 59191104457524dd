"""A request body that is data: measured and hashed as it comes, never held in memory when large."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

MEMORY_BYTES = 1024 * 1024  # longer data goes to a file
HEAD_BYTES = 64 * 1024  # kept at hand, for whoever looks at what kind of data it is
CHUNK_BYTES = 256 * 1024

_numbers = itertools.count(1)


class Upload:
    """Data on its way in. `folder()` says where a file for it may lie; asked only when needed.

    Write all of it, then read it; `keep` moves the file to its place, `close` removes what was
    not kept.
    """

    def __init__(self, folder: Callable[[], Path]) -> None:
        self.size = 0
        self.head = b""
        self.md5 = hashlib.md5(usedforsecurity=False)
        self.sha512 = hashlib.sha512()
        self._folder = folder
        self._chunks: list[bytes] = []
        self._file: BinaryIO | None = None
        self._path: Path | None = None

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self.size += len(chunk)
        self.md5.update(chunk)
        self.sha512.update(chunk)
        if len(self.head) < HEAD_BYTES:
            self.head += chunk[: HEAD_BYTES - len(self.head)]
        if self._file is None and self.size > MEMORY_BYTES:
            self._path = self._folder() / f"upload-{os.getpid()}-{next(_numbers)}"
            self._file = self._path.open("wb")
            self._file.writelines(self._chunks)
            self._chunks = []
        if self._file is None:
            self._chunks.append(chunk)
        else:
            self._file.write(chunk)

    def chunks(self) -> Iterator[bytes]:
        """Yield what was written, from its beginning."""
        if self._path is None:
            yield from self._chunks
            return
        assert self._file is not None
        self._file.flush()
        with self._path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def keep(self, place: Path) -> None:
        """Put what was written into a file of its own; a file that waited is moved, not copied."""
        if self._path is None or self._file is None:
            place.write_bytes(b"".join(self._chunks))
            return
        self._file.close()
        os.replace(self._path, place)
        self._path = self._file = None

    def close(self) -> None:
        """Remove what was not kept."""
        if self._file is not None:
            self._file.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = self._file = None
