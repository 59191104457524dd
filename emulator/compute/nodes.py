"""The nodes that servers run on, each a resource provider of Placement's too."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from emulator import releases
from emulator.compute import cells, services
from emulator.compute.host_errors import MarkerNotFound, NoHypervisorMatches
from emulator.network.qos import providers as qos_providers
from emulator.placement import providers
from emulator.wire.request import Context

FAKE = "fake"  # the driver that does nothing
BUSY = ("resize_migrating", "rebuilding", "resize_prep", "image_snapshot", "image_backup")
CPU_RATIO, MEMORY_RATIO = 4.0, 1.0  # Nova 34.0.0, [DEFAULT]initial_{cpu,ram}_allocation_ratio
RESERVED_MEMORY_MB = 512  # [DEFAULT]reserved_host_memory_mb
CPU_INFO = {
    "arch": "x86_64",
    "model": "Nehalem",
    "vendor": "Intel",
    "features": ["pge", "clflush"],
    "topology": {"cores": 1, "threads": 1, "sockets": 4},
}
TRAITS = (
    "COMPUTE_ACCELERATORS",
    "COMPUTE_ADDRESS_SPACE_EMULATED",
    "COMPUTE_ADDRESS_SPACE_PASSTHROUGH",
    "COMPUTE_DEVICE_TAGGING",
    "COMPUTE_IMAGE_TYPE_RAW",
    "COMPUTE_MEM_BACKING_FILE",
    "COMPUTE_NET_ATTACH_INTERFACE",
    "COMPUTE_NET_ATTACH_INTERFACE_WITH_TAG",
    "COMPUTE_NODE",
    "COMPUTE_SECURITY_STATELESS_FIRMWARE",
    "COMPUTE_STORAGE_VIRTIO_FS",
    "COMPUTE_TRUSTED_CERTS",
    "COMPUTE_VOLUME_ATTACH_WITH_TAG",
    "COMPUTE_VOLUME_EXTEND",
    "COMPUTE_VOLUME_MULTI_ATTACH",
    "OWNER_NOVA",
)
VIRTUAL_MACHINE_TRAITS = (
    "COMPUTE_GRAPHICS_MODEL_CIRRUS",
    "COMPUTE_GRAPHICS_MODEL_QXL",
    "COMPUTE_GRAPHICS_MODEL_VGA",
    "COMPUTE_GRAPHICS_MODEL_VIRTIO",
    "COMPUTE_IMAGE_TYPE_AKI",
    "COMPUTE_IMAGE_TYPE_AMI",
    "COMPUTE_IMAGE_TYPE_ARI",
    "COMPUTE_IMAGE_TYPE_ISO",
    "COMPUTE_IMAGE_TYPE_QCOW2",
    "COMPUTE_NET_VIF_MODEL_E1000",
    "COMPUTE_NET_VIF_MODEL_VIRTIO",
    "COMPUTE_RESCUE_BFV",
    "COMPUTE_STORAGE_BUS_IDE",
    "COMPUTE_STORAGE_BUS_SATA",
    "COMPUTE_STORAGE_BUS_SCSI",
    "COMPUTE_STORAGE_BUS_USB",
    "COMPUTE_STORAGE_BUS_VIRTIO",
    "HW_CPU_X86_AVX",
    "HW_CPU_X86_AVX2",
    "HW_CPU_X86_SSE2",
    "HW_CPU_X86_SSE42",
)


class Use(NamedTuple):
    """What servers take of a node; memory counts what the host keeps for itself."""

    vcpus: int
    memory_mb: int
    disk_gb: int
    servers: int
    workload: int


UNUSED = Use(0, 0, 0, 0, 0)

# Queries

NODES = (
    "SELECT h.*, s.id AS service_id, s.uuid AS service_uuid, s.disabled, s.disabled_reason,"
    f" {services.DOWN} FROM compute_hosts h"
    " JOIN compute_services s ON s.host = h.host AND s.binary = 'nova-compute'"
)


FAILED_BUILDS = (
    "CASE WHEN h.failed_builds = 0 OR EXISTS (SELECT 1 FROM compute_servers v"
    " WHERE v.host = h.host AND v.launched_at > h.failed_at) THEN 0 ELSE h.failed_builds END"
)
"""How many servers could not be built on a host since one was, as SQL."""


def everything(ctx: Context) -> list[Any]:
    """Return every node that can be reached, with its service."""
    return list(cells.reachable(ctx, ctx.db.all(f"{NODES} ORDER BY h.id")))


def matching(ctx: Context, pattern: str) -> list[Any]:
    """Return the nodes that have a text in their name. NoHypervisorMatches when there is none.

    SQL's % and _ stand in it for any letters, as in Nova.
    """
    found = ctx.db.all(
        f"{NODES} WHERE h.hypervisor_hostname LIKE '%' || ? || '%' ORDER BY h.id", (pattern,)
    )
    found = list(cells.reachable(ctx, found))
    if not found:
        raise NoHypervisorMatches(pattern=pattern)
    return found


def page(ctx: Context, limit: int, marker: str | None) -> list[Any]:
    """Return the nodes after the marker. MarkerNotFound when it is none."""
    after = 0
    if marker is not None:
        after = ctx.db.value(
            "SELECT id FROM compute_hosts WHERE uuid = ? OR id = ?", (marker, marker)
        )
        if after is None:
            raise MarkerNotFound(marker=marker)
    found = ctx.db.all(f"{NODES} WHERE h.id > ? ORDER BY h.id LIMIT ?", (after, limit))
    return list(cells.reachable(ctx, found))


def of_host(ctx: Context, host: str) -> list[Any]:
    """Return the nodes of a host."""
    return ctx.db.all(f"{NODES} WHERE h.host = ? ORDER BY h.id", (host,))


def count_failed_build(ctx: Context, host: str) -> None:
    """Note that a server could not be built on a host: until one is, others are liked better."""
    ctx.db.execute(
        f"UPDATE compute_hosts AS h SET failed_builds = {FAILED_BUILDS} + 1, failed_at = ?"
        " WHERE host = ?",
        (ctx.timestamp, host),
    )


def servers_of(ctx: Context, nodes: Iterable[Any]) -> dict[str, list[Any]]:
    """Return the servers on the hosts of the nodes, by host."""
    hosts = sorted({node["host"] for node in nodes})
    rows = ctx.db.all(
        "SELECT id, uuid, host FROM compute_servers"
        f" WHERE deleted = 0 AND host IN ({', '.join('?' * len(hosts))}) ORDER BY id",
        hosts,
    )
    found: dict[str, list[Any]] = {host: [] for host in hosts}
    for row in rows:
        found[row["host"]].append(row)
    return found


def used(ctx: Context, nodes: Iterable[Any]) -> dict[str, Use]:
    """Return what is used of each node, by its uuid."""
    nodes = list(nodes)
    if not nodes:
        return {}
    hosts = sorted({node["host"] for node in nodes})
    marks = ", ".join("?" * len(hosts))
    counts = dict(
        ctx.db.all(
            "SELECT host, count(*) FROM compute_servers"
            f" WHERE host IN ({marks}) AND deleted = 0 GROUP BY host",
            hosts,
        )
    )
    busy = dict(
        ctx.db.all(
            "SELECT host, count(*) FROM compute_servers INDEXED BY compute_servers_busy"
            f" WHERE task_state IS NOT NULL AND deleted = 0 AND host IN ({marks})"
            " AND (vm_state = 'building'"
            f" OR task_state IN ({', '.join(repr(each) for each in BUSY)})) GROUP BY host",
            hosts,
        )
    )
    claimed = providers.usages(ctx, [node["uuid"] for node in nodes])
    found = {}
    for node in nodes:
        amounts = claimed.get(node["uuid"], {})
        found[node["uuid"]] = Use(
            amounts.get("VCPU", 0) + amounts.get("PCPU", 0),
            amounts.get("MEMORY_MB", 0) + node["reserved_memory_mb"],
            amounts.get("DISK_GB", 0),
            counts.get(node["host"], 0),
            busy.get(node["host"], 0),
        )
    return found


def add(
    ctx: Context,
    *,
    host: str,
    vcpus: int,
    memory_mb: int,
    disk_gb: int,
    type: str = "QEMU",
    version: int = 8002002,
    ip: str = "192.0.2.2",
    node: str | None = None,
    cpu_info: Any = None,
) -> str:
    """Add a node with its nova-compute and its resource provider; return its uuid."""
    uuid = ctx.ids.uuid()
    services.add(ctx, binary=services.COMPUTE, host=host)
    ctx.db.insert(
        "compute_hosts",
        {
            "uuid": uuid,
            "host": host,
            "hypervisor_hostname": node or host,
            "hypervisor_type": type,
            "hypervisor_version": version,
            "host_ip": ip,
            "vcpus": vcpus,
            "memory_mb": memory_mb,
            "local_gb": disk_gb,
            "reserved_memory_mb": RESERVED_MEMORY_MB,
            "cpu_info": json.dumps(cpu_info or CPU_INFO),
            "created_at": ctx.timestamp,
        },
    )
    series = ctx.cloud.series
    cpu_ratio = releases.default("compute.initial_cpu_allocation_ratio", series, CPU_RATIO)
    memory_ratio = releases.default("compute.initial_ram_allocation_ratio", series, MEMORY_RATIO)
    memory = {"total": memory_mb, "max_unit": memory_mb, "reserved": RESERVED_MEMORY_MB}
    providers.add(
        ctx,
        uuid=uuid,
        name=node or host,
        inventories={
            "VCPU": {"total": vcpus, "max_unit": vcpus, "allocation_ratio": cpu_ratio},
            "MEMORY_MB": {**memory, "allocation_ratio": memory_ratio},
            "DISK_GB": {"total": disk_gb, "max_unit": disk_gb},
        },
        traits_held=TRAITS if type == "fake" else (*TRAITS, *VIRTUAL_MACHINE_TRAITS),
    )
    qos_providers.report(ctx, host, node or host, uuid)
    return uuid
