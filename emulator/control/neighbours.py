"""The clouds below a cloud, at /clouds/NAME of its own URL: found, joined, and dropped when idle.

Each shares nothing with the others but the process. Those below a cloud go when it goes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

from emulator.simulation.clock import real_seconds

if TYPE_CHECKING:
    from emulator.cloud import Cloud

PREFIX = "/clouds/"

Find = Callable[[str], "Cloud | None"]
"""find(name) → the cloud of that name; "" is the default one."""


def finder(default: Cloud) -> Find:
    """Return what finds a cloud below the default one, or itself."""

    def find(name: str) -> Cloud | None:
        return below(default, name) if name else default

    return find


def reach(find: Find, path: str) -> tuple[Cloud | None, str, str]:
    """Return the cloud that a path leads to, the path of that cloud, and the rest.

    /clouds/a/clouds/b/compute is /compute of the cloud b below a.
    """
    cloud, root = None, ""
    while path.startswith(PREFIX):
        name, _, rest = path[len(PREFIX) :].partition("/")
        cloud = below(cloud, name) if cloud is not None else find(name)
        root, path = f"{root}{PREFIX}{name}", f"/{rest}"
        if cloud is None:
            return None, root, path
    if cloud is None:
        cloud = find("")
    if cloud is not None and cloud.expiring:
        drop_idle(cloud)
    return cloud, root, path


def below(cloud: Cloud, name: str) -> Cloud | None:
    """Return the cloud of a name below another one, None when there is none (any more)."""
    if cloud.expiring:
        drop_idle(cloud)
    return cloud.neighbours.get(name)


def join(parent: Cloud, cloud: Cloud, name: str = "") -> None:
    """Put a cloud below another one; without a name it gets f1, f2, …"""
    if not name:
        numbers = itertools.count(1)
        name = next(f"f{n}" for n in numbers if f"f{n}" not in parent.neighbours)
    cloud.name = name
    cloud.parent = parent
    parent.neighbours[name] = cloud


def part(cloud: Cloud) -> None:
    """Take a cloud that is closed away from below another one, and close those below it."""
    for each in list(cloud.neighbours.values()):
        each.close()
    if cloud.parent is not None:
        cloud.parent.neighbours.pop(cloud.name, None)


def expire(cloud: Cloud, seconds: float) -> None:
    """Let a cloud go when nobody asked it anything for so many seconds of real time."""
    cloud.expires_seconds = seconds
    cloud.used_at = real_seconds()
    if cloud.parent is not None:
        cloud.parent.expiring = True


def use(cloud: Cloud, change: int) -> None:
    """Take note that a request has come (1) or was answered (-1)."""
    cloud.in_use += change
    cloud.used_at = real_seconds()


def idle_seconds(cloud: Cloud) -> float:
    """Return for how long nobody has asked a cloud anything."""
    return 0.0 if cloud.in_use else real_seconds() - cloud.used_at


def drop_idle(parent: Cloud) -> None:
    """Drop the clouds below one that were idle for longer than they may be."""
    lasting = [each for each in list(parent.neighbours.values()) if each.expires_seconds]
    parent.expiring = bool(lasting)
    for each in lasting:
        if idle_seconds(each) > each.expires_seconds:
            each.close()
