"""Fills clouds: from fixtures (YAML sample clouds), and with inhabitants of any number."""

from emulator.seeding.fixtures import available, find, load

__all__ = ["available", "find", "load"]
