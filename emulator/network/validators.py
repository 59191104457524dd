"""Checks of attribute values: each says why one is refused (neutron-lib 5.0.1, validators)."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network.attributes import Check
from emulator.network.errors import (
    HTTPBadRequest,
    InvalidInput,
    InvalidInputSubnetServiceType,
    InvalidSubnetServiceType,
)

HEX_UUID = re.compile(r"^[0-9a-f]{32}$")
MAC = re.compile(r"^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$|^[0-9a-fA-F]{12}$")
ZERO_MAC = "000000000000"
SERVICE_TYPE_PREFIXES = ("network:", "compute:", "baremetal:", "neutron:", "trunk:", "manila:")
DNS_LABEL = re.compile(r"^([a-z0-9-]{1,63})$", re.IGNORECASE)
FQDN_LENGTH_MAX = 255

# Texts


def string(length: int | None = None) -> Check:
    """Accept text up to a length."""

    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return f"'{value}' is not a valid string"
        if length is not None and len(value) > length:
            return f"'{value}' exceeds maximum length of {length}"
        return None

    return check


def name(length: int | None = 255) -> Check:
    """Accept text without control characters, and without space at its ends."""
    plain = string(length)

    def check(value: Any) -> str | None:
        reason = plain(value)
        if reason is None and not _is_printable(value):
            return f"'{value}' is not a valid string"
        return reason

    return check


def _is_printable(value: str) -> bool:
    if value.isprintable():
        return value == value.strip()
    for char in value:
        category = unicodedata.category(char)
        if category[0] == "C" or (category[0] == "Z" and category != "Zs"):
            return False
    return value == value.strip()


def filled_name(value: Any) -> str | None:
    """Accept a name that is not blank."""
    reason = string()(value)
    if reason is None and not value.strip():
        return f"'{value}' Blank strings are not permitted"
    return reason or name(None)(value)


def line(length: int) -> Check:
    """Accept one line of text that is not blank."""
    plain = string(length)

    def check(value: Any) -> str | None:
        reason = plain(value)
        if reason is not None:
            return reason
        if not value.strip():
            return f"'{value}' Blank strings are not permitted"
        if len(value.splitlines()) > 1:
            return f"Multi-line string is not allowed: '{value}'"
        return None

    return check


def or_none(other: Check) -> Check:
    """Accept null besides."""
    return lambda value: None if value is None else other(value)


# Numbers and choices


def one_of(*values: Any) -> Check:
    """Accept one of the values."""

    def check(value: Any) -> str | None:
        if isinstance(value, list | dict) or value not in values:
            return f"{value} is not in valid_values"
        return None

    return check


def number(low: int, high: int) -> Check:
    """Accept a whole number between two others."""

    def check(value: Any) -> str | None:
        try:
            found = int(value)
        except (ValueError, TypeError, OverflowError):
            return f"'{value}' is not an integer"
        if found < low:
            return f"'{found}' is too small - must be at least '{low}'"
        if found > high:
            return f"'{found}' is too large - must be no larger than '{high}'"
        return None

    return check


def non_negative(value: Any) -> str | None:
    """Accept a whole number of at least 0."""
    try:
        found = int(value)
    except (ValueError, TypeError, OverflowError):
        return f"'{value}' is not an integer"
    return f"'{found}' should be non-negative" if found < 0 else None


def boolean(value: Any) -> str | None:
    """Accept a truth value or a word for one."""
    words = ("1", "t", "true", "on", "y", "yes", "0", "f", "false", "off", "n", "no")
    if str(value).strip().lower() not in words:
        return f"'{value}' is not a valid boolean value"
    return None


# Ids and addresses


def uuid(value: Any) -> str | None:
    """Accept a UUID with or without dashes."""
    plain = str(value).lower()
    plain = plain.replace("urn:", "").replace("uuid:", "").strip("{}").replace("-", "")
    return None if HEX_UUID.match(plain) else f"'{value}' is not a valid UUID"


uuid_or_none = or_none(uuid)


def subnetpool_or_none(value: Any) -> str | None:
    """Accept a UUID, null, or the name of the pool of delegated prefixes."""
    return None if value == "prefix_delegation" else uuid_or_none(value)


def mac_address(value: Any) -> str | None:
    """Accept a MAC address other than zero."""
    if isinstance(value, str) and MAC.match(value):
        digits = value.replace(":", "").replace("-", "")
        if digits != ZERO_MAC:
            return None
    return f"'{value}' is not a valid MAC address"


def ip_address(value: Any) -> str | None:
    """Accept an IP address in its usual form."""
    if isinstance(value, str):
        try:
            ipaddress.ip_address(value)
        except ValueError:
            return _why_not_an_address(value)
        return None
    return f"'{value}' is not a valid IP address"


def _why_not_an_address(value: str) -> str:
    numbers = value.split(".")
    if len(numbers) == 4 and all(each.isdigit() and int(each) < 256 for each in numbers):
        better = ".".join(str(int(each)) for each in numbers)
        return f"'{value}' is not an accepted IP address, '{better}' is recommended"
    return f"'{value}' is not a valid IP address"


ip_or_none = or_none(ip_address)


def subnet(value: Any) -> str | None:
    """Accept a CIDR."""
    if isinstance(value, str) and "/" in value and not re.search(r"\s", value):
        try:
            ipaddress.ip_interface(value)
        except ValueError:
            pass
        else:
            return None
    return f"'{value}' is not a valid IP subnet"


subnet_or_none = or_none(subnet)


def route_destination(value: Any) -> str | None:
    """Accept the CIDR of a network, loopback excepted."""
    try:
        if isinstance(value, str) and "/" in value:
            network = ipaddress.ip_network(value)
            if network.is_loopback:
                return f"'{value}' is not a routable CIDR"
            return None
    except ValueError:
        pass
    return f"'{value}' is not a valid CIDR"


# Lists


def listed(each: Check) -> Check:
    """Accept a list without duplicates of what another check accepts."""

    def check(value: Any) -> str | None:
        if not isinstance(value, list):
            return f"'{value}' is not a list"
        twice = [item for index, item in enumerate(value) if item in value[:index]]
        if twice:
            return f"Duplicate items in the list: '{', '.join(str(item) for item in twice)}'"
        return next((reason for item in value if (reason := each(item))), None)

    return check


uuids = listed(uuid)
subnets = listed(subnet)


def _keys(expected: Sequence[str], value: Any) -> str | None:
    """Say why a value is no mapping with exactly these keys."""
    if not isinstance(value, dict):
        return f"Invalid input. '{value}' must be a dictionary with keys: {list(expected)}"
    if set(value) != set(expected):
        return (
            "Validation of dictionary's keys failed. "
            f"Expected keys: {set(expected)} Provided keys: {set(value)}"
        )
    return None


def ip_pools(value: Any) -> str | None:
    """Accept a list of {start, end}."""
    if not isinstance(value, list):
        return f"Invalid data format for IP pool: '{value}'"
    for pool in value:
        reason = _keys(["start", "end"], pool)
        reason = reason or ip_address(pool["start"]) or ip_address(pool["end"])
        if reason:
            return reason
    return None


def fixed_ips(value: Any) -> str | None:
    """Accept a list of {ip_address, subnet_id}, both optional, no address twice."""
    if not isinstance(value, list):
        return f"Invalid data format for fixed IP: '{value}'"
    seen: list[Any] = []
    for each in value:
        if not isinstance(each, dict):
            return f"Invalid data format for fixed IP: '{each}'"
        if "ip_address" in each:
            if each["ip_address"] in seen:
                return f"Duplicate IP address '{each['ip_address']}'"
            reason = ip_address(each["ip_address"])
            if reason:
                return reason
            seen.append(each["ip_address"])
        if "subnet_id" in each and (reason := uuid(each["subnet_id"])):
            return reason
    return None


def nameservers(value: Any) -> str | None:
    """Accept a list of addresses, none twice."""
    if not isinstance(value, list):
        return f"Invalid data format for nameserver: '{value}'"
    for index, host in enumerate(value):
        reason = ip_address(host)
        if reason:
            return f"'{host}' is not a valid nameserver. {reason}"
        if host in value[:index]:
            return f"Duplicate nameserver '{host}'"
    return None


def host_routes(value: Any) -> str | None:
    """Accept a list of {destination, nexthop}, none twice."""
    if not isinstance(value, list):
        return f"Invalid data format for hostroute: '{value}'"
    for index, route in enumerate(value):
        reason = _keys(["destination", "nexthop"], route)
        reason = reason or route_destination(route["destination"]) or ip_address(route["nexthop"])
        if reason:
            return reason
        if route in value[:index]:
            return f"Duplicate hostroute '{route}'"
    return None


def service_types(value: Any) -> str | None:
    """Accept a list of device owners, or beginnings of one."""
    if value and not isinstance(value, list):
        raise HTTPBadRequest("Subnet service types must be a list.")
    for each in value or ():
        if not isinstance(each, str):
            raise InvalidInputSubnetServiceType(service_type=each)
        if not each.startswith(SERVICE_TYPE_PREFIXES):
            raise InvalidSubnetServiceType(service_type=each)
    return None


def zone_hints(value: Any) -> str | None:
    """Accept a list of zone names."""
    return listed(string())(value)


# Mappings

Parts = Mapping[str, tuple[bool, Check]]
"""A mapping's keys, each with whether it is required and its check."""


def mapping(value: Any, parts: Parts) -> str | None:
    """Say why a value is no mapping of these parts."""
    if not isinstance(value, dict):
        return f"'{value}' is not a dictionary"
    required = [key for key, (needed, _) in parts.items() if needed]
    if not set(required) <= set(value):
        return (
            "Validation of dictionary's keys failed. "
            f"Expected keys: {set(required)} Provided keys: {set(value)}"
        )
    unknown = [key for key in value if key not in parts]
    if unknown:
        return f"Unexpected keys supplied: {', '.join(unknown)}"
    return next(
        (why for key, (_, check) in parts.items() if key in value and (why := check(value[key]))),
        None,
    )


def any_mapping(value: Any) -> str | None:
    """Accept a mapping or null."""
    return None if value is None or isinstance(value, dict) else f"'{value}' is not a dictionary"


def mapping_or_nothing(parts: Parts) -> Check:
    """Accept a mapping of these parts, an empty one, or null."""
    return lambda value: mapping(value, parts) if value else None


def list_of_any(*choices: Parts) -> Check:
    """Accept null or a list of mappings, each of the form of one of the choices."""

    def check(value: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, list):
            raise InvalidInput(error_message=f"'{value}' is not a list")
        for each in value:
            if all(mapping(each, parts) is not None for parts in choices):
                raise InvalidInput(error_message=f"No valid key specs matched for: {each}")
        return None

    return check


# DNS


def _why_no_dns_name(value: str) -> str | None:
    trimmed = value.removesuffix(".")
    if len(trimmed) > FQDN_LENGTH_MAX:
        return f"'{trimmed}' exceeds the {FQDN_LENGTH_MAX} character FQDN limit"
    labels = trimmed.split(".")
    for label in labels:
        if not label:
            return "Encountered an empty component"
        if label.endswith("-") or label.startswith("-"):
            return f"Name '{label}' must not start or end with a hyphen"
        if not DNS_LABEL.match(label):
            return (
                f"Name '{label}' must be 1-63 characters long, each of "
                "which can only be alphanumeric or a hyphen"
            )
    if len(labels) > 1 and labels[-1].isdigit():
        return f"TLD '{labels[-1]}' must not be all numeric"
    return None


def dns_name(value: Any) -> str | None:
    """Accept a host name, qualified or not."""
    why = _why_no_dns_name(value) if value else None
    return f"'{value}' not a valid PQDN or FQDN. Reason: {why}" if why else None


def relative_dns_name(value: Any) -> str | None:
    """Accept a host name that does not end in a dot."""
    if value and value.endswith("."):
        return f"'{value}' is a FQDN. It should be a relative domain name"
    return dns_name(value)


def dns_domain(value: Any) -> str | None:
    """Accept a domain that ends in a dot."""
    if value and not value.endswith("."):
        return f"'{value}' is not a FQDN"
    return dns_name(value)


def port_range(value: Any) -> str | None:
    """Accept a port, or two with a colon between, or null."""
    if value is None:
        return None
    ports = str(value).split(":")
    if len(ports) > 2 or not all(ports):
        return "Port range must be two integers separated by a colon"
    for each in ports:
        if not each.isdigit() or not 0 <= int(each) <= 65535:
            return f"Invalid port: {each}"
        if int(each) == 0:
            return f"Invalid port: {each}, the port must be in the range [1, 65535]"
    if len(ports) == 2 and int(ports[0]) > int(ports[1]):
        return "First port in a port range must be lower than the second port"
    return None
