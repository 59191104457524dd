"""The tables of the control API: what was told to a cloud is part of the cloud."""

from emulator.store.migrations import tables

TABLES = tables(
    "control",
    first_tables="""
CREATE TABLE control_wire_faults (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    fault TEXT NOT NULL,
    added_at REAL NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0,
    fired INTEGER NOT NULL DEFAULT 0
)
""",
    timeline="""
CREATE TABLE control_timeline (
    seq INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    say TEXT NOT NULL,
    parameters TEXT NOT NULL,
    state TEXT NOT NULL,
    message TEXT
)
""",
)
