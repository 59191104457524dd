"""Fills clouds: from fixtures (YAML sample clouds), and with inhabitants of any number."""

from emulator.seeding.fixtures import Names, available, find, load

__all__ = ["Names", "available", "find", "load"]
