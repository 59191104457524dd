"""Migrations: the records of servers that moved, or tried to, from one host to another."""

from __future__ import annotations

from typing import Any

from emulator.compute.formats import moment
from emulator.compute.links import links, next_links, page_limit
from emulator.compute.schemas import NON_NEGATIVE
from emulator.compute.servers.actions.errors import ChangesOutOfOrder, MarkerNotFound
from emulator.compute.versions import MIGRATIONS_ARE_PAGED
from emulator.placement import allocations
from emulator.store.paging import Page, select_page
from emulator.wire.request import Context
from emulator.wire.versioned import Field, Query, Switch, View, either, field, param

TABLE = "compute_migrations"
LIVE = "live-migration"
EVACUATION = "evacuation"
RESIZE = "resize"
COLD = "migration"
SEES_HOSTS = "os_compute_api:os-migrations:index:host"
SEES_ALL = "os_compute_api:os-migrations:index:all_projects"

LIVE_IN_PROGRESS = ("queued", "preparing", "running", "post-migrating")

# Schemas

TIME = {"type": "string", "format": "date-time"}
LIST = Query(
    param("hidden"),
    param("host"),
    param("instance_uuid"),
    param("source_compute"),
    param("status"),
    param("migration_type"),
    param("limit", NON_NEGATIVE, multiple=False, since="2.59"),
    param("marker", multiple=False, since="2.59"),
    param("changes-since", TIME, multiple=False, since="2.59"),
    param("changes-before", TIME, multiple=False, since="2.66"),
    param("user_id", multiple=False, since="2.80"),
    param("project_id", multiple=False, since="2.80"),
    unknown=Switch(either(True, until="2.58"), either(False, since="2.59")),
)

# View


def _links(row: Any, ctx: Context) -> list[dict[str, str]]:
    """The links of a live migration that is under way."""
    return links(ctx, f"servers/{row['server_uuid']}/migrations", str(row["id"]))


def _has_links(row: Any, ctx: Context) -> bool:
    return row["migration_type"] == LIVE and row["status"] in LIVE_IN_PROGRESS


def _host(column: str) -> Field:
    """A field about hosts, null for who may not know them."""
    return field(column, lambda row, ctx: row[column] if ctx.can(SEES_HOSTS) else None)


MIGRATION = View(
    field("created_at"),
    _host("dest_compute"),
    _host("dest_host"),
    _host("dest_node"),
    field("id"),
    field("instance_uuid", column="server_uuid"),
    field("new_instance_type_id", column="new_flavor_id"),
    field("old_instance_type_id", column="old_flavor_id"),
    _host("source_compute"),
    _host("source_node"),
    field("status"),
    field("updated_at"),
    field("migration_type", since="2.23"),
    field("links", _links, since="2.23", when=_has_links),
    field("uuid", since="2.59"),
    field("user_id", since="2.80"),
    field("project_id", since="2.80"),
)

# Queries


def record(
    ctx: Context, server: Any, migration_type: str, status: str, **columns: Any
) -> dict[str, Any]:
    """Record that a server is to leave its host; return the record's id and uuid."""
    uuid = ctx.ids.uuid()
    row_id = ctx.db.insert(
        TABLE,
        {
            "uuid": uuid,
            "server_uuid": server["uuid"],
            "user_id": ctx.user_id or server["user_id"],
            "project_id": ctx.project_id or server["project_id"],
            "migration_type": migration_type,
            "status": status,
            "source_compute": server["host"],
            "source_node": server["node"],
            **columns,
            "created_at": ctx.timestamp,
            "updated_at": ctx.timestamp,
        },
    )
    return {"id": row_id, "uuid": uuid}


def change(ctx: Context, migration_id: int, **columns: Any) -> None:
    """Set columns of a record; it was updated now."""
    ctx.db.update(TABLE, migration_id, **columns, updated_at=ctx.timestamp)


def get(ctx: Context, migration_id: int) -> Any:
    """Return a record by its number."""
    return ctx.db.get(TABLE, migration_id)


def newest(ctx: Context, server_uuid: str, status: str) -> Any:
    """Return the newest record of a server in a status, None when there is none."""
    return ctx.db.one(
        "SELECT * FROM compute_migrations WHERE server_uuid = ? AND status = ?"
        " ORDER BY id DESC LIMIT 1",
        (server_uuid, status),
    )


def of_server(ctx: Context, server_uuid: str, migration_id: str) -> Any:
    """Return a record of a server by number or uuid, None when it has none such."""
    return ctx.db.one(
        "SELECT * FROM compute_migrations WHERE server_uuid = ? AND (id = ? OR uuid = ?)",
        (server_uuid, migration_id if migration_id.isdigit() else -1, migration_id),
    )


def live_in_progress(ctx: Context, server_uuid: str) -> list[Any]:
    """Return the live migrations of a server that are under way."""
    return ctx.db.all(
        "SELECT * FROM compute_migrations WHERE server_uuid = ? AND migration_type = ?"
        " AND status IN ('queued', 'preparing', 'running', 'post-migrating') ORDER BY id",
        (server_uuid, LIVE),
    )


def let_go(ctx: Context, server_uuid: str) -> None:
    """Forget the migrations of a deleted server, and give back what they hold of hosts."""
    sql = "SELECT uuid FROM compute_migrations WHERE server_uuid = ?"
    for row in ctx.db.all(sql, (server_uuid,)):
        allocations.release(ctx, row["uuid"])
    ctx.db.delete(TABLE, server_uuid, "server_uuid")


def _select(ctx: Context, query: dict[str, list[str]]) -> list[Any]:
    """The records asked for: newest first from 2.59.

    Nova sorts nothing before. They come oldest first, those of one server in the order of the
    index that finds them, by status (Nova 34.0.0, migrations_instance_uuid_and_status_idx).
    """
    conditions: list[str] = []
    values: list[Any] = []
    if "host" in query:
        conditions.append("source_compute = ? OR dest_compute = ?")
        values += [query["host"][-1]] * 2
    if "hidden" in query and query["hidden"][-1].lower() in ("1", "t", "true", "on", "y", "yes"):
        conditions.append("0")  # no record is ever hidden here
    for name, column in (
        ("instance_uuid", "server_uuid"),
        ("source_compute", "source_compute"),
        ("status", "status"),
        ("migration_type", "migration_type"),
        ("user_id", "user_id"),
        ("project_id", "project_id"),
    ):
        if name in query:
            conditions.append(f"{column} = ?")
            values.append(query[name][-1])
    times = {name: moment(query[name][0]) for name in query if name.startswith("changes-")}
    if times.get("changes-before", "9") < times.get("changes-since", ""):
        raise ChangesOutOfOrder()
    for name, operator in (("changes-since", ">="), ("changes-before", "<=")):
        if name in times:
            conditions.append(f"updated_at {operator} ?")
            values.append(times[name])
    if MIGRATIONS_ARE_PAGED not in ctx:
        order = (("status", False), ("id", False)) if "instance_uuid" in query else (("id", False),)
        return select_page(ctx.db, "*", TABLE, conditions, values, Page(order))
    limit = page_limit(ctx)
    marker = None
    if "marker" in query:
        marker = ctx.db.get(TABLE, query["marker"][0], "uuid")
        if marker is None:
            raise MarkerNotFound(marker=query["marker"][0])
    page = Page((("created_at", True), ("id", True)), marker, limit)
    return select_page(ctx.db, "*", TABLE, conditions, values, page) if limit else []


# Operations


def index(ctx: Context, query: dict[str, list[str]]) -> dict[str, Any]:
    """List migrations: of the project, for who may see them of all projects."""
    wanted = query.get("project_id", [None])[-1]
    if wanted is None or wanted != ctx.project_id:
        ctx.authorize(SEES_ALL)
    rows = _select(ctx, query)
    shown: dict[str, Any] = {"migrations": [MIGRATION.render(row, ctx) for row in rows]}
    if MIGRATIONS_ARE_PAGED in ctx:
        following = next_links(ctx, "os-migrations", rows, "uuid")
        if following:
            shown["migrations_links"] = following
    return shown
