"""Instance actions and their events: what was done to a server, when, and how it ended."""

from __future__ import annotations

from typing import Any

from emulator.compute.formats import moment
from emulator.compute.links import next_links, page_limit
from emulator.compute.schemas import NON_NEGATIVE, UNKNOWN_UNTIL_2101
from emulator.compute.servers import queries
from emulator.compute.servers.actions.errors import (
    ActionNotFound,
    ChangesOutOfOrder,
    MarkerNotFound,
)
from emulator.compute.versions import (
    DELETED_SERVERS_SHOW_ACTIONS,
    EVENTS_ARE_FOR_ALL,
    INSTANCE_ACTIONS_ARE_PAGED,
)
from emulator.store.paging import Page, select_page
from emulator.wire.request import Context
from emulator.wire.versioned import Query, Switch, View, either, field, param

TABLE = "compute_instance_actions"
EVENTS = "compute_instance_action_events"
CONDUCTED = {
    "conductor_migrate_server",
    "conductor_live_migrate_instance",
    "conductor_schedule_and_build_instances",
    "cold_migrate",
    "rebuild_server",
    "get_image_info",
    "schedule_instances",
}
AT_TARGET = {
    "compute_prep_resize",
    "compute_rebuild_instance",
    "compute_check_can_live_migrate_destination",
    "compute_pre_live_migration",
    "compute_post_live_migration_at_destination",
}
AT_SOURCE = {"compute_confirm_resize", "compute_finish_revert_resize"}
SEES_EVENTS = "os_compute_api:os-instance-actions:events"
SEES_DETAILS = "os_compute_api:os-instance-actions:events:details"

# Schemas

TIME = {"type": "string", "format": "date-time"}
LIST = Query(
    param("limit", NON_NEGATIVE, multiple=False, since="2.58"),
    param("marker", multiple=False, since="2.58"),
    param("changes-since", TIME, multiple=False, since="2.58"),
    param("changes-before", TIME, multiple=False, since="2.66"),
    unknown=Switch(either(True, until="2.57"), either(False, since="2.58")),
)
SHOW = Query(unknown=UNKNOWN_UNTIL_2101)

# View

ACTION = View(
    field("action"),
    field("instance_uuid", column="server_uuid"),
    field("request_id"),
    field("user_id"),
    field("project_id"),
    field("start_time"),
    field("message"),
    field("updated_at", since="2.58"),
)
EVENT = View(
    field("event"),
    field("start_time"),
    field("finish_time"),
    field("result"),
    field("traceback", policy=SEES_EVENTS),
    field("host", since="2.62", policy=SEES_EVENTS),
    field("hostId", column="host_id", since="2.62"),
    field("details", since="2.84", policy=SEES_DETAILS),
)


# Queries

CONDUCTOR = "(SELECT min(host) FROM compute_services WHERE binary = 'nova-conductor')"
MOVE = (
    "coalesce((SELECT m.{column} FROM compute_migrations m WHERE m.server_uuid = s.uuid"
    " AND m.status NOT IN ('confirmed', 'reverted', 'completed', 'done', 'error', 'cancelled')"
    " ORDER BY m.id DESC LIMIT 1), s.host)"
)


def record(ctx: Context, server_uuid: str, action: str) -> int:
    """Record that an action was asked for; return the record's number."""
    return ctx.db.insert(
        TABLE,
        {
            "server_uuid": server_uuid,
            "action": action,
            "request_id": ctx.request_id or ctx.ids.request_id(),  # the clock's own doings too
            "user_id": ctx.user_id or None,
            "project_id": ctx.project_id or None,
            "start_time": ctx.timestamp,
            "updated_at": ctx.timestamp,
        },
    )


def note(ctx: Context, server: Any, action: str, event: str | None = None) -> None:
    """Record an action that is done with the request, and its one event."""
    action_id = record(ctx, server["uuid"], action)
    if event is not None:
        open_event(ctx, action_id, event)
        close_event(ctx, action_id, event, "Success")


def open_event(ctx: Context, action_id: int, event: str) -> None:
    """Record that a part of an action began, on the host whose service does it."""
    ctx.db.write(
        "INSERT INTO compute_instance_action_events (action_id, event, start_time, host)"
        f" SELECT a.id, ?, ?, {_host_of(event)} FROM compute_instance_actions a"
        " LEFT JOIN compute_servers s ON s.uuid = a.server_uuid WHERE a.id = ?",
        (event, ctx.timestamp, action_id),
    )


def _host_of(event: str) -> str:
    """Where an event happens, as SQL: most do on the server's host (Nova 34.0.0, EventReporter)."""
    if event in CONDUCTED or event.startswith("api_"):
        return CONDUCTOR
    if event in AT_TARGET:
        return MOVE.format(column="dest_compute")
    return MOVE.format(column="source_compute") if event in AT_SOURCE else "s.host"


def close_event(
    ctx: Context, action_id: int, event: str, result: str, details: str | None = None
) -> None:
    """Record how a part of an action ended: Success or Error."""
    ctx.db.write(
        "UPDATE compute_instance_action_events SET finish_time = ?, result = ?, details = ?"
        " WHERE action_id = ? AND event = ? AND finish_time IS NULL",
        (ctx.timestamp, result, details, action_id, event),
    )
    ctx.db.write(
        "UPDATE compute_instance_actions SET updated_at = ? WHERE id = ?",
        (ctx.timestamp, action_id),
    )


def mark_failed(ctx: Context, action_id: int) -> None:
    """Record that an action failed: its message is Error."""
    ctx.db.update(TABLE, action_id, message="Error", updated_at=ctx.timestamp)


def find_server(ctx: Context, server_id: str) -> Any:
    """Return the server whose actions are asked for; from 2.21 also one that is deleted."""
    if DELETED_SERVERS_SHOW_ACTIONS in ctx:
        row = ctx.db.get("compute_servers", server_id, "uuid")
        if row is not None and (ctx.is_admin or row["project_id"] == ctx.project_id):
            return row
    return queries.find(ctx, server_id)


def _by_request(ctx: Context, server_uuid: str, request_id: str) -> Any:
    return ctx.db.one(
        "SELECT * FROM compute_instance_actions WHERE server_uuid = ? AND request_id = ?"
        " ORDER BY id DESC LIMIT 1",
        (server_uuid, request_id),
    )


def _page(ctx: Context, server_uuid: str, query: dict[str, list[str]], limit: int) -> list[Any]:
    """The page asked for, newest first. MarkerNotFound, ChangesOutOfOrder."""
    conditions, values = ["server_uuid = ?"], [server_uuid]
    times = {name: moment(query[name][0]) for name in query if name.startswith("changes-")}
    for name, operator in (("changes-since", ">="), ("changes-before", "<=")):
        if name in times:
            conditions.append(f"updated_at {operator} ?")
            values.append(times[name])
    if times.get("changes-before", "9") < times.get("changes-since", ""):
        raise ChangesOutOfOrder()
    marker = None
    if limit and "marker" in query:
        marker = _by_request(ctx, server_uuid, query["marker"][0])
        if marker is None:
            raise MarkerNotFound(marker=None)
    page = Page((("id", True),), marker, limit)
    return select_page(ctx.db, "*", TABLE, conditions, values, page) if limit else []


def _events(ctx: Context, action: Any, server: Any) -> list[Any]:
    """The events of an action, newest first."""
    return ctx.db.all(
        f"SELECT *, {queries.host_id('?')} AS host_id FROM compute_instance_action_events"
        " WHERE action_id = ? ORDER BY id DESC",
        (action["project_id"] or server["project_id"], action["id"]),
    )


# Operations


def index(ctx: Context, server: Any, query: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """List what was done to a server."""
    limit = page_limit(ctx)
    rows = _page(ctx, server["uuid"], query or {}, limit)
    shown: dict[str, Any] = {"instanceActions": [ACTION.render(row, ctx) for row in rows]}
    if INSTANCE_ACTIONS_ARE_PAGED in ctx:
        collection = f"servers/{server['uuid']}/os-instance-actions"
        following = next_links(ctx, collection, rows, "request_id")
        if following:
            shown["links"] = following
    return shown


def show(ctx: Context, server: Any, request_id: str) -> dict[str, Any]:
    """Show one action; its events to whom may see them, from 2.51 to everyone."""
    action = _by_request(ctx, server["uuid"], request_id)
    if action is None:
        raise ActionNotFound(request_id=request_id)
    shown = ACTION.render(action, ctx)
    if EVENTS_ARE_FOR_ALL in ctx or ctx.can(SEES_EVENTS):
        shown["events"] = [EVENT.render(row, ctx) for row in _events(ctx, action, server)]
    return {"instanceAction": shown}
