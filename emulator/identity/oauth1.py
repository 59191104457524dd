"""OAuth1: consumers (programs) that users let act for them, with some of their roles."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import orjson

from emulator.identity import (
    assignments,
    delegation,
    listing,
    projects,
    revocations,
    roles,
    settings,
    tokens,
)
from emulator.identity.application_credentials import ROLE
from emulator.identity.attributes import extra
from emulator.identity.errors import (
    INSIDE,
    Invalid,
    Missing,
    NotAllowed,
    NotAuthenticated,
    NotExpected,
    NothingThere,
)
from emulator.identity.schemas import TEXT_OR_NULL
from emulator.simulation.clock import iso
from emulator.wire.links import service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import UNVERSIONED, Body, Object, prop, schema_at

# Schemas

DESCRIBED = {
    "type": "object",
    "properties": {"description": TEXT_OR_NULL},
    "additionalProperties": True,
}
CHANGED = {
    "type": "object",
    "properties": {"description": TEXT_OR_NULL},
    "not": {"required": ["secret"]},
    "minProperties": 1,
    "additionalProperties": True,
}
ROLES = schema_at({"type": "array", "items": ROLE}, UNVERSIONED)
CONSUMER = Body(schema=Object(prop("consumer", Object(unknown=True)), unknown=True))
AUTHORIZE = Body(schema=Object(unknown=True))
NOT_EXTRA = ("id", "description", "secret", "links")
FORM = "application/x-www-form-urlencoded"

# View


def _consumer(ctx: Context, row: Any) -> dict[str, Any]:
    return {
        **orjson.loads(row["extra"]),
        "id": row["id"],
        "description": row["description"],
        "links": {"self": listing.link(ctx, "OS-OAUTH1", "consumers", row["id"])},
    }


def _access(ctx: Context, row: Any) -> dict[str, Any]:
    user_id = row["authorizing_user_id"]
    where = listing.link(ctx, "users", user_id, "OS-OAUTH1", "access_tokens", row["id"])
    return {
        "id": row["id"],
        "consumer_id": row["consumer_id"],
        "authorizing_user_id": user_id,
        "project_id": row["project_id"],
        "expires_at": row["expires_at"] and row["expires_at"] + "Z",
        "links": {"self": where, "roles": f"{where}/roles"},
    }


def _role(ctx: Context, row: Any) -> dict[str, Any]:
    return {name: value for name, value in roles.view(ctx, row).items() if name != "description"}


# Queries


def _find_consumer(ctx: Context, consumer_id: str) -> Any:
    row = ctx.db.get("identity_consumers", consumer_id)
    if row is None:
        raise NothingThere("Consumer not found")
    return row


def _all_consumers(ctx: Context) -> list[Any]:
    return ctx.db.all("SELECT * FROM identity_consumers ORDER BY id")


def _request_token(ctx: Context, token_id: str) -> Any:
    row = ctx.db.get("identity_request_tokens", token_id)
    if row is None:
        raise NothingThere("Request token not found")
    return row


def _access_token(ctx: Context, token_id: str) -> Any:
    row = ctx.db.get("identity_access_tokens", token_id)
    if row is None:
        raise NothingThere("Access token not found")
    return row


def _access_tokens(ctx: Context, user_id: str) -> list[Any]:
    return ctx.db.all(
        "SELECT * FROM identity_access_tokens WHERE authorizing_user_id = ? ORDER BY rowid",
        (user_id,),
    )


# Consumers


def index(ctx: Context) -> dict[str, Any]:
    """List consumers."""
    return listing.collection(
        ctx, "consumers", [_consumer(ctx, row) for row in _all_consumers(ctx)]
    )


def show(ctx: Context, consumer_id: str) -> dict[str, Any]:
    """Show a consumer."""
    return {"consumer": _consumer(ctx, _find_consumer(ctx, consumer_id))}


def create(ctx: Context, body: Any) -> dict[str, Any]:
    """Make a consumer; its secret is shown this once."""
    given = body.get("consumer", {})
    INSIDE.check_body(DESCRIBED, given)
    row = {
        "id": ctx.ids.hex(),
        "description": given.get("description"),
        "secret": ctx.ids.hex(),
        "extra": extra(given, NOT_EXTRA),
    }
    ctx.db.insert("identity_consumers", row)
    return {"consumer": {**_consumer(ctx, row), "secret": row["secret"]}}


def update(ctx: Context, consumer_id: str, body: Any) -> dict[str, Any]:
    """Change a consumer."""
    given = body.get("consumer", {})
    INSIDE.check_body(CHANGED, given)
    row = _find_consumer(ctx, consumer_id)
    listing.must_match(given, consumer_id)
    changes = {
        "description": given.get("description", row["description"]),
        "extra": extra(given, NOT_EXTRA, row),
    }
    ctx.db.update("identity_consumers", consumer_id, **changes)
    return {"consumer": _consumer(ctx, {"id": consumer_id, **changes})}


def delete(ctx: Context, consumer_id: str) -> Reply:
    """Delete a consumer with all that users gave it."""
    _find_consumer(ctx, consumer_id)
    for table in ("request_tokens", "access_tokens"):
        ctx.db.delete(f"identity_{table}", consumer_id, "consumer_id")
    ctx.db.delete("identity_consumers", consumer_id)
    revocations.add(ctx, consumer_id=consumer_id)
    return Reply(204)


# Signed requests


def _parameters(ctx: Context) -> dict[str, str]:
    """Return what the Authorization header of an OAuth1 request says."""
    kind, _, text = ctx.request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "oauth":
        return {}
    pairs = (part.strip().partition("=") for part in text.split(","))
    return {unquote(name): unquote(value.strip('"')) for name, _, value in pairs if name}


def _needed(given: Mapping[str, str], *names: str) -> None:
    for name in names:
        if not given.get(name):
            raise NotExpected(attribute=name, target="request")


def _check_signature(
    ctx: Context, given: Mapping[str, str], consumer: Any, token_secret: str
) -> None:
    """Raise unless the request is signed by the consumer (RFC 5849, 3.4).

    HMAC-SHA1, HMAC-SHA256 and PLAINTEXT are known.
    """
    key = f"{_escaped(consumer['secret'])}&{_escaped(token_secret)}"
    method = given.get("oauth_signature_method", "")
    if method == "PLAINTEXT":
        expected = key
    elif method in ("HMAC-SHA1", "HMAC-SHA256"):
        kind = hashlib.sha1 if method == "HMAC-SHA1" else hashlib.sha256
        signed = hmac.new(key.encode(), _base_string(ctx, given).encode(), kind)
        expected = base64.b64encode(signed.digest()).decode()
    else:
        raise NotAuthenticated("Invalid signature")
    if not hmac.compare_digest(expected, given.get("oauth_signature", "")):
        raise NotAuthenticated("Invalid signature")


def _escaped(text: str) -> str:
    return quote(text, safe="~")


def _base_string(ctx: Context, given: Mapping[str, str]) -> str:
    """What is signed: the method, the URL without query, and all parameters in order."""
    pairs = parse_qsl(ctx.request.query, keep_blank_values=True)
    pairs += [item for item in given.items() if item[0] not in ("realm", "oauth_signature")]
    escaped = sorted((_escaped(name), _escaped(value)) for name, value in pairs)
    parameters = "&".join(f"{name}={value}" for name, value in escaped)
    url = f"{service_root(ctx)}{ctx.path}"
    return "&".join((ctx.request.method, _escaped(url), _escaped(parameters)))


def _form(row: Mapping[str, Any]) -> Reply:
    text = f"oauth_token={row['id']}&oauth_token_secret={row['secret']}"
    if row["expires_at"]:
        text += f"&oauth_expires_at={row['expires_at']}Z"
    return Reply(201, text.encode(), content_type=FORM)


def request_token(ctx: Context) -> Reply:
    """Give a consumer a token that a user may authorize."""
    given = _parameters(ctx)
    project_id = ctx.request.headers.get("Requested-Project-Id")
    _needed(given, "oauth_consumer_key")
    if not project_id:
        raise NotExpected(attribute="Requested-Project-Id", target="request")
    projects.find(ctx, project_id)
    consumer = _find_consumer(ctx, given["oauth_consumer_key"])
    _check_signature(ctx, given, consumer, "")
    row = {
        "id": ctx.ids.hex(),
        "secret": ctx.ids.hex(),
        "requested_project_id": project_id,
        "consumer_id": consumer["id"],
        "expires_at": _ends(ctx, "request_token_duration"),
    }
    ctx.db.insert("identity_request_tokens", row)
    return _form(row)


def _ends(ctx: Context, setting: str) -> str | None:
    seconds = settings.number(ctx, setting)
    return iso(ctx.now + seconds) if seconds else None


def _is_over(ctx: Context, row: Any) -> bool:
    return bool(row["expires_at"]) and row["expires_at"] < ctx.timestamp


def authorize(ctx: Context, request_token_id: str, body: Any) -> dict[str, Any]:
    """Let a consumer act for the caller, with some of the caller's roles."""
    if delegation.trust_id(ctx) or delegation.is_delegated(ctx):
        raise NotAllowed()
    INSIDE.check_body(ROLES, body.get("roles", []))
    row = _request_token(ctx, request_token_id)
    if _is_over(ctx, row):
        raise NotAuthenticated("Request token is expired")
    chosen = []
    for entry in body.get("roles", []):
        role = roles.named(ctx, entry["name"]) if "name" in entry else roles.find(ctx, entry["id"])
        if role is None:
            raise Missing(f"Role {entry['name']} is not defined", kind="role")
        chosen.append(role["id"])
    held = assignments.effective(ctx, ctx.user_id, "project", row["requested_project_id"])
    if not set(chosen) <= set(held):
        raise NotAuthenticated("authorizing user does not have role required")
    if not chosen:
        raise Invalid("At least one role should be specified")
    verifier = ctx.ids.password(8)
    ctx.db.update(
        "identity_request_tokens",
        request_token_id,
        verifier=verifier,
        authorizing_user_id=ctx.user_id,
        role_ids=orjson.dumps(chosen).decode(),
    )
    return {"token": {"oauth_verifier": verifier}}


def access_token(ctx: Context) -> Reply:
    """Exchange an authorized request token for one that the consumer logs in with."""
    given = _parameters(ctx)
    _needed(given, "oauth_consumer_key", "oauth_token", "oauth_verifier")
    row = _request_token(ctx, given["oauth_token"])
    if _is_over(ctx, row):
        raise NotAuthenticated("Request token is expired")
    consumer = ctx.db.get("identity_consumers", given["oauth_consumer_key"])
    if consumer is None or row["consumer_id"] != consumer["id"]:
        raise NotAuthenticated("Provided consumer key does not match stored consumer key.")
    if row["verifier"] != given["oauth_verifier"]:
        raise NotAuthenticated("Provided verifier does not match stored verifier")
    _check_signature(ctx, given, consumer, row["secret"])
    access = {
        "id": ctx.ids.hex(),
        "secret": ctx.ids.hex(),
        "authorizing_user_id": row["authorizing_user_id"],
        "project_id": row["requested_project_id"],
        "role_ids": row["role_ids"],
        "consumer_id": consumer["id"],
        "expires_at": _ends(ctx, "access_token_duration"),
    }
    ctx.db.insert("identity_access_tokens", access)
    ctx.db.delete("identity_request_tokens", row["id"])
    return _form(access)


# Logging in


def proven(ctx: Context) -> Any:
    """Return the access token that a login is signed with."""
    given = _parameters(ctx)
    _needed(given, "oauth_token")
    row = _access_token(ctx, given["oauth_token"])
    consumer = ctx.db.get("identity_consumers", row["consumer_id"])
    if consumer is None or consumer["id"] != given.get("oauth_consumer_key") or _is_over(ctx, row):
        raise NotAuthenticated()
    _check_signature(ctx, given, consumer, row["secret"])
    return row


def delegated(ctx: Context, token: tokens.Token) -> tokens.Token:
    """Return a token with what its access token lets through of the user's roles now."""
    access = _access_token(ctx, token.row["access_token_id"])
    user_id, project_id = access["authorizing_user_id"], access["project_id"]
    held = assignments.effective(ctx, user_id, "project", project_id)
    asked = assignments.with_implied(ctx, orjson.loads(access["role_ids"]))
    found = assignments.roles(ctx, [role_id for role_id in asked if role_id in held])
    if not found:
        raise NotAuthenticated()
    return token._replace(roles=found, access_token=access)


# What a user has authorized


def _refuse_delegated(ctx: Context) -> None:
    if delegation.trust_id(ctx) or delegation.is_delegated(ctx):
        raise NotAllowed()


def access_index(ctx: Context, user_id: str) -> dict[str, Any]:
    """List what a user has authorized."""
    _refuse_delegated(ctx)
    shown = [_access(ctx, row) for row in _access_tokens(ctx, user_id)]
    return listing.collection(ctx, "access_tokens", shown)


def _own(ctx: Context, user_id: str, access_token_id: str) -> Any:
    row = _access_token(ctx, access_token_id)
    if row["authorizing_user_id"] != user_id:
        raise NothingThere("Access token not found")
    return row


def access_show(ctx: Context, user_id: str, access_token_id: str) -> dict[str, Any]:
    """Show one authorization."""
    _refuse_delegated(ctx)
    return {"access_token": _access(ctx, _own(ctx, user_id, access_token_id))}


def access_delete(ctx: Context, user_id: str, access_token_id: str) -> Reply:
    """Take an authorization back; its tokens end."""
    ctx.authorize("identity:ec2_delete_credential", {"target.credential.user_id": user_id})
    _refuse_delegated(ctx)
    row = _own(ctx, user_id, access_token_id)
    ctx.db.delete("identity_access_tokens", row["id"])
    revocations.add(ctx, access_token_id=row["id"], consumer_id=row["consumer_id"])
    return Reply(204)


def access_roles(ctx: Context, user_id: str, access_token_id: str) -> dict[str, Any]:
    """List the roles of an authorization."""
    held = orjson.loads(_own(ctx, user_id, access_token_id)["role_ids"])
    rows = listing.by_ids(ctx, "identity_roles", held)
    return listing.collection(ctx, "roles", [_role(ctx, row) for row in rows])


def access_role(ctx: Context, user_id: str, access_token_id: str, role_id: str) -> dict[str, Any]:
    """Show one role of an authorization."""
    if role_id not in orjson.loads(_own(ctx, user_id, access_token_id)["role_ids"]):
        raise Missing(kind="role", id=role_id)
    return {"role": _role(ctx, roles.find(ctx, role_id))}
