"""Connection tracking helpers of routers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import converters, validators
from emulator.network.attributes import FILTER, HIDDEN, POST, PUT, SORT, Values, attr, attributes
from emulator.network.errors import (
    BadRequest,
    ConntrackHelperNotAllowed,
    ConntrackHelperNotFound,
    InvalidProtocolForHelper,
)
from emulator.network.resource import Item, Parent, Resource, Row
from emulator.network.routers import ROUTER
from emulator.network.standard import bump, picked
from emulator.wire.request import Context

# Helpers that an L3 agent knows, with the protocols each is for (l3 agent's defaults).
HELPERS = {"amanda": ("tcp",), "ftp": ("tcp",), "h323": ("tcp",), "irc": ("tcp",),
           "netbios-ns": ("tcp",), "pptp": ("tcp",), "sane": ("tcp",), "sip": ("tcp", "udp"),
           "snmp": ("tcp",), "tftp": ("udp",)}  # fmt: skip
PROTOCOLS = ("dccp", "icmp", "ipv6-icmp", "sctp", "tcp", "udp")

# Schemas

GIVEN = POST | PUT | FILTER | SORT

ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("project_id", POST | HIDDEN, check=validators.string(255)),
    attr("protocol", GIVEN, to=converters.lower, check=validators.one_of(*PROTOCOLS)),
    attr("port", GIVEN, to=converters.integer, check=validators.number(1, 65535)),
    attr("helper", GIVEN, to=converters.text, check=validators.string(64)),
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return helpers as items."""
    return [picked(row, "id", "protocol", "port", "helper") for row in rows]


# Queries


def _exists(ctx: Context, row: Mapping[str, Any]) -> bool:
    return bool(
        ctx.db.value(
            "SELECT 1 FROM network_conntrack_helpers WHERE router_id = ? AND protocol = ?"
            " AND port = ? AND helper = ? AND id != ?",
            (row["router_id"], row["protocol"], row["port"], row["helper"], row["id"]),
        )
    )


# Operations


def _check(ctx: Context, row: Mapping[str, Any]) -> None:
    protocols = HELPERS.get(row["helper"])
    if protocols is None:
        raise ConntrackHelperNotAllowed(helper=row["helper"])
    if row["protocol"] not in protocols:
        raise InvalidProtocolForHelper(
            helper=row["helper"], protocol=row["protocol"], supported_protocols=list(protocols)
        )
    if _exists(ctx, row):
        facts = {name: row[name] for name in ("router_id", "protocol", "port", "helper")}
        raise BadRequest(
            resource="conntrack_helper",
            msg="A duplicate conntrack helper entry with same attributes already exists,"
            f" conflicting values are {facts}",
        )


def create(ctx: Context, router: Row, values: Values) -> str:
    """Give a router a helper; return its id."""
    row = {
        "id": ctx.ids.uuid(),
        "router_id": router["id"],
        "project_id": router["project_id"],
        **picked(values, "protocol", "port", "helper"),
    }
    _check(ctx, row)
    ctx.db.insert("network_conntrack_helpers", row)
    bump(ctx, "network_routers", router["id"])
    helper_id: str = row["id"]
    return helper_id


def update(ctx: Context, row: Row, values: Values) -> None:
    """Change a helper."""
    changed: Values = {n: values[n] for n in ("protocol", "port", "helper") if n in values}
    _check(ctx, {**dict(row), **changed})
    if changed:
        ctx.db.update("network_conntrack_helpers", row["id"], **changed)
        bump(ctx, "network_routers", row["router_id"])


def delete(ctx: Context, row: Row) -> None:
    """Take a helper away."""
    ctx.db.delete("network_conntrack_helpers", row["id"])
    bump(ctx, "network_routers", row["router_id"])


def missing(helper_id: str) -> Any:
    """Return what is raised for an id that no helper has."""
    return ConntrackHelperNotFound(id=helper_id)


CONNTRACK_HELPER = Resource(
    member="conntrack_helper",
    collection="conntrack_helpers",
    path="/routers/{id}/conntrack_helpers",
    table="network_conntrack_helpers",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    rule="router_conntrack_helper",
    parent=Parent(ROUTER, "router_id"),
)
