"""The SQL of servers: one server, a page of them, what a project holds."""

from __future__ import annotations

from typing import Any

from emulator.compute.errors import InstanceNotFound, InstanceNotMapped
from emulator.wire.request import Context

TABLE = "compute_servers"


def find(ctx: Context, server_id: str) -> Any:
    """Return the row of a server that is not deleted. InstanceNotFound when the caller sees none.

    Admins see the servers of every project, others those of their own.
    """
    row = ctx.db.one("SELECT * FROM compute_servers WHERE uuid = ? AND deleted = 0", (server_id,))
    if row is None or (row["project_id"] != ctx.credentials.project_id and not ctx.is_admin):
        raise InstanceNotFound(instance_id=server_id)
    return row


def find_mapped(ctx: Context, server_id: str) -> Any:
    """Return the row as `find` does; a server that never was is worded as InstanceNotMapped.

    Nova 34.0.0 looks up the cell itself before os-start and PUT of a tag.
    """
    if ctx.db.value("SELECT 1 FROM compute_servers WHERE uuid = ?", (server_id,)) is None:
        raise InstanceNotMapped(instance_id=server_id)
    return find(ctx, server_id)
