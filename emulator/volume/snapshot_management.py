"""Snapshots that lie on a back end and are made known to Cinder (os-snapshot-manage)."""

from __future__ import annotations

from typing import Any

from emulator.errors import BadInput
from emulator.volume import snapshots
from emulator.volume.schemas import METADATA_OR_NULL, NAME_OR_NULL, SHORT_TEXT, UUID
from emulator.volume.volumes import moves, queries
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, prop

# Schemas

MANAGE = Body(
    "snapshot",
    prop("description", SHORT_TEXT),
    prop("metadata", METADATA_OR_NULL),
    prop("name", NAME_OR_NULL),
    prop("volume_id", UUID, required=True),
    prop("ref", {"type": ["object", "null", "string"]}, required=True),
)

# Operations


def manage(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make a snapshot that lies on a back end known to Cinder."""
    asked = body["snapshot"]
    volume = queries.find(ctx, asked["volume_id"])
    found = moves.take(ctx, moves.reference_of(asked["ref"]), "snapshot")
    if found is None:
        raise BadInput("Invalid input received: there is no such snapshot on the back end.")
    snapshot_id = snapshots.make(
        ctx,
        volume,
        name=asked.get("name"),
        description=asked.get("description"),
        metadata=asked.get("metadata") or {},
    )
    return Reply(
        202, {"snapshot": snapshots.SNAPSHOT.render(snapshots.find(ctx, snapshot_id), ctx)}
    )


def index(ctx: Context) -> dict[str, Any]:
    """List the snapshots that lie on a back end unmanaged."""
    return {
        "manageable-snapshots": [
            {
                "reference": {"source-name": row["reference"]},
                "size": row["size"],
                "safe_to_manage": True,
                "source_reference": {"source-name": f"volume-{row['volume_id']}"},
            }
            for row in moves.unmanaged(ctx, "snapshot")
        ]
    }


def detail(ctx: Context) -> dict[str, Any]:
    """List the snapshots that lie on a back end unmanaged, in detail."""
    rows = index(ctx)["manageable-snapshots"]
    more = {"reason_not_safe": None, "cinder_id": None, "extra_info": None}
    return {"manageable-snapshots": [{**row, **more} for row in rows]}
