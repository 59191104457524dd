"""Flavor access: which projects may use a flavor that is not public."""

from __future__ import annotations

from typing import Any

from emulator.compute.errors import (
    FlavorAccessExists,
    FlavorAccessNotFound,
    NoAccessList,
    PublicFlavor,
)
from emulator.compute.flavors import find
from emulator.compute.projects import verify_project
from emulator.compute.versions import PUBLIC_FLAVORS_TAKE_NO_ACCESS
from emulator.wire.request import Context
from emulator.wire.versioned import Body, View, field, prop

# Schemas

TENANT = {"type": "string", "minLength": 1, "maxLength": 255}
ADD = Body("addTenantAccess", prop("tenant", TENANT, required=True))
REMOVE = Body("removeTenantAccess", prop("tenant", TENANT, required=True))

# View

FLAVOR_ACCESS = View(field("flavor_id", column="flavorid"), field("tenant_id", column="project_id"))

# Queries


def projects_of(ctx: Context, flavor: Any) -> list[Any]:
    """Return who has access to a flavor, by project id."""
    return ctx.db.all(
        "SELECT flavorid, project_id FROM compute_flavor_projects"
        " JOIN compute_flavors ON compute_flavors.id = flavor_id"
        " WHERE flavor_id = ? ORDER BY project_id",
        (flavor["id"],),
    )


def give(ctx: Context, flavor: Any, project_id: str) -> None:
    """Let a project use a flavor. FlavorAccessExists when it may already."""
    if project_id in {row["project_id"] for row in projects_of(ctx, flavor)}:
        raise FlavorAccessExists(flavor_id=flavor["id"], project_id=project_id)
    row = {"flavor_id": flavor["id"], "project_id": project_id}
    ctx.db.insert("compute_flavor_projects", row)


def take(ctx: Context, flavor: Any, project_id: str) -> None:
    """Let a project use a flavor no more. FlavorAccessNotFound when it could not."""
    sql = "DELETE FROM compute_flavor_projects WHERE flavor_id = ? AND project_id = ?"
    if not ctx.db.execute(sql, (flavor["id"], project_id)).rowcount:
        raise FlavorAccessNotFound(flavor_id=flavor["id"], project_id=project_id)


# Operations


def index(ctx: Context, flavor_id: str) -> dict[str, Any]:
    """List the projects that may use a flavor."""
    flavor = find(ctx, flavor_id)
    if flavor["is_public"]:
        raise NoAccessList()
    return _list(ctx, flavor)


def add(ctx: Context, flavor_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Let a project use a flavor."""
    project_id = body["addTenantAccess"]["tenant"]
    verify_project(ctx, project_id)
    flavor = find(ctx, flavor_id)
    if PUBLIC_FLAVORS_TAKE_NO_ACCESS in ctx and flavor["is_public"]:
        raise PublicFlavor()
    give(ctx, flavor, project_id)
    return _list(ctx, flavor)


def remove(ctx: Context, flavor_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Let a project use a flavor no more; the project itself may be gone."""
    flavor = find(ctx, flavor_id)
    take(ctx, flavor, body["removeTenantAccess"]["tenant"])
    return _list(ctx, flavor)


def _list(ctx: Context, flavor: Any) -> dict[str, Any]:
    return {"flavor_access": [FLAVOR_ACCESS.render(row, ctx) for row in projects_of(ctx, flavor)]}
