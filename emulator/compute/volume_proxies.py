"""Volumes and snapshots as Compute showed them until 2.35: Block Storage's own, in other words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.compute.errors import NoMoreVolumes, RefusedByVolume, VolumeNotFoundHere
from emulator.compute.schemas import BOOLEAN, NON_NEGATIVE, TEXT
from emulator.errors import BadInput, NotFound, OverLimit, QuotaExceeded, TooLarge
from emulator.volume import snapshots as volume_snapshots
from emulator.volume.formats import is_short_description, is_short_name
from emulator.volume.volumes import operations, queries
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, Version, View, field, param, prop

ASKED_VERSION: Version = (3, 0)  # at which Block Storage's own words are read

# Schemas

LIST = Query(param("limit", NON_NEGATIVE), param("offset", NON_NEGATIVE))
CREATE_VOLUME = Body(
    "volume",
    prop("volume_type", TEXT),
    prop("metadata", Object(unknown=True)),
    prop("snapshot_id", TEXT),
    prop(
        "size",
        {"type": ["integer", "string"], "pattern": "^[0-9]+$", "minimum": 1},
        required=True,
    ),
    prop("availability_zone", TEXT),
    prop("display_name", TEXT),
    prop("display_description", TEXT),
)
CREATE_SNAPSHOT = Body(
    "snapshot",
    prop("volume_id", TEXT, required=True),
    prop("force", BOOLEAN),
    prop("display_name", TEXT),
    prop("display_description", TEXT),
)

# View


def _attachments(row: Any, ctx: Context) -> list[dict[str, Any]]:
    """Return the first attachment, or an empty one when there is none."""
    for each in row["attachments"]:
        shown = {"id": row["id"], "volumeId": row["id"], "serverId": each["server_id"]}
        return [{**shown, "device": each["device"]} if each["device"] else shown]
    return [{}]


VOLUME = View(
    field("id"),
    field("status"),
    field("size"),
    field("availabilityZone", column="availability_zone"),
    field("createdAt", column="created_at"),
    field("attachments", _attachments),
    field("displayName", column="name"),
    field("displayDescription", column="description"),
    field("volumeType", column="volume_type"),
    field("snapshotId", column="snapshot_id"),
    field("metadata"),
)
SNAPSHOT = View(
    field("id"),
    field("volumeId", column="volume_id"),
    field("status"),
    field("size"),
    field("createdAt", column="created_at"),
    field("displayName", column="name"),
    field("displayDescription", column="description"),
)

# What Block Storage is asked


def _ask(ctx: Context) -> Context:
    other = ctx.at_service("volume")
    other.version = ASKED_VERSION
    other.query = {}
    return other


def _asked(ctx: Context, what: str, own_id: str, call: Callable[[], Any]) -> Any:
    """Return what Block Storage answers; its refusals become Compute's, in its words."""
    try:
        return call()
    except NotFound:
        raise VolumeNotFoundHere(what=what, id=own_id) from None
    except (OverLimit, QuotaExceeded, TooLarge) as error:
        raise NoMoreVolumes(error.message) from None
    except BadInput as error:
        raise RefusedByVolume(reason=error.message, request_id=ctx.request_id) from None


def _page(ctx: Context, query: Mapping[str, list[str]], rows: list[Any]) -> list[Any]:
    most = ctx.settings.page_limit_max
    begin = int(query.get("offset", ["0"])[-1])
    limit = min(int(query.get("limit", ["0"])[-1]) or most, most)
    return rows[begin : begin + limit]


def _volume(ctx: Context, volume_id: str) -> Any:
    other = _ask(ctx)
    return _asked(ctx, "Volume", volume_id, lambda: queries.find(other, volume_id))


def _snapshot(ctx: Context, snapshot_id: str) -> Any:
    other = _ask(ctx)
    return _asked(ctx, "Snapshot", snapshot_id, lambda: volume_snapshots.find(other, snapshot_id))


# Operations


def volumes(ctx: Context, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """List volumes, always with all that is known of them."""
    found = _page(ctx, query, operations.detail(_ask(ctx))["volumes"])
    return {"volumes": [VOLUME.render(each, ctx) for each in found]}


def volume(ctx: Context, id: str) -> dict[str, Any]:
    """Show one volume."""
    found = operations.show(_ask(ctx), _volume(ctx, id))["volume"]
    return {"volume": VOLUME.render(found, ctx)}


def create_volume(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make a volume."""
    asked = {**body["volume"], "size": int(body["volume"]["size"])}
    snapshot_id = asked.get("snapshot_id", "")

    def make() -> Any:
        is_short_name(asked.get("display_name"))
        is_short_description(asked.get("display_description"))
        return operations.create(_ask(ctx), {"volume": asked})

    made = _asked(ctx, "Snapshot", snapshot_id, make)
    volume_id = made.body["volume"]["id"]
    where = f"{ctx.request.origin}{ctx.request.root}{ctx.mount}{ctx.path}/{volume_id}"
    return Reply(200, volume(ctx, volume_id), {"Location": where})


def delete_volume(ctx: Context, id: str) -> None:
    """Delete a volume."""
    found = _volume(ctx, id)
    _asked(ctx, "Volume", id, lambda: operations.delete(_ask(ctx), found))


def snapshots(ctx: Context, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """List snapshots, always with all that is known of them."""
    found = _page(ctx, query, volume_snapshots.detail(_ask(ctx))["snapshots"])
    return {"snapshots": [SNAPSHOT.render(each, ctx) for each in found]}


def snapshot(ctx: Context, id: str) -> dict[str, Any]:
    """Show one snapshot."""
    found = volume_snapshots.show(_ask(ctx), _snapshot(ctx, id))["snapshot"]
    return {"snapshot": SNAPSHOT.render(found, ctx)}


def create_snapshot(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Take a snapshot of a volume."""
    asked = dict(body["snapshot"])
    asked["description"] = asked.pop("display_description", None)
    made = _asked(
        ctx,
        "Volume",
        asked["volume_id"],
        lambda: volume_snapshots.create(_ask(ctx), {"snapshot": asked}),
    )
    return snapshot(ctx, made.body["snapshot"]["id"])


def delete_snapshot(ctx: Context, id: str) -> None:
    """Delete a snapshot."""
    found = _snapshot(ctx, id)
    _asked(ctx, "Snapshot", id, lambda: volume_snapshots.delete(_ask(ctx), found))
