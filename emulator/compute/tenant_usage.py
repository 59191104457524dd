"""Simple tenant usage: how long servers of what size ran, by project."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from emulator.compute.errors import InvalidUsagePeriod, MarkerNotFound
from emulator.compute.links import next_links, page_limit
from emulator.compute.schemas import NON_NEGATIVE, UNKNOWN_UNTIL_274
from emulator.compute.versions import USAGE_IS_PAGED
from emulator.simulation.clock import iso, moment
from emulator.store.paging import Page, select_page
from emulator.wire.request import Context
from emulator.wire.versioned import Query, View, field, param

FORMS = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f")
HOUR_SECONDS = 3600.0
INSTANT = 1e-6  # seconds between the default start and the default end

# Schemas

LIST = Query(
    param("start"),
    param("end"),
    param("detailed"),
    param("limit", NON_NEGATIVE, since="2.40"),
    param("marker", since="2.40"),
    unknown=UNKNOWN_UNTIL_274,
)
SHOW = Query(
    param("start"),
    param("end"),
    param("limit", NON_NEGATIVE, since="2.40"),
    param("marker", since="2.40"),
    unknown=UNKNOWN_UNTIL_274,
)

# View

SERVER_USAGE = View(
    field("instance_id", column="uuid"),
    field("name", column="display_name"),
    field("tenant_id", column="project_id"),
    field("hours"),
    field("flavor", lambda row, ctx: orjson.loads(row["flavor"])["original_name"]),
    field("memory_mb"),
    field("local_gb", lambda row, ctx: row["root_gb"] + row["ephemeral_gb"]),
    field("vcpus"),
    field("started_at", column="launched_at"),
    field("ended_at", column="terminated_at"),
    field("state", lambda row, ctx: "terminated" if row["terminated_at"] else row["vm_state"]),
    field("uptime"),
)


def _usage(row: Any, ctx: Context, start: float, stop: float) -> dict[str, Any]:
    """What one server used between two moments."""
    launched = moment(row["launched_at"])
    ended = moment(row["terminated_at"]) if row["terminated_at"] else None
    until = stop if ended is None else min(stop, ended)
    hours = max(until - max(launched, start), 0) / HOUR_SECONDS
    uptime = int((ctx.now if ended is None else ended) - launched)
    return SERVER_USAGE.render({**dict(row), "hours": hours, "uptime": uptime}, ctx)


def _summaries(
    usages: list[dict[str, Any]], start: float, stop: float, *, detailed: bool
) -> list[dict[str, Any]]:
    """What each project used in all, and of what it consists where that is asked for."""
    found: dict[str, dict[str, Any]] = {}
    for each in usages:
        summary = found.get(each["tenant_id"])
        if summary is None:
            summary = found[each["tenant_id"]] = {
                "tenant_id": each["tenant_id"],
                **({"server_usages": []} if detailed else {}),
                "total_local_gb_usage": 0,
                "total_vcpus_usage": 0,
                "total_memory_mb_usage": 0,
                "total_hours": 0,
                "start": iso(start),
                "stop": iso(stop),
            }
        summary["total_local_gb_usage"] += each["local_gb"] * each["hours"]
        summary["total_vcpus_usage"] += each["vcpus"] * each["hours"]
        summary["total_memory_mb_usage"] += each["memory_mb"] * each["hours"]
        summary["total_hours"] += each["hours"]
        if detailed:
            summary["server_usages"].append(each)
    return list(found.values())


# Queries

COLUMNS = (
    "uuid, display_name, project_id, flavor, memory_mb, root_gb, ephemeral_gb, vcpus,"
    " launched_at, terminated_at, vm_state"
)


def select(ctx: Context, start: str, stop: str, project_id: str | None, page: Page) -> list[Any]:
    """Return one page of the servers, deleted ones too, that ran between two moments."""
    where = ["terminated_at IS NULL OR terminated_at > ?", "launched_at < ?"]
    values = [start, stop]
    if project_id is not None:
        where.append("project_id = ?")
        values.append(project_id)
    return select_page(ctx.db, COLUMNS, "compute_servers", where, values, page)


def _page(ctx: Context, query: Mapping[str, list[str]]) -> Page:
    keys = (("project_id", False), ("uuid", False))
    if USAGE_IS_PAGED not in ctx:
        return Page(keys, limit=ctx.settings.page_limit_max)
    marker = None
    if "marker" in query:
        marker = ctx.db.get("compute_servers", query["marker"][-1], "uuid")
        if marker is None:
            raise MarkerNotFound(marker=query["marker"][-1])
    return Page(keys, marker=marker, limit=page_limit(ctx))


# Operations


def index(ctx: Context, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """Show what every project used."""
    start, stop = _period(ctx, query)
    usages = _usages(ctx, query, start, stop, None)
    detailed = query.get("detailed", ["0"])[0] == "1"
    shown: dict[str, Any] = {"tenant_usages": _summaries(usages, start, stop, detailed=detailed)}
    following = _following(ctx, "os-simple-tenant-usage", usages)
    if following:
        shown["tenant_usages_links"] = following
    return shown


def show(ctx: Context, tenant_id: str, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """Show what one project used; nothing at all is an empty answer."""
    ctx.authorize("os_compute_api:os-simple-tenant-usage:show", {"project_id": tenant_id})
    start, stop = _period(ctx, query)
    usages = _usages(ctx, query, start, stop, tenant_id)
    summaries = _summaries(usages, start, stop, detailed=True)
    shown: dict[str, Any] = {"tenant_usage": summaries[0] if summaries else {}}
    following = _following(ctx, f"os-simple-tenant-usage/{tenant_id}", usages)
    if following:
        shown["tenant_usage_links"] = following
    return shown


def _usages(
    ctx: Context, query: Mapping[str, list[str]], start: float, stop: float, tenant_id: str | None
) -> list[dict[str, Any]]:
    rows = select(ctx, iso(start)[:19], iso(stop), tenant_id, _page(ctx, query))
    return [_usage(row, ctx, start, stop) for row in rows]


def _following(ctx: Context, path: str, usages: list[dict[str, Any]]) -> list[dict[str, str]]:
    return next_links(ctx, path, usages, "instance_id") if USAGE_IS_PAGED in ctx else []


def _period(ctx: Context, query: Mapping[str, list[str]]) -> tuple[float, float]:
    """The two moments of a query, the later one not after now; both are now when not given."""
    start = _moment(query, "start", ctx.now)
    stop = _moment(query, "end", max(ctx.now, start + INSTANT) if start <= ctx.now else ctx.now)
    if not start < stop:
        raise InvalidUsagePeriod(
            "Invalid start time. The start time cannot occur after the end time."
        )
    return start, stop if stop - ctx.now <= INSTANT else ctx.now


def _moment(query: Mapping[str, list[str]], name: str, default: float) -> float:
    text = next((each for each in query.get(name, ()) if each), "")
    if not text:
        return default
    for form in FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    raise InvalidUsagePeriod("Invalid datetime string: Datetime is in invalid format")
