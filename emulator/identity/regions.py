"""Regions: where endpoints are."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.identity import listing
from emulator.identity.attributes import extra
from emulator.identity.errors import Duplicate, Invalid, Missing, NotAllowed
from emulator.identity.schemas import DESCRIPTION, REGION, extensible
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Query, prop

# Schemas

LIST = Query(prop("parent_region_id", REGION), unknown=False)
CREATE = extensible(
    "region",
    prop("description", DESCRIPTION),
    prop("id", {"type": ["string", "null"], "minLength": 0, "maxLength": 255}),
    prop("parent_region_id", REGION),
    unknown_beside=True,
)
UPDATE = extensible(
    "region",
    prop("description", DESCRIPTION),
    prop("id", REGION),
    prop("parent_region_id", REGION),
    minProperties=1,
)
NOT_EXTRA = ("id", "description", "parent_region_id", "links")

# View


def view(ctx: Context, row: Any) -> dict[str, Any]:
    """Return a region as it is shown."""
    return {
        **orjson.loads(row["extra"]),
        "id": row["id"],
        "description": row["description"],
        "parent_region_id": row["parent_region_id"],
        "links": {"self": listing.link(ctx, "regions", row["id"])},
    }


# Queries


def get(ctx: Context, region_id: str | None) -> Any:
    """Return a region, None when there is none of this id."""
    return ctx.db.get("identity_regions", region_id)


def find(ctx: Context, region_id: str) -> Any:
    """Return a region. Missing when there is none."""
    row = get(ctx, region_id)
    if row is None:
        raise Missing(kind="region", id=region_id)
    return row


def _with_below(ctx: Context, region_id: str) -> list[str]:
    """The ids of a region and all below it."""
    rows = ctx.db.all(
        "WITH RECURSIVE down(id) AS (SELECT ? UNION SELECT r.id FROM identity_regions r"
        " JOIN down ON r.parent_region_id = down.id) SELECT id FROM down",
        (region_id,),
    )
    return [row["id"] for row in rows]


def _in_use(ctx: Context, region_ids: list[str]) -> bool:
    marks = ", ".join("?" * len(region_ids))
    return bool(
        ctx.db.one(f"SELECT 1 FROM identity_endpoints WHERE region_id IN ({marks})", region_ids)
    )


# Operations


def index(ctx: Context, query: Any) -> dict[str, Any]:
    """List regions."""
    where, values = listing.conditions(ctx, ("parent_region_id",))
    rows, _ = listing.page(ctx, "identity_regions", where, values, paged=False)
    return listing.collection(ctx, "regions", [view(ctx, row) for row in rows])


def show(ctx: Context, region_id: str) -> dict[str, Any]:
    """Show a region."""
    return {"region": view(ctx, find(ctx, region_id))}


def create(ctx: Context, body: Any, region_id: str | None = None) -> dict[str, Any]:
    """Make a region; its id is given in the path or the body, or else made."""
    given = body["region"]
    if region_id is not None and given.get("id", region_id) != region_id:
        raise Invalid(f'Conflicting region IDs specified: "{region_id}" != "{given["id"]}"')
    new_id = region_id or given.get("id") or ctx.ids.hex()
    if get(ctx, new_id) is not None:
        raise Duplicate(kind="region", details=f"Duplicate ID, {new_id}.")
    return {"region": add(ctx, new_id, given)}


def add(ctx: Context, region_id: str, given: Any) -> dict[str, Any]:
    """Store a new region."""
    parent_id = given.get("parent_region_id")
    if parent_id is not None:
        find(ctx, parent_id)
    row = {
        "id": region_id,
        "description": given.get("description") or "",
        "parent_region_id": parent_id,
        "extra": extra(given, NOT_EXTRA),
    }
    ctx.db.insert("identity_regions", row)
    return view(ctx, row)


def update(ctx: Context, region_id: str, body: Any) -> dict[str, Any]:
    """Change a region."""
    row, given = find(ctx, region_id), body["region"]
    listing.must_match(given, region_id)
    parent_id = given.get("parent_region_id", row["parent_region_id"])
    if parent_id is not None:
        find(ctx, parent_id)
        if parent_id in _with_below(ctx, region_id):
            raise Invalid(
                f"The specified parent region {region_id} would create a circular region hierarchy."
            )
    description = given["description"] or "" if "description" in given else row["description"]
    changed = {
        **dict(row),
        "description": description,
        "parent_region_id": parent_id,
        "extra": extra(given, NOT_EXTRA, row),
    }
    ctx.db.update(
        "identity_regions",
        region_id,
        description=description,
        parent_region_id=parent_id,
        extra=changed["extra"],
    )
    return {"region": view(ctx, changed)}


def delete(ctx: Context, region_id: str) -> Reply:
    """Delete a region and those below it, unless endpoints are there."""
    find(ctx, region_id)
    doomed = _with_below(ctx, region_id)
    if _in_use(ctx, doomed):
        raise NotAllowed(
            f"Unable to delete region {region_id} because it or its child regions have associated"
            " endpoints."
        )
    for each in doomed:
        ctx.db.delete("identity_regions", each)
    return Reply(204)
