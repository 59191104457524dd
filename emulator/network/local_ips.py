"""Local IPs: one address that every host leads to a port of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.network import ipam, networks, validators
from emulator.network.attributes import (
    ENFORCE,
    FILTER,
    HIDDEN,
    NEUTRON_TIMES,
    NOT_SPECIFIED,
    POST,
    PUT,
    SORT,
    Values,
    attr,
    attributes,
    given,
)
from emulator.network.errors import (
    LocalIPAssociationNotFound,
    LocalIPInUse,
    LocalIPNoIP,
    LocalIPNoRequestedIP,
    LocalIPNotFound,
    LocalIPPortOrNetworkRequired,
    LocalIPRequestedIPNotFound,
    PortNotFound,
)
from emulator.network.ports import create as create_port
from emulator.network.ports import operations as port_operations
from emulator.network.resource import Item, Parent, Resource, Row, own_rows
from emulator.network.routers.gateway import values_of_port
from emulator.network.routers.queries import port as usable_port
from emulator.network.standard import bump, change, fresh, owner, picked, times
from emulator.wire.request import Context

OWNER = "network:local_ip"

# Schemas

FOUND = POST | FILTER | SORT
ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("name", FOUND | PUT, default="", check=validators.name()),
    attr("description", POST | PUT | FILTER, default="", check=validators.string(255)),
    attr("project_id", FOUND, check=validators.string(255)),
    attr("local_port_id", FOUND, default=NOT_SPECIFIED, check=validators.uuid),
    attr("network_id", FOUND, default=NOT_SPECIFIED, check=validators.uuid),
    attr("local_ip_address", FOUND | ENFORCE, default=NOT_SPECIFIED, check=validators.ip_or_none),
    attr(
        "ip_mode",
        FOUND,
        default="translate",
        check=validators.one_of("translate", "passthrough"),
    ),
    *NEUTRON_TIMES,
)
ASSOCIATION_ATTRIBUTES = attributes(
    attr("local_ip_id", 0),
    attr("local_ip_address", FILTER | SORT),
    attr("fixed_port_id", FOUND, check=validators.uuid),
    attr("fixed_ip", FOUND, default=None, check=validators.ip_or_none),
    attr("host", FILTER | SORT),
    attr("project_id", POST | HIDDEN, check=validators.string(255)),
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return local IPs as items."""
    return [
        {
            **picked(row, "id", "name", "description", "local_port_id", "network_id"),
            **picked(row, "local_ip_address", "ip_mode"),
            **owner(row),
            **times(row),
        }
        for row in rows
    ]


def view_associations(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return associations as items."""
    names = ("local_ip_id", "local_ip_address", "fixed_port_id", "fixed_ip", "host")
    return [picked(row, *names) for row in rows]


# Queries


def _is_used(ctx: Context, local_id: str) -> bool:
    return bool(
        ctx.db.value(
            "SELECT 1 FROM network_local_ip_associations WHERE local_ip_id = ?", (local_id,)
        )
    )


def _drop(ctx: Context, row: Row) -> None:
    ctx.db.execute(
        "DELETE FROM network_local_ip_associations WHERE local_ip_id = ? AND fixed_port_id = ?",
        (row["local_ip_id"], row["fixed_port_id"]),
    )


# Operations


def create(ctx: Context, values: Values) -> str:
    """Create a local IP on a network, or of a port; return its id."""
    row = fresh(ctx, values)
    port_id, network_id = given(values, "local_port_id"), given(values, "network_id")
    wanted = given(values, "local_ip_address")
    if port_id is None:
        if network_id is None:
            raise LocalIPPortOrNetworkRequired()
        network = networks.visible(ctx, network_id)
        wish = [{"ip_address": wanted}] if wanted else NOT_SPECIFIED
        made = values_of_port(network["id"], row["id"], OWNER, wish, values["project_id"])
        port_id = create_port(ctx.as_emulator(), made)
        bump(ctx, "network_ports", port_id)  # Neutron says whose it is in a second step
    port = usable_port(ctx, port_id)
    if port is None:
        raise PortNotFound(port_id=port_id)
    row.update(
        **picked(values, "name", "ip_mode"),
        local_port_id=port_id,
        network_id=port["network_id"],
        local_ip_address=_address(ctx, port_id, wanted),
    )
    ctx.db.insert("network_local_ips", row)
    local_id: str = row["id"]
    return local_id


def _address(ctx: Context, port_id: str, wanted: str | None) -> str:
    """Return the address of a port that is meant."""
    addresses = [each["ip_address"] for each in ipam.of_port(ctx, port_id)]
    if not addresses:
        raise LocalIPNoIP(port_id=port_id)
    if wanted is not None:
        if wanted not in addresses:
            raise LocalIPRequestedIPNotFound(port_id=port_id, ip=wanted)
        return wanted
    if len(addresses) > 1:
        raise LocalIPNoRequestedIP(port_id=port_id)
    return addresses[0]


def update(ctx: Context, row: Row, values: Values) -> None:
    """Rename or describe a local IP."""
    change(ctx, "network_local_ips", row, values)


def delete(ctx: Context, row: Row) -> None:
    """Delete a local IP that leads to no port."""
    if _is_used(ctx, row["id"]):
        raise LocalIPInUse(id=row["id"])
    ctx.db.delete("network_local_ips", row["id"])
    port = ctx.db.get("network_ports", row["local_port_id"])
    if port is not None and port["device_owner"] == OWNER:
        port_operations.remove(ctx, port)


def associate(ctx: Context, local: Row, values: Values) -> str:
    """Lead a local IP to a port on the port's host; return the port's id."""
    port = usable_port(ctx, values["fixed_port_id"])
    if port is None:
        raise PortNotFound(port_id=values["fixed_port_id"])
    row = {
        "local_ip_id": local["id"],
        "local_ip_address": local["local_ip_address"],
        "fixed_port_id": port["id"],
        "fixed_ip": _address(ctx, port["id"], values["fixed_ip"]),
        "host": port["binding_host_id"],
        "project_id": local["project_id"],
    }
    _drop(ctx, row)
    ctx.db.insert("network_local_ip_associations", row)
    found: str = row["fixed_port_id"]
    return found


def missing(local_id: str) -> Any:
    """Return what is raised for an id that no local IP has."""
    return LocalIPNotFound(id=local_id)


def association_missing(port_id: str) -> Any:
    """Return what is raised for a port that a local IP does not lead to."""
    return LocalIPAssociationNotFound(local_ip_id="", port_id=port_id)


LOCAL_IP = Resource(
    member="local_ip",
    collection="local_ips",
    path="/local_ips",
    table="network_local_ips",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    sees=own_rows("network_local_ips"),
    blank_fields=True,
)
ASSOCIATION = Resource(
    member="port_association",
    collection="port_associations",
    path="/local_ips/{id}/port_associations",
    table="network_local_ip_associations",
    attributes=ASSOCIATION_ATTRIBUTES,
    missing=association_missing,
    view=view_associations,
    create=associate,
    delete=_drop,
    rule="local_ip_port_association",
    key="fixed_port_id",
    parent=Parent(LOCAL_IP, "local_ip_id"),
)
