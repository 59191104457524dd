"""Nova's versioned notifications about servers, as it would publish them on its message queue.

What is told follows from the event that a step is of, as Nova's own functions of these names tell
it (Nova 34.0.0, compute/manager.py, compute/utils.py, notifications/objects/instance.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from emulator.compute.servers.lifecycle import SERVER
from emulator.compute.servers.states import BUILDING
from emulator.simulation.transition import Step
from emulator.wire.request import Context

Message = dict[str, Any]
Extra = Mapping[str, Any]

ACTION = ("InstanceActionPayload", "1.9")
CREATE = ("InstanceCreatePayload", "1.13")
REBUILD = ("InstanceActionRebuildPayload", "1.10")
RESCUE = ("InstanceActionRescuePayload", "1.4")
SNAPSHOT = ("InstanceActionSnapshotPayload", "1.10")
RESIZE_PREP = ("InstanceActionResizePrepPayload", "1.4")


class Told(NamedTuple):
    """What is told of an event: of which actions, with which payload, whether of errors too.

    Of several actions the first begins first and ends last. `disks` says that its volumes are in.
    """

    actions: tuple[str, ...]
    payload: tuple[str, str] = ACTION
    errors: bool = False
    begins: bool = True
    ends: bool = True
    disks: bool = False


OF_EVENTS: Mapping[str, Told] = {
    "compute__do_build_and_run_instance": Told(("create",), CREATE, errors=True, disks=True),
    "compute_terminate_instance": Told(("delete", "shutdown"), disks=True),
    "compute_soft_delete_instance": Told(("soft_delete",)),
    "compute_restore_instance": Told(("restore",)),
    "compute_trigger_crash_dump": Told(("trigger_crash_dump",)),
    "compute_start_instance": Told(("power_on",)),
    "compute_stop_instance": Told(("power_off",)),
    "compute_reboot_instance": Told(("reboot",), errors=True, disks=True),
    "compute_pause_instance": Told(("pause",)),
    "compute_unpause_instance": Told(("unpause",)),
    "compute_suspend_instance": Told(("suspend",)),
    "compute_resume_instance": Told(("resume",)),
    "compute_rescue_instance": Told(("rescue",), RESCUE),
    "compute_unrescue_instance": Told(("unrescue",)),
    "compute_rebuild_instance": Told(("rebuild",), REBUILD, errors=True, disks=True),
    "compute_snapshot_instance": Told(("snapshot",), SNAPSHOT),
    "compute_backup_instance": Told(("snapshot",), SNAPSHOT),
    "compute_shelve_instance": Told(("shelve",), disks=True),
    "compute_shelve_offload_instance": Told(("shelve_offload",), disks=True),
    "compute_unshelve_instance": Told(("unshelve",), disks=True),
    "compute_prep_resize": Told(("resize_prep",), RESIZE_PREP),
    "compute_resize_instance": Told(("resize",), errors=True, disks=True),
    "compute_finish_resize": Told(("resize_finish",), disks=True),
    "compute_confirm_resize": Told(("resize_confirm",)),
    "compute_revert_resize": Told(("resize_revert",), ends=False, disks=True),
    "compute_finish_revert_resize": Told(("resize_revert",), begins=False, disks=True),
    "compute_pre_live_migration": Told(("live_migration_pre",), disks=True),
    "compute_post_live_migration_at_destination": Told(("live_migration_post_dest",)),
}
POWER_STATES = {0: "pending", 1: "running", 3: "paused", 4: "shutdown", 6: "crashed"}
POWER_STATES[7] = "suspended"

# Queries


def _server(ctx: Context, server_uuid: str) -> Any:
    return ctx.db.get("compute_servers", server_uuid, "uuid")


def _event(ctx: Context, server_uuid: str, event: str) -> Any:
    """Where an event is, and who asked for it: the latest of its name."""
    return ctx.db.one(
        "SELECT e.host, a.request_id, a.user_id, a.project_id FROM compute_instance_action_events e"
        " JOIN compute_instance_actions a ON a.id = e.action_id"
        " WHERE a.server_uuid = ? AND e.event = ? ORDER BY e.id DESC LIMIT 1",
        (server_uuid, event),
    )


def _addresses(ctx: Context, server_uuid: str) -> list[Any]:
    return ctx.db.all(
        "SELECT n.name AS label, p.mac_address, p.id, a.ip_address FROM network_ports p"
        " JOIN network_networks n ON n.id = p.network_id"
        " JOIN network_ip_allocations a ON a.port_id = p.id"
        " WHERE p.device_id = ? ORDER BY p.nic_index, p.rowid, a.rowid",
        (server_uuid,),
    )


def _volumes(ctx: Context, server_uuid: str) -> list[Any]:
    return ctx.db.all(
        "SELECT * FROM compute_block_devices WHERE server_uuid = ? AND volume_id IS NOT NULL"
        " ORDER BY id",
        (server_uuid,),
    )


def _keypair(ctx: Context, server: Any) -> Any:
    return ctx.db.one(
        "SELECT * FROM compute_keypairs WHERE user_id = ? AND name = ?",
        (server["user_id"], server["key_name"]),
    )


def _new_flavor(ctx: Context, server_uuid: str) -> Any:
    """The flavor that a server is about to get: that of its youngest migration."""
    return ctx.db.one(
        "SELECT f.* FROM compute_migrations m JOIN compute_flavors f ON f.id = m.new_flavor_id"
        " WHERE m.server_uuid = ? ORDER BY m.id DESC LIMIT 1",
        (server_uuid,),
    )


def _snapshot(ctx: Context, server_uuid: str) -> str | None:
    """The image that is being made of a server: the youngest one."""
    image: str | None = ctx.db.value(
        "SELECT id FROM image_images WHERE json_extract(properties, '$.instance_uuid') = ?"
        " ORDER BY created_at DESC, rowid DESC LIMIT 1",
        (server_uuid,),
    )
    return image


# What is told when


def messages(
    ctx: Context, what: str, server_uuid: str, transition: str, index: int, message: str
) -> Iterator[Message]:
    """Yield what Nova publishes when a step begins, ends or fails; nothing for most."""
    change = SERVER.transitions.get(transition)
    if change is None:
        return
    step = change.steps[index]
    before, event, after = (
        _event_of(change.steps[place]) if 0 <= place < len(change.steps) else None
        for place in (index - 1, index, index + 1)
    )
    told = OF_EVENTS.get(event or "")
    if told is None:
        return
    over = what == "finished" or (what == "ended" and after not in (event, None))
    if what == "entered" and before != event and told.begins:
        yield from _publish(ctx, server_uuid, step, told, "start")
    elif over and told.ends:
        yield from _publish(ctx, server_uuid, step, told, "end")
    elif what == "failed" and told.errors:
        yield from _publish(ctx, server_uuid, step, told, "error", message)


def _event_of(step: Step) -> str | None:
    """The event that a step is told of: shelving tells of the offload that it ends with."""
    if step.state == "shelving_offloading":
        return "compute_shelve_offload_instance"
    return step.event


def _publish(
    ctx: Context, server_uuid: str, step: Step, told: Told, phase: str, message: str = ""
) -> Iterator[Message]:
    server = _server(ctx, server_uuid)
    assert step.event is not None
    event = _event(ctx, server_uuid, step.event)
    if server is None or event is None:
        return
    data = _data(ctx, server, event, told)
    if phase == "start":
        data["task_state"] = None if server["vm_state"] == BUILDING else step.state
    if phase == "error":
        data["fault"] = _fault(message)
        if told.payload == CREATE:  # Nova tells it before it cleans up
            data |= {"state": BUILDING, "task_state": step.state}
            data |= {"host": event["host"], "node": event["host"]}
    payload = _object(*told.payload, data)
    actions = told.actions if phase == "start" else reversed(told.actions)
    for action in actions:
        yield {
            "event_type": f"instance.{action}.{phase}",
            "payload": payload,
            "priority": "ERROR" if phase == "error" else "INFO",
            "publisher_id": f"nova-compute:{event['host'] or server['host']}",
        }


# What it says


def _object(name: str, version: str, data: Extra) -> Message:
    """A versioned object as oslo.versionedobjects writes it."""
    return {
        "nova_object.data": data,
        "nova_object.name": name,
        "nova_object.namespace": "nova",
        "nova_object.version": version,
    }


def _data(ctx: Context, server: Any, event: Any, told: Told) -> Message:
    image = orjson.loads(server["image_properties"])
    asked = bool(event["user_id"] and event["project_id"])
    volumes = _volumes(ctx, server["uuid"]) if told.disks else None
    return {
        "uuid": server["uuid"],
        "user_id": server["user_id"],
        "tenant_id": server["project_id"],
        "reservation_id": server["reservation_id"],
        "display_name": server["display_name"],
        "display_description": server["display_description"],
        "host_name": server["hostname"],
        "host": server["host"],
        "node": server["node"],
        "os_type": image.get("os_type"),
        "architecture": image.get("hw_architecture") or image.get("architecture"),
        "availability_zone": server["availability_zone"],
        "flavor": _flavor(orjson.loads(server["flavor"]), server),
        "image_uuid": server["image_ref"],
        "key_name": server["key_name"],
        "kernel_id": server["kernel_id"],
        "ramdisk_id": server["ramdisk_id"],
        **{f"{name}_at": _time(server[f"{name}_at"]) for name in TIMES},
        "state": server["vm_state"],
        "power_state": POWER_STATES.get(server["power_state"]),
        "task_state": server["task_state"],
        "progress": server["progress"],
        "ip_addresses": [_address(row) for row in _addresses(ctx, server["uuid"])],
        "block_devices": None if volumes is None else [_block_device(row) for row in volumes],
        "metadata": orjson.loads(server["metadata"]),
        "locked": server["locked_by"] is not None,
        "auto_disk_config": "AUTO" if server["auto_disk_config"] else "MANUAL",
        "request_id": event["request_id"] if asked else None,
        "action_initiator_user": event["user_id"],
        "action_initiator_project": event["project_id"],
        "locked_reason": server["locked_reason"],
        "shares": None,  # [notifications]include_share_mapping is off
        "fault": None,
        **_own(ctx, server, told.payload),
    }


TIMES = ("created", "launched", "terminated", "deleted", "updated")


def _time(stored: str | None) -> str | None:
    return None if stored is None else f"{stored[:19]}Z"


def _own(ctx: Context, server: Any, payload: tuple[str, str]) -> Extra:
    """What a kind of payload has beside the others."""
    trusted = server["trusted_certs"]
    certificates = None if trusted is None else orjson.loads(trusted)
    if payload == CREATE:
        keypair = _keypair(ctx, server) if server["key_name"] else None
        return {
            "keypairs": [] if keypair is None else [_key(keypair)],
            "tags": orjson.loads(server["tags"]),
            "trusted_image_certificates": certificates,
            "instance_name": f"instance-{server['id']:08x}",
        }
    if payload == REBUILD:
        return {"trusted_image_certificates": certificates}
    if payload == RESCUE:
        return {"rescue_image_ref": None}
    if payload == SNAPSHOT:
        return {"snapshot_image_id": _snapshot(ctx, server["uuid"])}
    if payload == RESIZE_PREP:
        flavor = _new_flavor(ctx, server["uuid"])
        return {"new_flavor": None if flavor is None else _flavor(_embedded(flavor), flavor)}
    return {}


def _embedded(flavor: Any) -> Message:
    """A flavor as servers keep it."""
    return {
        "ram": flavor["memory_mb"],
        "vcpus": flavor["vcpus"],
        "disk": flavor["root_gb"],
        "ephemeral": flavor["ephemeral_gb"],
        "original_name": flavor["name"],
        "swap": flavor["swap"],
        "extra_specs": orjson.loads(flavor["extra_specs"]),
    }


def _flavor(flavor: Extra, named: Any) -> Message:
    data = {
        "flavorid": named["flavorid"],
        "memory_mb": flavor["ram"],
        "vcpus": flavor["vcpus"],
        "root_gb": flavor["disk"],
        "ephemeral_gb": flavor["ephemeral"],
        "name": flavor["original_name"],
        "swap": flavor["swap"],
        "rxtx_factor": 1.0,
        "vcpu_weight": 0,
        "disabled": False,
        "is_public": True,
        "extra_specs": flavor["extra_specs"],
        "projects": None,
        "description": None,
    }
    return _object("FlavorPayload", "1.4", data)


def _address(row: Any) -> Message:
    data = {
        "label": row["label"],
        "mac": row["mac_address"],
        "meta": {},
        "port_uuid": row["id"],
        "version": 6 if ":" in row["ip_address"] else 4,
        "address": row["ip_address"],
        "device_name": f"tap{row['id'][:11]}",
    }
    return _object("IpPayload", "1.0", data)


def _block_device(row: Any) -> Message:
    data = {
        "device_name": row["device_name"],
        "boot_index": row["boot_index"],
        "delete_on_termination": bool(row["delete_on_termination"]),
        "volume_id": row["volume_id"],
        "tag": row["tag"],
    }
    return _object("BlockDevicePayload", "1.0", data)


def _key(row: Any) -> Message:
    names = ("user_id", "name", "fingerprint", "public_key", "type")
    return _object("KeypairPayload", "1.0", {name: row[name] for name in names})


def _fault(message: str) -> Message:
    """What went wrong; there is no Python of Nova's here that it went wrong in."""
    data = {
        "module_name": "nova.compute.manager",
        "function_name": "",
        "exception": "NovaException",
        "exception_message": message,
        "traceback": "",
    }
    return _object("ExceptionPayload", "1.1", data)
