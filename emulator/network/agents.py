"""Agents: what runs the network on hosts, and which networks and routers they serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from emulator.network import converters, dhcp, permission, validators
from emulator.network.attributes import (
    FILTER,
    NOT_SPECIFIED,
    PUT,
    SORT,
    Values,
    attr,
    attributes,
)
from emulator.network.errors import (
    AgentNotFound,
    BadRequest,
    HTTPBadRequest,
    InvalidDHCPAgent,
    InvalidL3Agent,
    NetworkHostedByDHCPAgent,
    NetworkNotFound,
    NetworkNotHostedByDhcpAgent,
    PluginCannot,
    RouterHostedByL3Agent,
    RouterNotFound,
    RouterNotHostedByL3Agent,
)
from emulator.network.networks import NETWORK
from emulator.network.resource import Item, Resource, Row, Where, rows_of
from emulator.network.routers import ROUTER
from emulator.network.standard import parsed
from emulator.wire.operation import Operation, Reply, op
from emulator.wire.request import Context

DHCP, L3 = "DHCP agent", "L3 agent"

# Schemas

ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("agent_type", FILTER | SORT),
    attr("binary", FILTER | SORT),
    attr("topic", FILTER | SORT),
    attr("host", FILTER | SORT),
    attr("admin_state_up", PUT | FILTER | SORT, to=converters.boolean),
    attr("created_at", SORT),
    attr("started_at", SORT),
    attr("heartbeat_timestamp", SORT),
    attr("alive", FILTER | SORT, to=converters.boolean),
    attr("configurations", 0),
    attr(
        "description",
        PUT | FILTER | SORT,
        check=validators.or_none(validators.string(255)),
    ),
    attr("resources_synced", 0, default=NOT_SPECIFIED),
    attr("availability_zone", FILTER),
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return agents as items; one that is alive was heard of just now."""
    now = ctx.timestamp[:19].replace("T", " ")
    return [
        {
            "id": row["id"],
            "agent_type": row["agent_type"],
            "binary": row["binary"],
            "topic": row["topic"],
            "host": row["host"],
            "admin_state_up": bool(row["admin_state_up"]),
            "created_at": _spaced(row["created_at"]),
            "started_at": _spaced(row["started_at"]),
            "heartbeat_timestamp": now if row["alive"] else _spaced(row["heartbeat_timestamp"]),
            "alive": bool(row["alive"]),
            "configurations": parsed(row["configurations"]),
            "description": row["description"],
            "resources_synced": None
            if row["resources_synced"] is None
            else bool(row["resources_synced"]),
            "availability_zone": row["availability_zone"],
        }
        for row in rows
    ]


def _spaced(text: str) -> str:
    return text[:19].replace("T", " ")


# Queries


def _agents_of(ctx: Context, resource_id: str) -> list[str]:
    rows = ctx.db.all(
        "SELECT agent_id FROM network_agent_bindings WHERE resource_id = ? ORDER BY agent_id",
        (resource_id,),
    )
    return [row["agent_id"] for row in rows]


def _served_by(ctx: Context, agent_id: str) -> list[str]:
    rows = ctx.db.all(
        "SELECT resource_id FROM network_agent_bindings WHERE agent_id = ? ORDER BY resource_id",
        (agent_id,),
    )
    return [row["resource_id"] for row in rows]


def of_type(ctx: Context, agent_type: str) -> list[Row]:
    """Return the agents of a type that are alive and not switched off."""
    return ctx.db.all(
        "SELECT * FROM network_agents WHERE agent_type = ? AND alive = 1 AND admin_state_up = 1"
        " ORDER BY host",
        (agent_type,),
    )


def zones(ctx: Context) -> list[tuple[str, str]]:
    """Return the (zone, resource) pairs that agents serve."""
    rows = ctx.db.all(
        "SELECT DISTINCT availability_zone, agent_type FROM network_agents"
        " WHERE availability_zone IS NOT NULL AND agent_type IN (?, ?)"
        " ORDER BY agent_type DESC, availability_zone",
        (DHCP, L3),
    )
    return [
        (row["availability_zone"], "network" if row["agent_type"] == DHCP else "router")
        for row in rows
    ]


def _of_types(ctx: Context, values: Sequence[str]) -> Where:
    """Return the filter `agent_type=`; as in MySQL, case does not matter."""
    marks = ", ".join("?" * len(values))
    return f"network_agents.agent_type COLLATE NOCASE IN ({marks})", list(values)


def bind(ctx: Context, agent_id: str, resource_id: str) -> None:
    """Let an agent serve a network or a router."""
    ctx.db.execute(
        "INSERT OR IGNORE INTO network_agent_bindings (agent_id, resource_id) VALUES (?, ?)",
        (agent_id, resource_id),
    )


def unbind(ctx: Context, agent_id: str, resource_id: str) -> int:
    """Let an agent serve something no longer; return how many bindings went."""
    return ctx.db.execute(
        "DELETE FROM network_agent_bindings WHERE agent_id = ? AND resource_id = ?",
        (agent_id, resource_id),
    ).rowcount


def hosts(ctx: Context) -> list[str]:
    """Return the names of all hosts with agents."""
    rows = ctx.db.all("SELECT DISTINCT host FROM network_agents ORDER BY host")
    return [row["host"] for row in rows]


def silence(ctx: Context, host: str) -> list[str]:
    """Let the agents of a host be heard of no more from now on; return those that were."""
    rows = ctx.db.all("SELECT id FROM network_agents WHERE host = ? AND alive", (host,))
    for row in rows:
        ctx.db.update("network_agents", row["id"], alive=0, heartbeat_timestamp=ctx.timestamp)
    return [row["id"] for row in rows]


def wake(ctx: Context, ids: Sequence[str]) -> None:
    """Let agents be heard of again."""
    for each in ids:
        ctx.db.update("network_agents", each, alive=1)


# Operations


def update(ctx: Context, row: Row, values: Values) -> None:
    """Switch an agent on or off, describe it."""
    wanted = dict(values)
    if "admin_state_up" in wanted:
        wanted["admin_state_up"] = int(wanted["admin_state_up"])
    if wanted:
        ctx.db.update("network_agents", row["id"], **wanted)


def delete(ctx: Context, row: Row) -> None:
    """Forget an agent."""
    ctx.db.delete("network_agent_bindings", row["id"], "agent_id")
    ctx.db.delete("network_agents", row["id"])


def missing(agent_id: str) -> Any:
    """Return what is raised for an id that no agent has."""
    return AgentNotFound(id=agent_id)


AGENT = Resource(
    member="agent",
    collection="agents",
    path="/agents",
    table="network_agents",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    update=update,
    delete=delete,
    filters={"agent_type": _of_types},
    unsortable={"alive": "agents"},
)


def _agent(ctx: Context, agent_id: str, agent_type: str) -> Row:
    """Return an agent of a type. InvalidDHCPAgent and the like when it is of another."""
    row = ctx.db.get("network_agents", agent_id)
    if row is None:
        raise AgentNotFound(id=agent_id)
    if row["agent_type"] != agent_type:
        raise (InvalidDHCPAgent if agent_type == DHCP else InvalidL3Agent)(id=agent_id)
    return row


def _authorize(ctx: Context, rule: str) -> None:
    if not ctx.can(rule, {}):
        raise permission.forbidden(rule)


def list_served(
    kind: Resource, agent_type: str, rule: str, ctx: Context, id: str
) -> dict[str, Any]:
    """List the networks (or routers) that an agent serves."""
    _authorize(ctx, rule)
    if ctx.db.get("network_agents", id) is None:
        return {kind.collection: []}
    return {kind.collection: kind.view(ctx, rows_of(kind, ctx, _served_by(ctx, id)))}


def add_served(kind: Resource, agent_type: str, rule: str, ctx: Context, id: str) -> Reply:
    """Let an agent serve a network (or a router)."""
    _authorize(ctx, rule)
    body = ctx.body if isinstance(ctx.body, Mapping) else {}
    key = f"{kind.member}_id"
    resource_id = body.get(key)
    if resource_id is None:
        raise HTTPBadRequest(f"Unable to find '{key}' in request body")
    _agent(ctx, id, agent_type)
    if ctx.db.get(kind.table, resource_id) is None:
        raise kind.missing(resource_id)
    before = _agents_of(ctx, resource_id)
    if agent_type == DHCP:
        if id in before:
            raise NetworkHostedByDHCPAgent(network_id=resource_id, agent_id=id)
    elif before and before != [id]:
        raise RouterHostedByL3Agent(router_id=resource_id, agent_id=before[0])
    bind(ctx, id, resource_id)
    if agent_type == DHCP:
        dhcp.serve(ctx, resource_id)
    return Reply(201, b"null")


def remove_served(
    kind: Resource, agent_type: str, rule: str, ctx: Context, id: str, item_id: str
) -> Reply:
    """Let an agent serve a network (or a router) no longer."""
    _authorize(ctx, rule)
    _agent(ctx, id, agent_type)
    if not unbind(ctx, id, item_id):
        if agent_type == DHCP:
            raise NetworkNotHostedByDhcpAgent(network_id=item_id, agent_id=id)
        raise RouterNotHostedByL3Agent(router_id=item_id, agent_id=id)
    if agent_type == DHCP:
        dhcp.leave(ctx, id, item_id)
    return Reply(204)


def update_served(ctx: Context, id: str, item_id: str) -> None:
    """Refuse to change how an agent serves a router: only OVN's chassis have priorities."""
    _authorize(ctx, "update_l3-router")
    raise PluginCannot("Updating a router in an L3 agent is not supported for this backend")


def list_agents(kind: Resource, rule: str, ctx: Context, id: str) -> dict[str, Any]:
    """List the agents that serve a network (or a router)."""
    _authorize(ctx, rule)
    if ctx.db.get(kind.table, id) is None:
        raise NetworkNotFound(net_id=id) if kind is NETWORK else RouterNotFound(router_id=id)
    return {"agents": view(ctx, rows_of(AGENT, ctx, _agents_of(ctx, id)))}


def _schedule(
    path: str, kind: Resource, agent_type: str, rules: tuple[str, str, str]
) -> tuple[Operation, ...]:
    handlers: tuple[tuple[str, str, Callable[..., Any], str], ...] = (
        ("GET", path, list_served, rules[0]),
        ("POST", path, add_served, rules[1]),
        ("DELETE", path + "/{item_id}", remove_served, rules[2]),
    )
    return tuple(
        op(method, where, partial(handler, kind, agent_type, rule))
        for method, where, handler, rule in handlers
    )


def create(ctx: Context) -> Reply:
    """Refuse: agents report themselves."""
    raise BadRequest(resource="agents", msg="Agent creation using API is not supported.")


SCHEDULERS: tuple[Operation, ...] = (
    op("POST", "/agents", create),
    *_schedule(
        "/agents/{id}/dhcp-networks",
        NETWORK,
        DHCP,
        ("get_dhcp-networks", "create_dhcp-network", "delete_dhcp-network"),
    ),
    *_schedule(
        "/agents/{id}/l3-routers",
        ROUTER,
        L3,
        ("get_l3-routers", "create_l3-router", "delete_l3-router"),
    ),
    op("PUT", "/agents/{id}/l3-routers/{item_id}", update_served),
    op("GET", "/networks/{id}/dhcp-agents", partial(list_agents, NETWORK, "get_dhcp-agents")),
    op("GET", "/routers/{id}/l3-agents", partial(list_agents, ROUTER, "get_l3-agents")),
)
