"""Service flavors: named kinds of a service, and the profiles behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import converters, permission, validators
from emulator.network.attributes import FILTER, POST, PUT, SORT, Values, attr, attributes
from emulator.network.errors import (
    FlavorInUse,
    FlavorNotFound,
    FlavorServiceProfileBindingExists,
    FlavorServiceProfileBindingNotFound,
    HTTPBadRequest,
    InvalidServiceType,
    ServiceProfileEmpty,
    ServiceProfileInUse,
    ServiceProfileNotFound,
)
from emulator.network.listing import Pages
from emulator.network.ports.queries import marks
from emulator.network.resource import Item, Resource, Row, verbs
from emulator.network.standard import picked
from emulator.wire.operation import Operation, Reply, op
from emulator.wire.request import Context

# The plugins that are loaded, by what each calls itself (Neutron 29.0.0, get_plugin_type).
SERVICES = (
    "CONNTRACKHELPER",
    "CORE",
    "FLAVORS",
    "L3_ROUTER_NAT",
    "LOCAL_IP",
    "LOGGING",
    "METERING",
    "NDPPROXY",
    "NETWORK_SEGMENT_RANGE",
    "PORTFORWARDING",
    "QOS",
    "TAG",
    "auto-allocated-topology",
    "network-ip-availability",
    "placement_report",
    "revision_plugin",
    "segments",
    "timestamp",
    "trunk",
)

# Schemas


def service_type(value: Any) -> str | None:
    """Accept a service whose plugin is loaded."""
    if value not in SERVICES:
        raise InvalidServiceType(service_type=value)
    return None


GIVEN = POST | PUT | FILTER | SORT
FLAVOR_ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("name", GIVEN, default="", check=validators.name()),
    attr("description", GIVEN, default="", check=validators.or_none(validators.string(1024))),
    attr("service_type", POST | FILTER | SORT, check=service_type),
    attr("service_profiles", POST | PUT, default=[], check=validators.uuids),
    attr("enabled", GIVEN, default=True, to=converters.boolean_or_none),
)
PROFILE_ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("description", GIVEN, default="", check=validators.or_none(validators.string(1024))),
    attr("driver", GIVEN, default="", check=validators.string(1024)),
    attr("enabled", GIVEN, default=True, to=converters.boolean_or_none),
    attr("metainfo", POST | PUT, default="", check=validators.string(4096)),
)

# View


def view_flavors(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return flavors as items."""
    profiles = _profiles_of(ctx, [row["id"] for row in rows])
    return [
        {
            **picked(row, "id", "name", "description", "service_type"),
            "enabled": bool(row["enabled"]),
            "service_profiles": profiles.get(row["id"], []),
        }
        for row in rows
    ]


def view_profiles(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return profiles as items."""
    return [
        {**picked(row, "id", "description", "driver", "metainfo"), "enabled": bool(row["enabled"])}
        for row in rows
    ]


# Queries


def _profiles_of(ctx: Context, flavor_ids: Sequence[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in ctx.db.all(
        "SELECT flavor_id, profile_id FROM network_flavor_profiles"
        f" WHERE flavor_id IN ({marks(flavor_ids)})",
        list(flavor_ids),
    ):
        found[row["flavor_id"]].append(row["profile_id"])
    return found


def _is_bound(ctx: Context, profile_id: str) -> bool:
    return bool(
        ctx.db.value("SELECT 1 FROM network_flavor_profiles WHERE profile_id = ?", (profile_id,))
    )


def _flavor_is_used(ctx: Context, flavor_id: str) -> bool:
    return bool(ctx.db.value("SELECT 1 FROM network_routers WHERE flavor_id = ?", (flavor_id,)))


def _unbind(ctx: Context, flavor_id: str, profile_id: str) -> int:
    return ctx.db.execute(
        "DELETE FROM network_flavor_profiles WHERE flavor_id = ? AND profile_id = ?",
        (flavor_id, profile_id),
    ).rowcount


# Operations


def create_flavor(ctx: Context, values: Values) -> str:
    """Create a flavor; return its id."""
    flavor_id = ctx.ids.uuid()
    ctx.db.insert(
        "network_flavors",
        {
            "id": flavor_id,
            **picked(values, "name", "description", "service_type"),
            "enabled": int(values["enabled"] or False),
        },
    )
    for profile_id in values["service_profiles"]:
        _bind(ctx, flavor_id, profile_id)
    return flavor_id


def _bind(ctx: Context, flavor_id: str, profile_id: str) -> None:
    if ctx.db.get("network_service_profiles", profile_id) is None:
        raise ServiceProfileNotFound(sp_id=profile_id)
    if profile_id in _profiles_of(ctx, [flavor_id]).get(flavor_id, ()):
        raise FlavorServiceProfileBindingExists(sp_id=profile_id, fl_id=flavor_id)
    ctx.db.insert("network_flavor_profiles", {"flavor_id": flavor_id, "profile_id": profile_id})


def _changes(values: Values) -> dict[str, Any]:
    changed = {name: value for name, value in values.items() if name != "service_profiles"}
    if "enabled" in changed:
        changed["enabled"] = int(changed["enabled"] or False)
    return changed


def update_flavor(ctx: Context, row: Row, values: Values) -> None:
    """Change a flavor."""
    if _flavor_is_used(ctx, row["id"]):
        raise FlavorInUse(flavor_id=row["id"])
    if changed := _changes(values):
        ctx.db.update("network_flavors", row["id"], **changed)


def delete_flavor(ctx: Context, row: Row) -> None:
    """Delete a flavor that no router is of."""
    if _flavor_is_used(ctx, row["id"]):
        raise FlavorInUse(flavor_id=row["id"])
    ctx.db.delete("network_flavor_profiles", row["id"], "flavor_id")
    ctx.db.delete("network_flavors", row["id"])


def create_profile(ctx: Context, values: Values) -> str:
    """Create a profile; return its id."""
    if not values["driver"] and not values["metainfo"]:
        raise ServiceProfileEmpty()
    profile_id = ctx.ids.uuid()
    ctx.db.insert("network_service_profiles", {"id": profile_id, **_changes(_own(values))})
    return profile_id


def _own(values: Values) -> Values:
    return {name: values[name] for name in ("description", "driver", "enabled", "metainfo")}


def update_profile(ctx: Context, row: Row, values: Values) -> None:
    """Change a profile."""
    if _is_bound(ctx, row["id"]):
        raise ServiceProfileInUse(sp_id=row["id"])
    if changed := _changes(values):
        ctx.db.update("network_service_profiles", row["id"], **changed)


def delete_profile(ctx: Context, row: Row) -> None:
    """Delete a profile that stands behind no flavor."""
    if _is_bound(ctx, row["id"]):
        raise ServiceProfileInUse(sp_id=row["id"])
    ctx.db.delete("network_service_profiles", row["id"])


def flavor_missing(flavor_id: str) -> Any:
    """Return what is raised for an id that no flavor has."""
    return FlavorNotFound(flavor_id=flavor_id)


def profile_missing(profile_id: str) -> Any:
    """Return what is raised for an id that no profile has."""
    return ServiceProfileNotFound(sp_id=profile_id)


def bind(ctx: Context, id: str) -> Reply:
    """Put a profile behind a flavor."""
    if not ctx.can("create_flavor_service_profile", ctx.own_target):
        raise permission.forbidden("create_flavor_service_profile")
    body = ctx.body if isinstance(ctx.body, dict) else {}
    given = body.get("service_profile")
    if not isinstance(given, dict) or "id" not in given:
        raise HTTPBadRequest("Unable to find 'service_profile' in request body")
    if ctx.db.get("network_flavors", id) is None:
        raise FlavorNotFound(flavor_id=id)
    _bind(ctx, id, given["id"])
    return Reply(201, {"service_profile": {"id": given["id"]}})


def unbind(ctx: Context, id: str, item_id: str) -> Reply:
    """Take a profile from behind a flavor."""
    if not ctx.can("delete_flavor_service_profile", ctx.own_target):
        raise permission.forbidden("delete_flavor_service_profile")
    if not _unbind(ctx, id, item_id):
        raise FlavorServiceProfileBindingNotFound(sp_id=item_id, fl_id=id)
    return Reply(204)


FLAVOR = Resource(
    member="flavor",
    collection="flavors",
    path="/flavors",
    table="network_flavors",
    attributes=FLAVOR_ATTRIBUTES,
    missing=flavor_missing,
    view=view_flavors,
    create=create_flavor,
    update=update_flavor,
    delete=delete_flavor,
    facts_differ_by=(),
    pages=Pages.EMULATED,
)
SERVICE_PROFILE = Resource(
    member="service_profile",
    collection="service_profiles",
    path="/service-profiles",
    table="network_service_profiles",
    attributes=PROFILE_ATTRIBUTES,
    missing=profile_missing,
    view=view_profiles,
    create=create_profile,
    update=update_profile,
    delete=delete_profile,
    facts_differ_by=(),
    pages=Pages.EMULATED,
)

OPERATIONS: tuple[Operation, ...] = (
    *verbs(FLAVOR),
    *verbs(SERVICE_PROFILE),
    op("POST", "/flavors/{id}/service_profiles", bind, status=201),
    op(
        "DELETE",
        "/flavors/{id}/service_profiles/{item_id}",
        unbind,
        status=204,
    ),
)
