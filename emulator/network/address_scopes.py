"""Address scopes: where the prefixes of several subnet pools do not overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.network import converters, sharing, validators
from emulator.network.attributes import (
    ENFORCE,
    FILTER,
    POST,
    PUT,
    SORT,
    Values,
    attr,
    attributes,
)
from emulator.network.errors import (
    AddressScopeInUse,
    AddressScopeNotFound,
    AddressScopeUpdateError,
)
from emulator.network.resource import Item, Resource, Row
from emulator.network.standard import change, fresh
from emulator.wire.request import Context

# Schemas

ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("name", POST | PUT | FILTER | SORT, default="", check=validators.name()),
    attr("tenant_id", POST | FILTER | SORT, check=validators.string(255)),
    attr("shared", POST | PUT | FILTER | SORT | ENFORCE, default=False, to=converters.boolean),
    attr("ip_version", POST | FILTER | SORT, to=converters.integer, check=validators.one_of(4, 6)),
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return address scopes as items."""
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "shared": bool(row["shared"]),
            "ip_version": row["ip_version"],
            "project_id": row["project_id"],
            "tenant_id": row["project_id"],
        }
        for row in rows
    ]


# Queries


def _is_used(ctx: Context, scope_id: str) -> bool:
    return bool(
        ctx.db.value("SELECT 1 FROM network_subnetpools WHERE address_scope_id = ?", (scope_id,))
    )


# Operations


def create(ctx: Context, values: Values) -> str:
    """Create an address scope; return its id."""
    row = {**fresh(ctx, values), "name": values["name"], "ip_version": values["ip_version"]}
    ctx.db.insert("network_address_scopes", row)
    if values["shared"]:
        sharing.grant(ctx, row, "address_scope", sharing.SHARED)
    scope_id: str = row["id"]
    return scope_id


def update(ctx: Context, row: Row, values: Values) -> None:
    """Rename a scope, or share it; what was shared stays so."""
    if "shared" in values:
        if row["shared"] and not values["shared"]:
            raise AddressScopeUpdateError(
                address_scope_id=row["id"], reason="Shared address scope can't be unshared"
            )
        sharing.set_shared(ctx, row, "address_scope", values["shared"])
    change(ctx, "network_address_scopes", row, {"name": values.get("name", row["name"])})


def delete(ctx: Context, row: Row) -> None:
    """Delete a scope that no pool is in."""
    if _is_used(ctx, row["id"]):
        raise AddressScopeInUse(address_scope_id=row["id"])
    sharing.forget(ctx, row["id"])
    ctx.db.delete("network_address_scopes", row["id"])


def missing(scope_id: str) -> Any:
    """Return what is raised for an id that no scope has."""
    return AddressScopeNotFound(address_scope_id=scope_id)


ADDRESS_SCOPE = Resource(
    member="address_scope",
    collection="address_scopes",
    path="/address-scopes",
    table="network_address_scopes",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    sees=sharing.own_or_granted("network_address_scopes", "address_scope"),
    columns=sharing.shared_column("network_address_scopes"),
    unsortable={"shared": "address_scopes"},
    filters={"shared": sharing.is_shared("network_address_scopes")},
    facts_differ_by=("project_id", "shared"),
)
