"""Policies as records: documents that Keystone keeps for others, and where they apply."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.identity import endpoints, listing, regions, services
from emulator.identity.attributes import extra
from emulator.identity.errors import INSIDE, Missing, NothingThere
from emulator.identity.schemas import TEXT
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop

# Schemas

TYPE = {"type": "string", "maxLength": 255}
ANY = Body(schema=Object(prop("policy", Object(unknown=True)), unknown=True))
CREATE = Body(
    schema={
        "type": "object",
        "properties": {"blob": TEXT, "type": TYPE},
        "required": ["blob", "type"],
        "additionalProperties": True,
    }
)
UPDATE = Body(
    schema={
        "type": "object",
        "properties": {"blob": TEXT, "type": TYPE},
        "minProperties": 1,
        "additionalProperties": True,
    }
)
NOT_EXTRA = ("id", "type", "blob", "links")

# View


def _view(ctx: Context, row: Any, collection: str = "policies") -> dict[str, Any]:
    return {
        **orjson.loads(row["extra"]),
        "id": row["id"],
        "type": row["type"],
        "blob": row["blob"],
        "links": {"self": listing.link(ctx, collection, row["id"])},
    }


# Queries


def _find(ctx: Context, policy_id: str) -> Any:
    row = ctx.db.get("identity_policies", policy_id)
    if row is None:
        raise Missing(kind="policy", id=policy_id)
    return row


PLACE = "endpoint_id IS ? AND service_id IS ? AND region_id IS ?"


def _at(ctx: Context, place: tuple[str | None, str | None, str | None]) -> Any:
    """The association at a place, whichever policy it is with."""
    return ctx.db.one(f"SELECT * FROM identity_policy_associations WHERE {PLACE}", place)


def _drop_at(ctx: Context, place: tuple[str | None, str | None, str | None]) -> None:
    ctx.db.execute(f"DELETE FROM identity_policy_associations WHERE {PLACE}", place)


def _endpoints(ctx: Context, policy_id: str) -> list[Any]:
    """The endpoints a policy applies to: named, or by service, or by service in a region's tree."""
    return ctx.db.all(
        "WITH RECURSIVE place(endpoint_id, service_id, region_id) AS ("
        " SELECT endpoint_id, service_id, region_id FROM identity_policy_associations"
        " WHERE policy_id = ?"
        " UNION SELECT NULL, place.service_id, r.id FROM identity_regions r"
        " JOIN place ON r.parent_region_id = place.region_id)"
        " SELECT DISTINCT e.* FROM identity_endpoints e JOIN place ON e.id = place.endpoint_id"
        " OR (e.service_id = place.service_id"
        " AND (place.region_id IS NULL OR place.region_id = e.region_id)) ORDER BY e.id",
        (policy_id,),
    )


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List policies."""
    where, values = listing.conditions(ctx, ("type",))
    rows, _ = listing.page(ctx, "identity_policies", where, values, paged=False)
    return listing.collection(ctx, "policies", [_view(ctx, row) for row in rows])


def show(ctx: Context, policy_id: str) -> dict[str, Any]:
    """Show a policy."""
    return {"policy": _view(ctx, _find(ctx, policy_id))}


def create(ctx: Context, body: Any) -> dict[str, Any]:
    """Keep a policy."""
    given = body.get("policy", {})
    INSIDE.check_body(CREATE.at(ctx.version), given)
    row = {
        "id": ctx.ids.hex(),
        "type": given["type"],
        "blob": given["blob"],
        "extra": extra(given, NOT_EXTRA),
    }
    ctx.db.insert("identity_policies", row)
    return {"policy": _view(ctx, row)}


def update(ctx: Context, policy_id: str, body: Any) -> dict[str, Any]:
    """Change a policy."""
    given = body.get("policy", {})
    INSIDE.check_body(UPDATE.at(ctx.version), given)
    row = _find(ctx, policy_id)
    listing.must_match(given, policy_id)
    changes = {
        "type": given.get("type", row["type"]),
        "blob": given.get("blob", row["blob"]),
        "extra": extra(given, NOT_EXTRA, row),
    }
    ctx.db.update("identity_policies", policy_id, **changes)
    return {"policy": _view(ctx, {"id": policy_id, **changes})}


def delete(ctx: Context, policy_id: str) -> Reply:
    """Delete a policy, and where it applied."""
    _find(ctx, policy_id)
    ctx.db.delete("identity_policy_associations", policy_id, "policy_id")
    ctx.db.delete("identity_policies", policy_id)
    return Reply(204)


# Where policies apply


def _place(
    ctx: Context,
    policy_id: str,
    endpoint_id: str | None,
    service_id: str | None,
    region_id: str | None,
) -> tuple[str | None, str | None, str | None]:
    """Find policy and place, or raise what is missing."""
    _find(ctx, policy_id)
    if endpoint_id is not None:
        endpoints.find(ctx, endpoint_id)
    if service_id is not None:
        services.find(ctx, service_id)
    if region_id is not None:
        regions.find(ctx, region_id)
    return endpoint_id, service_id, region_id


def applies(
    ctx: Context,
    policy_id: str,
    endpoint_id: str | None = None,
    service_id: str | None = None,
    region_id: str | None = None,
) -> Reply:
    """Say whether a policy applies at an endpoint, a service, or a service in a region."""
    found = _at(ctx, _place(ctx, policy_id, endpoint_id, service_id, region_id))
    if found is None or found["policy_id"] != policy_id:
        raise NothingThere("Could not find policy association.")
    return Reply(204)


def apply(
    ctx: Context,
    policy_id: str,
    endpoint_id: str | None = None,
    service_id: str | None = None,
    region_id: str | None = None,
) -> Reply:
    """Let a policy apply somewhere, in place of the one that does."""
    place = _place(ctx, policy_id, endpoint_id, service_id, region_id)
    _drop_at(ctx, place)
    names = ("endpoint_id", "service_id", "region_id")
    row = {"policy_id": policy_id, **dict(zip(names, place, strict=True))}
    ctx.db.insert("identity_policy_associations", row)
    return Reply(204)


def unapply(
    ctx: Context,
    policy_id: str,
    endpoint_id: str | None = None,
    service_id: str | None = None,
    region_id: str | None = None,
) -> Reply:
    """Let a policy no longer apply somewhere."""
    place = _place(ctx, policy_id, endpoint_id, service_id, region_id)
    found = _at(ctx, place)
    if found is not None and found["policy_id"] == policy_id:
        _drop_at(ctx, place)
    return Reply(204)


def endpoints_of(ctx: Context, policy_id: str) -> dict[str, Any]:
    """List the endpoints a policy applies to."""
    _find(ctx, policy_id)
    shown = [endpoints.view(ctx, row) for row in _endpoints(ctx, policy_id)]
    return listing.collection(ctx, "endpoints", shown)


def of_endpoint(ctx: Context, endpoint_id: str) -> dict[str, Any]:
    """Show the policy of an endpoint: its own, or its service's, the nearest region's first."""
    endpoint = endpoints.find(ctx, endpoint_id)
    places: list[tuple[str | None, str | None, str | None]] = [(endpoint_id, None, None)]
    region_id = endpoint["region_id"]
    while region_id is not None:
        places.append((None, endpoint["service_id"], region_id))
        region = regions.get(ctx, region_id)
        region_id = region["parent_region_id"] if region is not None else None
    places.append((None, endpoint["service_id"], None))
    for place in places:
        found = _at(ctx, place)
        if found is not None:
            return {"policy": _view(ctx, _find(ctx, found["policy_id"]), "endpoints")}
    raise NothingThere(f"No policy is associated with endpoint {endpoint_id}.")
