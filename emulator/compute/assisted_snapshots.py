"""Assisted volume snapshots: Cinder's drivers that ask Compute to snapshot an attached volume."""

from __future__ import annotations

import json
from typing import Any

from emulator.compute.errors import InstanceInvalidState, InstanceNotReady
from emulator.compute.schemas import UNKNOWN_UNTIL_274
from emulator.compute.servers import lifecycle, queries
from emulator.compute.servers.actions.errors import VolumeIsMultiattach, VolumeNotMapped
from emulator.compute.servers.states import ACTIVE, PAUSED, STOPPED
from emulator.errors import BadInput
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, param, prop

# Schemas

ID = {"type": "string", "minLength": 1}
CREATE = Body(
    "snapshot",
    prop("volume_id", ID, required=True),
    prop(
        "create_info",
        Object(
            prop("snapshot_id", ID, required=True),
            prop("type", {"type": "string", "enum": ["qcow2"]}, required=True),
            prop("new_file", ID, required=True),
            prop("id", ID),
        ),
        required=True,
    ),
)
DELETE = Query(param("delete_info"), unknown=UNKNOWN_UNTIL_274)

# Queries


def _server(ctx: Context, volume_id: str) -> Any:
    """The server that has the volume. VolumeNotMapped, VolumeIsMultiattach."""
    rows = ctx.db.all(
        "SELECT server_uuid FROM compute_block_devices WHERE volume_id = ?", (volume_id,)
    )
    if not rows:
        raise VolumeNotMapped(volume_id=volume_id)
    if len(rows) > 1:
        raise VolumeIsMultiattach(volume_id=volume_id)
    return queries.find(ctx.as_emulator(), rows[0]["server_uuid"])


# Operations


def create(ctx: Context, body: Any) -> dict[str, Any]:
    """Begin to write an attached volume to another file."""
    asked = body["snapshot"]
    _check(_server(ctx, asked["volume_id"]))
    created = {"id": asked["create_info"].get("id"), "volumeId": asked["volume_id"]}
    return {"snapshot": created}


def delete(ctx: Context, snapshot_id: str, query: dict[str, list[str]]) -> None:
    """Merge an attached volume's files again."""
    if "delete_info" not in query:
        raise BadInput("'delete_info'")
    try:
        asked = json.loads(query["delete_info"][-1])
        volume_id = asked["volume_id"]
    except (ValueError, TypeError) as problem:
        raise BadInput(str(problem)) from None
    except KeyError as missing:
        raise BadInput(str(missing)) from None
    _check(_server(ctx, volume_id))


def _check(server: Any) -> None:
    """A snapshot is of a server on a host, between tasks; Nova words both refusals as 400."""
    if not server["host"]:
        raise BadInput(InstanceNotReady(instance_id=server["uuid"]).message)
    try:
        lifecycle.check_state(server, "volume_snapshot_create", (ACTIVE, PAUSED, STOPPED))
    except InstanceInvalidState as refusal:
        raise BadInput(refusal.message) from None
