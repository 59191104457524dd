"""Availability zones of networks and routers, and the providers of services."""

from __future__ import annotations

from typing import Any

from emulator.network import agents, listing
from emulator.network.attributes import FILTER, attr, attributes
from emulator.wire.request import Context

PROVIDERS = ("dvrha", "dvr", "ha", "single_node")  # of the service L3_ROUTER_NAT
ZONE = attributes(attr("name", FILTER), attr("resource", FILTER), attr("state", FILTER))


def index_zones(ctx: Context) -> dict[str, Any]:
    """List the zones that agents are in."""
    found = [
        {"name": zone, "resource": resource, "state": "available"}
        for zone, resource in agents.zones(ctx)
    ]
    wanted = listing.wanted(ctx, ZONE)
    kept = [zone for zone in found if all(zone[name] in wanted[name] for name in wanted)]
    fields = ctx.query.get("fields", ())
    return {"availability_zones": [listing.only(each, fields) for each in kept]}


def index(ctx: Context) -> dict[str, Any]:
    """List the providers of services. What else there is in the query is not minded."""
    found = [
        {"service_type": "L3_ROUTER_NAT", "name": name, "default": False} for name in PROVIDERS
    ]
    for name in ("service_type", "name", "default"):
        wanted = ctx.query.get(name)
        found = [each for each in found if wanted is None or each[name] in wanted]
    fields = ctx.query.get("fields", ())
    return {"service_providers": [listing.only(each, fields) for each in found]}
