"""Floating IPs: addresses of external networks that lead to ports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import converters, ipam, networks, ports, validators, wiring
from emulator.network.attributes import (
    ENFORCE,
    FILTER,
    HIDDEN,
    NEUTRON_TIMES,
    NOT_SPECIFIED,
    POST,
    PUT,
    SORT,
    TAG_FILTERS,
    Values,
    attr,
    attributes,
)
from emulator.network.errors import (
    BadRequest,
    ExternalGatewayForFloatingIPNotFound,
    ExternalIpAddressExhausted,
    FipInUseByPortForwarding,
    FloatingIPNotFound,
    FloatingIPPortAlreadyAssociated,
    PortHasPortForwarding,
    PortNotFound,
    RouterNotFound,
)
from emulator.network.ports import operations as port_operations
from emulator.network.ports.queries import marks
from emulator.network.resource import Item, Resource, Row, own_rows
from emulator.network.routers.gateway import values_of_port
from emulator.network.routers.queries import GATEWAY
from emulator.network.routers.queries import port as usable_port
from emulator.network.standard import bump, change, fresh, json_text, ordered_tags, raw, times
from emulator.wire.request import Context

OWNER = "network:floatingip"
NOT_SERVED = ("network:dhcp", "network:floatingip", "network:router_gateway")

# Schemas

ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr(
        "floating_ip_address",
        POST | FILTER | SORT | ENFORCE,
        default=None,
        check=validators.ip_or_none,
    ),
    attr("subnet_id", POST | HIDDEN, default=None, check=validators.uuid_or_none),
    attr("floating_network_id", POST | FILTER | SORT, check=validators.uuid),
    attr("router_id", POST | PUT | FILTER | SORT, default=None, check=validators.uuid_or_none),
    attr("port_id", POST | PUT | FILTER, default=None, check=validators.uuid_or_none),
    attr("fixed_ip_address", POST | PUT | FILTER | SORT, default=None, check=validators.ip_or_none),
    attr("tenant_id", POST | FILTER | SORT, check=validators.string(255)),
    attr("status", FILTER | SORT),
    attr("qos_policy_id", POST | PUT | ENFORCE, default=None, check=validators.uuid_or_none),
    attr("dns_name", POST, default="", to=converters.lower, check=validators.relative_dns_name),
    attr("dns_domain", POST, default="", to=converters.lower, check=validators.dns_domain),
    attr("port_details", 0, default=NOT_SPECIFIED),
    attr("port_forwardings", 0, default=None),
    attr("description", POST | PUT | FILTER, default="", check=validators.string(255)),
    *NEUTRON_TIMES,
    *TAG_FILTERS,
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return floating IPs as items."""
    details = _port_details(ctx, [row["port_id"] for row in rows if row["port_id"]])
    forwardings = _forwardings(ctx, [row["id"] for row in rows])
    return [
        {
            "id": row["id"],
            "tenant_id": row["project_id"],
            "project_id": row["project_id"],
            "floating_ip_address": row["floating_ip_address"],
            "floating_network_id": row["floating_network_id"],
            "router_id": row["router_id"],
            "port_id": row["port_id"],
            "fixed_ip_address": row["fixed_ip_address"],
            "status": row["status"],
            "description": row["description"],
            "qos_policy_id": row["qos_policy_id"],
            "port_details": details.get(row["port_id"]),
            "dns_domain": row["dns_domain"],
            "dns_name": row["dns_name"],
            "port_forwardings": forwardings.get(row["id"], []),
            "tags": raw(row["tags"]),
            **times(row),
        }
        for row in rows
    ]


# Queries


def _port_details(ctx: Context, port_ids: Sequence[str]) -> Mapping[str, Item]:
    rows = ctx.db.all(
        "SELECT id, name, network_id, mac_address, admin_state_up, status, device_id,"
        f" device_owner FROM network_ports WHERE id IN ({marks(port_ids)})",
        list(port_ids),
    )
    return {
        row["id"]: {
            "name": row["name"],
            "network_id": row["network_id"],
            "mac_address": row["mac_address"],
            "admin_state_up": bool(row["admin_state_up"]),
            "status": row["status"],
            "device_id": row["device_id"],
            "device_owner": row["device_owner"],
        }
        for row in rows
    }


def _forwardings(ctx: Context, floating_ids: Sequence[str]) -> Mapping[str, list[Item]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for row in ctx.db.all(
        "SELECT floatingip_id, id, external_port, internal_port, internal_ip_address,"
        " internal_port_id, protocol"
        f" FROM network_port_forwardings WHERE floatingip_id IN ({marks(floating_ids)})"
        " ORDER BY rowid",
        list(floating_ids),
    ):
        found[row["floatingip_id"]].append(
            {
                "id": row["id"],
                "protocol": row["protocol"],
                "internal_ip_address": row["internal_ip_address"],
                "internal_port_id": row["internal_port_id"],
                "internal_port": row["internal_port"],
                "external_port": row["external_port"],
            }
        )
    return found


def routers_between(ctx: Context, subnet_id: str, network_id: str) -> list[Row]:
    """Return the routers with a port on a subnet and their gateway on a network."""
    return ctx.db.all(
        "SELECT i.device_id AS router_id, a.ip_address FROM network_ip_allocations AS a"
        " JOIN network_ports AS i ON i.id = a.port_id"
        " JOIN network_ports AS g ON g.device_id = i.device_id"
        f" WHERE a.subnet_id = ? AND i.device_owner IN ({marks(ipam.ROUTER_OWNERS)})"
        " AND g.network_id = ? AND g.device_owner = ?",
        (subnet_id, *ipam.ROUTER_OWNERS, network_id, GATEWAY),
    )


def _taken(ctx: Context, row: Mapping[str, Any], port_id: str, address: str) -> bool:
    return bool(
        ctx.db.value(
            "SELECT 1 FROM network_floatingips WHERE port_id = ? AND floating_network_id = ?"
            " AND fixed_ip_address = ? AND id != ?",
            (port_id, row["floating_network_id"], address, row["id"]),
        )
    )


def _is_forwarded_to(ctx: Context, port_id: str, address: str) -> bool:
    return bool(
        ctx.db.value(
            "SELECT 1 FROM network_port_forwardings WHERE internal_port_id = ?"
            " AND internal_ip_address = ?",
            (port_id, address),
        )
    )


# Operations


def _bad(msg: str) -> Exception:
    return BadRequest(resource="floatingip", msg=msg)


def create(ctx: Context, values: Values) -> str:
    """Take an address of an external network, and lead it to a port if one is named."""
    network = networks.visible(ctx, values["floating_network_id"])
    if not network["router_external"]:
        raise _bad(f"Network {network['id']} is not a valid external network")
    subnets = [each for each in ipam.subnets_on(ctx, network["id"]) if each["ip_version"] == 4]
    if not subnets:
        raise _bad(f"Network {network['id']} does not contain any IPv4 subnet")
    networks.check_qos_policy(ctx, values["qos_policy_id"])
    row = {
        **fresh(ctx, values),
        "floating_network_id": network["id"],
        "router_id": None,
        "port_id": None,
        "fixed_ip_address": None,
        "status": "DOWN",
        "qos_policy_id": values["qos_policy_id"],
        "dns_name": "",  # they are kept for a service of names only
        "dns_domain": "",
        "tags": json_text(ordered_tags(values.get("tags", []))),
    }
    port_id = _reserve(ctx, row, values)
    address = next(
        (e["ip_address"] for e in ipam.of_port(ctx, port_id) if ":" not in e["ip_address"]), None
    )
    if address is None:
        raise ExternalIpAddressExhausted(net_id=network["id"])
    row["floating_port_id"], row["floating_ip_address"] = port_id, address
    row.update(_association(ctx, row, values))
    ctx.db.insert("network_floatingips", row)
    floating_id: str = row["id"]
    _heed(ctx, floating_id, row, None)
    return floating_id


def _reserve(ctx: Context, row: Mapping[str, Any], values: Values) -> str:
    """Make the port that holds the address; it belongs to no project."""
    wish = {}
    if values["subnet_id"]:
        wish["subnet_id"] = values["subnet_id"]
    if values["floating_ip_address"]:
        wish["ip_address"] = values["floating_ip_address"]
    made = values_of_port(
        row["floating_network_id"], row["id"], OWNER, [wish] if wish else NOT_SPECIFIED
    )
    port_id = ports.create(ctx.as_emulator(), made)
    bump(ctx, "network_ports", port_id)  # Neutron says whose it is in a second step
    return port_id


def _association(ctx: Context, row: Mapping[str, Any], values: Values) -> dict[str, Any]:
    """Return the columns that say where a floating IP leads."""
    if values.get("fixed_ip_address") and not values.get("port_id"):
        raise _bad("fixed_ip_address cannot be specified without a port_id")
    port_id = values.get("port_id")
    if port_id is None:
        return {"port_id": None, "fixed_ip_address": None, "router_id": None, "status": "DOWN"}
    port = usable_port(ctx, port_id)
    if port is None:
        raise PortNotFound(port_id=port_id)
    if port["project_id"] != row["project_id"] and not ctx.is_admin:
        raise _bad(
            f"Cannot process floating IP association with Port {port_id}, since that port is"
            " owned by a different project"
        )
    if port["device_owner"] in NOT_SERVED:
        raise _bad(f"Port {port_id} is unable to be assigned a floating IP")
    fixed = _inner_address(ctx, port_id, values.get("fixed_ip_address"))
    router_id = _router(ctx, row, port_id, fixed["subnet_id"], values.get("router_id"))
    if _is_forwarded_to(ctx, port_id, fixed["ip_address"]):
        raise PortHasPortForwarding(port_id=port_id)
    if _taken(ctx, row, port_id, fixed["ip_address"]):
        raise FloatingIPPortAlreadyAssociated(
            port_id=port_id,
            fip_id=row["id"],
            floating_ip_address=row["floating_ip_address"],
            fixed_ip=fixed["ip_address"],
            net_id=row["floating_network_id"],
        )
    return {
        "port_id": port_id,
        "fixed_ip_address": fixed["ip_address"],
        "router_id": router_id,
        "status": "ACTIVE",
    }


def _inner_address(ctx: Context, port_id: str, wanted: str | None) -> ipam.FixedIp:
    addresses = ipam.of_port(ctx, port_id)
    if wanted:
        if ":" in wanted:
            raise _bad(
                f"Cannot process floating IP association with {wanted}, since that is not an"
                " IPv4 address"
            )
        for each in addresses:
            if each["ip_address"] == wanted:
                return each
        raise _bad(f"Port {port_id} does not have fixed ip {wanted}")
    four = [each for each in addresses if ":" not in each["ip_address"]]
    if not four:
        raise _bad(f"Cannot add floating IP to port {port_id} that has no fixed IPv4 addresses")
    if len(four) > 1:
        raise _bad(
            f"Port {port_id} has multiple fixed IPv4 addresses.  Must provide a specific IPv4"
            " address when assigning a floating IP"
        )
    return four[0]


def _router(
    ctx: Context, row: Mapping[str, Any], port_id: str, subnet_id: str, wanted: str | None
) -> str:
    """Return the router that a floating IP goes through: the one that is the subnet's gateway."""
    if wanted is not None and ctx.db.get("network_routers", wanted) is None:
        raise RouterNotFound(router_id=wanted)
    gateway = ctx.db.get("network_subnets", subnet_id)["gateway_ip"]
    found = routers_between(ctx, subnet_id, row["floating_network_id"])
    if wanted is not None:
        found = [each for each in found if each["router_id"] == wanted]
    if not found:
        raise ExternalGatewayForFloatingIPNotFound(
            subnet_id=subnet_id,
            external_network_id=row["floating_network_id"],
            port_id=port_id,
        )
    best: str = next(
        (each["router_id"] for each in found if each["ip_address"] == gateway),
        found[0]["router_id"],
    )
    return best


def update(ctx: Context, row: Row, values: Values) -> None:
    """Lead a floating IP elsewhere, or nowhere; an empty change does that too."""
    networks.check_qos_policy(ctx, values.get("qos_policy_id"))
    if values.get("fixed_ip_address") and not values.get("port_id"):
        raise _bad("fixed_ip_address cannot be specified without a port_id")
    wanted: Values = {n: values[n] for n in ("description", "qos_policy_id") if n in values}
    if not values or "port_id" in values or "fixed_ip_address" in values:
        asked = dict(values)
        if values.get("port_id") and _forwardings(ctx, [row["id"]]):
            raise FipInUseByPortForwarding(id=row["id"])
        if values and "port_id" not in values and row["port_id"]:
            asked["port_id"] = row["port_id"]
        wanted.update(_association(ctx, row, asked))
        wanted["last_known_router_id"] = row["router_id"]
    if not change(ctx, "network_floatingips", row, wanted) and "description" in values:
        bump(ctx, "network_floatingips", row["id"])  # as Neutron does, the same one given or not
    _heed(ctx, row["id"], wanted, row["port_id"])


def _heed(ctx: Context, id: str, now: Mapping[str, Any], port_before: str | None) -> None:
    """Let a floating IP take its time that is led to another port than before."""
    if now.get("port_id", port_before) is None:
        wiring.forget(ctx, wiring.FLOATINGIP, id)
    elif now.get("port_id") not in (None, port_before):
        wiring.heed(ctx, wiring.FLOATINGIP, [id])


def delete(ctx: Context, row: Row) -> None:
    """Give the address back."""
    ctx.db.delete("network_port_forwardings", row["id"], "floatingip_id")
    ctx.db.delete("network_floatingips", row["id"])
    wiring.forget(ctx, wiring.FLOATINGIP, row["id"])
    port = ctx.db.get("network_ports", row["floating_port_id"])
    if port is not None:
        port_operations.remove(ctx, port)


def missing(floating_id: str) -> Any:
    """Return what is raised for an id that no floating IP has."""
    return FloatingIPNotFound(floatingip_id=floating_id)


FLOATINGIP = Resource(
    member="floatingip",
    collection="floatingips",
    path="/floatingips",
    table="network_floatingips",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    sees=own_rows("network_floatingips"),
    bulk=False,
)
