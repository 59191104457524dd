"""Templates: new clouds, filled from their fixtures, as the bytes that each cloud begins with."""

from __future__ import annotations

from functools import lru_cache

from emulator import seeding
from emulator.config import Settings
from emulator.store import migrations
from emulator.store.database import Database


def template(settings: Settings) -> bytes:
    """Return a new cloud filled from its fixture; made once for settings alike in what matters."""
    return _template(settings.fixture, settings.seed, settings.clock, settings.clock_start)


@lru_cache(maxsize=16)
def _template(fixture: str, seed: int, clock: str, clock_start: float) -> bytes:
    from emulator.cloud import Cloud  # which begins with a template
    from emulator.services import TABLES

    database = Database()
    migrations.create(database, TABLES)
    cloud = Cloud(
        Settings(
            seed=seed, clock=clock, clock_start=clock_start, durations="instant", journal_max=0
        ),
        content=database.serialize(),
    )
    database.close()
    if fixture:
        seeding.load(cloud, fixture)
        cloud.settle()
    content = cloud.snapshot()
    cloud.close()
    return content
