"""Interfaces that Nova removed for good: they answer 410 at every version."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.compute.errors import Removed
from emulator.wire.request import Context

# path → methods
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "/os-agents": (
        "GET",
        "POST",
    ),
    "/os-agents/{id}": (
        "PUT",
        "DELETE",
    ),
    "/os-cells": (
        "POST",
        "GET",
    ),
    "/os-cells/capacities": ("GET",),
    "/os-cells/detail": ("GET",),
    "/os-cells/info": ("GET",),
    "/os-cells/sync_instances": ("POST",),
    "/os-cells/{id}": (
        "GET",
        "PUT",
        "DELETE",
    ),
    "/os-cells/{id}/capacities": ("GET",),
    "/os-certificates": ("POST",),
    "/os-certificates/{id}": ("GET",),
    "/os-cloudpipe": (
        "GET",
        "POST",
    ),
    "/os-cloudpipe/{id}": ("PUT",),
    "/os-fixed-ips/{id}": ("GET",),
    "/os-floating-ip-dns": ("GET",),
    "/os-floating-ip-dns/{id}": (
        "PUT",
        "DELETE",
    ),
    "/os-floating-ip-dns/{id}/entries/{entry_id}": (
        "GET",
        "PUT",
        "DELETE",
    ),
    "/os-floating-ips-bulk": (
        "GET",
        "POST",
    ),
    "/os-floating-ips-bulk/{id}": (
        "GET",
        "PUT",
    ),
    "/os-fping": ("GET",),
    "/os-fping/{id}": ("GET",),
    "/os-networks": ("POST",),
    "/os-networks/add": ("POST",),
    "/os-networks/{id}": ("DELETE",),
    "/os-security-group-default-rules": (
        "GET",
        "POST",
    ),
    "/os-security-group-default-rules/{id}": (
        "GET",
        "DELETE",
    ),
    "/os-tenant-networks": ("POST",),
    "/os-tenant-networks/{id}": ("DELETE",),
    "/servers/{server_id}/consoles": (
        "GET",
        "POST",
    ),
    "/servers/{server_id}/consoles/{id}": (
        "GET",
        "DELETE",
    ),
    "/servers/{server_id}/os-virtual-interfaces": ("GET",),
}
# path → actions
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "/os-fixed-ips/{id}/action": (
        "reserve",
        "unreserve",
    ),
    "/os-networks/{id}/action": (
        "disassociate",
        "disassociate_host",
        "disassociate_project",
        "associate_host",
    ),
}


def gone(ctx: Context, **arguments: str) -> None:
    """Say that the interface was removed."""
    raise Removed()
