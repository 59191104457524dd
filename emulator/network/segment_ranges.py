"""Network segment ranges: which numbers tenants' networks are made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import converters, validators
from emulator.network.attributes import (
    FILTER,
    NEUTRON_TIMES,
    NOT_SPECIFIED,
    POST,
    PUT,
    SORT,
    TAG_FILTERS,
    Values,
    attr,
    attributes,
    given,
)
from emulator.network.errors import (
    HTTPBadRequest,
    NetworkSegmentRangeDefaultReadOnly,
    NetworkSegmentRangeNotFound,
    NetworkSegmentRangeOverlaps,
    NetworkSegmentRangeReferencedByProject,
)
from emulator.network.resource import Item, Resource, Row
from emulator.network.standard import change, fresh, picked, raw, times
from emulator.wire.request import Context

VLAN_MAX = 4094

# Schemas

ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("name", POST | PUT | FILTER | SORT, default="", check=validators.name()),
    attr("default", 0, default=False),
    attr("shared", POST, default=True, to=converters.boolean),
    attr("project_id", POST | FILTER | SORT, check=validators.string(255)),
    attr(
        "network_type",
        POST | FILTER,
        default=NOT_SPECIFIED,
        check=validators.one_of("vlan", "vxlan", "gre", "geneve"),
    ),
    attr("physical_network", POST | FILTER, default=NOT_SPECIFIED, check=validators.string(64)),
    attr("minimum", POST | PUT, to=converters.integer, check=validators.number(1, 4294967295)),
    attr("maximum", POST | PUT, to=converters.integer, check=validators.number(1, 4294967295)),
    attr("used", 0),
    attr("available", 0),
    attr("description", POST | PUT | FILTER, default="", check=validators.string(255)),
    *NEUTRON_TIMES,
    *TAG_FILTERS,
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return ranges as items, with which of their numbers are used."""
    return [
        {
            **picked(row, "id", "name", "network_type", "minimum", "maximum"),
            "physical_network": row["physical_network"] or "",
            "default": bool(row["is_default"]),
            "shared": bool(row["shared"]),
            "project_id": row["project_id"] or None,
            **_numbers(ctx, row),
            "description": row["description"],
            "tags": raw(row["tags"]),
            **times(row),
        }
        for row in rows
    ]


def _numbers(ctx: Context, row: Row) -> Item:
    used = _used(ctx, row)
    free = [n for n in range(row["minimum"], row["maximum"] + 1) if str(n) not in used]
    return {"used": used, "available": free}


# Queries


def _used(ctx: Context, row: Mapping[str, Any]) -> dict[str, str]:
    rows = ctx.db.all(
        "SELECT s.segmentation_id, n.project_id FROM network_segments AS s"
        " JOIN network_networks AS n ON n.id = s.network_id WHERE s.network_type = ?"
        " AND s.physical_network IS ? AND s.segmentation_id BETWEEN ? AND ?"
        " ORDER BY s.segmentation_id",
        (row["network_type"], row["physical_network"], row["minimum"], row["maximum"]),
    )
    return {str(each["segmentation_id"]): each["project_id"] for each in rows}


def _overlapping(ctx: Context, row: Mapping[str, Any]) -> list[str]:
    rows = ctx.db.all(
        "SELECT id FROM network_segment_ranges WHERE id != ? AND network_type = ?"
        " AND physical_network IS ? AND project_id = ? AND minimum <= ? AND maximum >= ?",
        (
            row["id"],
            row["network_type"],
            row["physical_network"],
            row["project_id"],
            row["maximum"],
            row["minimum"],
        ),
    )
    return [each["id"] for each in rows]


# Operations


def _check(ctx: Context, row: Mapping[str, Any]) -> None:
    if row["minimum"] > row["maximum"]:
        raise HTTPBadRequest("Minimum value should be less than or equal to maximum value")
    if row["network_type"] == "vlan":
        if not row["physical_network"]:
            raise HTTPBadRequest("physical_network is required for VLAN network segment ranges")
        if row["maximum"] > VLAN_MAX:
            raise HTTPBadRequest(f"Invalid input for maximum. Reason: '{row['maximum']}'.")
    others = _overlapping(ctx, row)
    if others:
        raise NetworkSegmentRangeOverlaps(range_id=", ".join(others))


def create(ctx: Context, values: Values) -> str:
    """Create a range; return its id. A shared one is of no project."""
    kind = given(values, "network_type")
    if kind is None:
        raise HTTPBadRequest(
            "Failed to parse request. Required attribute 'network_type' not specified"
        )
    row = {
        **fresh(ctx, values),
        **picked(values, "name", "minimum", "maximum"),
        "project_id": "" if values["shared"] else values["project_id"],
        "shared": int(values["shared"]),
        "is_default": 0,
        "network_type": kind,
        "physical_network": given(values, "physical_network"),
    }
    _check(ctx, row)
    ctx.db.insert("network_segment_ranges", row)
    range_id: str = row["id"]
    return range_id


def update(ctx: Context, row: Row, values: Values) -> None:
    """Change a range; numbers that are used stay inside."""
    if row["is_default"]:
        raise NetworkSegmentRangeDefaultReadOnly(range_id=row["id"])
    after = {**dict(row), **values}
    _check(ctx, after)
    if not set(_used(ctx, row)) <= set(_used(ctx, after)):
        raise NetworkSegmentRangeReferencedByProject(range_id=row["id"])
    change(ctx, "network_segment_ranges", row, values)


def delete(ctx: Context, row: Row) -> None:
    """Delete a range of which no number is used."""
    if row["is_default"]:
        raise NetworkSegmentRangeDefaultReadOnly(range_id=row["id"])
    if not row["shared"] and row["project_id"] in _used(ctx, row).values():
        raise NetworkSegmentRangeReferencedByProject(range_id=row["id"])
    ctx.db.delete("network_segment_ranges", row["id"])


def missing(range_id: str) -> Any:
    """Return what is raised for an id that no range has."""
    return NetworkSegmentRangeNotFound(range_id=range_id)


SEGMENT_RANGE = Resource(
    member="network_segment_range",
    collection="network_segment_ranges",
    path="/network_segment_ranges",
    table="network_segment_ranges",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    facts_differ_by=(),
)
