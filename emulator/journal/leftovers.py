"""What is in the cloud now and was not at the beginning, and which request made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from emulator.errors import UsageError
from emulator.journal import entries
from emulator.journal.record import READS, Heard, Record
from emulator.store.database import Database

if TYPE_CHECKING:
    from emulator.cloud import Cloud

# Queries

# kind → its rows as id and name. What exists only with something else, and what a service makes
# for every project by itself (default security groups), is nobody's to clean up.
KINDS: Mapping[str, str] = {
    "server": "SELECT uuid, display_name FROM compute_servers WHERE deleted = 0",
    "server group": "SELECT uuid, name FROM compute_server_groups",
    "keypair": "SELECT user_id || '/' || name, name FROM compute_keypairs",
    "flavor": "SELECT flavorid, name FROM compute_flavors",
    "aggregate": "SELECT uuid, name FROM compute_aggregates",
    "volume": "SELECT id, name FROM volume_volumes",
    "volume snapshot": "SELECT id, name FROM volume_snapshots",
    "volume backup": "SELECT id, name FROM volume_backups",
    "volume attachment": "SELECT id, mountpoint FROM volume_attachments",
    "volume transfer": "SELECT id, name FROM volume_transfers",
    "volume group": "SELECT id, name FROM volume_groups",
    "group snapshot": "SELECT id, name FROM volume_group_snapshots",
    "volume type": "SELECT id, name FROM volume_types",
    "group type": "SELECT id, name FROM volume_group_types",
    "volume QoS": "SELECT id, name FROM volume_qos_specs",
    "image": "SELECT id, name FROM image_images WHERE NOT deleted",
    "metadata namespace": "SELECT namespace, display_name FROM image_namespaces",
    "network": "SELECT id, name FROM network_networks",
    "subnet": "SELECT id, name FROM network_subnets",
    "subnet pool": "SELECT id, name FROM network_subnetpools",
    "address scope": "SELECT id, name FROM network_address_scopes",
    "address group": "SELECT id, name FROM network_address_groups",
    "router": "SELECT id, name FROM network_routers",
    "port": "SELECT id, name FROM network_ports WHERE device_owner NOT LIKE 'network:%'",
    "floating IP": "SELECT id, floating_ip_address FROM network_floatingips",
    "port forwarding": "SELECT id, description FROM network_port_forwardings",
    "security group": "SELECT id, name FROM network_security_groups WHERE NOT is_default",
    "trunk": "SELECT id, name FROM network_trunks",
    "QoS policy": "SELECT id, name FROM network_qos_policies",
    "RBAC policy": "SELECT id, action FROM network_rbac_policies",
    "local IP": "SELECT id, name FROM network_local_ips",
    "project": "SELECT id, name FROM identity_projects",
    "user": "SELECT id, name FROM identity_users",
    "group": "SELECT id, name FROM identity_groups",
    "role": "SELECT id, name FROM identity_roles",
    "application credential": "SELECT id, name FROM identity_application_credentials",
    "credential": "SELECT id, type FROM identity_credentials",
    "trust": "SELECT id, project_id FROM identity_trusts WHERE deleted_at IS NULL",
    "region": "SELECT id, description FROM identity_regions",
    "service": "SELECT id, type FROM identity_services",
    "endpoint": "SELECT id, url FROM identity_endpoints",
    "resource provider": "SELECT uuid, name FROM placement_resource_providers",
    "consumer": "SELECT uuid, consumer_type FROM placement_consumers",
    "trait": "SELECT name, name FROM placement_traits",
    "resource class": "SELECT name, name FROM placement_resource_classes",
}
DEPENDENTS = (  # kind, and its ids with those of the servers they belong to
    ("port", "SELECT id, device_id FROM network_ports"),
    ("volume attachment", "SELECT id, server_id FROM volume_attachments"),
    ("consumer", "SELECT uuid, uuid FROM placement_consumers"),
)

Census = dict[str, dict[str, str]]
"""kind → id → name."""


def census(db: Database) -> Census:
    """Count what there is."""
    return {kind: {row[0]: row[1] or "" for row in db.all(sql)} for kind, sql in KINDS.items()}


@lru_cache(maxsize=2)
def _census_of(beginning: bytes) -> Census:
    """Count what there was; the clouds of a run of tests mostly begin as one and the same."""
    db = Database()
    db.restore(beginning)
    found = census(db)
    db.close()
    return found


def _owners(db: Database) -> Iterator[tuple[str, str, str]]:
    for kind, sql in DEPENDENTS:
        yield from ((kind, row[0], row[1]) for row in db.all(sql))


# What is left


def left(cloud: Cloud, record: Record) -> list[dict[str, Any]]:
    """Return what was not there at the beginning: kind, id, name, and the request that made it.

    What a server brought along is not told beside the server, as it goes with it.
    """
    if record.begun is None:
        raise UsageError(
            "the cloud's beginning was too large to be kept: there is nothing to compare with"
        )
    before, now = _census_of(record.begun), census(cloud.database)
    owners = {(kind, id): owner for kind, id, owner in _owners(cloud.database)}
    heard = [each for each in record.heard() if each.request.method not in READS]
    found = []
    for kind, rows in now.items():
        for id, name in rows.items():
            if id in before[kind]:
                continue
            maker = _maker(heard, name if kind == "keypair" else id)
            owner = owners.get((kind, id), "")
            if owner in now["server"] and (maker is None or owner == id):
                continue  # it will go with its server, which is told
            found.append(_told(kind, id, name, maker or _maker(heard, owner)))
    return found


def _maker(heard: list[Heard], id: str) -> Heard | None:
    """The first request that told the id in its answer: what was asked by it must have been new."""
    if not id:
        return None
    text = id.encode()
    for each in heard:
        if each.status < 400 and (text in (each.body or b"") or _is_put(each, id)):
            return each
    return None


def _is_put(heard: Heard, id: str) -> bool:
    """Say whether a request made something under an id that the client chose."""
    text = heard.request.path
    located = any(name == "Location" and value.endswith(id) for name, value in heard.headers)
    return located or (heard.request.method == "PUT" and text.endswith(f"/{id}"))


def _told(kind: str, id: str, name: str, maker: Heard | None) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": kind, "id": id, "name": name}
    if maker is not None:
        told["made_by"] = entries.operation_name(maker) or maker.request.path
        told["request_id"] = maker.request_id
    return told


def sentence(each: Mapping[str, Any]) -> str:
    """Say what was left and who made it."""
    name = f" {each['name']!r}" if each["name"] else ""
    if "made_by" not in each:
        return f"{each['kind']}{name} {each['id']}, made by no request that the journal keeps"
    return f"{each['kind']}{name} {each['id']}, made by {each['made_by']} ({each['request_id']})"
