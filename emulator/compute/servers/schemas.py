"""What requests about servers may hold, at every microversion (Nova 34.0.0, schemas.servers)."""

from __future__ import annotations

from typing import Any

from emulator.compute.schemas import (
    ADMIN_PASSWORD,
    BOOLEAN,
    DESCRIPTION,
    DISK_CONFIG,
    FLAVOR_REF,
    FQDN,
    HOSTNAME,
    INTEGER_MAX,
    IP_ADDRESS,
    IPV4,
    IPV6,
    METADATA,
    NAME,
    NAME_OR_NULL,
    NON_NEGATIVE,
    POSITIVE,
    TAG,
    TEXT,
    TRUSTED_CERTIFICATES,
    UNKNOWN_UNTIL_274,
    UUID,
    UUID_OR_EMPTY,
)
from emulator.wire.versioned import Body, Object, Property, Query, Switch, either, param, prop

# Parts

TAGS = {"type": "array", "items": TAG, "maxItems": 50}
PERSONALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"path": TEXT, "contents": {"type": "string", "format": "base64"}},
        "additionalProperties": False,
    },
}
USER_DATA = {"type": "string", "format": "base64", "maxLength": 65535}
HOSTNAME_WITH_DOTS = Switch(either(HOSTNAME, until="2.93"), either(FQDN, since="2.94"))
PORT = {"type": ["string", "null"], "format": "uuid"}
SECURITY_GROUPS = {
    "type": "array",
    "items": {"type": "object", "properties": {"name": NAME}, "additionalProperties": False},
}


def _network(uuid: dict[str, Any]) -> Object:
    return Object(
        prop("fixed_ip", IP_ADDRESS),
        prop("port", PORT),
        prop("uuid", uuid),
        prop("tag", TAG, since="2.32", until="2.36"),
        prop("tag", TAG, since="2.42"),
    )


NETWORKS = Switch(
    either({"type": "array", "items": _network(TEXT)}, until="2.36"),
    either(
        {
            "oneOf": [
                {"type": "array", "items": _network(UUID)},
                {"type": "string", "enum": ["none", "auto"]},
            ]
        },
        since="2.37",
    ),
)

BLOCK_DEVICE: tuple[Property, ...] = (
    prop("virtual_name", {"type": "string", "maxLength": 255}),
    prop("volume_id", UUID),
    prop("snapshot_id", UUID),
    prop(
        "volume_size",
        {
            "type": ["integer", "string"],
            "pattern": "^[0-9]+$",
            "minimum": 1,
            "maximum": INTEGER_MAX,
        },
    ),
    prop(
        "device_name",
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[a-zA-Z0-9._/-]*$"},
    ),
    prop("delete_on_termination", BOOLEAN),
    prop("no_device", {}),
    prop("connection_info", {"type": "string", "maxLength": 16777215}),
)
BLOCK_DEVICE_V2: tuple[Property, ...] = (
    *BLOCK_DEVICE,
    prop("source_type", {"type": "string", "enum": ["volume", "image", "snapshot", "blank"]}),
    prop(
        "uuid",
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[a-zA-Z0-9._-]*$"},
    ),
    prop("image_id", UUID),
    prop("destination_type", {"type": "string", "enum": ["local", "volume"]}),
    prop("guest_format", {"type": "string", "maxLength": 255}),
    prop("device_type", {"type": "string", "maxLength": 255}),
    prop("disk_bus", {"type": "string", "maxLength": 255}),
    prop("boot_index", {"type": ["integer", "string", "null"], "pattern": "^-?[0-9]+$"}),
    prop("tag", TAG, since="2.32", until="2.32"),
    prop("tag", TAG, since="2.42"),
    prop(
        "volume_type", {"type": ["string", "null"], "minLength": 0, "maxLength": 255}, since="2.67"
    ),
)

UUIDS = {"type": "array", "items": UUID}
SCHEDULER_HINTS = Object(
    prop("group", {"oneOf": [UUIDS, UUID]}),
    prop("different_host", {"oneOf": [UUID, UUIDS]}),
    prop("same_host", {"type": ["string", "array"], "items": UUID}),
    prop("query", {"type": ["string", "object"]}),
    prop("target_cell", NAME),
    prop("different_cell", {"type": ["string", "array"], "items": TEXT}),
    prop("build_near_host_ip", IP_ADDRESS),
    prop("cidr", {"type": "string", "pattern": "^/[0-9a-f.:]+$"}),
    unknown=Switch(either(True)),
)

# Bodies

CREATE = Body(
    "server",
    prop("name", NAME, required=True),
    prop("imageRef", UUID_OR_EMPTY),
    prop("flavorRef", FLAVOR_REF, required=True),
    prop("adminPass", ADMIN_PASSWORD),
    prop("metadata", METADATA),
    prop("networks", NETWORKS, until="2.36"),
    prop("networks", NETWORKS, required=True, since="2.37"),
    prop("OS-DCF:diskConfig", DISK_CONFIG),
    prop("accessIPv4", IPV4),
    prop("accessIPv6", IPV6),
    prop("personality", PERSONALITY, until="2.56"),
    prop("availability_zone", NAME),
    prop("block_device_mapping", {"type": "array", "items": Object(*BLOCK_DEVICE)}),
    prop("block_device_mapping_v2", {"type": "array", "items": Object(*BLOCK_DEVICE_V2)}),
    prop("config_drive", BOOLEAN),
    prop("key_name", NAME),
    prop("min_count", POSITIVE),
    prop("max_count", POSITIVE),
    prop("return_reservation_id", BOOLEAN),
    prop("security_groups", SECURITY_GROUPS),
    prop("user_data", USER_DATA),
    prop("description", DESCRIPTION, since="2.19"),
    prop("tags", TAGS, since="2.52"),
    prop("trusted_image_certificates", TRUSTED_CERTIFICATES, since="2.63"),
    prop("host", FQDN, since="2.74"),
    prop("hypervisor_hostname", FQDN, since="2.74"),
    prop("hostname", HOSTNAME_WITH_DOTS, since="2.90"),
    beside=(
        prop("os:scheduler_hints", SCHEDULER_HINTS),
        prop("OS-SCH-HNT:scheduler_hints", SCHEDULER_HINTS),
    ),
)

UPDATE = Body(
    "server",
    prop("name", NAME),
    prop("OS-DCF:diskConfig", DISK_CONFIG),
    prop("accessIPv4", IPV4),
    prop("accessIPv6", IPV6),
    prop("description", DESCRIPTION, since="2.19"),
    prop("hostname", HOSTNAME_WITH_DOTS, since="2.90"),
    prop("pinned_availability_zone", NAME_OR_NULL, since="2.104"),
)

# Queries

REGEX = {"type": "string", "format": "regex"}
MOMENT = {"type": "string", "format": "date-time"}
SORT_KEYS_274 = [
    "access_ip_v4",
    "access_ip_v6",
    "auto_disk_config",
    "availability_zone",
    "config_drive",
    "created_at",
    "display_description",
    "display_name",
    "host",
    "hostname",
    "image_ref",
    "instance_type_id",
    "kernel_id",
    "key_name",
    "launch_index",
    "launched_at",
    "locked_by",
    "node",
    "power_state",
    "progress",
    "project_id",
    "ramdisk_id",
    "root_device_name",
    "task_state",
    "terminated_at",
    "updated_at",
    "user_id",
    "uuid",
    "vm_state",
    "architecture",
    "cell_name",
    "cleaned",
    "default_ephemeral_device",
    "default_swap_device",
    "deleted",
    "deleted_at",
    "disable_terminate",
    "ephemeral_gb",
    "ephemeral_key_uuid",
    "id",
    "key_data",
    "launched_on",
    "locked",
    "memory_mb",
    "os_type",
    "reservation_id",
    "root_gb",
    "shutdown_terminate",
    "user_data",
    "vcpus",
    "vm_mode",
]
SORT_KEYS = [
    "access_ip_v4",
    "access_ip_v6",
    "auto_disk_config",
    "availability_zone",
    "config_drive",
    "created_at",
    "display_description",
    "display_name",
    "host",
    "hostname",
    "image_ref",
    "instance_type_id",
    "kernel_id",
    "key_name",
    "launch_index",
    "launched_at",
    "locked",
    "locked_by",
    "node",
    "power_state",
    "progress",
    "project_id",
    "ramdisk_id",
    "root_device_name",
    "task_state",
    "terminated_at",
    "updated_at",
    "user_id",
    "uuid",
    "vm_state",
]
SORT_KEY = Switch(
    either({"type": "string", "enum": SORT_KEYS_274}, until="2.74"),
    either({"type": "string", "enum": SORT_KEYS}, since="2.75"),
)

JOINED_TABLES = (
    "block_device_mapping",
    "services",
    "metadata",
    "system_metadata",
    "info_cache",
    "security_groups",
    "pci_devices",
)
"""Parameters that are known and that no filter may be made of (Nova 34.0.0, index_query)."""

TEXTS = ("user_id", "project_id", "tenant_id", "launch_index", "image_ref", "image")
PATTERNS = ("kernel_id", "ramdisk_id", "hostname", "key_name", "power_state")
PATTERNS_MORE = [
    "flavor",
    "reservation_id",
    "launched_at",
    "terminated_at",
    "availability_zone",
    "name",
    "display_name",
    "description",
    "display_description",
    "locked_by",
]
PATTERNS_LAST = [
    "root_device_name",
    "config_drive",
    "access_ip_v4",
    "access_ip_v6",
    "auto_disk_config",
    "progress",
]

LIST = Query(
    *(param(name) for name in TEXTS),
    *(param(name, REGEX) for name in PATTERNS),
    param("vm_state"),
    param("task_state"),
    param("host"),
    param("node", REGEX),
    *(param(name, REGEX) for name in PATTERNS_MORE),
    param("uuid"),
    *(param(name, REGEX) for name in PATTERNS_LAST),
    param("sort_key", SORT_KEY),
    param("sort_dir"),
    param("all_tenants"),
    param("soft_deleted"),
    param("deleted"),
    param("status"),
    param("changes-since", MOMENT),
    param("ip", REGEX),
    param("ip6", REGEX),
    param("created_at", REGEX),
    *(param(name) for name in JOINED_TABLES),
    param("limit", NON_NEGATIVE),
    param("marker"),
    param("tags", REGEX, since="2.26"),
    param("tags-any", REGEX, since="2.26"),
    param("not-tags", REGEX, since="2.26"),
    param("not-tags-any", REGEX, since="2.26"),
    param("changes-before", MOMENT, since="2.66"),
    param("locked", since="2.73"),
    unknown=UNKNOWN_UNTIL_274,
    patternProperties={"^_": {"type": "array", "items": TEXT}},
)
