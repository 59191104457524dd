"""What changed between two snapshots of a cloud, by kind of resource."""

from __future__ import annotations

from typing import Any

from emulator.journal import leftovers
from emulator.store.database import Database

SECRETS = ("password", "secret", "admin_pass", "auth_key", "blob")  # in the names of columns

Found = dict[str, tuple[str, dict[str, Any]]]
"""id → name, and every column."""

# Queries


def _resources(db: Database, sql: str) -> Found:
    """Every resource of a kind, by the query that gives its id and its name."""
    found: Found = {}
    for row in db.all(sql.replace("SELECT ", "SELECT *, ", 1)):
        *names, _, _ = row.keys()
        *values, id, name = row
        found[id] = (name or "", dict(zip(names, values, strict=True)))
    return found


def _tables(db: Database) -> list[str]:
    rows = db.all(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'"
        " AND name NOT LIKE 'sqlite%' ORDER BY name"
    )
    return [row["name"] for row in rows]


def _rows(db: Database, table: str) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in db.all(f"SELECT * FROM {table}")}


# Comparing


def between(before: bytes, after: bytes) -> dict[str, Any]:
    """Return what was added, removed and changed: resources by kind, and rows of other tables.

    Of what changed, each column with its value before and after. Only what differs is there.
    """
    old, new = Database(), Database()
    try:
        old.restore(before)
        new.restore(after)
        kinds = {
            kind: told
            for kind, sql in leftovers.KINDS.items()
            if (told := _compared(_resources(old, sql), _resources(new, sql)))
        }
        named = {sql.partition(" FROM ")[2].split()[0] for sql in leftovers.KINDS.values()}
        return {"resources": kinds, "other_tables": _others(old, new, named)}
    finally:
        old.close()
        new.close()


def _compared(old: Found, new: Found) -> dict[str, Any]:
    told: dict[str, Any] = {
        "added": [{"id": id, "name": new[id][0]} for id in new if id not in old],
        "removed": [{"id": id, "name": old[id][0]} for id in old if id not in new],
        "changed": [
            {"id": id, "name": name, "columns": _columns(old[id][1], columns)}
            for id, (name, columns) in new.items()
            if id in old and old[id][1] != columns
        ],
    }
    return {what: each for what, each in told.items() if each}


def _columns(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[Any]]:
    return {
        name: [_shown(name, old.get(name)), _shown(name, value)]
        for name, value in new.items()
        if old.get(name) != value
    }


def _shown(column: str, value: Any) -> Any:
    if value and any(secret in column for secret in SECRETS):
        return "***"
    return f"{len(value)} bytes" if isinstance(value, bytes) else value


def _others(old: Database, new: Database, named: set[str]) -> dict[str, dict[str, int]]:
    """How many rows came and went in the tables that belong to resources or to the cloud."""
    told = {}
    for table in _tables(new):
        if table in named:
            continue
        before, after = _rows(old, table), _rows(new, table)
        if before != after:
            told[table] = {"added": len(after - before), "removed": len(before - after)}
    return told
