"""What ports with guaranteed bandwidth or packet rate ask of Placement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from emulator.network.qos.providers import CLASSES, network_trait, vnic_trait
from emulator.network.standard import parsed
from emulator.wire.request import Context

# Queries


def guarantees(ctx: Context, policy_ids: Sequence[str]) -> dict[str, list[Any]]:
    """Return the rules of policies that guarantee something, those that have any."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in ctx.db.all(
        "SELECT id, qos_policy_id, type, direction, coalesce(min_kbps, min_kpps) AS amount"
        " FROM network_qos_rules WHERE type IN ('minimum_bandwidth', 'minimum_packet_rate')"
        f" AND qos_policy_id IN ({', '.join('?' * len(policy_ids))}) ORDER BY type, direction",
        list(policy_ids),
    ):
        found[row["qos_policy_id"]].append(row)
    return found


def _physical(ctx: Context, network_id: str) -> str | None:
    name: str | None = ctx.db.value(
        "SELECT physical_network FROM network_segments WHERE network_id = ?"
        " ORDER BY position LIMIT 1",
        (network_id,),
    )
    return name


ASKING = (
    "SELECT p.*, n.qos_policy_id AS network_qos_policy_id FROM network_ports AS p"
    " JOIN network_networks AS n ON n.id = p.network_id"
    " WHERE coalesce(p.qos_policy_id, n.qos_policy_id) IS NOT NULL"
)


def network_asks(ctx: Context, network_id: str) -> bool:
    """Say whether new ports on a network, without a policy of their own, ask for something."""
    sql = (
        "SELECT 1 FROM network_networks AS n JOIN network_qos_rules AS r"
        " ON r.qos_policy_id = n.qos_policy_id WHERE n.id = ?"
        " AND r.type IN ('minimum_bandwidth', 'minimum_packet_rate') LIMIT 1"
    )
    return ctx.db.value(sql, (network_id,)) is not None


def asked(ctx: Context, port_ids: Sequence[str]) -> Mapping[str, Any]:
    """Return the resource requests of ports given by id, of those that have one."""
    if not port_ids:
        return {}
    marks = ", ".join("?" * len(port_ids))
    rows = ctx.db.all(f"{ASKING} AND p.id IN ({marks}) ORDER BY p.rowid", list(port_ids))
    return of_ports(ctx, rows)


def asked_by_server(ctx: Context, server_id: str) -> Mapping[str, Any]:
    """Return the resource requests of the ports of a server, of those that have one."""
    rows = ctx.db.all(f"{ASKING} AND p.device_id = ? ORDER BY p.nic_index, p.rowid", (server_id,))
    return of_ports(ctx, rows)


def held(ctx: Context, port: Any) -> dict[str, dict[str, int]]:
    """Return what is held for a port as its binding profile has it: {provider: {class: amount}}."""
    providers = parsed(port["binding_profile"]).get("allocation")
    if not isinstance(providers, dict):
        return {}
    found: dict[str, dict[str, int]] = {}
    for request in asked(ctx, [port["id"]]).values():
        for group in request["request_groups"]:
            provider = providers.get(group["id"])
            if isinstance(provider, str):
                found.setdefault(provider, {}).update(group["resources"])
    return found


# View


def of_ports(ctx: Context, rows: Sequence[Any]) -> Mapping[str, Any]:
    """Return the resource requests of ports, of those that have one."""
    policies = {
        row["id"]: row["qos_policy_id"] or row["network_qos_policy_id"]
        for row in rows
        if row["qos_policy_id"] or row["network_qos_policy_id"]
    }
    if not policies:
        return {}
    rules = guarantees(ctx, list(set(policies.values())))
    return {
        row["id"]: _request(ctx, row, rules[policies[row["id"]]])
        for row in rows
        if policies.get(row["id"]) in rules
    }


def group_id(port_id: str, rules: Sequence[Any]) -> str:
    """Return the id of the group that rules of one kind make of a port's request."""
    return str(uuid5(UUID(port_id), ":".join(rule["id"] for rule in rules)))


def _request(ctx: Context, port: Any, rules: Sequence[Any]) -> dict[str, Any]:
    """Return what a port asks for: a group for bandwidth, one for packets, on one host."""
    vnic = vnic_trait(port["binding_vnic_type"])
    groups = []
    for kind in ("minimum_bandwidth", "minimum_packet_rate"):
        own = [rule for rule in rules if rule["type"] == kind]
        if not own:
            continue
        required = [vnic]
        if kind == "minimum_bandwidth":
            required.insert(0, network_trait(_physical(ctx, port["network_id"])))
        groups.append(
            {
                "id": group_id(port["id"], own),
                "required": required,
                "resources": {CLASSES[kind, rule["direction"]]: rule["amount"] for rule in own},
            }
        )
    return {"request_groups": groups, "same_subtree": [group["id"] for group in groups]}
