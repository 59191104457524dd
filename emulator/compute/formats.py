"""The formats of Nova's schemas, as plain checks; refused names are worded by the format itself."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
import unicodedata
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from emulator.errors import BadInput
from emulator.wire.validation import FormatCheck

BASIC_PLANE_END = 0xFFFF  # Nova's patterns list the characters below; what is above is refused

# iso8601's grammar: a date of any precision, and after a full date a time of any precision.
MOMENT = re.compile(
    r"(?P<year>\d{4})"
    r"(?:(?:-(?P<month_dashed>\d{1,2})|(?P<month>\d{2})(?!$))"
    r"(?:(?:-(?P<day_dashed>\d{1,2})|(?P<day>\d{2}))"
    r"(?:[ T](?P<hour>\d{2})(?::?(?P<minute>\d{2}))?"
    r"(?::?(?P<second>\d{1,2})(?:[.,](?P<fraction>\d+))?)?"
    r"(?P<zone>Z|(?P<sign>[-+])(?P<zone_hour>\d{2}):?(?P<zone_minute>\d{2})?)?)?)?)?$",
    re.ASCII,
)
USUAL_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://"
    r"(?:[\w.~!$&'()*+,;=:%-]*@)?(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::\d*)?"
    r"(?:/[\w.~!$&'()*+,;=:@%/-]*)?(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?(?:#[\w.~!$&'()*+,;=:@%/?-]*)?$",
    re.ASCII,
)


class InvalidName(BadInput):
    """A name has characters that Nova does not take (Nova 34.0.0, exception.InvalidName)."""

    template = "An invalid 'name' value was provided. The name must be: %(reason)s"


# Characters


def is_printable(character: str) -> bool:
    """Say whether Nova counts a character as printable: no control, no vertical separator."""
    category = unicodedata.category(character)
    return ord(character) < BASIC_PLANE_END and (category[0] not in "CZ" or category == "Zs")


def _all_printable(text: str) -> bool:
    return (text.isascii() and text.isprintable()) or all(map(is_printable, text))


def _is_visible(character: str) -> bool:
    return is_printable(character) and unicodedata.category(character) != "Zs"


@lru_cache(maxsize=1)
def printable_pattern() -> str:
    """Return the pattern of a printable text as Nova builds it, since refusals quote it."""
    ranges: list[str] = []
    first = last = ""
    for character in map(chr, range(BASIC_PLANE_END)):
        if is_printable(character):
            first = first or character
            last = character
        elif first:
            ranges.append(re.escape(first) + ("-" + re.escape(last) if last != first else ""))
            first = ""
    return f"^[{''.join(ranges)}]*$"


def _without_newline(value: str) -> str:
    """A `$` matches before a last newline too, and so do Nova's patterns."""
    return value[:-1] if len(value) > 1 and value.endswith("\n") else value


def _trimmed(value: Any, refused: str, reason: str) -> bool:
    if isinstance(value, str):
        text = _without_newline(value)
        good = _all_printable(text) and not any(each in text for each in refused)
        if not text or (good and _is_visible(text[0]) and _is_visible(text[-1])):
            return True
    raise InvalidName(reason=reason)


def _untrimmed(value: Any, refused: str, reason: str) -> bool:
    if isinstance(value, str):
        text = _without_newline(value)
        good = _all_printable(text) and not any(each in text for each in refused)
        if good and any(map(_is_visible, text)):
            return True
    raise InvalidName(reason=reason)


def is_name(value: Any) -> bool:
    """Accept printable characters without blanks at the ends. InvalidName otherwise."""
    reason = "printable characters. Can not start or end with whitespace."
    return _trimmed(value, "", reason)


def is_az_name(value: Any) -> bool:
    """Accept what `is_name` accepts if it has no colon. InvalidName otherwise."""
    reason = "printable characters except :.Can not start or end with whitespace."
    return _trimmed(value, ":", reason)


def is_padded_name(value: Any) -> bool:
    """Accept printable characters, one of them visible. InvalidName otherwise."""
    return _untrimmed(value, "", "printable characters with at least one non space character")


def is_padded_az_name(value: Any) -> bool:
    """Accept what `is_padded_name` accepts if it has no colon. InvalidName otherwise."""
    reason = "printable characters except :, with at least one non space character"
    return _untrimmed(value, ":", reason)


# Times


def moment(text: str) -> str:
    """Return a time that a client wrote, as stored text in UTC. ValueError when it is none."""
    found = MOMENT.match(text)
    if found is None:
        raise ValueError(f"{text!r} is not a time")
    part = found.groupdict()
    zone = UTC
    if part["sign"]:
        offset = timedelta(hours=int(part["zone_hour"]), minutes=int(part["zone_minute"] or 0))
        zone = timezone(-offset if part["sign"] == "-" else offset)
    when = datetime(
        int(part["year"]),
        int(part["month_dashed"] or part["month"] or 1),
        int(part["day_dashed"] or part["day"] or 1),
        int(part["hour"] or 0),
        int(part["minute"] or 0),
        int(part["second"] or 0),
        int((part["fraction"] or "0")[:6].ljust(6, "0")),
        zone,
    )
    try:
        return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rjust(26, "0")
    except OverflowError as problem:
        raise ValueError(str(problem)) from None


def is_moment(value: Any) -> bool:
    """Accept an ISO 8601 date or time, of any precision."""
    if not isinstance(value, str):
        return True
    try:
        moment(value)
    except ValueError:
        return False
    return True


# Ids and addresses


def is_uuid(value: Any) -> bool:
    """Accept a UUID with or without dashes, as oslo_utils.uuidutils does."""
    if not isinstance(value, str) or USUAL_UUID.fullmatch(value):
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


def is_cidr(value: Any) -> bool:
    """Accept an address and a prefix length or mask, host bits set or not."""
    if not isinstance(value, str):
        return True
    if "/" not in value or any(each.isspace() for each in value):
        return False
    return _is_address(ipaddress.ip_interface, value)


def _is_address(kind: Any, value: str) -> bool:
    try:
        kind(value)
    except ValueError:
        return False
    return True


def is_uri(value: Any) -> bool:
    """Accept a URI that has a scheme and a host."""
    return not isinstance(value, str) or URI.match(value) is not None


# Content


def is_base64(value: Any) -> bool:
    """Accept base64, foreign characters ignored (Python's decoder, as Nova uses it)."""
    if not isinstance(value, str):
        return True
    try:
        base64.b64decode(value.encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        return False
    return True


def is_regex(value: Any) -> bool:
    """Accept a pattern that Python compiles and that is not empty."""
    if not isinstance(value, str):
        return True
    try:
        re.compile(value)
    except re.error:
        return False
    return bool(value)


FORMATS: Mapping[str, FormatCheck] = {
    "name": is_name,
    "name_with_leading_trailing_spaces": is_padded_name,
    "az_name": is_az_name,
    "az_name_with_leading_trailing_spaces": is_padded_az_name,
    "date-time": is_moment,
    "uuid": is_uuid,
    "ipv4": is_ipv4,
    "ipv6": is_ipv6,
    "cidr": is_cidr,
    "uri": is_uri,
    "base64": is_base64,
    "regex": is_regex,
}


def shortest(address: str | None) -> str | None:
    """Return an IPv6 address as Nova stores it: in its shortest form."""
    return ipaddress.IPv6Address(address).compressed if address else address
