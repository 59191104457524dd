"""The extensions that are there: how clients learn what the network service can do.

extensions.json has one a line (neutron 29.0.0 with ML2 and its usual service plugins).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import orjson

from emulator import releases
from emulator.network.errors import ExtensionNotFound
from emulator.wire.request import Context

FILE = Path(__file__).with_name("extensions.json")
SINCE = {  # the release that has an extension first, where train has it not (neutron-lib's history)
    "ussuri": (
        "floating-ip-port-forwarding-description", "qos-port-network-policy",
        "rbac-address-scope", "rbac-subnetpool", "stateful-security-group",
        "tag-ports-during-bulk-creation",
    ),
    "victoria": (
        "address-group", "metering_source_and_destination_fields", "port-numa-affinity-policy",
        "security-groups-normalized-cidr", "security-groups-remote-address-group",
    ),
    "wallaby": ("port-device-profile", "rbac-address-group"),
    "xena": (
        "floating-ip-port-forwarding-port-ranges", "local_ip", "port-resource-request-groups",
        "qos-pps", "qos-pps-minimum",
    ),
    "yoga": (
        "l3-ext-ndp-proxy", "l3-ndp-proxy", "qos-pps-minimum-rule-alias", "qos-rule-type-filter",
        "quota-check-limit", "security-groups-shared-filtering",
    ),
    "zed": ("floating-ip-port-forwarding-detail", "port-mac-override"),
    "2023.2": (
        "network_ha", "security-groups-default-rules",
        "security-groups-rules-belongs-to-default-sg",
    ),
    "2024.1": ("port-numa-affinity-policy-socket", "subnet-external-network"),
    "2024.2": ("tag-creation",),
    "2025.1": (
        "port-trusted-vif", "quota-check-limit-default", "uplink-status-propagation-updatable",
    ),
    "2026.1": ("network-ip-availability-details",),
    "2026.2": (
        "aap-reject-multicast", "floating-ip-router-writable",
        "security-groups-default-statefulness",
    ),
}  # fmt: skip


@cache
def _all(release: str) -> list[dict[str, Any]]:
    """Return the extensions that a release has."""
    later = releases.NAMES[releases.NAMES.index(release) + 1 :]
    missing = {alias for name in later for alias in SINCE.get(name, ())}
    return [each for each in orjson.loads(FILE.read_bytes()) if each["alias"] not in missing]


def index(ctx: Context) -> dict[str, Any]:
    """List the extensions."""
    return {"extensions": _all(ctx.cloud.series.name)}


def show(ctx: Context, alias: str) -> dict[str, Any]:
    """Show one extension by its alias."""
    for extension in _all(ctx.cloud.series.name):
        if extension["alias"] == alias:
            return {"extension": extension}
    raise ExtensionNotFound(alias=alias)
