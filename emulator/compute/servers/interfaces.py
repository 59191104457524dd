"""Interfaces of servers: the ports that they have of Network, attached and detached."""

from __future__ import annotations

from typing import Any

from emulator.compute.schemas import IP_ADDRESS, TAG, UNKNOWN_UNTIL_2101, UUID
from emulator.compute.servers import instance_actions, port_resources
from emulator.compute.servers.actions.errors import (
    AddressWithoutNetwork,
    BothNetworkAndPort,
    NetworkRefusal,
    NoNetworkToAttach,
    NotPortOfServer,
    PortInUse,
    PortLimitExceeded,
    PortNotFound,
)
from emulator.compute.servers.lifecycle import check_lock, check_state
from emulator.compute.servers.port_errors import NetworkAsksForBandwidth
from emulator.compute.servers.states import ACTIVE, PAUSED, STOPPED
from emulator.errors import EmulatorError, NotFound
from emulator.network import errors, resource, server_requests
from emulator.network import servers as network
from emulator.network.ports import PORT
from emulator.network.qos.errors import NetworkAsksForResources
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, View, field, prop

ALLOWED = (ACTIVE, PAUSED, STOPPED)
NOTHING = server_requests.Request()

# Schemas

FIXED_IPS = {
    "type": "array",
    "minItems": 1,
    "maxItems": 1,
    "items": {
        "type": "object",
        "properties": {"ip_address": IP_ADDRESS},
        "required": ["ip_address"],
        "additionalProperties": False,
    },
}
CREATE = Body(
    schema=Object(
        prop(
            "interfaceAttachment",
            Object(
                prop("net_id", UUID),
                prop("port_id", UUID),
                prop("fixed_ips", FIXED_IPS),
                prop("tag", TAG, since="2.49"),
            ),
        )
    )
)
LIST = Query(unknown=UNKNOWN_UNTIL_2101)

# View


def _fixed_ips(port: Any, ctx: Context) -> list[dict[str, str]]:
    return [
        {"subnet_id": subnet_id, "ip_address": address} for address, _, subnet_id in port.fixed_ips
    ]


INTERFACE = View(
    field("net_id", lambda port, ctx: port.network_id),
    field("port_id", lambda port, ctx: port.id),
    field("mac_addr", lambda port, ctx: port.mac),
    field("port_state", lambda port, ctx: port.status),
    field("fixed_ips", _fixed_ips),
    field("tag", lambda port, ctx: port.tag, since="2.70"),
)

# What is asked of Network


def ports(ctx: Context, server_uuid: str) -> list[Any]:
    """Return the ports of a server."""
    return network.ports_of(ctx.at_service("network"), [server_uuid])[server_uuid]


def rebind(ctx: Context, server_uuid: str, host: str | None) -> None:
    """Bind a server's ports to the host it went to, or to none."""
    providers = port_resources.providers_of(ctx, server_uuid) if host else {}
    network.rebind(ctx.as_emulator(), server_uuid, host or "", providers)


def _exists(ctx: Context, port_id: str) -> bool:
    try:
        resource.find(PORT, ctx.at_service("network"), port_id)
    except NotFound:
        return False
    return True


# Operations


def index(ctx: Context, server: Any) -> dict[str, Any]:
    """List a server's interfaces."""
    found = ports(ctx, server["uuid"])
    return {"interfaceAttachments": [INTERFACE.render(port, ctx) for port in found]}


def show(ctx: Context, server: Any, port_id: str) -> dict[str, Any]:
    """Show one interface."""
    return {"interfaceAttachment": INTERFACE.render(_port(ctx, server, port_id), ctx)}


def _port(ctx: Context, server: Any, port_id: str) -> Any:
    """The port of a server. PortNotFound, or NotPortOfServer when it is another's."""
    for port in ports(ctx, server["uuid"]):
        if port.id == port_id:
            return port
    if _exists(ctx, port_id):
        raise NotPortOfServer(instance=server["uuid"], port=port_id)
    raise PortNotFound(port_id=port_id)


def attach(ctx: Context, server: Any, body: Any) -> dict[str, Any]:
    """Give a server another interface: on a network, or an existing port."""
    wanted = body.get("interfaceAttachment") or {}
    network_id, port_id = wanted.get("net_id"), wanted.get("port_id")
    address = (wanted.get("fixed_ips") or [{}])[0].get("ip_address")
    if network_id and port_id:
        raise BothNetworkAndPort()
    if address and not network_id:
        raise AddressWithoutNetwork()
    check_lock(ctx, server)
    check_state(server, "attach_interface", ALLOWED)
    request = server_requests.Request(network_id, port_id, address, wanted.get("tag"))
    asking = ctx.at_service("network")
    if address and network_id:
        _check_address_right(asking, network_id)
    try:
        requests, _ = server_requests.check(asking, None if request == NOTHING else [request], [])
        if not requests:
            raise NoNetworkToAttach(project_id=server["project_id"])
        if server_requests.is_closed(asking, requests[0]):
            raise errors.ExternalNetworkAttachForbidden(network_uuid=requests[0].network_id)
        providers = port_resources.claim_more(ctx, server, port_id)
        port = network.attach(
            asking,
            server["uuid"],
            server["host"],
            server["availability_zone"],
            requests[0]._replace(hostname=server["hostname"]),
            server["project_id"],
            providers,
        )
    except NetworkAsksForResources as refusal:
        raise NetworkAsksForBandwidth(instance_uuid=server["uuid"], **refusal.facts) from None
    except EmulatorError as refusal:
        raise worded(refusal, port_id) from None
    instance_actions.note(ctx, server, "attach_interface", "compute_attach_interface")
    return show(ctx, server, port["id"])


def _check_address_right(asking: Context, network_id: str) -> None:
    """Only who owns a network may choose addresses on it; Neutron's refusal is passed on."""
    try:
        row = server_requests.network(asking, network_id)
    except EmulatorError as refusal:
        raise worded(refusal) from None
    target = {"project_id": asking.project_id, "tenant_id": asking.project_id}
    owner = {"network:project_id": row["project_id"], "network:tenant_id": row["project_id"]}
    if not asking.can("create_port:fixed_ips:ip_address", {**target, **owner}):
        raise NetworkRefusal(
            "((rule:create_port and (rule:create_port:fixed_ips and"
            " (rule:create_port:fixed_ips:ip_address))) and rule:create_port:device_id)"
            " is disallowed by policy\n"
            f"Neutron server returns request_ids: ['{asking.request_id}']",
            403,
        )


def detach(ctx: Context, server: Any, port_id: str) -> Reply:
    """Take an interface away; one that the server does not have fails after the 202."""
    check_lock(ctx, server)
    check_state(server, "detach_interface", ALLOWED)
    if all(port.id != port_id for port in ports(ctx, server["uuid"])):
        action_id = instance_actions.record(ctx, server["uuid"], "detach_interface")
        instance_actions.open_event(ctx, action_id, "compute_detach_interface")
        message = f"Port id {port_id} could not be found."
        instance_actions.close_event(ctx, action_id, "compute_detach_interface", "Error", message)
        instance_actions.mark_failed(ctx, action_id)
        return Reply(202)
    held = network.detach(ctx, server["uuid"], port_id)
    port_resources.give_back(ctx, server["uuid"], held)
    instance_actions.note(ctx, server, "detach_interface", "compute_detach_interface")
    return Reply(202)


def worded(refusal: EmulatorError, port_id: str | None = None) -> EmulatorError:
    """Return what Network refused as Nova passes it on."""
    if isinstance(refusal, errors.PortNotFound):
        return PortNotFound(port_id=port_id)
    if isinstance(refusal, errors.PortInUse):
        return PortInUse(port_id=port_id)
    if isinstance(refusal, errors.FixedIpAlreadyInUse):
        return NetworkRefusal(refusal.message, 409)
    if isinstance(refusal, errors.OverQuota):
        return PortLimitExceeded()
    if isinstance(refusal, errors.NetworkAmbiguous | errors.NetworkNotFound):
        return NetworkRefusal(refusal.message, 400)
    return refusal
