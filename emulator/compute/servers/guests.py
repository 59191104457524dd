"""Guests: what a server looks like to its hypervisor, for each kind there is.

A libvirt guest that is paused says so and one that is suspended is shut down; Nova's fake driver,
which the real services are recorded with, calls both running and boots from /dev/sda.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.compute.servers.states import POWER_PAUSED, RUNNING, SHUTDOWN
from emulator.wire.request import Context


@dataclass(frozen=True)
class Guest:
    """One kind of hypervisor: the power_state in each state, its disks, what it can do."""

    paused: int = POWER_PAUSED
    suspended: int = SHUTDOWN
    rescued: int = RUNNING
    disks: str = "/dev/vd"
    boots: bool = True  # has a console that a boot log appears on
    direct_spice: bool = True
    preserves_ephemeral: bool = False


LIBVIRT = Guest()
GUESTS: Mapping[str, Guest] = {
    "QEMU": LIBVIRT,
    "fake": Guest(RUNNING, RUNNING, SHUTDOWN, "/dev/sd", boots=False),
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


def _power(ctx: Context, server: Any, power_state: int) -> None:
    ctx.db.update("compute_servers", server["uuid"], "uuid", power_state=power_state)
