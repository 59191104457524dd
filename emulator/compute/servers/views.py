"""What servers look like: one table of fields, and the answers that show more or fewer of them.

A view renders a server that `related.complete` has put beside it what stands in other tables:
ports, security_groups, volumes, server_groups, host_status.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha224
from typing import Any

import orjson

from emulator.compute.links import bookmark_href
from emulator.compute.links import links as links_of
from emulator.compute.servers.lifecycle import PROGRESS_STATUSES
from emulator.compute.servers.states import status
from emulator.wire.request import Context
from emulator.wire.versioned import Field, View, field

EXTENDED = "os_compute_api:os-extended-server-attributes"
EXTRA_SPECS = "os_compute_api:servers:show:flavor-extra-specs"
HOST_STATUS = "os_compute_api:servers:show:host_status"
UNKNOWN_HOST_STATUS = "os_compute_api:servers:show:host_status:unknown-only"
FAULT_STATUSES = ("ERROR", "DELETED")
VOLUMES = "os-extended-volumes:volumes_attached"


# Values


def shown_status(server: Any) -> str:
    """Return the status of a server, e.g. ACTIVE; what is deleted is DELETED."""
    if server["deleted"]:
        return "DELETED"
    return status(server["vm_state"], server["task_state"])


def links(server: Any, ctx: Context) -> list[dict[str, str]]:
    """Return the self link and the bookmark of a server."""
    return links_of(ctx, "servers", server["uuid"])


def addresses(server: Any, ctx: Context, *, extended: bool = True) -> dict[str, list[Any]]:
    """Return the addresses by network name; a server that is being built shows none.

    `extended` adds the type and the MAC of each.
    """
    if server["vm_state"] == "building":
        return {}
    networks: dict[str, list[Any]] = {}
    for port in server["ports"]:
        shown = networks.setdefault(port.network_name, [])
        for address, version, _ in port.fixed_ips:
            shown.append(_address(address, version, "fixed", port.mac, extended=extended))
    for port in server["ports"]:
        for address, _ in port.floating_ips:
            networks[port.network_name].append(
                _address(address, 4, "floating", port.mac, extended=extended)
            )
    return networks


def _address(address: str, version: int, kind: str, mac: str, *, extended: bool) -> dict[str, Any]:
    if not extended:
        return {"version": version, "addr": address}
    return {
        "version": version,
        "addr": address,
        "OS-EXT-IPS:type": kind,
        "OS-EXT-IPS-MAC:mac_addr": mac,
    }


def _plain_addresses(server: Any, ctx: Context) -> dict[str, list[Any]]:
    return addresses(server, ctx, extended=False)


def _flavor_link(server: Any, ctx: Context) -> dict[str, Any]:
    href = bookmark_href(ctx, "flavors", server["flavorid"])
    return {"id": server["flavorid"], "links": [{"rel": "bookmark", "href": href}]}


def _flavor(server: Any, ctx: Context) -> Any:
    if ctx.can(EXTRA_SPECS):
        return orjson.Fragment(server["flavor"])
    return {k: v for k, v in orjson.loads(server["flavor"]).items() if k != "extra_specs"}


def _image(server: Any, ctx: Context) -> Any:
    image_id = server["image_ref"]
    if not image_id:
        return ""
    return {
        "id": image_id,
        "links": [{"rel": "bookmark", "href": bookmark_href(ctx, "images", image_id)}],
    }


def _image_with_properties(server: Any, ctx: Context) -> Any:
    image = _image(server, ctx)
    if image:
        image["properties"] = orjson.Fragment(server["image_properties"])
    return image


@lru_cache(maxsize=4096)
def host_id(project_id: str, host: str | None) -> str:
    """Return what a project sees instead of the host's name, "" when there is no host."""
    return sha224((project_id + host).encode()).hexdigest() if host else ""


def _moment(text: str) -> str:
    return text[:19] + "Z"


def _json(column: str) -> Any:
    return lambda server, ctx: orjson.Fragment(server[column])


def _json_or_null(column: str) -> Any:
    def get(server: Any, ctx: Context) -> Any:
        return None if server[column] is None else orjson.Fragment(server[column])

    return get


def _has_fault(server: Any, ctx: Context) -> bool:
    return server["fault_code"] is not None and shown_status(server) in FAULT_STATUSES


def _fault(server: Any, ctx: Context) -> dict[str, Any]:
    fault = {
        "code": server["fault_code"],
        "created": _moment(server["fault_created"]),
        "message": server["fault_message"],
    }
    if server["fault_details"] and (ctx.is_admin or server["fault_code"] != 500):
        fault["details"] = server["fault_details"]
    return fault


def _shows_host_status(server: Any, ctx: Context) -> bool:
    if ctx.can(HOST_STATUS):
        return True
    return server.get("host_status") == "UNKNOWN" and ctx.can(UNKNOWN_HOST_STATUS)


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


def _common() -> tuple[Field, ...]:
    """What every answer about one server has."""
    return (
        field("id", column="uuid"),
        field("name", column="display_name"),
        field("status", lambda server, ctx: shown_status(server)),
        field("tenant_id", column="project_id"),
        field("user_id"),
        field("metadata", _json("metadata")),
        field("hostId", lambda server, ctx: host_id(server["project_id"], server["host"])),
        field("image", _image, until="2.97"),
        field("image", _image_with_properties, since="2.98"),
        field("flavor", _flavor_link, until="2.46"),
        field("flavor", _flavor, since="2.47"),
        field("created", lambda server, ctx: _moment(server["created_at"])),
        field(
            "updated",
            lambda server, ctx: _moment(server["updated_at"] or server["created_at"]),
        ),
        field("accessIPv4", lambda server, ctx: server["access_ip_v4"] or ""),
        field("accessIPv6", lambda server, ctx: server["access_ip_v6"] or ""),
        field("links", links),
        field("OS-DCF:diskConfig", lambda server, ctx: _disk_config(server)),
        field("progress", when=lambda server, ctx: shown_status(server) in PROGRESS_STATUSES),
        field("fault", _fault, when=_has_fault),
        field("locked", lambda server, ctx: server["locked_by"] is not None, since="2.9"),
        field("description", column="display_description", since="2.19"),
        field("tags", _json("tags"), since="2.26"),
        field("trusted_image_certificates", _json_or_null("trusted_certs"), since="2.63"),
        field("locked_reason", since="2.73"),
        field("OS-EXT-SRV-ATTR:hostname", column="hostname", since="2.90"),
        field("scheduler_hints", _json("scheduler_hints"), since="2.100"),
    )


def _disk_config(server: Any) -> str:
    return "AUTO" if server["auto_disk_config"] else "MANUAL"


def _rest(
    *, of_all: bool, key_name: str | None = None, user_data: bool = True
) -> tuple[Field, ...]:
    """What GET has and PUT and rebuild have from 2.75 (of a rebuild, `key_name` earlier)."""
    first = None if of_all else "2.75"
    extended: dict[str, Any] = {"since": first or "2.3", "policy": EXTENDED}
    more = (field("OS-EXT-SRV-ATTR:user_data", column="user_data", **extended),)
    return (
        field(
            "OS-EXT-AZ:availability_zone", lambda s, ctx: s["availability_zone"] or "", since=first
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
        field("host_status", when=_shows_host_status, since=first or "2.16"),
        field("pinned_availability_zone", since="2.96"),
    )


ADDRESSES = (field("addresses", addresses),)
ADDRESSES_SINCE_275 = (
    field("addresses", _plain_addresses, until="2.74"),
    field("addresses", addresses, since="2.75"),
)
SERVER_GROUPS = (field("server_groups", since="2.71"),)

DETAIL = View(*_common(), *ADDRESSES, *_rest(of_all=True))
SERVER = View(*DETAIL.fields, *SERVER_GROUPS)
UPDATED = View(*_common(), *ADDRESSES_SINCE_275, *_rest(of_all=False), *SERVER_GROUPS)
REBUILT = View(
    *_common(),
    *ADDRESSES_SINCE_275,
    *_rest(of_all=False, key_name="2.54", user_data=False),
    *SERVER_GROUPS,
    field("user_data", since="2.57"),
)
BASIC = View(
    field("id", column="uuid"), field("name", column="display_name"), field("links", links)
)


def render_all(view: View, servers: Iterable[Any], ctx: Context) -> list[dict[str, Any]]:
    """Return servers as a view shows them."""
    return [view.render(server, ctx) for server in servers]
