"""Security groups of a server: those that its ports follow."""

from __future__ import annotations

from typing import Any

from emulator.compute.schemas import UNKNOWN_UNTIL_2101
from emulator.compute.security_group_proxies import shown
from emulator.compute.servers.actions.errors import (
    NetworkRefusal,
    NoUniqueGroup,
    SecurityGroupCannotBeApplied,
    SecurityGroupNotAssociated,
    SecurityGroupNotFound,
    ServerWithoutPorts,
)
from emulator.errors import BadInput, EmulatorError
from emulator.network import errors, resource, security_groups, server_requests
from emulator.network import servers as network
from emulator.network.security_groups import SECURITY_GROUP
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Query

# Schemas

NAMED = {
    "type": "object",
    "properties": {"name": {"type": "string", "minLength": 1}},
    "required": ["name"],
    "additionalProperties": False,
}
ADD_BODY = Body("addSecurityGroup", schema=NAMED, unknown_beside=True)
REMOVE_BODY = Body("removeSecurityGroup", schema=NAMED, unknown_beside=True)
LIST = Query(unknown=UNKNOWN_UNTIL_2101)

# What is asked of Network


def _items(ctx: Context, group_ids: list[str]) -> list[Any]:
    asking = ctx.at_service("network")
    return security_groups.view(asking, resource.rows_of(SECURITY_GROUP, asking, group_ids))


# Operations


def index(ctx: Context, server: Any) -> dict[str, Any]:
    """List a server's security groups with their rules."""
    asking, uuid = ctx.at_service("network"), server["uuid"]
    own = network.security_groups_of(asking, [uuid])[uuid]
    groups = shown(ctx, _items(ctx, [group["id"] for group in own]) if own else [])
    # A group stands here once for every port that follows it.
    found = [
        group
        for port in network.ports_of(asking, [uuid])[uuid]
        for group in groups
        if group["name"] in port.security_groups
    ]
    return {"security_groups": sorted(found, key=lambda each: (each["tenant_id"], each["name"]))}


def add(ctx: Context, server: Any, body: Any) -> None:
    """Let a server's ports follow one more group."""
    name = _name(ctx, body["addSecurityGroup"]["name"])
    own = network.ports_of(ctx.at_service("network"), [server["uuid"]])[server["uuid"]]
    if not own:
        raise ServerWithoutPorts(instance_id=server["uuid"])
    for port in own:
        if not port.fixed_ips:
            raise SecurityGroupCannotBeApplied()
    group_id = server_requests.group_ids(ctx.at_service("network"), [name])[0]
    groups = network.security_groups_of(ctx.at_service("network"), [server["uuid"]])
    if any(group["id"] == group_id for group in groups[server["uuid"]]):
        raise BadInput(
            "Invalid input for security_groups. Reason: Duplicate items in the list:"
            f" '{group_id}'.\nNeutron server returns request_ids: ['{ctx.request_id}']"
        )
    try:
        network.add_group(ctx, server["uuid"], name)
    except EmulatorError as refusal:
        status = 409 if refusal.status == 409 else 400
        raise NetworkRefusal(refusal.message, status) from None


def remove(ctx: Context, server: Any, body: Any) -> None:
    """Let a server's ports follow a group no more."""
    name = _name(ctx, body["removeSecurityGroup"]["name"])
    own = network.ports_of(ctx.at_service("network"), [server["uuid"]])[server["uuid"]]
    if not own:
        raise ServerWithoutPorts(instance_id=server["uuid"])
    try:
        network.remove_group(ctx, server["uuid"], name)
    except errors.SecurityGroupNotFound:
        raise SecurityGroupNotAssociated(name=name, instance_id=server["uuid"]) from None


def _name(ctx: Context, name: str) -> str:
    """The name, when the caller's project has just one group of it."""
    if not name.strip():
        raise BadInput("Security group name cannot be empty")
    try:
        server_requests.group_ids(ctx.at_service("network"), [name])
    except errors.SecurityGroupNotFound:
        raise SecurityGroupNotFound(name=name, project_id=ctx.project_id) from None
    except errors.NoUniqueMatch:
        raise NoUniqueGroup(name=name) from None
    return name
