"""Hypervisors: the nodes of all hosts as admins see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from emulator.compute import nodes, services
from emulator.compute.formats import is_uuid
from emulator.compute.host_errors import (
    ComputeServiceDown,
    FeatureNotSupported,
    HypervisorNotFound,
    InvalidUuid,
    PagedPattern,
)
from emulator.compute.links import next_links
from emulator.compute.schemas import BOOLEAN, FQDN, truth
from emulator.wire.request import Context
from emulator.wire.versioned import Query, Switch, View, either, field, param, since

PAGES = since("2.33")
UUIDS = since("2.53")
ALWAYS_LISTS_SERVERS = since("2.75")
USE_UNTOLD = since("2.88")

# Schemas

PAGE_SIZE = {"type": ["integer", "string"], "pattern": "^[0-9]*$", "minimum": 0, "minLength": 1}
LIST = Query(
    param("limit", PAGE_SIZE, since="2.33", until="2.52"),
    param("marker", since="2.33", until="2.52"),
    param("limit", PAGE_SIZE, multiple=False, since="2.53"),
    param("marker", multiple=False, since="2.53"),
    param("hypervisor_hostname_pattern", FQDN, multiple=False, since="2.53"),
    param("with_servers", BOOLEAN, multiple=False, since="2.53"),
    unknown=Switch(either(True, until="2.52"), either(False, since="2.53")),
)
SHOW = Query(
    param("with_servers", BOOLEAN, multiple=False, since="2.53"),
    unknown=Switch(either(True, until="2.52"), either(False, since="2.53")),
)

# View


@dataclass(frozen=True, slots=True)
class Node:
    """A node with all that is shown of it."""

    row: Any
    use: nodes.Use
    servers: list[Any] | None = None

    def __getitem__(self, column: str) -> Any:
        """Return a column of the node's row."""
        return self.row[column]


def service(node: Any, ctx: Context) -> dict[str, Any]:
    """Return the nova-compute of a node."""
    return {
        "id": node["service_uuid"] if UUIDS in ctx else node["service_id"],
        "host": node["host"],
        "disabled_reason": node["disabled_reason"],
    }


def uptime(node: Any, ctx: Context) -> str | None:
    """Return what the command `uptime` prints on the host; None when it cannot be asked."""
    if node["hypervisor_type"] == "fake" or node["down"]:
        return None
    minutes = int(ctx.now) // 60
    clock = f"{minutes // 60 % 24:02}:{minutes % 60:02}:{int(ctx.now) % 60:02}"
    return f" {clock} up {minutes // 1440 % 100} days,  0 users,  load average: 0.00, 0.00, 0.00"


def free_disk(node: Any, ctx: Context) -> int:
    """Return how many GB are not taken."""
    return int(node["local_gb"] - node.use.disk_gb)


def disk_available_least(node: Any, ctx: Context) -> int:
    """Return the GB of disk that would be left if all disks were full; 0 of the fake driver."""
    return 0 if node["hypervisor_type"] == "fake" else free_disk(node, ctx)


def servers(node: Any, ctx: Context) -> list[dict[str, str]]:
    """Return the servers of a node."""
    return [
        {"name": f"instance-{each['id']:08x}", "uuid": each["uuid"]} for each in node.servers or ()
    ]


def shows_servers(node: Any, ctx: Context) -> bool:
    """Say whether servers were asked for; until 2.74 an empty list is left out."""
    return bool(node.servers) or (node.servers is not None and ALWAYS_LISTS_SERVERS in ctx)


SUMMARY_FIELDS = (
    field("id", until="2.52"),
    field("id", column="uuid", since="2.53"),
    field("hypervisor_hostname"),
    field("state", services.state),
    field("status", services.status),
)
SERVERS_FIELD = field("servers", servers, when=shows_servers)
SUMMARY = View(*SUMMARY_FIELDS, SERVERS_FIELD)
UPTIME = View(*SUMMARY_FIELDS, field("uptime", uptime))
DETAIL = View(
    *SUMMARY_FIELDS,
    field("hypervisor_type"),
    field("hypervisor_version"),
    field("host_ip"),
    field("service", service),
    field("vcpus", until="2.87"),
    field("memory_mb", until="2.87"),
    field("local_gb", until="2.87"),
    field("vcpus_used", lambda node, ctx: node.use.vcpus, until="2.87"),
    field("memory_mb_used", lambda node, ctx: node.use.memory_mb, until="2.87"),
    field("local_gb_used", lambda node, ctx: node.use.disk_gb, until="2.87"),
    field("free_ram_mb", lambda node, ctx: node["memory_mb"] - node.use.memory_mb, until="2.87"),
    field("free_disk_gb", free_disk, until="2.87"),
    field("current_workload", lambda node, ctx: node.use.workload, until="2.87"),
    field("running_vms", lambda node, ctx: node.use.servers, until="2.87"),
    field("disk_available_least", disk_available_least, until="2.87"),
    field("cpu_info", until="2.27"),
    field(
        "cpu_info", lambda node, ctx: orjson.Fragment(node["cpu_info"]), since="2.28", until="2.87"
    ),
    field("uptime", uptime, since="2.88"),
    SERVERS_FIELD,
)

# Queries


def find(ctx: Context, hypervisor_id: str) -> Any:
    """Return a node by uuid, or by number until 2.52. HypervisorNotFound when there is none."""
    if UUIDS in ctx:
        if not is_uuid(hypervisor_id):
            raise InvalidUuid(id=hypervisor_id)
        row = ctx.db.one(f"{nodes.NODES} WHERE h.uuid = ?", (hypervisor_id,))
    else:
        try:
            number = int(hypervisor_id)
        except ValueError:
            raise HypervisorNotFound(id=hypervisor_id) from None
        row = ctx.db.one(f"{nodes.NODES} WHERE h.id = ?", (str(number),))
    if row is None:
        raise HypervisorNotFound(id=hypervisor_id)
    return row


# Operations


def index(ctx: Context, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """List the hypervisors."""
    return _list(ctx, query, SUMMARY, "os-hypervisors")


def detail(ctx: Context, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """List the hypervisors with all that is known of them."""
    return _list(ctx, query, DETAIL, "os-hypervisors/detail")


def _list(ctx: Context, query: Mapping[str, list[str]], view: View, path: str) -> dict[str, Any]:
    limit, marker = _page_asked(ctx, query)
    pattern = query.get("hypervisor_hostname_pattern")
    if pattern is not None:
        if "limit" in query or marker:
            raise PagedPattern()
        rows = nodes.matching(ctx, pattern[-1])
    else:
        rows = nodes.page(ctx, limit, marker)
    with_servers = truth(query.get("with_servers", [False])[-1])
    shown = _nodes(ctx, rows, view, with_servers=with_servers)
    answer: dict[str, Any] = {"hypervisors": [view.render(node, ctx) for node in shown]}
    if pattern is None and PAGES in ctx:
        following = next_links(ctx, path, rows, "uuid" if UUIDS in ctx else "id")
        if following:
            answer["hypervisors_links"] = following
    return answer


def _page_asked(ctx: Context, query: Mapping[str, list[str]]) -> tuple[int, str | None]:
    """The limit and marker asked for, when there are pages at all."""
    limit = ctx.settings.page_limit_max
    if PAGES not in ctx:
        return limit, None
    if "limit" in query:
        limit = min(limit, int(query["limit"][-1]))
    return limit, query.get("marker", [None])[-1]


def _nodes(
    ctx: Context, rows: list[Any], view: View | None = None, *, with_servers: bool = False
) -> list[Node]:
    """The rows with what the view shows: what is used of them, their servers when asked for."""
    use = nodes.used(ctx, rows) if view is not SUMMARY and USE_UNTOLD not in ctx else {}
    of = nodes.servers_of(ctx, rows) if with_servers else {}
    return [
        Node(row, use.get(row["uuid"], nodes.UNUSED), of[row["host"]] if with_servers else None)
        for row in rows
    ]


def show(ctx: Context, hypervisor_id: str, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """Show one hypervisor."""
    row = find(ctx, hypervisor_id)
    with_servers = truth(query.get("with_servers", [False])[-1])
    (found,) = _nodes(ctx, [row], with_servers=with_servers)
    return {"hypervisor": DETAIL.render(found, ctx)}


def show_uptime(ctx: Context, hypervisor_id: str) -> dict[str, Any]:
    """Show how long the host of a hypervisor is up."""
    row = find(ctx, hypervisor_id)
    if row["down"]:
        raise ComputeServiceDown(host=row["host"])
    if row["hypervisor_type"] == "fake":
        raise FeatureNotSupported()
    return {"hypervisor": UPTIME.render(row, ctx)}


def search(ctx: Context, hypervisor_id: str) -> dict[str, Any]:
    """List the hypervisors that have a text in their name."""
    found = _nodes(ctx, nodes.matching(ctx, hypervisor_id), SUMMARY)
    return {"hypervisors": [SUMMARY.render(node, ctx) for node in found]}


def list_servers(ctx: Context, hypervisor_id: str) -> dict[str, Any]:
    """List the hypervisors that have a text in their name, with their servers."""
    found = _nodes(ctx, nodes.matching(ctx, hypervisor_id), SUMMARY, with_servers=True)
    return {"hypervisors": [SUMMARY.render(node, ctx) for node in found]}


def statistics(ctx: Context) -> dict[str, Any]:
    """Add up all enabled hypervisors."""
    found = _nodes(ctx, [row for row in nodes.everything(ctx) if not row["disabled"]])
    vcpus, memory, disk = (
        sum(node[name] for node in found) for name in ("vcpus", "memory_mb", "local_gb")
    )
    used_memory = sum(node.use.memory_mb for node in found)
    return {
        "hypervisor_statistics": {
            "count": len(found),
            "vcpus": vcpus,
            "memory_mb": memory,
            "local_gb": disk,
            "vcpus_used": sum(node.use.vcpus for node in found),
            "memory_mb_used": used_memory,
            "local_gb_used": sum(node.use.disk_gb for node in found),
            "free_ram_mb": memory - used_memory,
            "free_disk_gb": sum(free_disk(node, ctx) for node in found),
            "current_workload": sum(node.use.workload for node in found),
            "running_vms": sum(node.use.servers for node in found),
            "disk_available_least": sum(disk_available_least(node, ctx) for node in found),
        }
    }
