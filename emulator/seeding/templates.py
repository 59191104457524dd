"""Templates: new clouds, filled from their fixtures, as the bytes that each cloud begins with."""

from __future__ import annotations

from typing import NamedTuple

from emulator import seeding
from emulator.config import Settings
from emulator.seeding.fixtures import Stamp, stamp
from emulator.store import migrations
from emulator.store.database import Database

KEPT_MAX = 16


class Template(NamedTuple):
    """A new cloud, and what was read to make it."""

    content: bytes
    files: tuple[Stamp, ...]


_made: dict[tuple[object, ...], Template] = {}  # by what of the settings matters, oldest first


def template(settings: Settings) -> bytes:
    """Return a new cloud filled from its fixture; made once for settings alike in what matters.

    It is made again when a file that it was read from is another one by now.
    """
    wanted = (
        settings.fixture,
        settings.release,
        settings.seed,
        settings.clock,
        settings.clock_start,
    )
    made = _made.get(wanted)
    if made is None or any(stamp(each.path) != each for each in made.files):
        made = _make(settings)
        _made.pop(wanted, None)
        if len(_made) >= KEPT_MAX:
            _made.pop(next(iter(_made)), None)
        _made[wanted] = made
    return made.content


def _make(settings: Settings) -> Template:
    from emulator.cloud import Cloud  # which begins with a template
    from emulator.services import TABLES

    database = Database()
    migrations.create(database, TABLES)
    cloud = Cloud(
        Settings(
            release=settings.release,
            seed=settings.seed,
            clock=settings.clock,
            clock_start=settings.clock_start,
            durations="instant",
            journal_max=0,
        ),
        content=database.serialize(),
    )
    database.close()
    files: tuple[Stamp, ...] = ()
    if settings.fixture:
        files = seeding.load(cloud, settings.fixture)
        cloud.settle()
    content = cloud.snapshot()
    cloud.close()
    return Template(content, files)
