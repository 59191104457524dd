"""The parts that request schemas of many resources share (Keystone 30.0.0, parameter_types)."""

from __future__ import annotations

from typing import Any

from emulator.wire.versioned import Body, Object, Property, Query, prop

TEXT = {"type": "string"}
TEXT_OR_NULL = {"type": ["string", "null"]}
BOOLEAN = {"type": "boolean"}
BOOLEAN_OR_NULL = {"type": ["boolean", "null"]}
SWITCH: dict[str, Any] = {  # a boolean, or one of the words for one
    "type": ["boolean", "string", "null"],
    "enum": [
        *(True, "True", "TRUE", "true", False, "False", "FALSE", "false", "", "1", "0"),
        *("y", "Y", "n", "N", "on", "ON", "off", "OFF", "yes", "no"),
    ],
}
NAME = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"[\S]+"}
SHORT_NAME = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": r"[\S]+"}
ID = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-zA-Z0-9-]+$"}
ID_OR_NULL = {**ID, "type": ["string", "null"]}
UUID = {"type": "string", "format": "uuid"}
REGION = {"type": ["string", "null"], "minLength": 1, "maxLength": 255}
DESCRIPTION = {"type": ["string", "null"], "maxLength": 255}
URL = {"type": "string", "minLength": 0, "maxLength": 225, "pattern": "^[a-zA-Z0-9+.-]+:.+"}
TAG = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^,/]*$"}
TAGS = {"type": "array", "items": TAG, "required": [], "maxItems": 80, "uniqueItems": True}
OPTION = {"type": ["boolean", "null"], "enum": [True, False, None]}
OPTIONS = Object(prop("immutable", OPTION))
LIMIT = {"type": ["integer", "string"]}
PAGING = (prop("marker", TEXT), prop("limit", LIMIT))
SORTING = (prop("sort_key", TEXT), prop("sort_dir", {"type": "string", "enum": ["asc", "desc"]}))
ANY_QUERY = Query()


def extensible(
    key: str,
    *properties: Property,
    unknown_beside: bool = False,
    required: bool = True,
    **more: Any,
) -> Body:
    """Return a body whose object may have attributes of the caller's own, which are kept."""
    inner = Object(*properties, unknown=True, **more)
    return Body(key, schema=inner, unknown_beside=unknown_beside, required=required)
