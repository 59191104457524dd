"""Host aggregates: named groups of hosts with metadata; some of them are availability zones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from emulator.compute import services
from emulator.compute.host_errors import (
    AggregateHostExists,
    AggregateNameExists,
    AggregateNotEmpty,
    AggregateNotFound,
    CannotAddHost,
    CannotRemoveHost,
    CannotTakeHost,
    CannotUpdateAggregate,
    CannotUpdateMetadata,
    ComputeHostNotFound,
    DuplicateImages,
    ImageNotFound,
    integer,
)
from emulator.compute.schemas import AZ_NAME, FQDN, METADATA_WITH_NULL, NAME, NULL, UUID
from emulator.errors import EmulatorError, NotFound
from emulator.image import images
from emulator.placement import aggregates as provider_aggregates
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, View, field, prop

ZONE = "availability_zone"

# Schemas

ZONE_NAME = {"oneOf": [AZ_NAME, NULL]}
PADDED_NAME = {**NAME, "format": "name_with_leading_trailing_spaces"}
CREATE = Body("aggregate", prop("name", NAME, required=True), prop(ZONE, ZONE_NAME))
UPDATE = Body(
    "aggregate",
    schema=Object(
        prop("name", PADDED_NAME),
        prop(ZONE, ZONE_NAME),
        anyOf=[{"required": ["name"]}, {"required": [ZONE]}],
    ),
)
ADD_HOST = Body("add_host", prop("host", FQDN, required=True))
REMOVE_HOST = Body("remove_host", prop("host", FQDN, required=True))
SET_METADATA = Body("set_metadata", prop("metadata", METADATA_WITH_NULL, required=True))
CACHE = Body(
    schema=Object(
        prop(
            "cache",
            {
                "type": ["array"],
                "minItems": 1,
                "items": {
                    "type": "object",
                    "properties": {"id": UUID},
                    "additionalProperties": False,
                    "required": ["id"],
                },
            },
            required=True,
        )
    )
)

# View

NEW_FIELDS = (
    field("id"),
    field("uuid", since="2.41"),
    field("name"),
    field("created_at"),
    field("updated_at"),
    field("deleted_at", lambda row, ctx: None),
    field("deleted", lambda row, ctx: False),
    field(ZONE),
)
NEW_AGGREGATE = View(*NEW_FIELDS)
AGGREGATE = View(
    *NEW_FIELDS,
    field("hosts", lambda row, ctx: orjson.Fragment(row["hosts"])),
    field("metadata", lambda row, ctx: orjson.Fragment(row["metadata"])),
)

# Queries

AGGREGATES = (
    "SELECT a.*, (SELECT json_group_array(m.host) FROM compute_aggregate_hosts m"
    " WHERE m.aggregate_id = a.id) AS hosts FROM compute_aggregates a"
)


def add(ctx: Context, *, name: str, metadata: Mapping[str, str], hosts: Iterable[str] = ()) -> int:
    """Add an aggregate with its hosts; return its id."""
    aggregate_id = ctx.db.insert(
        "compute_aggregates",
        {
            "uuid": ctx.ids.uuid(),
            "name": name,
            "metadata": orjson.dumps(metadata).decode(),
            "created_at": ctx.timestamp,
        },
    )
    for host in hosts:
        place(ctx, find(ctx, str(aggregate_id)), host)
    return aggregate_id


def everything(ctx: Context) -> list[Any]:
    """Return all aggregates with their hosts."""
    return ctx.db.all(f"{AGGREGATES} ORDER BY a.id")


def look_up(ctx: Context, aggregate_id: str) -> Any:
    """Return an aggregate with its hosts, None when there is none."""
    return ctx.db.one(f"{AGGREGATES} WHERE a.id = ?", (aggregate_id,))


def find(ctx: Context, aggregate_id: str) -> Any:
    """Return an aggregate with its hosts. AggregateNotFound when there is none."""
    row = look_up(ctx, aggregate_id)
    if row is None:
        raise AggregateNotFound(aggregate_id=aggregate_id)
    return row


def is_named(ctx: Context, name: str, *, other_than: int = 0) -> bool:
    """Say whether an aggregate has the name."""
    sql = "SELECT 1 FROM compute_aggregates WHERE name = ? AND id <> ?"
    return ctx.db.value(sql, (name, other_than)) is not None


def zones_of(ctx: Context, hosts: Iterable[str], *, other_than: int) -> list[str]:
    """Return the zones that other aggregates put any of the hosts in, one for each aggregate."""
    names = list(hosts)
    rows = ctx.db.all(
        "SELECT a.availability_zone AS zone FROM compute_aggregates a"
        " WHERE a.availability_zone IS NOT NULL AND a.id <> ? AND EXISTS (SELECT 1"
        " FROM compute_aggregate_hosts m WHERE m.aggregate_id = a.id"
        f" AND m.host IN ({', '.join('?' * len(names))})) ORDER BY a.id",
        (other_than, *names),
    )
    return [row["zone"] for row in rows]


def count_servers(ctx: Context, host: str) -> int:
    """Return how many servers are on a host."""
    sql = "SELECT count(*) FROM compute_servers WHERE host = ? AND deleted = 0"
    return int(ctx.db.value(sql, (host,)))


def place(ctx: Context, aggregate: Any, host: str) -> None:
    """Put a host into an aggregate, and its providers into Placement's of the same uuid."""
    ctx.db.insert("compute_aggregate_hosts", {"aggregate_id": aggregate["id"], "host": host})
    for node in ctx.db.all("SELECT uuid FROM compute_hosts WHERE host = ?", (host,)):
        provider_aggregates.join(ctx, node["uuid"], aggregate["uuid"])


def take(ctx: Context, aggregate: Any, host: str) -> None:
    """Take a host out of an aggregate, and its providers out of Placement's."""
    ctx.db.execute(
        "DELETE FROM compute_aggregate_hosts WHERE aggregate_id = ? AND host = ?",
        (aggregate["id"], host),
    )
    for node in ctx.db.all("SELECT uuid FROM compute_hosts WHERE host = ?", (host,)):
        provider_aggregates.leave(ctx, node["uuid"], aggregate["uuid"])


def rename(ctx: Context, aggregate: Any, name: str) -> None:
    """Give an aggregate another name; the one it has changes nothing."""
    if name != aggregate["name"]:
        ctx.db.update("compute_aggregates", aggregate["id"], name=name, updated_at=ctx.timestamp)


def write_metadata(ctx: Context, aggregate: Any, changes: Mapping[str, str | None]) -> None:
    """Change metadata: a null takes a key away. Nova keeps no time of this."""
    metadata = {**orjson.loads(aggregate["metadata"]), **changes}
    kept = {name: value for name, value in metadata.items() if value is not None}
    ctx.db.update("compute_aggregates", aggregate["id"], metadata=orjson.dumps(kept).decode())


# Operations


def index(ctx: Context, query: Any = None) -> dict[str, Any]:
    """List all aggregates."""
    return {"aggregates": [AGGREGATE.render(row, ctx) for row in everything(ctx)]}


def create(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Create an aggregate, which may be a zone."""
    given = body["aggregate"]
    name = given["name"].strip()
    if is_named(ctx, name):
        raise AggregateNameExists(aggregate_name=name)
    zone = given.get(ZONE)
    aggregate_id = add(ctx, name=name, metadata={ZONE: zone} if zone else {})
    return {"aggregate": NEW_AGGREGATE.render(find(ctx, str(aggregate_id)), ctx)}


def show(ctx: Context, aggregate_id: str, query: Any = None) -> dict[str, Any]:
    """Show one aggregate."""
    integer(aggregate_id)
    return {"aggregate": AGGREGATE.render(find(ctx, aggregate_id), ctx)}


def update(ctx: Context, aggregate_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Change the name of an aggregate, or the zone it is."""
    integer(aggregate_id)
    aggregate, given = find(ctx, aggregate_id), body["aggregate"]
    if "name" in given:
        name = given["name"].strip()
        if is_named(ctx, name, other_than=aggregate["id"]):
            raise AggregateNameExists(aggregate_name=name)
        rename(ctx, aggregate, name)
        aggregate = find(ctx, aggregate_id)
    if ZONE in given:
        _check_zone(ctx, aggregate, given[ZONE], CannotUpdateAggregate)
        write_metadata(ctx, aggregate, {ZONE: given[ZONE]})
        return _changed(ctx, aggregate_id)
    return {"aggregate": AGGREGATE.render(aggregate, ctx)}


def delete(ctx: Context, aggregate_id: str) -> Reply:
    """Delete an aggregate that has no hosts."""
    integer(aggregate_id)
    aggregate = find(ctx, aggregate_id)
    if orjson.loads(aggregate["hosts"]):
        raise AggregateNotEmpty(aggregate_id=aggregate_id)
    ctx.db.delete("compute_aggregates", aggregate["id"])
    return Reply(200)


def add_host(ctx: Context, aggregate_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Put a host into an aggregate, unless its servers would change their zone."""
    integer(aggregate_id)
    host = body["add_host"]["host"]
    if services.find_compute(ctx, host) is None:
        raise ComputeHostNotFound(host=host)
    aggregate = find(ctx, aggregate_id)
    zone = aggregate[ZONE]
    if zone:
        others = zones_of(ctx, [host], other_than=aggregate["id"])
        conflicting = [each for each in others if each != zone]
        if conflicting:
            reason = f"One or more hosts already in availability zone(s) {conflicting}"
            raise CannotAddHost(aggregate_id=aggregate["id"], reason=reason)
        now = next(iter(zones_of(ctx, [host], other_than=0)), None)
        _check_servers_stay(ctx, host, now, zone, CannotAddHost, aggregate, "added to")
    if host in orjson.loads(aggregate["hosts"]):
        raise AggregateHostExists(aggregate_id=aggregate["id"], host=host)
    place(ctx, aggregate, host)
    return {"aggregate": AGGREGATE.render(find(ctx, aggregate_id), ctx)}


def remove_host(ctx: Context, aggregate_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Take a host out of an aggregate, unless its servers would change their zone."""
    integer(aggregate_id)
    host = body["remove_host"]["host"]
    aggregate = look_up(ctx, aggregate_id)
    if services.find_compute(ctx, host) is None or aggregate is None:
        raise CannotRemoveHost(host=host, id=aggregate_id)
    zone = aggregate[ZONE]
    if zone:
        left = next(iter(zones_of(ctx, [host], other_than=aggregate["id"])), None)
        _check_servers_stay(ctx, host, zone, left, CannotTakeHost, aggregate, "removed from")
    if host not in orjson.loads(aggregate["hosts"]):
        raise CannotRemoveHost(host=host, id=aggregate_id)
    take(ctx, aggregate, host)
    return {"aggregate": AGGREGATE.render(find(ctx, aggregate_id), ctx)}


def set_metadata(ctx: Context, aggregate_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Change metadata of an aggregate; a zone among it is checked like one of its own."""
    integer(aggregate_id)
    metadata = body["set_metadata"]["metadata"]
    aggregate = find(ctx, aggregate_id)
    if ZONE in metadata:
        _check_zone(ctx, aggregate, metadata[ZONE], CannotUpdateMetadata)
    write_metadata(ctx, aggregate, metadata)
    return _changed(ctx, aggregate_id)


def cache_images(ctx: Context, aggregate_id: str, body: dict[str, Any]) -> Reply:
    """Ask the hosts of an aggregate to fetch images ahead; an emulated host has nothing to do."""
    integer(aggregate_id)
    ids = [each["id"] for each in body["cache"]]
    if len(set(ids)) < len(ids):
        raise DuplicateImages()
    find(ctx, aggregate_id)
    for image_id in ids:
        try:
            images.find(ctx.at_service("image"), image_id)
        except NotFound:
            raise ImageNotFound(image_id=image_id) from None
    return Reply(202)


def _changed(ctx: Context, aggregate_id: str) -> dict[str, Any]:
    """An aggregate that was just changed: the answer says now, whatever is kept."""
    shown = AGGREGATE.render(find(ctx, aggregate_id), ctx)
    return {"aggregate": {**shown, "updated_at": ctx.timestamp}}


def _check_zone(
    ctx: Context, aggregate: Any, zone: str | None, refusal: type[EmulatorError]
) -> None:
    """Refuse a zone that the hosts of an aggregate cannot be put into."""
    name, aggregate_id = aggregate["name"], aggregate["id"]
    hosts = orjson.loads(aggregate["hosts"])
    if not zone:
        reason = f"Aggregate {name} does not support empty named availability zone"
        raise refusal(aggregate_id=aggregate_id, reason=reason)
    others = zones_of(ctx, hosts, other_than=aggregate_id)
    conflicting = [each for each in others if each != zone]
    if conflicting:
        reason = f"One or more hosts already in availability zone(s) {conflicting}"
        raise refusal(aggregate_id=aggregate_id, reason=reason)
    if zone != aggregate[ZONE] and any(services.has_servers(ctx, host) for host in hosts):
        reason = "One or more hosts contain instances in this zone"
        raise refusal(aggregate_id=aggregate_id, reason=reason)


def _check_servers_stay(
    ctx: Context,
    host: str,
    old: str | None,
    new: str | None,
    refusal: type[EmulatorError],
    aggregate: Any,
    moved: str,
) -> None:
    """Refuse to move a host that has servers from one zone to another."""
    count = count_servers(ctx, host) if old != new else 0
    if count:
        reason = (
            f"The host cannot be {moved} the aggregate as the availability zone of the host would"
            f" change from '{old}' to '{new}' but the host already has {count} instance(s)."
            " Changing the AZ of an existing instance is not supported by this action."
            " Move the instances away from this host then try again. If you need to move the"
            " instances between AZs then you can use shelve_offload and unshelve to achieve this."
        )
        raise refusal(aggregate_id=aggregate["id"], reason=reason)
