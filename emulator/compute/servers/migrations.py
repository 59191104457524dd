"""Live migrations of a server that are under way, as resources of the server."""

from __future__ import annotations

from typing import Any

from emulator.compute import migrations
from emulator.compute.schemas import UNKNOWN_UNTIL_2101
from emulator.compute.servers.actions.errors import (
    LiveMigrationOver,
    MigrationIsNotLive,
    MigrationNotInProgress,
)
from emulator.wire.request import Context
from emulator.wire.versioned import Field, Query, View, field

SEES_HOSTS = "os_compute_api:servers:migrations:index:host"

# Schemas

LIST = Query(unknown=UNKNOWN_UNTIL_2101)

# View


def _host(column: str) -> Field:
    """A field about hosts, null in lists for who may not know them."""
    return field(column, lambda row, ctx: row[column] if ctx.can(SEES_HOSTS) else None)


MIGRATION = View(
    field("created_at"),
    _host("dest_compute"),
    _host("dest_host"),
    _host("dest_node"),
    field("disk_processed_bytes", column="disk_processed"),
    field("disk_remaining_bytes", column="disk_remaining"),
    field("disk_total_bytes", column="disk_total"),
    field("id"),
    field("memory_processed_bytes", column="memory_processed"),
    field("memory_remaining_bytes", column="memory_remaining"),
    field("memory_total_bytes", column="memory_total"),
    field("server_uuid"),
    _host("source_compute"),
    _host("source_node"),
    field("status"),
    field("updated_at"),
    field("uuid", since="2.59"),
    field("user_id", since="2.80"),
    field("project_id", since="2.80"),
)

# Operations


def index(ctx: Context, server: Any) -> dict[str, Any]:
    """List the live migrations of a server that are under way."""
    rows = migrations.live_in_progress(ctx, server["uuid"])
    return {"migrations": [MIGRATION.render(row, ctx) for row in rows]}


def show(ctx: Context, server: Any, migration_id: str) -> dict[str, Any]:
    """Show one live migration that is under way."""
    row = migrations.of_server(ctx, server["uuid"], migration_id)
    named = {"migration_id": migration_id, "server_id": server["uuid"]}
    if row is None:
        raise MigrationNotInProgress(**named)
    if row["migration_type"] != migrations.LIVE:
        raise MigrationIsNotLive(**named)
    if row["status"] not in migrations.LIVE_IN_PROGRESS:
        raise LiveMigrationOver(**named)
    return {"migration": MIGRATION.render(row, ctx)}
