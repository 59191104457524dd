"""Logs: what traffic of security groups is written down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.network import converters, listing, validators
from emulator.network.attributes import (
    FILTER,
    NEUTRON_TIMES,
    POST,
    PUT,
    SORT,
    Values,
    attr,
    attributes,
)
from emulator.network.errors import (
    InvalidLogResourceType,
    LogResourceNotFound,
    ResourceNotFound,
    TargetResourceNotFound,
)
from emulator.network.resource import Item, Resource, Row, own_rows
from emulator.network.standard import change, fresh, owner, picked, times
from emulator.wire.request import Context

TYPES = ("security_group",)  # the agents of ML2/OVS write nothing else down
TABLES = {"security_group": "network_security_groups"}

# Schemas

FOUND = POST | FILTER | SORT
ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("project_id", FOUND, check=validators.string(255)),
    attr("name", FOUND | PUT, default="", check=validators.name()),
    attr("resource_type", FOUND, check=validators.string(255)),
    attr("resource_id", FOUND, default=None, check=validators.uuid_or_none),
    attr("event", POST | FILTER, default="ALL", check=validators.one_of("ACCEPT", "DROP", "ALL")),
    attr("target_id", FOUND, default=None, check=validators.uuid_or_none),
    attr("enabled", FOUND | PUT, default=True, to=converters.boolean),
    attr("description", POST | PUT | FILTER, default="", check=validators.string(255)),
    *NEUTRON_TIMES,
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return logs as items."""
    return [
        {
            **picked(row, "id", "name", "resource_type", "resource_id", "event", "target_id"),
            "enabled": bool(row["enabled"]),
            "description": row["description"],
            **owner(row),
            **times(row),
        }
        for row in rows
    ]


# Operations


def create(ctx: Context, values: Values) -> str:
    """Write something down from now on; return the log's id."""
    kind = values["resource_type"]
    if kind not in TYPES:
        raise InvalidLogResourceType(resource_type=kind)
    resource_id, target_id = values["resource_id"], values["target_id"]
    if resource_id is not None and ctx.db.get(TABLES[kind], resource_id) is None:
        raise ResourceNotFound(resource_id=resource_id)
    if target_id is not None and ctx.db.get("network_ports", target_id) is None:
        raise TargetResourceNotFound(target_id=target_id)
    row = {
        **fresh(ctx, values),
        **picked(values, "name", "resource_type", "resource_id", "event", "target_id"),
        "enabled": int(values["enabled"]),
    }
    ctx.db.insert("network_logs", row)
    log_id: str = row["id"]
    return log_id


def update(ctx: Context, row: Row, values: Values) -> None:
    """Rename, describe, switch on or off."""
    wanted = dict(values)
    if "enabled" in wanted:
        wanted["enabled"] = int(wanted["enabled"])
    change(ctx, "network_logs", row, wanted)


def delete(ctx: Context, row: Row) -> None:
    """Write it down no longer."""
    ctx.db.delete("network_logs", row["id"])


def missing(log_id: str) -> Any:
    """Return what is raised for an id that no log has."""
    return LogResourceNotFound(log_id=log_id)


def index_types(ctx: Context) -> dict[str, Any]:
    """List what can be logged."""
    if not ctx.can("get_loggable_resource", ctx.own_target):
        return {"loggable_resources": []}
    known = attributes(attr("type", 0))
    return {"loggable_resources": listing.plain(ctx, known, [{"type": each} for each in TYPES])}


LOG = Resource(
    member="log",
    collection="logs",
    path="/log/logs",
    table="network_logs",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    sees=own_rows("network_logs"),
)
