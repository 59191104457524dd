"""Glance v2: its tables, as migrations."""

from emulator.store.migrations import tables

TABLES = tables("image", first_tables="""
""")
