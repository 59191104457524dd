"""The `compute:` section of a fixture: hosts, aggregates, flavors, servers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.compute import (
    aggregates,
    cells,
    flavor_access,
    flavor_extra_specs,
    flavors,
    nodes,
    services,
)
from emulator.compute.servers.fixtures import add_server
from emulator.wire.request import Context
from emulator.yamlfiles import Names


def load(ctx: Context, section: Mapping[str, Any], names: Names) -> None:
    """Make what the section lists, in the order in which one thing needs another."""
    for host in section.get("hosts") or ():
        add_host(ctx, host)
    for aggregate in section.get("aggregates") or ():
        add_aggregate(ctx, aggregate, names)
    for flavor in section.get("flavors") or ():
        add_flavor(ctx, flavor, names)
    for server in section.get("servers") or ():
        add_server(ctx, server, names)
    for cell in section.get("cells") or ():
        add_cell(ctx, cell)


def add_host(ctx: Context, host: Mapping[str, Any]) -> None:
    """Make the services of a host and, where it has one, its hypervisor.

    {name: compute1, hypervisor: {vcpus: 16, memory_mb: 65536, disk_gb: 1024}} or
    {name: controller, services: [nova-conductor, nova-scheduler]}.
    """
    for binary in host.get("services") or ():
        services.add(ctx, binary=binary, host=host["name"])
    hypervisor = host.get("hypervisor")
    if hypervisor:
        nodes.add(ctx, host=host["name"], **dict(hypervisor.items()))


def add_aggregate(ctx: Context, aggregate: Mapping[str, Any], names: Names) -> None:
    """Make an aggregate: {name: one, metadata: {availability_zone: az1}, hosts: [compute1]}."""
    aggregate_id = aggregates.add(
        ctx,
        name=aggregate["name"],
        metadata=dict((aggregate.get("metadata") or {}).items()),
        hosts=aggregate.get("hosts") or (),
    )
    names["aggregate", aggregate["name"]] = str(aggregate_id)


def add_cell(ctx: Context, cell: Mapping[str, Any]) -> None:
    """Put hosts into a cell beside the first: {name: cell2, hosts: [compute3], down: true}."""
    cells.add(ctx, cell["name"], cell.get("hosts") or ())
    if cell.get("down", False):
        cells.set_down(ctx, cell["name"], down=True)


def add_flavor(ctx: Context, flavor: Mapping[str, Any], names: Names) -> None:
    """Make a flavor.

    {name: m1.tiny, id: 1, ram: 512, vcpus: 1, disk: 1}, and where wanted ephemeral, swap,
    rxtx_factor, description, extra_specs, and projects: those that may use one not public.
    """
    row = flavors.add(
        ctx,
        name=flavor["name"],
        flavor_id=str(flavor["id"]) if flavor.get("id") is not None else None,
        memory_mb=flavor["ram"],
        vcpus=flavor["vcpus"],
        root_gb=flavor["disk"],
        ephemeral_gb=flavor.get("ephemeral", 0),
        swap=flavor.get("swap", 0),
        rxtx_factor=flavor.get("rxtx_factor", 1.0),
        description=flavor.get("description"),
        is_public=int("projects" not in flavor),
    )
    specs = flavor.get("extra_specs")
    if specs:
        flavor_extra_specs.write(ctx, row, dict(specs.items()))
    for project in flavor.get("projects") or ():
        flavor_access.give(ctx, row, names["project", project])
    names["flavor", flavor["name"]] = row["flavorid"]
