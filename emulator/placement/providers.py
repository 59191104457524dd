"""Resource providers: whatever has an inventory, in trees; a hypervisor is a root provider."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.errors import EmulatorError
from emulator.placement import filters, inventories, resource_classes, traits
from emulator.placement.errors import (
    CannotCreateProvider,
    CannotSaveProvider,
    InvalidQuery,
    ProviderExists,
    ProviderInUse,
    ProviderIsParent,
    ProviderNotFound,
    ProviderToDeleteNotFound,
)
from emulator.placement.formats import dashed
from emulator.placement.replies import fresh, path_of, url_of
from emulator.placement.schemas import TEXT, UUID, UUID_OR_NULL
from emulator.placement.versions import PROVIDER_IN_ANSWER, REPARENTING
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, View, field, prop, since

TABLE = "placement_resource_providers"

# Schemas

NAME = {"type": "string", "maxLength": 200}
CREATE = Body(
    schema=Object(
        prop("name", NAME, required=True),
        prop("uuid", UUID),
        prop("parent_provider_uuid", UUID_OR_NULL, since="1.14"),
    )
)
UPDATE = Body(
    schema=Object(
        prop("name", NAME, required=True),
        prop("parent_provider_uuid", UUID_OR_NULL, since="1.14"),
    )
)
LIST = Query(
    prop("name", TEXT),
    prop("uuid", UUID),
    prop("member_of", TEXT, since="1.3"),
    prop("resources", TEXT, since="1.4"),
    prop("in_tree", UUID, since="1.14"),
    prop("required", TEXT, since="1.18"),
    unknown=False,
)

# View

RELATIONS = (
    ("inventories", None),
    ("usages", None),
    ("aggregates", since("1.1")),
    ("traits", since("1.6")),
    ("allocations", since("1.11")),
)


def links(row: Any, ctx: Context) -> list[dict[str, str]]:
    """Return where the parts of a provider are."""
    own = path_of(ctx, "resource_providers", row["uuid"])
    found = [{"rel": "self", "href": own}]
    for name, held in RELATIONS:
        if held is None or held in ctx:
            found.append({"rel": name, "href": f"{own}/{name}"})
    return found


PROVIDER = View(
    field("uuid"),
    field("name"),
    field("generation"),
    field("links", links),
    field("parent_provider_uuid", column="parent_uuid", since="1.14"),
    field("root_provider_uuid", column="root_uuid", since="1.14"),
)

# Queries

PROVIDERS = (
    "SELECT p.*, r.uuid AS root_uuid, a.uuid AS parent_uuid FROM placement_resource_providers p"
    " JOIN placement_resource_providers r ON r.id = p.root_id"
    " LEFT JOIN placement_resource_providers a ON a.id = p.parent_id"
)


def find(ctx: Context, uuid: str, missing: type[EmulatorError] = ProviderNotFound) -> Any:
    """Return the provider of a uuid, with those of its parent and root. `missing` says no."""
    row = ctx.db.one(f"{PROVIDERS} WHERE p.uuid = ?", (uuid,))
    if row is None:
        raise missing(uuid=uuid)
    return row


def matching(ctx: Context, asked: filters.Asked, name: str | None, uuid: str | None) -> list[Any]:
    """Return the providers that have each by themselves what is asked for, in order of making."""
    conditions: list[str] = []
    values: list[Any] = []
    if name:
        conditions.append("p.name = ?")
        values.append(name)
    if uuid:
        conditions.append("p.uuid = ?")
        values.append(uuid)
    if asked.in_tree:
        conditions.append(f"p.root_id = (SELECT root_id FROM {TABLE} WHERE uuid = ?)")
        values.append(asked.in_tree)
    having = "SELECT provider_id FROM placement_provider_{} WHERE {} IN ({})"
    for table, column, wanted, forbidden in (
        ("traits", "trait", asked.required, asked.forbidden),
        ("aggregates", "aggregate", asked.aggregates, asked.forbidden_aggregates),
    ):
        for word, names in (*(("IN", names) for names in wanted), ("NOT IN", forbidden)):
            if names:
                marks = ", ".join("?" * len(names))
                conditions.append(f"p.id {word} ({having.format(table, column, marks)})")
                values += sorted(names)
    for resource_class, amount in asked.resources.items():
        conditions.append(f"p.id IN ({inventories.WITH_ROOM})")
        values += [resource_class, amount, amount, amount]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return ctx.db.all(f"{PROVIDERS}{where} ORDER BY p.id", values)


def insert(ctx: Context, uuid: str, name: str, parent: Any = None) -> int:
    """Add a provider, below a parent or by itself; return its number."""
    provider_id = ctx.db.insert(
        TABLE,
        {
            "uuid": uuid,
            "name": name,
            "root_id": parent["root_id"] if parent else 0,
            "parent_id": parent["id"] if parent else None,
            "created_at": ctx.timestamp,
            "updated_at": ctx.timestamp,
        },
    )
    if parent is None:
        ctx.db.update(TABLE, provider_id, root_id=provider_id)
    return provider_id


def count_change(ctx: Context, provider_id: int) -> None:
    """Raise the generation of a provider: who read it before must read it again."""
    ctx.db.execute(
        f"UPDATE {TABLE} SET generation = generation + 1, updated_at = ? WHERE id = ?",
        (ctx.timestamp, provider_id),
    )


def subtree(ctx: Context, provider: Any) -> list[Any]:
    """Return a provider and all that is below it."""
    tree = ctx.db.all(f"SELECT * FROM {TABLE} WHERE root_id = ?", (provider["root_id"],))
    found, inside = [], {provider["id"]}
    waiting = [row for row in tree if row["id"] != provider["id"]]
    found += [row for row in tree if row["id"] == provider["id"]]
    while True:
        below = [row for row in waiting if row["parent_id"] in inside]
        if not below:
            return found
        found += below
        inside.update(row["id"] for row in below)
        waiting = [row for row in waiting if row["id"] not in inside]


def move(ctx: Context, provider: Any, parent: Any) -> None:
    """Put a provider, with all that is below it, below another one, or by itself."""
    root_id = parent["root_id"] if parent else provider["id"]
    for row in subtree(ctx, provider):
        ctx.db.update(TABLE, row["id"], root_id=root_id)
    ctx.db.update(TABLE, provider["id"], parent_id=parent["id"] if parent else None)


def has_children(ctx: Context, provider: Any) -> bool:
    """Say whether a provider is the parent of another."""
    sql = f"SELECT 1 FROM {TABLE} WHERE parent_id = ? LIMIT 1"
    return ctx.db.value(sql, (provider["id"],)) is not None


def has_allocations(ctx: Context, provider: Any) -> bool:
    """Say whether somebody holds something of a provider."""
    sql = "SELECT 1 FROM placement_allocations WHERE provider_id = ? LIMIT 1"
    return ctx.db.value(sql, (provider["id"],)) is not None


def erase(ctx: Context, provider_id: int) -> None:
    """Remove a provider with all that is kept of it."""
    for table in ("allocations", "inventories", "provider_traits", "provider_aggregates"):
        ctx.db.delete(f"placement_{table}", provider_id, "provider_id")
    ctx.db.delete(TABLE, provider_id)


# What other services call


def add(
    ctx: Context,
    *,
    uuid: str,
    name: str,
    inventories: Mapping[str, Mapping[str, Any] | int],
    traits_held: Iterable[str] = (),
    parent: str | None = None,
) -> None:
    """Add a provider with its inventories ({class: total} or {class: {"total": …, …}}).

    It is the root of a tree of its own, or stands below the provider whose uuid is `parent`.
    """
    provider_id = insert(ctx, uuid, name, None if parent is None else find(ctx, parent))
    for resource_class, values in inventories.items():
        set_inventory(ctx, uuid, resource_class, values)
    if inventories:
        count_change(ctx, provider_id)
    traits.give(ctx, provider_id, traits_held)


def remove(ctx: Context, uuid: str) -> None:
    """Remove a provider with all that is below it; nothing happens when there is none."""
    row = ctx.db.get(TABLE, uuid, "uuid")
    if row is not None:
        for each in subtree(ctx, row):
            erase(ctx, each["id"])


def is_there(ctx: Context, uuid: str) -> bool:
    """Say whether there is a provider of this uuid."""
    return ctx.db.get(TABLE, uuid, "uuid") is not None


def set_inventory(
    ctx: Context, uuid: str, resource_class: str, values: Mapping[str, Any] | int
) -> None:
    """Give a provider an inventory, or change it: a total, or a mapping with "total" and more."""
    given = {"total": values} if isinstance(values, int) else values
    inventories.put(ctx, find(ctx, uuid)["id"], resource_class, given)


def set_trait(ctx: Context, uuid: str, trait: str, *, held: bool) -> None:
    """Say whether a provider holds a trait."""
    provider_id = find(ctx, uuid)["id"]
    names = set(traits.of_provider(ctx, provider_id))
    traits.give(ctx, provider_id, names | {trait} if held else names - {trait})


def usages(ctx: Context, uuids: Iterable[str] | None = None) -> dict[str, dict[str, int]]:
    """Return how much is used of each class, by provider uuid: {uuid: {"VCPU": 3}}."""
    return inventories.used(ctx, uuids)


# Operations


def index(ctx: Context, query: dict[str, list[str]]) -> Reply:
    """List providers, those that have something."""
    asked = filters.Asked()
    asked.aggregates, asked.forbidden_aggregates = filters.aggregates(ctx, query)
    asked.required, asked.forbidden = filters.traits(ctx, query)
    if "resources" in query:
        asked.resources = filters.resources(query["resources"][-1])
    asked.in_tree = query.get("in_tree", [None])[-1]
    rows = []
    if _can_be_had(ctx, asked):
        rows = matching(ctx, asked, query.get("name", [None])[-1], query.get("uuid", [None])[-1])
    body = {"resource_providers": [PROVIDER.render(row, ctx) for row in rows]}
    return fresh(ctx, body, (row["updated_at"] for row in rows))


def _can_be_had(ctx: Context, asked: filters.Asked) -> bool:
    """Say whether each thing that is asked for is there, in the order Placement looks for them.

    Names of nothing are refused where it comes to them: not after something that is nowhere.
    """
    if asked.in_tree and not is_there(ctx, asked.in_tree):
        return False
    _check_traits(ctx, frozenset().union(*asked.required))
    if asked.required and not _somewhere(ctx, required=asked.required):
        return False
    _check_traits(ctx, asked.forbidden)
    if asked.aggregates and not _somewhere(ctx, aggregates=asked.aggregates):
        return False
    missing = resource_classes.unknown(ctx, asked.resources)
    if missing:
        start = "Invalid resource class in resources parameter"
        raise InvalidQuery(reason=f"{start}: No such resource class {missing}.")
    return True


def _somewhere(ctx: Context, **what: Any) -> bool:
    """Say whether some provider has it."""
    return bool(matching(ctx, filters.Asked(**what), None, None))


def _check_traits(ctx: Context, names: Iterable[str]) -> None:
    unknown = traits.unknown(ctx, sorted(names))
    if unknown:
        start = 'Invalid trait(s) in "required" parameter'
        raise InvalidQuery(reason=f"{start}: No such trait(s): {', '.join(unknown)}.")


def create(ctx: Context, body: dict[str, Any]) -> Reply:
    """Create a provider."""
    name, parent_uuid = body["name"], body.get("parent_provider_uuid")
    uuid = dashed(body["uuid"]) if body.get("uuid") else ctx.ids.uuid()
    if not name:
        raise CannotCreateProvider(name=name, uuid=uuid, reason="name is required")
    parent = _parent(ctx, name, uuid, parent_uuid) if parent_uuid is not None else None
    for column, value in (("uuid", uuid), ("name", name)):
        if ctx.db.get(TABLE, value, column) is not None:
            raise ProviderExists(duplicate=f"{column}: {value}")
    insert(ctx, uuid, name, parent)
    row = find(ctx, uuid)
    if PROVIDER_IN_ANSWER in ctx:
        reply = fresh(ctx, PROVIDER.render(row, ctx), [row["updated_at"]])
    else:
        reply = Reply(201)
    reply.headers["Location"] = url_of(ctx, "resource_providers", uuid)
    return reply


def _parent(ctx: Context, name: str, uuid: str, parent_uuid: str) -> Any:
    """The parent that a new provider names."""
    if parent_uuid == uuid:
        reason = (
            "parent provider UUID cannot be same as UUID. "
            "Please set parent provider UUID to None if there is no parent."
        )
        raise CannotCreateProvider(name=name, uuid=uuid, reason=reason)
    parent = ctx.db.get(TABLE, parent_uuid, "uuid")
    if parent is None:
        reason = "parent provider UUID does not exist."
        raise CannotCreateProvider(name=name, uuid=uuid, reason=reason)
    return parent


def show(ctx: Context, provider: Any) -> Reply:
    """Show one provider."""
    return fresh(ctx, PROVIDER.render(provider, ctx), [provider["updated_at"]])


def update(ctx: Context, provider: Any, body: dict[str, Any]) -> Reply:
    """Change the name of a provider, or its parent."""
    uuid, name = provider["uuid"], body["name"]
    if "parent_provider_uuid" in body:
        _change_parent(ctx, provider, body["parent_provider_uuid"])
    other = ctx.db.get(TABLE, name, "name")
    if other is not None and other["id"] != provider["id"]:
        raise ProviderExists(duplicate=name)
    ctx.db.update(TABLE, provider["id"], name=name, updated_at=ctx.timestamp)
    return show(ctx, find(ctx, uuid))


def _change_parent(ctx: Context, provider: Any, parent_uuid: str | None) -> None:
    uuid, old = provider["uuid"], provider["parent_id"]
    if parent_uuid is None:
        if old is not None:
            if REPARENTING not in ctx:
                reason = "un-parenting a provider is not currently allowed."
                raise CannotSaveProvider(uuid=uuid, action="update", reason=reason)
            move(ctx, provider, None)
        return
    parent = ctx.db.get(TABLE, parent_uuid, "uuid")
    if parent is None:
        reason = "parent provider UUID does not exist."
        raise CannotSaveProvider(uuid=uuid, action="create", reason=reason)
    if old not in (None, parent["id"]) and REPARENTING not in ctx:
        reason = "re-parenting a provider is not currently allowed."
        raise CannotSaveProvider(uuid=uuid, action="update", reason=reason)
    if parent["id"] in {row["id"] for row in subtree(ctx, provider)}:
        reason = "creating loop in the provider tree is not allowed."
        raise CannotSaveProvider(uuid=uuid, action="update", reason=reason)
    move(ctx, provider, parent)


def delete(ctx: Context, provider_uuid: str) -> Reply:
    """Delete a provider that has no children, and of which nobody holds anything."""
    provider = find(ctx, provider_uuid, ProviderToDeleteNotFound)
    if has_children(ctx, provider):
        raise ProviderIsParent(uuid=provider_uuid)
    if has_allocations(ctx, provider):
        raise ProviderInUse(uuid=provider_uuid)
    erase(ctx, provider["id"])
    return Reply(204)
