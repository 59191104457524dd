"""The states of a server: vm_state (stable), task_state (in progress), power_state; status.

Nova 34.0.0: nova.compute.vm_states, task_states, power_state; api.openstack.common._STATE_MAP.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

ACTIVE = "active"
BUILDING = "building"
PAUSED = "paused"
SUSPENDED = "suspended"
STOPPED = "stopped"
RESCUED = "rescued"
RESIZED = "resized"
SOFT_DELETED = "soft-delete"
DELETED = "deleted"
ERROR = "error"
SHELVED = "shelved"
SHELVED_OFFLOADED = "shelved_offloaded"

NOSTATE = 0
RUNNING = 1
POWER_PAUSED = 3
SHUTDOWN = 4
CRASHED = 6
POWER_SUSPENDED = 7
POWER_NAMES = {
    NOSTATE: "pending",
    RUNNING: "running",
    POWER_PAUSED: "paused",
    SHUTDOWN: "shutdown",
    CRASHED: "crashed",
    POWER_SUSPENDED: "suspended",
}

RESIZING = ("resize_prep", "resize_migrating", "resize_migrated", "resize_finish")
REBUILDING = ("rebuilding", "rebuild_block_device_mapping", "rebuild_spawning")
REBOOTING = ("rebooting", "reboot_pending", "reboot_started")
REBOOTING_HARD = ("rebooting_hard", "reboot_pending_hard", "reboot_started_hard")


def _each(tasks: tuple[str, ...], status: str) -> dict[str | None, str]:
    return dict.fromkeys(tasks, status)


STATUSES: Mapping[str, Mapping[str | None, str]] = {
    ACTIVE: {
        None: "ACTIVE",
        **_each(REBOOTING, "REBOOT"),
        **_each(REBOOTING_HARD, "HARD_REBOOT"),
        "updating_password": "PASSWORD",
        **_each(REBUILDING, "REBUILD"),
        "migrating": "MIGRATING",
        **_each(RESIZING, "RESIZE"),
    },
    BUILDING: {None: "BUILD"},
    STOPPED: {None: "SHUTOFF", **_each(RESIZING, "RESIZE"), **_each(REBUILDING, "REBUILD")},
    RESIZED: {None: "VERIFY_RESIZE", "resize_reverting": "REVERT_RESIZE"},
    PAUSED: {None: "PAUSED", "migrating": "MIGRATING"},
    SUSPENDED: {None: "SUSPENDED"},
    RESCUED: {None: "RESCUE"},
    ERROR: {None: "ERROR", **_each(REBUILDING, "REBUILD")},
    DELETED: {None: "DELETED"},
    SOFT_DELETED: {None: "SOFT_DELETED"},
    SHELVED: {None: "SHELVED"},
    SHELVED_OFFLOADED: {None: "SHELVED_OFFLOADED"},
}
"""vm_state → task_state → status; None stands for every task_state that is not named."""


def status(vm_state: str | None, task_state: str | None) -> str:
    """Return the status that is shown, e.g. VERIFY_RESIZE."""
    tasks = STATUSES.get(vm_state or "")
    if tasks is None:
        return "UNKNOWN"
    return tasks.get(task_state) or tasks[None]


def states_shown_as(wanted: str) -> list[tuple[str, str | None]]:
    """Return the (vm_state, task_state) pairs shown as a status, for the filter `status`.

    A task_state of None stands for every one that vm_state does not name.
    """
    wanted = wanted.upper()
    return [
        (vm_state, task)
        for vm_state, tasks in STATUSES.items()
        for task, shown in tasks.items()
        if shown == wanted
    ]


class State(NamedTuple):
    """Where a transition ends: None leaves a column as it is."""

    vm: str | None = None
    power: int | None = None


UNCHANGED = State()
