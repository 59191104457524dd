"""Credentials of other kinds: EC2 keys, TOTP secrets, whatever a blob holds."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from typing import Any

import orjson

from emulator.identity import delegation, listing
from emulator.identity.attributes import extra
from emulator.identity.errors import Duplicate, Invalid, Missing, NotExpected
from emulator.identity.schemas import TEXT, TEXT_OR_NULL
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, prop

# Schemas

LIST = Query(prop("user_id", TEXT), prop("type", TEXT))
CREDENTIAL = Object(
    prop("id", TEXT),
    prop("blob", TEXT, required=True),
    prop("project_id", TEXT_OR_NULL),
    prop("type", TEXT, required=True),
    prop("user_id", TEXT, required=True),
    unknown=True,
    **{
        "if": {"properties": {"type": {"const": "ec2"}}},
        "then": {"required": ["blob", "type", "user_id", "project_id"]},
    },
)
CREATE = Body("credential", schema=CREDENTIAL, unknown_beside=True)
BLOB = Object(prop("blob", TEXT), unknown=True, additionalProperties=False, required=["blob"])
UPDATE = Body("credential", schema=BLOB, unknown_beside=True)
NOT_EXTRA = ("id", "user_id", "project_id", "type", "blob", "links")
NOT_WITH_DELEGATED = "Delegated tokens cannot access credentials directly"
BOUND = ("trust_id", "app_cred_id", "access_token_id", "access_id")

# View


def _view(ctx: Context, row: Any) -> dict[str, Any]:
    return {
        **orjson.loads(row["extra"]),
        "id": row["id"],
        "user_id": row["user_id"],
        "project_id": row["project_id"],
        "type": row["type"],
        "blob": row["blob"],
        "links": {"self": listing.link(ctx, "credentials", row["id"])},
    }


def target(row: Any) -> Mapping[str, Any]:
    """Return what policy rules compare with."""
    return {"target.credential.user_id": row["user_id"]}


# Queries


def find(ctx: Context, credential_id: str) -> Any:
    """Return a credential. Missing when there is none."""
    row = ctx.db.get("identity_credentials", credential_id)
    if row is None:
        raise Missing(kind="credential", id=credential_id)
    return row


def store(ctx: Context, row: Mapping[str, Any]) -> None:
    """Keep a new credential."""
    try:
        ctx.db.insert("identity_credentials", row)
    except sqlite3.IntegrityError:
        details = f"Duplicate entry found with ID {row['id']}"
        raise Duplicate(kind="credential", details=details) from None


# Operations


def index(ctx: Context, query: Any) -> dict[str, Any]:
    """List the credentials that the caller may see."""
    own = {} if ctx.credentials.system else {"target.credential.user_id": ctx.user_id}
    ctx.authorize("identity:list_credentials", own)
    where, values = listing.conditions(ctx, ("user_id", "type"))
    rows, _ = listing.page(ctx, "identity_credentials", where, values, paged=False)
    hidden = delegation.trust_id(ctx) is not None or delegation.is_delegated(ctx)
    shown = [
        _view(ctx, row)
        for row in rows
        if not hidden and ctx.can("identity:get_credential", target(row))
    ]
    return listing.collection(ctx, "credentials", shown)


def access_id(access: str) -> str:
    """Return the id of the credential of an EC2 access key."""
    return hashlib.sha256(access.encode()).hexdigest()


def _ec2_blob(given: Any) -> dict[str, Any]:
    """What the blob of an EC2 credential says. Raises when it is none."""
    try:
        blob = orjson.loads(given["blob"])
    except orjson.JSONDecodeError:
        raise Invalid("Invalid blob in credential") from None
    if not blob or not isinstance(blob, dict):
        raise NotExpected(attribute="blob", target="credential")
    if blob.get("access") is None:
        raise NotExpected(attribute="access", target="credential")
    return blob


def create(ctx: Context, body: Any) -> dict[str, Any]:
    """Keep a credential."""
    given = body["credential"]
    ctx.authorize("identity:create_credential", target(given))
    delegation.refuse(ctx, NOT_WITH_DELEGATED)
    is_ec2 = given["type"].lower() == "ec2"
    row = {
        "id": access_id(str(_ec2_blob(given)["access"])) if is_ec2 else ctx.ids.hex(),
        "user_id": given["user_id"],
        "project_id": given.get("project_id"),
        "type": given["type"],
        "blob": given["blob"],
        "extra": extra(given, NOT_EXTRA),
    }
    store(ctx, row)
    return {"credential": _view(ctx, row)}


def show(ctx: Context, credential: Any) -> dict[str, Any]:
    """Show a credential."""
    delegation.refuse(ctx, NOT_WITH_DELEGATED)
    return {"credential": _view(ctx, credential)}


def update(ctx: Context, credential: Any, body: Any) -> dict[str, Any]:
    """Change the blob of a credential."""
    delegation.refuse(ctx, NOT_WITH_DELEGATED)
    given = body["credential"]
    if credential["type"].lower() == "ec2":
        new, old = _ec2_blob(given), orjson.loads(credential["blob"])
        for name in BOUND:
            if old.get(name) != new.get(name):
                raise Invalid(f"{name} can not be updated for credential")
    ctx.db.update("identity_credentials", credential["id"], blob=given["blob"])
    return {"credential": _view(ctx, {**dict(credential), "blob": given["blob"]})}


def delete(ctx: Context, credential: Any) -> Reply:
    """Delete a credential."""
    delegation.refuse(ctx, NOT_WITH_DELEGATED)
    ctx.db.delete("identity_credentials", credential["id"])
    return Reply(204)
