"""What flavors and images may ask of processors, memory nodes and devices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from emulator.compute.servers import processors
from emulator.errors import BadInput

MANUAL = {
    "hw:numa_nodes": "2",
    "hw:numa_cpus.0": "0",
    "hw:numa_cpus.1": "1",
    "hw:numa_mem.0": "256",
    "hw:numa_mem.1": "256",
}
DEDICATED = {"hw:cpu_policy": "dedicated"}
REALTIME = {**DEDICATED, "hw:cpu_realtime": "yes"}


def refused(specs: Mapping[str, str], properties: Mapping[str, Any]) -> str | None:
    flavor = {"name": "f", "vcpus": 2, "memory_mb": 512, "extra_specs": orjson.dumps(specs)}
    try:
        processors.check(flavor, properties)
    except BadInput as refusal:
        return refusal.message
    return None


@pytest.mark.parametrize(
    "specs",
    [
        {},
        {"hw:numa_nodes": "2"},
        MANUAL,
        DEDICATED,
        {**DEDICATED, "hw:cpu_thread_policy": "require"},
        {**DEDICATED, "hw:emulator_threads_policy": "isolate"},
        {**REALTIME, "hw:cpu_realtime_mask": "^0"},
        {"hw:cpu_policy": "mixed", "hw:cpu_dedicated_mask": "0"},
        {"hw:mem_page_size": "2MB", "hw:locked_memory": "true"},
        {"hw:emulator_threads_policy": "share"},
    ],
)
def test_what_can_be_is_taken(specs: Mapping[str, str]) -> None:
    assert refused(specs, {}) is None


@pytest.mark.parametrize(
    ("specs", "properties", "message"),
    [
        ({"hw:numa_nodes": "x"}, {}, "The property 'numa_nodes' cannot be 'x'. It must be a"),
        ({"hw:numa_nodes": "3"}, {}, processors.ASYMMETRIC),
        ({"hw:numa_nodes": "1"}, {"hw_numa_nodes": "1"}, "Image property 'hw_numa_nodes' is not"),
        ({**MANUAL, "hw:numa_nodes": "3"}, {}, processors.INCOMPLETE),
        ({**MANUAL, "hw:numa_cpus.1": "0"}, {}, "CPU number 0 is assigned to two nodes"),
        ({**MANUAL, "hw:numa_cpus.1": "5"}, {}, "CPU number 5 is larger than max 1"),
        ({**MANUAL, "hw:numa_cpus.1": ""}, {}, "CPU number {1} is not assigned to any node"),
        ({**MANUAL, "hw:numa_cpus.1": "2-1"}, {}, "Invalid range expression '2-1'"),
        ({**MANUAL, "hw:numa_cpus.1": "²"}, {}, "Invalid inclusion expression '²'"),
        ({**REALTIME, "hw:cpu_realtime_mask": "0-" + "9" * 99}, {}, "Realtime policy vCPU(s) mask"),
        ({**MANUAL, "hw:numa_mem.0": "1"}, {}, "257 MB of memory assigned, but expected 512 MB"),
        ({"hw:cpu_policy": "x"}, {}, "CPU policy requested from 'flavor extra specs' is invalid"),
        ({"hw:cpu_policy": "shared"}, {"hw_cpu_policy": "mixed"}, "Image property 'hw_cpu_policy'"),
        ({"hw:cpu_policy": "mixed"}, {}, processors.ONE_MASK),
        ({"hw:cpu_thread_policy": "isolate"}, {}, "Cannot set cpu thread pinning policy in a non"),
        ({**DEDICATED, "hw:cpu_thread_policy": "x"}, {}, "CPU thread policy requested from"),
        ({**DEDICATED, "hw:cpu_dedicated_mask": "0"}, {}, "Cannot specify 'hw:cpu_dedicated_mask'"),
        ({"hw:cpu_policy": "mixed", "hw:cpu_dedicated_mask": "0-1"}, {}, processors.ONE_KIND),
        (REALTIME, {}, processors.NO_ORDINARY_CPU),
        ({"hw:cpu_realtime": "1", "hw:cpu_realtime_mask": "0"}, {}, "Cannot set realtime policy"),
        ({"hw:emulator_threads_policy": "x"}, {}, "CPU emulator threads option requested is"),
        ({"hw:emulator_threads_policy": "isolate"}, {}, "An isolated CPU emulator threads option"),
        ({"hw:mem_page_size": "x"}, {}, "Invalid memory page size 'x'"),
        ({}, {"hw_mem_page_size": "large"}, "Page size large forbidden against '<empty>'"),
        ({"hw:locked_memory": "true"}, {}, "locked_memory value in image or flavor is forbidden"),
        ({"hw:mem_encryption": "true"}, {}, "Memory encryption is requested by hw:mem_encryption"),
        ({"hw:cpu_sockets": "x"}, {}, "Invalid flavor extra spec. Error: invalid literal for int"),
        ({"hw:serial_port_count": "x"}, {}, "Number of serial ports specified in flavor is"),
        ({"pci_passthrough:alias": "a:1"}, {}, "PCI alias a is not defined"),
        ({"accel:device_profile": "x"}, {}, "Device profile name x: Could not communicate with"),
    ],
)
def test_what_cannot_be_is_refused(
    specs: Mapping[str, str], properties: Mapping[str, Any], message: str
) -> None:
    assert (refused(specs, properties) or "").startswith(message)


def test_servers_are_not_made_nor_resized_to_what_cannot_be(api: Any) -> None:
    flavor = {"name": "odd", "vcpus": 2, "ram": 512, "disk": 1}
    odd = api.post("/compute/v2.1/flavors", {"flavor": flavor}).json["flavor"]["id"]
    path = f"/compute/v2.1/flavors/{odd}/os-extra_specs"
    assert api.post(path, {"extra_specs": {"hw:numa_nodes": "3"}}).status == 200
    (image,) = api.get("/image/v2/images?name=cirros-0.6.3-x86_64-disk").json["images"]
    server = {"name": "vm", "imageRef": image["id"], "networks": "none"}
    servers, version = "/compute/v2.1/servers", "compute 2.37"
    refusal = api.post(servers, {"server": {**server, "flavorRef": odd}}, version=version)
    assert (refusal.status, refusal.json["badRequest"]["message"]) == (400, processors.ASYMMETRIC)
    made = api.post(servers, {"server": {**server, "flavorRef": "1"}}, version=version)
    action = f"{servers}/{made.json['server']['id']}/action"
    api.cloud.settle()
    refusal = api.post(action, {"resize": {"flavorRef": odd}})
    assert (refusal.status, refusal.json["badRequest"]["message"]) == (400, processors.ASYMMETRIC)
