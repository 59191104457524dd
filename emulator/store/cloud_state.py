"""What a cloud is besides its resources: seed, id counters and clock, as named texts."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.store.database import Database
from emulator.store.migrations import tables

TABLES = tables(
    "cloud",
    first_tables="""
CREATE TABLE cloud_state (name TEXT PRIMARY KEY, value TEXT NOT NULL)
""",
)


def read(db: Database) -> dict[str, str]:
    """Return every named text."""
    return {row["name"]: row["value"] for row in db.all("SELECT name, value FROM cloud_state")}


def write(db: Database, state: Mapping[str, str]) -> None:
    """Set the named texts; what is so already is no change."""
    known = read(db)
    for name, value in state.items():
        if known.get(name) != value:
            db.execute("INSERT OR REPLACE INTO cloud_state VALUES (?, ?)", (name, value))


def write_counters(db: Database, entities: int, requests: int) -> None:
    """Set how many ids were given out."""
    update = "UPDATE cloud_state SET value = ? WHERE name = ?"
    db.execute(update, (str(entities), "ids.entities"))
    db.execute(update, (str(requests), "ids.requests"))
