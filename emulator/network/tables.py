"""Neutron v2.0: its tables, as migrations."""

from emulator.store.migrations import tables

TABLES = tables("network", first_tables="""
""")
