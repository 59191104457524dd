"""Applies every service's tables, in layer order, once each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from emulator.errors import UsageError
from emulator.store.database import Database

if TYPE_CHECKING:
    import sqlite_utils

RECORD = (  # as sqlite-utils makes it
    'CREATE TABLE "_sqlite_migrations" (\n   "id" INTEGER PRIMARY KEY,\n   "migration_set" TEXT,\n'
    '   "name" TEXT,\n   "applied_at" TEXT\n)',
    'CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"\n'
    '    ON "_sqlite_migrations" ("migration_set", "name")',
)


ADDED = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (.+)")
COLUMNS_END = re.compile(r",\s*(?:UNIQUE|PRIMARY KEY) \(|\)$")  # where SQLite puts a column more


class Migration(NamedTuple):
    """One change of the schema: SQL statements under a name that is never used again."""

    name: str
    sql: str


class Tables(NamedTuple):
    """The tables of one service: its migrations, oldest first."""

    owner: str
    migrations: tuple[Migration, ...]


def tables(owner: str, **migrations: str) -> Tables:
    """Return the tables of `owner`; each keyword is a migration's name and SQL, in order."""
    return Tables(owner, tuple(Migration(name, sql) for name, sql in migrations.items()))


def create(database: Database, owners: Sequence[Tables]) -> None:
    """Give an empty database every table, and the record that `apply` would have left.

    Plain SQL: importing sqlite-utils would be a quarter of the time in which a cloud starts.
    """
    applied = [(owner.owner, each) for owner in owners for each in owner.migrations]
    statements = [each for _, migration in applied for each in _statements(migration.sql)]
    with database.transaction():
        for statement in (*RECORD, *_with_columns_added(statements)):
            database.execute(statement)
        database.insert_all(
            "_sqlite_migrations",
            (
                {"migration_set": owner, "name": migration.name, "applied_at": ""}
                for owner, migration in applied
            ),
        )


def _with_columns_added(statements: Sequence[str]) -> list[str]:
    """Make tables at once with the columns that later migrations add, in the text SQLite gives.

    It looks through all tables for each column that is added: twenty new tables are as quick.
    """
    found: list[str] = []
    for each in statements:
        added = ADDED.fullmatch(each)
        if added is None:
            found.append(each)
            continue
        table, column = added.groups()
        place = next(n for n, made in enumerate(found) if f"CREATE TABLE {table} (" in made)
        found[place] = COLUMNS_END.sub(rf", {column}\g<0>", found[place].rstrip(), count=1)
    return found


def apply(database: Database, owners: Sequence[Tables]) -> None:
    """Bring an older database to the newest shape; what was applied stands in _sqlite_migrations.

    sqlite-utils records and applies; each migration is a transaction of its own. The moment of
    applying is blanked, so that two clouds made alike are the same bytes. UsageError when the
    database is of something else.
    """
    if not database.value("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'"):
        raise UsageError(f"{database.path}: is a database, but not of a cloud")
    applied = {
        (row["migration_set"], row["name"])
        for row in database.all("SELECT migration_set, name FROM _sqlite_migrations")
    }
    if all((owner.owner, each.name) in applied for owner in owners for each in owner.migrations):
        return
    import sqlite_utils
    from sqlite_utils.migrations import Migrations

    wrapped = sqlite_utils.Database(database.connection)
    for owner in owners:
        migrations = Migrations(owner.owner)
        for migration in owner.migrations:
            migrations(name=migration.name)(_runner(migration.sql))
        migrations.apply(wrapped)
    database.execute("UPDATE _sqlite_migrations SET applied_at = ''")


def _runner(sql: str) -> Callable[[sqlite_utils.Database], None]:
    """Return a function that runs the statements of `sql`, inside sqlite-utils' transaction."""

    def run(wrapped: sqlite_utils.Database) -> None:
        for statement in _statements(sql):
            wrapped.execute(statement)

    return run


def _statements(sql: str) -> list[str]:
    return [statement for statement in sql.split(";\n") if statement.strip()]
