"""Files that a cloud is carried in: one SQLite database each, looked at before it is taken."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from emulator.errors import UsageError
from emulator.store import cloud_state, migrations
from emulator.store.database import NO_WAL, WAL, Database
from emulator.store.migrations import Tables

CONTENT_TYPE = "application/vnd.sqlite3"  # of what a cloud is sent and saved as
MAGIC = b"SQLite format 3\0"
HEADER_BYTES = 100
WRITTEN_BY = "written_by"  # the version of the emulator, in a file's cloud_state
NUMBERS = ("seed", "ids.entities", "ids.requests", "clock.rate", "clock.base", "clock.anchor")


def checked(content: bytes, owners: Sequence[Tables], name: str) -> bytes:
    """Return the content of a file as a cloud of this version has it.

    UsageError when it is damaged, of something else, or of another version that cannot be read.
    """
    look(content, name)
    if content[18:20] == WAL:
        content = content[:18] + NO_WAL + content[20:]
    database = Database()
    try:
        database.restore(content)
        _check(database, owners, name)
        return database.serialize()
    except sqlite3.Error as problem:
        raise UsageError(f"{name}: is damaged: {problem}") from None
    finally:
        database.close()


def look(content: bytes, name: str) -> None:
    """Look at the header only. UsageError when this is no whole SQLite file."""
    if not content.startswith(MAGIC) or len(content) < HEADER_BYTES:
        raise UsageError(f"{name}: is no SQLite file")
    page = int.from_bytes(content[16:18], "big")
    size = (65536 if page == 1 else page) * int.from_bytes(content[28:32], "big")
    if size != len(content):
        raise UsageError(f"{name}: is damaged: it has {len(content)} of {size} bytes")


def _check(database: Database, owners: Sequence[Tables], name: str) -> None:
    verdict = database.value("PRAGMA integrity_check(1)")
    if verdict != "ok":
        raise UsageError(f"{name}: is damaged: {' '.join(str(verdict).split())}")
    if not database.value("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'"):
        raise UsageError(f"{name}: is a database, but not of a cloud")
    known = {(owner.owner, each.name) for owner in owners for each in owner.migrations}
    applied = database.all("SELECT migration_set, name FROM _sqlite_migrations")
    unknown = [f"{each[0]} {each[1]}" for each in applied if tuple(each) not in known]
    if unknown:
        raise UsageError(
            f"{name}: is of a newer version of the emulator{_version(database)}:"
            f" it has tables that this one does not know ({unknown[0]})"
        )
    migrations.apply(database, owners)
    if shape(database) != _shape_of(owners):
        raise UsageError(
            f"{name}: is of another version of the emulator{_version(database)},"
            " whose tables are not those of this one"
        )
    state = cloud_state.read(database)
    try:
        for each in NUMBERS:
            float(state[each])
    except (KeyError, ValueError):
        raise UsageError(f"{name}: is damaged: its clock or its counters are not there") from None


def _version(database: Database) -> str:
    """The version that wrote a file, where it says so."""
    version = cloud_state.read(database).get(WRITTEN_BY)
    return f" ({version})" if version else ""


def shape(database: Database) -> set[tuple[str, str]]:
    """Return every table and index with the SQL that makes it."""
    rows = database.all("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {(row["name"], " ".join(row["sql"].split())) for row in rows}


def _shape_of(owners: Sequence[Tables]) -> set[tuple[str, str]]:
    database = Database()
    migrations.create(database, owners)
    found = shape(database)
    database.close()
    return found
