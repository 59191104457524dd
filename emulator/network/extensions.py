"""The extensions that are there: how clients learn what the network service can do.

extensions.json has one a line (neutron 29.0.0 with ML2 and its usual service plugins).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import orjson

from emulator.network.errors import ExtensionNotFound
from emulator.wire.request import Context

FILE = Path(__file__).with_name("extensions.json")


@cache
def _all() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(FILE.read_bytes())
    return found


def index(ctx: Context) -> dict[str, Any]:
    """List the extensions."""
    return {"extensions": _all()}


def show(ctx: Context, alias: str) -> dict[str, Any]:
    """Show one extension by its alias."""
    for extension in _all():
        if extension["alias"] == alias:
            return {"extension": extension}
    raise ExtensionNotFound(alias=alias)
