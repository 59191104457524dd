"""Servers of a fixture: made as a user makes them, then brought into the state asked for."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from emulator.compute.servers import create, lifecycle, queries
from emulator.compute.servers.actions import pause, power, suspend
from emulator.compute.servers.states import ERROR
from emulator.compute.versions import MAXIMUM
from emulator.errors import UsageError
from emulator.wire.request import Context, Credentials
from emulator.yamlfiles import Names

ROLES = frozenset({"admin", "manager", "member", "reader"})  # so that a host can be named
SAID_ALIKE = (
    "description",
    "metadata",
    "tags",
    "key_name",
    "user_data",
    "availability_zone",
    "host",
)

Action = Callable[[Context, Any, Any], Any]
BY_ACTION: Mapping[str, Action] = {
    "SHUTOFF": power.stop,
    "PAUSED": pause.pause,
    "SUSPENDED": suspend.suspend,
}
STATUSES = ("ACTIVE", *BY_ACTION, "ERROR")


def add_server(ctx: Context, entry: Mapping[str, Any], names: Names) -> None:
    """Make a server.

    {name: web, project: demo, user: demo, image: cirros, flavor: m1.tiny, networks: [private]},
    and where wanted status (ACTIVE, SHUTOFF, PAUSED, SUSPENDED, ERROR), security_groups (names),
    description, metadata, tags, key_name, user_data, availability_zone, host.
    """
    status = entry.get("status", "ACTIVE")
    if status not in STATUSES:
        raise UsageError(f"status is none of {', '.join(STATUSES)}")
    project = entry.get("project", "admin")
    own = copy.copy(ctx)
    own.version = MAXIMUM
    own.credentials = Credentials(
        user_id=names["user", entry.get("user", project)],
        project_id=names["project", project],
        roles=ROLES,
    )
    asked: dict[str, Any] = {
        "name": entry["name"],
        "imageRef": names["image", entry["image"]],
        "flavorRef": names["flavor", entry["flavor"]],
        "networks": [{"uuid": names["network", name]} for name in entry.get("networks") or ()]
        or "none",
        "security_groups": [{"name": name} for name in entry.get("security_groups") or ()],
        **{name: entry[name] for name in SAID_ALIKE if entry.get(name) is not None},
    }
    server_id = create.make(own, {"server": asked})["uuid"]
    names["server", entry["name"]] = server_id
    _settle(own)
    if status in BY_ACTION:
        BY_ACTION[status](own, queries.find(own, server_id), None)
        _settle(own)
    elif status == "ERROR":
        queries.change(own, server_id, vm_state=ERROR)
        lifecycle.set_fault(own, server_id, "The fixture says so.")


def _settle(ctx: Context) -> None:
    """Let what was begun end: clouds are made with durations of nothing."""
    ctx.engine.catch_up(ctx.now)
