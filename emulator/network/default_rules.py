"""Templates of security group rules: what every new group begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.wire.request import Context

PARENT = "PARENT"  # as remote_group_id: the new group itself

STOCK: tuple[Mapping[str, Any], ...] = tuple(
    {
        "direction": direction,
        "ethertype": ethertype,
        "protocol": None,
        "port_range_min": None,
        "port_range_max": None,
        "remote_ip_prefix": None,
        "remote_address_group_id": None,
        "remote_group_id": PARENT if direction == "ingress" else None,
        "used_in_default_sg": True,
        "used_in_non_default_sg": direction == "egress",
    }
    for direction in ("egress", "ingress")
    for ethertype in ("IPv4", "IPv6")
)


def for_group(ctx: Context, *, default: bool) -> list[Mapping[str, Any]]:
    """Return the templates that a new group follows."""
    name = "used_in_default_sg" if default else "used_in_non_default_sg"
    return [each for each in STOCK if each[name]]
