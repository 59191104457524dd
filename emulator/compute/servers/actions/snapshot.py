"""createImage and createBackup: an image is made of a server's disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.compute import quotas
from emulator.compute.schemas import METADATA, NAME, NON_NEGATIVE
from emulator.compute.servers import guests, instance_actions, lifecycle, volume_attachments
from emulator.compute.servers.actions.errors import ImageMetadataLimitExceeded, NoBackupOfVolumes
from emulator.compute.servers.lifecycle import transition
from emulator.compute.servers.states import ACTIVE, PAUSED, STOPPED, SUSPENDED
from emulator.compute.versions import IMAGE_METADATA_IS_NOT_COUNTED, NEW_IMAGE_IS_IN_THE_BODY
from emulator.image import snapshots
from emulator.simulation.durations import fixed, uniform
from emulator.simulation.transition import Arguments, Step
from emulator.volume import snapshots as volume_snapshots
from emulator.volume.volumes import queries as volumes
from emulator.wire.envelopes import HTML
from emulator.wire.links import service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, prop

# Schemas

IMAGE_BODY = Body("createImage", prop("name", NAME, required=True), prop("metadata", METADATA))
BACKUP_BODY = Body(
    "createBackup",
    prop("name", NAME, required=True),
    prop("backup_type", {"type": "string"}, required=True),
    prop("rotation", NON_NEGATIVE, required=True),
    prop("metadata", METADATA),
)

# What an image takes over from a server (Nova 34.0.0, compute.utils, non-inheritable properties).
NOT_INHERITED = {
    "cache_in_nova",
    "bittorrent",
    "img_signature_hash_method",
    "img_signature",
    "img_signature_key_type",
    "img_signature_certificate_uuid",
    "os_hidden",
    "os_glance_importing_to_stores",
    "os_glance_failed_import",
    "cinder_encryption_key_id",
    "cinder_encryption_key_deletion_policy",
}


BOOTED_BY = ("boot_roles", "owner_user_name", "owner_project_name")


def make_image(ctx: Context, server: Any, name: str, kind: str, extra: Mapping[str, str]) -> str:
    """Create the queued image that a server's disk goes into; return its id."""
    kept = orjson.loads(server["system_metadata"])
    inherited = {
        key: value
        for key, value in (kept.get("image") or {}).items()
        if key not in NOT_INHERITED and not key.startswith(("os_glance", "signature"))
    }
    properties = {
        **inherited,
        "base_image_ref": server["image_ref"],
        **{key: kept[key] for key in BOOTED_BY if key in kept},
    }
    values: dict[str, Any] = {"min_disk": kept.get("min_disk", server["root_gb"])}
    if not server["image_ref"]:
        values["disk_format"] = "raw"
    else:
        properties["instance_uuid"] = server["uuid"]
        properties["user_id"] = ctx.user_id
        properties["image_type"] = kind
        if not guests.of(ctx, server).uploads:
            values |= {"disk_format": None, "container_format": None}
    properties |= extra
    if ctx.project_id != server["project_id"]:
        values["visibility"] = "shared"
        properties["instance_owner"] = server["project_id"]
    image = ctx.at_service("image")
    return snapshots.begin(image, name=name, properties=properties, server_row=server, **values)


# Effects


def upload(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The disk begins to arrive at the image service."""
    if guests.of(ctx, server).uploads:
        snapshots.start(ctx.at_service("image"), arguments["image"])


def finish(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The image has its data; of backups those beyond the rotation go."""
    if guests.of(ctx, server).uploads:
        size = max(server["root_gb"], 1) * 2**30
        snapshots.finish(ctx.at_service("image"), arguments["image"], size)
    if "rotation" in arguments:
        rotate(ctx, server, arguments["backup_type"], arguments["rotation"])


def rotate(ctx: Context, server: Any, backup_type: str, rotation: int) -> None:
    """Delete the oldest backups of a server beyond `rotation` of a type."""
    made = snapshots.of_server(ctx, server["uuid"], backup_type=backup_type)
    for image_id in made[rotation:]:
        snapshots.fail(ctx.at_service("image"), image_id)


# Lifecycle

STATES = (ACTIVE, STOPPED, PAUSED, SUSPENDED)
EVENT = "compute_snapshot_instance"
BACKUP_EVENT = "compute_backup_instance"
UPLOADING = uniform(12.0, 20.0)
"""How long a disk is on its way to Image: long enough to meet it there, as with real disks."""
SNAPSHOT = transition(
    "createImage",
    Step("image_snapshot_pending", fixed(0.2), event=EVENT),
    Step("image_snapshot", uniform(1.0, 3.0), event=EVENT, then=upload),
    Step("image_pending_upload", fixed(0.2), event=EVENT),
    Step("image_uploading", UPLOADING, event=EVENT, then=finish),
    allowed=STATES,
    lock=False,
)
BACKUP = transition(
    "createBackup",
    Step("image_backup", uniform(1.0, 3.0), event=BACKUP_EVENT, then=upload),
    Step("image_pending_upload", fixed(0.2), event=BACKUP_EVENT),
    Step("image_uploading", UPLOADING, event=BACKUP_EVENT, then=finish),
    allowed=STATES,
    lock=False,
)

# Operations


def create_image(ctx: Context, server: Any, body: Any) -> Reply:
    """Make an image of a server."""
    asked = body["createImage"]
    metadata = asked.get("metadata") or {}
    _check_metadata(ctx, metadata)
    if not server["image_ref"]:
        ctx.authorize("os_compute_api:servers:create_image:allow_volume_backed")
        lifecycle.check(ctx, SNAPSHOT, server)
        image_id = _image_of_volumes(ctx, server, asked["name"].strip(), metadata)
        return _answer(ctx, image_id, _image_url(ctx, image_id))
    lifecycle.check(ctx, SNAPSHOT, server)
    image_id = make_image(ctx, server, asked["name"].strip(), "snapshot", metadata)
    lifecycle.start(ctx, SNAPSHOT, server, image=image_id)
    return _answer(ctx, image_id, _image_url(ctx, image_id))


def _image_url(ctx: Context, image_id: str) -> str:
    """Where the image is; with two slashes, as Nova makes it of Image's discovered endpoint."""
    return f"{ctx.request.origin}{ctx.request.root}/image//images/{image_id}"


def _image_of_volumes(ctx: Context, server: Any, name: str, metadata: Mapping[str, str]) -> str:
    """Snapshot every volume of a server; the image has no data, it says what to boot from."""
    asking = ctx.at_service("volume")
    mapping = []
    for device in volume_attachments.rows(ctx, server["uuid"]):
        if not device["volume_id"]:
            continue
        snapshot_id = volume_snapshots.make(
            asking,
            volumes.find(asking, device["volume_id"]),
            name=f"snapshot for {name}",
            description=None,
            metadata={},
        )
        mapping.append(_from_snapshot(device, snapshot_id))
    extra = {
        **metadata,
        "root_device_name": server["root_device_name"],
        "bdm_v2": "True",
        "block_device_mapping": orjson.dumps(mapping).decode(),
    }
    image_id = make_image(ctx, server, name, "snapshot", extra)
    snapshots.finish_empty(ctx.at_service("image"), image_id)
    instance_actions.note(ctx, server, "createImage", "api_snapshot_instance")
    return image_id


def _from_snapshot(device: Any, snapshot_id: str) -> dict[str, Any]:
    """A block device as an image says it: made from a snapshot (Nova 34.0.0, get_image_mapping)."""
    copied = ("device_name", "boot_index", "volume_size", "disk_bus", "device_type", "tag")
    return {
        **{key: device[key] for key in (*copied, "guest_format", "volume_type")},
        "source_type": "snapshot",
        "destination_type": "volume",
        "snapshot_id": snapshot_id,
        "delete_on_termination": bool(device["delete_on_termination"]),
        "image_id": None,
        "volume_id": None,
        "no_device": None,
        "encrypted": None,
        "encryption_format": None,
        "encryption_options": None,
        "encryption_secret_uuid": None,
    }


def create_backup(ctx: Context, server: Any, body: Any) -> Reply:
    """Make an image of a server, of which no more than so many are kept."""
    asked = body["createBackup"]
    metadata = asked.get("metadata") or {}
    _check_metadata(ctx, metadata)
    lifecycle.check(ctx, BACKUP, server)
    if not server["image_ref"]:
        raise NoBackupOfVolumes()
    kind, rotation = asked["backup_type"], int(asked["rotation"] or 0)
    extra = {**metadata, "backup_type": kind}
    image_id = make_image(ctx, server, asked["name"].strip(), "backup", extra)
    lifecycle.start(ctx, BACKUP, server, image=image_id, backup_type=kind, rotation=rotation)
    location = f"{service_root(ctx)}/v2.1/images/{image_id}" if rotation else None
    return _answer(ctx, image_id, location)


def _answer(ctx: Context, image_id: str, location: str | None) -> Reply:
    """The id in the body from 2.45, before where the image is."""
    if NEW_IMAGE_IS_IN_THE_BODY in ctx:
        return Reply(202, {"image_id": image_id})
    return Reply(202, None, {"Location": location} if location else {}, content_type=HTML)


def _check_metadata(ctx: Context, metadata: Mapping[str, str]) -> None:
    """Below 2.39 an image may have no more properties than a server may have metadata."""
    if IMAGE_METADATA_IS_NOT_COUNTED in ctx:
        return
    allowed = quotas.limits(ctx, ctx.project_id)["metadata_items"]
    if 0 <= allowed < len(metadata):
        raise ImageMetadataLimitExceeded()
