"""What the holder of a token may turn to: projects, domains, the system, the catalog."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.identity import assignments, catalog, domains, listing, projects
from emulator.identity.assignments import SYSTEM
from emulator.identity.errors import NotAllowed
from emulator.wire.request import Context

# Operations


def _groups(ctx: Context) -> list[str]:
    """The groups of the caller: the user's, and those that a federated token names."""
    token = ctx.credentials.facts.get("token")
    named = orjson.loads(token.row["group_ids"]) if token and token.row["group_ids"] else []
    return [*assignments.groups_of(ctx, ctx.user_id), *named]


def scope_projects(ctx: Context) -> dict[str, Any]:
    """List the projects that the caller can get a token for."""
    found = assignments.scopes_of(ctx, ctx.user_id, _groups(ctx), "project")
    return listing.collection(
        ctx, "projects", projects.views(ctx, listing.by_ids(ctx, "identity_projects", found))
    )


def scope_domains(ctx: Context) -> dict[str, Any]:
    """List the domains that the caller can get a token for."""
    found = assignments.scopes_of(ctx, ctx.user_id, _groups(ctx), "domain")
    return listing.collection(
        ctx, "domains", domains.views(ctx, listing.by_ids(ctx, "identity_projects", found))
    )


def scope_system(ctx: Context) -> dict[str, Any]:
    """Say whether the caller can get a token for the system."""
    held = assignments.granted(ctx, ctx.user_id, _groups(ctx), SYSTEM, SYSTEM)
    system = [{"all": True}] if held else []
    return {"system": system, "links": {"self": listing.link(ctx, "auth", "system")}}


def show_catalog(ctx: Context) -> dict[str, Any]:
    """Show the catalog of the caller's project."""
    if not ctx.credentials.project_id:
        raise NotAllowed()
    shown = catalog.shown(ctx, ctx.credentials.project_id)
    return {"catalog": shown, "links": {"self": listing.link(ctx, "auth", "catalog")}}


def revoked(ctx: Context) -> dict[str, Any]:
    """The list of revoked PKI tokens is no longer given out."""
    raise NotAllowed()
