"""Flavors: what a server can be in size."""

from __future__ import annotations

from typing import Any

from emulator.compute.errors import FlavorNotFound
from emulator.wire.links import prefix, service_root
from emulator.wire.request import Context
from emulator.wire.versioned import View, field

# View


def links(row: Any, ctx: Context) -> list[dict[str, str]]:
    """Return the self and bookmark links of a flavor."""
    return [
        {"rel": "self", "href": f"{prefix(ctx)}/flavors/{row['flavorid']}"},
        {"rel": "bookmark", "href": f"{service_root(ctx)}/flavors/{row['flavorid']}"},
    ]


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
    field("links", links),
    field("description", since="2.55"),
)

# Queries


def find(ctx: Context, flavor_id: str) -> Any:
    """Return the flavor of an id. FlavorNotFound when there is none."""
    row = ctx.db.get("compute_flavors", flavor_id, "flavorid")
    if row is None:
        raise FlavorNotFound(flavor_id=flavor_id)
    return row


# Operations


def show(ctx: Context, flavor_id: str) -> dict[str, Any]:
    """Show one flavor."""
    return {"flavor": FLAVOR.render(find(ctx, flavor_id), ctx)}
