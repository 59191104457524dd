"""Ports: what one looks like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import dns, networks
from emulator.network.ports import queries
from emulator.network.qos import requests
from emulator.network.resource import Item, Row
from emulator.network.standard import parsed, raw
from emulator.store.database import dicts
from emulator.wire.request import Context


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return ports as items: one query for each kind of thing that belongs to them."""
    ids = [row["id"] for row in rows]
    addresses, groups = queries.addresses_of(ctx, ids), queries.groups_of(ctx, ids)
    trunks = trunk_details(ctx, ids)
    wanted = requests.of_ports(ctx, rows)
    items = []
    for row in dicts(rows):
        port_id = row["id"]
        own = addresses.get(port_id, ())
        item: Item = {
            "id": port_id,
            "name": row["name"],
            "network_id": row["network_id"],
            "project_id": row["project_id"],
            "tenant_id": row["project_id"],
            "mac_address": row["mac_address"],
            "admin_state_up": bool(row["admin_state_up"]),
            "status": row["status"],
            "device_id": row["device_id"],
            "device_owner": row["device_owner"],
            "fixed_ips": [
                {"subnet_id": each["subnet_id"], "ip_address": each["ip_address"]} for each in own
            ],
            "allowed_address_pairs": raw(row["allowed_address_pairs"]),
            "extra_dhcp_opts": raw(row["extra_dhcp_opts"]),
            "security_groups": groups.get(port_id, []),
            "description": row["description"],
            "binding:vnic_type": row["binding_vnic_type"],
            "binding:profile": raw(row["binding_profile"]),
            "binding:host_id": row["binding_host_id"],
            "binding:vif_type": row["binding_vif_type"],
            "binding:vif_details": raw(row["binding_vif_details"]),
            "port_security_enabled": bool(row["port_security_enabled"]),
            "qos_policy_id": row["qos_policy_id"],
            "qos_network_policy_id": row["network_qos_policy_id"],
            "dns_name": row["dns_name"],
            "dns_assignment": dns.assignments(
                ctx, row["dns_name"], [each["ip_address"] for each in own]
            ),
            "dns_domain": row["dns_domain"],
            "propagate_uplink_status": bool(row["propagate_uplink_status"]),
            "resource_request": wanted.get(port_id),
            "ip_allocation": row["ip_allocation"],
            "trusted": None if row["trusted"] is None else bool(row["trusted"]),
            "tags": raw(row["tags"]),
            "created_at": row["created_at"][:19] + "Z",
            "updated_at": row["updated_at"][:19] + "Z",
            "revision_number": row["revision_number"],
        }
        if row["trusted"] is not None:
            item["binding:profile"] = {**parsed(row["binding_profile"]), "trusted": item["trusted"]}
        for name in ("device_profile", "numa_affinity_policy"):
            if row[name] is not None:
                item[name] = row[name]
        if port_id in trunks:
            item["trunk_details"] = trunks[port_id]
        items.append(item)
    return items


def trunk_details(ctx: Context, port_ids: Sequence[str]) -> Mapping[str, Any]:
    """Return the trunks of which ports are the parents, with their subports."""
    trunks = queries.trunks_of(ctx, port_ids)
    if not trunks:
        return {}
    subports = queries.subports_of(ctx, list(trunks.values()))
    return {
        port_id: {
            "trunk_id": trunk_id,
            "sub_ports": [
                {
                    "segmentation_id": each["segmentation_id"],
                    "segmentation_type": each["segmentation_type"],
                    "port_id": each["port_id"],
                    "mac_address": each["mac_address"],
                }
                for each in subports.get(trunk_id, ())
            ],
        }
        for port_id, trunk_id in trunks.items()
    }


def facts(ctx: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what policy is told of the port's network."""
    if "id" not in values:
        networks.visible(ctx, values["network_id"])  # not found comes before not allowed
    return networks.facts(ctx, values.get("network_id"))
