"""Keystone v3: its tables, as migrations."""

from emulator.store.migrations import tables

TABLES = tables("identity", first_tables="""
""")
