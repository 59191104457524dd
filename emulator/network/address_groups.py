"""Address groups: prefixes that security group rules can name together."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import converters, sharing, validators
from emulator.network.attributes import (
    FILTER,
    HIDDEN,
    NEUTRON_TIMES,
    NOT_SPECIFIED,
    POST,
    PUT,
    SORT,
    Values,
    attr,
    attributes,
    given,
)
from emulator.network.errors import (
    AddressesAlreadyExist,
    AddressesNotFound,
    AddressGroupInUse,
    AddressGroupNotFound,
    HTTPBadRequest,
    InvalidInput,
)
from emulator.network.resource import Item, Resource, Row
from emulator.network.standard import bump, change, fresh, json_text, parsed, raw, times
from emulator.wire.request import Context

# Schemas

ATTRIBUTES = attributes(
    attr("description", POST | PUT | FILTER | SORT, default="", check=validators.string(1024)),
    attr("id", FILTER | SORT),
    attr("name", POST | PUT | FILTER | SORT, default="", check=validators.name()),
    attr("project_id", POST | FILTER | SORT, check=validators.string(255)),
    attr(
        "addresses",
        POST,
        default=NOT_SPECIFIED,
        to=converters.empty_list,
        check=validators.subnets,
    ),
    attr("shared", HIDDEN, default=False),
    *NEUTRON_TIMES,
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return address groups as items."""
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "project_id": row["project_id"],
            "tenant_id": row["project_id"],
            "addresses": raw(row["addresses"]),
            "description": row["description"],
            **times(row),
        }
        for row in rows
    ]


def facts(ctx: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return whether a group is shared with the caller."""
    group_id = values.get("id", "")
    return {
        "shared": sharing.granted(ctx, group_id, sharing.SHARED)
        or sharing.granted(ctx, group_id, sharing.SHARED, ctx.project_id)
    }


# Queries


def _is_used(ctx: Context, group_id: str) -> bool:
    return bool(
        ctx.db.value(
            "SELECT 1 FROM network_security_group_rules WHERE remote_address_group_id = ?",
            (group_id,),
        )
    )


# Operations


def _canonical(addresses: Sequence[str]) -> list[str]:
    return [str(ipaddress.ip_interface(each).network) for each in addresses]


def create(ctx: Context, values: Values) -> str:
    """Create a group; return its id."""
    addresses = _canonical(given(values, "addresses", []))
    row = {
        **fresh(ctx, values, len(addresses)),
        "name": values["name"],
        "addresses": json_text(addresses),
    }
    ctx.db.insert("network_address_groups", row)
    group_id: str = row["id"]
    return group_id


def update(ctx: Context, row: Row, values: Values) -> None:
    """Change name or description."""
    change(ctx, "network_address_groups", row, values)


def delete(ctx: Context, row: Row) -> None:
    """Delete a group that no rule names."""
    if _is_used(ctx, row["id"]):
        raise AddressGroupInUse(address_group_id=row["id"])
    sharing.forget(ctx, row["id"])
    ctx.db.delete("network_address_groups", row["id"])


def _given(body: Any) -> list[str]:
    found = body.get("address_group", body) if isinstance(body, dict) else None
    if not isinstance(found, dict) or "addresses" not in found:
        raise HTTPBadRequest("Unable to find 'addresses' in request body")
    reason = validators.subnets(found["addresses"])
    if reason:
        raise InvalidInput(error_message=reason)
    return _canonical(found["addresses"])


def _keep(ctx: Context, row: Row, addresses: Sequence[str]) -> dict[str, Any]:
    """Write the addresses down: each that comes or goes is a revision of its own."""
    moved = abs(len(addresses) - len(parsed(row["addresses"])))
    ctx.db.update("network_address_groups", row["id"], addresses=json_text(list(addresses)))
    bump(ctx, "network_address_groups", row["id"], moved)
    after = ctx.db.get("network_address_groups", row["id"])
    return {"address_group": view(ctx, [after])[0]}


def add(ctx: Context, row: Row, body: Any) -> dict[str, Any]:
    """Add addresses; one that is there already is refused."""
    old, new = parsed(row["addresses"]), _given(body)
    twice = [each for each in new if each in old]
    if twice:
        raise AddressesAlreadyExist(addresses=twice, address_group_id=row["id"])
    return _keep(ctx, row, [*old, *new])


def remove(ctx: Context, row: Row, body: Any) -> dict[str, Any]:
    """Remove addresses; one that is not there is refused."""
    old, gone = parsed(row["addresses"]), _given(body)
    unknown = [each for each in gone if each not in old]
    if unknown:
        raise AddressesNotFound(addresses=unknown, address_group_id=row["id"])
    return _keep(ctx, row, [each for each in old if each not in gone])


def missing(group_id: str) -> Any:
    """Return what is raised for an id that no group has."""
    return AddressGroupNotFound(address_group_id=group_id)


ADDRESS_GROUP = Resource(
    member="address_group",
    collection="address_groups",
    path="/address-groups",
    table="network_address_groups",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    sees=sharing.own_or_granted("network_address_groups", "address_group"),
    beside_fields=("tenant_id",),
    facts=facts,
    facts_differ_by=("id",),
)
