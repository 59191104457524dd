"""OpenStack's releases, and the newest version of each service's API in them.

Sources: the "Maximum in …" marks of Nova 34.0.0 and Cinder 29.0.0 (rest_api_version_history.rst;
3.71 is Cinder's newest from 2024.1 on), Placement 2.0.0 to 16.0.0 (microversion.py), and Glance
19.0.4 to 33.0.0 with stores and a cache (api/versions.py), whose minor versions are no
microversions: nobody asks for one, they only tell what there is.
What Image and Network got without a version is told by path, from Glance's api/v2/router.py and
Neutron's extensions (15.3.4 to 27.0.0; those that its ML2 plugin supports).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from emulator.errors import UsageError

Version = tuple[int, int]


class Series(NamedTuple):
    """One release: its name, its other name where it has two, and its newest API versions."""

    name: str
    codename: str
    compute: Version
    volume: Version
    placement: Version
    image: Version


SERIES = (  # oldest first
    Series("train", "", (2, 79), (3, 59), (1, 36), (2, 9)),
    Series("ussuri", "", (2, 87), (3, 60), (1, 36), (2, 10)),
    Series("victoria", "", (2, 87), (3, 62), (1, 36), (2, 11)),
    Series("wallaby", "", (2, 88), (3, 64), (1, 36), (2, 12)),
    Series("xena", "", (2, 90), (3, 66), (1, 38), (2, 12)),
    Series("yoga", "", (2, 90), (3, 68), (1, 39), (2, 15)),
    Series("zed", "", (2, 93), (3, 70), (1, 39), (2, 16)),
    Series("2023.1", "antelope", (2, 95), (3, 70), (1, 39), (2, 16)),
    Series("2023.2", "bobcat", (2, 95), (3, 70), (1, 39), (2, 16)),
    Series("2024.1", "caracal", (2, 96), (3, 71), (1, 39), (2, 16)),
    Series("2024.2", "dalmatian", (2, 96), (3, 71), (1, 39), (2, 17)),
    Series("2025.1", "epoxy", (2, 100), (3, 71), (1, 39), (2, 17)),
    Series("2025.2", "flamingo", (2, 100), (3, 71), (1, 39), (2, 17)),
    Series("2026.1", "gazpacho", (2, 103), (3, 71), (1, 39), (2, 17)),
    Series("2026.2", "hibiscus", (2, 104), (3, 71), (1, 39), (2, 18)),
)
NEWEST = SERIES[-1]
SERVICES = ("compute", "volume", "placement", "image")
# (service, beginning of a path) → the first release that has it
NEW_PATHS = {
    ("image", "/stores/{store_id}/"): "ussuri",
    ("image", "/images/{image_id}/tasks"): "wallaby",
    ("image", "/cache"): "yoga",
    ("image", "/info/stores/detail"): "yoga",
    ("image", "/info/usage"): "yoga",
    ("image", "/images/{image_id}/locations"): "2024.2",
    ("network", "/address-groups"): "victoria",
    ("network", "/local_ips"): "yoga",
    ("network", "/ndp-proxies"): "yoga",
    ("network", "/qos/policies/{id}/packet_rate_limit_rules"): "xena",
    ("network", "/qos/policies/{id}/minimum_packet_rate_rules"): "yoga",
    ("network", "/default-security-group-rules"): "2023.2",
}
# what a client sees of a default → the release until which it was another one, and which
# (Nova 26.3.0, nova.conf.compute; Keystone 16.0.2, its discovery; Glance 19.0.4 and 24.0.0,
# enabled_import_methods and the flows there are). Defaults of quotas, of limits and of tokens' time
# are in all these releases what they are today; policies: former_policies.py.
FORMER: Mapping[str, tuple[tuple[str, Any], ...]] = {
    "compute.initial_cpu_allocation_ratio": (("zed", 16.0),),
    "compute.initial_ram_allocation_ratio": (("zed", 1.5),),
    "identity.version": (("train", ("v3.13", "2019-07-19T00:00:00Z")),),
    "image.import_methods": (
        ("train", ("glance-direct", "web-download")),
        ("yoga", ("glance-direct", "web-download", "copy-image")),
    ),
}
NAMES = tuple(each.name for each in SERIES)


def find(name: str) -> Series:
    """Return the release of a name, either of its two. UsageError when there is none."""
    for each in SERIES:
        if name.lower() in (each.name, each.codename or each.name):
            return each
    raise UsageError(f"{name!r} is no release known here; they are {', '.join(NAMES)}")


def is_before(name: str, other: str) -> bool:
    """Say whether a release is older than another one, both by the names that NAMES has."""
    return NAMES.index(name) < NAMES.index(other)


def default(what: str, release: Series, today: Any) -> Any:
    """Return a default as it was in a release, `today` where it was never another one."""
    for until, value in FORMER[what]:
        if not is_before(until, release.name):
            return value
    return today


def first_with_path(service: str, path: str) -> Series:
    """Return the oldest release (of those known here) whose service has an operation's path."""
    for (whose, beginning), name in NEW_PATHS.items():
        if whose == service and path.startswith(beginning):
            return find(name)
    return SERIES[0]


def first_with(service: str, version: Version) -> Series | None:
    """Return the oldest release whose service speaks a version, None when none does."""
    return next((each for each in SERIES if getattr(each, service) >= version), None)
