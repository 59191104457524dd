"""Every kind of resource that has a status, seen alike: to wait for one, or to say what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.compute.servers.states import status
from emulator.control.ran import Ran
from emulator.errors import UsageError
from emulator.store.database import Database

GONE = "deleted"


class NoSuchResource(UsageError):
    """No resource has that id or name."""


@dataclass(frozen=True)
class Resource:
    """One resource: its kind, its id, its name, and the status that its own API shows.

    `ran` is what ran until it had this status, where time was moved for that.
    """

    kind: str
    id: str
    name: str
    status: str
    ran: Ran | None = field(default=None, compare=False, repr=False)

    @property
    def called(self) -> str:
        """What it is called in sentences: server 'vm1'."""
        return f"{self.kind} {self.name or self.id!r}"


# Queries

KINDS: Mapping[str, str] = {
    "server": "SELECT uuid AS id, display_name AS name, vm_state, task_state FROM compute_servers"
    " WHERE deleted = 0 AND",
    "volume": "SELECT id, name, status FROM volume_volumes WHERE",
    "snapshot": "SELECT id, name, status FROM volume_snapshots WHERE",
    "backup": "SELECT id, name, status FROM volume_backups WHERE",
    "group": "SELECT id, name, status FROM volume_groups WHERE",
    "image": "SELECT id, name, status FROM image_images WHERE NOT deleted AND",
    "port": "SELECT id, name, status FROM network_ports WHERE",
    "floatingip": "SELECT id, floating_ip_address AS name, status FROM network_floatingips WHERE",
    "router": "SELECT id, name, status FROM network_routers WHERE",
    "network": "SELECT id, name, status FROM network_networks WHERE",
}
COLUMNS = {"server": ("uuid", "display_name"), "floatingip": ("id", "floating_ip_address")}


def _rows(db: Database, kind: str, by: int, value: str) -> list[Any]:
    column = COLUMNS.get(kind, ("id", "name"))[by]
    return db.all(f"{KINDS[kind]} {column} = ?", (value,))


# Finding


def find(db: Database, resource: str, kind: str | None = None) -> Resource:
    """Return the resource of an id, or of a name that only one has.

    UsageError when there is none, or several.
    """
    if kind is not None and kind not in KINDS:
        raise UsageError(f"kind: {kind!r} is none of {', '.join(KINDS)}")
    kinds = KINDS if kind is None else (kind,)
    for by in (0, 1):
        found = [_seen(each, row) for each in kinds for row in _rows(db, each, by, resource)]
        if len(found) == 1:
            return found[0]
        if found:
            several = ", ".join(f"{each.kind} {each.id}" for each in found)
            raise UsageError(f"{resource!r} is the name of several: {several}")
    raise NoSuchResource(f"there is no {kind or 'resource'} {resource!r}")


def again(db: Database, resource: Resource) -> Resource:
    """Return the resource as it is now; its status is "deleted" when it is gone."""
    for row in _rows(db, resource.kind, 0, resource.id):
        return _seen(resource.kind, row)
    return Resource(resource.kind, resource.id, resource.name, GONE)


def _seen(kind: str, row: Any) -> Resource:
    shown = status(row["vm_state"], row["task_state"]) if kind == "server" else row["status"]
    return Resource(kind, row["id"], row["name"] or "", shown)
