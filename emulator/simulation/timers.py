"""The tables of time: pending steps, done in the order (due_at, seq); and the rules for steps.

A step that never ends is due at infinity.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from emulator.store.database import Database
from emulator.store.migrations import tables

TABLES = tables(
    "simulation",
    first_tables="""
CREATE TABLE timers (
    seq INTEGER PRIMARY KEY,
    due_at REAL NOT NULL,
    kind TEXT NOT NULL,
    entity TEXT NOT NULL,
    transition TEXT NOT NULL,
    step INTEGER NOT NULL,
    arguments TEXT NOT NULL
);
CREATE INDEX timers_due ON timers (due_at, seq);
CREATE INDEX timers_entity ON timers (kind, entity)
""",
    rules="""
CREATE TABLE rules (
    seq INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    origin TEXT NOT NULL,
    content TEXT NOT NULL,
    made_at REAL NOT NULL
);
CREATE TABLE rule_counts (
    rule TEXT PRIMARY KEY,
    matched INTEGER NOT NULL,
    fired INTEGER NOT NULL
);
CREATE TABLE rule_turns (
    rule TEXT NOT NULL,
    entity TEXT NOT NULL,
    turns INTEGER NOT NULL,
    PRIMARY KEY (rule, entity)
)
""",
)


# Queries


def add(
    db: Database, due_at: float, kind: str, entity: str, transition: str, step: int, arguments: str
) -> None:
    """Put a step down for later."""
    db.execute(
        "INSERT INTO timers (due_at, kind, entity, transition, step, arguments)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (due_at, kind, entity, transition, step, arguments),
    )


def next_due(db: Database) -> float | None:
    """Return when the earliest step is due, None when nothing is pending."""
    due: float | None = db.value("SELECT due_at FROM timers ORDER BY due_at, seq LIMIT 1")
    return due


def are_pending(db: Database, kinds: Sequence[str]) -> bool:
    """Say whether something of these kinds is pending."""
    marks = ", ".join("?" * len(kinds))
    return db.value(f"SELECT 1 FROM timers WHERE kind IN ({marks}) LIMIT 1", kinds) is not None


def add_all(db: Database, timers: Iterable[tuple[float, str, str, str, int, str]]) -> None:
    """Put steps down for later, in this order."""
    db.connection.executemany(
        "INSERT INTO timers (due_at, kind, entity, transition, step, arguments)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        timers,
    )


def take_due(db: Database, now: float, most: int) -> list[Any]:
    """Return and remove the earliest steps that are due by now, up to so many, in order."""
    taken = db.all(
        "SELECT due_at, seq, kind, entity, transition, step, arguments FROM timers"
        " WHERE due_at <= ? ORDER BY due_at, seq LIMIT ?",
        (now, most),
    )
    if taken:
        due_at, seq = taken[-1]["due_at"], taken[-1]["seq"]
        db.execute("DELETE FROM timers WHERE (due_at, seq) <= (?, ?)", (due_at, seq))
    return taken


def under_way(db: Database, kinds: Sequence[str], entity: str) -> list[str]:
    """Return the transitions of these kinds that an entity is in the middle of."""
    rows = db.all(
        "SELECT DISTINCT kind, transition FROM timers"
        f" WHERE kind IN ({', '.join('?' * len(kinds))}) AND entity = ? AND due_at < 9e999"
        " ORDER BY kind, transition",
        (*kinds, entity),
    )
    return [f"{row['kind']} {row['transition']}" for row in rows]


def next_but(db: Database, kinds: Sequence[str]) -> Any:
    """Return the earliest pending step that is of none of these kinds, None when there is none.

    What stands still is not pending.
    """
    marks = ", ".join("?" * len(kinds))
    return db.one(
        f"SELECT * FROM timers WHERE kind NOT IN ({marks}) AND due_at < 9e999"
        " ORDER BY due_at, seq LIMIT 1",
        kinds,
    )


def cancel(db: Database, kind: str, entity: str) -> None:
    """Remove everything pending for an entity."""
    db.execute("DELETE FROM timers WHERE kind = ? AND entity = ?", (kind, entity))


def hasten(db: Database, kind: str, entity: str, now: float) -> None:
    """Let everything pending for an entity be due now."""
    db.execute(
        "UPDATE timers SET due_at = ? WHERE kind = ? AND entity = ? AND due_at > ?",
        (now, kind, entity, now),
    )


def stop(db: Database, kind: str, entity: str) -> None:
    """Let everything pending for an entity be due never."""
    db.execute("UPDATE timers SET due_at = 9e999 WHERE kind = ? AND entity = ?", (kind, entity))


def pending(db: Database, kind: str, entity: str) -> list[Any]:
    """Return the steps pending for an entity, earliest first."""
    return db.all(
        "SELECT * FROM timers WHERE kind = ? AND entity = ? ORDER BY due_at, seq", (kind, entity)
    )
