"""Copies of a cloud: forks in this process, and files that carry one elsewhere."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator import __version__
from emulator.control import differences, neighbours
from emulator.errors import UsageError
from emulator.image import store
from emulator.store import cloud_state, files
from emulator.store.database import Database

if TYPE_CHECKING:
    from emulator.cloud import Cloud

ROW_BYTES_MAX = 1_000_000_000  # SQLite's own limit of one value


class Kept(NamedTuple):
    """A snapshot that has a name: the cloud's moment when it was taken, and the whole cloud."""

    name: str
    moment: float
    content: bytes


# In this process


def keep(cloud: Cloud, name: str = "") -> Kept:
    """Take a snapshot under a name; without one it is s1, s2, … UsageError when it is taken."""
    with cloud.lock:
        if name in cloud.kept:
            raise UsageError(f"there is a snapshot {name!r} already")
        if not name:
            name = next(f"s{n}" for n in range(1, len(cloud.kept) + 2) if f"s{n}" not in cloud.kept)
        cloud.keeps_files = True
        cloud.kept[name] = Kept(name, cloud.now, cloud.snapshot())
        return cloud.kept[name]


def kept(cloud: Cloud, name: str) -> Kept:
    """Return the snapshot of a name. UsageError when there is none."""
    if name not in cloud.kept:
        known = ", ".join(cloud.kept) or "none"
        raise UsageError(f"there is no snapshot {name!r}; there is {known}")
    return cloud.kept[name]


def content_of(cloud: Cloud, snapshot: bytes | str | None) -> bytes:
    """Return what a snapshot holds, by its name or as itself; None is the cloud as it is now."""
    if snapshot is None:
        return cloud.snapshot()
    if isinstance(snapshot, str):
        return kept(cloud, snapshot).content
    files.look(snapshot, "the snapshot")
    return snapshot


def diff(cloud: Cloud, before: bytes | str, after: bytes | str | None) -> dict[str, Any]:
    """Return what changed between two snapshots; None is the cloud as it is now."""
    return differences.between(content_of(cloud, before), content_of(cloud, after))


def fork(
    cloud: Cloud,
    name: str = "",
    snapshot: bytes | str | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Cloud:
    """Make a cloud below this one that goes on from a snapshot of it, or from now.

    UsageError when the name is taken.
    """
    with cloud.lock:
        if name in cloud.neighbours:
            raise UsageError(f"there is a cloud {name!r} already")
        content = content_of(cloud, snapshot)
        settings = {"db": "", **(changes or {})}
        other = type(cloud)(cloud.settings, content=content, going_on=True, **settings)
        _share_data(cloud, other)
        neighbours.join(cloud, other, name)
        return other


def _share_data(cloud: Cloud, other: Cloud) -> None:
    """Give another cloud the large image data, which never changes: each file by another name."""
    for key in store.in_files(other.database):
        source, place = cloud.data_folder() / key, other.data_folder() / key
        if not source.exists():
            continue
        try:
            place.hardlink_to(source)
        except OSError:  # another file system
            shutil.copyfile(source, place)


def open_folder(cloud: Cloud) -> tuple[Path, Callable[[], object]]:
    """Return the folder of a cloud's large data, and what removes it when the cloud goes.

    It is beside the cloud's file and stays, or a temporary one.
    """
    if not cloud.settings.db:
        folder = Path(tempfile.mkdtemp(prefix="openstack-emulator-"))
        return folder, weakref.finalize(cloud, shutil.rmtree, folder, True)
    folder = _beside(cloud)
    folder.mkdir(exist_ok=True)
    for left in folder.glob("upload-*"):  # by a process that was killed
        left.unlink(missing_ok=True)
    return folder, lambda: None


def _beside(cloud: Cloud) -> Path:
    return Path(cloud.settings.db + ".data")


def forget_unused(cloud: Cloud) -> None:
    """Remove the files beside a cloud's own that were only kept for snapshots."""
    used = set(store.in_files(cloud.database))
    for each in _beside(cloud).iterdir() if _beside(cloud).is_dir() else ():
        if each.name not in used:
            each.unlink(missing_ok=True)


# In files


def carried(cloud: Cloud, snapshot: bytes | str | None = None) -> bytes:
    """Return a cloud as the bytes of one SQLite file, all image data with it.

    UsageError when an image is larger than a row of SQLite can be.
    """
    with cloud.lock:
        database = Database()
        try:
            database.restore(content_of(cloud, snapshot))
            for key in store.in_files(database):
                place = cloud.data_folder() / key
                if not place.exists():
                    continue
                if place.stat().st_size > ROW_BYTES_MAX:
                    raise UsageError(
                        f"an image has {place.stat().st_size} bytes, and a file carries"
                        f" at most {ROW_BYTES_MAX} of each"
                    )
                store.fill(database, key, place.read_bytes())
            cloud_state.write(database, {files.WRITTEN_BY: __version__})
            return database.serialize()
        finally:
            database.close()


def write(content: bytes, path: str | Path) -> None:
    """Write a file. UsageError when it cannot be written."""
    try:
        Path(path).write_bytes(content)
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from None


def read(path: str | Path) -> bytes:
    """Read a file. UsageError when it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from None
