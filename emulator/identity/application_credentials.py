"""Application credentials: logins of programs, bound to a user, a project and some roles."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Sequence
from typing import Any

import orjson

from emulator.identity import (
    access_rules,
    assignments,
    authentication,
    delegation,
    listing,
    moments,
    passwords,
    roles,
    tokens,
)
from emulator.identity.errors import (
    Duplicate,
    Invalid,
    Missing,
    NotAuthenticated,
    NotAuthorized,
    NotExpected,
)
from emulator.identity.schemas import BOOLEAN_OR_NULL, ID, NAME, TEXT, TEXT_OR_NULL, URL
from emulator.simulation.clock import iso
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, prop

# Schemas

METHOD = {"type": "string", "enum": ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"]}
RULE = Object(
    prop("id", ID),
    prop("path", {**URL, "pattern": r"^/\.*"}),
    prop("service", ID),
    prop("method", METHOD),
    unknown=True,
)
ROLE = Object(prop("id", ID), prop("name", NAME), minProperties=1, maxProperties=1)
LIST = Query(prop("name", TEXT))
CREATE = Body(
    "application_credential",
    schema=Object(
        prop("id", TEXT),
        prop("secret", TEXT_OR_NULL),
        prop("name", NAME),
        prop("description", TEXT_OR_NULL),
        prop("expires_at", TEXT_OR_NULL),
        prop("project_id", TEXT),
        prop("access_rules", {"type": "array", "items": RULE}),
        prop("unrestricted", BOOLEAN_OR_NULL),
        prop("system", TEXT_OR_NULL),
        prop("roles", {"type": "array", "items": ROLE}),
        unknown=True,
        additionalProperties=False,
        required=["name"],
    ),
)
SHOW = Body(schema=Object(prop("id", TEXT)))  # looked at, though nothing is read from it
INVALID = "Invalid application credential: "

# View


def _view(ctx: Context, row: Any) -> dict[str, Any]:
    held = orjson.loads(row["roles"])
    shown = {
        "id": row["id"],
        "name": row["name"],
        "description": row["description"],
        "user_id": row["user_id"],
        "project_id": row["project_id"],
        "system": row["system"],
        "expires_at": row["expires_at"],
        "unrestricted": None if row["unrestricted"] is None else bool(row["unrestricted"]),
        "roles": [_role(ctx, role) for role in listing.by_ids(ctx, "identity_roles", held)],
        "links": {"self": listing.link(ctx, "application_credentials", row["id"])},
    }
    if row["access_rules"]:
        shown["access_rules"] = orjson.loads(row["access_rules"])
    return shown


def _role(ctx: Context, row: Any) -> dict[str, Any]:
    return {name: value for name, value in roles.view(ctx, row).items() if name != "links"}


# Queries


def _find(ctx: Context, credential_id: str) -> Any:
    row = ctx.db.get("identity_application_credentials", credential_id)
    if row is None:
        raise Missing(kind="Application Credential", id=credential_id)
    return row


def _named(ctx: Context, user_id: str, name: str) -> Any:
    return ctx.db.one(
        "SELECT * FROM identity_application_credentials WHERE user_id = ? AND name = ?",
        (user_id, name),
    )


def _of_user(ctx: Context, user_id: str, name: str | None) -> list[Any]:
    where, values = "user_id = ?", [user_id]
    if name is not None:
        where += " AND name = ?"
        values.append(name)
    return ctx.db.all(
        f"SELECT * FROM identity_application_credentials WHERE {where} ORDER BY rowid", values
    )


# Logging in


def proven(ctx: Context, given: Any) -> Any:
    """Return the credential that a login names and knows the secret of."""
    if given.get("id"):
        row = _find(ctx, given["id"])
    elif given.get("name"):
        if not given.get("user"):
            raise NotExpected(attribute="user", target="application credential")
        user = authentication.named_user(ctx, given["user"])
        row = _named(ctx, user["id"], given["name"])
    else:
        raise NotExpected(attribute="name or ID", target="application credential")
    if row is None:
        raise NotAuthenticated()
    user = ctx.db.get("identity_users", row["user_id"])
    if user is None or not user["enabled"]:
        raise NotAuthenticated()
    if not passwords.matches(str(given.get("secret", "")), row["secret_hash"]):
        raise NotAuthenticated()
    if row["expires_at"] and row["expires_at"] <= ctx.timestamp:
        raise NotAuthenticated()
    return row


def token_expiry(ctx: Context, row: Any) -> str | None:
    """Return when a token of this credential ends, where that is sooner than it would."""
    usual = iso(ctx.now + ctx.settings.token_expiration_seconds)
    ends: str | None = row["expires_at"]
    return ends if ends and ends < usual else None


def delegated(ctx: Context, token: tokens.Token) -> tokens.Token:
    """Return a token with what its credential lets through of the user's roles now."""
    row = _find(ctx, token.row["application_credential_id"])
    if not row["project_id"]:
        return token._replace(application_credential=row)
    held = assignments.effective(ctx, row["user_id"], "project", row["project_id"])
    left = [role_id for role_id in orjson.loads(row["roles"]) if role_id in held]
    found = assignments.roles(ctx, left)
    if not found:
        raise NotAuthenticated()
    return token._replace(roles=found, application_credential=row)


# Operations


def index(ctx: Context, user_id: str, query: Any) -> dict[str, Any]:
    """List the application credentials of a user."""
    delegation.refuse_application_credentials(ctx)
    rows = _of_user(ctx, user_id, listing.first(ctx, "name"))
    return listing.collection(ctx, "application_credentials", [_view(ctx, row) for row in rows])


def create(ctx: Context, user_id: str, body: Any) -> dict[str, Any]:
    """Make an application credential for the caller's project; its secret is shown this once."""
    given = body["application_credential"]
    delegation.refuse_application_credentials(ctx)
    delegation.require_unrestricted(ctx)
    if ctx.user_id != user_id:
        raise NotAuthorized(rule="Cannot create an application credential for another user.")
    secret = given.get("secret") or _new_secret(ctx)
    chosen = _roles(ctx, given)
    rules = access_rules.take(ctx, user_id, given.get("access_rules"))
    row = {
        "id": ctx.ids.hex(),
        "name": given["name"],
        "description": given.get("description"),
        "secret_hash": passwords.hashed(secret, ctx.ids.octets(16)),
        "user_id": user_id,
        "project_id": ctx.credentials.project_id,
        "system": None,
        "expires_at": moments.future(ctx, given.get("expires_at")),
        "unrestricted": given.get("unrestricted"),
        "roles": orjson.dumps(chosen).decode(),
        "access_rules": orjson.dumps(rules).decode() if rules else None,
    }
    try:
        ctx.db.insert("identity_application_credentials", row)
    except sqlite3.IntegrityError:
        details = f"Duplicate entry found with name {given['name']}"
        raise Duplicate(kind="application_credential", details=details) from None
    return {"application_credential": {**_view(ctx, row), "secret": secret}}


def _new_secret(ctx: Context) -> str:
    return base64.urlsafe_b64encode(ctx.ids.octets(64)).rstrip(b"=").decode()


def _roles(ctx: Context, given: Any) -> list[str]:
    """The ids of the roles asked for, with what they imply, or all that the token has."""
    held: Sequence[str] = [role["id"] for role in ctx.credentials.facts["token"].roles]
    if not given.get("roles"):
        return list(held)
    asked = []
    for entry in given["roles"]:
        if "id" in entry:
            asked.append(entry["id"])
            continue
        role = roles.named(ctx, entry["name"])
        if role is None:
            raise Missing(f"Role {entry['name']} is not defined", kind="role")
        asked.append(role["id"])
    chosen = assignments.with_implied(ctx, asked)
    if any(role_id not in held for role_id in chosen):
        raise Invalid(INVALID + "Cannot create an application credential with unassigned role")
    return chosen


def _authorized(ctx: Context, rule: str, credential_id: str) -> Any:
    """Find a credential and ask policy about its owner, whoever the path names."""
    row = ctx.db.get("identity_application_credentials", credential_id)
    ctx.authorize(rule, {"user_id": row["user_id"] if row is not None else ctx.user_id})
    delegation.refuse_application_credentials(ctx)
    return _find(ctx, credential_id)


def show(ctx: Context, user_id: str, application_credential_id: str, body: Any) -> dict[str, Any]:
    """Show an application credential."""
    rule = "identity:get_application_credential"
    return {"application_credential": _view(ctx, _authorized(ctx, rule, application_credential_id))}


def delete(ctx: Context, user_id: str, application_credential_id: str) -> Reply:
    """Delete an application credential; its tokens end."""
    rule = "identity:delete_application_credential"
    row = _authorized(ctx, rule, application_credential_id)
    delegation.require_unrestricted(ctx)
    ctx.db.delete("identity_application_credentials", row["id"])
    return Reply(204)
