"""Volumes that go elsewhere: to another back end, back in time, out of Cinder's hands."""

from __future__ import annotations

from typing import Any

from emulator.errors import BadInput, NotEmulated, ServiceUnavailable
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Step, Transition
from emulator.volume import backends, snapshots, types
from emulator.volume.errors import (
    InvalidHost,
    InvalidInput,
    InvalidSnapshot,
    InvalidVolume,
    InvalidVolumeType,
    VolumeTypeNotFoundByName,
)
from emulator.volume.schemas import (
    ANY,
    BOOLEAN,
    METADATA_OR_NULL,
    NAME_OR_NULL,
    SHORT_TEXT,
    UUID,
    truth,
)
from emulator.volume.volumes import lifecycle, operations, queries
from emulator.volume.volumes.views import VOLUME
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop

HOST = {
    "type": ["string", "null"],
    "minLength": 1,
    "maxLength": 255,
    "pattern": "^[a-zA-Z0-9-._#@:/+\\[\\]]*$",
}

# Schemas

MIGRATE = Body(
    "os-migrate_volume",
    prop("host", {"type": "string", "maxLength": 255}, required=True, until="3.15"),
    prop("host", {"type": ["string", "null"], "maxLength": 255}, since="3.16"),
    prop("force_host_copy", BOOLEAN),
    prop("lock_volume", BOOLEAN),
    prop("cluster", SHORT_TEXT, since="3.16"),
)
OUTCOME = prop("error", {"type": ["string", "null", "boolean"]})
MIGRATION_COMPLETION = Body(
    "os-migrate_volume_completion", prop("new_volume", UUID, required=True), OUTCOME
)
EXTENSION_COMPLETION = Body("os-extend_volume_completion", OUTCOME)
REVERT = Body(
    "revert", schema=Object(prop("snapshot_id", {"type": ["string", "null"]}), unknown=True)
)
UNMANAGE = Body("os-unmanage", schema=ANY)
MANAGE = Body(
    "volume",
    prop("description", SHORT_TEXT),
    prop("availability_zone", NAME_OR_NULL),
    prop("bootable", BOOLEAN),
    prop("volume_type", NAME_OR_NULL),
    prop("name", NAME_OR_NULL),
    prop("host", HOST),
    prop("ref", {"type": ["object", "string"]}, required=True),
    prop("metadata", METADATA_OR_NULL),
    prop("cluster", SHORT_TEXT, since="3.16"),
)

# Queries


def remember(ctx: Context, reference: str, kind: str, size: int, volume_id: str) -> None:
    """Keep in mind what lies on the back end that Cinder does not know any more."""
    ctx.db.execute(
        "INSERT OR REPLACE INTO volume_unmanaged (reference, kind, size, volume_id)"
        " VALUES (?, ?, ?, ?)",
        (reference, kind, size, volume_id),
    )


def unmanaged(ctx: Context, kind: str) -> list[Any]:
    """Return what lies on the back ends unmanaged, "volume" or "snapshot", oldest first."""
    return ctx.db.all("SELECT * FROM volume_unmanaged WHERE kind = ? ORDER BY rowid", (kind,))


def take(ctx: Context, reference: str, kind: str) -> Any:
    """Return and forget what lies unmanaged under a name, None when nothing does."""
    row = ctx.db.get("volume_unmanaged", reference, "reference")
    if row is None or row["kind"] != kind:
        return None
    ctx.db.delete("volume_unmanaged", reference, "reference")
    return row


def _newest_snapshot(ctx: Context, volume_id: str) -> Any:
    sql = (
        "SELECT * FROM volume_snapshots WHERE volume_id = ?"
        " ORDER BY created_at DESC, rowid DESC LIMIT 1"
    )
    return ctx.db.one(sql, (volume_id,))


# Operations of moving


def complete_extension(ctx: Context, volume: Any, body: Any) -> None:
    """Refuse to end an extension from outside: back ends here end their own.

    Cinder 29.0.0, volume.api.API.extend_volume_completion.
    """
    if volume["status"] != "extending":
        raise InvalidVolume(reason="Volume is not being extended.")
    raise InvalidVolume(reason="Required volume admin metadata is malformed or missing.")


def complete_migration(ctx: Context, volume: Any, body: dict[str, Any]) -> dict[str, str]:
    """Name the volume that is kept of two that do not migrate; migrations here end by themselves.

    Cinder 29.0.0, volume.api.API.migrate_volume_completion.
    """
    asked = body["os-migrate_volume_completion"]
    new = queries.find(ctx, asked["new_volume"])
    if not (volume["migration_status"] or new["migration_status"]):
        if volume["attachments"] and not truth(asked.get("error") or False):
            raise NotEmulated(feature="Giving a server another volume by ending a migration")
        return {"save_volume_id": new["id"]}
    for name, each in (("Source", volume), ("Destination", new)):
        if not each["migration_status"]:
            raise InvalidVolume(reason=f"{name} volume not mid-migration.")
    raise InvalidVolume(
        reason=f"Destination has migration_status {new['migration_status']}, expected"
        f" target:{volume['id']}"
    )


def migrate(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Move a volume to another back end."""
    asked = body["os-migrate_volume"]
    host = asked.get("host")
    if host is None:
        raise InvalidInput(reason="Either host or cluster must be specified.")
    if host not in backends.pools(ctx):
        raise InvalidHost(reason=f"No available service named '{host}'")
    moving = volume["migration_status"] not in (None, "deleting", "error", "success")
    if (
        volume["status"] not in ("available", "in-use")
        or moving
        or volume["group_id"]
        or volume["host"] == host
        or queries.has_snapshots(ctx, volume["id"])
    ):
        raise InvalidVolume(
            reason=f"Volume {volume['id']} status must be available or in-use, must not be "
            "migrating, have snapshots, be replicated, be part of a group and destination "
            "host/cluster must be different than the current one"
        )
    locked = truth(asked.get("lock_volume", False)) and volume["status"] == "available"
    queries.change(ctx, volume["id"], migration_status="starting")
    lifecycle.begin(
        ctx,
        MIGRATING_LOCKED if locked else MIGRATING,
        volume["id"],
        host=host,
        back=volume["status"],
    )
    return Reply(202)


def revert(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Take a volume back to its newest snapshot."""
    snapshot_id = body["revert"].get("snapshot_id")
    newest = _newest_snapshot(ctx, volume["id"])
    snapshot = snapshots.find(ctx, snapshot_id or "")
    if snapshot["volume_id"] != volume["id"]:
        raise InvalidInput(
            reason=f"Volume {volume['id']} and snapshot {snapshot_id} do not belong together."
        )
    if newest is None or newest["id"] != snapshot["id"]:
        raise InvalidInput(
            reason=f"Can't revert volume {volume['id']} to snapshot {snapshot_id}: "
            "it is not the latest one."
        )
    if volume["status"] != "available":
        raise InvalidVolume(
            reason=f"Can't revert volume {volume['id']} to its latest snapshot {snapshot_id}. "
            "Volume's status must be 'available'."
        )
    if snapshot["status"] != "available":
        raise InvalidSnapshot(
            reason=f"Can't revert volume {volume['id']} to its latest snapshot {snapshot_id}. "
            "Snapshot's status must be 'available'."
        )
    snapshots.change(ctx, snapshot["id"], status="restoring")
    lifecycle.begin(ctx, REVERTING, volume["id"], snapshot_id=snapshot["id"], back="available")
    return Reply(202)


# Operations of managing


def unmanage(ctx: Context, volume: Any, body: dict[str, Any]) -> Reply:
    """Let a volume lie on its back end, unknown to Cinder."""
    if volume["status"] not in operations.DELETABLE or volume["attachments"]:
        raise InvalidVolume(reason=operations.NOT_DELETABLE)
    remember(ctx, f"volume-{volume['id']}", "volume", volume["size"], volume["id"])
    lifecycle.begin(ctx, UNMANAGING, volume["id"])
    return Reply(202)


def manage(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make a volume that lies on a back end known to Cinder."""
    asked = body["volume"]
    host = asked.get("host")
    if host is None:
        raise InvalidInput(reason="Either host or cluster must be specified.")
    if host not in backends.pools(ctx) and not any(
        pool.startswith(f"{host}#") for pool in backends.pools(ctx)
    ):
        raise ServiceUnavailable(f"Service is unavailable at this time: Host '{host}' not found")
    kind = types.default(ctx)
    if asked.get("volume_type"):
        try:
            kind = types.find_by_name_or_id(ctx, asked["volume_type"])
        except VolumeTypeNotFoundByName:
            raise InvalidVolumeType(
                reason=f"Cannot find requested '{asked['volume_type']}' volume type"
            ) from None
    found = take(ctx, reference_of(asked["ref"]), "volume")
    given = {**asked, "availability_zone": asked.get("availability_zone") or "nova"}
    volume_id = operations.make(ctx, given, size=found["size"] if found else 0, kind=kind)
    ctx.engine.cancel("volume", volume_id)
    queries.change(
        ctx, volume_id, host=host, shared_targets=0, bootable=truth(asked.get("bootable", False))
    )
    lifecycle.begin(ctx, MANAGING, volume_id, found=found is not None)
    return Reply(202, {"volume": VOLUME.render(queries.find(ctx, volume_id), ctx)})


def reference_of(given: Any) -> str:
    """Return the name on the back end that a `ref` gives."""
    if isinstance(given, dict):
        reference = given.get("source-name") or given.get("source-id")
        if reference is None:
            raise BadInput("Invalid input received: ref has neither source-name nor source-id.")
        return str(reference)
    return str(given)


def index_manageable(ctx: Context) -> dict[str, Any]:
    """List the volumes that lie on a back end unmanaged."""
    return {
        "manageable-volumes": [
            {"reference": {"source-name": row["reference"]}, "size": row["size"],
             "safe_to_manage": True}
            for row in unmanaged(ctx, "volume")
        ]
    }  # fmt: skip


def detail_manageable(ctx: Context) -> dict[str, Any]:
    """List the volumes that lie on a back end unmanaged, in detail."""
    rows = index_manageable(ctx)["manageable-volumes"]
    more = {"reason_not_safe": None, "cinder_id": None, "extra_info": None}
    return {"manageable-volumes": [{**row, **more} for row in rows]}


# Lifecycle


def _arrive(ctx: Context, volume: Any, arguments: Arguments) -> None:
    queries.change(ctx, volume["id"], host=arguments["host"], migration_status="success")


def _migrating(ctx: Context, volume: Any, arguments: Arguments) -> None:
    queries.change(ctx, volume["id"], migration_status="migrating")


def _completing(ctx: Context, volume: Any, arguments: Arguments) -> None:
    queries.change(ctx, volume["id"], migration_status="completing")


def _restored(ctx: Context, volume: Any, arguments: Arguments) -> None:
    snapshots.change(ctx, arguments["snapshot_id"], status="available")


def _managed(ctx: Context, volume: Any, arguments: Arguments) -> dict[str, Any]:
    return {"back": "available" if arguments["found"] else "error_managing"}


def _steps(status: str | None) -> tuple[Step, ...]:
    """A migration's steps; the volume shows `status`, or what it showed, while they last."""
    return (
        Step(status, uniform(0.2, 0.5), then=_migrating),
        Step(status, uniform(1.0, 5.0), then=_completing),
        Step(status, uniform(0.2, 0.5), then=_arrive),
    )


MIGRATING = Transition("migrate", _steps(None))
MIGRATING_LOCKED = Transition("migrate_locked", _steps("maintenance"))
REVERTING = Transition("revert", (Step("reverting", uniform(0.5, 2.0), then=_restored),))
MANAGING = Transition("manage", (Step("creating", uniform(0.5, 2.0), then=_managed),))
UNMANAGING = Transition("unmanage", (Step("unmanaging", uniform(0.2, 1.0), then=lifecycle.remove),))
lifecycle.VOLUME.add(MIGRATING, MIGRATING_LOCKED, REVERTING, MANAGING, UNMANAGING)
