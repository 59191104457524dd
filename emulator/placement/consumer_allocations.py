"""Allocations as clients read and write them: of a consumer, of several, of a provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.placement import consumers, providers, resource_classes
from emulator.placement.errors import (
    ConstraintsViolated,
    MalformedConsumer,
    NoAllocations,
    NoCapacity,
    NoInventory,
    ProviderOfAllocationsNotFound,
    UnknownAllocationClass,
    UnknownAllocationProvider,
)
from emulator.placement.formats import dashed, is_uuid
from emulator.placement.replies import fresh
from emulator.placement.schemas import (
    INTEGER,
    NAME_PATTERN,
    OWNER,
    SUFFIX_PATTERN,
    UUID,
    UUID_PATTERN,
    patterns,
)
from emulator.placement.versions import CONSUMER_GENERATIONS
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Property, Switch, View, either, field, prop, since

AS_DICT = since("1.12")
UNKNOWN = "unknown"  # the type of what was written before 1.38

Given = Mapping[str, Mapping[str, Any]]
"""Consumer uuid → what the body says of it, its allocations by provider uuid."""

# Schemas

RESOURCES = patterns(NAME_PATTERN, {"type": "integer", "minimum": 1}, at_least=1)
OF_PROVIDER = Object(prop("generation", INTEGER), prop("resources", RESOURCES, required=True))
LISTED = {
    "type": "array",
    "minItems": 1,
    "items": Object(
        prop("resource_provider", Object(prop("uuid", UUID, required=True)), required=True),
        prop("resources", RESOURCES, required=True),
    ),
}
BY_PROVIDER = patterns(UUID_PATTERN, OF_PROVIDER, at_least=0)
SOME_BY_PROVIDER = {**BY_PROVIDER, "minProperties": 1}
MAPPINGS = patterns(
    SUFFIX_PATTERN, {"type": "array", "minItems": 1, "items": UUID}, at_least=1, others=True
)
GENERATION = {"type": ["integer", "null"], "additionalProperties": False}
TYPE = {"type": "string", "pattern": NAME_PATTERN, "minLength": 1, "maxLength": 255}


def _consumer(allocations: Any) -> Object:
    """A consumer with its allocations, at every version."""
    facts: tuple[Property, ...] = (
        prop("project_id", OWNER, required=True, since="1.8"),
        prop("user_id", OWNER, required=True, since="1.8"),
        prop("consumer_generation", GENERATION, required=True, since="1.28"),
        prop("mappings", MAPPINGS, since="1.34"),
        prop("consumer_type", TYPE, required=True, since="1.38"),
    )
    return Object(prop("allocations", allocations, required=True), *facts, required_last=AS_DICT)


WRITE = Body(
    schema=_consumer(
        Switch(
            either(LISTED, until="1.11"),
            either(SOME_BY_PROVIDER, since="1.12", until="1.27"),
            either(BY_PROVIDER, since="1.28"),
        )
    )
)
SEVERAL = patterns(UUID_PATTERN, _consumer(BY_PROVIDER), at_least=0)
WRITE_SEVERAL = Body(schema={**SEVERAL, "minProperties": 1})

# View

OWNER_OF_ALLOCATIONS = View(
    field("project_id", since="1.12"),
    field("user_id", since="1.12"),
    field("consumer_generation", since="1.28"),
    field("consumer_type", lambda row, ctx: row["consumer_type"] or UNKNOWN, since="1.38"),
)

# Queries


def of_consumer(ctx: Context, consumer: str) -> list[Any]:
    """Return the allocations of a consumer, with what is known of it and of the providers."""
    return ctx.db.all(
        "SELECT a.*, p.uuid AS provider_uuid, p.generation AS provider_generation, c.project_id,"
        " c.user_id, c.generation AS consumer_generation, c.consumer_type"
        " FROM placement_consumers c JOIN placement_allocations a ON a.consumer_id = c.id"
        " JOIN placement_resource_providers p ON p.id = a.provider_id"
        " WHERE c.uuid = ? ORDER BY p.id, a.resource_class",
        (consumer,),
    )


def of_provider(ctx: Context, provider_id: int) -> list[Any]:
    """Return the allocations of a provider, with their consumers."""
    return ctx.db.all(
        "SELECT a.*, c.uuid AS consumer_uuid, c.generation AS consumer_generation"
        " FROM placement_allocations a JOIN placement_consumers c ON c.id = a.consumer_id"
        " WHERE a.provider_id = ? ORDER BY c.id, a.resource_class",
        (provider_id,),
    )


def provider_ids(ctx: Context, given: Given) -> dict[str, int]:
    """Return the numbers of all providers named. UnknownAllocationProvider when one is not."""
    uuids = list(dict.fromkeys(uuid for each in given.values() for uuid in each["allocations"]))
    rows = ctx.db.all(
        "SELECT id, uuid FROM placement_resource_providers"
        f" WHERE uuid IN ({', '.join('?' * len(uuids))})",
        uuids,
    )
    found = {row["uuid"]: row["id"] for row in rows}
    for uuid in uuids:
        if uuid not in found:
            raise UnknownAllocationProvider(uuid=uuid)
    return {uuid: found[uuid] for uuid in uuids}


def inventory(ctx: Context, provider_id: int, resource_class: str) -> Any:
    """Return an inventory, None when there is none."""
    sql = "SELECT * FROM placement_inventories WHERE provider_id = ? AND resource_class = ?"
    return ctx.db.one(sql, (provider_id, resource_class))


def use(ctx: Context, provider_id: int, resource_class: str, amount: int) -> None:
    """Count so much more, or less, of an inventory as used."""
    ctx.db.execute(
        "UPDATE placement_inventories SET used = used + ?"
        " WHERE provider_id = ? AND resource_class = ?",
        (amount, provider_id, resource_class),
    )


def hold(
    ctx: Context, consumer_id: int, provider_id: int, resource_class: str, amount: int
) -> None:
    """Let a consumer hold so much."""
    use(ctx, provider_id, resource_class, amount)
    ctx.db.insert(
        "placement_allocations",
        {
            "consumer_id": consumer_id,
            "provider_id": provider_id,
            "resource_class": resource_class,
            "used": amount,
            "created_at": ctx.timestamp,
        },
    )


def let_go(ctx: Context, consumer_id: int) -> None:
    """Let a consumer hold nothing."""
    rows = ctx.db.all("SELECT * FROM placement_allocations WHERE consumer_id = ?", (consumer_id,))
    for row in rows:
        use(ctx, row["provider_id"], row["resource_class"], -row["used"])
    ctx.db.delete("placement_allocations", consumer_id, "consumer_id")


# Operations


def show(ctx: Context, consumer_uuid: str) -> Reply:
    """Show what a consumer holds; nothing, when nobody knows it."""
    rows = of_consumer(ctx, consumer_uuid)
    held: dict[str, Any] = {}
    for row in rows:
        of = held.setdefault(
            row["provider_uuid"], {"resources": {}, "generation": row["provider_generation"]}
        )
        of["resources"][row["resource_class"]] = row["used"]
    body: dict[str, Any] = {"allocations": held}
    if rows:
        body |= OWNER_OF_ALLOCATIONS.render(rows[0], ctx)
    return fresh(ctx, body, (row["created_at"] for row in rows))


def index(ctx: Context, provider_uuid: str) -> Reply:
    """List who holds what of a provider."""
    provider = providers.find(ctx, provider_uuid, ProviderOfAllocationsNotFound)
    rows = of_provider(ctx, provider["id"])
    held: dict[str, Any] = {}
    for row in rows:
        of = held.setdefault(row["consumer_uuid"], {"resources": {}})
        of["resources"][row["resource_class"]] = row["used"]
        if CONSUMER_GENERATIONS in ctx:
            of["consumer_generation"] = row["consumer_generation"]
    body = {"allocations": held, "resource_provider_generation": provider["generation"]}
    return fresh(ctx, body, (row["created_at"] for row in rows))


def check_consumer(ctx: Context, consumer_uuid: str) -> str:
    """Return the uuid of a consumer with dashes. MalformedConsumer when it is none."""
    if not is_uuid(consumer_uuid):
        raise MalformedConsumer(uuid=consumer_uuid)
    return dashed(consumer_uuid)


def update(ctx: Context, consumer: str, body: dict[str, Any]) -> Reply:
    """Make this all that a consumer holds."""
    given = body
    if AS_DICT not in ctx:
        by_provider = {each["resource_provider"]["uuid"]: each for each in body["allocations"]}
        given = {**body, "allocations": by_provider}
    write(ctx, {consumer: given}, f"Unable to allocate inventory for consumer {consumer}:")
    return Reply(204)


def update_several(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make this all that several consumers hold, all of it or nothing."""
    write(ctx, body, "Unable to allocate inventory")
    return Reply(204)


def delete(ctx: Context, consumer_uuid: str) -> Reply:
    """Let a consumer hold nothing."""
    if not of_consumer(ctx, consumer_uuid):
        raise NoAllocations(uuid=consumer_uuid)
    consumer = consumers.find(ctx, consumer_uuid)
    let_go(ctx, consumer["id"])
    consumers.remove_if_empty(ctx, consumer["id"])
    return Reply(204)


def write(ctx: Context, given: Given, refusal: str) -> None:
    """Make this all that the consumers hold; `refusal` begins the sentence on unknown classes."""
    rows, ids = look_up(ctx, given)
    hold_only(ctx, given, rows, ids, refusal)


def look_up(ctx: Context, given: Given) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the consumers of a body, made if need be, and the numbers of the providers in it."""
    rows = {uuid: consumers.ensure(ctx, uuid, facts) for uuid, facts in given.items()}
    return rows, provider_ids(ctx, given)


def hold_only(
    ctx: Context,
    given: Given,
    rows: Mapping[str, Any],
    ids: Mapping[str, int],
    refusal: str,
) -> None:
    """Let the consumers hold this and nothing else.

    Source: openstack-placement 16.0.0, objects.allocation._set_allocations.
    """
    _check_classes(ctx, given, refusal)
    _check_providers(ctx, ids, given)
    touched = set(ids.values())
    changed = [uuid for uuid, facts in given.items() if facts["allocations"]]
    before: dict[tuple[int, str], int] = {}
    for uuid, consumer in rows.items():
        held = of_consumer(ctx, uuid)
        if held and uuid not in changed:
            changed.append(uuid)
            touched.update(row["provider_id"] for row in held)
        for row in held:
            key = row["provider_id"], row["resource_class"]
            before.setdefault(key, inventory(ctx, *key)["used"])
        let_go(ctx, consumer["id"])
    for uuid, facts in given.items():
        for provider_uuid, of in facts["allocations"].items():
            for resource_class, amount in of["resources"].items():
                key = ids[provider_uuid], resource_class
                _check_room(ctx, provider_uuid, key, amount, before.get(key))
                hold(ctx, rows[uuid]["id"], *key, amount)
    for provider_id in sorted(touched):
        providers.count_change(ctx, provider_id)
    for uuid in changed:
        consumers.count_change(ctx, rows[uuid], given[uuid])
        consumers.remove_if_empty(ctx, rows[uuid]["id"])


def _classes(given: Given) -> list[str]:
    """All resource classes that are asked for, in the order of the body."""
    return [
        name
        for facts in given.values()
        for of in facts["allocations"].values()
        for name in of["resources"]
    ]


def _check_classes(ctx: Context, given: Given, refusal: str) -> None:
    missing = resource_classes.unknown(ctx, _classes(given))
    if missing:
        raise UnknownAllocationClass(prefix=refusal, name=missing)


def _check_providers(ctx: Context, ids: Mapping[str, int], given: Given) -> None:
    """Refuse providers that have nothing at all of what is asked for."""
    emptied = [uuid for uuid, facts in given.items() if not facts["allocations"]]
    leaving = {row["resource_class"] for uuid in emptied for row in of_consumer(ctx, uuid)}
    names = resource_classes.in_order(leaving.union(_classes(given)))
    without = [
        uuid
        for uuid, provider_id in ids.items()
        if not any(inventory(ctx, provider_id, name) for name in names)
    ]
    if without:
        raise NoInventory(resource_class=", ".join(names), provider=", ".join(without))


def _check_room(
    ctx: Context, provider_uuid: str, key: tuple[int, str], amount: int, before: int | None
) -> None:
    """Refuse what an inventory has not; one that is over its capacity may be given some back."""
    facts: dict[str, Any] = {"resource_class": key[1], "provider": provider_uuid}
    row = inventory(ctx, *key)
    if row is None:
        raise NoInventory(**facts)
    if not row["min_unit"] <= amount <= row["max_unit"] or amount % row["step_size"]:
        raise ConstraintsViolated(**facts)
    capacity = (row["total"] - row["reserved"]) * row["allocation_ratio"]
    after = row["used"] + amount
    if after > capacity and (before is None or after > before):
        raise NoCapacity(**facts)
