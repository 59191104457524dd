"""Tables come into being: at once in an empty database, one by one in an older file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator.errors import UsageError
from emulator.services import TABLES
from emulator.store import migrations
from emulator.store.database import Database
from emulator.store.migrations import Tables, tables

FIRST = tables("zoo", animals="CREATE TABLE zoo_animals (id TEXT PRIMARY KEY)")
BOTH = tables(
    "zoo",
    animals="CREATE TABLE zoo_animals (id TEXT PRIMARY KEY)",
    cages="CREATE TABLE zoo_cages (id TEXT PRIMARY KEY);\nCREATE INDEX cages ON zoo_cages (id);\n",
)


def shape(database: Database) -> list[Any]:
    schema = database.all("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid")
    record = database.all("SELECT * FROM _sqlite_migrations")
    return [tuple(row) for row in (*schema, *record)]


def test_an_empty_database_gets_what_sqlite_utils_would_have_made() -> None:
    made, migrated = Database(), Database()
    migrations.create(made, TABLES)
    migrations.create(migrated, ())
    migrations.apply(migrated, TABLES)
    assert shape(made) == shape(migrated)


def test_the_record_of_migrations_is_the_one_of_sqlite_utils() -> None:
    import sqlite_utils
    from sqlite_utils.migrations import Migrations

    ours, theirs = Database(), Database()
    migrations.create(ours, ())
    Migrations("zoo").ensure_migrations_table(sqlite_utils.Database(theirs.connection))
    assert shape(ours) == shape(theirs)


def test_an_older_file_gets_what_it_lacks_and_keeps_what_it_has() -> None:
    database = Database()
    migrations.create(database, (FIRST,))
    database.insert("zoo_animals", {"id": "lion"})
    migrations.apply(database, (BOTH,))
    assert database.value("SELECT id FROM zoo_animals") == "lion"
    assert database.value("SELECT count(*) FROM zoo_cages") == 0
    before = shape(database)
    migrations.apply(database, (BOTH,))
    assert shape(database) == before


def test_a_migration_that_fails_leaves_nothing_behind() -> None:
    broken = Tables(
        "zoo", (*FIRST.migrations, migrations.Migration("bad", "CREATE TABLE a (b);\nNO"))
    )
    database = Database()
    migrations.create(database, (FIRST,))
    before = shape(database)
    with pytest.raises(Exception, match="syntax error"):
        migrations.apply(database, (broken,))
    assert shape(database) == before


def test_sqlite_utils_is_not_imported_to_start(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from emulator.cloud import Cloud\n"
        f"for _ in range(2): Cloud(db={str(tmp_path / 'cloud.sqlite')!r}, fixture='').close()\n"
        "print('sqlite_utils' in sys.modules)\n"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


def test_a_file_that_is_no_cloud_is_refused(tmp_path: Path) -> None:
    from emulator.cloud import Cloud

    other = Database(str(tmp_path / "other.sqlite"))
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    with pytest.raises(UsageError, match=r"other\.sqlite: is a database, but not of a cloud"):
        Cloud(db=str(tmp_path / "other.sqlite"))
