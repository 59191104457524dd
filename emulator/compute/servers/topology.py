"""The NUMA topology of a server: which of its CPUs and how much memory each node has."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.wire.request import Context

SEES_HOST = "compute:server:topology:host:index"

# View


def _nodes(ctx: Context, server: Any, specs: dict[str, str]) -> list[dict[str, Any]]:
    """CPUs and memory spread evenly, as flavors ask for it by number alone."""
    pinned = specs.get("hw:cpu_policy") == "dedicated"
    wanted = specs.get("hw:numa_nodes") or ("1" if pinned or "hw:mem_page_size" in specs else "")
    count = int(wanted) if wanted.isdigit() else 0
    nodes = []
    for number in range(count):
        cpus = [cpu for cpu in range(server["vcpus"]) if cpu * count // server["vcpus"] == number]
        node: dict[str, Any] = {
            "vcpu_set": cpus,
            "siblings": [cpus] if len(cpus) > 1 else [],
            "memory_mb": server["memory_mb"] // count,
        }
        if ctx.can(SEES_HOST):
            node["host_node"] = number
            node["cpu_pinning"] = {str(cpu): cpu for cpu in cpus} if pinned else {}
        nodes.append(node)
    return nodes


# Operations


def show(ctx: Context, server: Any) -> dict[str, Any]:
    """Show a server's topology; without one it has no nodes."""
    specs: dict[str, str] = orjson.loads(server["flavor"])["extra_specs"]
    nodes = _nodes(ctx, server, specs)
    page_size = {"small": 4, "large": 2048}.get(specs.get("hw:mem_page_size", ""))
    return {"nodes": nodes, "pagesize_kb": page_size if nodes else None}
