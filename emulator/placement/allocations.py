"""Claims: what other services take of providers for servers and migrations, and give back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from emulator.placement import traits
from emulator.placement.consumers import remove_if_empty
from emulator.placement.errors import NoCapacity, ProviderNotFound
from emulator.placement.filters import Asked
from emulator.wire.request import Context

INSTANCE = "INSTANCE"
MIGRATION = "MIGRATION"

# Queries

USE = (
    "UPDATE placement_inventories SET used = used + :amount"
    " WHERE resource_class = :resource_class AND provider_id = :provider_id"
    " AND used + :amount <= (total - reserved) * allocation_ratio"
    " AND :amount BETWEEN min_unit AND max_unit AND :amount % step_size = 0"
)


def claim(
    ctx: Context,
    consumer: str,
    provider_uuid: str,
    resources: Mapping[str, int],
    project_id: str,
    user_id: str,
    consumer_type: str = INSTANCE,
    others: Mapping[str, Mapping[str, int]] | None = None,
) -> None:
    """Make these all that a consumer holds. NoCapacity when they are not there.

    `others` are what it holds of more providers: {provider uuid: {class: amount}}. Amounts of 0
    are not claimed. What is refused leaves everything as it was.
    """
    taken: list[tuple[int, str, int]] = []
    with ctx.db.transaction():
        release(ctx, consumer)
        for uuid, amounts in {provider_uuid: resources, **(others or {})}.items():
            provider_id = _provider_id(ctx, uuid)
            for resource_class, amount in amounts.items():
                if not amount:
                    continue
                given = {
                    "amount": amount,
                    "resource_class": resource_class,
                    "provider_id": provider_id,
                }
                if not ctx.db.execute(USE, given).rowcount:
                    raise NoCapacity(resource_class=resource_class, provider=uuid)
                taken.append((provider_id, resource_class, amount))
            ctx.db.execute(
                "UPDATE placement_resource_providers SET generation = generation + 1 WHERE id = ?",
                (provider_id,),
            )
        consumer_id = ctx.db.insert(
            "placement_consumers",
            {
                "uuid": consumer,
                "generation": 1,
                "project_id": project_id,
                "user_id": user_id,
                "consumer_type": consumer_type,
                "created_at": ctx.timestamp,
            },
        )
        ctx.db.connection.executemany(
            "INSERT INTO placement_allocations VALUES (?, ?, ?, ?, ?)",
            [
                (consumer_id, provider_id, name, amount, ctx.timestamp)
                for provider_id, name, amount in taken
            ],
        )


@dataclass(slots=True)
class Claim:
    """What a consumer takes of one provider, and when."""

    consumer: str
    provider_uuid: str
    resources: Mapping[str, int]
    project_id: str
    user_id: str
    created_at: str


def claim_all(ctx: Context, claims: Sequence[Claim]) -> None:
    """Make claims of consumers that hold nothing yet, in this order; all is known to be there."""
    uuids = {each.provider_uuid for each in claims}
    ids = {uuid: _provider_id(ctx, uuid) for uuid in uuids}
    used = Counter[tuple[str, int]]()
    last = ctx.db.value("SELECT coalesce(max(id), 0) FROM placement_consumers")
    consumers: list[tuple[Any, ...]] = []
    held: list[tuple[Any, ...]] = []
    for number, each in enumerate(claims, last + 1):
        provider_id, at = ids[each.provider_uuid], each.created_at
        consumers.append((number, each.consumer, each.project_id, each.user_id, INSTANCE, at))
        for name, amount in each.resources.items():
            used[name, provider_id] += amount
            held.append((number, provider_id, name, amount, at))
    many = ctx.db.connection.executemany
    many(
        "UPDATE placement_inventories SET used = used + ?"
        " WHERE resource_class = ? AND provider_id = ?",
        [(amount, *key) for key, amount in used.items()],
    )
    many(
        "UPDATE placement_resource_providers SET generation = generation + ? WHERE uuid = ?",
        [(count, uuid) for uuid, count in Counter(each.provider_uuid for each in claims).items()],
    )
    many(
        "INSERT INTO placement_consumers"
        " (id, uuid, generation, project_id, user_id, consumer_type, created_at)"
        " VALUES (?, ?, 1, ?, ?, ?, ?)",
        consumers,
    )
    many("INSERT INTO placement_allocations VALUES (?, ?, ?, ?, ?)", held)


def _provider_id(ctx: Context, uuid: str) -> int:
    found: int | None = ctx.db.value(
        "SELECT id FROM placement_resource_providers WHERE uuid = ?", (uuid,)
    )
    if found is None:
        raise ProviderNotFound(uuid=uuid)
    return found


def holders(ctx: Context, consumers: Sequence[str]) -> set[str]:
    """Return those of the consumers that hold something."""
    rows = ctx.db.all(
        "SELECT uuid FROM placement_consumers WHERE uuid IN (SELECT value FROM json_each(?))",
        (orjson.dumps(consumers).decode(),),
    )
    return {row["uuid"] for row in rows}


def adjust(ctx: Context, consumer: str, changes: Mapping[str, Mapping[str, int]]) -> None:
    """Let a consumer hold so much more, or less, of providers. NoCapacity when it is not there.

    Of what is not there to be given back nothing is left; what is refused leaves all as it was.
    """
    consumer_id = ctx.db.value("SELECT id FROM placement_consumers WHERE uuid = ?", (consumer,))
    with ctx.db.transaction():
        for uuid, amounts in changes.items():
            provider_id = ctx.db.value(
                "SELECT id FROM placement_resource_providers WHERE uuid = ?", (uuid,)
            )
            if provider_id is None or consumer_id is None:
                raise ProviderNotFound(uuid=uuid)
            for name, amount in amounts.items():
                if not _hold(ctx, (consumer_id, provider_id, name), amount):
                    raise NoCapacity(resource_class=name, provider=uuid)
            ctx.db.execute(
                "UPDATE placement_resource_providers SET generation = generation + 1 WHERE id = ?",
                (provider_id,),
            )
        ctx.db.execute(
            "UPDATE placement_consumers SET generation = generation + 1 WHERE id = ?",
            (consumer_id,),
        )
        remove_if_empty(ctx, consumer_id)


def _hold(ctx: Context, key: tuple[int, int, str], more: int) -> bool:
    """Let a consumer hold more or less of one inventory; say whether there is so much."""
    where = "consumer_id = ? AND provider_id = ? AND resource_class = ?"
    held = ctx.db.value(f"SELECT used FROM placement_allocations WHERE {where}", key) or 0
    after = max(held + more, 0)
    given = {"amount": after, "resource_class": key[2], "provider_id": key[1]}
    ctx.db.execute(
        "UPDATE placement_inventories SET used = used - ?"
        " WHERE resource_class = ? AND provider_id = ?",
        (held, key[2], key[1]),
    )
    ctx.db.execute(f"DELETE FROM placement_allocations WHERE {where}", key)
    if not after:
        return True
    if not ctx.db.execute(USE, given).rowcount:
        return False
    ctx.db.execute(
        "INSERT INTO placement_allocations VALUES (?, ?, ?, ?, ?)", (*key, after, ctx.timestamp)
    )
    return True


def release(ctx: Context, consumer: str) -> None:
    """Give back all that a consumer holds; nothing happens when it holds nothing."""
    consumer_id = ctx.db.value("SELECT id FROM placement_consumers WHERE uuid = ?", (consumer,))
    if consumer_id is None:
        return
    ctx.db.connection.executemany(
        "UPDATE placement_inventories SET used = used - ?"
        " WHERE resource_class = ? AND provider_id = ?",
        ctx.db.execute(
            "SELECT used, resource_class, provider_id FROM placement_allocations"
            " WHERE consumer_id = ?",
            (consumer_id,),
        ).fetchall(),
    )
    ctx.db.delete("placement_allocations", consumer_id, "consumer_id")
    ctx.db.delete("placement_consumers", consumer_id)


def of(ctx: Context, consumer: str) -> dict[str, dict[str, int]]:
    """Return what a consumer holds: {provider uuid: {class: amount}}, empty when nothing."""
    rows = ctx.db.all(
        "SELECT p.uuid, a.resource_class, a.used FROM placement_consumers c"
        " JOIN placement_allocations a ON a.consumer_id = c.id"
        " JOIN placement_resource_providers p ON p.id = a.provider_id WHERE c.uuid = ?",
        (consumer,),
    )
    held: dict[str, dict[str, int]] = {}
    for uuid, resource_class, used in rows:
        held.setdefault(uuid, {})[resource_class] = used
    return held


def serving(ctx: Context, consumer: str, groups: Mapping[str, Asked]) -> dict[str, str]:
    """Return which provider, of those that a consumer holds something of, serves which group.

    Placement does not keep it, so it is worked out from traits and amounts, as Nova does. A group
    that nothing is held for has none.
    """
    held = of(ctx, consumer)
    sql = "SELECT id FROM placement_resource_providers WHERE uuid = ?"
    names = {uuid: set(traits.of_provider(ctx, ctx.db.value(sql, (uuid,)))) for uuid in held}
    fitting = {
        suffix: [
            uuid
            for uuid in held
            if all(wanted & names[uuid] for wanted in asked.required)
            and not asked.forbidden & names[uuid]
        ]
        for suffix, asked in groups.items()
    }
    return _assigned(groups, fitting, held)


def _assigned(
    groups: Mapping[str, Asked],
    fitting: Mapping[str, list[str]],
    left: Mapping[str, Mapping[str, int]],
) -> dict[str, str]:
    """A provider for each group, or for as many as can be, out of what is held."""
    if not groups:
        return {}
    (suffix, asked), *others = groups.items()
    best: dict[str, str] = {}
    for uuid in fitting[suffix]:
        after = {name: left[uuid].get(name, 0) - more for name, more in asked.resources.items()}
        if min(after.values(), default=0) < 0:
            continue
        rest = {**left, uuid: {**left[uuid], **after}}
        found = {suffix: uuid, **_assigned(dict(others), fitting, rest)}
        if len(found) == len(groups):
            return found
        best = max(best, found, key=len)
    return max(best, _assigned(dict(others), fitting, left), key=len)


def move(ctx: Context, from_consumer: str, to_consumer: str) -> None:
    """Let one consumer hold what another held; what it held before is given back.

    A migration record holds a server's allocation of the source host while the server claims the
    destination; to move it back is to revert. The consumer type changes with the side.
    """
    held: Any = ctx.db.get("placement_consumers", from_consumer, "uuid")
    if held is None:
        return
    release(ctx, to_consumer)
    ctx.db.update(
        "placement_consumers",
        held["id"],
        uuid=to_consumer,
        generation=1,
        consumer_type=MIGRATION if held["consumer_type"] == INSTANCE else INSTANCE,
    )
