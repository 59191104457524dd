"""Fixed and floating addresses of a server, added and removed through Compute (below 2.44)."""

from __future__ import annotations

from typing import Any

from emulator.compute.schemas import IP_ADDRESS
from emulator.compute.servers import interfaces
from emulator.compute.servers.actions.errors import (
    FixedAddressNotAssigned,
    FloatingIpNotAssociated,
    FloatingIpNotFound,
    FloatingIpUnknown,
    NetworkNotReady,
    NoFixedIps,
    NoFixedIpv4,
)
from emulator.compute.servers.lifecycle import check_lock
from emulator.errors import BadInput, EmulatorError
from emulator.network import floatingips, ports, resource
from emulator.network.floatingips import FLOATINGIP
from emulator.network.ports import PORT
from emulator.network.subnets import SUBNET
from emulator.wire.envelopes import HTML
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, prop

# Schemas

ADDRESS = {
    "type": "object",
    "properties": {"address": IP_ADDRESS},
    "required": ["address"],
    "additionalProperties": False,
}
NETWORK_ID = {"type": ["string", "number"], "minLength": 1, "maxLength": 36}
ADD_FIXED_BODY = Body("addFixedIp", prop("networkId", NETWORK_ID, required=True))
REMOVE_FIXED_BODY = Body("removeFixedIp", schema=ADDRESS)
ADD_FLOATING_BODY = Body(
    "addFloatingIp", prop("address", IP_ADDRESS, required=True), prop("fixed_address", IP_ADDRESS)
)
REMOVE_FLOATING_BODY = Body("removeFloatingIp", schema=ADDRESS)

# What is asked of Network


def _floating_ip(ctx: Context, address: str) -> Any:
    """The floating IP of an address, None when the caller has none such."""
    found = resource.select(FLOATINGIP, ctx, [("floating_ip_address = ?", [address])])
    return found[0] if found else None


def _set_addresses(ctx: Context, port: Any, addresses: list[dict[str, str]]) -> None:
    row = resource.find(PORT, ctx, port.id)
    ports.update(ctx, row, {"fixed_ips": addresses})


def _fixed(port: Any) -> list[dict[str, str]]:
    return [
        {"subnet_id": subnet_id, "ip_address": address} for address, _, subnet_id in port.fixed_ips
    ]


# Operations


def add_fixed(ctx: Context, server: Any, body: Any) -> None:
    """Give a server one more address on a network it is on; nothing happens when it is not."""
    check_lock(ctx, server)
    network_id = str(body["addFixedIp"]["networkId"])
    asking = ctx.at_service("network").as_emulator()
    own = [port for port in interfaces.ports(ctx, server["uuid"]) if port.network_id == network_id]
    where = [("network_subnets.network_id = ?", [network_id])]
    found = resource.select(SUBNET, asking, where) if own else []
    if own and found:
        _set_addresses(asking, own[0], [*_fixed(own[0]), {"subnet_id": found[0]["id"]}])


def remove_fixed(ctx: Context, server: Any, body: Any) -> None:
    """Take an address from a server; nothing happens when it is not the server's."""
    check_lock(ctx, server)
    address = body["removeFixedIp"]["address"]
    for port in interfaces.ports(ctx, server["uuid"]):
        kept = [each for each in _fixed(port) if each["ip_address"] != address]
        if len(kept) < len(port.fixed_ips):
            _set_addresses(ctx.at_service("network").as_emulator(), port, kept)
            return


def add_floating(ctx: Context, server: Any, body: Any) -> Reply:
    """Lead a floating IP to a server: to the address named, or its first IPv4 address."""
    asked = body["addFloatingIp"]
    own = interfaces.ports(ctx, server["uuid"])
    if not own:
        raise NetworkNotReady()
    fixed = [(address, version, port) for port in own for address, version, _ in port.fixed_ips]
    if not fixed:
        raise NoFixedIps()
    if "fixed_address" in asked:
        fixed = [each for each in fixed if each[0] == asked["fixed_address"]]
        if not fixed:
            raise FixedAddressNotAssigned()
    else:
        fixed = [each for each in fixed if each[1] == 4]
        if not fixed:
            raise NoFixedIpv4(address=asked["address"], id=server["uuid"])
    address, _, port = fixed[0]
    asking = ctx.at_service("network")
    row = _floating_ip(asking, asked["address"])
    if row is None:
        raise FloatingIpNotFound()
    try:
        floatingips.update(asking, row, {"port_id": port.id, "fixed_ip_address": address})
    except EmulatorError as refusal:
        raise BadInput(
            f"Unable to associate floating IP {asked['address']} to fixed IP {address} for"
            f" instance {server['uuid']}. Error: {refusal.message}"
        ) from None
    return Reply(202, None, content_type=HTML)


def remove_floating(ctx: Context, server: Any, body: Any) -> Reply:
    """Lead a floating IP nowhere, when it led to this server.

    Policy is asked about the project of the server that it leads to, whichever that is: of one
    that leads nowhere only an administrator hears more (Nova 34.0.0, FloatingIPActionController).
    """
    address = body["removeFloatingIp"]["address"]
    asking = ctx.at_service("network")
    row = _floating_ip(asking, address)
    if row is None:
        raise FloatingIpUnknown(address=address)
    if row["port_id"] is None:
        ctx.authorize("os_compute_api:os-floating-ips:remove", {})
    if row["port_id"] not in {port.id for port in interfaces.ports(ctx, server["uuid"])}:
        raise FloatingIpNotAssociated(address=address, id=server["uuid"])
    floatingips.update(asking, row, {"port_id": None})
    return Reply(202, None, content_type=HTML)
