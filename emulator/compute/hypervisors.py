"""Hypervisors: the nodes that servers run on, each a resource provider of Placement's too."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.compute import services
from emulator.placement import providers
from emulator.wire.request import Context

CPU_RATIO = 4.0  # Nova 34.0.0, [DEFAULT]initial_cpu_allocation_ratio
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

# Queries


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
            "cpu_info": orjson.dumps(cpu_info or CPU_INFO).decode(),
            "created_at": ctx.timestamp,
        },
    )
    memory = {"total": memory_mb, "max_unit": memory_mb, "reserved": RESERVED_MEMORY_MB}
    providers.add(
        ctx,
        uuid=uuid,
        name=node or host,
        inventories={
            "VCPU": {"total": vcpus, "max_unit": vcpus, "allocation_ratio": CPU_RATIO},
            "MEMORY_MB": memory,
            "DISK_GB": {"total": disk_gb, "max_unit": disk_gb},
        },
        traits=TRAITS if type == "fake" else (*TRAITS, *VIRTUAL_MACHINE_TRAITS),
    )
    return uuid
