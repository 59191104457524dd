"""Cells: hosts whose database Compute may fail to reach, and what is said of them then.

Every host is in the first cell unless a fixture says otherwise. Of what is in a cell that is down
Compute knows no more than its own API database holds, and lists skip the rest of it
(Nova 34.0.0, [api]list_records_by_skipping_down_cells).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from emulator.compute.errors import CellNotFound, CellNotResponding
from emulator.store.database import Database
from emulator.wire.request import Context
from emulator.wire.versioned import View, field

# View

CELL = View(field("name"), field("hosts"), field("down", lambda row, ctx: bool(row["down"])))

# Queries


def add(ctx: Context, name: str, hosts: Iterable[str]) -> None:
    """Add a cell that is up, and put hosts into it."""
    ctx.db.insert("compute_cells", {"name": name, "uuid": ctx.ids.uuid()})
    for host in hosts:
        ctx.db.insert("compute_cell_hosts", {"host": host, "cell": name})


def down_hosts(database: Database) -> frozenset[str]:
    """Return the hosts of all cells that are down."""
    rows = database.all(
        "SELECT h.host FROM compute_cell_hosts h JOIN compute_cells c ON c.name = h.cell"
        " WHERE c.down"
    )
    return frozenset(row["host"] for row in rows)


def set_down(ctx: Context, name: str, *, down: bool) -> None:
    """Let a cell fail to answer from now on, or answer again. CellNotFound."""
    if ctx.db.get("compute_cells", name, "name") is None:
        raise CellNotFound(name=name)
    ctx.db.update("compute_cells", name, "name", down=int(down))
    ctx.cloud.down_hosts = down_hosts(ctx.db)


def shown(ctx: Context) -> list[dict[str, Any]]:
    """Return every cell with its hosts."""
    rows = ctx.db.all(
        "SELECT c.*, (SELECT json_group_array(h.host) FROM compute_cell_hosts h"
        " WHERE h.cell = c.name) AS hosts FROM compute_cells c ORDER BY c.name"
    )
    return [CELL.render({**dict(row), "hosts": orjson.loads(row["hosts"])}, ctx) for row in rows]


def down_cell_of(ctx: Context, server_uuid: str) -> str | None:
    """Return the uuid of the cell that is down in which a server is, None when it is in none."""
    uuid: str | None = ctx.db.value(
        "SELECT c.uuid FROM compute_servers s JOIN compute_cell_hosts h ON h.host = s.host"
        " JOIN compute_cells c ON c.name = h.cell WHERE s.uuid = ? AND c.down",
        (server_uuid,),
    )
    return uuid


# Rules


def reachable(ctx: Context, rows: Sequence[Any]) -> Sequence[Any]:
    """Return the rows whose host is in no cell that is down."""
    down = ctx.cloud.down_hosts
    return [row for row in rows if row["host"] not in down] if down else rows


def check(ctx: Context, server_uuid: str) -> None:
    """Refuse what needs the database of a server's cell. CellNotResponding when that is down."""
    if ctx.cloud.down_hosts:
        uuid = down_cell_of(ctx, server_uuid)
        if uuid is not None:
            raise CellNotResponding(uuid=uuid)
