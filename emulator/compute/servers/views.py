"""What servers look like: one table of fields, and the answers that show more or fewer of them.

A view renders a server that `related.complete` has put beside its columns what else is shown.
"""

from __future__ import annotations

import ipaddress
from typing import Any

import orjson

from emulator.compute.servers.lifecycle import PROGRESS_STATUSES
from emulator.compute.servers.related import addresses
from emulator.wire.request import Context
from emulator.wire.versioned import Field, View, field

EXTENDED = "os_compute_api:os-extended-server-attributes"
FAULT_STATUSES = ("ERROR", "DELETED")
VOLUMES = "os-extended-volumes:volumes_attached"


# Values


def plain_addresses(server: Any, ctx: Context) -> dict[str, list[Any]]:
    """Return the addresses without their types and MACs."""
    if server["vm_state"] == "building":
        return {}
    return addresses(server["ports"], extended=False)


def _access_ip_v6(server: Any, ctx: Context) -> str:
    """The address as Nova stores it: in its shortest form."""
    address = server["access_ip_v6"]
    return ipaddress.IPv6Address(address).compressed if address else ""


def _json(column: str) -> Any:
    return lambda server, ctx: orjson.Fragment(server[column])


def _certificates(server: Any, ctx: Context) -> Any:
    text = server["trusted_certs"]
    return None if text is None else orjson.Fragment(text)


def _has_progress(server: Any, ctx: Context) -> bool:
    return server["status"] in PROGRESS_STATUSES


def _has_fault(server: Any, ctx: Context) -> bool:
    return server["fault_code"] is not None and server["status"] in FAULT_STATUSES


def _fault(server: Any, ctx: Context) -> dict[str, Any]:
    fault = {
        "code": server["fault_code"],
        "created": server["fault_created"][:19] + "Z",
        "message": server["fault_message"],
    }
    if server["fault_details"] and (ctx.is_admin or server["fault_code"] != 500):
        fault["details"] = server["fault_details"]
    return fault


def _volumes(server: Any, ctx: Context) -> list[dict[str, Any]]:
    return [{"id": volume["volume_id"]} for volume in server["volumes"]]


def _volumes_kept(server: Any, ctx: Context) -> list[dict[str, Any]]:
    return [
        {
            "id": volume["volume_id"],
            "delete_on_termination": bool(volume["delete_on_termination"]),
        }
        for volume in server["volumes"]
    ]


# Fields

COMMON = (
    field("id", column="uuid"),
    field("name", column="display_name"),
    field("status"),
    field("tenant_id", column="project_id"),
    field("user_id"),
    field("metadata", _json("metadata")),
    field("hostId", column="host_id"),
    field("image", column="shown_image"),
    field("flavor", column="shown_flavor"),
    field("created"),
    field("updated"),
    field("accessIPv4", lambda server, ctx: server["access_ip_v4"] or ""),
    field("accessIPv6", _access_ip_v6),
    field("links"),
    field(
        "OS-DCF:diskConfig",
        lambda server, ctx: "AUTO" if server["auto_disk_config"] else "MANUAL",
    ),
    field("progress", when=_has_progress),
    field("fault", _fault, when=_has_fault),
    field("locked", lambda server, ctx: server["locked_by"] is not None, since="2.9"),
    field("description", column="display_description", since="2.19"),
    field("tags", _json("tags"), since="2.26"),
    field("trusted_image_certificates", _certificates, since="2.63"),
    field("locked_reason", since="2.73"),
    field("OS-EXT-SRV-ATTR:hostname", column="hostname", since="2.90"),
    field("scheduler_hints", _json("scheduler_hints"), since="2.100"),
)
"""What every answer about one server has."""


def _rest(
    *, of_all: bool, key_name: str | None = None, user_data: bool = True
) -> tuple[Field, ...]:
    """What GET has and PUT and rebuild have from 2.75 (of a rebuild, `key_name` earlier)."""
    first = None if of_all else "2.75"
    extended: dict[str, Any] = {"since": first or "2.3", "policy": EXTENDED}
    more = (field("OS-EXT-SRV-ATTR:user_data", column="user_data", **extended),)
    return (
        field(
            "OS-EXT-AZ:availability_zone",
            lambda server, ctx: server["availability_zone"] or "",
            since=first,
        ),
        field("config_drive", since=first),
        field("key_name", since=key_name or first),
        field("OS-SRV-USG:launched_at", column="launched_at", since=first),
        field("OS-SRV-USG:terminated_at", column="terminated_at", since=first),
        field("security_groups", when=lambda s, ctx: bool(s["security_groups"]), since=first),
        field("OS-EXT-SRV-ATTR:host", column="host", since=first, policy=EXTENDED),
        field(
            "OS-EXT-SRV-ATTR:instance_name",
            lambda server, ctx: f"instance-{server['id']:08x}",
            since=first,
            policy=EXTENDED,
        ),
        field("OS-EXT-SRV-ATTR:hypervisor_hostname", column="node", since=first, policy=EXTENDED),
        field("OS-EXT-SRV-ATTR:hostname", column="hostname", until="2.89", **extended),
        field("OS-EXT-SRV-ATTR:kernel_id", column="kernel_id", **extended),
        field("OS-EXT-SRV-ATTR:launch_index", column="launch_index", **extended),
        field("OS-EXT-SRV-ATTR:ramdisk_id", column="ramdisk_id", **extended),
        field("OS-EXT-SRV-ATTR:reservation_id", column="reservation_id", **extended),
        field("OS-EXT-SRV-ATTR:root_device_name", column="root_device_name", **extended),
        *(more if user_data else ()),
        field("OS-EXT-STS:task_state", column="task_state", since=first),
        field("OS-EXT-STS:vm_state", column="vm_state", since=first),
        field("OS-EXT-STS:power_state", column="power_state", since=first),
        *((field(VOLUMES, _volumes, until="2.2"),) if of_all else ()),
        field(VOLUMES, _volumes_kept, since=first or "2.3"),
        field("host_status", when=lambda s, ctx: "host_status" in s, since=first or "2.16"),
        field("pinned_availability_zone", since="2.96"),
    )


ADDRESSES = (field("addresses"),)
ADDRESSES_SINCE_275 = (
    field("addresses", plain_addresses, until="2.74"),
    field("addresses", since="2.75"),
)
SERVER_GROUPS = (field("server_groups", since="2.71"),)

DETAIL = View(*COMMON, *ADDRESSES, *_rest(of_all=True))
SERVER = View(*DETAIL.fields, *SERVER_GROUPS)
UPDATED = View(*COMMON, *ADDRESSES_SINCE_275, *_rest(of_all=False), *SERVER_GROUPS)
REBUILT = View(
    *COMMON,
    *ADDRESSES_SINCE_275,
    *_rest(of_all=False, key_name="2.54", user_data=False),
    *SERVER_GROUPS,
    field("user_data", since="2.57"),
)
BASIC = View(field("id", column="uuid"), field("name", column="display_name"), field("links"))
