"""Federation: service providers, the other clouds that users may turn to, as records."""

from __future__ import annotations

from typing import Any

from emulator.errors import NotEmulated
from emulator.identity import listing
from emulator.identity.attributes import is_true
from emulator.identity.errors import Duplicate, Missing
from emulator.identity.schemas import SWITCH, TEXT, TEXT_OR_NULL, URL
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, prop

# Schemas

LIST = Query(prop("id", TEXT), prop("enabled", SWITCH))
CREATE = Body(
    "service_provider",
    prop("auth_url", URL, required=True),
    prop("sp_url", URL, required=True),
    prop("description", TEXT_OR_NULL),
    prop("enabled", SWITCH),
    prop("relay_state_prefix", TEXT_OR_NULL),
)
UPDATE = Body(
    "service_provider",
    schema=Object(
        prop("auth_url", URL),
        prop("sp_url", URL),
        prop("description", TEXT_OR_NULL),
        prop("enabled", SWITCH),
        prop("relay_state_prefix", TEXT_OR_NULL),
        minProperties=1,
    ),
)
RELAY_STATE_PREFIX = "ss:mem:"
NAMES = ("auth_url", "sp_url", "description", "relay_state_prefix")

# View


def _view(ctx: Context, row: Any) -> dict[str, Any]:
    return {
        "id": row["id"],
        "enabled": bool(row["enabled"]),
        **{name: row[name] for name in NAMES},
        "links": {"self": listing.link(ctx, "OS-FEDERATION", "service_providers", row["id"])},
    }


# Queries


def _find(ctx: Context, service_provider_id: str) -> Any:
    row = ctx.db.get("identity_service_providers", service_provider_id)
    if row is None:
        raise Missing(kind="Service Provider", id=service_provider_id)
    return row


# Operations


def index(ctx: Context, query: Any) -> dict[str, Any]:
    """List service providers."""
    where, values = listing.conditions(ctx, ("id",), ("enabled",))
    rows, _ = listing.page(ctx, "identity_service_providers", where, values, paged=False)
    return listing.collection(ctx, "service_providers", [_view(ctx, row) for row in rows])


def show(ctx: Context, service_provider_id: str) -> dict[str, Any]:
    """Show a service provider."""
    return {"service_provider": _view(ctx, _find(ctx, service_provider_id))}


def create(ctx: Context, service_provider_id: str, body: Any) -> dict[str, Any]:
    """Make a service provider; once enabled it stands in every token."""
    given = body["service_provider"]
    if ctx.db.get("identity_service_providers", service_provider_id) is not None:
        details = f"Duplicate entry found with ID {service_provider_id}"
        raise Duplicate(kind="service_provider", details=details)
    row = {
        "id": service_provider_id,
        "auth_url": given["auth_url"],
        "sp_url": given["sp_url"],
        "description": given.get("description"),
        "enabled": int(is_true(given.get("enabled", False))),
        "relay_state_prefix": given.get("relay_state_prefix") or RELAY_STATE_PREFIX,
    }
    ctx.db.insert("identity_service_providers", row)
    return {"service_provider": _view(ctx, row)}


def update(ctx: Context, service_provider_id: str, body: Any) -> dict[str, Any]:
    """Change a service provider."""
    row, given = _find(ctx, service_provider_id), body["service_provider"]
    changes = {name: given.get(name, row[name]) for name in NAMES}
    changes["enabled"] = int(is_true(given.get("enabled", row["enabled"])))
    ctx.db.update("identity_service_providers", service_provider_id, **changes)
    return {"service_provider": _view(ctx, {"id": service_provider_id, **changes})}


def delete(ctx: Context, service_provider_id: str) -> Reply:
    """Delete a service provider."""
    _find(ctx, service_provider_id)
    ctx.db.delete("identity_service_providers", service_provider_id)
    return Reply(204)


# What federation would need a web server and certificates for


def login(ctx: Context, **path: str) -> Reply:
    """Logging in through an identity provider takes a web server in front of Keystone."""
    raise NotEmulated(feature="Federated login")


def saml(ctx: Context, **path: str) -> Reply:
    """Acting as an identity provider takes certificates."""
    raise NotEmulated(feature="SAML")
