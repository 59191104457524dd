"""The formats of Nova's schemas (nova.api.validation.validators), as plain checks."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
import uuid
from collections.abc import Mapping
from typing import Any

from emulator.wire.validation import FormatCheck


def is_uuid(value: Any) -> bool:
    """Accept a UUID with or without dashes, as oslo_utils.uuidutils does."""
    if not isinstance(value, str):
        return True
    try:
        return str(uuid.UUID(value)).replace("-", "") == _plain_uuid(value)
    except ValueError:
        return False


def _plain_uuid(value: str) -> str:
    return value.replace("urn:", "").replace("uuid:", "").strip("{}").replace("-", "").lower()


def is_ipv4(value: Any) -> bool:
    """Accept a dotted IPv4 address."""
    return not isinstance(value, str) or _is_address(ipaddress.IPv4Address, value)


def is_ipv6(value: Any) -> bool:
    """Accept an IPv6 address."""
    return not isinstance(value, str) or _is_address(ipaddress.IPv6Address, value)


def _is_address(kind: Any, value: str) -> bool:
    try:
        kind(value)
    except ValueError:
        return False
    return True


def is_base64(value: Any) -> bool:
    """Accept base64, blanks ignored (Python's decoder, as Nova uses it)."""
    if not isinstance(value, str):
        return True
    try:
        base64.decodebytes(value.encode("utf-8"))
    except (binascii.Error, UnicodeEncodeError):
        return False
    return True


def is_regex(value: Any) -> bool:
    """Accept a pattern that Python compiles."""
    if not isinstance(value, str):
        return True
    try:
        re.compile(value)
    except re.error:
        return False
    return True


FORMATS: Mapping[str, FormatCheck] = {
    "uuid": is_uuid,
    "ipv4": is_ipv4,
    "ipv6": is_ipv6,
    "base64": is_base64,
    "regex": is_regex,
}
