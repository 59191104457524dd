"""What must be true of a cloud across its services: nothing refers to what is gone."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.store.database import Database

# Queries

_SERVERS = "SELECT uuid FROM compute_servers WHERE deleted = 0"
_USED = """
SELECT p.uuid FROM placement_inventories i JOIN placement_resource_providers p
    ON p.id = i.provider_id
WHERE i.used != (SELECT coalesce(sum(a.used), 0) FROM placement_allocations a
    WHERE a.provider_id = i.provider_id AND a.resource_class = i.resource_class)
"""

# what is wrong → the ids of those with which it is
BROKEN: Mapping[str, str] = {
    "port of a server that is gone": "SELECT id FROM network_ports WHERE device_owner LIKE"
    f" 'compute:%' AND device_id != '' AND device_id NOT IN ({_SERVERS})",
    "port of a router that is gone": "SELECT id FROM network_ports WHERE device_owner LIKE"
    " 'network:router%' AND device_id NOT IN (SELECT id FROM network_routers)",
    "port of a network that is gone": "SELECT id FROM network_ports"
    " WHERE network_id NOT IN (SELECT id FROM network_networks)",
    "subnet of a network that is gone": "SELECT id FROM network_subnets"
    " WHERE network_id NOT IN (SELECT id FROM network_networks)",
    "address of a port that is gone": "SELECT ip_address FROM network_ip_allocations"
    " WHERE port_id NOT IN (SELECT id FROM network_ports)",
    "floating IP at a port that is gone": "SELECT id FROM network_floatingips"
    " WHERE port_id != '' AND port_id NOT IN (SELECT id FROM network_ports)",
    "security group of a port that is gone": "SELECT security_group_id"
    " FROM network_port_security_groups WHERE port_id NOT IN (SELECT id FROM network_ports)",
    "attachment to a server that is gone": "SELECT id FROM volume_attachments"
    f" WHERE server_id != '' AND server_id NOT IN ({_SERVERS})",
    "attachment of a volume that is gone": "SELECT id FROM volume_attachments"
    " WHERE volume_id NOT IN (SELECT id FROM volume_volumes)",
    "volume in use by nobody": "SELECT id FROM volume_volumes WHERE status = 'in-use'"
    " AND id NOT IN (SELECT volume_id FROM volume_attachments)",
    "snapshot of a volume that is gone": "SELECT id FROM volume_snapshots"
    " WHERE volume_id NOT IN (SELECT id FROM volume_volumes)",
    "disk of a server on a volume that is gone": "SELECT uuid FROM compute_block_devices"
    " WHERE volume_id != '' AND volume_id NOT IN (SELECT id FROM volume_volumes)",
    "allocation of a server that is gone": "SELECT uuid FROM placement_consumers"
    f" WHERE uuid NOT IN ({_SERVERS}) AND uuid NOT IN (SELECT uuid FROM compute_migrations"
    f" WHERE server_uuid IN ({_SERVERS}))",
    "server without an allocation": "SELECT uuid FROM compute_servers WHERE deleted = 0"
    " AND task_state IS NULL AND vm_state IN ('active', 'stopped', 'paused')"
    " AND uuid NOT IN (SELECT uuid FROM placement_consumers)",
    "provider that counts more or less than is allocated": _USED,
}


def broken(db: Database) -> dict[str, list[str]]:
    """Return what is not true, with the ids of those it is not true of."""
    found = {what: sorted({str(row[0]) for row in db.all(sql)}) for what, sql in BROKEN.items()}
    return {what: ids for what, ids in found.items() if ids}
