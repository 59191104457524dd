"""Diagnostics of a running server, as its hypervisor counts them."""

from __future__ import annotations

from typing import Any

from emulator.compute.errors import InstanceInvalidState, InstanceNotReady
from emulator.compute.servers import guests, interfaces
from emulator.compute.servers.states import POWER_NAMES, RUNNING
from emulator.compute.versions import DIAGNOSTICS_ARE_ALIKE
from emulator.ids import chance
from emulator.simulation.clock import moment
from emulator.wire.request import Context

NIC_RATES = ("rx_errors", "rx_drop", "tx_errors", "tx_drop")

# View


def _counts(ctx: Context, server: Any) -> dict[str, Any]:
    """What a guest has done since it was launched: it depends on time, server and seed alone."""
    uptime = max(int(ctx.now - moment(server["launched_at"])), 0) if server["launched_at"] else 0
    busy = 0.05 + 0.2 * chance(ctx.ids.seed, server["uuid"], "busy")
    return {
        "uptime": uptime,
        "cpu_time": int(uptime * busy * 1e9) + 17_300_000_000,
        "utilisation": round(busy * 100),
        "read_bytes": 262_144 + uptime * 512,
        "read_requests": 112 + uptime // 8,
        "write_bytes": 5_778_432 + uptime * 2_048,
        "write_requests": 488 + uptime // 2,
        "rx_octets": 2_070_139 + uptime * 300,
        "rx_packets": 26_701 + uptime * 2,
        "tx_octets": 140_208 + uptime * 100,
        "tx_packets": 662 + uptime,
    }


def old_shape(ctx: Context, server: Any) -> dict[str, int]:
    """Return the counters by libvirt's names (below 2.48)."""
    counts = _counts(ctx, server)
    shown = {f"cpu{number}_time": counts["cpu_time"] for number in range(server["vcpus"])}
    shown |= {
        "memory": server["memory_mb"] * 1024,
        "memory-actual": server["memory_mb"] * 1024,
        "vda_errors": -1,
        "vda_read": counts["read_bytes"],
        "vda_read_req": counts["read_requests"],
        "vda_write": counts["write_bytes"],
        "vda_write_req": counts["write_requests"],
    }
    for port in interfaces.ports(ctx, server["uuid"]):
        tap = f"tap{port.id[:11]}"
        shown |= {
            f"{tap}_rx": counts["rx_octets"],
            f"{tap}_rx_drop": 0,
            f"{tap}_rx_errors": 0,
            f"{tap}_rx_packets": counts["rx_packets"],
            f"{tap}_tx": counts["tx_octets"],
            f"{tap}_tx_drop": 0,
            f"{tap}_tx_errors": 0,
            f"{tap}_tx_packets": counts["tx_packets"],
        }
    return shown


def shape(ctx: Context, server: Any) -> dict[str, Any]:
    """Return the counters by names that all hypervisors share (2.48)."""
    counts = _counts(ctx, server)
    cpus = [
        {"id": number, "time": counts["cpu_time"], "utilisation": counts["utilisation"]}
        for number in range(server["vcpus"])
    ]
    disk = {name: counts[name] for name in ("read_bytes", "read_requests")}
    disk |= {name: counts[name] for name in ("write_bytes", "write_requests")}
    disk["errors_count"] = 0
    nics = [_nic(port, counts) for port in interfaces.ports(ctx, server["uuid"])]
    return {
        "state": "running",
        "driver": "libvirt",
        "hypervisor": "qemu",
        "hypervisor_os": "linux",
        "uptime": counts["uptime"],
        "config_drive": bool(server["config_drive"]),
        "num_cpus": len(cpus),
        "num_nics": len(nics),
        "num_disks": 1,
        "disk_details": [disk],
        "cpu_details": cpus,
        "nic_details": nics,
        "memory_details": {
            "maximum": server["memory_mb"],
            "used": round(server["memory_mb"] * 0.4),
        },
    }


def _nic(port: Any, counts: dict[str, Any]) -> dict[str, Any]:
    return {
        "mac_address": port.mac,
        "rx_octets": counts["rx_octets"],
        "rx_packets": counts["rx_packets"],
        "rx_rate": None,
        "tx_octets": counts["tx_octets"],
        "tx_packets": counts["tx_packets"],
        "tx_rate": None,
        **dict.fromkeys(NIC_RATES, 0),
    }


# Operations


def show(ctx: Context, server: Any) -> dict[str, Any]:
    """Show what a running server's hypervisor counts."""
    if not server["host"]:
        raise InstanceNotReady(instance_id=server["uuid"])
    power = server["power_state"]
    if power != RUNNING:
        raise InstanceInvalidState.of(server, "get_diagnostics", "power state", POWER_NAMES[power])
    fixed = guests.of(ctx, server).diagnostics
    if DIAGNOSTICS_ARE_ALIKE in ctx:
        return dict(fixed[1]) if fixed else shape(ctx, server)
    return dict(fixed[0]) if fixed else old_shape(ctx, server)
