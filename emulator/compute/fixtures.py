"""The `compute:` section of a fixture: hosts, aggregates, flavors, servers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.compute import aggregates, hypervisors, services
from emulator.wire.request import Context
from emulator.yamlfiles import Names


def load(ctx: Context, section: Mapping[str, Any], names: Names) -> None:
    """Make what the section lists, in the order in which one thing needs another."""
    for host in section.get("hosts") or ():
        add_host(ctx, host)
    for aggregate in section.get("aggregates") or ():
        add_aggregate(ctx, aggregate, names)
    # Flavors, then key pairs, then servers go here.


def add_host(ctx: Context, host: Mapping[str, Any]) -> None:
    """Make the services of a host and, where it has one, its hypervisor.

    {name: compute1, hypervisor: {vcpus: 16, memory_mb: 65536, disk_gb: 1024}} or
    {name: controller, services: [nova-conductor, nova-scheduler]}.
    """
    for binary in host.get("services") or ():
        services.add(ctx, binary=binary, host=host["name"])
    hypervisor = host.get("hypervisor")
    if hypervisor:
        hypervisors.add(ctx, host=host["name"], **dict(hypervisor.items()))


def add_aggregate(ctx: Context, aggregate: Mapping[str, Any], names: Names) -> None:
    """Make an aggregate: {name: one, metadata: {availability_zone: az1}, hosts: [compute1]}."""
    aggregate_id = aggregates.add(
        ctx,
        name=aggregate["name"],
        metadata=dict((aggregate.get("metadata") or {}).items()),
        hosts=aggregate.get("hosts") or (),
    )
    names["aggregate", aggregate["name"]] = str(aggregate_id)
