"""Lists of servers, one server, changes of its names, its end."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.compute import availability_zones, cells
from emulator.compute.formats import shortest
from emulator.compute.links import next_links, page_limit
from emulator.compute.servers import filters, queries
from emulator.compute.servers.errors import CannotChangePinnedZone, CannotPinToZone, MarkerNotFound
from emulator.compute.servers.views import (
    BASIC,
    DETAIL,
    SERVER,
    UNREACHABLE_BASIC,
    UNREACHABLE_DETAIL,
    UNREACHABLE_SERVER,
    UPDATED,
    links,
    shown,
)
from emulator.compute.versions import UNREACHABLE_CELLS_ARE_LISTED
from emulator.store.paging import Page
from emulator.wire.request import Context
from emulator.wire.versioned import View


def index(ctx: Context, query: dict[str, list[str]]) -> dict[str, Any]:
    """List servers by id and name."""
    return _list(ctx, query, "index", (BASIC, UNREACHABLE_BASIC), "servers")


def detail(ctx: Context, query: dict[str, list[str]]) -> dict[str, Any]:
    """List servers with everything about them."""
    return _list(ctx, query, "detail", (DETAIL, UNREACHABLE_DETAIL), "servers/detail")


def _list(
    ctx: Context, query: dict[str, list[str]], verb: str, views: tuple[View, View], path: str
) -> dict[str, Any]:
    """The page asked for; the second view is for what cells that are down hold."""
    view, of_unreachable = views
    rows = _page(ctx, query, verb, view)
    listed: dict[str, Any] = {"servers": [orjson.Fragment(row["written"]) for row in rows]}
    following = next_links(ctx, path, rows, "uuid")
    if following:
        listed["servers_links"] = following
    chosen = set(query) - {"all_tenants"}  # what a cell that is down holds cannot be chosen by it
    if ctx.cloud.down_hosts and UNREACHABLE_CELLS_ARE_LISTED in ctx and not chosen:
        rows = _page(ctx, query, verb, of_unreachable, down=True)
        listed["servers"] += [orjson.Fragment(row["written"]) for row in rows]
    return listed


def _page(
    ctx: Context, query: dict[str, list[str]], verb: str, view: View, *, down: bool = False
) -> list[Any]:
    """The servers of cells that are up, or those of cells that are down."""
    rule = f"os_compute_api:servers:{verb}:get_all_tenants"
    selection = filters.select(ctx, query, all_tenants_rule=rule)
    if ctx.cloud.down_hosts:
        hosts = orjson.dumps(sorted(ctx.cloud.down_hosts)).decode()
        selection.add(queries.ON_HOSTS if down else f"NOT ({queries.ON_HOSTS})", hosts)
    limit = page_limit(ctx)
    marker = None
    if query.get("marker", [""])[-1]:
        marker = queries.marker(ctx, query["marker"][-1])
        if marker is None:
            raise MarkerNotFound(marker=query["marker"][-1])
    if selection.nothing or not limit:
        return []
    page = Page(selection.order, marker, limit, queries.NEVER_NULL)
    conditions, values = selection.conditions, selection.values
    return queries.page(ctx, conditions, values, page, view.sql(ctx), links(ctx))


def show(ctx: Context, server: Any) -> dict[str, Any]:
    """Show one server; from 2.69 what is known of one in a cell that is down."""
    if ctx.cloud.down_hosts and cells.down_cell_of(ctx, server["uuid"]):
        if UNREACHABLE_CELLS_ARE_LISTED not in ctx:
            cells.check(ctx, server["uuid"])
        return {"server": shown(ctx, UNREACHABLE_SERVER, server["uuid"])}
    return {"server": shown(ctx, SERVER, server["uuid"])}


def update(ctx: Context, server: queries.Server, body: dict[str, Any]) -> dict[str, Any]:
    """Change a server's names, addresses of access, disk configuration or pinned zone."""
    asked = body["server"]
    changes: dict[str, Any] = {}
    if "name" in asked:
        changes["display_name"] = asked["name"].strip()
    for name, column in (
        ("description", "display_description"),
        ("hostname", "hostname"),
        ("accessIPv4", "access_ip_v4"),
    ):
        if name in asked:
            changes[column] = asked[name]
    if "accessIPv6" in asked:
        changes["access_ip_v6"] = shortest(asked["accessIPv6"])
    if "OS-DCF:diskConfig" in asked:
        changes["auto_disk_config"] = int(asked["OS-DCF:diskConfig"] == "AUTO")
    if "pinned_availability_zone" in asked:
        zone = asked["pinned_availability_zone"]
        _check_pin(ctx, server, zone)
        changes["pinned_availability_zone"] = zone
    if changes:
        queries.change(ctx, server["uuid"], **changes)
    return {"server": shown(ctx, UPDATED, server["uuid"])}


def _check_pin(ctx: Context, server: queries.Server, zone: str | None) -> None:
    """A server is pinned to the zone it is in, and unpinned before it is pinned to another."""
    pinned = server["pinned_availability_zone"]
    if zone is None or zone == pinned:
        return
    if pinned is not None:
        raise CannotChangePinnedZone()
    current = server["availability_zone"]
    if server["host"]:
        current = availability_zones.of_host(ctx, server["host"])
    if zone != current:
        raise CannotPinToZone(current=current, requested=zone)
