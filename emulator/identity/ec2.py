"""EC2 keys of users, and the exchange of requests signed with them for tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from emulator.identity import credentials, delegation, listing, moments, projects, tokens, users
from emulator.identity.credentials import NOT_WITH_DELEGATED
from emulator.identity.errors import (
    Invalid,
    Missing,
    NotAuthenticated,
    NothingThere,
)
from emulator.simulation.clock import iso
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object

# Schemas

ANY = Body(schema=Object(unknown=True))
TTL_SECONDS = 900  # [credential]auth_ttl, 15 minutes
S3_SERVICES = ("s3", "iam", "sts")

# View


def _view(ctx: Context, row: Any) -> dict[str, Any]:
    blob = orjson.loads(row["blob"])
    where = listing.link(ctx, "users", row["user_id"], "credentials", "OS-EC2", blob["access"])
    return {
        "user_id": row["user_id"],
        "tenant_id": row["project_id"],
        "access": blob.get("access"),
        "secret": blob.get("secret"),
        "trust_id": blob.get("trust_id"),
        "links": {"self": where},
    }


# Queries


def _of_user(ctx: Context, user_id: str) -> list[Any]:
    return ctx.db.all(
        "SELECT * FROM identity_credentials WHERE user_id = ? AND type = 'ec2' ORDER BY rowid",
        (user_id,),
    )


def _key(ctx: Context, access: str) -> Any:
    row = ctx.db.get("identity_credentials", credentials.access_id(access))
    return row if row is not None and row["type"] == "ec2" else None


# Operations


def index(ctx: Context, user_id: str) -> dict[str, Any]:
    """List the EC2 keys of a user."""
    delegation.refuse(ctx, NOT_WITH_DELEGATED)
    users.find(ctx, user_id)
    shown = [_view(ctx, row) for row in _of_user(ctx, user_id)]
    return listing.collection(ctx, "credentials", shown)


def create(ctx: Context, user_id: str, body: Any) -> dict[str, Any]:
    """Make an EC2 key of a user for a project."""
    ctx.authorize("identity:ec2_create_credential", {"target.credential.user_id": user_id})
    users.find(ctx, user_id)
    project_id = body.get("tenant_id")
    projects.find(ctx, project_id)
    delegation.refuse(ctx, NOT_WITH_DELEGATED)
    blob = {"access": ctx.ids.hex(), "secret": ctx.ids.hex(), "trust_id": None}
    row = {
        "id": credentials.access_id(str(blob["access"])),
        "user_id": user_id,
        "project_id": project_id,
        "type": "ec2",
        "blob": orjson.dumps(blob).decode(),
        "extra": "{}",
    }
    credentials.store(ctx, row)
    return {"credential": _view(ctx, row)}


def _authorized(ctx: Context, rule: str, user_id: str, access: str) -> Any:
    row = ctx.db.get("identity_credentials", credentials.access_id(access))
    if row is None:
        raise Missing(kind="credential", id=credentials.access_id(access))
    ctx.authorize(rule, credentials.target(row))
    users.find(ctx, user_id)
    if row["type"] != "ec2":
        raise NotAuthenticated("EC2 access key not found.")
    delegation.refuse(ctx, NOT_WITH_DELEGATED)
    return row


def show(ctx: Context, user_id: str, credential_id: str) -> dict[str, Any]:
    """Show an EC2 key."""
    row = _authorized(ctx, "identity:ec2_get_credential", user_id, credential_id)
    return {"credential": _view(ctx, row)}


def delete(ctx: Context, user_id: str, credential_id: str) -> Reply:
    """Delete an EC2 key."""
    row = _authorized(ctx, "identity:ec2_delete_credential", user_id, credential_id)
    ctx.db.delete("identity_credentials", row["id"])
    return Reply(204)


# Signed requests


def ec2_token(ctx: Context, body: Any) -> Reply:
    """Exchange a signed EC2 request for a token (POST /v3/ec2tokens)."""
    token = _exchange(ctx, body, _check_ec2)
    return Reply(200, {"token": tokens.view(ctx, token)}, {"X-Subject-Token": token.row["id"]})


def s3_token(ctx: Context, body: Any) -> Reply:
    """Exchange a signed S3 request for what its token would be (POST /v3/s3tokens)."""
    return Reply(200, {"token": tokens.view(ctx, _exchange(ctx, body, _check_s3))})


def _exchange(ctx: Context, body: Any, check: Any) -> tokens.Token:
    if not body:
        raise Invalid("request must include a request body")
    names = ("credentials", "credential", "ec2Credentials")
    given: Any = next((body[name] for name in names if body.get(name)), {})
    if not isinstance(given, dict) or "access" not in given:
        raise NotAuthenticated()
    row = _key(ctx, str(given["access"]))
    if row is None:
        raise NothingThere("EC2 access key not found.")
    check(orjson.loads(row["blob"])["secret"], given)
    project, user = projects.find(ctx, row["project_id"]), users.find(ctx, row["user_id"])
    if not project["enabled"] or not user["enabled"]:
        raise NotAuthenticated()
    _check_time(ctx, given)
    return tokens.issue(ctx, user["id"], ["ec2credential"], project_id=project["id"])


def _check_time(ctx: Context, given: Any) -> None:
    parameters, headers = given.get("params") or {}, given.get("headers") or {}
    text = parameters.get("Timestamp") or headers.get("X-Amz-Date") or parameters.get("X-Amz-Date")
    if not text:
        return
    try:
        signed_at = moments.parsed(str(text))
    except Invalid:
        raise NotAuthenticated() from None
    if signed_at < iso(ctx.now - TTL_SECONDS):
        raise NotAuthenticated()


def _check_ec2(secret: str, given: Any) -> None:
    """Check an EC2 signature; a host with a port may have been signed without it."""
    signature = str(given.get("signature") or "")
    if signature:
        host = str(given.get("host", ""))
        hosts = [host]
        if ":" in host:
            hosts.append(urlsplit(f"//{host}").hostname or "")
        for each in hosts:
            expected = _ec2_signature(secret, {**given, "host": each})
            if expected is not None and hmac.compare_digest(expected, signature):
                return
    raise NotAuthenticated()


def _ec2_signature(secret: str, given: Any) -> str | None:
    """Return the signature that a request must have (AWS signature versions 0, 1, 2 and 4)."""
    parameters = {str(name): str(value) for name, value in (given.get("params") or {}).items()}
    version, key = parameters.get("SignatureVersion"), secret.encode()
    if version == "0":
        text = parameters.get("Action", "") + parameters.get("Timestamp", "")
        return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha1).digest()).decode()
    if version == "1":
        text = "".join(name + parameters[name] for name in sorted(parameters, key=str.lower))
        return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha1).digest()).decode()
    if version == "2":
        pairs = [
            f"{quote(name, safe='')}={quote(parameters[name], safe='-_~')}"
            for name in sorted(parameters)
        ]
        head = f"{given.get('verb')}\n{given['host']}\n{given.get('path')}\n"
        kind = hashlib.sha256 if parameters.get("SignatureMethod") == "HmacSHA256" else hashlib.sha1
        signed = hmac.new(key, (head + "&".join(pairs)).encode(), kind)
        return base64.b64encode(signed.digest()).decode()
    return _aws4_signature(secret, given, parameters)


def _aws4_signature(secret: str, given: Any, parameters: dict[str, str]) -> str | None:
    """Return the signature of version 4, whose parts are in the query or the headers."""
    headers = {
        str(name).lower(): str(value) for name, value in (given.get("headers") or {}).items()
    }
    authorization = headers.get("authorization", "")
    parts = dict(
        part.strip().partition("=")[::2] for part in authorization.partition(" ")[2].split(",")
    )
    scope = (parameters.get("X-Amz-Credential") or parts.get("Credential", "")).partition("/")[2]
    signed_names = parameters.get("X-Amz-SignedHeaders") or parts.get("SignedHeaders", "")
    if scope.count("/") != 3:
        return None
    pairs = [
        f"{quote(name, safe='~')}={quote(parameters[name], safe='~')}"
        for name in sorted(parameters)
        if name != "X-Amz-Signature"
    ]
    lines = [f"{name}:{headers.get(name, '').strip()}" for name in signed_names.split(";")]
    canonical = "\n".join(
        [
            str(given.get("verb")),
            str(given.get("path")),
            "&".join(pairs),
            *lines,
            "",
            signed_names,
            str(given.get("body_hash")),
        ]
    )
    date = parameters.get("X-Amz-Date") or headers.get("x-amz-date", "")
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashed}"
    return hmac.new(_aws4_key(secret, scope), text.encode(), hashlib.sha256).hexdigest()


def _aws4_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _check_s3(secret: str, given: Any) -> None:
    """Check the signature of an S3 request, given with the text that was signed."""
    try:
        text = base64.urlsafe_b64decode(str(given.get("token", "")))
    except ValueError:
        raise NotAuthenticated() from None
    if text[:4] != b"AWS4":
        digest = hmac.new(secret.encode(), text, hashlib.sha1).digest()
        expected = base64.b64encode(digest).decode()
    else:
        lines = text.decode(errors="replace").split("\n")
        scope = lines[2].split("/") if len(lines) == 4 else []
        if len(scope) != 4 or scope[3] != "aws4_request" or scope[2] not in S3_SERVICES:
            raise NotAuthenticated()
        key = _aws4_key(secret, lines[2])
        expected = hmac.new(key, text, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, str(given.get("signature", ""))):
        raise NotAuthenticated()
