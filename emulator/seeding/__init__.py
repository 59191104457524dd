"""Fills clouds: from fixtures (YAML sample clouds), and with Faker-made inhabitants of any number."""

from __future__ import annotations

from typing import Any


def load(cloud: Any, fixture: str) -> None:
    """Fill a new cloud from a fixture, given by name or path."""
