"""Pages of a list: limit, marker, sort keys and directions, as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from emulator.store.database import Database


class Page(NamedTuple):
    """What one page of a list is: rows are compared by `keys` (column, descending), in that order.

    `marker` is the row after which the page begins; `limit` None means no end. `never_null` are
    columns that never are: a page by one of them begins where an index has the marker.
    """

    keys: tuple[tuple[str, bool], ...]
    marker: Any = None
    limit: int | None = None
    never_null: frozenset[str] = frozenset()


def select_page(
    database: Database,
    columns: str,
    source: str,
    where: Sequence[str],
    values: Sequence[Any],
    page: Page,
) -> list[Any]:
    """Return the rows of one page of `source` (a table or a join).

    NULLs sort first ascending and last descending, as SQLite orders them; the marker's NULLs are
    compared alike. Keys are column names of the code's own, never of the request.
    """
    conditions, arguments = list(where), list(values)
    if page.marker is not None:
        first, down = page.keys[0]
        if first in page.never_null:
            conditions.append(f"{first} {'<=' if down else '>='} ?")
            arguments.append(page.marker[_name(first)])
        condition, more = _after(page.keys, page.marker)
        conditions.append(condition)
        arguments += more
    sql = f"SELECT {columns} FROM {source}"
    if conditions:
        sql += " WHERE " + " AND ".join(f"({each})" for each in conditions)
    sql += " ORDER BY " + ", ".join(f"{key} {'DESC' if down else 'ASC'}" for key, down in page.keys)
    if page.limit is not None:
        sql += f" LIMIT {page.limit:d}"
    return database.all(sql, arguments)


def _after(keys: Sequence[tuple[str, bool]], marker: Any) -> tuple[str, list[Any]]:
    """The rows behind the marker: the first differing key decides."""
    alternatives, arguments = [], []
    for index, (key, down) in enumerate(keys):
        equal = [f"{before} IS ?" for before, _ in keys[:index]]
        arguments += [marker[_name(before)] for before, _ in keys[:index]]
        value = marker[_name(key)]
        if value is None:
            beyond = "0" if down else f"{key} IS NOT NULL"
        else:
            beyond = f"({key} < ? OR {key} IS NULL)" if down else f"{key} > ?"
            arguments.append(value)
        alternatives.append(" AND ".join([*equal, beyond]))
    return " OR ".join(f"({each})" for each in alternatives), arguments


def _name(key: str) -> str:
    return key.rpartition(".")[2]
