"""Which servers a list shows, and in which order: the query string as conditions on rows.

Source: Nova 34.0.0, ServersController._get_servers, compute.api.get_all and db.main.api.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.compute import flavors
from emulator.compute.errors import FlavorNotFound
from emulator.compute.formats import moment
from emulator.compute.servers import networking
from emulator.compute.servers.errors import (
    DeletedAreForAdmins,
    InvalidFilter,
    InvalidStatus,
    SinceAfterBefore,
    SortIsForAdmins,
)
from emulator.compute.servers.schemas import JOINED_TABLES, SORT_KEYS
from emulator.compute.servers.states import states_shown_as
from emulator.compute.versions import (
    HOSTNAME_FILTER_FOR_ALL,
    IP6_FILTERS_FOR_ALL,
    LOCKED_SERVERS_ARE_SORTED,
    MORE_FILTERS_FOR_ALL,
    STATUS_FILTER_IS_CHECKED,
)
from emulator.errors import BadInput
from emulator.wire.request import Context

ALL_FILTERS = "os_compute_api:servers:allow_all_filters"
PAGING = ("sort_key", "sort_dir", "limit", "marker")
TAG_FILTERS = ("tags", "tags-any", "not-tags", "not-tags-any")
FOR_ALL = frozenset((
    "reservation_id", "name", "status", "image", "flavor", "ip", "changes-since", "all_tenants",
    "changes-before", "locked", *TAG_FILTERS,
))  # fmt: skip
FOR_ALL_SINCE_283 = frozenset((
    "availability_zone", "config_drive", "key_name", "created_at", "launched_at", "terminated_at",
    "power_state", "task_state", "vm_state", "progress", "user_id",
))  # fmt: skip
EXACT: Mapping[str, str] = {
    "project_id": "project_id",
    "tenant_id": "project_id",
    "user_id": "user_id",
    "image": "image_ref",
    "image_ref": "image_ref",
    "uuid": "uuid",
    "host": "host",
    "vm_state": "vm_state",
    "task_state": "task_state",
}
"""Parameter → the column that must be equal."""

PATTERN: Mapping[str, str] = {
    "name": "display_name",
    "display_name": "display_name",
    "display_description": "display_description",
    "launch_index": "launch_index",
    "kernel_id": "kernel_id",
    "ramdisk_id": "ramdisk_id",
    "hostname": "hostname",
    "key_name": "key_name",
    "power_state": "power_state",
    "node": "node",
    "reservation_id": "reservation_id",
    "launched_at": "replace(launched_at, 'T', ' ')",
    "terminated_at": "replace(terminated_at, 'T', ' ')",
    "created_at": "replace(created_at, 'T', ' ')",
    "availability_zone": "availability_zone",
    "locked_by": "locked_by",
    "root_device_name": "root_device_name",
    "config_drive": "config_drive",
    "access_ip_v4": "access_ip_v4",
    "access_ip_v6": "access_ip_v6",
    "auto_disk_config": "auto_disk_config",
    "progress": "progress",
}
"""Parameter → what a regular expression must be found in."""

SORTED_BY: Mapping[str, str] = {
    **{name: name for name in SORT_KEYS},
    "instance_type_id": "flavor_id",
    "locked": "(locked_by IS NOT NULL)",
}
ADMIN_SORT_KEYS = ("host", "node")
YES = ("1", "t", "true", "on", "y", "yes")
NO = ("0", "f", "false", "off", "n", "no")


@dataclass
class Selection:
    """What a list shows: conditions with values, an order; `nothing` when no row can match."""

    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    order: tuple[tuple[str, bool], ...] = ()
    nothing: bool = False

    def add(self, condition: str, *values: Any) -> None:
        """Demand one condition more."""
        self.conditions.append(condition)
        self.values.extend(values)


def select(ctx: Context, query: Mapping[str, list[str]], *, all_tenants_rule: str) -> Selection:
    """Return what a query asks for, as far as the caller may filter."""
    asked = _allowed(ctx, query)
    for name in asked:
        if name in JOINED_TABLES or name.startswith("_"):
            raise InvalidFilter(name=name)
    chosen = Selection()
    statuses = _statuses(ctx, query, chosen)
    changed = _changes(asked, chosen)
    all_tenants = (
        _boolean(asked["all_tenants"]) if asked.get("all_tenants") else ("all_tenants" in asked)
    )
    _deleted(ctx, asked, statuses, chosen, changed=changed)
    if all_tenants:
        ctx.authorize(all_tenants_rule)
    else:
        asked.pop("tenant_id", None)
        if ctx.credentials.project_id:
            asked["project_id"] = ctx.project_id
        else:
            asked["user_id"] = ctx.user_id
    for name, value in asked.items():
        if not (statuses and name in ("vm_state", "task_state")):
            _filter(ctx, name, value, chosen)
    _addresses(ctx, asked, chosen)
    chosen.order = _order(ctx, query)
    return chosen


def _allowed(ctx: Context, query: Mapping[str, list[str]]) -> dict[str, str]:
    """The filters that count: of each the last value; others than admins may not use all."""
    asked = {name: values[-1] for name, values in query.items() if name not in PAGING}
    if ctx.can(ALL_FILTERS):
        return asked
    known = set(FOR_ALL)
    if IP6_FILTERS_FOR_ALL in ctx:
        known.add("ip6")
    if MORE_FILTERS_FOR_ALL in ctx:
        known |= FOR_ALL_SINCE_283
    if HOSTNAME_FILTER_FOR_ALL in ctx:
        known.add("hostname")
    return {name: value for name, value in asked.items() if name in known}


def _statuses(ctx: Context, query: Mapping[str, list[str]], chosen: Selection) -> set[str]:
    """Turn `status` into states; return the vm_states, empty when no status is asked for."""
    if "status" not in query:
        return set()
    pairs = [pair for status in query["status"] for pair in states_shown_as(status)]
    if not pairs:
        if STATUS_FILTER_IS_CHECKED in ctx:
            raise InvalidStatus()
        chosen.nothing = True
        return set()
    vm_states = sorted({vm_state for vm_state, _ in pairs})
    chosen.add(f"vm_state IN ({_marks(vm_states)})", *vm_states)
    tasks = [task for _, task in pairs]
    if None not in tasks:
        chosen.add(f"task_state IN ({_marks(tasks)})", *tasks)
    return set(vm_states)


def _changes(asked: dict[str, str], chosen: Selection) -> bool:
    """Keep what has changed in the time asked for; say whether one is asked for."""
    since, before = asked.pop("changes-since", None), asked.pop("changes-before", None)
    first = moment(since) if since is not None else ""
    last = moment(before) if before is not None else ""
    if first and last and last < first:
        raise SinceAfterBefore()
    if first:
        chosen.add("updated_at >= ?", first)
    if last:
        chosen.add("updated_at <= ?", last)
    return bool(first or last)


def _deleted(
    ctx: Context, asked: dict[str, str], statuses: set[str], chosen: Selection, *, changed: bool
) -> None:
    """Show what is deleted only where it is asked for, or where changes are."""
    given = asked.pop("deleted", None if changed else "no")
    soft = asked.pop("soft_deleted", None)
    asked.pop("all_tenants", None)
    if statuses == {"deleted"}:
        if not ctx.is_admin:
            raise DeletedAreForAdmins()
        given = "yes"
    if given is None:
        return
    if given.strip().lower() in YES:
        with_soft = "" if soft == "" else " OR vm_state = 'soft-delete'"
        chosen.add(f"deleted = 1{with_soft}")
    else:
        chosen.add("deleted = 0")
        if not soft:
            chosen.add("vm_state != 'soft-delete' OR vm_state IS NULL")


def _filter(ctx: Context, name: str, value: str, chosen: Selection) -> None:
    """Turn one parameter into a condition; what has no column filters nothing."""
    if name in EXACT:
        chosen.add(f"{EXACT[name]} = ?", value)
    elif name in PATTERN:
        chosen.add(f"{PATTERN[name]} REGEXP ?", value)
    elif name == "flavor":
        try:
            chosen.add("flavor_id = ?", flavors.find(ctx, value)["id"])
        except FlavorNotFound:
            chosen.nothing = True
    elif name == "locked":
        chosen.add("locked_by IS NOT NULL" if _boolean(value) else "locked_by IS NULL")
    elif name in TAG_FILTERS:
        _tags(name, value.split(","), chosen)


# Queries


def _tags(name: str, tags: list[str], chosen: Selection) -> None:
    tags = list(dict.fromkeys(tags))
    counted = (
        "(SELECT count(DISTINCT t.value) FROM json_each(compute_servers.tags) t"
        f" WHERE t.value IN ({_marks(tags)}))"
    )
    needed = len(tags) if name in ("tags", "not-tags") else 1
    chosen.add(f"{counted} {'<' if name.startswith('not') else '>='} {needed}", *tags)


def _addresses(ctx: Context, asked: Mapping[str, str], chosen: Selection) -> None:
    """Keep the servers with a port that has a part of an address asked for."""
    parts = [asked[name] for name in ("ip", "ip6") if asked.get(name)]
    if not parts:
        return
    found = networking.servers_with(ctx, parts)
    if found:
        chosen.add("uuid IN (SELECT value FROM json_each(?))", found)
    else:
        chosen.nothing = True


# Order


def _order(ctx: Context, query: Mapping[str, list[str]]) -> tuple[tuple[str, bool], ...]:
    """The sort keys as columns, each with whether it falls; equals go by age and number."""
    keys = [key.strip() for key in query.get("sort_key", ["created_at"])]
    directions = [direction.strip() for direction in query.get("sort_dir", ["desc"])]
    for index, key in reversed(list(enumerate(keys))):
        if key not in SORTED_BY or (key == "locked" and LOCKED_SERVERS_ARE_SORTED not in ctx):
            del keys[index]
            if index < len(directions):
                del directions[index]
        elif key in ADMIN_SORT_KEYS and not ctx.is_admin:
            raise SortIsForAdmins(key=key)
    if any(direction not in ("asc", "desc") for direction in directions):
        raise BadInput("Invalid input received: Unknown sort direction, must be 'desc' or 'asc'")
    if len(directions) > len(keys) and keys:
        raise BadInput("Invalid input received: Sort direction size exceeds sort key size")
    first = directions[0] if directions else "desc"
    if "uuid" not in keys and 0 < len(directions) < len(keys):
        # Nova 34.0.0 has one more key, the uuid, whose direction the next key takes.
        directions.append("asc")
    directions += [first] * (len(keys) - len(directions))
    for key in ("created_at", "id"):
        if key not in keys:
            keys.append(key)
            directions.append(first)
    return tuple(
        (SORTED_BY.get(key, key), direction == "desc")
        for key, direction in zip(keys, directions, strict=False)
    )


def _boolean(text: str) -> bool:
    """Read a truth value as oslo does when it is strict."""
    value = text.strip().lower()
    if value in YES:
        return True
    if value in NO:
        return False
    known = ", ".join(f"'{each}'" for each in sorted((*YES, *NO)))
    raise BadInput(f"Unrecognized value '{text}', acceptable values are: {known}")


def _marks(values: Any) -> str:
    return ", ".join("?" * len(values))
