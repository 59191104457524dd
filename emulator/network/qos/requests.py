"""What ports with guaranteed bandwidth or packet rate ask of Placement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from emulator.network.ports.queries import marks
from emulator.wire.request import Context

CLASSES = {
    ("minimum_bandwidth", "ingress"): "NET_BW_IGR_KILOBIT_PER_SEC",
    ("minimum_bandwidth", "egress"): "NET_BW_EGR_KILOBIT_PER_SEC",
    ("minimum_packet_rate", "ingress"): "NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC",
    ("minimum_packet_rate", "egress"): "NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC",
    ("minimum_packet_rate", "any"): "NET_PACKET_RATE_KILOPACKET_PER_SEC",
}
TUNNEL_TRAIT = "CUSTOM_NETWORK_TUNNEL_PROVIDER"

# Queries


def _guarantees(ctx: Context, policy_ids: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in ctx.db.all(
        "SELECT id, qos_policy_id, type, direction, coalesce(min_kbps, min_kpps) AS amount"
        " FROM network_qos_rules WHERE type IN ('minimum_bandwidth', 'minimum_packet_rate')"
        f" AND qos_policy_id IN ({marks(policy_ids)}) ORDER BY type, rowid",
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
    guarantees = _guarantees(ctx, list(set(policies.values())))
    return {
        row["id"]: _request(ctx, row, guarantees[policies[row["id"]]])
        for row in rows
        if policies.get(row["id"]) in guarantees
    }


def _request(ctx: Context, port: Any, rules: Sequence[Any]) -> dict[str, Any]:
    """Return what a port asks for: a group for bandwidth, one for packets, on one host."""
    vnic = "CUSTOM_VNIC_TYPE_" + _trait(port["binding_vnic_type"])
    groups = []
    for kind in ("minimum_bandwidth", "minimum_packet_rate"):
        own = [rule for rule in rules if rule["type"] == kind]
        if not own:
            continue
        required = [vnic]
        if kind == "minimum_bandwidth":
            physical = _physical(ctx, port["network_id"])
            required.insert(
                0, TUNNEL_TRAIT if physical is None else "CUSTOM_PHYSNET_" + _trait(physical)
            )
        groups.append(
            {
                "id": str(uuid5(UUID(port["id"]), "".join(sorted(rule["id"] for rule in own)))),
                "required": required,
                "resources": {CLASSES[kind, rule["direction"]]: rule["amount"] for rule in own},
            }
        )
    return {"request_groups": groups, "same_subtree": [group["id"] for group in groups]}


def _trait(name: str) -> str:
    return "".join(char if char.isalnum() else "_" for char in name.upper())
