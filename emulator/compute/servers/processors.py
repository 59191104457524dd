"""What flavors and images ask of processors, memory nodes and devices: refused if it cannot be.

Nova 34.0.0, nova.virt.hardware and nova.pci.request. No host here has memory nodes or devices of
its own; what is well asked for is taken, and shown as the topology of the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from emulator.compute.schemas import truth
from emulator.errors import BadInput

POLICIES = ("dedicated", "shared", "mixed")
THREAD_POLICIES = ("prefer", "isolate", "require")
EMULATOR_POLICIES = ("share", "isolate")
NODES_MAX = 128
CPU_LAST = 65_535  # of those that are told apart: however large a number is, sets stay small
INCOMPLETE = "CPU and memory allocation must be provided for all NUMA nodes"
ASYMMETRIC = (
    "Instance CPUs and/or memory cannot be evenly distributed across instance NUMA nodes."
    " Explicit assignment of CPUs and memory to nodes is required"
)
NO_ORDINARY_CPU = (
    "Use of realtime CPUs requires either one or more non-realtime CPU(s) or offloaded emulator"
    " threads."
)
ONE_KIND = (
    "Mixed instance must have at least 1 pinned vCPU and 1 unpinned vCPU."
    " See 'hw:cpu_dedicated_mask'."
)
ONE_MASK = (
    "Dedicated CPU set can be specified from either 'hw:cpu_dedicated_mask' or"
    " 'hw:cpu_realtime_mask' when using 'mixed' CPU policy. 'hw:cpu_dedicated_mask' and"
    " 'hw:cpu_realtime_mask' can not be specified at the same time, or be specified with none of"
    " them."
)


class Asked(NamedTuple):
    """A flavor's size and extra specs, and the properties of the image."""

    vcpus: int
    memory_mb: int
    specs: Mapping[str, str]
    properties: Mapping[str, Any]

    @property
    def cpus(self) -> set[int]:
        """The numbers of its CPUs."""
        return set(range(min(self.vcpus, CPU_LAST + 1)))

    def both(self, name: str) -> tuple[Any, Any]:
        """Return what flavor and image say of a thing: `hw:NAME` and `hw_NAME`."""
        return self.specs.get(f"hw:{name}"), self.properties.get(f"hw_{name}")


def check(flavor: Any, properties: Mapping[str, Any]) -> None:
    """Refuse what a flavor and an image ask for together, where it cannot be."""
    specs = orjson.loads(flavor["extra_specs"])
    asked = Asked(flavor["vcpus"], flavor["memory_mb"], specs, properties)
    _check_encryption(asked, flavor["name"])
    _check_serial_ports(asked)
    realtime = _realtime(asked)
    _check_sockets(specs)
    _check_policies(asked, realtime)
    _check_nodes(asked)
    _check_devices(specs)


def _check_encryption(asked: Asked, name: str) -> None:
    """Refuse encrypted memory for an image that does not boot by UEFI."""
    firmware = asked.properties.get("hw_firmware_type")
    if truth(asked.specs.get("hw:mem_encryption", False)) and firmware != "uefi":
        raise BadInput(
            f"Memory encryption is requested by hw:mem_encryption extra spec in {name} flavor but"
            " the image metadata doesn't have the 'hw_firmware_type' property set to 'uefi'"
        )


def _check_sockets(specs: Mapping[str, str]) -> None:
    for name in ("max_sockets", "max_cores", "max_threads", "sockets", "cores", "threads"):
        try:
            int(specs.get(f"hw:cpu_{name}", "0"))
        except ValueError as problem:
            raise BadInput(f"Invalid flavor extra spec. Error: {problem}") from None


def _check_serial_ports(asked: Asked) -> None:
    wanted, _ = asked.both("serial_port_count")
    if wanted and not _is_number(wanted):
        raise BadInput(
            "Number of serial ports specified in flavor is invalid: expected an integer,"
            f" got '{wanted}'"
        )


def cpus_of(text: str) -> set[int]:
    """Return the CPUs that a text like "0-3,^2" names."""
    found: set[int] = set()
    left_out: set[int] = set()
    for rule in filter(None, map(str.strip, text.split(","))):
        into = left_out if rule[0] == "^" else found
        first, dash, last = rule.removeprefix("^").partition("-")
        kind = "range" if dash else "exclusion" if rule[0] == "^" else "inclusion"
        if not _is_number(first) or (dash and not _is_number(last)):
            raise BadInput(f"Invalid {kind} expression {rule!r}")
        if dash and int(first) > int(last):
            raise BadInput(f"Invalid range expression {rule!r}")
        begin, end = (min(int(number), CPU_LAST) for number in (first, last if dash else first))
        into.update(range(begin, end + 1))
    return found - left_out


def _is_number(text: Any) -> bool:
    return str(text).strip().isdecimal()


def _masked(asked: Asked, mask: str) -> set[int]:
    """The CPUs of a mask; one that only leaves out is held against all."""
    every = f"0-{asked.vcpus - 1},"
    return cpus_of(every + mask if mask.strip().startswith("^") else mask)


def _realtime(asked: Asked) -> set[int]:
    """The CPUs that are to run in real time."""
    if not truth(asked.specs.get("hw:cpu_realtime", False)):
        return set()
    of_flavor, of_image = asked.both("cpu_realtime_mask")
    mask = of_image or of_flavor
    every = asked.cpus
    found = _masked(asked, mask) if mask else every
    if not found or (found == every and not asked.specs.get("hw:emulator_threads_policy")):
        raise BadInput(NO_ORDINARY_CPU)
    if not found <= every:
        raise BadInput(
            "Realtime policy vCPU(s) mask is configured with RT vCPUs that are not a subset of the"
            " vCPUs in the flavor. See hw:cpu_realtime_mask or hw_cpu_realtime_mask"
        )
    return found


# Policies


def _check_policies(asked: Asked, realtime: set[int]) -> None:
    """Refuse policies of CPUs that do not go together."""
    policy = policy_of(asked)
    threads = _thread_policy(asked)
    dedicated = _dedicated(asked)
    emulator = asked.specs.get("hw:emulator_threads_policy")
    if emulator and emulator not in EMULATOR_POLICIES:
        raise BadInput(
            f"CPU emulator threads option requested is invalid, given: '{emulator}',"
            f" available: '{EMULATOR_POLICIES}'."
        )
    if policy in (None, "shared"):
        if threads:
            raise BadInput(
                "Cannot set cpu thread pinning policy in a non dedicated cpu pinning policy"
            )
        if emulator == "isolate":
            raise BadInput(
                "An isolated CPU emulator threads option requires a dedicated CPU policy option."
            )
    if policy != "mixed" and dedicated:
        raise BadInput("Cannot specify 'hw:cpu_dedicated_mask' without the 'mixed' policy.")
    if policy in (None, "shared") and realtime:
        raise BadInput("Cannot set realtime policy in a non dedicated cpu pinning policy")
    if policy == "mixed" and bool(realtime) == bool(dedicated):
        raise BadInput(ONE_MASK)


def _known(asked: Asked, name: str, kind: str, words: tuple[str, ...]) -> tuple[Any, Any]:
    """What flavor and image say of a policy, each a word that is known."""
    given = asked.both(name)
    for source, word in zip(("flavor extra specs", "image properties"), given, strict=True):
        if word and word not in words:
            raise BadInput(
                f"{kind} requested from '{source}' is invalid, given: '{word}',"
                f" available: '{words}'."
            )
    return given


def policy_of(asked: Asked) -> str | None:
    """Return how CPUs are to be pinned; an image may ask for more than a flavor without a word."""
    of_flavor, of_image = _known(asked, "cpu_policy", "CPU policy", POLICIES)
    stricter = {"mixed": ("dedicated",), "shared": ("mixed", "dedicated")}
    if of_image in stricter.get(of_flavor, ()):
        raise BadInput(
            "Image property 'hw_cpu_policy' is not permitted to override CPU pinning policy set"
            " against the flavor"
        )
    return of_flavor or of_image or None


def _thread_policy(asked: Asked) -> str | None:
    of_flavor, of_image = _known(asked, "cpu_thread_policy", "CPU thread policy", THREAD_POLICIES)
    if of_flavor in (None, "prefer"):
        return str(of_flavor or of_image or "") or None
    if of_image and of_image != of_flavor:
        raise BadInput(
            "Image property 'hw_cpu_thread_policy' is not permitted to override CPU thread pinning"
            " policy set against the flavor"
        )
    return str(of_flavor)


def _dedicated(asked: Asked) -> set[int]:
    """The CPUs of a mixed server that are pinned."""
    mask = asked.specs.get("hw:cpu_dedicated_mask")
    if not mask:
        return set()
    found, every = _masked(asked, mask), asked.cpus
    if not found or not every - found:
        raise BadInput(ONE_KIND)
    if not found <= every:
        raise BadInput(
            "Mixed instance dedicated vCPU(s) mask is not a subset of vCPUs in the flavor. See"
            ' "hw:cpu_dedicated_mask"'
        )
    return found


# Memory nodes


def _check_nodes(asked: Asked) -> None:
    """Refuse memory nodes that do not share all CPUs and all memory among them."""
    of_flavor, of_image = asked.both("numa_nodes")
    if of_flavor and of_image:
        raise _overridden("hw_numa_nodes")
    wanted = of_flavor or of_image
    if wanted is not None and not (_is_number(wanted) and int(wanted) > 0):
        raise BadInput(
            f"The property 'numa_nodes' cannot be '{wanted}'. It must be a number greater than 0"
        )
    paged = _check_pages(asked)
    is_pinned = policy_of(asked) in ("dedicated", "mixed")
    if not (wanted or paged or is_pinned or asked.specs.get("hw:pmem")):
        return
    count = int(wanted or 1)
    cpus = [cpus_of(text) for text in _by_node(asked.specs, "hw:numa_cpus")]
    memory = [int(text) for text in _by_node(asked.specs, "hw:numa_mem") if _is_number(text)]
    if not cpus and not memory:
        if asked.vcpus % count or asked.memory_mb % count:
            raise BadInput(ASYMMETRIC)
        return
    if len(cpus) != count or len(memory) != count:
        raise BadInput(INCOMPLETE)
    _check_shares(asked, cpus, memory)


def _check_shares(asked: Asked, cpus: list[set[int]], memory: list[int]) -> None:
    left = asked.cpus
    for node in cpus:
        for cpu in sorted(node):
            if cpu >= asked.vcpus:
                raise BadInput(f"CPU number {cpu} is larger than max {asked.vcpus - 1}")
            if cpu not in left:
                raise BadInput(f"CPU number {cpu} is assigned to two nodes")
            left.remove(cpu)
    if left:
        raise BadInput(f"CPU number {left} is not assigned to any node")
    if sum(memory) != asked.memory_mb:
        raise BadInput(f"{sum(memory)} MB of memory assigned, but expected {asked.memory_mb} MB")


def _by_node(specs: Mapping[str, str], name: str) -> list[str]:
    """What a flavor says of each node, from the first on without a gap."""
    found = []
    for number in range(NODES_MAX):
        if f"{name}.{number}" not in specs:
            break
        found.append(specs[f"{name}.{number}"])
    return found


def _check_pages(asked: Asked) -> bool:
    """Refuse sizes of pages that are none; say whether one is asked for."""
    of_flavor, of_image = asked.both("mem_page_size")
    if of_image and of_flavor not in ("any", "large"):
        against = of_flavor or "<empty>"
        raise BadInput(f"Page size {of_image} forbidden against '{against}'")
    for size in filter(None, (of_flavor, of_image)):
        if size not in ("any", "large", "small") and not _is_size(str(size)):
            raise BadInput(f"Invalid memory page size '{size}'")
    locked = [value for value in asked.both("locked_memory") if value is not None]
    if not of_flavor and any(map(truth, locked)):
        raise BadInput(
            "locked_memory value in image or flavor is forbidden when mem_page_size is not set."
        )
    return bool(of_flavor)


def _is_size(text: str) -> bool:
    number = text.rstrip("bB").removesuffix("bit").rstrip("i").rstrip("kKMGT")
    return number.isdecimal()


def _overridden(name: str) -> BadInput:
    return BadInput(
        f"Image property '{name}' is not permitted to override NUMA configuration set against the"
        " flavor"
    )


# Devices


def _check_devices(specs: Mapping[str, str]) -> None:
    """Refuse devices: operators name them, and nothing is named here; Cyborg has others."""
    names = specs.get("pci_passthrough:alias")
    if names:
        alias = names.split(",")[0].partition(":")[0].strip()
        raise BadInput(f"PCI alias {alias} is not defined")
    profile = specs.get("accel:device_profile")
    if profile:
        raise BadInput(
            f"Device profile name {profile}: Could not communicate with Cyborg: ['internal',"
            " 'public'] endpoint for accelerator service not found"
        )
