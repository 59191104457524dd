"""POST /servers: everything Nova checks, in Nova's order; then a row that goes on by the clock."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from emulator.compute import (
    availability_zones,
    flavors,
    images,
    keypairs,
    quotas,
    server_groups,
)
from emulator.compute.errors import FlavorNotFound, KeypairNotFound, ServerGroupNotFound
from emulator.compute.formats import shortest
from emulator.compute.links import id_of, links, self_href
from emulator.compute.schemas import truth
from emulator.compute.servers import (
    building,
    disks,
    instance_actions,
    networking,
    processors,
    queries,
    sizes,
    volumes,
)
from emulator.compute.servers.errors import (
    CertificatesNeedAnImage,
    FileLimitExceeded,
    FilePathTooLong,
    FileTooLong,
    FileWithoutContents,
    GroupIsFull,
    InvalidHint,
    MetadataLimitExceeded,
    MissingImage,
    MoreAtLeastThanAtMost,
    NoSuchFlavor,
    NoSuchGroup,
    NoSuchHost,
    NoSuchKey,
    NoSuchZone,
    OneHostnameForSeveral,
    TwoDestinations,
    UnreadableZone,
)
from emulator.compute.servers.states import BUILDING
from emulator.compute.versions import DESCRIPTION_IS_NULL_UNLESS_GIVEN, REQUESTED_HOSTS
from emulator.errors import NotEmulated
from emulator.simulation import rules
from emulator.wire.operation import Reply
from emulator.wire.request import Context

RULE = "os_compute_api:servers:create"
REQUESTED_DESTINATION = "compute:servers:create:requested_destination"
HINTS = ("os:scheduler_hints", "OS-SCH-HNT:scheduler_hints")
HOSTNAME_LENGTH_MAX = 63
MOST_AT_ONCE = 10_000  # servers of one request, where no quota says less


@dataclass
class Placement:
    """Where the server may go: what was said in availability_zone, host, hypervisor_hostname."""

    zone: str | None = None
    forced_host: str | None = None
    forced_node: str | None = None
    requested_host: str | None = None
    requested_node: str | None = None


@dataclass
class Order:
    """A request for servers, as far as it has been checked."""

    server: Mapping[str, Any]
    least: int
    most: int
    hints: Mapping[str, list[str]]
    placement: Placement = field(default_factory=Placement)
    devices: list[disks.Device] = field(default_factory=list)
    image: Any = None
    image_id: str = ""
    properties: dict[str, Any] = field(default_factory=dict)
    flavor: Any = None
    key: Any = None
    group: Any = None
    networks: list[Any] | None = None
    security_groups: Sequence[str] = ()


def create(ctx: Context, body: dict[str, Any]) -> Reply:
    """Create one server, or several alike."""
    made = make(ctx, body)
    asked = body["server"]
    if truth(asked.get("return_reservation_id", False)):
        return Reply(202, {"reservation_id": made["reservation_id"]})
    uuid = made["uuid"]
    shown = {
        "id": uuid,
        "links": links(ctx, "servers", uuid),
        "OS-DCF:diskConfig": "AUTO" if made["auto_disk_config"] else "MANUAL",
        "security_groups": asked.get("security_groups", [{"name": "default"}]),
        "adminPass": made["admin_password"],
    }
    return Reply(202, {"server": shown}, {"Location": self_href(ctx, "servers", uuid)})


def make(ctx: Context, body: Mapping[str, Any]) -> dict[str, Any]:
    """Check an order and record its servers, which go on by the clock; return the first one."""
    order = _order(ctx, body)
    _check_resources(ctx, order)
    return _build(ctx, order)


# What the request says


def _order(ctx: Context, body: Mapping[str, Any]) -> Order:
    """Read the request and ask the policies that depend on it."""
    asked = body["server"]
    least = int(asked.get("min_count", 1))
    most = int(asked.get("max_count", least))
    if least > most:
        raise MoreAtLeastThanAtMost()
    hints: dict[str, Any] = next((body[name] for name in HINTS if name in body), {})
    order = Order(asked, least, most, _hints(hints))
    for file in asked.get("personality", ()):
        for key in ("path", "contents"):
            if key not in file:
                raise FileWithoutContents(key=key)
    if asked.get("trusted_image_certificates"):
        ctx.authorize(f"{RULE}:trusted_certs")
    order.placement = _placement(ctx, asked)
    devices, old = disks.asked(asked)
    if devices:
        ctx.authorize(f"{RULE}:attach_volume")
    order.image_id = asked.get("imageRef") or ""
    if not order.image_id and not devices:
        raise MissingImage()
    networks = networking.asked(asked.get("networks"))
    if networks and networks != "none":
        ctx.authorize(f"{RULE}:attach_network")
    order.flavor = _flavor(ctx, asked["flavorRef"])
    if most > 1:
        networking.check_several(networks)
        if asked.get("hostname"):
            raise OneHostnameForSeveral()
    place = order.placement
    if place.zone and place.forced_host is None and not availability_zones.exists(ctx, place.zone):
        raise NoSuchZone()
    _find_image(ctx, order, devices, old=old)
    order.networks, order.security_groups = networking.check(
        ctx, networks, _security_group_names(asked)
    )
    _find_key(ctx, order)
    networking.check_requests(ctx, order.networks)
    order.devices = disks.completed(
        devices,
        old=old,
        image_id=order.image_id,
        properties=order.properties,
        flavor=order.flavor,
        count=most,
    )
    return order


def _hints(given: Mapping[str, Any]) -> dict[str, list[str]]:
    """Hints as Nova keeps them: of each a list of texts, its own left out."""
    hints: dict[str, list[str]] = {}
    for name, value in given.items():
        values = value if isinstance(value, list) else [value]
        is_deep = any(each is None or isinstance(each, dict | list) for each in values)
        if is_deep or (name == "group" and value and values is value):
            # Nova 34.0.0 answers these with a 500.
            raise InvalidHint(name=name)
        if not name.startswith("_nova"):
            hints[name] = [str(each) for each in values]
    return hints


def _placement(ctx: Context, asked: Mapping[str, Any]) -> Placement:
    """Read zone:host:node, and what 2.74 has beside it."""
    zone, host, node = parse_zone(asked.get("availability_zone"))
    place = Placement(zone or None, host, node)
    if host or node:
        ctx.authorize(f"{RULE}:forced_host")
        actual = availability_zones.of_host(ctx, host) if host else zone
        if zone != actual:
            place.zone = None
    if REQUESTED_HOSTS in ctx:
        place.requested_host = asked.get("host")
        place.requested_node = asked.get("hypervisor_hostname")
        if place.requested_host or place.requested_node:
            ctx.authorize(REQUESTED_DESTINATION)
            if host or node:
                raise TwoDestinations()
    return place


def parse_zone(text: str | None) -> tuple[str, str | None, str | None]:
    """Return zone, host and node of "zone", "zone:host", "zone::node" or "zone:host:node"."""
    parts = (text or "").split(":")
    if len(parts) > 3:
        raise UnreadableZone()
    zone, host, node = (*parts, None, None)[:3]
    return zone or "", host or None, node


def _flavor(ctx: Context, reference: str | int) -> Any:
    """Find the flavor by its id or by a URL that ends in it."""
    flavor_id = id_of(str(reference))
    try:
        return flavors.find(ctx, flavor_id)
    except FlavorNotFound:
        raise NoSuchFlavor(flavor_id=flavor_id) from None


def _find_image(ctx: Context, order: Order, devices: Sequence[disks.Device], *, old: bool) -> None:
    asked = order.server
    if order.image_id:
        order.image = images.find(ctx, order.image_id)
    elif asked.get("trusted_image_certificates"):
        raise CertificatesNeedAnImage()
    else:
        order.image = volumes.boot_image(ctx, devices, old=old)
    order.properties = images.properties_of(order.image)
    sizes.check_disk_config(asked.get("OS-DCF:diskConfig"), order.properties, order.image_id)
    if order.flavor["disabled"]:
        raise NoSuchFlavor(flavor_id=order.flavor["id"])


def _security_group_names(asked: Mapping[str, Any]) -> list[str]:
    groups = asked.get("security_groups") or ()
    return list(dict.fromkeys(each["name"] for each in groups if each.get("name"))) or ["default"]


def _find_key(ctx: Context, order: Order) -> None:
    name = order.server.get("key_name")
    if name is not None:
        try:
            order.key = keypairs.find(ctx, ctx.user_id, name)
        except KeypairNotFound:
            raise NoSuchKey() from None


# What there is room for


def _check_resources(ctx: Context, order: Order) -> None:
    """Check quotas, sizes, the group, the host asked for and the block devices."""
    asked, flavor, place = order.server, order.flavor, order.placement
    limits = quotas.limits(ctx, ctx.project_id) if _needs_limits(asked) else {}
    check_metadata(asked.get("metadata"), limits)
    if asked.get("metadata"):
        rules.heed(ctx, asked["metadata"])
    check_files(asked.get("personality") or (), limits)
    root = disks.root_of(order.devices)
    sizes.check(ctx, order.image, order.properties, flavor, root)
    if order.image is not None:
        processors.check(flavor, order.properties)
    for group_id in order.hints.get("group", ()):
        try:
            order.group = server_groups.find(ctx, group_id)
        except ServerGroupNotFound:
            raise NoSuchGroup(group_uuid=group_id) from None
    wanted = place.requested_host or place.requested_node
    if wanted and not queries.host_exists(ctx, place.requested_host, place.requested_node):
        raise NoSuchHost(host=wanted)
    order.most = quotas.check_servers(
        ctx, ctx.project_id, ctx.user_id, flavor, order.least, order.most
    )
    if order.most > MOST_AT_ONCE:
        raise NotEmulated(feature="Building more than 10,000 servers by one request")
    volumes.check_all(ctx, order.devices)
    disks.check(ctx, order.devices, order.image_id, flavor)
    if order.group is not None:
        allowed = quotas.limits(ctx, ctx.project_id, ctx.user_id)["server_group_members"]
        members = queries.count_members(ctx, order.group["uuid"])
        if 0 <= allowed < members + order.most:
            raise GroupIsFull()


def _needs_limits(asked: Mapping[str, Any]) -> bool:
    return bool(asked.get("metadata") or asked.get("personality"))


def check_metadata(metadata: Mapping[str, str] | None, limits: Mapping[str, int]) -> None:
    """Refuse more metadata than the quota allows."""
    if metadata and 0 <= limits["metadata_items"] < len(metadata):
        raise MetadataLimitExceeded(allowed=limits["metadata_items"])


def check_files(files: Sequence[Mapping[str, str]], limits: Mapping[str, int]) -> None:
    """Refuse more, longer or deeper files than the quota allows."""
    if not files:
        return
    if 0 <= limits["injected_files"] < len(files):
        raise FileLimitExceeded()
    paths, contents = limits["injected_file_path_bytes"], limits["injected_file_content_bytes"]
    if 0 <= paths < max(len(file["path"]) for file in files):
        raise FilePathTooLong(allowed=paths)
    if 0 <= contents < max(len(file["contents"]) for file in files):
        raise FileTooLong(allowed=contents)


# The rows


def _build(ctx: Context, order: Order) -> dict[str, Any]:
    """Record the servers and let their building begin; return the first one's id and columns."""
    count = order.most
    columns = _columns(ctx, order)
    uuids = [_add(ctx, order, columns, index, count) for index in range(count)]
    flavor = order.flavor
    cores, ram = count * flavor["vcpus"], count * flavor["memory_mb"]
    quotas.add_usage(ctx, ctx.project_id, ctx.user_id, count, cores, ram)
    place = order.placement
    arguments = {
        name: value
        for name, value in (
            ("forced_host", place.forced_host),
            ("forced_node", place.forced_node),
            ("requested_host", place.requested_host),
            ("requested_node", place.requested_node),
            ("several", count if count > 1 else 0),
        )
        if value
    }
    alone = disks.is_image_alone(order.devices)
    change = building.CREATE if alone else building.CREATE_WITH_DISKS
    for uuid in uuids:
        action = instance_actions.record(ctx, uuid, "create")
        ctx.engine.begin(ctx, "server", change.name, uuid, action=action, **arguments)
    return {"uuid": uuids[0], **columns}


def _columns(ctx: Context, order: Order) -> dict[str, Any]:
    """What all servers of a request have alike."""
    asked, properties = order.server, order.properties
    certificates = asked.get("trusted_image_certificates")
    zone = order.placement.zone
    kept = images.kept_of(order.image, properties, order.flavor["root_gb"])
    return {
        "project_id": ctx.project_id,
        "user_id": ctx.user_id,
        "reservation_id": ctx.ids.reservation_id(),
        "image_ref": order.image_id,
        "image_properties": images.remembered(properties),
        "kernel_id": properties.get("kernel_id") or "",
        "ramdisk_id": properties.get("ramdisk_id") or "",
        **queries.flavor_columns(order.flavor),
        "vm_state": BUILDING,
        "availability_zone": zone,
        "pinned_availability_zone": zone,
        "config_drive": "True" if truth(asked.get("config_drive", False)) else "",
        "user_data": asked.get("user_data"),
        "key_name": asked.get("key_name"),
        "key_data": order.key["public_key"] if order.key is not None else None,
        "access_ip_v4": asked.get("accessIPv4"),
        "access_ip_v6": shortest(asked.get("accessIPv6")),
        "auto_disk_config": int(_auto_disk_config(order)),
        "metadata": _json(asked.get("metadata") or {}),
        "tags": _json(sorted(set(asked.get("tags") or ()))),
        "system_metadata": _json({**kept, **_booted_by(ctx)}),
        "scheduler_hints": _json(order.hints),
        "trusted_certs": _json(certificates) if certificates else None,
        "requested_networks": _json(order.networks),
        "requested_security_groups": _json(order.security_groups),
        "server_group": order.group["uuid"] if order.group is not None else None,
        "admin_password": asked["adminPass"] if "adminPass" in asked else ctx.ids.password(),
        "created_at": ctx.timestamp,
    }


def _booted_by(ctx: Context) -> dict[str, str | None]:
    """Who makes the server, as the images made of it will say."""
    who = ctx.credentials
    return {
        "boot_roles": ",".join(sorted(who.roles, reverse=True)),
        "owner_user_name": who.user_name,
        "owner_project_name": who.project_name,
    }


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _auto_disk_config(order: Order) -> bool:
    wanted = order.server.get("OS-DCF:diskConfig")
    if wanted is not None:
        return bool(wanted == "AUTO")
    return truth(order.properties.get("auto_disk_config", False))


def _add(ctx: Context, order: Order, columns: Mapping[str, Any], index: int, count: int) -> str:
    """Record one server of a request."""
    asked, uuid = order.server, ctx.ids.uuid()
    name = asked["name"].strip()
    described = DESCRIPTION_IS_NULL_UNLESS_GIVEN in ctx
    hostname = asked.get("hostname") or hostname_of(name)
    if not hostname:
        hostname = f"Server-{uuid}"
    elif count > 1 and not asked.get("hostname"):
        hostname = f"{hostname}-{index + 1}"
    ctx.db.insert(
        queries.TABLE,
        {
            "uuid": uuid,
            **columns,
            "launch_index": index,
            "display_name": f"{name}-{index + 1}" if count > 1 else name,
            "display_description": asked.get("description") if described else name,
            "hostname": hostname,
        },
    )
    for device in order.devices:
        if device["volume_id"]:
            volumes.reserve(ctx, uuid, device)
    if not disks.is_image_alone(order.devices):
        queries.add_block_devices(ctx, uuid, disks.rows(order.devices, order.flavor))
    return uuid


def hostname_of(name: str) -> str:
    """Return the host name that a display name becomes, "" when nothing of it is left.

    Nova 34.0.0, nova.utils.sanitize_hostname.
    """
    text = name.encode("latin-1", "ignore").decode("latin-1")[:HOSTNAME_LENGTH_MAX]
    text = re.sub(r"[^\w.-]+", "", re.sub(r"[ _.]", "-", text))
    return text.lower().strip(".-")
