"""Revocation events: what ended tokens before their time."""

from __future__ import annotations

from typing import Any

from emulator.identity.errors import Invalid, is_time
from emulator.simulation.clock import iso, moment
from emulator.wire.links import service_root
from emulator.wire.request import Context

COLUMNS = (
    "user_id",
    "project_id",
    "domain_id",
    "role_id",
    "trust_id",
    "consumer_id",
    "access_token_id",
    "audit_id",
    "audit_chain_id",
)
WIRE_NAMES = {
    "trust_id": "OS-TRUST:trust_id",
    "consumer_id": "OS-OAUTH1:consumer_id",
    "access_token_id": "OS-OAUTH1:access_token_id",
}
KEPT_SECONDS = 1800  # [revoke]expiration_buffer, on top of the life of a token

# View


def _view(row: Any) -> dict[str, Any]:
    shown = {WIRE_NAMES.get(name, name): row[name] for name in COLUMNS if row[name] is not None}
    for name in ("issued_before", "revoked_at"):
        shown[name] = row[name][:26] + "Z"
    if row["expires_at"] is not None:
        shown["expires_at"] = row["expires_at"][:26] + "Z"
    return shown


# Queries


def newest(ctx: Context) -> int:
    """Return the number of the latest event: a token is touched by later ones only."""
    return ctx.db.value("SELECT max(seq) FROM identity_revocations") or 0


def add(ctx: Context, **criteria: str | None) -> None:
    """End every token made so far that the criteria fit."""
    ctx.db.insert(
        "identity_revocations",
        {"issued_before": ctx.timestamp, "revoked_at": ctx.timestamp, **criteria},
    )
    limit = iso(ctx.now - ctx.settings.token_expiration_seconds - KEPT_SECONDS)
    ctx.db.execute("DELETE FROM identity_revocations WHERE revoked_at < ?", (limit,))


def covers(ctx: Context, token: Any) -> bool:
    """Say whether an event since the token was made fits it (Keystone 30.0.0, revoke_model)."""
    events = ctx.db.all(
        "SELECT * FROM identity_revocations WHERE seq > ?", (token.row["revocations_before"],)
    )
    return any(_fits(event, token) for event in events)


def _fits(event: Any, token: Any) -> bool:
    row, trust = token.row, token.trust
    people = {row["user_id"]}
    if trust is not None:
        people |= {trust["trustor_user_id"], trust["trustee_user_id"]}
    domains = {token.user["domain_id"]}
    if token.domain is not None:
        domains.add(token.domain["id"])
    if token.project is not None:
        domains.add(token.project["domain_id"])
    access = token.access_token
    held: dict[str, set[Any]] = {
        "user_id": people,
        "project_id": {row["project_id"]},
        "domain_id": domains,
        "role_id": {role["id"] for role in token.roles},
        "trust_id": {row["trust_id"]},
        "consumer_id": {access["consumer_id"] if access is not None else None},
        "access_token_id": {row["access_token_id"]},
        "audit_id": {row["audit_id"]},
        "audit_chain_id": {row["parent_audit_id"]},
    }
    return all(event[name] is None or event[name] in held[name] for name in COLUMNS)


def _since(ctx: Context, since: str | None) -> list[Any]:
    return ctx.db.all(
        "SELECT * FROM identity_revocations WHERE issued_before >= ? ORDER BY seq", (since or "",)
    )


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List what ended tokens, since a moment when asked."""
    since = None
    if "since" in ctx.query:
        text = ctx.query["since"][0]
        if not is_time(text):
            raise Invalid(f"invalidate date format {text}")
        since = iso(moment(text.removesuffix("Z")))
    return {
        "events": [_view(row) for row in _since(ctx, since)],
        "links": {
            "next": None,
            "self": f"{service_root(ctx)}/v3/OS-REVOKE/events",
            "previous": None,
        },
    }
