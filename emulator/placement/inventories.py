"""Inventories: how much of each resource class a provider has, and how much of it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.wire.request import Context

INTEGER_MAX = 0x7FFFFFFF
DEFAULTS: Mapping[str, Any] = {
    "reserved": 0,
    "min_unit": 1,
    "max_unit": INTEGER_MAX,
    "step_size": 1,
    "allocation_ratio": 1.0,
}

# Queries


def put(ctx: Context, provider_id: int, resource_class: str, values: Mapping[str, Any]) -> None:
    """Give a provider an inventory, or change the one it has; what is used of it stays."""
    row = {**DEFAULTS, **values}
    ctx.db.execute(
        "INSERT INTO placement_inventories (resource_class, provider_id, total, reserved, min_unit,"
        " max_unit, step_size, allocation_ratio, used, created_at, updated_at)"
        " VALUES (:resource_class, :provider_id, :total, :reserved, :min_unit, :max_unit,"
        " :step_size, :allocation_ratio, 0, :now, :now)"
        " ON CONFLICT (resource_class, provider_id) DO UPDATE SET total = excluded.total,"
        " reserved = excluded.reserved, min_unit = excluded.min_unit,"
        " max_unit = excluded.max_unit, step_size = excluded.step_size,"
        " allocation_ratio = excluded.allocation_ratio, updated_at = excluded.updated_at",
        {
            "resource_class": resource_class,
            "provider_id": provider_id,
            "now": ctx.timestamp,
            **{name: row[name] for name in ("total", *DEFAULTS)},
        },
    )
