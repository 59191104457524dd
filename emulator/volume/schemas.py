"""Parts that many of Cinder's schemas share (Cinder 29.0.0, cinder.api.validation)."""

from __future__ import annotations

from typing import Any

ANY: dict[str, Any] = {}
NULL = {"type": "null"}
INTEGER_MAX = 0x7FFFFFFF
UUID = {"type": "string", "format": "uuid"}
UUID_OR_NULL = {"oneOf": [NULL, UUID]}
NAME = {"type": ["string", "null"], "format": "name_non_mandatory_remove_white_spaces"}
DESCRIPTION = {
    "type": ["string", "null"],
    "format": "description_non_mandatory_remove_white_spaces",
}
REQUIRED_NAME = {"type": "string", "minLength": 1, "maxLength": 255, "format": "name"}
NAME_OR_NULL = {"type": ["string", "null"], "minLength": 0, "maxLength": 255}
SHORT_TEXT = {"type": ["string", "null"], "minLength": 0, "maxLength": 255}
SIZE = {
    "type": ["integer", "string"],
    "pattern": "^[0-9]+$",
    "minimum": 1,
    "maximum": INTEGER_MAX,
}
SIZE_OR_NULL = {**SIZE, "type": ["integer", "string", "null"]}
YES: list[Any] = [
    True,
    "True",
    "TRUE",
    "true",
    "1",
    "ON",
    "On",
    "on",
    "YES",
    "Yes",
    "yes",
    "y",
    "t",
]
NO: list[Any] = [
    False,
    "False",
    "FALSE",
    "false",
    "0",
    "OFF",
    "Off",
    "off",
    "NO",
    "No",
    "no",
    "n",
    "f",
]
BOOLEAN = {"type": ["boolean", "string"], "enum": [*YES, *NO]}
BOOLEAN_OR_NULL = {"oneOf": [NULL, BOOLEAN]}
METADATA = {
    "type": "object",
    "patternProperties": {"^[a-zA-Z0-9-_:. /]{1,255}$": {"type": "string", "maxLength": 255}},
    "additionalProperties": False,
}
METADATA_OR_NULL = {**METADATA, "type": ["object", "null"]}
EXTRA_SPECS = {
    "type": "object",
    "patternProperties": {
        "^[a-zA-Z0-9-_:. /]{1,255}$": {"type": ["string", "null"], "maxLength": 255}
    },
    "additionalProperties": False,
}


def truth(value: Any) -> bool:
    """Return what a BOOLEAN means (oslo_utils.strutils.bool_from_string)."""
    return str(value).strip().lower() in ("1", "t", "true", "on", "y", "yes")
