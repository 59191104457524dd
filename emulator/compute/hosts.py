"""Hosts, as Nova listed them before hypervisors and services (until 2.42)."""

from __future__ import annotations

from typing import Any

from emulator.compute import nodes, services
from emulator.compute.host_errors import FeatureNotSupported, HostNotMapped
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Query, param

# Schemas

SWITCH = {
    "type": "string",
    "enum": ["enable", "disable", "Enable", "Disable", "ENABLE", "DISABLE"],
}
LIST = Query(param("zone"))
UPDATE = Body(
    schema={
        "type": "object",
        "properties": {"status": SWITCH, "maintenance_mode": SWITCH},
        "anyOf": [{"required": ["status"]}, {"required": ["maintenance_mode"]}],
        "additionalProperties": False,
    }
)

# View


def resource(host: str, project: str, vcpus: int, memory_mb: int, disk_gb: int) -> dict[str, Any]:
    """Return one line of a host's resources."""
    return {
        "resource": {
            "host": host,
            "project": project,
            "cpu": vcpus,
            "memory_mb": memory_mb,
            "disk_gb": disk_gb,
        }
    }


# Queries


def servers_by_project(ctx: Context, host: str) -> list[Any]:
    """Return what the servers of each project on a host take."""
    return ctx.db.all(
        "SELECT project_id, sum(vcpus) AS vcpus, sum(memory_mb) AS memory_mb,"
        " sum(root_gb + ephemeral_gb) AS disk_gb FROM compute_servers"
        " WHERE host = ? AND deleted = 0 GROUP BY project_id ORDER BY min(id)",
        (host,),
    )


# Operations


def index(ctx: Context, query: dict[str, list[str]]) -> dict[str, Any]:
    """List the hosts of enabled services, those of a zone."""
    wanted = query["zone"][-1] if "zone" in query else ""
    return {
        "hosts": [
            {
                "host_name": row["host"],
                "service": row["binary"].removeprefix("nova-"),
                "zone": row["zone"],
            }
            for row in services.with_zones(ctx)
            if not row["disabled"] and wanted in ("", row["zone"])
        ]
    }


def show(ctx: Context, host_name: str) -> dict[str, Any]:
    """Show the resources of a host: in all, used, and by project."""
    found = nodes.of_host(ctx, host_name)
    if not found:
        raise HostNotMapped(name=host_name)
    node = found[0]
    projects = servers_by_project(ctx, host_name)
    most = (sum(each[name] for each in projects) for name in ("vcpus", "memory_mb", "disk_gb"))
    used = nodes.used(ctx, found)[node["uuid"]]
    return {
        "host": [
            resource(host_name, "(total)", node["vcpus"], node["memory_mb"], node["local_gb"]),
            resource(host_name, "(used_now)", used.vcpus, used.memory_mb, used.disk_gb),
            resource(host_name, "(used_max)", *most),
            *(
                resource(
                    host_name, each["project_id"], each["vcpus"], each["memory_mb"], each["disk_gb"]
                )
                for each in projects
            ),
        ]
    }


def update(ctx: Context, host_name: str, body: dict[str, str]) -> dict[str, Any]:
    """Keep the scheduler away from a host, or answer as its driver does about maintenance.

    The service stays as it is: only Placement hears of it (Nova 34.0.0, manager.set_host_enabled).
    """
    _service(ctx, host_name)
    shown = {"host": host_name}
    if "status" in body:
        enabled = body["status"].lower() == "enable"
        shown["status"] = "enabled" if enabled else "disabled"
        services.tell_placement(ctx, host_name, enabled=enabled)
    if "maintenance_mode" in body:
        _needs_fake_driver(ctx, host_name)
        enabled = body["maintenance_mode"].lower() == "enable"
        shown["maintenance_mode"] = "on_maintenance" if enabled else "off_maintenance"
    return shown


def startup(ctx: Context, host_name: str) -> dict[str, Any]:
    """Power up a host: drivers of virtual machines cannot."""
    return _power_action(ctx, host_name, "startup")


def shutdown(ctx: Context, host_name: str) -> dict[str, Any]:
    """Shut a host down: drivers of virtual machines cannot."""
    return _power_action(ctx, host_name, "shutdown")


def reboot(ctx: Context, host_name: str) -> dict[str, Any]:
    """Reboot a host: drivers of virtual machines cannot."""
    return _power_action(ctx, host_name, "reboot")


def _power_action(ctx: Context, host_name: str, action: str) -> dict[str, Any]:
    _service(ctx, host_name)
    _needs_fake_driver(ctx, host_name)
    return {"host": host_name, "power_action": action}


def _service(ctx: Context, host_name: str) -> Any:
    service = services.find_compute(ctx, host_name)
    if service is None:
        raise HostNotMapped(name=host_name)
    return service


def _needs_fake_driver(ctx: Context, host_name: str) -> None:
    """Nova's fake driver says that it did; that of libvirt does not know how."""
    if any(node["hypervisor_type"] != "fake" for node in nodes.of_host(ctx, host_name)):
        raise FeatureNotSupported()
