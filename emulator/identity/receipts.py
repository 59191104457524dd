"""Receipts: what a login showed that its user's rules find too little (Keystone 30.0.0, receipt).

A receipt is not stored: its text holds the user, the methods and the end, sealed with the secret
of the cloud. The next login brings it along and needs only the methods that are missing.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Collection
from hashlib import blake2b
from typing import Any

import orjson

from emulator.identity import settings, tokens
from emulator.identity.errors import ReceiptMissing
from emulator.simulation.clock import iso
from emulator.wire.operation import Reply
from emulator.wire.request import Context

HEADER = "Openstack-Auth-Receipt"
SECONDS = 300  # [receipt] expiration
SEAL = 32  # octets
HEAD = 9  # octets: 0x80 and the end, as in Fernet


# View


def refusal(ctx: Context, user_id: str, methods: list[str], rules: list[list[str]]) -> Reply:
    """Return the answer to a login that needs more methods: 401, with a receipt."""
    user = tokens.person(ctx, user_id)
    domain = ctx.db.get("identity_projects", user["domain_id"])
    end = int(ctx.now) + SECONDS
    body = {
        "receipt": {
            "methods": methods,
            "user": {
                "id": user["id"],
                "name": user["name"],
                "domain": {"id": domain["id"], "name": domain["name"]},
            },
            "expires_at": iso(end)[:19] + ".000000Z",
            "issued_at": ctx.timestamp[:19] + ".000000Z",
        },
        "required_auth_methods": [rule for rule in rules if set(rule) & set(methods)],
    }
    return Reply(401, body, {HEADER: _sealed(ctx, end, [user_id, *methods])})


# Queries


def methods(ctx: Context, user_id: str) -> list[str]:
    """Return the methods of the receipt that came with the login; none when none came."""
    text = ctx.request.headers.get(HEADER)
    if not text:
        return []
    facts = _opened(ctx, text)
    if facts is None or facts[0] != user_id:
        raise ReceiptMissing(receipt_id=text)
    return facts[1:]


def required(rules: Any, known: Collection[str]) -> list[list[str]]:
    """Return a user's rules without methods that Keystone does not have, and without empty ones."""
    lists = [list(dict.fromkeys(rule)) for rule in rules or ()]
    kept = [[name for name in rule if name in known] for rule in lists]
    return [rule for rule in kept if rule]


def _sealed(ctx: Context, end: int, facts: list[str]) -> str:
    head = b"\x80" + end.to_bytes(HEAD - 1, "big")
    octets = _with_seal(ctx, head + orjson.dumps(facts))
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _with_seal(ctx: Context, octets: bytes) -> bytes:
    key = settings.secret(ctx)
    return octets + blake2b(octets, key=key, digest_size=SEAL, person=b"receipt").digest()


def _opened(ctx: Context, text: str) -> list[str] | None:
    """Return what a receipt holds, None unless this cloud made it and its time is not over."""
    try:
        octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    content = octets[:-SEAL]
    if not hmac.compare_digest(_with_seal(ctx, content), octets):
        return None
    if int.from_bytes(content[1:HEAD], "big") <= ctx.now:
        return None
    facts: list[str] = orjson.loads(content[HEAD:])
    return facts
