"""What a host can do, compared with what a flavor's extra specs and an image's properties ask."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

SCOPE = "capabilities:"
VM_MODE = "hvm"
NAMES_OF_ARCHITECTURES = {"amd64": "x86_64", "x64": "x86_64", "i386": "i686", "x86": "i686"}
KINDS = {"QEMU": ("qemu", "kvm"), "fake": ("fake",)}  # hypervisor type → img_hv_type

NUMERIC: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
}
TEXTUAL: Mapping[str, Callable[[str, str], bool]] = {
    "s==": operator.eq,
    "s!=": operator.ne,
    "s<": operator.lt,
    "s<=": operator.le,
    "s>": operator.gt,
    "s>=": operator.ge,
    "<in>": operator.contains,
}


def compare(value: str, wanted: str) -> bool:
    """Say whether a value is what is wanted: "x", ">= 4", "<or> a <or> b", "<in> part" and so on.

    Source: Nova 34.0.0, nova.scheduler.filters.extra_specs_ops.
    """
    word, _, rest = wanted.strip().partition(" ")
    words = rest.split()
    if word == "<or>":
        return value in [each for each in words if each != "<or>"]
    if word == "<all-in>":
        return bool(words) and all(each in value for each in words)
    if word in TEXTUAL:
        return bool(words) and TEXTUAL[word](value, words[0])
    if word in NUMERIC:
        return bool(words) and _numbers(NUMERIC[word], value, words[0])
    return value == wanted


def _numbers(holds: Callable[[float, float], bool], value: str, wanted: str) -> bool:
    try:
        return holds(float(value), float(wanted))
    except ValueError:
        return False


def are_asked(extra_specs: Iterable[str]) -> bool:
    """Say whether extra specs may name capabilities: without a scope, or under `capabilities:`."""
    return any(name.startswith(SCOPE) or ":" not in name for name in extra_specs)


def satisfied(host: Any, room: Any, extra_specs: Mapping[str, str]) -> bool:
    """Say whether a host has the capabilities that extra specs name.

    A name without a scope counts when the host has a fact of that name, one under
    `capabilities:` always.
    """
    facts: Mapping[str, Any] | None = None
    for name, wanted in extra_specs.items():
        scoped = name.startswith(SCOPE)
        if not scoped and ":" in name:
            continue
        if facts is None:
            facts = facts_of(host, room)
        if not scoped and name not in facts:
            continue
        value = _at(facts, (name[len(SCOPE) :] if scoped else name).split(":"))
        if value is None or not compare(str(value), wanted):
            return False
    return True


def facts_of(host: Any, room: Any) -> dict[str, Any]:
    """Return the facts that can be asked for, named as Nova's host state names them."""
    held = set(room.keys())
    memory = room["MEMORY_MB_used"] if "MEMORY_MB_used" in held else 0
    disk = room["DISK_GB_used"] if "DISK_GB_used" in held else 0
    return {
        "host": host["host"],
        "nodename": host["hypervisor_hostname"],
        "hypervisor_hostname": host["hypervisor_hostname"],
        "hypervisor_type": host["hypervisor_type"],
        "hypervisor_version": host["hypervisor_version"],
        "host_ip": host["host_ip"],
        "cpu_info": orjson.loads(host["cpu_info"]),
        "vcpus_total": host["vcpus"],
        "vcpus_used": room["VCPU_used"] if "VCPU_used" in held else 0,
        "total_usable_ram_mb": host["memory_mb"],
        "total_usable_disk_gb": host["local_gb"],
        "free_ram_mb": host["memory_mb"] - host["reserved_memory_mb"] - memory,
        "free_disk_mb": (host["local_gb"] - disk) * 1024,
    }


def _at(facts: Mapping[str, Any], path: list[str]) -> Any:
    value: Any = facts
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def can_run(host: Any, properties: Mapping[str, Any]) -> bool:
    """Say whether a host runs images with these properties."""
    architecture = properties.get("hw_architecture")
    if architecture:
        architecture = NAMES_OF_ARCHITECTURES.get(architecture.lower(), architecture.lower())
        if architecture != host["architecture"]:
            return False
    kind = properties.get("img_hv_type")
    if kind and kind.lower() not in KINDS.get(host["hypervisor_type"], ()):
        return False
    mode = properties.get("hw_vm_mode")
    return not mode or mode.lower() in (VM_MODE, "hv")
