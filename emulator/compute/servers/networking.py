"""What new servers and lists of servers ask of Network, and how Nova words its refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from emulator.compute.formats import is_uuid
from emulator.compute.servers import port_resources, queries
from emulator.compute.servers.actions.errors import PortInUse, PortLimitExceeded
from emulator.compute.servers.errors import (
    AmbiguousNetworks,
    AmbiguousSecurityGroups,
    BadNetworks,
    NoAutoNetwork,
    NoSuchNetwork,
    NoSuchPort,
    NoSuchSecurityGroup,
    NotForSeveral,
)
from emulator.compute.servers.port_errors import PortsAskForTooNew
from emulator.compute.versions import PORTS_MAY_ASK_FOR_BANDWIDTH
from emulator.errors import BadInput, EmulatorError, TransitionFailed
from emulator.network import errors, server_requests
from emulator.network import servers as network
from emulator.network.qos.errors import NetworkAsksForResources
from emulator.simulation.transition import Turn
from emulator.wire.request import Context

AUTO = "auto"
NONE = "none"
DEFAULT = ("default",)
CHOOSE_ADDRESS = "create_port:fixed_ips:ip_address"

Networks = str | list[server_requests.Request] | None
"""What a request says of networks: "auto", "none", a list; None where it says nothing."""

# What the request says


def asked(networks: Any) -> Networks:
    """Read the networks of a request; refuse what cannot be."""
    if not networks or isinstance(networks, str):
        return networks or None
    seen: set[str] = set()
    requests = []
    for each in networks:
        port_id, address = each.get("port"), each.get("fixed_ip")
        if port_id:
            if port_id in seen:
                raise BadNetworks(
                    f"Port ID '{port_id}' was specified twice: you cannot attach a port "
                    "multiple times."
                )
            if address is not None:
                raise BadNetworks(
                    f"Specified Fixed IP '{address}' cannot be used with port '{port_id}': the "
                    "two cannot be specified together."
                )
            seen.add(port_id)
            requests.append(server_requests.Request(None, port_id, None, each.get("tag")))
            continue
        if "uuid" not in each:
            raise BadNetworks("Bad network format: missing 'uuid'")
        if not is_uuid(each["uuid"]):
            raise BadNetworks(
                f"Bad networks format: network uuid is not in proper format ({each['uuid']})"
            )
        requests.append(server_requests.Request(each["uuid"], None, address, each.get("tag")))
    return requests


def check_several(networks: Networks) -> None:
    """Refuse for several servers what only one can have: an address, a port."""
    if not isinstance(networks, list):
        return
    if any(each.network_id and each.fixed_ip for each in networks):
        raise NotForSeveral(
            reason="max_count cannot be greater than 1 if an fixed_ip is specified."
        )
    if any(each.port_id for each in networks):
        raise NotForSeveral(
            reason="Unable to launch multiple instances with a single configured port ID. Please "
            "launch your instance one by one with different ports."
        )


def check(
    ctx: Context, networks: Networks, group_names: Sequence[str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return what a new server is plugged into, checked, and the ids of its security groups."""
    own = ctx.at_service("network")
    try:
        named = tuple(group_names) != DEFAULT
        groups = server_requests.group_ids(own, group_names) if named else []
        if networks == NONE:
            return [], groups
        wanted = networks if isinstance(networks, list) else None
        if networks == AUTO and not server_requests.usable_networks(own, own.project_id):
            wanted = [server_requests.Request()]
        requests, default = server_requests.check(own, wanted, ())
    except errors.AutoAllocationFailure:
        raise NoAutoNetwork(project_id=ctx.project_id) from None
    except EmulatorError as refusal:
        raise _worded(refusal) from None
    return [_kept(own, each) for each in requests], groups or default


def check_requests(ctx: Context, requests: Sequence[Mapping[str, Any]] | None) -> None:
    """Refuse ports that ask for bandwidth below the microversion that knows them."""
    if PORTS_MAY_ASK_FOR_BANDWIDTH in ctx or not requests:
        return
    given = [each["port_id"] for each in requests if each["port_id"]]
    if port_resources.of_ports(ctx, given).groups:
        raise PortsAskForTooNew()


def _kept(ctx: Context, request: server_requests.Request) -> dict[str, Any]:
    """A checked request as it is stored, with what Network will not let this user have of it."""
    kept: dict[str, Any] = {
        "network_id": request.network_id,
        "port_id": request.port_id,
        "fixed_ip": request.fixed_ip,
        "tag": request.tag,
    }
    if request.fixed_ip is not None and request.network_id is not None:
        owner = server_requests.network(ctx, request.network_id)["project_id"]
        target = {"network:project_id": owner, "project_id": ctx.project_id}
        if not ctx.can(CHOOSE_ADDRESS, target):
            kept["refused"] = "address"
    if server_requests.is_closed(ctx, request):
        kept["refused"] = "network"
    return kept


Facts = Mapping[str, Any]
WORDINGS: Sequence[tuple[type[EmulatorError], Callable[[Facts], EmulatorError]]] = (
    (errors.NetworkNotFound, lambda facts: NoSuchNetwork(network_id=_network_id(facts))),
    (errors.PortNotFound, lambda facts: NoSuchPort(port_id=facts["port_id"])),
    (errors.PortInUse, lambda facts: PortInUse(port_id=facts["port_id"])),
    (errors.NetworkAmbiguous, lambda facts: AmbiguousNetworks()),
    (
        errors.SecurityGroupNotFound,
        lambda facts: NoSuchSecurityGroup(security_group_id=facts["id"]),
    ),
    (errors.NoUniqueMatch, lambda facts: AmbiguousSecurityGroups(name=facts["name"])),
    (errors.OverQuota, lambda facts: PortLimitExceeded()),
)
"""What Network refuses → Nova's refusal."""


def _worded(refusal: EmulatorError) -> EmulatorError:
    """Return what Network refused in Nova's words."""
    for kind, word in WORDINGS:
        if isinstance(refusal, kind):
            return word(refusal.facts)
    if isinstance(refusal, errors.FixedIpAlreadyInUse | errors.NetworkRequiresSubnet):
        return BadInput(refusal.message)
    return refusal


def _network_id(facts: Facts) -> Any:
    return next(facts[name] for name in ("net_id", "id", "network_id") if name in facts)


# Ports of servers


def _aborted(server: Any) -> TransitionFailed:
    return TransitionFailed(
        f"Build of instance {server['uuid']} aborted: Failed to allocate the network(s), not "
        "rescheduling."
    )


def allocate(ctx: Context, server: Any) -> None:
    """Give a server its ports. TransitionFailed when Network has none to give."""
    requests = orjson.loads(server["requested_networks"])
    if not requests:
        return
    refused = {each.get("refused") for each in requests}
    if "network" in refused:
        raise _aborted(server)
    if "address" in refused:
        # Network refuses it on each host that is tried, until none is left.
        raise TransitionFailed(
            "Exceeded maximum number of retries. Exhausted all hosts available for retrying build "
            f"failures for instance {server['uuid']}."
        )
    try:
        network.allocate(
            ctx,
            server["uuid"],
            server["host"],
            server["availability_zone"],
            [server_requests.Request(**each, hostname=server["hostname"]) for each in requests],
            orjson.loads(server["requested_security_groups"]),
            server["project_id"],
            port_resources.providers_of(ctx, server["uuid"], port_resources.of_server(ctx, server)),
        )
    except (NetworkAsksForResources, errors.AutoAllocationFailure):
        raise _aborted(server) from None
    except EmulatorError as refusal:
        raise TransitionFailed(
            f"Build of instance {server['uuid']} aborted: Failed to allocate the network(s) with "
            f"error {refusal.message}, not rescheduling."
        ) from None


def allocate_together(turns: Sequence[Turn]) -> int:
    """Give many servers their ports, as `allocate` does for one after the other."""
    rows = queries.to_be_plugged(turns[0].ctx, [turn.entity for turn in turns])
    plain: dict[str, list[server_requests.Request] | None] = {}
    plugs: list[network.Plug] = []
    for turn in turns:
        server = rows.get(turn.entity)
        if server is None:
            break
        text = server["requested_networks"]
        if text not in plain:
            plain[text] = _on_networks(orjson.loads(text))
        requests = plain[text]
        if requests is None:
            break
        plugs.append(
            network.Plug(
                turn.ctx,
                turn.entity,
                server["host"],
                server["availability_zone"],
                requests,
                orjson.loads(server["requested_security_groups"]),
                server["project_id"],
            )
        )
    return network.allocate_together(plugs) if plugs else 0


def _on_networks(requests: Sequence[Mapping[str, Any]]) -> list[server_requests.Request] | None:
    """What is asked of Network where that is new ports with any address, otherwise None."""
    for each in requests:
        if each["fixed_ip"] or each.get("refused") or not each["network_id"] or each["port_id"]:
            return None
    return [server_requests.Request(**each) for each in requests]


def release(ctx: Context, server_uuid: str) -> None:
    """Take a server's ports away: what Compute made is deleted, what it was given is unplugged."""
    network.release(ctx, server_uuid)


def servers_with(ctx: Context, parts: Sequence[str]) -> str:
    """Return the servers that have a part of an address, as a JSON list; "" when none has."""
    own = ctx.at_service("network")
    found = [server_id for part in parts for server_id in network.with_address(own, part)]
    return orjson.dumps(found).decode() if found else ""
