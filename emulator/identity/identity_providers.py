"""Federation: identity providers and the protocols they speak, as records.

Nobody can log in through them: that takes a web server in front of Keystone.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import orjson

from emulator.identity import domains, listing, projects
from emulator.identity.attributes import is_true
from emulator.identity.errors import Duplicate, Invalid, Missing, NothingThere
from emulator.identity.schemas import ID_OR_NULL, SWITCH, TEXT, TEXT_OR_NULL
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, prop

# Schemas

SHORT = {"type": "string", "minLength": 1, "maxLength": 64}
REMOTE_ID = {"type": "string", "maxLength": 64}
REMOTE_IDS = {"type": ["array", "null"], "items": REMOTE_ID, "uniqueItems": True}
TTL = {"type": ["integer", "null"], "minimum": 0}
LIST = Query(prop("id", TEXT), prop("enabled", SWITCH))
PARTS = (
    prop("enabled", SWITCH),
    prop("description", TEXT_OR_NULL),
    prop("authorization_ttl", TTL),
    prop("remote_ids", REMOTE_IDS),
)
CREATE = Body("identity_provider", *PARTS, prop("domain_id", ID_OR_NULL), required=False)
UPDATE = Body("identity_provider", schema=Object(*PARTS, minProperties=1), unknown_beside=True)
CREATE_PROTOCOL = Body(
    "protocol",
    prop("mapping_id", SHORT, required=True),
    prop("remote_id_attribute", {**REMOTE_ID, "type": ["string", "null"]}),
)
UPDATE_PROTOCOL = Body(
    "protocol",
    prop("mapping_id", SHORT, required=True),
    prop("remote_id_attribute", REMOTE_ID),
)

# View


def _where(ctx: Context, idp_id: str) -> str:
    return listing.link(ctx, "OS-FEDERATION", "identity_providers", idp_id)


def _view(ctx: Context, row: Any) -> dict[str, Any]:
    return {
        "id": row["id"],
        "domain_id": row["domain_id"],
        "enabled": bool(row["enabled"]),
        "description": row["description"],
        "authorization_ttl": row["authorization_ttl"],
        "remote_ids": orjson.loads(row["remote_ids"]),
        "links": {"self": _where(ctx, row["id"])},
    }


def _listed(ctx: Context, row: Any) -> dict[str, Any]:
    """Return a provider as lists show it."""
    shown = _view(ctx, row)
    shown["links"]["protocols"] = f"{_where(ctx, row['id'])}/protocols"
    return shown


def _protocol(ctx: Context, row: Any) -> dict[str, Any]:
    """Return a protocol; its links lead nowhere, as Keystone's do (30.0.0, seen on the wire)."""
    links = {
        "self": listing.link(ctx, "protocols", row["id"]),
        "identity_provider": listing.link(ctx, row["idp_id"]),
    }
    return {"id": row["id"], "mapping_id": row["mapping_id"], "links": links}


def _listed_protocol(ctx: Context, row: Any) -> dict[str, Any]:
    """Return a protocol as lists show it."""
    more = {"idp_id": row["idp_id"], "remote_id_attribute": row["remote_id_attribute"]}
    return {**_protocol(ctx, row), **more}


# Queries


def find(ctx: Context, idp_id: str) -> Any:
    """Return an identity provider. Missing when there is none."""
    row = ctx.db.get("identity_providers", idp_id)
    if row is None:
        raise Missing(kind="Identity Provider", id=idp_id)
    return row


def _with_remote_id(ctx: Context, remote_ids: list[str], idp_id: str) -> str | None:
    """One of these remote ids that another provider has."""
    marks = ", ".join("?" * len(remote_ids))
    row = ctx.db.one(
        "SELECT j.value AS remote_id FROM identity_providers p, json_each(p.remote_ids) j"
        f" WHERE p.id != ? AND j.value IN ({marks})",
        (idp_id, *remote_ids),
    )
    return None if row is None else row["remote_id"]


def _protocols(ctx: Context, idp_id: str) -> list[Any]:
    return ctx.db.all("SELECT * FROM identity_protocols WHERE idp_id = ? ORDER BY id", (idp_id,))


def _find_protocol(ctx: Context, idp_id: str, protocol_id: str) -> Any:
    row = ctx.db.one(
        "SELECT * FROM identity_protocols WHERE idp_id = ? AND id = ?", (idp_id, protocol_id)
    )
    if row is None:
        raise NothingThere(
            f"Could not find federated protocol {protocol_id} for Identity Provider: {idp_id}."
        )
    return row


def _store_protocol(ctx: Context, row: dict[str, Any]) -> None:
    ctx.db.execute(
        "UPDATE identity_protocols SET mapping_id = ?, remote_id_attribute = ?"
        " WHERE idp_id = ? AND id = ?",
        (row["mapping_id"], row["remote_id_attribute"], row["idp_id"], row["id"]),
    )


def _drop_protocol(ctx: Context, idp_id: str, protocol_id: str) -> None:
    for table, column in (("protocols", "id"), ("federated_users", "protocol_id")):
        ctx.db.execute(
            f"DELETE FROM identity_{table} WHERE idp_id = ? AND {column} = ?", (idp_id, protocol_id)
        )


# Operations on providers


def index(ctx: Context, query: Any) -> dict[str, Any]:
    """List identity providers."""
    where, values = listing.conditions(ctx, ("id",), ("enabled",))
    rows, _ = listing.page(ctx, "identity_providers", where, values, paged=False)
    return listing.collection(ctx, "identity_providers", [_listed(ctx, row) for row in rows])


def show(ctx: Context, idp_id: str) -> dict[str, Any]:
    """Show an identity provider."""
    return {"identity_provider": _view(ctx, find(ctx, idp_id))}


def create(ctx: Context, idp_id: str, body: Any) -> dict[str, Any]:
    """Make an identity provider; it gets a domain of its own unless one is named."""
    given = body.get("identity_provider", {})
    if ctx.db.get("identity_providers", idp_id) is not None:
        raise Duplicate(kind="identity_provider", details="Duplicate entry: None")
    row = {
        "id": idp_id,
        "domain_id": given.get("domain_id"),
        "enabled": int(is_true(given.get("enabled", False))),
        "description": given.get("description"),
        "authorization_ttl": given.get("authorization_ttl"),
        "remote_ids": _remote_ids(ctx, idp_id, given),
    }
    if row["domain_id"]:
        projects.domain(ctx, row["domain_id"])
    else:
        row["domain_id"] = _own_domain(ctx, idp_id)
    ctx.db.insert("identity_providers", row)
    return {"identity_provider": _view(ctx, row)}


def _own_domain(ctx: Context, idp_id: str) -> str:
    name = ctx.ids.hex()
    description = f"Auto generated federated domain for Identity Provider: {idp_id}"
    made = domains.create(ctx, {"domain": {"name": name, "description": description}})
    domain_id: str = made["domain"]["id"]
    return domain_id


def _remote_ids(ctx: Context, idp_id: str, given: Any) -> str:
    remote_ids = given.get("remote_ids") or []
    taken = _with_remote_id(ctx, remote_ids, idp_id) if remote_ids else None
    if taken is not None:
        raise Duplicate(kind="identity_provider", details="Duplicate remote ID: None")
    return orjson.dumps(remote_ids).decode()


def update(ctx: Context, idp_id: str, body: Any) -> dict[str, Any]:
    """Change an identity provider."""
    row, given = find(ctx, idp_id), body["identity_provider"]
    changes = {
        "enabled": int(is_true(given.get("enabled", row["enabled"]))),
        "description": given.get("description", row["description"]),
        "authorization_ttl": given.get("authorization_ttl", row["authorization_ttl"]),
        "remote_ids": _remote_ids(ctx, idp_id, given)
        if "remote_ids" in given
        else row["remote_ids"],
    }
    ctx.db.update("identity_providers", idp_id, **changes)
    return {"identity_provider": _view(ctx, {**dict(row), **changes})}


def delete(ctx: Context, idp_id: str) -> Reply:
    """Delete an identity provider with its protocols."""
    find(ctx, idp_id)
    for table in ("protocols", "federated_users"):
        ctx.db.delete(f"identity_{table}", idp_id, "idp_id")
    ctx.db.delete("identity_providers", idp_id)
    return Reply(204)


# Operations on protocols


def protocols(ctx: Context, idp_id: str) -> dict[str, Any]:
    """List the protocols of an identity provider."""
    find(ctx, idp_id)
    shown = [_listed_protocol(ctx, row) for row in _protocols(ctx, idp_id)]
    return listing.collection(ctx, "protocols", shown)


def show_protocol(ctx: Context, idp_id: str, protocol_id: str) -> dict[str, Any]:
    """Show a protocol."""
    return {"protocol": _protocol(ctx, _find_protocol(ctx, idp_id, protocol_id))}


def create_protocol(ctx: Context, idp_id: str, protocol_id: str, body: Any) -> dict[str, Any]:
    """Let an identity provider speak a protocol."""
    given = body["protocol"]
    _check_mapping(ctx, given["mapping_id"])
    find(ctx, idp_id)
    row = {
        "id": protocol_id,
        "idp_id": idp_id,
        "mapping_id": given["mapping_id"],
        "remote_id_attribute": given.get("remote_id_attribute"),
    }
    try:
        ctx.db.insert("identity_protocols", row)
    except sqlite3.IntegrityError:
        details = f"Duplicate entry found with ID {protocol_id}"
        raise Duplicate(kind="federation_protocol", details=details) from None
    return {"protocol": _protocol(ctx, row)}


def _check_mapping(ctx: Context, mapping_id: str) -> None:
    if ctx.db.get("identity_mappings", mapping_id) is None:
        raise Invalid(f"Invalid mapping id: {mapping_id}")


def update_protocol(ctx: Context, idp_id: str, protocol_id: str, body: Any) -> dict[str, Any]:
    """Change a protocol."""
    row, given = _find_protocol(ctx, idp_id, protocol_id), body["protocol"]
    _check_mapping(ctx, given["mapping_id"])
    changed = {
        **dict(row),
        "mapping_id": given["mapping_id"],
        "remote_id_attribute": given.get("remote_id_attribute", row["remote_id_attribute"]),
    }
    _store_protocol(ctx, changed)
    return {"protocol": _protocol(ctx, changed)}


def delete_protocol(ctx: Context, idp_id: str, protocol_id: str) -> Reply:
    """Let an identity provider no longer speak a protocol."""
    _find_protocol(ctx, idp_id, protocol_id)
    _drop_protocol(ctx, idp_id, protocol_id)
    return Reply(204)
