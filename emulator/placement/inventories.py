"""Inventories: how much of each resource class a provider has, and how much of it is used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.placement import providers, resource_classes
from emulator.placement.errors import (
    GenerationConflict,
    InvalidInventory,
    InventoryExists,
    InventoryInUse,
    InventoryToDeleteInUse,
    NoInventoryToDelete,
    NoInventoryToUpdate,
    NoSuchInventory,
    ProviderOfInventoryNotFound,
    ResourceClassNotFound,
    UnknownInventoryClass,
)
from emulator.placement.replies import fresh, url_of
from emulator.placement.schemas import (
    INTEGER,
    INTEGER_MAX,
    NAME_PATTERN,
    RATIO_MAX,
    integer,
    patterns,
)
from emulator.placement.versions import ALL_RESERVED
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, View, field, prop

FIELDS = ("total", "reserved", "min_unit", "max_unit", "step_size", "allocation_ratio")
DEFAULTS: Mapping[str, Any] = {
    "reserved": 0,
    "min_unit": 1,
    "max_unit": INTEGER_MAX,
    "step_size": 1,
    "allocation_ratio": 1.0,
}

# Schemas

NUMBERS = (
    prop("total", integer(1), required=True),
    prop("reserved", integer(0)),
    prop("min_unit", integer(1)),
    prop("max_unit", integer(1)),
    prop("step_size", integer(1)),
    prop("allocation_ratio", {"type": "number", "maximum": RATIO_MAX}),
)
GENERATION = prop("resource_provider_generation", INTEGER)
NEEDED_GENERATION = prop("resource_provider_generation", INTEGER, required=True)
CLASS = {"type": "string", "pattern": NAME_PATTERN}
CREATE = Body(schema=Object(GENERATION, *NUMBERS, prop("resource_class", CLASS, required=True)))
UPDATE = Body(schema=Object(NEEDED_GENERATION, *NUMBERS))
REPLACEMENT = Object(
    NEEDED_GENERATION,
    prop(
        "inventories",
        patterns(NAME_PATTERN, Object(GENERATION, *NUMBERS), others=True),
        required=True,
    ),
)
REPLACE = Body(schema=REPLACEMENT)

# View

INVENTORY = View(*(field(name) for name in FIELDS))

# Queries

WITH_ROOM = (
    "SELECT provider_id FROM placement_inventories WHERE resource_class = ?"
    " AND used + ? <= (total - reserved) * allocation_ratio"
    " AND ? BETWEEN min_unit AND max_unit AND ? % step_size = 0"
)


def of_provider(ctx: Context, provider_id: int) -> list[Any]:
    """Return the inventories of a provider."""
    sql = "SELECT * FROM placement_inventories WHERE provider_id = ? ORDER BY created_at"
    return ctx.db.all(sql, (provider_id,))


def of_class(ctx: Context, provider_id: int, resource_class: str) -> Any:
    """Return the inventory of a class that a provider has; None when it has none."""
    sql = "SELECT * FROM placement_inventories WHERE provider_id = ? AND resource_class = ?"
    return ctx.db.one(sql, (provider_id, resource_class))


def used(ctx: Context, uuids: Iterable[str] | None = None) -> dict[str, dict[str, int]]:
    """Return how much is used of each class, by provider uuid: {uuid: {"VCPU": 3}}."""
    sql = (
        "SELECT p.uuid, i.resource_class, i.used FROM placement_inventories i"
        " JOIN placement_resource_providers p ON p.id = i.provider_id"
    )
    values: tuple[str, ...] = ()
    if uuids is not None:
        values = tuple(uuids)
        sql += f" WHERE p.uuid IN ({', '.join('?' * len(values))})"
    found: dict[str, dict[str, int]] = {}
    for uuid, resource_class, amount in ctx.db.all(sql, values):
        found.setdefault(uuid, {})[resource_class] = amount
    return found


def put(ctx: Context, provider_id: int, resource_class: str, values: Mapping[str, Any]) -> None:
    """Give a provider an inventory, or change the one it has; what is used of it stays."""
    row = {**DEFAULTS, **values}
    ctx.db.execute(
        "INSERT INTO placement_inventories (resource_class, provider_id, total, reserved, min_unit,"
        " max_unit, step_size, allocation_ratio, used, created_at, updated_at)"
        " VALUES (:resource_class, :provider_id, :total, :reserved, :min_unit, :max_unit,"
        " :step_size, :allocation_ratio, 0, :now, :now)"
        " ON CONFLICT (resource_class, provider_id) DO UPDATE SET total = excluded.total,"
        " reserved = excluded.reserved, min_unit = excluded.min_unit,"
        " max_unit = excluded.max_unit, step_size = excluded.step_size,"
        " allocation_ratio = excluded.allocation_ratio, updated_at = excluded.updated_at",
        {
            "resource_class": resource_class,
            "provider_id": provider_id,
            "now": ctx.timestamp,
            **{name: row[name] for name in FIELDS},
        },
    )


def drop(ctx: Context, provider_id: int, resource_class: str) -> None:
    """Take an inventory from a provider."""
    ctx.db.execute(
        "DELETE FROM placement_inventories WHERE provider_id = ? AND resource_class = ?",
        (provider_id, resource_class),
    )


def in_use(ctx: Context, provider_id: int, keeping: Iterable[str]) -> list[str]:
    """Return the classes of which somebody holds some, but for those that are kept."""
    kept = set(keeping)
    rows = ctx.db.all(
        "SELECT DISTINCT resource_class FROM placement_allocations WHERE provider_id = ?",
        (provider_id,),
    )
    return resource_classes.in_order({row["resource_class"] for row in rows} - kept)


def replace_all(
    ctx: Context, provider: Any, given: Mapping[str, Mapping[str, Any]], prefix: str = ""
) -> None:
    """Make these all inventories of a provider. InventoryInUse when one that goes is held."""
    names = in_use(ctx, provider["id"], given)
    if names:
        raise InventoryInUse(prefix=prefix, names=", ".join(names), uuid=provider["uuid"])
    for row in of_provider(ctx, provider["id"]):
        if row["resource_class"] not in given:
            drop(ctx, provider["id"], row["resource_class"])
    for resource_class, values in given.items():
        put(ctx, provider["id"], resource_class, values)
    providers.count_change(ctx, provider["id"])


# Operations


def index(ctx: Context, provider_uuid: str) -> Reply:
    """List the inventories of a provider."""
    return _all(ctx, providers.find(ctx, provider_uuid, ProviderOfInventoryNotFound))


def _all(ctx: Context, provider: Any) -> Reply:
    rows = of_provider(ctx, provider["id"])
    body = {
        "resource_provider_generation": provider["generation"],
        "inventories": {row["resource_class"]: INVENTORY.render(row, ctx) for row in rows},
    }
    reply = fresh(ctx, body, (row["updated_at"] for row in rows))
    if not rows:
        reply.headers.pop("Last-Modified", None)
    return reply


def show(ctx: Context, provider_uuid: str, resource_class: str) -> Reply:
    """Show one inventory of a provider."""
    provider = providers.find(ctx, provider_uuid, ProviderOfInventoryNotFound)
    if of_class(ctx, provider["id"], resource_class) is None:
        raise NoSuchInventory(name=resource_class, uuid=provider_uuid)
    return _one(ctx, provider, resource_class)


def _one(ctx: Context, provider: Any, resource_class: str, status: int = 200) -> Reply:
    row = of_class(ctx, provider["id"], resource_class)
    body = INVENTORY.render(row, ctx)
    generation = providers.find(ctx, provider["uuid"])["generation"]
    if generation:
        body["resource_provider_generation"] = generation
    return fresh(ctx, body, [row["updated_at"]], status=status)


def create(ctx: Context, provider: Any, body: dict[str, Any]) -> Reply:
    """Give a provider an inventory that it does not have yet."""
    name, uuid = body["resource_class"], provider["uuid"]
    _check_capacity(ctx, uuid, name, body, "create")
    if not resource_classes.exists(ctx, name):
        reason = f"No such resource class {name}."
        raise InvalidInventory(action="create", uuid=uuid, reason=reason)
    if of_class(ctx, provider["id"], name) is not None:
        raise InventoryExists()
    put(ctx, provider["id"], name, body)
    providers.count_change(ctx, provider["id"])
    reply = _one(ctx, provider, name, 201)
    reply.headers["Location"] = url_of(ctx, "resource_providers", uuid, "inventories", name)
    return reply


def update(ctx: Context, provider: Any, resource_class: str, body: dict[str, Any]) -> Reply:
    """Change one inventory of a provider."""
    if body["resource_provider_generation"] != provider["generation"]:
        raise GenerationConflict()
    _check_capacity(ctx, provider["uuid"], resource_class, body, "update")
    if not resource_classes.exists(ctx, resource_class):
        raise ResourceClassNotFound(name=resource_class)
    if of_class(ctx, provider["id"], resource_class) is None:
        raise NoInventoryToUpdate(uuid=provider["uuid"], name=resource_class)
    put(ctx, provider["id"], resource_class, body)
    providers.count_change(ctx, provider["id"])
    return _one(ctx, provider, resource_class)


def replace(ctx: Context, provider: Any, body: dict[str, Any]) -> Reply:
    """Make these all inventories of a provider."""
    if body["resource_provider_generation"] != provider["generation"]:
        raise GenerationConflict()
    given = body["inventories"]
    for name, values in given.items():
        if not re.search(NAME_PATTERN, name):  # the schema lets it pass, with any value
            raise UnknownInventoryClass(uuid=provider["uuid"], name=name)
        _check_capacity(ctx, provider["uuid"], name, values, "update")
    missing = resource_classes.unknown(ctx, given)
    if missing:
        raise UnknownInventoryClass(uuid=provider["uuid"], name=missing)
    replace_all(ctx, provider, given, "update conflict: ")
    return _all(ctx, providers.find(ctx, provider["uuid"]))


def delete(ctx: Context, provider: Any, resource_class: str) -> Reply:
    """Take an inventory from a provider, unless somebody holds some of it."""
    if not resource_classes.exists(ctx, resource_class):
        reason = f"No such resource class {resource_class}."
        raise NoInventoryToDelete(name=resource_class, reason=reason)
    row = of_class(ctx, provider["id"], resource_class)
    if row is None:
        reason = f"No inventory of class {resource_class} found for delete"
        raise NoInventoryToDelete(name=resource_class, reason=reason)
    if row["used"]:
        raise InventoryToDeleteInUse(name=resource_class, uuid=provider["uuid"])
    drop(ctx, provider["id"], resource_class)
    providers.count_change(ctx, provider["id"])
    return Reply(204)


def clear(ctx: Context, provider: Any) -> Reply:
    """Take all inventories from a provider (since 1.5)."""
    replace_all(ctx, provider, {})
    return Reply(204)


def _check_capacity(
    ctx: Context, uuid: str, name: str, values: Mapping[str, Any], action: str
) -> None:
    """Refuse an inventory that is all reserved; since 1.26 one with more reserved than all."""
    row = {**DEFAULTS, **values}
    capacity = int((row["total"] - row["reserved"]) * row["allocation_ratio"])
    if capacity > 0 or (capacity == 0 and ALL_RESERVED in ctx):
        return
    relation = "greater than" if ALL_RESERVED in ctx else "greater than or equal to"
    reason = (
        f"Invalid inventory for '{name}' on resource provider '{uuid}'. "
        f"The reserved value is {relation} total."
    )
    raise InvalidInventory(action=action, uuid=uuid, reason=reason)
