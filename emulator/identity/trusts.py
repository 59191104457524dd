"""Trusts: letting somebody else act with one's roles in a project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.identity import (
    assignments,
    delegation,
    listing,
    moments,
    projects,
    revocations,
    roles,
    settings,
    tokens,
    users,
)
from emulator.identity.application_credentials import ROLE
from emulator.identity.attributes import extra
from emulator.identity.errors import (
    Invalid,
    Missing,
    NotAllowed,
    NotAuthenticated,
    NotAuthorized,
    NotExpected,
)
from emulator.identity.schemas import BOOLEAN, BOOLEAN_OR_NULL, TEXT, TEXT_OR_NULL, extensible
from emulator.wire.links import service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Query, prop

# Schemas

LIST = Query(prop("trustor_user_id", TEXT), prop("trustee_user_id", TEXT))
CREATE = extensible(
    "trust",
    prop("trustor_user_id", TEXT, required=True),
    prop("trustee_user_id", TEXT, required=True),
    prop("impersonation", BOOLEAN, required=True),
    prop("project_id", TEXT_OR_NULL),
    prop("remaining_uses", {"type": ["integer", "null"], "minimum": 1}),
    prop("expires_at", TEXT_OR_NULL),
    prop("allow_redelegation", BOOLEAN_OR_NULL),
    prop("redelegation_count", {"type": ["integer", "null"], "minimum": 0}),
    prop("redelegated_trust_id", TEXT_OR_NULL),
    prop("roles", {"type": "array", "items": ROLE}),
)
NOT_EXTRA = (
    *("id", "trustor_user_id", "trustee_user_id", "impersonation", "project_id", "links"),
    *("remaining_uses", "expires_at", "allow_redelegation", "redelegation_count"),
    *("redelegated_trust_id", "roles", "deleted_at", "roles_links"),
)

# View


def _brief(ctx: Context, row: Any) -> dict[str, Any]:
    """Return a trust as lists show it."""
    return {
        **orjson.loads(row["extra"]),
        "id": row["id"],
        "trustor_user_id": row["trustor_user_id"],
        "trustee_user_id": row["trustee_user_id"],
        "project_id": row["project_id"],
        "impersonation": bool(row["impersonation"]),
        "expires_at": row["expires_at"] and row["expires_at"][:26] + "Z",
        "remaining_uses": row["remaining_uses"],
        "deleted_at": None,
        "redelegated_trust_id": row["redelegated_trust_id"],
        "redelegation_count": row["redelegation_count"],
        "links": {"self": listing.link(ctx, "OS-TRUST", "trusts", row["id"])},
    }


def _roles_of(ctx: Context, row: Any) -> list[dict[str, Any]]:
    held = listing.by_ids(ctx, "identity_roles", orjson.loads(row["roles"]))
    return [roles.view(ctx, role) for role in held]


def _roles_links(ctx: Context, row: Any) -> dict[str, Any]:
    where = f"{service_root(ctx)}/v3/{row['id']}/roles"
    return {"self": where, "next": None, "previous": None}


def _view(ctx: Context, row: Any) -> dict[str, Any]:
    return {
        **_brief(ctx, row),
        "roles": _roles_of(ctx, row),
        "roles_links": _roles_links(ctx, row),
    }


def target(row: Any) -> Mapping[str, Any]:
    """Return what policy rules compare with."""
    return {
        "target.trust.trustor_user_id": row["trustor_user_id"],
        "target.trust.trustee_user_id": row["trustee_user_id"],
    }


# Queries


def find(ctx: Context, trust_id: str) -> Any:
    """Return a trust that still holds. Missing when there is none."""
    row = ctx.db.get("identity_trusts", trust_id)
    if row is None or row["deleted_at"] or _is_over(ctx, row):
        raise Missing(kind="trust", id=trust_id)
    return row


def _is_over(ctx: Context, row: Any) -> bool:
    if row["expires_at"] and row["expires_at"] <= ctx.timestamp:
        return True
    return row["remaining_uses"] is not None and row["remaining_uses"] <= 0


def _all(ctx: Context, **criteria: str) -> list[Any]:
    where = "".join(f" AND {name} = ?" for name in criteria)
    return ctx.db.all(
        f"SELECT * FROM identity_trusts WHERE deleted_at IS NULL{where} ORDER BY rowid",
        tuple(criteria.values()),
    )


def consume(ctx: Context, trust_id: str) -> None:
    """Count a use of a trust."""
    ctx.db.execute(
        "UPDATE identity_trusts SET remaining_uses = remaining_uses - 1"
        " WHERE id = ? AND remaining_uses IS NOT NULL",
        (trust_id,),
    )


# Logging in


def scope(ctx: Context, given: Any) -> dict[str, Any]:
    """Return the columns of a token for a trust. NotAuthenticated when it does not hold."""
    if not given.get("id"):
        raise NotExpected(attribute="trust_id", target="trust")
    try:
        row = find(ctx, given["id"])
    except Missing:
        raise NotAuthenticated() from None
    if row["project_id"]:
        project = projects.get(ctx, row["project_id"])
        if project is None or not project["enabled"]:
            raise NotAuthenticated()
    return {"trust_id": row["id"], "project_id": row["project_id"]}


def delegated(ctx: Context, token: tokens.Token) -> tokens.Token:
    """Return a token with the roles of its trust, as long as the trustor has all of them."""
    row = ctx.db.get("identity_trusts", token.row["trust_id"])
    if row is None or row["deleted_at"]:
        raise Missing(kind="trust", id=token.row["trust_id"])
    if token.user["id"] != row["trustee_user_id"]:
        raise NotAllowed()
    trustor = tokens.person(ctx, row["trustor_user_id"])
    if not trustor["enabled"]:
        raise NotAllowed()
    asked = assignments.with_implied(ctx, orjson.loads(row["roles"]))
    held = _held(ctx, _origin(ctx, row), row["project_id"])
    if any(role_id not in held for role_id in asked):
        raise NotAllowed()
    found = assignments.roles(ctx, asked)
    if token.project is None:
        raise Missing(kind="project", id=None)
    if not found:
        raise NotAuthenticated()
    return token._replace(roles=found, trust=row, trustor=trustor)


def _origin(ctx: Context, row: Any) -> str:
    """The id of the user whose roles they are, at the beginning of the chain."""
    while row["redelegated_trust_id"]:
        row = ctx.db.get("identity_trusts", row["redelegated_trust_id"])
    trustor: str = row["trustor_user_id"]
    return trustor


def _held(ctx: Context, user_id: str, project_id: str | None) -> list[str]:
    return assignments.effective(ctx, user_id, "project", project_id) if project_id else []


# Operations


def index(ctx: Context, query: Any) -> dict[str, Any]:
    """List trusts: all of them, those somebody gave, or those somebody was given."""
    criteria = {}
    for name, rule in (("trustor_user_id", "trustor"), ("trustee_user_id", "trustee")):
        value = listing.first(ctx, name)
        if value:
            ctx.authorize(f"identity:list_trusts_for_{rule}", {f"target.trust.{name}": value})
            criteria = {name: value}
            break
    else:
        ctx.authorize("identity:list_trusts", {})
    delegation.refuse_trusts(ctx)
    found = [row for row in _all(ctx, **criteria) if not _is_over(ctx, row)]
    return listing.collection(ctx, "trusts", [_brief(ctx, row) for row in found])


def create(ctx: Context, body: Any) -> dict[str, Any]:
    """Make a trust; the caller is who trusts."""
    given = body["trust"]
    ctx.authorize("identity:create_trust", target(given))
    delegation.refuse_trusts(ctx)
    if given.get("project_id") and not given.get("roles"):
        raise NotAuthorized(rule="At least one role should be specified")
    if ctx.user_id != given["trustor_user_id"]:
        raise NotAuthorized(rule="The authenticated user should match the trustor")
    users.find(ctx, given["trustee_user_id"])
    parent_id = delegation.trust_id(ctx)
    parent = find(ctx, parent_id) if parent_id else None
    chosen = _chosen(ctx, given)
    if given.get("project_id"):
        projects.find(ctx, given["project_id"])
    origin = _origin(ctx, parent) if parent is not None else given["trustor_user_id"]
    held = _held(ctx, origin, given.get("project_id"))
    for role_id in chosen:
        if role_id not in held:
            raise Missing(kind="role", id=role_id)
    row = {
        "id": ctx.ids.hex(),
        "trustor_user_id": given["trustor_user_id"],
        "trustee_user_id": given["trustee_user_id"],
        "project_id": given.get("project_id"),
        "impersonation": int(given["impersonation"]),
        "expires_at": moments.future(ctx, given.get("expires_at")),
        "remaining_uses": given.get("remaining_uses"),
        "deleted_at": None,
        "redelegated_trust_id": parent["id"] if parent is not None else None,
        "redelegation_count": _count(ctx, given, parent),
        "roles": orjson.dumps(chosen).decode(),
        "extra": extra(given, NOT_EXTRA),
    }
    if parent is not None:
        _check_chain(ctx, row, parent)
    ctx.db.insert("identity_trusts", row)
    return {"trust": _view(ctx, row)}


def _chosen(ctx: Context, given: Any) -> list[str]:
    """The ids of the roles that are asked for by id or by name."""
    chosen = []
    for entry in given.get("roles", ()):
        role = None if "id" in entry else roles.named(ctx, entry["name"])
        if role is None and "id" not in entry:
            raise Missing(f"Role {entry['name']} is not defined", kind="role")
        chosen.append(entry["id"] if role is None else role["id"])
    return chosen


def _count(ctx: Context, given: Any, parent: Any) -> int:
    """How often the new trust may be delegated further (Keystone 30.0.0, trust.core)."""
    count_max = settings.number(ctx, "max_redelegation_count")
    asked: int | None = given.get("redelegation_count")
    if not given.get("allow_redelegation") or asked == 0:
        return 0
    if asked and asked > count_max:
        raise NotAllowed()
    if given.get("remaining_uses") is not None:
        raise Invalid("remaining_uses must not be set if redelegation is allowed")
    if parent is None:
        return count_max if asked is None else asked
    left: int = parent["redelegation_count"] - 1
    if asked and asked != left:
        raise NotAllowed()
    return left


def _check_chain(ctx: Context, row: dict[str, Any], parent: Any) -> None:
    """Check a trust against all those it comes from; it ends no later than they do.

    Keystone keeps to itself why it refuses, here and elsewhere where no reason is given.
    """
    count_max = settings.number(ctx, "max_redelegation_count")
    above = parent
    while above is not None:
        depth = above["redelegation_count"]
        if not 0 < depth <= count_max:
            raise NotAllowed()
        if row["remaining_uses"] is not None:
            raise NotAllowed()
        if not row["expires_at"]:
            row["expires_at"] = above["expires_at"]
        elif above["expires_at"] and above["expires_at"] < row["expires_at"]:
            raise NotAllowed()
        if not set(orjson.loads(row["roles"])) <= set(orjson.loads(above["roles"])):
            raise NotAllowed()
        if row["impersonation"] and not above["impersonation"]:
            raise NotAllowed()
        further = above["redelegated_trust_id"]
        above = find(ctx, further) if further else None


def show(ctx: Context, trust: Any) -> dict[str, Any]:
    """Show a trust."""
    delegation.refuse_trusts(ctx)
    return {"trust": _view(ctx, trust)}


def delete(ctx: Context, trust: Any) -> Reply:
    """End a trust, all that were made from it, and their tokens."""
    delegation.refuse_trusts(ctx)
    doomed = [trust]
    for row in doomed:  # grows while it is walked
        doomed.extend(_all(ctx, redelegated_trust_id=row["id"]))
        ctx.db.update("identity_trusts", row["id"], deleted_at=ctx.timestamp)
        revocations.add(ctx, trust_id=row["id"])
    return Reply(204)


def role_index(ctx: Context, trust: Any) -> dict[str, Any]:
    """List the roles of a trust."""
    delegation.refuse_trusts(ctx)
    return {"roles": _roles_of(ctx, trust), "links": _roles_links(ctx, trust)}


def role_show(ctx: Context, trust: Any, role_id: str) -> dict[str, Any]:
    """Show one role of a trust."""
    delegation.refuse_trusts(ctx)
    for role in _roles_of(ctx, trust):
        if role["id"] == role_id:
            return {"role": role}
    raise Missing(kind="role", id=role_id)
