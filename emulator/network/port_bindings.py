"""Port bindings: a port's binding on each host, of which one is active (live migration)."""

from __future__ import annotations

from typing import Any

from emulator.network import permission, validators
from emulator.network.attributes import FILTER, POST, PUT, SORT, Values, attr, attributes
from emulator.network.errors import (
    HTTPBadRequest,
    PortBindingAlreadyActive,
    PortBindingAlreadyExists,
    PortBindingNotFound,
)
from emulator.network.ports import PORT, bindings
from emulator.network.ports import update as update_port
from emulator.network.ports.schemas import VNIC_TYPES
from emulator.network.resource import Item, Row, find
from emulator.network.standard import json_text, parsed
from emulator.wire.operation import Operation, Reply, op
from emulator.wire.request import Context

ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"

# Schemas

ATTRIBUTES = attributes(
    attr("host", POST | PUT | FILTER | SORT, check=validators.string(255)),
    attr("vnic_type", POST | PUT, default="normal", check=validators.one_of(*VNIC_TYPES)),
    attr("profile", POST | PUT, default={}, check=validators.any_mapping),
)

# View


def _active(port: Row) -> Item:
    return {
        "host": port["binding_host_id"],
        "vif_type": port["binding_vif_type"],
        "vif_details": parsed(port["binding_vif_details"]),
        "vnic_type": port["binding_vnic_type"],
        "profile": parsed(port["binding_profile"]),
        "status": ACTIVE,
        "project_id": port["project_id"],
    }


def _inactive(row: Row) -> Item:
    return {
        **{name: row[name] for name in ("host", "vif_type", "vnic_type", "status", "project_id")},
        "vif_details": parsed(row["vif_details"]),
        "profile": parsed(row["profile"]),
    }


# Queries


def _others(ctx: Context, port_id: str) -> list[Row]:
    return ctx.db.all(
        "SELECT * FROM network_port_bindings WHERE port_id = ? ORDER BY host", (port_id,)
    )


def _other(ctx: Context, port_id: str, host: str) -> Row:
    return ctx.db.one(
        "SELECT * FROM network_port_bindings WHERE port_id = ? AND host = ?", (port_id, host)
    )


def _drop(ctx: Context, port_id: str, host: str) -> int:
    return ctx.db.execute(
        "DELETE FROM network_port_bindings WHERE port_id = ? AND host = ?", (port_id, host)
    ).rowcount


def _put(ctx: Context, port: Row, host: str, vnic_type: str, profile: Any) -> None:
    ctx.db.execute(
        "INSERT OR REPLACE INTO network_port_bindings"
        " (port_id, host, vif_type, vif_details, vnic_type, profile, status, project_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            port["id"],
            host,
            bindings.VIF_TYPE,
            bindings.VIF_DETAILS,
            vnic_type,
            json_text(profile or {}),
            INACTIVE,
            port["project_id"],
        ),
    )


# Operations


def _port(ctx: Context, id: str, rule: str) -> Row:
    port = find(PORT, ctx, id)
    if not ctx.can(rule, {"project_id": port["project_id"]}):
        raise permission.forbidden(rule)
    return port


def _values(ctx: Context) -> Values:
    given = ctx.body.get("binding") if isinstance(ctx.body, dict) else None
    if not isinstance(given, dict):
        raise HTTPBadRequest("Unable to find 'binding' in request body")
    for name, value in given.items():
        row = ATTRIBUTES.get(name)
        if row is None:
            raise HTTPBadRequest(f"Unrecognized attribute(s) '{name}'")
        if row.check is not None and (reason := row.check(value)):
            raise HTTPBadRequest(f"Invalid input for {name}. Reason: {reason}.")
    return dict(given)


def index(ctx: Context, id: str) -> Item:
    """List the bindings of a port."""
    port = _port(ctx, id, "get_port_binding")
    active = [_active(port)] if port["binding_host_id"] else []
    return {"bindings": [*active, *map(_inactive, _others(ctx, id))]}


def show(ctx: Context, id: str, item_id: str) -> Item:
    """Show a port's binding on a host."""
    port = _port(ctx, id, "get_port_binding")
    if port["binding_host_id"] == item_id:
        return {"binding": _active(port)}
    row = _other(ctx, id, item_id)
    if row is None:
        raise PortBindingNotFound(port_id=id, host=item_id)
    return {"binding": _inactive(row)}


def create(ctx: Context, id: str) -> Reply:
    """Bind a port on one more host; the new binding is not active yet."""
    values = _values(ctx)
    if "host" not in values:
        raise HTTPBadRequest("Failed to parse request. Required attribute 'host' not specified")
    port, host = _port(ctx, id, "create_port_binding"), values["host"]
    if port["binding_host_id"] == host or _other(ctx, id, host) is not None:
        raise PortBindingAlreadyExists(port_id=id, host=host)
    if not port["binding_host_id"]:
        update_port(ctx, port, {"binding:host_id": host})
        return Reply(201, {"binding": _active(find(PORT, ctx, id))})
    _put(ctx, port, host, values.get("vnic_type", "normal"), values.get("profile"))
    return Reply(201, {"binding": _inactive(_other(ctx, id, host))})


def update(ctx: Context, id: str, item_id: str) -> Item:
    """Change a binding that is not active."""
    values = _values(ctx)
    port = _port(ctx, id, "create_port_binding")
    row = _other(ctx, id, item_id)
    if row is None:
        raise PortBindingNotFound(port_id=id, host=item_id)
    profile = values.get("profile", parsed(row["profile"]))
    _put(ctx, port, item_id, values.get("vnic_type", row["vnic_type"]), profile)
    return {"binding": _inactive(_other(ctx, id, item_id))}


def activate(ctx: Context, id: str, item_id: str) -> Item:
    """Make a binding the active one; the one that was active is so no longer."""
    port = _port(ctx, id, "activate")
    if port["binding_host_id"] == item_id:
        raise PortBindingAlreadyActive(port_id=id, host=item_id)
    if not _drop(ctx, id, item_id):
        raise PortBindingNotFound(port_id=id, host=item_id)
    before = port["binding_host_id"]
    if before:
        _put(ctx, port, before, port["binding_vnic_type"], parsed(port["binding_profile"]))
    update_port(ctx, port, {"binding:host_id": item_id})
    return {"binding": _active(find(PORT, ctx, id))}


def delete(ctx: Context, id: str, item_id: str) -> Reply:
    """Unbind a port on a host."""
    port = _port(ctx, id, "delete_port_binding")
    if port["binding_host_id"] == item_id:
        update_port(ctx, port, {"binding:host_id": ""})
    elif not _drop(ctx, id, item_id):
        raise PortBindingNotFound(port_id=id, host=item_id)
    return Reply(204)


PATH = "/ports/{id}/bindings"
OPERATIONS: tuple[Operation, ...] = (
    op("GET", PATH, index),
    op("POST", PATH, create, status=201),
    op("GET", PATH + "/{item_id}", show),
    op("PUT", PATH + "/{item_id}", update),
    op("DELETE", PATH + "/{item_id}", delete, status=204),
    op("PUT", PATH + "/{item_id}/activate", activate),
)
