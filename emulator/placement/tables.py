"""Placement 1.x: its tables, as migrations."""

from emulator.store.migrations import tables

TABLES = tables("placement", first_tables="""
""")
