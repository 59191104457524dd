"""Port forwardings: single ports of a floating IP that lead to ports of servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import floatingips, ipam, security_group_rules, validators
from emulator.network.attributes import FILTER, HIDDEN, POST, PUT, SORT, Values, attr, attributes
from emulator.network.errors import (
    BadRequest,
    ExternalGatewayForFloatingIPNotFound,
    FloatingIPPortAlreadyAssociated,
    InvalidInput,
    PortForwardingNotFound,
    PortHasBindingFloatingIP,
    PortNotFound,
)
from emulator.network.floatingips import FLOATINGIP
from emulator.network.resource import Item, Parent, Resource, Row
from emulator.network.routers.queries import port as usable_port
from emulator.network.standard import bump, fresh, picked
from emulator.wire.request import Context

IP_PROTOCOLS = frozenset(security_group_rules.PROTOCOLS)
PROTOCOLS = ("tcp", "udp", "icmp", "icmp6", "sctp", "dccp")
PORT_MAX = 65535

# Schemas


def protocol(value: Any) -> Any:
    """Return the name or number of a protocol as it was given."""
    if value is None or (isinstance(value, str) and value.lower() in IP_PROTOCOLS):
        return value
    if isinstance(value, int | str) and str(value).isdecimal() and int(value) <= 255:
        return value
    raise InvalidInput(
        error_message=f"IP protocol '{value}' is not supported. Only protocol names and their"
        " integer representation (0 to 255) are supported"
    )


FOUND = FILTER | SORT
PORT = validators.or_none(validators.number(1, PORT_MAX))

ATTRIBUTES = attributes(
    attr("id", FOUND),
    attr("project_id", POST | HIDDEN, check=validators.string(255)),
    attr("external_port", POST | PUT | FOUND, default=None, check=PORT),
    attr("internal_port", POST | PUT, default=None, check=PORT),
    attr("internal_ip_address", POST | PUT, check=validators.ip_address),
    attr("protocol", POST | PUT | FOUND, to=protocol, check=validators.one_of(*PROTOCOLS)),
    attr("internal_port_id", POST | PUT | FOUND, check=validators.uuid),
    attr("description", POST | PUT | FILTER, default="", check=validators.string(1024)),
    attr("external_port_range", POST | PUT | FOUND, default=None, check=validators.port_range),
    attr("internal_port_range", POST | PUT, default=None, check=validators.port_range),
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return port forwardings as items; a range of one port is also shown as that port."""
    return [
        {
            **picked(row, "id", "protocol", "internal_ip_address", "internal_port_id"),
            **picked(row, "external_port_range", "internal_port_range", "description"),
            "external_port": _single(row["external_port_range"]),
            "internal_port": _single(row["internal_port_range"]),
        }
        for row in rows
    ]


def _single(text: str) -> int | None:
    low, high = _span(text)
    return low if low == high else None


def _span(text: str) -> tuple[int, int]:
    low, _, high = text.partition(":")
    return int(low), int(high or low)


# Queries


def _others(ctx: Context, column: str, key: str, protocol_name: str) -> list[Row]:
    return ctx.db.all(
        f"SELECT * FROM network_port_forwardings WHERE {column} = ? AND protocol = ?",
        (key, protocol_name),
    )


def _count(ctx: Context, floating_id: str) -> int:
    count: int = ctx.db.value(
        "SELECT count(*) FROM network_port_forwardings WHERE floatingip_id = ?", (floating_id,)
    )
    return count


def _bound_floating_ip(ctx: Context, port_id: str, address: str) -> Row:
    return ctx.db.one(
        "SELECT * FROM network_floatingips WHERE port_id = ? AND fixed_ip_address = ?",
        (port_id, address),
    )


# Operations


def _bad(msg: str) -> Exception:
    return BadRequest(resource="port_forwarding", msg=msg)


def _ranges(values: Mapping[str, Any]) -> tuple[str, str]:
    """Return external and internal range; as many ports inside as outside, or one inside."""
    found = []
    for side in ("external", "internal"):
        text = values.get(f"{side}_port_range")
        port = values.get(f"{side}_port")
        if not text and port is None:
            raise _bad(f"{side}_port or {side}_port_range must be specified")
        low, high = _span(str(text)) if text else (int(port or 0), int(port or 0))
        found.append((low, high))
    outer, inner = (high - low for low, high in found)
    if inner and inner != outer:
        raise _bad(
            "Invalid ranges of internal and/or external ports. The relation between internal and"
            " external ports must be N-N or 1-N"
        )
    return f"{found[0][0]}:{found[0][1]}", f"{found[1][0]}:{found[1][1]}"


def _check(ctx: Context, floating: Row, row: Mapping[str, Any]) -> None:
    """Refuse what another forwarding says already."""
    sides = (
        ("external_port_range", "floatingip_id", floating["id"]),
        ("internal_port_range", "internal_port_id", row["internal_port_id"]),
    )
    for key, column, wanted in sides:
        for other in _others(ctx, column, wanted, row["protocol"]):
            if other["id"] == row["id"]:
                continue
            if key == "internal_port_range" and (
                other["internal_ip_address"] != row["internal_ip_address"]
            ):
                continue
            (a, b), (c, d) = _span(other[key]), _span(row[key])
            if a <= d and c <= b:
                raise _bad(
                    f"There is a port collision with the {key}. The following ranges collide:"
                    f" {other[key]} and {row[key]}"
                )


def _router(ctx: Context, floating: Row, values: Mapping[str, Any]) -> str:
    """Return the router between a floating IP and the port that it forwards to."""
    port_id, address = values["internal_port_id"], values["internal_ip_address"]
    port = usable_port(ctx, port_id)
    if port is None:
        raise PortNotFound(port_id=port_id)
    fixed = next((e for e in ipam.of_port(ctx, port_id) if e["ip_address"] == address), None)
    if fixed is None:
        raise _bad(
            f"Requested internal IP address {address} is not suitable for internal neutron port"
            f" {port_id}, as its fixed_ips are {ipam.of_port(ctx, port_id)}"
        )
    bound = _bound_floating_ip(ctx, port_id, address)
    if bound is not None:
        raise PortHasBindingFloatingIP(
            floating_ip_address=bound["floating_ip_address"],
            fip_id=bound["id"],
            port_id=port_id,
            fixed_ip=address,
        )
    network_id = floating["floating_network_id"]
    routers = floatingips.routers_between(ctx, fixed["subnet_id"], network_id)
    if not routers:
        raise ExternalGatewayForFloatingIPNotFound(
            subnet_id=fixed["subnet_id"], external_network_id=network_id, port_id=port_id
        )
    found: str = routers[0]["router_id"]
    if floating["router_id"] and floating["router_id"] != found:
        raise _bad(
            f"The Floating IP {floating['id']} had been set on router {floating['router_id']}, the"
            f" internal Neutron port {port_id} can not reach it"
        )
    return found


def create(ctx: Context, floating: Row, values: Values) -> str:
    """Forward ports; return the forwarding's id."""
    outer, inner = _ranges(values)
    row = {
        **fresh(ctx, values),
        "project_id": floating["project_id"],
        "floatingip_id": floating["id"],
        "external_port": _single(outer),
        "internal_port": _single(inner),
        "external_port_range": outer,
        "internal_port_range": inner,
        **picked(values, "internal_ip_address", "internal_port_id", "protocol"),
    }
    _check(ctx, floating, row)
    if floating["port_id"]:
        raise FloatingIPPortAlreadyAssociated(
            port_id=values["internal_port_id"],
            fip_id=floating["id"],
            floating_ip_address=floating["floating_ip_address"],
            fixed_ip=values["internal_ip_address"],
            net_id=floating["floating_network_id"],
        )
    router_id = _router(ctx, floating, values)
    ctx.db.insert("network_port_forwardings", row)
    ctx.db.update("network_floatingips", floating["id"], router_id=router_id, status="ACTIVE")
    bump(ctx, "network_floatingips", floating["id"])
    forwarding_id: str = row["id"]
    return forwarding_id


def update(ctx: Context, row: Row, values: Values) -> None:
    """Forward other ports, or to elsewhere."""
    floating = ctx.db.get("network_floatingips", row["floatingip_id"])
    whole = {**dict(row), **values}
    for side in ("external", "internal"):
        if f"{side}_port" in values and f"{side}_port_range" not in values:
            whole[f"{side}_port_range"] = None
    outer, inner = _ranges(whole)
    whole.update(
        external_port_range=outer,
        internal_port_range=inner,
        external_port=_single(outer),
        internal_port=_single(inner),
    )
    _check(ctx, floating, whole)
    if "internal_port_id" in values or "internal_ip_address" in values:
        _router(ctx, floating, whole)
    before = dict(row)
    changed = {name: whole[name] for name in before if name != "id"}
    ctx.db.update("network_port_forwardings", row["id"], **changed)
    bump(ctx, "network_floatingips", floating["id"])


def delete(ctx: Context, row: Row) -> None:
    """Stop forwarding; with the last one the floating IP leaves its router."""
    ctx.db.delete("network_port_forwardings", row["id"])
    floating_id = row["floatingip_id"]
    if not _count(ctx, floating_id):
        ctx.db.update("network_floatingips", floating_id, router_id=None, status="DOWN")
    bump(ctx, "network_floatingips", floating_id)


def missing(forwarding_id: str) -> Any:
    """Return what is raised for an id that no forwarding has."""
    return PortForwardingNotFound(id=forwarding_id)


PORT_FORWARDING = Resource(
    member="port_forwarding",
    collection="port_forwardings",
    path="/floatingips/{id}/port_forwardings",
    table="network_port_forwardings",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    rule="floatingip_port_forwarding",
    parent=Parent(FLOATINGIP, "floatingip_id"),
    unsortable={"external_port": "portforwardings"},
)
