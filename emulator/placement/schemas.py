"""Parts that Placement's schemas share (openstack-placement 16.0.0, placement.schemas)."""

from __future__ import annotations

from typing import Any

INTEGER_MAX = 0x7FFFFFFF
RATIO_MAX = 3.40282e38
UUID_PATTERN = "^[0-9a-fA-F-]{36}$"
NAME_PATTERN = "^[A-Z0-9_]+$"
CUSTOM_PATTERN = "^CUSTOM_[A-Z0-9_]+$"
SUFFIX_PATTERN = r"[a-zA-Z0-9_-]{1,64}"
NUMBER_PATTERN = r"[1-9][0-9]*"

TEXT = {"type": "string"}
UUID = {"type": "string", "format": "uuid"}
UUID_OR_NULL = {"anyOf": [UUID, {"type": "null"}]}
INTEGER = {"type": "integer"}
OWNER = {"type": "string", "minLength": 1, "maxLength": 255}


def integer(minimum: int) -> dict[str, Any]:
    """Return the schema of a number that the database can hold."""
    return {"type": "integer", "maximum": INTEGER_MAX, "minimum": minimum}


def patterns(
    names: str, schema: Any, *, at_least: int | None = None, others: bool = False
) -> dict[str, Any]:
    """Return the schema of an object whose keys are like a pattern and values like a schema.

    `others` says whether there may be keys that are not. The order of keywords shows in refusals.
    """
    found: dict[str, Any] = {"type": "object"}
    if at_least is not None:
        found["minProperties"] = at_least
    found["patternProperties"] = {names: schema}
    if not others:
        found["additionalProperties"] = False
    return found
