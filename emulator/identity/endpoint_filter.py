"""Endpoint filter: projects that see only some endpoints, chosen singly or by groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from emulator.identity import endpoints, listing, projects
from emulator.identity.endpoints import INTERFACE
from emulator.identity.errors import Duplicate, Invalid, Missing, NotExpected, NothingThere
from emulator.identity.schemas import BOOLEAN, NAME, TEXT, TEXT_OR_NULL
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, prop

# Schemas

FILTERS = Object(
    prop("interface", INTERFACE),
    prop("service_id", TEXT),
    prop("region_id", TEXT_OR_NULL),
    prop("enabled", BOOLEAN),
    unknown=True,
)
LIST = Query(prop("name", NAME), unknown=False)
CREATE = Body(
    "endpoint_group",
    prop("description", TEXT_OR_NULL),
    prop("filters", FILTERS, required=True),
    prop("name", NAME, required=True),
    required=False,
)
UPDATE = Body(
    "endpoint_group",
    schema=Object(
        prop("description", TEXT_OR_NULL),
        prop("filters", FILTERS),
        prop("name", NAME),
        minProperties=1,
    ),
)
FILTER_NAMES = ("service_id", "region_id", "interface")

# View


def _view(ctx: Context, row: Any) -> dict[str, Any]:
    where = listing.link(ctx, "OS-EP-FILTER", "endpoint_groups", row["id"])
    return {
        "id": row["id"],
        "name": row["name"],
        "description": row["description"],
        "filters": orjson.loads(row["filters"]),
        "links": {"self": where},
    }


# Queries


def _group(ctx: Context, endpoint_group_id: str) -> Any:
    row = ctx.db.get("identity_endpoint_groups", endpoint_group_id)
    if row is None:
        raise Missing(kind="Endpoint Group", id=endpoint_group_id)
    return row


def _is_linked(ctx: Context, table: str, project_id: str, column: str, other_id: str) -> bool:
    return bool(
        ctx.db.one(
            f"SELECT 1 FROM {table} WHERE project_id = ? AND {column} = ?", (project_id, other_id)
        )
    )


def _unlink(ctx: Context, table: str, project_id: str, column: str, other_id: str) -> None:
    ctx.db.execute(
        f"DELETE FROM {table} WHERE project_id = ? AND {column} = ?", (project_id, other_id)
    )


def _linked(ctx: Context, table: str, wanted: str, column: str, value: str) -> list[str]:
    rows = ctx.db.all(f"SELECT {wanted} AS id FROM {table} WHERE {column} = ?", (value,))
    return [row["id"] for row in rows]


def _matching(ctx: Context, group: Any) -> list[Any]:
    """The endpoints that the filters of a group let through."""
    filters = orjson.loads(group["filters"])
    where = " AND ".join(f"{name} IS ?" for name in filters) or "1"
    return ctx.db.all(
        f"SELECT * FROM identity_endpoints WHERE {where} ORDER BY id", tuple(filters.values())
    )


SINGLE = "identity_project_endpoints"
GROUPED = "identity_project_endpoint_groups"


def endpoint_ids(ctx: Context, project_id: str) -> set[str] | None:
    """Return the endpoints that a project is limited to, None when it sees all."""
    single = _linked(ctx, SINGLE, "endpoint_id", "project_id", project_id)
    grouped = _linked(ctx, GROUPED, "endpoint_group_id", "project_id", project_id)
    if not single and not grouped:
        return None
    found = set(single)
    for group_id in grouped:
        found |= {row["id"] for row in _matching(ctx, _group(ctx, group_id))}
    return found


# Operations on groups


def index(ctx: Context, query: Any) -> dict[str, Any]:
    """List endpoint groups."""
    where, values = listing.conditions(ctx, ("name",))
    rows, _ = listing.page(ctx, "identity_endpoint_groups", where, values, paged=False)
    return listing.collection(ctx, "endpoint_groups", [_view(ctx, row) for row in rows])


def show(ctx: Context, endpoint_group_id: str) -> dict[str, Any]:
    """Show an endpoint group."""
    return {"endpoint_group": _view(ctx, _group(ctx, endpoint_group_id))}


def create(ctx: Context, body: Any) -> dict[str, Any]:
    """Make an endpoint group: filters that choose endpoints."""
    given = body.get("endpoint_group", {})
    if not given.get("filters"):
        raise Invalid("filters field is required and cannot be empty")
    _check_filters(given)
    row = {
        "id": ctx.ids.hex(),
        "name": given["name"],
        "description": given.get("description"),
        "filters": orjson.dumps(given["filters"]).decode(),
    }
    ctx.db.insert("identity_endpoint_groups", row)
    return {"endpoint_group": _view(ctx, row)}


def _check_filters(given: Any) -> None:
    if any(name not in FILTER_NAMES for name in given.get("filters", ())):
        raise NotExpected(attribute=" or ".join(FILTER_NAMES), target="endpoint_group")


def update(ctx: Context, endpoint_group_id: str, body: Any) -> dict[str, Any]:
    """Change an endpoint group."""
    row, given = _group(ctx, endpoint_group_id), body["endpoint_group"]
    _check_filters(given)
    filters = given.get("filters", orjson.loads(row["filters"]))
    changes = {
        "name": given.get("name", row["name"]),
        "description": given.get("description", row["description"]),
        "filters": orjson.dumps(filters).decode(),
    }
    ctx.db.update("identity_endpoint_groups", endpoint_group_id, **changes)
    return {"endpoint_group": _view(ctx, {"id": endpoint_group_id, **changes})}


def delete(ctx: Context, endpoint_group_id: str) -> Reply:
    """Delete an endpoint group."""
    _group(ctx, endpoint_group_id)
    ctx.db.delete(GROUPED, endpoint_group_id, "endpoint_group_id")
    ctx.db.delete("identity_endpoint_groups", endpoint_group_id)
    return Reply(204)


def group_endpoints(ctx: Context, endpoint_group_id: str) -> dict[str, Any]:
    """List the endpoints that a group chooses."""
    rows = _matching(ctx, _group(ctx, endpoint_group_id))
    return listing.collection(ctx, "endpoints", [endpoints.view(ctx, row) for row in rows])


def _project_list(ctx: Context, ids: list[str]) -> dict[str, Any]:
    rows = listing.by_ids(ctx, "identity_projects", ids)
    return listing.collection(ctx, "projects", projects.views(ctx, rows))


def group_projects(ctx: Context, endpoint_group_id: str) -> dict[str, Any]:
    """List the projects that a group is given to."""
    _group(ctx, endpoint_group_id)
    ids = _linked(ctx, GROUPED, "project_id", "endpoint_group_id", endpoint_group_id)
    return _project_list(ctx, ids)


# Operations on projects


def endpoint_projects(ctx: Context, endpoint_id: str) -> dict[str, Any]:
    """List the projects that an endpoint is given to."""
    endpoints.find(ctx, endpoint_id)
    return _project_list(ctx, _linked(ctx, SINGLE, "project_id", "endpoint_id", endpoint_id))


def project_groups(ctx: Context, project_id: str) -> dict[str, Any]:
    """List the endpoint groups that a project is given."""
    projects.find(ctx, project_id)
    ids = _linked(ctx, GROUPED, "endpoint_group_id", "project_id", project_id)
    shown = [_view(ctx, _group(ctx, each)) for each in ids]
    return listing.collection(ctx, "endpoint_groups", shown)


def project_endpoints(ctx: Context, project_id: str) -> dict[str, Any]:
    """List the endpoints that a project is given, singly or by groups."""
    projects.find(ctx, project_id)
    rows = listing.by_ids(ctx, "identity_endpoints", sorted(endpoint_ids(ctx, project_id) or ()))
    return listing.collection(ctx, "endpoints", [endpoints.view(ctx, row) for row in rows])


def _ends(
    ctx: Context, project_id: str, endpoint_id: str | None, endpoint_group_id: str | None
) -> tuple[str, str, str]:
    """Find both ends of a link; return its table, and column and id of the other end."""
    finders: dict[bool, Callable[[Context, str], Any]] = {True: endpoints.find, False: _group}
    single = endpoint_id is not None
    other_id = (endpoint_id if single else endpoint_group_id) or ""
    finders[single](ctx, other_id)
    projects.find(ctx, project_id)
    return (SINGLE, "endpoint_id", other_id) if single else (GROUPED, "endpoint_group_id", other_id)


def link_shown(
    ctx: Context,
    project_id: str,
    endpoint_id: str | None = None,
    endpoint_group_id: str | None = None,
) -> Reply:
    """Say whether a project is given an endpoint, or an endpoint group."""
    table, column, other_id = _ends(ctx, project_id, endpoint_id, endpoint_group_id)
    if not _is_linked(ctx, table, project_id, column, other_id):
        raise _no_link(project_id, endpoint_id, endpoint_group_id)
    if endpoint_id is not None:
        return Reply(204)
    where = f"/OS-EP-FILTER/endpoint_groups/{other_id}/projects/{project_id}"
    shown = {"project_id": project_id, column: other_id, "links": {"self": where}}
    return Reply(200, {"project_endpoint_group": shown})


def _no_link(project_id: str, endpoint_id: str | None, group_id: str | None) -> NothingThere:
    if endpoint_id is not None:
        return NothingThere(f"Endpoint {endpoint_id} not found in project {project_id}")
    return NothingThere("Endpoint Group Project Association not found")


def link(
    ctx: Context,
    project_id: str,
    endpoint_id: str | None = None,
    endpoint_group_id: str | None = None,
) -> Reply:
    """Give a project an endpoint, or an endpoint group."""
    table, column, other_id = _ends(ctx, project_id, endpoint_id, endpoint_group_id)
    if _is_linked(ctx, table, project_id, column, other_id):
        raise Duplicate(kind=table.removeprefix("identity_")[:-1], details="Duplicate entry")
    ctx.db.insert(table, {"project_id": project_id, column: other_id})
    return Reply(204)


def unlink(
    ctx: Context,
    project_id: str,
    endpoint_id: str | None = None,
    endpoint_group_id: str | None = None,
) -> Reply:
    """Take an endpoint, or an endpoint group, from a project."""
    table, column, other_id = _ends(ctx, project_id, endpoint_id, endpoint_group_id)
    if not _is_linked(ctx, table, project_id, column, other_id):
        raise _no_link(project_id, endpoint_id, endpoint_group_id)
    _unlink(ctx, table, project_id, column, other_id)
    return Reply(204)
