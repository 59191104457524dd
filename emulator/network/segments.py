"""Segments: the physical parts of a network, as resources; and the ranges they are taken from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.network import networks, provider, validators
from emulator.network.attributes import (
    FILTER,
    HIDDEN,
    NEUTRON_TIMES,
    NOT_SPECIFIED,
    POST,
    PUT,
    SORT,
    Values,
    attr,
    attributes,
    given,
)
from emulator.network.converters import integer
from emulator.network.errors import SegmentInUse, SegmentNotFound
from emulator.network.resource import Item, Resource, Row
from emulator.network.standard import change, fresh, picked, times
from emulator.wire.request import Context

# Schemas

FOUND = POST | FILTER | SORT
ATTRIBUTES = attributes(
    attr("description", POST | PUT | FILTER, default="", check=validators.string(255)),
    attr("id", FILTER | SORT),
    attr("tenant_id", POST | HIDDEN, check=validators.string(255)),
    attr("network_id", FOUND, check=validators.uuid),
    attr("physical_network", FOUND, default=NOT_SPECIFIED, check=validators.string(64)),
    attr("network_type", FOUND, check=validators.string(32)),
    attr("segmentation_id", POST | SORT, default=NOT_SPECIFIED, to=integer),
    attr(
        "name",
        POST | PUT | FILTER | SORT,
        default=NOT_SPECIFIED,
        check=validators.or_none(validators.name()),
    ),
    *NEUTRON_TIMES,
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return segments as items."""
    return [
        {
            **picked(row, "id", "network_id", "name", "description", "physical_network"),
            **picked(row, "network_type", "segmentation_id"),
            **times(row),
        }
        for row in rows
    ]


# Queries


def _next_position(ctx: Context, network_id: str) -> int:
    position: int = ctx.db.value(
        "SELECT coalesce(max(position), -1) + 1 FROM network_segments WHERE network_id = ?",
        (network_id,),
    )
    return position


def _has_subnet(ctx: Context, segment_id: str) -> bool:
    return bool(ctx.db.value("SELECT 1 FROM network_subnets WHERE segment_id = ?", (segment_id,)))


# Operations


def create(ctx: Context, values: Values) -> str:
    """Add a segment to a network; return its id."""
    network = networks.visible(ctx, values["network_id"])
    wanted = provider.asked(
        values["network_type"],
        given(values, "physical_network"),
        given(values, "segmentation_id"),
    )
    chosen = provider.reserve(ctx, wanted)
    row = {
        **fresh(ctx, values),
        "network_id": network["id"],
        "name": given(values, "name"),
        "position": _next_position(ctx, network["id"]),
        **chosen,
    }
    ctx.db.insert("network_segments", row)
    segment_id: str = row["id"]
    return segment_id


def update(ctx: Context, row: Row, values: Values) -> None:
    """Rename or describe a segment."""
    change(ctx, "network_segments", row, values)


def delete(ctx: Context, row: Row) -> None:
    """Remove a segment that no subnet is on."""
    if _has_subnet(ctx, row["id"]):
        raise SegmentInUse(
            segment_id=row["id"], reason="The segment is still associated with subnet(s)"
        )
    ctx.db.delete("network_segments", row["id"])


def missing(segment_id: str) -> Any:
    """Return what is raised for an id that no segment has."""
    return SegmentNotFound(segment_id=segment_id)


SEGMENT = Resource(
    member="segment",
    collection="segments",
    path="/segments",
    table="network_segments",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    keeps_fields=True,
    facts_differ_by=(),
)
