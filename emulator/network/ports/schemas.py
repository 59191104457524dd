"""Ports: what each attribute may be."""

from __future__ import annotations

import ipaddress
from typing import Any

from emulator.network import converters, validators
from emulator.network.attributes import (
    ENFORCE,
    FILTER,
    NEUTRON_TIMES,
    NOT_SPECIFIED,
    POST,
    PUT,
    SORT,
    TAG_FILTERS,
    attr,
    attributes,
)
from emulator.network.errors import (
    AllowedAddressPairExhausted,
    AllowedAddressPairsMissingIP,
    DuplicateAddressPairInRequest,
    HTTPBadRequest,
)

ADDRESS_PAIRS_MAX = 10
VNIC_TYPES = (
    "normal", "direct", "macvtap", "baremetal", "direct-physical", "virtio-forwarder",
    "smart-nic", "vdpa", "accelerator-direct", "accelerator-direct-physical", "remote-managed",
)  # fmt: skip
NUMA_POLICIES = ("required", "preferred", "legacy", "socket", None)


def address_pairs(value: Any) -> str | None:
    """Accept a list of {ip_address, mac_address}, the MAC optional, none twice."""
    if not isinstance(value, list):
        raise HTTPBadRequest("Allowed address pairs must be a list.")
    if len(value) > ADDRESS_PAIRS_MAX:
        raise AllowedAddressPairExhausted(quota=ADDRESS_PAIRS_MAX)
    seen = []
    for pair in value:
        if not isinstance(pair, dict):
            return f"'{pair}' is not a dictionary"
        mac, address = pair.get("mac_address"), pair.get("ip_address")
        if mac is not None and (reason := validators.mac_address(mac)):
            raise HTTPBadRequest(reason)
        if "ip_address" not in pair:
            raise AllowedAddressPairsMissingIP()
        if (mac, address) in seen:
            raise DuplicateAddressPairInRequest(mac_address=mac, ip_address=address)
        seen.append((mac, address))
        unknown = [key for key in pair if key not in ("mac_address", "ip_address")]
        if unknown:
            raise HTTPBadRequest(f"Unrecognized attribute(s) '{', '.join(unknown)}'")
        check = validators.subnet if "/" in str(address) else validators.ip_address
        if reason := check(address) or _multicast(str(address)):
            raise HTTPBadRequest(reason)
    return None


def _multicast(address: str) -> str | None:
    found = ipaddress.ip_interface(address)
    if not found.is_multicast and not found.network.is_multicast:
        return None
    kind = "subnet" if "/" in address else "address"
    return f"IP {address} is a multicast {kind}, which is not supported."


def ip_version(value: Any) -> str | None:
    """Accept 4 or 6, as a number or as text."""
    return None if str(value) in ("4", "6") else f"{value} is not in valid_values"


BLANK_ALLOWED: validators.Parts = {
    "opt_name": (True, validators.one_of("router", "classless-static-route")),
    "opt_value": (True, validators.or_none(validators.string(255))),
    "ip_version": (False, ip_version),
}
DHCP_OPTION: validators.Parts = {
    "opt_name": (True, validators.line(64)),
    "opt_value": (True, validators.or_none(validators.line(255))),
    "ip_version": (False, ip_version),
}

NAMED = POST | PUT | FILTER | SORT

ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("name", NAMED, default="", check=validators.name()),
    attr("network_id", POST | FILTER | SORT, check=validators.uuid),
    attr("admin_state_up", NAMED, default=True, to=converters.boolean),
    attr(
        "mac_address",
        NAMED | ENFORCE,
        default=NOT_SPECIFIED,
        to=converters.mac,
        check=validators.or_none(validators.mac_address),
    ),
    attr(
        "fixed_ips",
        POST | PUT | FILTER | ENFORCE,
        default=NOT_SPECIFIED,
        check=validators.fixed_ips,
        filter_to=converters.pairs,
    ),
    attr("device_id", NAMED | ENFORCE, default="", check=validators.string(255)),
    attr("device_owner", NAMED | ENFORCE, default="", check=validators.string(255)),
    attr("tenant_id", POST | FILTER | SORT, check=validators.string(255)),
    attr("status", FILTER | SORT),
    attr(
        "allowed_address_pairs",
        POST | PUT | ENFORCE,
        default=NOT_SPECIFIED,
        to=converters.empty_list,
        check=address_pairs,
    ),
    attr(
        "extra_dhcp_opts",
        POST | PUT,
        default=None,
        check=validators.list_of_any(BLANK_ALLOWED, DHCP_OPTION),
    ),
    attr("ip_allocation", FILTER | SORT),
    attr("device_profile", POST, default=None, check=validators.or_none(validators.string(255))),
    attr("numa_affinity_policy", POST | PUT, default=None, check=validators.one_of(*NUMA_POLICIES)),
    attr("resource_request", 0, default=NOT_SPECIFIED),
    attr("binding:vif_type", ENFORCE, default=NOT_SPECIFIED),
    attr("binding:vif_details", ENFORCE, default=NOT_SPECIFIED),
    attr(
        "binding:vnic_type",
        POST | PUT | ENFORCE,
        default="normal",
        check=validators.one_of(*VNIC_TYPES),
    ),
    attr("binding:host_id", POST | PUT | FILTER | ENFORCE, default=NOT_SPECIFIED),
    attr(
        "binding:profile",
        POST | PUT | ENFORCE,
        default=NOT_SPECIFIED,
        check=validators.any_mapping,
    ),
    attr(
        "port_security_enabled",
        POST | PUT | ENFORCE,
        default=NOT_SPECIFIED,
        to=converters.boolean,
    ),
    attr("qos_policy_id", POST | PUT | ENFORCE, default=None, check=validators.uuid_or_none),
    attr("qos_network_policy_id", 0, default=None),
    attr("trunk_details", ENFORCE, default=NOT_SPECIFIED),
    attr("propagate_uplink_status", POST | PUT, default=True, to=converters.boolean),
    attr("dns_name", POST | PUT, default="", to=converters.lower, check=validators.dns_name),
    attr("dns_assignment", 0),
    attr("dns_domain", POST | PUT, default="", to=converters.lower, check=validators.dns_domain),
    attr(
        "trusted",
        POST | PUT | ENFORCE,
        default=NOT_SPECIFIED,
        to=converters.boolean,
        check=validators.boolean,
    ),
    attr("description", POST | PUT | FILTER, default="", check=validators.string(255)),
    attr(
        "security_groups",
        POST | PUT | FILTER,
        default=NOT_SPECIFIED,
        to=converters.empty_list,
        check=validators.uuids,
    ),
    *NEUTRON_TIMES,
    *TAG_FILTERS,
    attr("tags", POST | FILTER, default=[], check=validators.listed(validators.string(255))),
)
