"""Which roles contain which others."""

from __future__ import annotations

from typing import Any

from emulator.identity import assignments, listing, roles
from emulator.identity.errors import Duplicate, ImpliedRoleMissing, NotAllowed
from emulator.wire.operation import Reply
from emulator.wire.request import Context

PROHIBITED = ("admin",)  # [assignment]prohibited_implied_role

# View


def _view(ctx: Context, row: Any) -> dict[str, Any]:
    links = {"self": listing.link(ctx, "roles", row["id"])}
    return {"id": row["id"], "links": links, "name": row["name"]}


def _one(ctx: Context, prior: Any, implied: Any) -> dict[str, Any]:
    where = listing.link(ctx, "roles", prior["id"], "implies", implied["id"])
    return {
        "role_inference": {"prior_role": _view(ctx, prior), "implies": _view(ctx, implied)},
        "links": {"self": where},
    }


# Queries


def _holds(ctx: Context, prior_id: str, implied_id: str) -> bool:
    return implied_id in assignments.implications(ctx).get(prior_id, ())


def _drop(ctx: Context, prior_id: str, implied_id: str) -> None:
    ctx.db.execute(
        "DELETE FROM identity_implied_roles WHERE prior_role_id = ? AND implied_role_id = ?",
        (prior_id, implied_id),
    )


# Operations


def index(ctx: Context, role_id: str) -> dict[str, Any]:
    """List what a role implies directly."""
    prior = roles.find(ctx, role_id)
    implied = assignments.implications(ctx).get(role_id, ())
    return {
        "role_inference": {
            "prior_role": _view(ctx, prior),
            "implies": [_view(ctx, roles.find(ctx, role_id)) for role_id in implied],
        },
        "links": {"self": listing.link(ctx, "roles", role_id, "implies")},
    }


def rules(ctx: Context) -> dict[str, Any]:
    """List all that is implied by anything."""
    shown = [
        {
            "prior_role": _view(ctx, roles.find(ctx, prior_id)),
            "implies": [_view(ctx, roles.find(ctx, role_id)) for role_id in implied],
        }
        for prior_id, implied in assignments.implications(ctx).items()
    ]
    return {"role_inferences": shown}


def show(ctx: Context, role_id: str, implied_role_id: str) -> Any:
    """Say whether one role implies another."""
    prior, implied = roles.find(ctx, role_id), roles.find(ctx, implied_role_id)
    if not _holds(ctx, role_id, implied_role_id):
        raise ImpliedRoleMissing(prior=role_id, implied=implied_role_id)
    return Reply(204) if ctx.request.method == "HEAD" else _one(ctx, prior, implied)


def create(ctx: Context, role_id: str, implied_role_id: str) -> Reply:
    """Let one role imply another."""
    implied, prior = roles.find(ctx, implied_role_id), roles.find(ctx, role_id)
    above = prior["domain_id"] is None and implied["domain_id"]
    if implied["name"] in PROHIBITED or above:
        raise NotAllowed(f"{implied_role_id} cannot be an implied roles.")
    if _holds(ctx, role_id, implied_role_id):
        raise Duplicate(kind="implied_role", details="Duplicate entry")
    row = {"prior_role_id": role_id, "implied_role_id": implied_role_id}
    ctx.db.insert("identity_implied_roles", row)
    return Reply(201, _one(ctx, prior, implied))


def delete(ctx: Context, role_id: str, implied_role_id: str) -> Reply:
    """Let one role no longer imply another."""
    roles.find(ctx, role_id)
    roles.find(ctx, implied_role_id)
    if not _holds(ctx, role_id, implied_role_id):
        raise ImpliedRoleMissing(prior=role_id, implied=implied_role_id)
    _drop(ctx, role_id, implied_role_id)
    return Reply(204)
