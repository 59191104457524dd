"""Flavors: what a server can be in size."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from emulator.compute.errors import (
    FlavorExists,
    FlavorIdExists,
    FlavorNotFound,
    InvalidFlavor,
    InvalidFlavorQuery,
)
from emulator.compute.formats import printable_pattern
from emulator.compute.links import links, next_links, page_limit
from emulator.compute.schemas import (
    BOOLEAN,
    NAME,
    NO,
    NON_NEGATIVE,
    SIZE,
    SIZE_OR_ZERO,
    UNKNOWN_UNTIL_274,
    YES,
    truth,
)
from emulator.store.paging import Page, select_page
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import (
    Body,
    Query,
    Switch,
    View,
    either,
    field,
    param,
    prop,
)

FLOAT_MAX = 3.40282e38  # of a single-precision column

# Schemas

DESCRIPTION = {
    "type": ["string", "null"],
    "minLength": 0,
    "maxLength": 65535,
    "pattern": printable_pattern,
}
FLAVOR_ID = {
    "type": ["string", "number", "null"],
    "minLength": 1,
    "maxLength": 255,
    "pattern": "^(?! )[a-zA-Z0-9. _-]+(?<! )$",
}
RXTX_FACTOR = {
    "type": ["number", "string"],
    "pattern": r"^[0-9]+(\.[0-9]+)?$",
    "exclusiveMinimum": 0,
    "maximum": FLOAT_MAX,
}
CREATE = Body(
    "flavor",
    prop("name", NAME, required=True),
    prop("id", FLAVOR_ID),
    prop("ram", SIZE, required=True),
    prop("vcpus", SIZE, required=True),
    prop("disk", SIZE_OR_ZERO, required=True),
    prop("OS-FLV-EXT-DATA:ephemeral", SIZE_OR_ZERO),
    prop("swap", SIZE_OR_ZERO),
    prop("rxtx_factor", RXTX_FACTOR, until="2.101"),
    prop("os-flavor-access:is_public", BOOLEAN),
    prop("description", DESCRIPTION, since="2.55"),
)
UPDATE = Body("flavor", prop("description", DESCRIPTION, required=True))
SORT_KEYS = [
    "created_at",
    "description",
    "disabled",
    "ephemeral_gb",
    "flavorid",
    "id",
    "is_public",
    "memory_mb",
    "name",
    "root_gb",
    "rxtx_factor",
    "swap",
    "updated_at",
    "vcpu_weight",
    "vcpus",
]
SORT_KEY = Switch(
    either({"type": "string", "enum": SORT_KEYS}, until="2.101"),
    either(
        {"type": "string", "enum": [key for key in SORT_KEYS if key != "rxtx_factor"]},
        since="2.102",
    ),
)
LIST = Query(
    param("limit", NON_NEGATIVE),
    param("marker"),
    param("is_public"),
    param("minRam"),
    param("minDisk"),
    param("sort_key", SORT_KEY),
    param("sort_dir", {"type": "string", "enum": ["asc", "desc"]}),
    param("name", since="2.102"),
    unknown=UNKNOWN_UNTIL_274,
)

# View

FLAVOR_SUMMARY = View(
    field("id", column="flavorid"),
    field("name"),
    field("links", lambda row, ctx: links(ctx, "flavors", row["flavorid"])),
    field("description", since="2.55"),
)
FLAVOR = View(
    field("id", column="flavorid"),
    field("name"),
    field("ram", column="memory_mb"),
    field("disk", column="root_gb"),
    field("swap", lambda row, ctx: row["swap"] or "", until="2.74"),
    field("swap", since="2.75"),
    field("OS-FLV-EXT-DATA:ephemeral", column="ephemeral_gb"),
    field("OS-FLV-DISABLED:disabled", lambda row, ctx: bool(row["disabled"]), until="2.101"),
    field("vcpus"),
    field("os-flavor-access:is_public", lambda row, ctx: bool(row["is_public"])),
    field("rxtx_factor", until="2.101"),
    field("links", lambda row, ctx: links(ctx, "flavors", row["flavorid"])),
    field("description", since="2.55"),
    field(
        "extra_specs",
        lambda row, ctx: orjson.Fragment(row["extra_specs"]),
        since="2.61",
        policy="os_compute_api:os-flavor-extra-specs:index",
    ),
)

# Queries

HAS_ACCESS = (
    "EXISTS (SELECT 1 FROM compute_flavor_projects"
    " WHERE flavor_id = compute_flavors.id AND project_id = ?)"
)


def find(ctx: Context, flavor_id: str) -> Any:
    """Return the flavor of an id. FlavorNotFound when there is none for this caller."""
    row = ctx.db.get("compute_flavors", flavor_id, "flavorid")
    if row is None or not (row["is_public"] or ctx.is_admin or _has_access(ctx, row["id"])):
        raise FlavorNotFound(flavor_id=flavor_id)
    return row


def _has_access(ctx: Context, row_id: int) -> bool:
    sql = "SELECT 1 FROM compute_flavor_projects WHERE flavor_id = ? AND project_id = ?"
    return ctx.db.one(sql, (row_id, ctx.project_id)) is not None


def select(ctx: Context, query: Mapping[str, list[str]]) -> list[Any]:
    """Return one page of the flavors that the caller may see and asked for."""
    where, values = _visible(ctx)
    public = _public_filter(ctx, query)
    if public is not None:
        where.append(f"is_public = ? OR {HAS_ACCESS}" if public else "is_public = ?")
        values += [int(public), *([ctx.project_id] if public else [])]
    if not ctx.is_admin:
        where.append("disabled = 0")
    for name, column in (("minRam", "memory_mb"), ("minDisk", "root_gb")):
        if name in query:
            where.append(f"{column} >= ?")
            values.append(_whole_number(name, query[name][-1]))
    if "name" in query:
        where.append("name REGEXP ?")
        values.append(_regex(query["name"][-1]))
    down = query.get("sort_dir", ["asc"])[-1] == "desc"
    key = query.get("sort_key", ["flavorid"])[-1]
    keys = (("NULL" if key == "vcpu_weight" else key, down), ("id", down))
    page = Page(keys, marker=_marker(ctx, query), limit=page_limit(ctx))
    return select_page(ctx.db, "*, NULL AS 'NULL'", "compute_flavors", where, values, page)


def _visible(ctx: Context) -> tuple[list[str], list[Any]]:
    if ctx.is_admin:
        return [], []
    return [f"is_public = 1 OR {HAS_ACCESS}"], [ctx.project_id]


def _marker(ctx: Context, query: Mapping[str, list[str]]) -> Any:
    """The row of the marker, as the page compares it."""
    if "marker" not in query:
        return None
    where, values = _visible(ctx)
    row = ctx.db.one(
        f"SELECT *, NULL AS 'NULL' FROM compute_flavors"
        f" WHERE flavorid = ? {''.join(f'AND ({each})' for each in where)}",
        [query["marker"][-1], *values],
    )
    if row is None:
        raise InvalidFlavorQuery(f"marker [{query['marker'][-1]}] not found")
    return row


def add(ctx: Context, *, name: str, flavor_id: str | None = None, **values: Any) -> Any:
    """Make a flavor of the named columns (vcpus, memory_mb, root_gb, …); return its row.

    FlavorIdExists or FlavorExists when one has its id or name.
    """
    flavor_id = flavor_id or ctx.ids.uuid()
    if ctx.db.get("compute_flavors", name, "name") is not None:
        raise FlavorExists(name=name)
    if ctx.db.get("compute_flavors", flavor_id, "flavorid") is not None:
        raise FlavorIdExists(flavor_id=flavor_id)
    row = {"flavorid": flavor_id, "name": name, **values, "created_at": ctx.timestamp}
    ctx.db.insert("compute_flavors", row)
    return ctx.db.get("compute_flavors", flavor_id, "flavorid")


def remove(ctx: Context, row_id: int) -> None:
    """Delete a flavor and who had access to it."""
    ctx.db.delete("compute_flavor_projects", row_id, "flavor_id")
    ctx.db.delete("compute_flavors", row_id)


# Operations


def index(ctx: Context, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """List flavors by name."""
    return _collection(ctx, query, FLAVOR_SUMMARY, "flavors")


def detail(ctx: Context, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """List flavors with all that is known of them."""
    return _collection(ctx, query, FLAVOR, "flavors/detail")


def _collection(
    ctx: Context, query: Mapping[str, list[str]], view: View, path: str
) -> dict[str, Any]:
    rows = select(ctx, query)
    shown: dict[str, Any] = {"flavors": [view.render(row, ctx) for row in rows]}
    following = next_links(ctx, path, rows, "flavorid")
    if following:
        shown["flavors_links"] = following
    return shown


def show(ctx: Context, flavor_id: str) -> dict[str, Any]:
    """Show one flavor."""
    return {"flavor": FLAVOR.render(find(ctx, flavor_id), ctx)}


def create(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Make a flavor."""
    asked = body["flavor"]
    row = add(
        ctx,
        name=asked["name"].strip(),
        flavor_id=str(asked["id"]) if asked.get("id") else None,
        vcpus=int(asked["vcpus"]),
        memory_mb=int(asked["ram"]),
        root_gb=int(asked["disk"]),
        ephemeral_gb=int(asked.get("OS-FLV-EXT-DATA:ephemeral", 0)),
        swap=int(asked.get("swap", 0)),
        rxtx_factor=_rxtx_factor(asked.get("rxtx_factor", 1.0)),
        is_public=int(truth(asked.get("os-flavor-access:is_public", True))),
        description=asked.get("description"),
    )
    return {"flavor": FLAVOR.render(row, ctx)}


def update(ctx: Context, flavor_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Change the description of a flavor."""
    row = find(ctx, flavor_id)
    description = body["flavor"]["description"]
    ctx.db.update("compute_flavors", row["id"], description=description, updated_at=ctx.timestamp)
    return show(ctx, flavor_id)


def delete(ctx: Context, flavor_id: str) -> Reply:
    """Delete a flavor; servers keep what they have of it."""
    remove(ctx, find(ctx, flavor_id)["id"])
    return Reply(202)


# What clients write


def _rxtx_factor(value: Any) -> float:
    factor = float(value)
    if not 0 < factor <= FLOAT_MAX:
        raise InvalidFlavor(
            "Invalid input received: 'rxtx_factor' argument must be a float"
            f" between 0 and {FLOAT_MAX:g}"
        )
    return factor


def _public_filter(ctx: Context, query: Mapping[str, list[str]]) -> bool | None:
    """What is_public asks for, None for both kinds; only admins are heard."""
    text = query.get("is_public", ["True"])[-1].strip()
    if not ctx.is_admin:
        return True
    if text.lower() == "none":
        return None
    if text.lower() in {str(each).lower() for each in (*YES, "t", "y")}:
        return True
    if text.lower() in {str(each).lower() for each in (*NO, "f", "n")}:
        return False
    raise InvalidFlavorQuery(f"Invalid is_public filter [{query['is_public'][-1]}]")


def _whole_number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidFlavorQuery(f"Invalid {name} filter [{text}]") from None


def _regex(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as problem:
        raise InvalidFlavorQuery(f"Invalid name filter [{pattern}]: {problem}") from None
    return pattern
