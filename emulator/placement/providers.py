"""Resource providers: whatever has an inventory, in trees; a hypervisor is a root provider."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.placement import inventories
from emulator.placement.errors import ProviderNotFound
from emulator.wire.request import Context

# Queries


def find(ctx: Context, uuid: str) -> Any:
    """Return the provider of a uuid. ProviderNotFound when there is none."""
    row = ctx.db.get("placement_resource_providers", uuid, "uuid")
    if row is None:
        raise ProviderNotFound(uuid=uuid)
    return row


def add(
    ctx: Context,
    *,
    uuid: str,
    name: str,
    inventories: Mapping[str, Mapping[str, Any] | int],
    traits: Iterable[str] = (),
) -> None:
    """Add a root provider with its inventories ({class: total} or {class: {"total": …, …}})."""
    traits = tuple(traits)
    provider_id = ctx.db.insert(
        "placement_resource_providers",
        {
            "uuid": uuid,
            "name": name,
            "generation": 2 if traits else 1,
            "root_id": 0,
            "created_at": ctx.timestamp,
            "updated_at": ctx.timestamp,
        },
    )
    ctx.db.update("placement_resource_providers", provider_id, root_id=provider_id)
    for resource_class, values in inventories.items():
        set_inventory(ctx, uuid, resource_class, values)
    for trait in traits:
        ctx.db.insert("placement_provider_traits", {"provider_id": provider_id, "trait": trait})


def set_inventory(
    ctx: Context, uuid: str, resource_class: str, values: Mapping[str, Any] | int
) -> None:
    """Give a provider an inventory, or change it: a total, or a mapping with "total" and more."""
    provider = find(ctx, uuid)
    given = {"total": values} if isinstance(values, int) else values
    inventories.put(ctx, provider["id"], resource_class, given)


def set_trait(ctx: Context, uuid: str, trait: str, *, held: bool) -> None:
    """Say whether a provider holds a trait."""
    provider_id = find(ctx, uuid)["id"]
    if held:
        sql = "INSERT OR IGNORE INTO placement_provider_traits (provider_id, trait) VALUES (?, ?)"
    else:
        sql = "DELETE FROM placement_provider_traits WHERE provider_id = ? AND trait = ?"
    ctx.db.execute(sql, (provider_id, trait))


def remove(ctx: Context, uuid: str) -> None:
    """Remove a provider with its inventories; nothing happens when there is none."""
    row = ctx.db.get("placement_resource_providers", uuid, "uuid")
    if row is None:
        return
    for table in (
        "placement_allocations",
        "placement_inventories",
        "placement_provider_traits",
        "placement_provider_aggregates",
    ):
        ctx.db.delete(table, row["id"], "provider_id")
    ctx.db.delete("placement_resource_providers", row["id"])


def usages(ctx: Context, uuids: Iterable[str] | None = None) -> dict[str, dict[str, int]]:
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
    for uuid, resource_class, used in ctx.db.all(sql, values):
        found.setdefault(uuid, {})[resource_class] = used
    return found
