"""What views show of servers beside their columns, made for a whole list at once.

What stands in other tables costs one query for all; what is text in an answer already (links,
stored JSON) stays text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha224
from typing import Any

import orjson

from emulator.compute.links import bookmark_href, self_href
from emulator.compute.servers import networking, queries
from emulator.compute.servers.states import status
from emulator.compute.versions import (
    FLAVOR_IS_EMBEDDED,
    HOST_STATUS_IS_SHOWN,
    IMAGE_PROPERTIES_ARE_SHOWN,
)
from emulator.wire.request import Context

EXTRA_SPECS = "os_compute_api:servers:show:flavor-extra-specs"
HOST_STATUS = "os_compute_api:servers:show:host_status"
UNKNOWN_HOST_STATUS = "os_compute_api:servers:show:host_status:unknown-only"
FRAGMENT = orjson.Fragment


def complete(ctx: Context, servers: Sequence[queries.Server]) -> Sequence[queries.Server]:
    """Put beside the columns of each server what views show of it.

    Ports, addresses, security_groups, volumes, server_groups, host_status (where it may be seen),
    and as text ready for the answer: links, shown_image, shown_flavor.
    """
    if not servers:
        return servers
    ids = [server["uuid"] for server in servers]
    ports = networking.ports_of(ctx, ids)
    volumes = queries.volumes_of(ctx, ids)
    host_status = _host_status(ctx)
    link, image, flavor = links(ctx), _image(ctx), _flavor(ctx)
    for server in servers:
        uuid = server["uuid"]
        own = server["ports"] = ports.get(uuid, ())
        server["addresses"] = addresses(own) if server["vm_state"] != "building" else {}
        # A group stands here once for every port that follows it (Nova 34.0.0).
        server["security_groups"] = [
            {"name": name} for port in own for name in port.security_groups
        ]
        server["volumes"] = volumes.get(uuid, ())
        server["server_groups"] = [server["server_group"]] if server["server_group"] else []
        server["status"] = (
            "DELETED" if server["deleted"] else status(server["vm_state"], server["task_state"])
        )
        server["host_id"] = host_id(server["project_id"], server["host"])
        server["created"] = server["created_at"][:19] + "Z"
        server["updated"] = (server["updated_at"] or server["created_at"])[:19] + "Z"
        server["links"] = link(uuid)
        server["shown_image"] = image(server)
        server["shown_flavor"] = flavor(server)
        if host_status is not None:
            host_status(server)
    return servers


def completed(ctx: Context, server: queries.Server) -> queries.Server:
    """Return one server, as it is now, with what stands beside it."""
    return complete(ctx, [queries.again(ctx, server)])[0]


def addresses(ports: Sequence[Any], *, extended: bool = True) -> dict[str, list[Any]]:
    """Return the addresses of ports by network name, floating ones last.

    `extended` adds the type and the MAC of each.
    """
    networks: dict[str, list[Any]] = {}
    floating: list[tuple[str, Any]] = []
    for port in ports:
        shown = networks.setdefault(port.network_name, [])
        for address, version, _ in port.fixed_ips:
            shown.append(_address(address, version, "fixed", port.mac, extended=extended))
        for address, _ in port.floating_ips:
            one = _address(address, 4, "floating", port.mac, extended=extended)
            floating.append((port.network_name, one))
    for name, one in floating:
        networks[name].append(one)
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


@lru_cache(maxsize=4096)
def host_id(project_id: str, host: str | None) -> str:
    """Return what a project sees instead of the host's name, "" when there is no host."""
    return sha224((project_id + host).encode()).hexdigest() if host else ""


def _host_status(ctx: Context) -> Callable[[queries.Server], None] | None:
    """What puts host_status beside a server; None where the caller may not see any."""
    if HOST_STATUS_IS_SHOWN not in ctx:
        return None
    all_may_be_seen = ctx.can(HOST_STATUS)
    if not all_may_be_seen and not ctx.can(UNKNOWN_HOST_STATUS):
        return None
    states = queries.host_states(ctx)

    def put(server: queries.Server) -> None:
        found = states.get(server["host"], "UNKNOWN") if server["host"] else ""
        if all_may_be_seen or found == "UNKNOWN":
            server["host_status"] = found

    return put


# Texts of answers


def _quoted(text: str) -> str:
    """A text as it stands between quotation marks in JSON."""
    return orjson.dumps(text)[1:-1].decode()


def links(ctx: Context) -> Callable[[str], Any]:
    """Return a function that makes the links of a server of its id."""
    own, bookmark = _quoted(self_href(ctx, "servers")), _quoted(bookmark_href(ctx, "servers"))
    first = f'[{{"rel":"self","href":"{own}/'
    second = f'"}},{{"rel":"bookmark","href":"{bookmark}/'
    return lambda uuid: FRAGMENT(f'{first}{uuid}{second}{uuid}"}}]')


def _image(ctx: Context) -> Callable[[queries.Server], Any]:
    base = _quoted(bookmark_href(ctx, "images"))
    with_properties = IMAGE_PROPERTIES_ARE_SHOWN in ctx

    def made(server: queries.Server) -> Any:
        image_id = server["image_ref"]
        if not image_id:
            return ""
        end = f',"properties":{server["image_properties"]}}}' if with_properties else "}"
        return FRAGMENT(
            f'{{"id":"{image_id}","links":[{{"rel":"bookmark","href":"{base}/{image_id}"}}]{end}'
        )

    return made


def _flavor(ctx: Context) -> Callable[[queries.Server], Any]:
    if FLAVOR_IS_EMBEDDED not in ctx:
        base = bookmark_href(ctx, "flavors")
        return lambda server: {
            "id": server["flavorid"],
            "links": [{"rel": "bookmark", "href": f"{base}/{server['flavorid']}"}],
        }
    if ctx.can(EXTRA_SPECS):
        return lambda server: FRAGMENT(server["flavor"])
    return lambda server: {
        name: value
        for name, value in orjson.loads(server["flavor"]).items()
        if name != "extra_specs"
    }
