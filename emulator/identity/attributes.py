"""What many resources share: words for booleans, options, extra attributes, immutability."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from emulator.identity.errors import Immutable
from emulator.wire.dispatch import encode

FALSE_WORDS = ("0", "false", "no", "off", "n", "f", "")


def is_true(value: Any) -> bool:
    """Say what a boolean, or a word for one, means."""
    if isinstance(value, str):
        return value.lower() not in FALSE_WORDS
    return bool(value)


def options(given: Any, row: Any = None) -> str:
    """Return the options after a change, as JSON text; one that is set to null is gone."""
    kept = orjson.loads(row["options"]) if row is not None else {}
    merged = {**kept, **(given.get("options") or {})}
    left = {name: value for name, value in merged.items() if value is not None}
    return encode(left).decode()


def extra(given: Any, known: Sequence[str], row: Any = None) -> str:
    """Return what is given beyond the known, on top of what is kept already, as JSON text."""
    kept = orjson.loads(row["extra"]) if row is not None else {}
    more = {name: value for name, value in given.items() if name not in known}
    return encode({**kept, **more}).decode()  # whole numbers may be of any length


def check_mutable(row: Any, given: Any, kind: str) -> None:
    """Raise when a resource is immutable and the change is not just that it no longer is."""
    if not orjson.loads(row["options"]).get("immutable"):
        return
    changed = given.get("options") or {}
    if len(given) > 1 or "immutable" not in changed or changed["immutable"]:
        raise Immutable(verb="update", kind=kind, id=row["id"])


def check_deletable(row: Any, kind: str) -> None:
    """Raise when a resource is immutable."""
    if orjson.loads(row["options"]).get("immutable"):
        raise Immutable(verb="delete", kind=kind, id=row["id"])
