"""What Compute asks of Network: ports for its servers, and what they look like from there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from emulator.errors import EmulatorError
from emulator.network import dns, ports, wiring
from emulator.network.attributes import NOT_SPECIFIED, Values
from emulator.network.errors import PortNotFound, SecurityGroupNotFound
from emulator.network.ports import operations as port_operations
from emulator.network.ports.operations import Draft, Made
from emulator.network.ports.queries import marks
from emulator.network.qos import requests as qos_requests
from emulator.network.qos.errors import NetworkAsksForResources
from emulator.network.routers.gateway import values_of_port
from emulator.network.server_requests import Request, group_ids, network_for
from emulator.network.standard import parsed
from emulator.wire.request import Context

Row = Any
Providers = Mapping[str, str]
"""Which provider serves which group of what ports ask of Placement."""

NONE: Providers = {}
WRITTEN_BY_COMPUTE = (
    "pci_vendor_info", "pci_slot", "allocation", "arq_uuid", "physical_network",
    "card_serial_number", "vf_num", "pf_mac_address", "device_mac_address",
)  # fmt: skip


@dataclass(slots=True)
class PortInfo:
    """A server's port as Compute shows it. `fixed_ips` are (address, version, subnet id),
    `floating_ips` (address, the fixed address it leads to)."""

    id: str
    mac: str
    network_id: str
    network_name: str
    status: str
    tag: str | None
    vif_type: str
    vnic_type: str
    preexisting: bool
    fixed_ips: list[tuple[str, int, str]]
    floating_ips: list[tuple[str, str]]
    security_groups: list[str]

    @property
    def preserve(self) -> bool:
        """Whether the port outlives the server: Compute did not make it."""
        return self.preexisting


# Queries


PORTS = """SELECT p.device_id, p.id, p.mac_address, p.network_id, n.name, p.status, p.nic_tag,
 p.binding_vif_type, p.binding_vnic_type, p.made_for_server,
 (SELECT json_group_array(json_array(ip_address, iif(instr(ip_address, ':'), 6, 4), subnet_id))
  FROM network_ip_allocations WHERE port_id = p.id),
 (SELECT json_group_array(json_array(floating_ip_address, fixed_ip_address))
  FROM network_floatingips WHERE port_id = p.id),
 (SELECT json_group_array(g.name) FROM network_port_security_groups AS b
  JOIN network_security_groups AS g ON g.id = b.security_group_id WHERE b.port_id = p.id)
 FROM network_ports AS p JOIN network_networks AS n ON n.id = p.network_id"""
"""Everything of a port that Compute shows; what a port has several of is a JSON list."""


def _ports(ctx: Context, server_ids: Sequence[str]) -> list[Row]:
    return ctx.db.all(
        "SELECT p.*, n.name AS network_name FROM network_ports AS p"
        " JOIN network_networks AS n ON n.id = p.network_id"
        f" WHERE p.device_id IN ({marks(server_ids)}) AND p.device_owner NOT LIKE 'network:%'"
        " ORDER BY p.device_id, p.nic_index, p.rowid",
        list(server_ids),
    )


def _whole_ports(ctx: Context, server_ids: Sequence[str]) -> list[Row]:
    return ctx.db.all(
        f"{PORTS} WHERE p.device_id IN ({marks(server_ids)})"
        " AND p.device_owner NOT LIKE 'network:%' ORDER BY p.device_id, p.nic_index, p.rowid",
        server_ids,
    )


def _next_index(ctx: Context, server_id: str) -> int:
    index: int = ctx.db.value(
        "SELECT coalesce(max(nic_index), -1) + 1 FROM network_ports WHERE device_id = ?",
        (server_id,),
    )
    return index


def _next_indexes(ctx: Context, server_ids: Sequence[str]) -> dict[str, int]:
    """The next index of those servers that have ports already."""
    rows = ctx.db.all(
        "SELECT device_id, max(nic_index) + 1 FROM network_ports"
        " WHERE device_id IN (SELECT value FROM json_each(?)) GROUP BY device_id",
        (orjson.dumps(server_ids).decode(),),
    )
    return {server_id: index for server_id, index in rows}


def _groups_of(ctx: Context, port_ids: Sequence[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in ctx.db.all(
        "SELECT b.port_id, g.id, g.name FROM network_port_security_groups AS b"
        " JOIN network_security_groups AS g ON g.id = b.security_group_id"
        f" WHERE b.port_id IN ({marks(port_ids)}) ORDER BY g.name, g.id",
        list(port_ids),
    ):
        found[row["port_id"]].append(row)
    return found


def with_address(ctx: Context, part: str) -> list[str]:
    """Return the servers, by port, that have an address with this part in it."""
    rows = ctx.db.all(
        "SELECT DISTINCT p.device_id FROM network_ip_allocations AS a"
        " JOIN network_ports AS p ON p.id = a.port_id"
        " WHERE instr(a.ip_address, ?) AND p.device_id != '' AND (p.project_id = ? OR ?)",
        (part, ctx.project_id, ctx.is_admin),
    )
    return [row["device_id"] for row in rows]


# View


def ports_of(ctx: Context, server_ids: Sequence[str]) -> Mapping[str, list[PortInfo]]:
    """Return the ports of servers, in the order they were plugged in: one query for all.

    A server without ports has an empty list.
    """
    found: dict[str, list[PortInfo]] = defaultdict(list)
    loads = orjson.loads
    for server_id, *port, made, fixed, floating, groups in _whole_ports(ctx, server_ids):
        own = sorted(loads(groups))
        values: list[Any] = [*port, not made, loads(fixed), loads(floating), own]
        found[server_id].append(PortInfo(*values))
    return found


def security_groups_of(ctx: Context, server_ids: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    """Return the security groups of servers, each once a server."""
    rows = _ports(ctx, server_ids)
    groups = _groups_of(ctx, [row["id"] for row in rows])
    found: dict[str, dict[str, dict[str, str]]] = {server_id: {} for server_id in server_ids}
    for row in rows:
        for each in groups.get(row["id"], ()):
            found[row["device_id"]][each["id"]] = {"name": each["name"], "id": each["id"]}
    return {server_id: list(each.values()) for server_id, each in found.items()}


# Operations


def allocate(
    ctx: Context,
    server_id: str,
    host: str,
    availability_zone: str,
    requests: Sequence[Request],
    security_group_ids: Sequence[str],
    project_id: str,
    providers: Providers = NONE,
) -> list[Row]:
    """Make or claim the ports of a server on a host; return their rows.

    `providers` say who serves what the ports ask of Placement.
    """
    ctx = ctx.at_service("network")
    owner = f"compute:{availability_zone}"
    return [
        _plug(ctx, server_id, host, owner, request, security_group_ids, project_id, providers)
        for request in requests
    ]


def _plug(
    ctx: Context,
    server_id: str,
    host: str,
    owner: str,
    request: Request,
    security_group_ids: Sequence[str],
    project_id: str,
    providers: Providers,
) -> Row:
    index = _next_index(ctx, server_id)
    if request.port_id is not None:
        port_id = request.port_id
        row = ctx.db.get("network_ports", port_id)
        if row is None:
            raise PortNotFound(port_id=port_id)
        values = {"device_id": server_id, "device_owner": owner, "binding:host_id": host}
        values["dns_name"] = request.hostname
        ports.update(ctx, row, {**values, **_served(ctx, row, providers)})
    else:
        draft = _draft(ctx, server_id, host, owner, request, security_group_ids, project_id)
        made = port_operations.make(ctx, draft)
        port_operations.keep(ctx, [made])
        port_id = made.row["id"]
    ctx.db.update("network_ports", port_id, nic_index=index, nic_tag=request.tag)
    return ctx.db.get("network_ports", port_id)


@dataclass(slots=True)
class Plug:
    """A server that is to get a new port for each of its requests."""

    ctx: Context
    server_id: str
    host: str
    availability_zone: str
    requests: Sequence[Request]
    security_group_ids: Sequence[str]
    project_id: str


def allocate_together(plugs: Sequence[Plug]) -> int:
    """Make the ports of servers, as `allocate` does for one after the other.

    Return how many servers have theirs: those before the first that something is refused.
    """
    ctx = plugs[0].ctx
    if wiring.takes_time(ctx, wiring.PORT) or dns.keeps_names(ctx):
        return 0  # each port begins at its own moment, or has a name of its own
    drafts: dict[tuple[Any, ...], Draft] = {}
    indexes = _next_indexes(plugs[0].ctx, [plug.server_id for plug in plugs])
    made: list[Made] = []
    given_out: set[tuple[str, str]] = set()
    seen_to = len(plugs)
    for place, plug in enumerate(plugs):
        try:
            made += _plug_alike(plug, indexes.get(plug.server_id, 0), drafts, given_out)
        except EmulatorError:
            seen_to = place
            break
    port_operations.keep(plugs[0].ctx, made)
    return seen_to


def _plug_alike(
    plug: Plug,
    index: int,
    drafts: dict[tuple[Any, ...], Draft],
    given_out: set[tuple[str, str]],
) -> list[Made]:
    """Make the ports of one server; what they have in common with others is looked up once."""
    groups, zone, project = plug.security_group_ids, plug.availability_zone, plug.project_id
    made: list[Made] = []
    for request in plug.requests:
        alike = (request.network_id, zone, project, *groups)
        draft = drafts.get(alike)
        if draft is None:
            ctx, owner = plug.ctx.at_service("network"), f"compute:{zone}"
            draft = _draft(ctx, plug.server_id, plug.host, owner, request, groups, project)
            drafts[alike] = draft
        port = port_operations.make(
            plug.ctx,
            draft,
            given_out,
            device_id=plug.server_id,
            binding_host_id=plug.host,
            nic_index=index + len(made),
            nic_tag=request.tag,
        )
        given_out.add((port.row["network_id"], port.row["mac_address"]))
        given_out.update((each["subnet_id"], each["ip_address"]) for each in port.addresses)
        made.append(port)
    return made


def _draft(
    ctx: Context,
    server_id: str,
    host: str,
    owner: str,
    request: Request,
    security_group_ids: Sequence[str],
    project_id: str,
) -> Draft:
    """Check what a server's new port is to be like."""
    if request.network_id is None:
        request = request._replace(network_id=network_for(ctx, project_id))
    assert request.network_id is not None
    if qos_requests.network_asks(ctx, request.network_id):
        raise NetworkAsksForResources(network_id=request.network_id)
    values = _values(server_id, host, owner, request, security_group_ids, project_id)
    _allow_groups(ctx, values)
    return port_operations.draft(ctx.as_emulator(), values)


def _served(ctx: Context, row: Row, providers: Providers) -> Values:
    """Return the binding profile that says who serves a port, where it asks for something."""
    asked = qos_requests.asked(ctx, [row["id"]])
    if not asked:
        return {}
    groups = [each["id"] for each in asked[row["id"]]["request_groups"]]
    allocation = {each: providers[each] for each in groups if each in providers}
    return {"binding:profile": {**parsed(row["binding_profile"]), "allocation": allocation}}


def _unserved(row: Row) -> Values:
    """Return the binding profile without what Compute wrote into it."""
    profile = parsed(row["binding_profile"])
    return {"binding:profile": {n: v for n, v in profile.items() if n not in WRITTEN_BY_COMPUTE}}


def _values(
    server_id: str,
    host: str,
    owner: str,
    request: Request,
    security_group_ids: Sequence[str],
    project_id: str,
) -> Values:
    assert request.network_id is not None
    wish = [{"ip_address": request.fixed_ip}] if request.fixed_ip else NOT_SPECIFIED
    return {
        **values_of_port(request.network_id, server_id, owner, wish, project_id),
        "status": "DOWN",
        "port_security_enabled": NOT_SPECIFIED,
        "security_groups": list(security_group_ids) or NOT_SPECIFIED,
        "binding:host_id": host,
        "dns_name": request.hostname,
        "made_for_server": True,
    }


def _allow_groups(ctx: Context, values: Values) -> None:
    """Leave the groups out where the network does not check addresses, as Nova does."""
    row = ctx.db.get("network_networks", values["network_id"])
    if row is not None and not row["port_security_enabled"]:
        values["security_groups"] = NOT_SPECIFIED


def release(ctx: Context, server_id: str) -> None:
    """Delete the ports made for a server; unplug those that were there before it."""
    ctx = ctx.at_service("network")
    for row in _ports(ctx, [server_id]):
        _unplug(ctx, row)


def _unplug(ctx: Context, row: Row) -> None:
    if row["made_for_server"]:
        port_operations.remove(ctx, row)
        return
    free = {"device_id": "", "device_owner": "", "binding:host_id": "", "dns_name": ""}
    ports.update(ctx, row, {**free, **_unserved(row)})
    ctx.db.update("network_ports", row["id"], nic_index=0, nic_tag=None)


def attach(
    ctx: Context,
    server_id: str,
    host: str,
    availability_zone: str,
    request: Request,
    project_id: str | None = None,
    providers: Providers = NONE,
) -> Row:
    """Plug one more port into a server; return its row."""
    ctx = ctx.at_service("network")
    owner = f"compute:{availability_zone}"
    project = project_id or ctx.project_id
    return _plug(ctx, server_id, host, owner, request, [], project, providers)


def detach(ctx: Context, server_id: str, port_id: str) -> dict[str, dict[str, int]]:
    """Take a port off a server. PortNotFound when it is not plugged into it.

    Returns what was held for it of Placement: {provider: {class: amount}}.
    """
    ctx = ctx.at_service("network")
    for row in _ports(ctx, [server_id]):
        if row["id"] == port_id:
            held = qos_requests.held(ctx, row)
            _unplug(ctx, row)
            return held
    raise PortNotFound(port_id=port_id)


def rebind(ctx: Context, server_id: str, host: str, providers: Providers = NONE) -> None:
    """Bind the ports of a server to the host it moved to; "" unbinds them (shelved, offloaded)."""
    ctx = ctx.at_service("network")
    for row in _ports(ctx, [server_id]):
        profile = _served(ctx, row, providers) if host else _unserved(row)
        ports.update(ctx, row, {"binding:host_id": host, **profile})


def add_group(ctx: Context, server_id: str, name: str) -> None:
    """Let every port of a server follow one more security group."""
    ctx = ctx.at_service("network")
    (group_id,) = group_ids(ctx, [name])
    rows = _ports(ctx, [server_id])
    groups = _groups_of(ctx, [row["id"] for row in rows])
    for row in rows:
        own = [each["id"] for each in groups.get(row["id"], ())]
        ports.update(ctx, row, {"security_groups": [*own, group_id]})


def remove_group(ctx: Context, server_id: str, name: str) -> None:
    """Let no port of a server follow a security group. SecurityGroupNotFound when none does."""
    ctx = ctx.at_service("network")
    (group_id,) = group_ids(ctx, [name])
    rows = _ports(ctx, [server_id])
    groups = _groups_of(ctx, [row["id"] for row in rows])
    found = False
    for row in rows:
        own = [each["id"] for each in groups.get(row["id"], ())]
        if group_id in own:
            found = True
            ports.update(ctx, row, {"security_groups": [e for e in own if e != group_id]})
    if not found:
        raise SecurityGroupNotFound(id=name)
