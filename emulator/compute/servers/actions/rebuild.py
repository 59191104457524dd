"""Rebuild: a server is made anew from an image, on its host, with its id and addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.compute import images, keypairs, quotas
from emulator.compute.errors import KeypairNotFound
from emulator.compute.formats import shortest
from emulator.compute.links import self_href
from emulator.compute.schemas import (
    ADMIN_PASSWORD,
    BOOLEAN,
    DESCRIPTION,
    DISK_CONFIG,
    HOSTNAME,
    IPV4,
    IPV6,
    METADATA,
    NAME,
    NAME_OR_NULL,
    TRUSTED_CERTIFICATES,
    UUID,
    truth,
)
from emulator.compute.servers import lifecycle, queries, sizes, volume_attachments
from emulator.compute.servers.actions.errors import (
    CertificatesNeedImages,
    ImageUnacceptable,
    InvalidKeyName,
    RebuildImageNotFound,
)
from emulator.compute.servers.create import check_files, check_metadata
from emulator.compute.servers.errors import FileWithoutContents, NoSuchImage
from emulator.compute.servers.lifecycle import transition
from emulator.compute.servers.schemas import HOSTNAME_WITH_DOTS, PERSONALITY
from emulator.compute.servers.states import ACTIVE, ERROR, RUNNING, SHUTDOWN, STOPPED, State
from emulator.compute.servers.views import REBUILT, shown
from emulator.compute.versions import VOLUME_BACKED_SERVERS_CAN_BE_REBUILT
from emulator.errors import TransitionFailed
from emulator.simulation.durations import fixed, uniform
from emulator.simulation.transition import Arguments, Step
from emulator.volume.volumes import imaging
from emulator.volume.volumes import queries as volumes
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, prop

# Schemas

REBUILD_BODY = Body(
    "rebuild",
    prop("name", NAME),
    prop("imageRef", UUID, required=True),
    prop("adminPass", ADMIN_PASSWORD),
    prop("metadata", METADATA),
    prop("preserve_ephemeral", BOOLEAN),
    prop("OS-DCF:diskConfig", DISK_CONFIG),
    prop("accessIPv4", IPV4),
    prop("accessIPv6", IPV6),
    prop("personality", PERSONALITY, until="2.56"),
    prop("description", DESCRIPTION, since="2.19"),
    prop("key_name", NAME_OR_NULL, since="2.54"),
    prop(
        "user_data",
        {"type": ["string", "null"], "format": "base64", "maxLength": 65535},
        since="2.57",
    ),
    prop("trusted_image_certificates", TRUSTED_CERTIFICATES, since="2.63"),
    prop("hostname", HOSTNAME, since="2.90", until="2.93"),
    prop("hostname", HOSTNAME_WITH_DOTS, since="2.94"),
)

# Effects


def spawn(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The guest runs from the image. No driver here keeps an ephemeral disk when asked to."""
    if arguments["preserve_ephemeral"]:
        raise TransitionFailed(
            "The current driver does not support preserving ephemeral partitions."
        )
    queries.change(
        ctx,
        server["uuid"],
        vm_state=ACTIVE,
        power_state=RUNNING,
        launched_at=ctx.timestamp,
        fault_code=None,
    )


# Lifecycle


def _reimage(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The volume that the server boots from has the data of the image, from 2.93 on."""
    volume = _root_volume(ctx, server)
    if volume is not None and "image_metadata" in arguments:
        imaging.take(ctx, volume, arguments)


EVENT = "compute_rebuild_instance"
STEPS = (
    Step("rebuilding", fixed(0.2), event="rebuild_server"),
    Step("rebuilding", fixed(0.5), event=EVENT),
    Step("rebuild_block_device_mapping", fixed(0.5), event=EVENT, then=_reimage),
    Step("rebuild_spawning", uniform(2.0, 5.0), event=EVENT, then=spawn),
)
REBUILD = transition(
    "rebuild",
    *STEPS,
    allowed=(ACTIVE, STOPPED, ERROR),
    to=State(ACTIVE, RUNNING),
    fails_to=State(ERROR),
)
REBUILD_STOPPED = transition(
    "rebuild and stop",
    *STEPS,
    Step("powering-off", uniform(0.5, 2.0), event="compute_stop_instance"),
    allowed=(STOPPED,),
    called="rebuild",
    record="rebuild",
    to=State(STOPPED, SHUTDOWN),
    fails_to=State(ERROR),
)

# Operations


def rebuild(ctx: Context, server: Any, body: Any) -> Reply:
    """Make a server anew; what was stopped is stopped again afterwards."""
    asked = body["rebuild"]
    if asked.get("trusted_image_certificates"):
        ctx.authorize("os_compute_api:servers:rebuild:trusted_certs")
    for file in asked.get("personality", ()):
        for key in ("path", "contents"):
            if key not in file:
                raise FileWithoutContents(key=key)
    stopped = server["vm_state"] == STOPPED
    change = REBUILD_STOPPED if stopped else REBUILD
    lifecycle.check(ctx, change, server)
    password = asked.get("adminPass") or ctx.ids.password()
    changes = _changes(ctx, server, asked, password)
    kept: dict[str, Any] = {"preserve_ephemeral": truth(asked.get("preserve_ephemeral", False))}
    if VOLUME_BACKED_SERVERS_CAN_BE_REBUILT in ctx and not server["image_ref"]:
        kept["image_metadata"] = imaging.metadata(images.find(ctx, asked["imageRef"]))
    lifecycle.start(ctx, change, server, **kept)
    queries.change(ctx, server["uuid"], **changes)
    answer = {"server": shown(ctx, REBUILT, server["uuid"], adminPass=password)}
    location = self_href(ctx, "servers", server["uuid"])
    return Reply(202, answer, {"Location": location})


def _changes(ctx: Context, server: Any, asked: Mapping[str, Any], password: str) -> dict[str, Any]:
    """The columns that a rebuild changes, once what they come from was checked."""
    changes = _plain_changes(asked, password)
    if asked.get("key_name"):
        changes["key_data"] = _key(ctx, asked["key_name"])
    elif "key_name" in asked:
        changes["key_data"] = None
    image, properties = _image(ctx, server, asked)
    if asked.get("personality"):
        check_files(asked["personality"], quotas.limits(ctx, ctx.project_id))
    if not server["image_ref"]:
        _check_volume_backed(ctx, server, asked)
    if asked.get("metadata"):
        check_metadata(asked["metadata"], quotas.limits(ctx, ctx.project_id))
    if server["image_ref"]:
        flavor = {"memory_mb": server["memory_mb"], "root_gb": server["root_gb"]}
        sizes.check(ctx, image, properties, flavor, None)
        changes["image_ref"] = image["id"]
    changes["image_properties"] = images.remembered(properties)
    changes["kernel_id"] = properties.get("kernel_id") or ""
    changes["ramdisk_id"] = properties.get("ramdisk_id") or ""
    kept = orjson.loads(server["system_metadata"])
    kept |= images.kept_of(image, properties, server["root_gb"])
    changes["system_metadata"] = orjson.dumps(kept).decode()
    changes["progress"] = 0
    return changes


def _check_volume_backed(ctx: Context, server: Any, asked: Mapping[str, Any]) -> None:
    """Below 2.93 a server that boots from a volume is rebuilt from the image of that volume."""
    if asked.get("trusted_image_certificates"):
        raise CertificatesNeedImages()
    if VOLUME_BACKED_SERVERS_CAN_BE_REBUILT in ctx:
        return
    volume = _root_volume(ctx, server)
    if volume is not None:
        origin = orjson.loads(volume["image_metadata"] or "{}").get("image_id")
        if origin != asked["imageRef"]:
            raise ImageUnacceptable(
                image_id=asked["imageRef"],
                reason="Unable to rebuild with a different image for a volume-backed server.",
            )


def _root_volume(ctx: Context, server: Any) -> Any:
    """The volume that a server boots from; None where it boots from an image."""
    if server["image_ref"]:
        return None
    for device in volume_attachments.rows(ctx, server["uuid"]):
        if device["boot_index"] == 0 and device["volume_id"]:
            return volumes.raw(ctx, device["volume_id"])
    return None


def _plain_changes(asked: Mapping[str, Any], password: str) -> dict[str, Any]:
    changes: dict[str, Any] = {"admin_password": password}
    for name, column in (
        ("description", "display_description"),
        ("accessIPv4", "access_ip_v4"),
        ("key_name", "key_name"),
        ("user_data", "user_data"),
        ("hostname", "hostname"),
    ):
        if name in asked:
            changes[column] = asked[name]
    if "accessIPv6" in asked:
        changes["access_ip_v6"] = shortest(asked["accessIPv6"])
    if "name" in asked:
        changes["display_name"] = asked["name"].strip()
    for name, column in (("metadata", "metadata"), ("trusted_image_certificates", "trusted_certs")):
        if asked.get(name) is not None:
            changes[column] = orjson.dumps(asked[name]).decode()
        elif name in asked:
            changes[column] = None
    if "OS-DCF:diskConfig" in asked:
        changes["auto_disk_config"] = int(asked["OS-DCF:diskConfig"] == "AUTO")
    return changes


def _key(ctx: Context, name: str) -> str:
    """The public key of one of the caller's own key pairs."""
    try:
        key: str = keypairs.find(ctx, ctx.user_id, name)["public_key"]
    except KeypairNotFound:
        raise InvalidKeyName() from None
    return key


def _image(ctx: Context, server: Any, asked: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    try:
        image = images.find(ctx, asked["imageRef"])
    except NoSuchImage:
        raise RebuildImageNotFound() from None
    properties = images.properties_of(image)
    sizes.check_disk_config(asked.get("OS-DCF:diskConfig"), properties, image["id"])
    return image, properties
