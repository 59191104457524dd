"""The SQL of servers: one server, and what stands in other tables about many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from emulator.compute import cells
from emulator.compute.errors import InstanceNotFound, InstanceNotMapped
from emulator.compute.servers.states import STATUSES
from emulator.store.paging import Page, select_page
from emulator.wire.request import Context

TABLE = "compute_servers"
PREFIXED = f"(SELECT ? AS self_prefix, ? AS bookmark_prefix) CROSS JOIN {TABLE}"
"""The servers, each beside what its links begin with."""
NO_LINKS = ("", "")
NEVER_NULL = frozenset(("created_at", "id", "uuid", "project_id", "user_id"))
SERVER = "SELECT * FROM compute_servers WHERE uuid = ?"

MARKER = (
    'SELECT *, locked_by IS NOT NULL AS "(locked_by IS NOT NULL)"'
    " FROM compute_servers WHERE uuid = ?"
)
"""A row with every key that lists are sorted by."""

Server = dict[str, Any]
"""A row of compute_servers, as a dict of its columns."""

Links = tuple[str, str]
"""What the links of everything begin with: those to the thing itself, and bookmarks."""


WHOSE = "SELECT uuid, project_id, user_id, deleted FROM compute_servers WHERE uuid = ?"


ON_HOSTS = "host IS NOT NULL AND host IN (SELECT value FROM json_each(?))"


def find_whose(ctx: Context, server_id: str) -> Any:
    """Return the id of a server as `find` does, and whose it is: all that asking policy takes."""
    row = find_even_if_unreachable(ctx, server_id)
    cells.check(ctx, server_id)
    return row


def find_even_if_unreachable(ctx: Context, server_id: str) -> Any:
    """Return what `find_whose` does, also for a server in a cell that is down."""
    row = ctx.db.one(WHOSE, (server_id,))
    if row is None or not _is_visible(ctx, row):
        raise InstanceNotFound(instance_id=server_id)
    return row


def find(ctx: Context, server_id: str) -> Server:
    """Return a server that is not deleted. InstanceNotFound when the caller sees none.

    Admins see the servers of every project, others those of their own. CellNotResponding for one
    in a cell that is down.
    """
    row = ctx.db.one(SERVER, (server_id,))
    if row is None or not _is_visible(ctx, row):
        raise InstanceNotFound(instance_id=server_id)
    cells.check(ctx, server_id)
    return dict(zip(row.keys(), row, strict=True))


def _is_visible(ctx: Context, row: Any) -> bool:
    return not row["deleted"] and (row["project_id"] == ctx.credentials.project_id or ctx.is_admin)


def find_mapped(ctx: Context, server_id: str) -> Server:
    """Return the server as `find` does; one that never was is worded as InstanceNotMapped.

    Nova 34.0.0 looks up the cell itself before os-start.
    """
    if ctx.db.value("SELECT 1 FROM compute_servers WHERE uuid = ?", (server_id,)) is None:
        raise InstanceNotMapped(instance_id=server_id)
    return find(ctx, server_id)


def find_anywhere(ctx: Context, server_id: str) -> Server:
    """Return the server of any project as `find_mapped` does: policy says whose it may be.

    Nova 34.0.0 asks the cell for a server's tags, not for the server.
    """
    return find_mapped(ctx.as_emulator(), server_id)


def change(ctx: Context, server_uuid: str, **changes: Any) -> None:
    """Set columns of a server; it was updated now."""
    ctx.db.update(TABLE, server_uuid, "uuid", **changes, updated_at=ctx.timestamp)


def flavor_columns(flavor: Any) -> dict[str, Any]:
    """Return the columns of a server that say its size: those of a flavor, copied.

    `flavor` is the flavor as answers embed it since 2.47.
    """
    embedded = {
        "vcpus": flavor["vcpus"],
        "ram": flavor["memory_mb"],
        "disk": flavor["root_gb"],
        "ephemeral": flavor["ephemeral_gb"],
        "swap": flavor["swap"],
        "original_name": flavor["name"],
        "extra_specs": orjson.Fragment(flavor["extra_specs"]),
    }
    return {
        "flavor": orjson.dumps(embedded).decode(),
        "flavor_id": flavor["id"],
        "flavorid": flavor["flavorid"],
        "memory_mb": flavor["memory_mb"],
        "vcpus": flavor["vcpus"],
        "root_gb": flavor["root_gb"],
        "ephemeral_gb": flavor["ephemeral_gb"],
    }


PLACED = (
    "id, uuid, project_id, user_id, reservation_id, launch_index, flavor, image_ref,"
    " image_properties, vcpus, memory_mb, pinned_availability_zone, scheduler_hints,"
    " server_group, requested_networks, vm_state, host"
)
"""The columns of a server that a host is chosen by."""


def of_reservation(ctx: Context, server: Any, count: int) -> list[Any]:
    """Return the servers that were asked for together, so many, in their order."""
    first = server["id"] - server["launch_index"]  # they were recorded one after the other
    return ctx.db.all(
        f"SELECT {PLACED} FROM compute_servers WHERE id BETWEEN ? AND ? AND NOT deleted"
        " AND reservation_id = ? ORDER BY id",
        (first, first + count - 1, server["reservation_id"]),
    )


def hosts_by_server(ctx: Context, server_ids: Sequence[str]) -> dict[str, str | None]:
    """Return the hosts of many servers."""
    return {uuid: row["host"] for uuid, row in _by_uuid(ctx, "uuid, host", server_ids).items()}


def to_be_placed(ctx: Context, server_ids: Sequence[str]) -> dict[str, Any]:
    """Return of many servers what their hosts are chosen by."""
    return _by_uuid(ctx, PLACED, server_ids)


def to_be_plugged(ctx: Context, server_ids: Sequence[str]) -> dict[str, Any]:
    """Return of many servers what their ports are made from."""
    columns = (
        "uuid, project_id, host, availability_zone, requested_networks, requested_security_groups"
    )
    return _by_uuid(ctx, columns, server_ids)


def _by_uuid(ctx: Context, columns: str, server_ids: Sequence[str]) -> dict[str, Any]:
    rows = ctx.db.all(
        f"SELECT {columns} FROM compute_servers"
        " WHERE uuid IN (SELECT value FROM json_each(?)) AND NOT deleted",
        (orjson.dumps(server_ids).decode(),),
    )
    return {row["uuid"]: row for row in rows}


def keep_hosts(ctx: Context, placed: Sequence[tuple[Any, ...]]) -> None:
    """Store where servers are: (host, node, provider, zone, root device, server)."""
    ctx.db.connection.executemany(
        "UPDATE compute_servers SET host = ?, node = ?, provider = ?, availability_zone = ?,"
        " root_device_name = ? WHERE uuid = ?",
        placed,
    )


def hosts_of(ctx: Context, server_ids: Sequence[str]) -> list[str]:
    """Return the hosts that these servers of the caller's project are on."""
    rows = ctx.db.all(
        f"SELECT DISTINCT host FROM compute_servers WHERE uuid IN ({_marks(server_ids)})"
        " AND deleted = 0 AND host IS NOT NULL",
        server_ids,
    )
    return [row["host"] for row in rows]


def members_by_host(ctx: Context, group_uuid: str, *, but: str = "") -> dict[str, int]:
    """Return how many servers of a group each host has, one server not counted."""
    rows = ctx.db.all(
        "SELECT host, count(*) AS members FROM compute_servers WHERE server_group = ?"
        " AND deleted = 0 AND host IS NOT NULL AND uuid != ? GROUP BY host",
        (group_uuid, but),
    )
    return {row["host"]: row["members"] for row in rows}


def count_members(ctx: Context, group_uuid: str) -> int:
    """Return how many servers a group has."""
    counted: int = ctx.db.value(
        "SELECT count(*) FROM compute_servers WHERE server_group = ? AND deleted = 0",
        (group_uuid,),
    )
    return counted


def add_block_devices(ctx: Context, server_uuid: str, devices: Iterable[Mapping[str, Any]]) -> None:
    """Record the block devices of a new server."""
    for device in devices:
        ctx.db.insert(
            "compute_block_devices",
            {
                "uuid": ctx.ids.uuid(),
                "server_uuid": server_uuid,
                **device,
                "created_at": ctx.timestamp,
            },
        )


def block_devices(ctx: Context, server_uuid: str) -> list[Any]:
    """Return the block devices of a server, in the order they were asked for."""
    return ctx.db.all(
        "SELECT * FROM compute_block_devices WHERE server_uuid = ? ORDER BY id", (server_uuid,)
    )


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


# What servers look like: SQL for the columns and fields of views.py


def _status() -> str:
    """SQL for the status that is shown, e.g. VERIFY_RESIZE."""
    cases = []
    for vm_state, tasks in STATUSES.items():
        named = [f"WHEN '{task}' THEN '{shown}'" for task, shown in tasks.items() if task]
        shown = f"'{tasks[None]}'"
        if named:
            of_task = f"CASE task_state {' '.join(named)} ELSE {shown} END"
            shown = f"iif(task_state IS NULL, {shown}, {of_task})"
        cases.append(f"WHEN '{vm_state}' THEN {shown}")
    return f"iif(deleted, 'DELETED', CASE vm_state {' '.join(cases)} ELSE 'UNKNOWN' END)"


STATUS = _status()


def host_id(project_id: str) -> str:
    """Return SQL for what a project sees instead of the name of a row's host."""
    return f"iif(coalesce(host, '') = '', '', sha224({project_id} || host))"


HOST_STATUS = """iif(deleted OR coalesce(host, '') = '', '', coalesce((SELECT
 iif(forced_down OR down_since IS NOT NULL, 'DOWN',
 iif(disabled, 'MAINTENANCE', 'UP')) FROM compute_services AS c
 WHERE c.binary = 'nova-compute' AND c.host = compute_servers.host), 'UNKNOWN'))"""
"""UP, DOWN, MAINTENANCE (Nova 34.0.0, compute.api); nothing without a host, or once deleted."""

VOLUMES = """(SELECT json_group_array(json_object('id', volume_id)) FROM (
 SELECT volume_id FROM compute_block_devices
 WHERE server_uuid = compute_servers.uuid AND volume_id IS NOT NULL ORDER BY id))"""
VOLUMES_KEPT = """(SELECT json_group_array(json_object('id', volume_id, 'delete_on_termination',
 json(iif(delete_on_termination, 'true', 'false')))) FROM (
 SELECT volume_id, delete_on_termination FROM compute_block_devices
 WHERE server_uuid = compute_servers.uuid AND volume_id IS NOT NULL ORDER BY id))"""


def written(ctx: Context, expression: str, server_uuid: str, links: Links | None = None) -> str:
    """Return what an expression says of one server."""
    text: str = ctx.db.value(_of_one(expression), (*(links or NO_LINKS), server_uuid))
    return text


@lru_cache(maxsize=256)
def _of_one(expression: str) -> str:
    """The statement that asks for an expression; they are long, and the same again and again."""
    return f"SELECT {expression} FROM {PREFIXED} WHERE uuid = ?"


def page(
    ctx: Context,
    conditions: Sequence[str],
    values: Sequence[Any],
    shape: Page,
    expression: str,
    links: Links,
) -> list[Any]:
    """Return one page of the servers that satisfy the conditions: uuid, and what `written` says."""
    columns = f"uuid, {expression} AS written"
    return select_page(ctx.db, columns, PREFIXED, conditions, (*links, *values), shape)


def marker(ctx: Context, server_id: str) -> Any:
    """Return the server after which a page begins, also a deleted one; None when there is none."""
    row = ctx.db.one(MARKER, (server_id,))
    if row is None or (row["project_id"] != ctx.credentials.project_id and not ctx.is_admin):
        return None
    return row


def host_exists(ctx: Context, host: str | None, node: str | None) -> bool:
    """Say whether there is a compute host of this name, with a hypervisor of this name."""
    conditions = [("host", host), ("hypervisor_hostname", node)]
    asked = [(column, value) for column, value in conditions if value]
    where = " AND ".join(f"{column} = ?" for column, _ in asked)
    sql = f"SELECT 1 FROM compute_hosts WHERE {where} LIMIT 1"
    return ctx.db.value(sql, [value for _, value in asked]) is not None
