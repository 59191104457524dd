"""Guests: what a server looks like to its hypervisor, for each kind there is.

A libvirt guest that is paused says so and one that is suspended is shut down; Nova's fake driver,
which the real services are recorded with, calls both running and boots from /dev/sda.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from emulator.compute.servers.states import POWER_PAUSED, RUNNING, SHUTDOWN
from emulator.wire.request import Context


class FakeConsole(NamedTuple):
    """Where the consoles of a driver without any are said to be."""

    hosts: Mapping[str, str]  # by protocol
    port: int
    tls_port: int


class Guest(NamedTuple):
    """One kind of hypervisor: the power_state in each state, its disks, what it can do."""

    paused: int = POWER_PAUSED
    suspended: int = SHUTDOWN
    rescued: int = RUNNING
    disks: str = "/dev/vd"
    boots: bool = True  # has a console that a boot log appears on
    disks_only_grow: bool = True
    address: str | None = None  # of every host, where the driver says always the same
    takes_power_updates: bool = False
    keeps_power_while_deleted: bool = False  # a deleted server that waits is not shut down
    names_disks_as_asked: bool = False
    console: FakeConsole | None = None
    uploads: bool = True  # an image of it ever gets its data
    diagnostics: tuple[Mapping[str, Any], Mapping[str, Any]] | None = None  # fixed ones, if any


FAKE_DIAGNOSTICS: tuple[Mapping[str, Any], Mapping[str, Any]] = (
    {
        "cpu0_time": 17300000000,
        "memory": 524288,
        "vda_errors": -1,
        "vda_read": 262144,
        "vda_read_req": 112,
        "vda_write": 5778432,
        "vda_write_req": 488,
        "vnet1_rx": 2070139,
        "vnet1_rx_drop": 0,
        "vnet1_rx_errors": 0,
        "vnet1_rx_packets": 26701,
        "vnet1_tx": 140208,
        "vnet1_tx_drop": 0,
        "vnet1_tx_errors": 0,
        "vnet1_tx_packets": 662,
    },
    {
        "state": "running",
        "driver": "libvirt",
        "hypervisor": "kvm",
        "hypervisor_os": "ubuntu",
        "uptime": 46664,
        "config_drive": True,
        "num_cpus": 1,
        "num_nics": 1,
        "num_disks": 1,
        "disk_details": [
            {
                "read_bytes": 262144,
                "read_requests": 112,
                "write_bytes": 5778432,
                "write_requests": 488,
                "errors_count": 1,
            }
        ],
        "cpu_details": [{"id": 0, "time": 17300000000, "utilisation": 15}],
        "nic_details": [
            {
                "mac_address": "01:23:45:67:89:ab",
                "rx_octets": 2070139,
                "rx_errors": 100,
                "rx_drop": 200,
                "rx_packets": 26701,
                "rx_rate": 300,
                "tx_octets": 140208,
                "tx_errors": 400,
                "tx_drop": 500,
                "tx_packets": 662,
                "tx_rate": 600,
            }
        ],
        "memory_details": {"maximum": 524288, "used": 0},
    },
)
"""What Nova's fake driver counts, below 2.48 and since."""

FAKE_CONSOLE = FakeConsole(
    {
        "novnc": "fakevncconsole.com",
        "spice": "fakespiceconsole.com",
        "serial": "fakerdpconsole.com",
        "webmks": "fakemksconsole.com",
    },
    6969,
    6970,
)
LIBVIRT = Guest()
GUESTS: Mapping[str, Guest] = {
    "QEMU": LIBVIRT,
    "ironic": Guest(takes_power_updates=True),
    "fake": Guest(
        paused=RUNNING,
        suspended=RUNNING,
        rescued=SHUTDOWN,
        disks="/dev/sd",
        names_disks_as_asked=True,
        boots=False,
        disks_only_grow=False,
        address="192.168.0.1",
        console=FAKE_CONSOLE,
        uploads=False,
        keeps_power_while_deleted=True,
        diagnostics=FAKE_DIAGNOSTICS,
    ),
}
"""compute_hosts.hypervisor_type → the guest; other types are like libvirt's."""


# Queries


def of(ctx: Context, server: Any) -> Guest:
    """Return what a server is like on the hypervisor it is on; without one it is libvirt's."""
    if not server["node"]:
        return LIBVIRT
    return GUESTS.get(
        ctx.db.value(
            "SELECT hypervisor_type FROM compute_hosts WHERE hypervisor_hostname = ?",
            (server["node"],),
        )
        or "",
        LIBVIRT,
    )


def of_host(host: Any) -> Guest:
    """Return what servers are like on a host, a row of compute_hosts."""
    return GUESTS.get(host["hypervisor_type"], LIBVIRT)


def on_any_host(ctx: Context) -> Guest:
    """Return what servers of this cloud are like before they have a host."""
    kind = ctx.db.value("SELECT hypervisor_type FROM compute_hosts LIMIT 1")
    return GUESTS.get(kind or "", LIBVIRT)


# Effects: how the power of a guest looks after a step


def pause(ctx: Context, server: Any, arguments: Mapping[str, Any]) -> None:
    """Freeze the guest."""
    _power(ctx, server, of(ctx, server).paused)


def suspend(ctx: Context, server: Any, arguments: Mapping[str, Any]) -> None:
    """Put the guest to sleep, its memory on disk."""
    _power(ctx, server, of(ctx, server).suspended)


def rescue(ctx: Context, server: Any, arguments: Mapping[str, Any]) -> None:
    """Boot the guest from a rescue image."""
    _power(ctx, server, of(ctx, server).rescued)


def put_aside(ctx: Context, server: Any, arguments: Mapping[str, Any]) -> None:
    """Shut the guest down while its server waits to be restored, where the driver does that."""
    if not of(ctx, server).keeps_power_while_deleted:
        _power(ctx, server, SHUTDOWN)


def take_back(ctx: Context, server: Any, arguments: Mapping[str, Any]) -> None:
    """Let the guest of a restored server run again, where it was shut down."""
    if not of(ctx, server).keeps_power_while_deleted:
        _power(ctx, server, RUNNING)


def _power(ctx: Context, server: Any, power_state: int) -> None:
    ctx.db.update("compute_servers", server["uuid"], "uuid", power_state=power_state)
