"""Parts that many of Nova's schemas share (Nova 34.0.0, nova.api.validation.parameter_types)."""

from __future__ import annotations

from typing import Any

from emulator.compute.formats import printable_pattern
from emulator.wire.versioned import Query, Switch, either

ANY: dict[str, Any] = {}
NULL = {"type": "null"}
INTEGER_MAX = 0x7FFFFFFF

# Texts

TEXT = {"type": "string"}
NAME = {"type": "string", "format": "name", "minLength": 1, "maxLength": 255}
AZ_NAME = {"type": "string", "format": "az_name", "minLength": 1, "maxLength": 255}
NAME_OR_NULL = {"oneOf": [{"type": "string", "minLength": 1, "maxLength": 255}, NULL]}
DESCRIPTION = {
    "type": ["string", "null"],
    "pattern": printable_pattern,
    "minLength": 0,
    "maxLength": 255,
}
UUID = {"type": "string", "format": "uuid"}
UUID_OR_EMPTY = {"oneOf": [UUID, {"type": "string", "maxLength": 0}]}
PROJECT_ID = {"type": "string", "pattern": "^[a-zA-Z0-9-]*$", "minLength": 1, "maxLength": 255}
HOSTNAME = {
    "type": "string",
    "pattern": "^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$",
    "minLength": 2,
    "maxLength": 63,
}
FQDN = {"type": "string", "pattern": "^[a-zA-Z0-9-._]*$", "minLength": 1, "maxLength": 255}
ADMIN_PASSWORD = {"type": "string"}
IP_ADDRESS = {"type": "string", "oneOf": [{"format": "ipv4"}, {"format": "ipv6"}]}
IPV4 = {"type": "string", "format": "ipv4"}
IPV6 = {"type": "string", "format": "ipv6"}
TAG = {"type": "string", "pattern": "^[^,/]*$", "minLength": 1, "maxLength": 60}
MAC = {"type": "string", "pattern": "^([0-9a-fA-F]{2})(:[0-9a-fA-F]{2}){5}$"}
DISK_CONFIG = {"type": "string", "enum": ["AUTO", "MANUAL"]}

# Numbers and truth

POSITIVE = {"type": ["integer", "string"], "pattern": "^[0-9]*$", "minimum": 1, "minLength": 1}
NON_NEGATIVE = {"type": ["integer", "string"], "pattern": "^[0-9]*$", "minimum": 0, "minLength": 1}
SIZE = {"type": ["integer", "string"], "pattern": "^[0-9]+$", "minimum": 1, "maximum": INTEGER_MAX}
SIZE_OR_ZERO = {**SIZE, "minimum": 0}
FLAVOR_REF = {"type": ["string", "integer"], "minLength": 1}
YES: list[Any] = [True, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes"]
NO: list[Any] = [False, "False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no"]
BOOLEAN = {"type": ["boolean", "string"], "enum": [*YES, *NO]}


def truth(value: Any) -> bool:
    """Return what a BOOLEAN means (oslo_utils.strutils.bool_from_string)."""
    return str(value).strip().lower() in ("1", "t", "true", "on", "y", "yes")


# Objects

METADATA = {
    "type": "object",
    "patternProperties": {"^[a-zA-Z0-9-_:. ]{1,255}$": {"type": "string", "maxLength": 255}},
    "additionalProperties": False,
}
METADATA_WITH_NULL = {
    "type": "object",
    "patternProperties": {
        "^[a-zA-Z0-9-_:. ]{1,255}$": {"type": ["string", "null"], "maxLength": 255}
    },
    "additionalProperties": False,
}

TRUSTED_CERTIFICATES = {
    "type": ["array", "null"],
    "minItems": 1,
    "maxItems": 50,
    "uniqueItems": True,
    "items": {"type": "string", "minLength": 1},
}

# Queries: up to some version, parameters that nobody knows are taken out in silence.

UNKNOWN_UNTIL_274 = Switch(either(True, until="2.74"), either(False, since="2.75"))
UNKNOWN_UNTIL_2101 = Switch(either(True, until="2.101"), either(False, since="2.102"))
NOTHING_SINCE_2102 = Query(unknown=UNKNOWN_UNTIL_2101)
