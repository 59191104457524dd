"""Availability zones of networks and routers, and the providers of services."""

from __future__ import annotations

from typing import Any

from emulator.network import agents
from emulator.network.errors import HTTPBadRequest
from emulator.wire.request import Context

PROVIDERS = ("dvrha", "dvr", "ha", "single_node")  # of the service L3_ROUTER_NAT
FILTERS = ("name", "resource", "state")


def index_zones(ctx: Context) -> dict[str, Any]:
    """List the zones that agents are in."""
    found = [
        {"name": zone, "resource": resource, "state": "available"}
        for zone, resource in agents.zones(ctx)
    ]
    for name, wanted in ctx.query.items():
        if name == "fields":
            continue
        if name not in FILTERS:
            raise HTTPBadRequest(f"['{name}'] is invalid attribute for filtering")
        found = [each for each in found if each[name] in wanted]
    fields = ctx.query.get("fields")
    if fields:
        found = [{key: each[key] for key in each if key in fields} for each in found]
    return {"availability_zones": found}


def index(ctx: Context) -> dict[str, Any]:
    """List the providers of services."""
    return {
        "service_providers": [
            {
                "service_type": "L3_ROUTER_NAT",
                "name": name,
                "default": False,
            }
            for name in PROVIDERS
        ]
    }
