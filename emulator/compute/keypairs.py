"""Key pairs: public keys that servers are made with, each user's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.compute import keys, quotas
from emulator.compute.errors import (
    KeypairExists,
    KeypairNotFound,
    MarkerNotFound,
    TooManyKeypairs,
)
from emulator.compute.links import next_links, page_limit
from emulator.compute.schemas import NAME, NON_NEGATIVE, UNKNOWN_UNTIL_274
from emulator.compute.versions import KEYPAIRS_ARE_PAGED
from emulator.store.paging import Page, select_page
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Query, Switch, View, either, field, param, prop

SSH, X509 = "ssh", "x509"

# Schemas


def _name(characters: str) -> dict[str, Any]:
    return {
        "allOf": [
            NAME,
            {
                "type": "string",
                "pattern": f"^[{characters}]+$",
                "minLength": 1,
                "maxLength": 255,
            },
        ]
    }


KEYPAIR_NAME = Switch(
    either(_name(r"_\- a-zA-Z0-9"), until="2.91"),
    either(_name(r"_\-\@\. a-zA-Z0-9"), since="2.92"),
)
CREATE = Body(
    "keypair",
    prop("name", KEYPAIR_NAME, required=True),
    prop("type", {"type": "string", "enum": [SSH, X509]}, since="2.2"),
    prop("public_key", {"type": "string"}, until="2.91"),
    prop("public_key", {"type": "string"}, required=True, since="2.92"),
    prop("user_id", {"type": "string"}, since="2.10"),
)
LIST = Query(
    param("user_id", since="2.10"),
    param("limit", NON_NEGATIVE, since="2.35"),
    param("marker", since="2.35"),
    unknown=UNKNOWN_UNTIL_274,
)
OF_USER = Query(param("user_id", since="2.10"), unknown=UNKNOWN_UNTIL_274)

# View

KEYPAIR_SUMMARY = View(
    field("name"),
    field("public_key"),
    field("fingerprint"),
    field("type", since="2.2"),
)
NEW_KEYPAIR = View(
    field("name"),
    field("public_key"),
    field("fingerprint"),
    field("user_id"),
    field("private_key", until="2.91", when=lambda row, ctx: "private_key" in row),
    field("type", since="2.2"),
)
KEYPAIR = View(
    field("name"),
    field("public_key"),
    field("fingerprint"),
    field("user_id"),
    field("created_at"),
    field("deleted", lambda row, ctx: False),
    field("deleted_at", lambda row, ctx: None),
    field("id"),
    field("updated_at", lambda row, ctx: None),
    field("type", since="2.2"),
)

# Queries


def find(ctx: Context, user_id: str, name: str) -> Any:
    """Return a user's key pair. KeypairNotFound when there is none of this name."""
    sql = "SELECT * FROM compute_keypairs WHERE user_id = ? AND name = ?"
    row = ctx.db.one(sql, (user_id, name))
    if row is None:
        raise KeypairNotFound(name=name, user_id=user_id)
    return row


def add(ctx: Context, user_id: str, name: str, kind: str, public: str, fingerprint: str) -> Any:
    """Keep a key pair; return its row. KeypairExists when the user has one of this name."""
    sql = "SELECT 1 FROM compute_keypairs WHERE user_id = ? AND name = ?"
    if ctx.db.one(sql, (user_id, name)) is not None:
        raise KeypairExists(name=name)
    row = {
        "user_id": user_id,
        "name": name,
        "type": kind,
        "public_key": public,
        "fingerprint": fingerprint,
        "created_at": ctx.timestamp,
    }
    ctx.db.insert("compute_keypairs", row)
    return find(ctx, user_id, name)


def count(ctx: Context, user_id: str) -> int:
    """Return how many key pairs a user has."""
    counted: int = ctx.db.value(
        "SELECT count(*) FROM compute_keypairs WHERE user_id = ?", (user_id,)
    )
    return counted


def select(ctx: Context, user_id: str, limit: int | None, marker: str | None) -> list[Any]:
    """Return one page of a user's key pairs by name. MarkerNotFound when the marker is none."""
    after = None
    if marker is not None:
        sql = "SELECT * FROM compute_keypairs WHERE user_id = ? AND name = ?"
        after = ctx.db.one(sql, (user_id, marker))
        if after is None:
            raise MarkerNotFound(marker=marker)
    page = Page((("name", False),), marker=after, limit=limit)
    return select_page(ctx.db, "*", "compute_keypairs", ["user_id = ?"], [user_id], page)


# Operations


def index(ctx: Context, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """List a user's key pairs."""
    user_id = _user(ctx, "index", query)
    paged = KEYPAIRS_ARE_PAGED in ctx
    limit = page_limit(ctx) if paged else None
    rows = select(ctx, user_id, limit, query.get("marker", [None])[-1])
    shown: dict[str, Any] = {
        "keypairs": [{"keypair": KEYPAIR_SUMMARY.render(row, ctx)} for row in rows]
    }
    following = next_links(ctx, "os-keypairs", rows, "name") if paged else []
    if following:
        shown["keypairs_links"] = following
    return shown


def show(ctx: Context, name: str, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """Show one key pair."""
    row = find(ctx, _user(ctx, "show", query), name)
    return {"keypair": KEYPAIR.render(row, ctx)}


def create(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Keep a public key, or make a pair and show its private half this once."""
    asked = body["keypair"]
    user_id = asked.get("user_id") or ctx.user_id
    ctx.authorize("os_compute_api:os-keypairs:create", {"user_id": user_id})
    allowed = quotas.limits(ctx, ctx.project_id, ctx.user_id)["key_pairs"]
    if 0 <= allowed <= count(ctx, user_id):
        raise TooManyKeypairs()
    name, kind = asked["name"].strip(), asked.get("type", SSH)
    if "public_key" in asked:
        public = asked["public_key"]
        judge = keys.ssh_fingerprint if kind == SSH else keys.x509_fingerprint
        row = add(ctx, user_id, name, kind, public, judge(public))
        return {"keypair": NEW_KEYPAIR.render(row, ctx)}
    made = _generate(ctx, user_id, kind)
    row = add(ctx, user_id, name, kind, made.public, made.fingerprint)
    return {"keypair": NEW_KEYPAIR.render({**dict(row), "private_key": made.private}, ctx)}


def delete(ctx: Context, name: str, query: Mapping[str, list[str]]) -> Reply:
    """Forget a key pair; servers made with it keep it."""
    row = find(ctx, _user(ctx, "delete", query), name)
    ctx.db.delete("compute_keypairs", row["id"])
    assert ctx.operation is not None
    return Reply(ctx.operation.status)


def _user(ctx: Context, verb: str, query: Mapping[str, list[str]]) -> str:
    """Whose key pairs are meant: the caller's, unless the query names a user."""
    user_id = query.get("user_id", [""])[0] or ctx.user_id
    ctx.authorize(f"os_compute_api:os-keypairs:{verb}", {"user_id": user_id})
    return user_id


def _generate(ctx: Context, user_id: str, kind: str) -> keys.Generated:
    seed = ctx.ids.octets(32)
    if kind == SSH:
        return keys.generate_ssh(seed)
    return keys.generate_x509(seed, user_id, ctx.now)
