"""One SQLite database: the only state of a cloud."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha224
from itertools import groupby
from typing import Any

from emulator.errors import UsageError

Row = Mapping[str, Any]
Values = Sequence[Any] | Mapping[str, Any]

PRAGMAS = (
    "PRAGMA page_size = 2048",  # most tables are almost empty; smaller ones make counting slow
    "PRAGMA foreign_keys = OFF",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -16000",
)
FILE_PRAGMAS = (
    "PRAGMA locking_mode = EXCLUSIVE",  # a second process would give out the same ids
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
)
WAL, NO_WAL = b"\2\2", b"\1\1"  # the journal's kind, in the header of a database file
LOCK_SECONDS = 0.5  # waited for a process that is just closing the file


class Database:
    """A connection with the handful of calls that queries are made of.

    A row reads like a mapping (`row["name"]`). Writes outside a transaction are committed at once;
    `begin`, `commit` and `rollback` belong to whoever owns the request or the step. A file is in
    WAL mode: what was committed survives the end of the process, however it comes.
    """

    def __init__(self, path: str = "") -> None:
        self.path = path
        try:
            self.connection = sqlite3.connect(
                path or ":memory:",
                timeout=LOCK_SECONDS,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=512,
            )
        except sqlite3.Error as problem:
            raise _unusable(path, problem) from None
        try:
            for pragma in (*PRAGMAS, *(FILE_PRAGMAS if path else ())):
                self.connection.execute(pragma)
        except sqlite3.Error as problem:
            self.connection.close()
            raise _unusable(path, problem) from None
        self.connection.row_factory = sqlite3.Row
        self.connection.create_function("regexp", 2, _matches, deterministic=True)
        self.connection.create_function("sha224", 1, _sha224, deterministic=True)
        self.execute = self.connection.execute
        self._statements: dict[tuple[str, ...], str] = {}
        self._gathered: dict[str, list[Values]] | None = None  # what `write` has put off
        self._taken: tuple[int, bytes] | None = None  # after how many changes, and what it was

    def one(self, sql: str, values: Values = ()) -> Any:
        """Return the first row or None."""
        if self._gathered:
            self._write_gathered()
        return self.execute(sql, values).fetchone()

    def all(self, sql: str, values: Values = ()) -> list[Any]:
        """Return every row."""
        if self._gathered:
            self._write_gathered()
        return self.execute(sql, values).fetchall()

    def value(self, sql: str, values: Values = ()) -> Any:
        """Return the first column of the first row, or None."""
        if self._gathered:
            self._write_gathered()
        row = self.execute(sql, values).fetchone()
        return None if row is None else row[0]

    def get(self, table: str, key: object, column: str = "id") -> Any:
        """Return the row of `table` whose `column` is `key`, or None."""
        return self.one(f"SELECT * FROM {table} WHERE {column} = ?", (key,))

    def write(self, sql: str, values: Sequence[Any]) -> None:
        """Execute a statement that changes something, now or with others like it (`gathering`)."""
        if self._gathered is None:
            self.execute(sql, values)
        else:
            self._gathered.setdefault(sql, []).append(values)

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Execute what is written meanwhile at the end, like statements together.

        A statement for a thousand rows takes a fraction of the time of a thousand statements. What
        is written about one thing must not depend on the order of unlike statements; whoever reads
        sees all that was written before.
        """
        self._gathered = {}
        try:
            yield
            self._write_gathered()
        finally:
            self._gathered = None

    def _write_gathered(self) -> None:
        gathered, self._gathered = self._gathered or {}, {}
        for sql, values in gathered.items():
            self.connection.executemany(sql, values)

    def insert(self, table: str, values: Mapping[str, Any]) -> int:
        """Insert one row; return its rowid."""
        return self.execute(self._insertion(table, values), tuple(values.values())).lastrowid or 0

    def insert_all(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Insert many rows, in this order."""
        for names, alike in groupby(rows, tuple):
            values = [tuple(row.values()) for row in alike]
            self.connection.executemany(self._insertion(table, names), values)

    def _insertion(self, table: str, names: Iterable[str]) -> str:
        shape = (table, *names)
        sql = self._statements.get(shape)
        if sql is None:
            quoted, marks = (
                ", ".join(f'"{name}"' for name in names),
                ", ".join("?" * len(shape[1:])),
            )
            sql = self._statements[shape] = f"INSERT INTO {table} ({quoted}) VALUES ({marks})"
        return sql

    def update(self, table: str, key: object, column: str = "id", **changes: Any) -> int:
        """Set the named columns of the row whose `column` is `key`; return how many there were."""
        shape = ("update", table, column, *changes)
        sql = self._statements.get(shape)
        if sql is None:
            pairs = ", ".join(f'"{name}" = ?' for name in changes)
            sql = self._statements[shape] = f"UPDATE {table} SET {pairs} WHERE {column} = ?"
        return self.execute(sql, (*changes.values(), key)).rowcount

    def delete(self, table: str, key: object, column: str = "id") -> int:
        """Delete the rows whose `column` is `key`; return how many there were."""
        return self.execute(f"DELETE FROM {table} WHERE {column} = ?", (key,)).rowcount

    def is_empty(self) -> bool:
        """Say whether the database has no tables yet."""
        return not self.value("SELECT count(*) FROM sqlite_master")

    def begin(self) -> None:
        """Open a transaction."""
        self.execute("BEGIN")

    def commit(self) -> None:
        """Keep what the transaction did."""
        self.execute("COMMIT")

    def rollback(self) -> None:
        """Forget what the transaction did."""
        self.execute("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block or nothing of it; inside a transaction it is a savepoint."""
        opening, keeping, undoing = (
            (
                "SAVEPOINT inner_step",
                "RELEASE inner_step",
                "ROLLBACK TO inner_step; RELEASE inner_step",
            )
            if self.connection.in_transaction
            else ("BEGIN", "COMMIT", "ROLLBACK")
        )
        self.execute(opening)
        try:
            yield
        except BaseException:
            for statement in undoing.split("; "):
                self.execute(statement)
            raise
        self.execute(keeping)

    def size(self) -> int:
        """Return how many bytes the database takes."""
        return int(self.value("PRAGMA page_count")) * int(self.value("PRAGMA page_size"))

    def serialize(self) -> bytes:
        """Return the whole database as one SQLite file, which needs no other beside it.

        While nothing changes it is the same object again: of a cloud that many are forked from,
        memory has one copy, and only the first fork waits for it.
        """
        changes = self.connection.total_changes
        if self._taken is None or self._taken[0] != changes:
            content = self.connection.serialize()
            if content[18:20] == WAL:
                content = content[:18] + NO_WAL + content[20:]
            self._taken = changes, content
        return self._taken[1]

    def restore(self, content: bytes) -> None:
        """Become the database that `content` holds; one in memory gets another connection.

        deserialize() in a connection that was used would free the schema that json_each, once
        used, goes on pointing into; and copying page by page takes ten times as long.
        """
        if self.path:
            self._restore_file(content)
            return
        if not self.is_empty():
            another = Database()
            self.connection.close()  # first: what comes next can take its memory over
            self.connection, self.execute = another.connection, another.execute
            del another.connection  # so that it does not close it when it goes
        self.connection.deserialize(content)
        self._taken = self.connection.total_changes, content

    def _restore_file(self, content: bytes) -> None:
        source = sqlite3.connect(":memory:")
        try:
            source.deserialize(content)
            self.execute("PRAGMA journal_mode = DELETE")  # WAL would hold it to its size of pages
            source.backup(self.connection)
        finally:
            self.execute("PRAGMA journal_mode = WAL")
            self._taken = None  # a backup is no change that is counted
            source.close()

    def close(self) -> None:
        """Close the connection; a file is left without side files."""
        self.connection.close()

    def __del__(self) -> None:
        """Close what nobody closed, quietly: since 3.13 Python warns of connections left open."""
        if hasattr(self, "connection"):
            self.connection.close()


def numbered(*values: Any) -> dict[str, Any]:
    """Return values for the places ?1, ?2, … of a statement, which to Python are names."""
    return {str(number): value for number, value in enumerate(values, 1)}


def dicts(rows: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Yield rows as dicts, for readers of many columns by name.

    A row itself compares the name with one column after the other.
    """
    names = rows[0].keys() if rows else ()
    return (dict(zip(names, row, strict=True)) for row in rows)


def _matches(pattern: str, value: object) -> bool:
    """SQL's `value REGEXP pattern`, in Python's language of patterns, case counting."""
    return value is not None and re.search(pattern, str(value)) is not None


@lru_cache(maxsize=4096)
def _sha224(text: str) -> str:
    """SQL's sha224(text), which SQLite lacks, in hexadecimal."""
    return sha224(text.encode()).hexdigest()


def _unusable(path: str, problem: sqlite3.Error) -> UsageError:
    return UsageError(f"{path}: cannot be used as a database: {problem}")
