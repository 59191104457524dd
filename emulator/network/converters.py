"""Conversions of attribute values to their canonical form (neutron-lib 5.0.1, api.converters)."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from emulator.network.errors import InvalidInput, SecurityGroupRuleInvalidEtherType

TRUE_WORDS = ("1", "t", "true", "on", "y", "yes")
FALSE_WORDS = ("0", "f", "false", "off", "n", "no")
MAC_FORMS = re.compile(
    r"^(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}"
    r"|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}|[0-9a-f]{12})$"
)


def boolean(value: Any) -> bool:
    """Return the truth value of a boolean, number or word."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise InvalidInput(error_message=f"'{value}' cannot be converted to boolean")


def boolean_or_none(value: Any) -> bool | None:
    """Return the truth value, None for None."""
    return None if value is None else boolean(value)


def integer(value: Any) -> int:
    """Return the whole number that a value stands for."""
    try:
        return int(value)
    except (ValueError, TypeError, OverflowError):
        raise InvalidInput(error_message=f"'{value}' is not an integer") from None


def integer_or_none(value: Any) -> int | None:
    """Return the whole number, None for None."""
    return None if value is None else integer(value)


def text(value: Any) -> str | None:
    """Return a value as text, None for None."""
    return None if value is None else str(value)


def empty_list(value: Any) -> Any:
    """Return an empty list for None."""
    return [] if value is None else value


def lower(value: Any) -> str:
    """Return text in lower case."""
    if not isinstance(value, str):
        raise InvalidInput(error_message=f"Input value {value} must be string type")
    return value.lower()


def address(value: Any) -> Any:
    """Return an IPv6 address in its short form; everything else as it is."""
    if isinstance(value, str) and ":" in value:
        try:
            return str(ipaddress.IPv6Address(value))
        except ValueError:
            return value
    return value


def cidr(value: Any) -> str:
    """Return a CIDR with an IPv6 address in its short form; the host bits stay."""
    if not isinstance(value, str):
        raise InvalidInput(error_message=f"{value} is not in a CIDR format")
    try:
        found = ipaddress.ip_interface(value)
    except ValueError:
        raise InvalidInput(error_message=f"{value} is not in a CIDR format") from None
    return f"{found.ip}/{found.network.prefixlen}"


def pools(value: Any) -> Any:
    """Return allocation pools with their addresses in short form."""
    if value is None:
        return []
    try:
        return [{key: address(each) for key, each in pool.items()} for pool in value]
    except (AttributeError, TypeError):
        raise InvalidInput(error_message="Invalid data format for allocation pools") from None


def mac(value: Any) -> Any:
    """Return a MAC address as xx:xx:xx:xx:xx:xx; what is none, as it is."""
    if isinstance(value, str) and MAC_FORMS.match(value.lower()):
        digits = re.sub("[^0-9a-f]", "", value.lower())
        return ":".join(digits[at : at + 2] for at in range(0, 12, 2))
    return value


def pairs(values: list[str]) -> dict[str, list[str]]:
    """Return ["a=1", "a=2"] as {"a": ["1", "2"]}: how lists of objects are filtered."""
    if values == ["True"]:
        return {}
    found: dict[str, list[str]] = {}
    for each in values:
        key, equals, value = each.partition("=")
        if not equals or not key.strip():
            raise InvalidInput(error_message=f"'{each}' is not of the form <key>=[value]")
        found.setdefault(key.strip(), []).append(value.strip())
    return found


def ethertype(value: Any) -> Any:
    """Return IPv4 or IPv6 for any spelling of it."""
    if isinstance(value, str):
        for known in ("IPv4", "IPv6"):
            if value.lower() == known.lower():
                return known
    raise SecurityGroupRuleInvalidEtherType(ethertype=value, values=["IPv4", "IPv6"])
