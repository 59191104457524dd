"""Applies every service's tables, in layer order, once each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.store.database import Database

if TYPE_CHECKING:
    import sqlite_utils


@dataclass(frozen=True)
class Migration:
    """One change of the schema: SQL statements under a name that is never used again."""

    name: str
    sql: str


@dataclass(frozen=True)
class Tables:
    """The tables of one service: its migrations, oldest first."""

    owner: str
    migrations: tuple[Migration, ...]


def tables(owner: str, **migrations: str) -> Tables:
    """Return the tables of `owner`; each keyword is a migration's name and SQL, in order."""
    return Tables(owner, tuple(Migration(name, sql) for name, sql in migrations.items()))


def apply(database: Database, owners: Sequence[Tables]) -> None:
    """Bring the database to the newest shape; what was applied stands in _sqlite_migrations.

    sqlite-utils records and applies; each migration is a transaction of its own. The moment of
    applying is blanked, so that two clouds made alike are the same bytes.
    """
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
        for statement in sql.split(";\n"):
            if statement.strip():
                wrapped.execute(statement)

    return run
