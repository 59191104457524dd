"""Routers: created, changed, deleted; their extra routes."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from emulator.network import quotas, zones
from emulator.network.attributes import NOT_SPECIFIED, Values, given
from emulator.network.errors import (
    BadRequest,
    FlavorNotFound,
    HTTPBadRequest,
    InvalidRoutes,
    OverQuota,
    RouterInUse,
    RouterNotFound,
)
from emulator.network.ports.queries import addresses_of
from emulator.network.resource import Item, Row
from emulator.network.routers import gateway, queries
from emulator.network.standard import bump, change, changes_in, fresh, json_text, parsed, raw, times
from emulator.network.validators import host_routes
from emulator.wire.request import Context

Route = dict[str, str]

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return routers as items, with their gateways."""
    port_ids = [row["gw_port_id"] for row in rows if row["gw_port_id"]]
    gateways = queries.gateways_of(ctx, port_ids)
    addresses = addresses_of(ctx, port_ids)
    ids = [row["id"] for row in rows]
    helpers, served = queries.helpers_of(ctx, ids), zones.of_resources(ctx, ids)
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "tenant_id": row["project_id"],
            "project_id": row["project_id"],
            "admin_state_up": bool(row["admin_state_up"]),
            "status": row["status"],
            "external_gateway_info": _info(row, gateways, addresses),
            "description": row["description"],
            "availability_zones": served.get(row["id"], []),
            "distributed": bool(row["distributed"]),
            "ha": bool(row["ha"]),
            "availability_zone_hints": raw(row["availability_zone_hints"]),
            "routes": raw(row["routes"]),
            "flavor_id": row["flavor_id"],
            "conntrack_helpers": helpers.get(row["id"], []),
            "enable_ndp_proxy": bool(row["enable_ndp_proxy"]),
            "tags": raw(row["tags"]),
            **times(row),
        }
        for row in rows
    ]


def _info(
    row: Row, gateways: Mapping[str, Row], addresses: Mapping[str, Sequence[Row]]
) -> dict[str, Any] | None:
    port = gateways.get(row["gw_port_id"])
    if port is None:
        return None
    info = {
        "network_id": port["network_id"],
        "external_fixed_ips": [
            {"subnet_id": each["subnet_id"], "ip_address": each["ip_address"]}
            for each in addresses.get(port["id"], ())
        ],
        "enable_snat": bool(row["enable_snat"]),
    }
    if row["gateway_qos_policy_id"]:
        info["qos_policy_id"] = row["gateway_qos_policy_id"]
    return info


# Operations


def create(ctx: Context, values: Values) -> str:
    """Create a router, with its gateway when one is asked for; return its id."""
    flavor_id = given(values, "flavor_id")
    is_unknown = flavor_id is None or ctx.db.get("network_flavors", flavor_id) is None
    if values["flavor_id"] is not NOT_SPECIFIED and is_unknown:
        raise FlavorNotFound(flavor_id=flavor_id)
    zones.check(ctx, values["availability_zone_hints"], "router")
    row = {
        **fresh(ctx, values, 1),
        "name": values["name"],
        "admin_state_up": int(values["admin_state_up"]),
        "status": "ACTIVE",
        "distributed": int(given(values, "distributed") or False),
        "ha": int(given(values, "ha") or False),
        "enable_ndp_proxy": int(given(values, "enable_ndp_proxy") or False),
        "flavor_id": flavor_id,
        "availability_zone_hints": json_text(values["availability_zone_hints"]),
        "routes": "[]",
        "gw_port_id": None,
        "enable_snat": 1,
    }
    gateway.check_proxying(ctx, row["id"], values)
    ctx.db.insert("network_routers", row)
    if values["external_gateway_info"]:
        columns = gateway.apply(ctx, row, values["external_gateway_info"])
        columns |= {"revision_number": 2, "had_gateway": 1}
        ctx.db.update("network_routers", row["id"], **columns)
    router_id: str = row["id"]
    return router_id


def update(ctx: Context, row: Row, values: Values) -> None:
    """Change a router: its gateway, its routes and the rest."""
    wanted: Values = {name: values[name] for name in ("name", "description") if name in values}
    for name in ("admin_state_up", "ha", "distributed"):
        if values.get(name) is not None:
            wanted[name] = int(values[name])
    for name in ("ha", "distributed"):
        if wanted.get(name, row[name]) != row[name]:
            _refuse_running(row, values, name)
    led: Values = {}
    if "external_gateway_info" in values:
        led = gateway.apply(ctx, row, values["external_gateway_info"])
        wanted.update(led)
    proxying = gateway.proxying(ctx, {**dict(row), **wanted}, values)
    if proxying != row["enable_ndp_proxy"]:
        wanted["enable_ndp_proxy"] = proxying
    if "routes" in values:
        _check_routes(ctx, row, values["routes"])
        wanted["routes"] = json_text(_plain(values["routes"]))
    _keep(ctx, row, wanted, led.keys())


def _keep(ctx: Context, row: Row, wanted: Values, led: Collection[str]) -> None:
    """Write what changes. Neutron writes the gateway in steps of their own: each is a revision."""
    changes = changes_in(row, wanted)
    if not changes:
        return
    steps = sum(name in changes for name in ("gw_port_id", "enable_snat"))
    if "gw_port_id" in changes and changes["gw_port_id"] is None:
        steps += 2  # its port is unplugged, and goes
    steps += 1 if changes.keys() - led else 0
    if changes.get("gw_port_id") and not row["had_gateway"]:
        steps += 1  # the first one it gets
        changes["had_gateway"] = 1
    ctx.db.update("network_routers", row["id"], **changes)
    bump(ctx, "network_routers", row["id"], max(steps, 1))


def _refuse_running(row: Row, values: Values, name: str) -> None:
    if values.get("admin_state_up", bool(row["admin_state_up"])):
        kind = "distributed" if name == "distributed" else "HA"
        raise BadRequest(
            resource="router",
            msg=f"Cannot change the '{name}' attribute of active routers. Please set router"
            f" admin_state_up to False prior to {'upgrade' if kind == 'distributed' else 'change'}",
        )


def _plain(routes: Sequence[Mapping[str, Any]]) -> list[Route]:
    return [{"destination": each["destination"], "nexthop": each["nexthop"]} for each in routes]


def _check_routes(ctx: Context, row: Row, routes: Sequence[Mapping[str, Any]]) -> None:
    """Refuse routes to hosts that are not beside the router, or are the router."""
    attached = queries.attachments(ctx, row["id"])
    networks = [ipaddress.ip_network(each["cidr"]) for each in attached]
    own = {each["ip_address"] for each in attached}
    for route in routes:
        hop = ipaddress.ip_address(route["nexthop"])
        if not any(hop in network for network in networks):
            raise InvalidRoutes(routes=routes, reason="the nexthop is not connected with router")
        if str(hop) in own:
            raise InvalidRoutes(routes=routes, reason="the nexthop is used by router")
    limit = quotas.limits(ctx, row["project_id"]).get("router_route", -1)
    if 0 <= limit < len(routes):
        raise OverQuota(overs=["router_route"])


def add_routes(ctx: Context, row: Row, body: Any) -> dict[str, Any]:
    """Add routes to those that are there, all at once."""
    return _change_routes(ctx, row, body, lambda old, given: _merged([*old, *given]))


def remove_routes(ctx: Context, row: Row, body: Any) -> dict[str, Any]:
    """Remove routes, all at once; what is not there is no fault."""
    return _change_routes(
        ctx, row, body, lambda old, given: [each for each in old if each not in given]
    )


def _merged(routes: Sequence[Route]) -> list[Route]:
    kept: list[Route] = []
    for route in routes:
        if route not in kept:
            kept.append(route)
    return kept


def _change_routes(ctx: Context, row: Row, body: Any, how: Any) -> dict[str, Any]:
    given = body.get("router") if isinstance(body, dict) else None
    if not isinstance(given, dict) or "routes" not in given:
        raise HTTPBadRequest("Unable to find 'router' in request body")
    reason = host_routes(given["routes"])
    if reason:
        raise HTTPBadRequest(f"Invalid input for routes. Reason: {reason}.")
    routes = how(parsed(row["routes"]), _plain(given["routes"]))
    _check_routes(ctx, row, routes)
    change(ctx, "network_routers", row, {"routes": json_text(routes)})
    after = ctx.db.get("network_routers", row["id"])
    inner = {
        "gw_port_id": after["gw_port_id"],
        "enable_snat": bool(after["enable_snat"]),
        "ha_vr_id": 0,
        "enable_default_route_bfd": False,
        "enable_default_route_ecmp": False,
    }
    return {"router": {**view(ctx, [after])[0], **inner}}


def delete(ctx: Context, row: Row) -> None:
    """Delete a router that is plugged into nothing inside; its gateway goes with it."""
    inside = queries.interfaces(ctx, row["id"])
    if inside:
        ids = ", ".join(each["id"] for each in inside)
        raise RouterInUse(router_id=row["id"], reason=f"has ports still attached: {ids}")
    gateway.apply(ctx, row, None)
    ctx.db.delete("network_conntrack_helpers", row["id"], "router_id")
    ctx.db.delete("network_agent_bindings", row["id"], "resource_id")
    ctx.db.delete("network_routers", row["id"])


def missing(router_id: str) -> Any:
    """Return what is raised for an id that no router has."""
    return RouterNotFound(router_id=router_id)
