"""Endpoints: where services answer."""

from __future__ import annotations

import re
from typing import Any

import orjson

from emulator.identity import catalog, listing, regions
from emulator.identity.attributes import extra
from emulator.identity.errors import Invalid, Missing, NotExpected
from emulator.identity.schemas import BOOLEAN, TEXT, TEXT_OR_NULL, URL, extensible
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Query, prop

# Schemas

INTERFACE = {"type": "string", "enum": ["admin", "internal", "public"]}
LIST = Query(
    prop("interface", INTERFACE), prop("region_id", TEXT_OR_NULL), prop("service_id", TEXT)
)
CREATE = extensible(
    "endpoint",
    prop("id", TEXT),
    prop("enabled", BOOLEAN),
    prop("interface", INTERFACE, required=True),
    prop("region_id", TEXT_OR_NULL),
    prop("region", TEXT_OR_NULL),
    prop("service_id", TEXT, required=True),
    prop("url", URL, required=True),
    prop("name", TEXT),
    prop("description", TEXT_OR_NULL),
    required=False,
)
UPDATE = extensible(
    "endpoint",
    prop("enabled", BOOLEAN),
    prop("interface", INTERFACE),
    prop("region_id", TEXT_OR_NULL),
    prop("region", TEXT_OR_NULL),
    prop("service_id", TEXT),
    prop("url", URL),
    prop("name", TEXT),
    prop("description", TEXT_OR_NULL),
    minProperties=1,
)
NOT_EXTRA = (
    *("id", "interface", "region_id", "region", "service_id", "url", "enabled", "links"),
    "legacy_endpoint_id",
)
VARIABLES = {"tenant_id", "project_id", "user_id", "public_bind_host", "admin_bind_host"}

# View


def view(ctx: Context, row: Any) -> dict[str, Any]:
    """Return an endpoint as it is shown."""
    return {
        **orjson.loads(row["extra"]),
        "id": row["id"],
        "interface": row["interface"],
        "region_id": row["region_id"],
        "service_id": row["service_id"],
        "url": catalog.located(ctx, row["url"]),
        "enabled": bool(row["enabled"]),
        "region": row["region_id"],
        "links": {"self": listing.link(ctx, "endpoints", row["id"])},
    }


# Queries


def find(ctx: Context, endpoint_id: str) -> Any:
    """Return an endpoint. Missing when there is none."""
    row = ctx.db.get("identity_endpoints", endpoint_id)
    if row is None:
        raise Missing(kind="endpoint", id=endpoint_id)
    return row


# Operations


def index(ctx: Context, query: Any) -> dict[str, Any]:
    """List endpoints."""
    where, values = listing.conditions(ctx, ("interface", "service_id", "region_id"))
    rows, _ = listing.page(ctx, "identity_endpoints", where, values, paged=False)
    return listing.collection(ctx, "endpoints", [view(ctx, row) for row in rows])


def show(ctx: Context, endpoint_id: str) -> dict[str, Any]:
    """Show an endpoint."""
    return {"endpoint": view(ctx, find(ctx, endpoint_id))}


def create(ctx: Context, body: Any) -> dict[str, Any]:
    """Make an endpoint. A region given by the older name `region` is made when it is not there."""
    given = body.get("endpoint")
    if given is None:  # Keystone 30.0.0 looks for the URL in it, and words what Python says
        raise Invalid("'NoneType' object is not subscriptable")
    _check_url(given["url"])
    row = {
        "id": ctx.ids.hex(),
        "interface": given["interface"],
        "region_id": _region(ctx, given),
        "service_id": given["service_id"],
        "url": given["url"],
        "enabled": int(given.get("enabled", True)),
        "extra": extra(given, NOT_EXTRA),
    }
    _check_references(ctx, row)
    ctx.db.insert("identity_endpoints", row)
    return {"endpoint": view(ctx, row)}


def _region(ctx: Context, given: Any, kept: str | None = None) -> str | None:
    if given.get("region_id") is None and given.get("region") is not None:
        region_id: str = given["region"]
        if regions.get(ctx, region_id) is None:
            regions.add(ctx, region_id, {})
        return region_id
    chosen: str | None = given.get("region_id", kept)
    return chosen


def _check_references(ctx: Context, row: Any) -> None:
    if row["region_id"] is not None and regions.get(ctx, row["region_id"]) is None:
        raise NotExpected(attribute="endpoint region_id", target="region table")
    if ctx.db.get("identity_services", row["service_id"]) is None:
        raise NotExpected(attribute="endpoint service_id", target="service table")


def _check_url(url: str) -> None:
    """Refuse a URL whose variables nobody could fill in (Keystone 30.0.0, check_endpoint_url)."""
    plain = re.sub(r"[$%]\((\w+)\)[sd]", lambda found: "x" if found[1] in VARIABLES else "%", url)
    if "%(" in plain or "$(" in plain or re.search(r"%(?![0-9A-Fa-f]{2}|%)", plain):
        raise Invalid(f"Cannot create an endpoint with an invalid URL: {url}.")


def update(ctx: Context, endpoint_id: str, body: Any) -> dict[str, Any]:
    """Change an endpoint."""
    row, given = find(ctx, endpoint_id), body["endpoint"]
    listing.must_match(given, endpoint_id)
    changes = {
        "interface": given.get("interface", row["interface"]),
        "region_id": _region(ctx, given, row["region_id"]),
        "service_id": given.get("service_id", row["service_id"]),
        "url": given.get("url", row["url"]),
        "enabled": int(given.get("enabled", row["enabled"])),
        "extra": extra(given, NOT_EXTRA, row),
    }
    _check_references(ctx, changes)
    ctx.db.update("identity_endpoints", endpoint_id, **changes)
    return {"endpoint": view(ctx, {"id": endpoint_id, **changes})}


def delete(ctx: Context, endpoint_id: str) -> Reply:
    """Delete an endpoint."""
    find(ctx, endpoint_id)
    ctx.db.delete("identity_project_endpoints", endpoint_id, "endpoint_id")
    ctx.db.delete("identity_policy_associations", endpoint_id, "endpoint_id")
    ctx.db.delete("identity_endpoints", endpoint_id)
    return Reply(204)
