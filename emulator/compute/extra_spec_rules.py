"""What extra specs of known namespaces may be called and hold (Nova 34.0.0).

A name may hold a pattern for the part that is the user's own: `hw:numa_cpus.N`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from emulator.placement.names import RESOURCE_CLASSES, TRAITS

GROUP = r"([a-zA-Z0-9_-]{1,64})?"  # of resources and traits, in one request
CPUS = r"\^?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*"
CPUS_WITH_REST = r"(\^)?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*"
TRUTHS = ("1", "t", "true", "on", "y", "yes", "0", "f", "false", "off", "n", "no")


class Rule(NamedTuple):
    """What a value may be. `low` and `high` limit a number; `pattern` or `words` limit a text."""

    kind: str
    low: int | None = None
    high: int | None = None
    pattern: str | None = None
    words: tuple[str, ...] = ()


TEXT = Rule("text")
TRUTH = Rule("truth")
NUMBER = Rule("number")
NOT_NEGATIVE = Rule("number", low=0)
POSITIVE = Rule("number", low=1)


def words(*allowed: str) -> Rule:
    """Return the rule that allows these words and no others."""
    return Rule("text", words=allowed)


def matching(pattern: str) -> Rule:
    """Return the rule that allows what a pattern matches as a whole."""
    return Rule("text", pattern=pattern)


RULES: Mapping[str, Rule] = {
    "accel:device_profile": TEXT,
    r"aggregate_instance_extra_specs:(.+)": TEXT,
    "hw:cpu_realtime": TRUTH,
    "hw:cpu_realtime_mask": matching(CPUS_WITH_REST),
    "hw:hide_hypervisor_id": TRUTH,
    "hw:cpu_policy": words("dedicated", "shared", "mixed"),
    "hw:cpu_thread_policy": words("prefer", "isolate", "require"),
    "hw:emulator_threads_policy": words("isolate", "share"),
    "hw:cpu_dedicated_mask": matching(CPUS),
    "hw:mem_page_size": matching(r"(large|small|any|\d+([kKMGT]i?)?(b|bit|B)?)"),
    "hw:locked_memory": TRUTH,
    "hw:numa_nodes": POSITIVE,
    r"hw:numa_cpus.(\d+)": matching(CPUS),
    r"hw:numa_mem.(\d+)": POSITIVE,
    "hw:pci_numa_affinity_policy": words("required", "preferred", "legacy", "socket"),
    "hw:cpu_sockets": POSITIVE,
    "hw:cpu_cores": POSITIVE,
    "hw:cpu_threads": POSITIVE,
    "hw:cpu_max_sockets": POSITIVE,
    "hw:cpu_max_cores": POSITIVE,
    "hw:cpu_max_threads": POSITIVE,
    "hw:boot_menu": TRUTH,
    "hw:vif_multiqueue_enabled": TRUTH,
    "hw:mem_encryption": TRUTH,
    "hw:mem_encryption_model": words("amd-sev", "amd-sev-es", "amd-sev-snp", "intel-tdx"),
    "hw:pmem": matching(r"([a-zA-Z0-9_]+(,)?)+"),
    "hw:pmu": TRUTH,
    "hw:serial_port_count": NOT_NEGATIVE,
    "hw:tpm_model": words("tpm-tis", "tpm-crb"),
    "hw:tpm_version": words("1.2", "2.0"),
    "hw:tpm_secret_security": words("user", "host", "deployment"),
    "hw:watchdog_action": words("none", "pause", "poweroff", "reset", "disabled"),
    "hw:viommu_model": words("intel", "smmuv3", "virtio", "auto"),
    "hw:virtio_packed_ring": TRUTH,
    "hw:sound_model": words("sb16", "es1370", "pcspk", "ac97", "ich6", "ich9", "usb", "virtio"),
    "hw:usb_model": words("none", "nec-xhci", "qemu-xhci"),
    "hw:redirected_usb_ports": Rule("number", low=0, high=15),
    "hw:ephemeral_encryption": TRUTH,
    "hw:ephemeral_encryption_format": words("plain", "luks", "luksv2"),
    "hw_rng:allowed": TRUTH,
    "hw_rng:rate_bytes": NOT_NEGATIVE,
    "hw_rng:rate_period": NOT_NEGATIVE,
    "hw_video:ram_max_mb": NOT_NEGATIVE,
    "hide_hypervisor_id": TRUTH,
    "group_policy": words("isolate", "none"),
    "os:secure_boot": words("disabled", "required"),
    "pci_passthrough:alias": matching(r"[^:]+:\d+(?:\s*,\s*[^:]+:\d+)*"),
    "quota:cpu_limit": NOT_NEGATIVE,
    "quota:cpu_reservation": NUMBER,
    "quota:cpu_shares_level": words("custom", "high", "normal", "low"),
    "quota:cpu_shares_share": NOT_NEGATIVE,
    "quota:memory_limit": NOT_NEGATIVE,
    "quota:memory_reservation": NUMBER,
    "quota:memory_shares_level": words("custom", "high", "normal", "low"),
    "quota:memory_shares_share": NOT_NEGATIVE,
    "quota:disk_io_limit": NOT_NEGATIVE,
    "quota:disk_io_reservation": NUMBER,
    "quota:disk_io_shares_level": words("custom", "high", "normal", "low"),
    "quota:disk_io_shares_share": NOT_NEGATIVE,
    "quota:vif_limit": NOT_NEGATIVE,
    "quota:vif_reservation": NUMBER,
    "quota:vif_shares_level": words("custom", "high", "normal", "low"),
    "quota:vif_shares_share": NOT_NEGATIVE,
    "quota:cpu_shares": NOT_NEGATIVE,
    "quota:cpu_period": NOT_NEGATIVE,
    "quota:cpu_quota": NUMBER,
    "quota:disk_read_bytes_sec": NOT_NEGATIVE,
    "quota:disk_read_iops_sec": NOT_NEGATIVE,
    "quota:disk_write_bytes_sec": NOT_NEGATIVE,
    "quota:disk_write_iops_sec": NOT_NEGATIVE,
    "quota:disk_total_bytes_sec": NOT_NEGATIVE,
    "quota:disk_total_iops_sec": NOT_NEGATIVE,
    "quota:vif_inbound_average": NOT_NEGATIVE,
    "quota:vif_inbound_peak": NOT_NEGATIVE,
    "quota:vif_inbound_burst": NOT_NEGATIVE,
    "quota:vif_outbound_average": NOT_NEGATIVE,
    "quota:vif_outbound_peak": NOT_NEGATIVE,
    "quota:vif_outbound_burst": NOT_NEGATIVE,
    "vmware:hw_version": TEXT,
    "vmware:storage_policy": TEXT,
}

# What a host can be asked for by name; the second kind takes a path into it.
CAPABILITIES = (
    "id",
    "uuid",
    "service_id",
    "host",
    "vcpus",
    "memory_mb",
    "local_gb",
    "vcpus_used",
    "memory_mb_used",
    "local_gb_used",
    "hypervisor_type",
    "hypervisor_version",
    "hypervisor_hostname",
    "free_ram_mb",
    "free_disk_gb",
    "current_workload",
    "running_vms",
    "disk_available_least",
    "host_ip",
    "mapped",
    "cpu_allocation_ratio",
    "ram_allocation_ratio",
    "disk_allocation_ratio",
    "total_usable_ram_mb",
    "total_usable_disk_gb",
    "disk_mb_used",
    "free_disk_mb",
    "vcpus_total",
    "num_instances",
    "num_io_ops",
    "failed_builds",
    "aggregates",
    "cell_uuid",
    "updated",
)
CAPABILITY_TREES = (
    "cpu_info",
    "metrics",
    "stats",
    "numa_topology",
    "supported_hv_specs",
    "pci_device_pools",
    "nodename",
    "pci_stats",
    "supported_instances",
    "limits",
    "instances",
)


def refusal(name: str, value: str) -> str | None:
    """Return why an extra spec is refused, None when it is not; unknown namespaces are free."""
    exact, patterns, namespaces = _compiled()
    rule = exact.get(name)
    if rule is None:
        rule = next((each for pattern, each in patterns if pattern.fullmatch(name)), None)
    if rule is not None:
        return _refused_value(rule, value)
    namespace, colon, _ = name.partition(":")
    if colon and any(each.fullmatch(namespace) for each in namespaces):
        return f"Validation failed; extra spec '{name}' does not appear to be a valid extra spec."
    return None


def _refused_value(rule: Rule, value: str) -> str | None:
    if rule.kind == "number":
        return _refused_number(rule, value)
    if rule.kind == "truth" and value.strip().lower() not in TRUTHS:
        return f"Validation failed; '{value}' is not a valid boolean-like value."
    if rule.pattern is not None and not re.fullmatch(rule.pattern, value):
        return f"Validation failed; '{value}' is not of the format '{rule.pattern}'."
    if rule.words and value not in rule.words:
        return f"Validation failed; '{value}' is not one of: {', '.join(rule.words)}."
    return None


def _refused_number(rule: Rule, value: str) -> str | None:
    try:
        number = int(value)
    except ValueError:
        return f"Validation failed; '{value}' is not a valid integer value."
    if rule.high is not None and number > rule.high:
        return f"Validation failed; '{number}' is greater than the max value of '{rule.high}'."
    if rule.low is not None and number < rule.low:
        return f"Validation failed; '{number}' is less than the min value of '{rule.low}'."
    return None


Pattern = re.Pattern[str]


@lru_cache(maxsize=1)
def _compiled() -> tuple[Mapping[str, Rule], list[tuple[Pattern, Rule]], list[Pattern]]:
    """Rules by name, rules by pattern, and the namespaces whose names are all known."""
    rules = {
        **RULES,
        f"capabilities:({'|'.join(CAPABILITIES)})": TEXT,
        rf"capabilities:({'|'.join(CAPABILITY_TREES)})(:\w+)*": TEXT,
        f"resources{GROUP}:({'|'.join(RESOURCE_CLASSES)}|CUSTOM_[A-Z0-9_]+)": NUMBER,
        f"trait{GROUP}:({'|'.join(TRAITS)}|CUSTOM_[A-Z0-9_]+)": words("required", "forbidden"),
    }
    exact = {name: rule for name, rule in RULES.items() if "(" not in name}
    namespaces = {name.partition(":")[0] for name in rules if ":" in name}
    return (
        exact,
        [(re.compile(name), rule) for name, rule in rules.items()],
        [re.compile(each) for each in namespaces],
    )
