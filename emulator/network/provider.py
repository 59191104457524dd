"""Provider attributes: what a network is made of physically, and the segments behind it.

A stock ML2 set-up: tenants get vxlan networks with numbers from 1 to 1000, flat and vlan networks
lie on named physical networks. A network without a chosen type is of the tenants' type.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import converters, validators
from emulator.network.attributes import (
    ENFORCE,
    FILTER,
    NOT_SPECIFIED,
    POST,
    PUT,
    Values,
    attr,
    given,
)
from emulator.network.errors import (
    FlatNetworkInUse,
    HTTPBadRequest,
    InvalidInput,
    NoNetworkAvailable,
    SegmentsContainDuplicateEntry,
    SegmentsSetInConjunctionWithProviders,
    TunnelIdInUse,
    VlanIdInUse,
)
from emulator.network.listing import equals
from emulator.network.standard import fresh
from emulator.wire.request import Context

TENANT_TYPE = "vxlan"
TUNNELS = ("vxlan", "gre", "geneve")
TYPES = ("flat", "vlan", "vxlan", "gre", "geneve", "local")
TUNNEL_IDS = (1, 1000)
VLAN_IDS = (1, 4094)
# What a segment of a type may not have. Such a segment is fully told without a number.
PROHIBITED = {
    "local": ("physical_network", "segmentation_id"),
    "flat": ("segmentation_id",),
}
PHYSICAL_MTU = 1500
OVERHEAD = {"vxlan": 50, "gre": 42, "geneve": 58}
KEYS = ("provider:network_type", "provider:physical_network", "provider:segmentation_id")

Segment = dict[str, Any]

# Schemas


def segment_list(value: Any) -> str | None:
    """Accept a list of mappings of the three provider attributes."""
    if not isinstance(value, list):
        return f"'{value}' is not a list"
    for each in value:
        if not isinstance(each, dict):
            return f"'{each}' is not a dictionary"
        unknown = set(each) - set(KEYS)
        if unknown:
            raise HTTPBadRequest(f"Unrecognized attribute(s) '{', '.join(sorted(unknown))}'")
        for key, length in ((KEYS[0], 32), (KEYS[1], 64)):
            reason = validators.or_none(validators.string(length))(each.get(key))
            if reason is not None:
                return reason
        number = each.get(KEYS[2])
        each[KEYS[2]] = converters.integer(number) if number else None
    return None


def attribute(name: str, **more: Any) -> Any:
    """Return the row of a provider attribute."""
    return attr(name, POST | PUT | FILTER | ENFORCE, default=NOT_SPECIFIED, **more)


ATTRIBUTES = (
    attribute("provider:network_type", check=validators.string(32)),
    attribute("provider:physical_network", check=validators.string(64)),
    attribute("provider:segmentation_id", to=converters.integer),
)

# View


def shown(segments: Sequence[Any]) -> Mapping[str, Any]:
    """Return the provider attributes of a network; a list where it has several segments."""
    parts = [
        {
            "provider:network_type": each["network_type"],
            "provider:physical_network": each["physical_network"],
            "provider:segmentation_id": each["segmentation_id"],
        }
        for each in segments
    ]
    if not parts:
        return dict.fromkeys(KEYS)
    return parts[0] if len(parts) == 1 else {"segments": parts}


# Queries


def segments_of(ctx: Context, network_ids: Sequence[str]) -> dict[str, list[Any]]:
    """Return the segments of networks."""
    marks = ", ".join("?" * len(network_ids))
    found: dict[str, list[Any]] = defaultdict(list)
    for row in ctx.db.all(
        "SELECT network_id, network_type, physical_network, segmentation_id"
        f" FROM network_segments WHERE network_id IN ({marks}) ORDER BY position",
        list(network_ids),
    ):
        found[row["network_id"]].append(row)
    return found


def _taken(ctx: Context, network_type: str, physical_network: str | None) -> set[int]:
    rows = ctx.db.all(
        "SELECT segmentation_id FROM network_segments"
        " WHERE network_type = ? AND physical_network IS ?",
        (network_type, physical_network),
    )
    return {row["segmentation_id"] for row in rows}


def _where(column: str) -> Any:
    def where(ctx: Context, values: list[Any]) -> tuple[str, list[Any]]:
        text, wanted = equals(column, values)
        return (
            f"network_networks.id IN (SELECT network_id FROM network_segments WHERE {text})",
            wanted,
        )

    return where


FILTERS = {
    "provider:network_type": _where("network_type"),
    "provider:physical_network": _where("physical_network"),
    "provider:segmentation_id": _where("segmentation_id"),
}

# Operations


def choose(ctx: Context, values: Values) -> list[Segment]:
    """Return the segments that a new network gets."""
    listed = given(values, "segments")
    single = [given(values, key) for key in KEYS]
    if any(value is not None for value in single):
        if listed is not None:
            raise SegmentsSetInConjunctionWithProviders()
        wanted = [asked(*single)]
    elif listed:
        wanted = [asked(*(given(each, key) for key in KEYS)) for each in listed]
        _check_different(wanted)
    else:
        wanted = [asked(TENANT_TYPE, None, None)]
    chosen: list[Segment] = []
    for each in wanted:
        chosen.append(reserve(ctx, each, chosen))
    return chosen


def asked(network_type: str | None, physical: str | None, number: int | None) -> Segment:
    """Return a segment as it was asked for, or raise what is wrong with it."""
    if network_type is None:
        raise InvalidInput(error_message="network_type required")
    if network_type not in TYPES:
        raise InvalidInput(error_message=f"network_type value '{network_type}' not supported")
    if network_type == "flat" and not physical:
        raise InvalidInput(error_message="physical_network required for flat provider network")
    if network_type == "vlan":
        _check_vlan(physical, number)
    if physical and network_type in TUNNELS:
        raise InvalidInput(
            error_message=f"provider:physical_network specified for {network_type} network"
        )
    segment = {
        "network_type": network_type,
        "physical_network": physical,
        "segmentation_id": number,
    }
    for name in PROHIBITED.get(network_type, ()):
        if segment[name]:
            raise InvalidInput(
                error_message=f"{name} prohibited for {network_type} provider network"
            )
    return segment


def _check_vlan(physical: str | None, number: int | None) -> None:
    if number is None:
        return
    if not physical:
        raise InvalidInput(
            error_message="segmentation_id requires physical_network for VLAN provider network"
        )
    low, high = VLAN_IDS
    if not low <= number <= high:
        raise InvalidInput(error_message=f"segmentation_id out of range ({low} through {high})")


def _check_different(wanted: Sequence[Segment]) -> None:
    """Raise SegmentsContainDuplicateEntry unless all that are fully told are different."""
    told = [
        tuple(each.values())
        for each in wanted
        if each["segmentation_id"] is not None or each["network_type"] in PROHIBITED
    ]
    if len(set(told)) < len(told):
        raise SegmentsContainDuplicateEntry()


def reserve(ctx: Context, segment: Segment, chosen: Sequence[Segment] = ()) -> Segment:
    """Return a free segment like this one. NoNetworkAvailable when none is left."""
    network_type, physical, number = segment.values()
    if network_type == "local":
        return segment
    if network_type == "flat":
        if _taken(ctx, "flat", physical):
            raise FlatNetworkInUse(physical_network=physical)
        return segment
    if network_type in TUNNELS:
        physical = None
    elif not physical:
        raise NoNetworkAvailable()
    taken = _taken(ctx, network_type, physical) | {
        each["segmentation_id"]
        for each in chosen
        if (each["network_type"], each["physical_network"]) == (network_type, physical)
    }
    if number is None:
        number = _first_free(taken, *(VLAN_IDS if network_type == "vlan" else TUNNEL_IDS))
    elif number in taken:
        if network_type == "vlan":
            raise VlanIdInUse(vlan_id=number, physical_network=physical)
        raise TunnelIdInUse(tunnel_id=number)
    return segment | {"physical_network": physical, "segmentation_id": number}


def _first_free(taken: set[int], low: int, high: int) -> int:
    for number in range(low, high + 1):
        if number not in taken:
            return number
    raise NoNetworkAvailable()


def keep(ctx: Context, network_id: str, segments: Sequence[Segment]) -> None:
    """Store the segments of a new network."""
    for position, segment in enumerate(segments):
        row = {
            **fresh(ctx, {}),
            "network_id": network_id,
            "name": None,
            "position": position,
            **segment,
            "description": None,
        }
        ctx.db.insert("network_segments", row)


def mtu(segments: Sequence[Segment], wanted: int) -> int:
    """Return the MTU of a network: the largest its segments allow, or a smaller one asked for."""
    largest = min(
        (PHYSICAL_MTU - OVERHEAD.get(each["network_type"], 0) for each in segments),
        default=PHYSICAL_MTU,
    )
    if not wanted:
        return largest
    if wanted > largest:
        raise InvalidInput(error_message=f"Requested MTU is too big, maximum is {largest}")
    return wanted


def change(ctx: Context, row: Any, values: Values) -> None:
    """Give the one segment of a vlan network another number; refuse every other change."""
    segments = segments_of(ctx, [row["id"]]).get(row["id"], [])
    own = shown(segments)
    wanted = {key: values[key] for key in KEYS if key in values}
    wanted = {key: value for key, value in wanted.items() if value != own.get(key)}
    if not wanted:
        return
    others = [key for key in wanted if key != KEYS[2]]
    if others:
        raise InvalidInput(
            error_message="Plugin does not support updating the following provider network"
            f" attributes: {', '.join(others)}"
        )
    if own.get(KEYS[0]) != "vlan":
        raise InvalidInput(error_message="Only VLAN type networks can be updated.")
    number = wanted[KEYS[2]]
    if not number:
        raise InvalidInput(
            error_message="Only segmentation_id field can be updated in VLAN type networks"
        )
    reserve(ctx, asked("vlan", own[KEYS[1]], number))
    ctx.db.update("network_segments", row["id"], "network_id", segmentation_id=number)
