"""What a user is called by the identity providers that vouch for them."""

from __future__ import annotations

from typing import Any

from emulator.identity import listing
from emulator.identity.errors import Invalid
from emulator.identity.schemas import TEXT
from emulator.wire.request import Context
from emulator.wire.versioned import Object, prop

# Schemas

PROTOCOL = Object(
    prop("protocol_id", TEXT, required=True), prop("unique_id", TEXT, required=True), unknown=True
)
PROVIDER = Object(
    prop("idp_id", TEXT, required=True),
    prop("protocols", {"type": "array", "items": PROTOCOL, "minItems": 1}, required=True),
    unknown=True,
)
SCHEMA = {"type": "array", "items": PROVIDER}

# View


def shown(ctx: Context, user_id: str) -> list[dict[str, Any]]:
    """Return the providers and names of a user."""
    by_provider: dict[str, list[dict[str, Any]]] = {}
    for row in _of(ctx, user_id):
        name = {"protocol_id": row["protocol_id"], "unique_id": row["unique_id"]}
        by_provider.setdefault(row["idp_id"], []).append(name)
    return [{"idp_id": idp_id, "protocols": names} for idp_id, names in by_provider.items()]


# Queries


def _of(ctx: Context, user_id: str) -> list[Any]:
    return ctx.db.all("SELECT * FROM identity_federated_users WHERE user_id = ?", (user_id,))


def conditions(ctx: Context) -> tuple[list[str], list[Any]]:
    """Return the SQL for the filters of a list of users."""
    asked = [name for name in ("idp_id", "protocol_id", "unique_id") if name in ctx.query]
    if not asked:
        return [], []
    matching = " AND ".join(f"{name} = ?" for name in asked)
    where = f"id IN (SELECT user_id FROM identity_federated_users WHERE {matching})"
    return [where], [listing.first(ctx, name) for name in asked]


def _has_protocol(ctx: Context, idp_id: str, protocol_id: str) -> bool:
    return bool(
        ctx.db.one(
            "SELECT 1 FROM identity_protocols WHERE idp_id = ? AND id = ?", (idp_id, protocol_id)
        )
    )


def put(ctx: Context, user: Any, federated: Any) -> None:
    """Give a user these names in place of the others; nothing changes when none are given."""
    if not federated:
        return
    ctx.db.delete("identity_federated_users", user["id"], "user_id")
    for provider in federated:
        for protocol in provider["protocols"]:
            row = {
                "user_id": user["id"],
                "idp_id": provider["idp_id"],
                "protocol_id": protocol["protocol_id"],
                "unique_id": protocol["unique_id"],
                "display_name": user["name"],
            }
            ctx.db.insert("identity_federated_users", row)


# Operations


def check(ctx: Context, federated: Any) -> None:
    """Raise unless the providers and protocols are there."""
    for provider in federated or ():
        idp_id = provider["idp_id"]
        if ctx.db.get("identity_providers", idp_id) is None:
            raise Invalid(f"Could not find Identity Provider: {idp_id}")
        for protocol in provider["protocols"]:
            if not _has_protocol(ctx, idp_id, protocol["protocol_id"]):
                raise Invalid(
                    f"Could not find federated protocol {protocol['protocol_id']} for Identity"
                    f" Provider: {idp_id}."
                )
