"""Cinder v3: its tables, as migrations."""

from emulator.store.migrations import tables

TABLES = tables("volume", first_tables="""
""")
