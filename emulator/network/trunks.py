"""Trunks: a port that carries the traffic of others, each under a segmentation of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import converters, validators
from emulator.network.attributes import (
    ENFORCE,
    FILTER,
    NEUTRON_TIMES,
    POST,
    PUT,
    SORT,
    TAG_FILTERS,
    Values,
    attr,
    attributes,
)
from emulator.network.errors import (
    DuplicateSubPort,
    HTTPBadRequest,
    InvalidInput,
    ParentPortInUse,
    PortInUse,
    PortNotFound,
    SubPortMtuGreaterThanTrunkPortMtu,
    SubPortNotFound,
    TrunkDisabled,
    TrunkInUse,
    TrunkNotFound,
    TrunkPortInUse,
)
from emulator.network.ports import queries
from emulator.network.provider import VLAN_IDS
from emulator.network.resource import Item, Resource, Row, member_action, own_rows, verbs
from emulator.network.routers.queries import port as usable_port
from emulator.network.standard import change, fresh, owner, picked, raw, times
from emulator.wire.operation import Operation
from emulator.wire.request import Context

KINDS = ("vlan",)

# Schemas


def subports(value: Any) -> str | None:
    """Accept a list of {port_id, segmentation_type, segmentation_id}, nothing twice."""
    if not isinstance(value, list):
        return f"Invalid data format for subports: '{value}' is not a list"
    ports: set[str] = set()
    numbers: set[tuple[Any, Any]] = set()
    for each in value:
        reason = _why_no_subport(each, ports) or _why_no_segmentation(each, numbers)
        if reason:
            return reason
    return None


def _why_no_subport(each: Any, ports: set[str]) -> str | None:
    if not isinstance(each, dict):
        return f"Invalid data format for subport: '{each}' is not a dict"
    port_id = each.get("port_id")
    if not port_id:
        return "A valid port UUID must be specified"
    if validators.uuid(port_id):
        return f"Invalid UUID for subport: '{port_id}'"
    if port_id in ports:
        return f"Non unique UUID for subport: '{port_id}'"
    ports.add(port_id)
    return None


def _why_no_segmentation(each: dict[str, Any], numbers: set[tuple[Any, Any]]) -> str | None:
    kind, number = each.get("segmentation_type"), each.get("segmentation_id")
    if kind == "inherit":
        return None
    if (not kind or number is None) and len(each) > 1:
        return (
            f"Invalid subport details '{each}': missing segmentation information. Must specify"
            " both segmentation_id and segmentation_type"
        )
    if number is not None and (kind, number) in numbers:
        return f"Segmentation ID '{number}' for '{each['port_id']}' is not unique"
    numbers.add((kind, number))
    return None


ATTRIBUTES = attributes(
    attr("admin_state_up", POST | PUT | FILTER | SORT, default=True, to=converters.boolean),
    attr("id", FILTER | SORT),
    attr("name", POST | PUT | FILTER | SORT, default="", check=validators.name()),
    attr("tenant_id", POST | FILTER | SORT, check=validators.string(255)),
    attr("port_id", POST | FILTER | SORT, check=validators.uuid),
    attr("status", FILTER | SORT),
    attr("sub_ports", POST | ENFORCE, default=[], check=subports),
    attr("description", POST | PUT | FILTER, default="", check=validators.string(255)),
    *NEUTRON_TIMES,
    *TAG_FILTERS,
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return trunks as items."""
    own = queries.subports_of(ctx, [row["id"] for row in rows])
    return [
        {
            "admin_state_up": bool(row["admin_state_up"]),
            **picked(row, "id", "name", "port_id", "status", "description"),
            **owner(row),
            "sub_ports": _shown(own.get(row["id"], ())),
            "tags": raw(row["tags"]),
            **times(row),
        }
        for row in rows
    ]


def _shown(rows: Sequence[Row]) -> list[Item]:
    return [picked(row, "port_id", "segmentation_id", "segmentation_type") for row in rows]


# Queries


def _numbers(ctx: Context, trunk_id: str) -> set[tuple[str, int]]:
    rows = ctx.db.all(
        "SELECT segmentation_type, segmentation_id FROM network_subports WHERE trunk_id = ?",
        (trunk_id,),
    )
    return {(row["segmentation_type"], row["segmentation_id"]) for row in rows}


def _drop(ctx: Context, trunk_id: str, port_id: str) -> int:
    return ctx.db.execute(
        "DELETE FROM network_subports WHERE trunk_id = ? AND port_id = ?", (trunk_id, port_id)
    ).rowcount


def _segment(ctx: Context, network_id: str) -> Row:
    return ctx.db.one(
        "SELECT network_type, segmentation_id FROM network_segments WHERE network_id = ?"
        " ORDER BY position LIMIT 1",
        (network_id,),
    )


# Operations


def _port(ctx: Context, port_id: str, *, parent: bool) -> Row:
    """Return a port that may become part of a trunk."""
    row = usable_port(ctx, port_id)
    if row is None:
        raise PortNotFound(port_id=port_id)
    if queries.trunk_using(ctx, port_id) is not None:
        raise TrunkPortInUse(port_id=port_id)
    if queries.trunks_of(ctx, [port_id]):
        raise ParentPortInUse(port_id=port_id)
    if parent and row["binding_host_id"]:
        raise ParentPortInUse(port_id=port_id)
    if not parent and row["device_id"]:
        raise PortInUse(net_id=row["network_id"], port_id=port_id, device_id=row["device_id"])
    return row


def create(ctx: Context, values: Values) -> str:
    """Make a trunk of a port, with its subports; return its id."""
    _port(ctx, values["port_id"], parent=True)
    row = {
        **fresh(ctx, values),
        "name": values["name"],
        "port_id": values["port_id"],
        "admin_state_up": int(values["admin_state_up"]),
        "status": "DOWN",
    }
    ctx.db.insert("network_trunks", row)
    _add(ctx, row, values["sub_ports"])
    trunk_id: str = row["id"]
    return trunk_id


def _add(ctx: Context, trunk: Mapping[str, Any], wanted: Sequence[Mapping[str, Any]]) -> None:
    """Add subports; of each, the order of checks is Neutron's (29.0.0, services.trunk.rules)."""
    taken = _numbers(ctx, trunk["id"])
    own_mtu = _mtu(ctx, usable_port(ctx, trunk["port_id"]))
    for each in wanted:
        port_id = each["port_id"]
        if port_id == trunk["port_id"]:
            raise ParentPortInUse(port_id=port_id)
        port = usable_port(ctx, port_id)
        mtu = _mtu(ctx, port)
        if mtu and own_mtu and mtu > own_mtu:
            raise SubPortMtuGreaterThanTrunkPortMtu(
                port_mtu=mtu, port_id=port_id, trunk_mtu=own_mtu, trunk_id=trunk["port_id"]
            )
        kind, number = _segmentation(ctx, each, port)
        _port(ctx, port_id, parent=False)
        if (kind, number) in taken:
            raise DuplicateSubPort(
                segmentation_type=kind, segmentation_id=number, trunk_id=trunk["id"]
            )
        taken.add((kind, number))
        ctx.db.insert(
            "network_subports",
            {
                "port_id": port_id,
                "trunk_id": trunk["id"],
                "segmentation_type": kind,
                "segmentation_id": number,
            },
        )


def _mtu(ctx: Context, port: Row) -> int | None:
    """Return the MTU of a port's network; None where the caller sees no such port."""
    return ctx.db.get("network_networks", port["network_id"])["mtu"] if port is not None else None


def _segmentation(ctx: Context, wanted: Mapping[str, Any], port: Row) -> tuple[str, int]:
    """Return type and number of a subport; `inherit` takes those of its network."""
    if wanted.get("segmentation_type") == "inherit" and port is not None:
        segment = _segment(ctx, port["network_id"])
        wanted = {
            "port_id": port["id"],
            "segmentation_id": segment["segmentation_id"],
            "segmentation_type": segment["network_type"],
        }
    if "segmentation_type" not in wanted or "segmentation_id" not in wanted:
        raise InvalidInput(
            error_message=f"Invalid subport details '{dict(wanted)}': missing segmentation"
            " information. Must specify both segmentation_id and segmentation_type"
        )
    kind = wanted["segmentation_type"]
    try:
        number = int(wanted["segmentation_id"])
    except (TypeError, ValueError):
        raise InvalidInput(
            error_message=f"Invalid subport details: segmentation_id"
            f" '{wanted['segmentation_id']}' is not an integer"
        ) from None
    if kind not in KINDS:
        raise InvalidInput(error_message=f"Unknown segmentation_type '{kind}'")
    low, high = VLAN_IDS
    if not low <= number <= high:
        raise InvalidInput(error_message=f"Segmentation ID '{number}' is not in range")
    return kind, number


def update(ctx: Context, row: Row, values: Values) -> None:
    """Change name, description or admin state."""
    wanted: Values = {n: values[n] for n in ("name", "description") if n in values}
    if "admin_state_up" in values:
        wanted["admin_state_up"] = int(values["admin_state_up"])
    change(ctx, "network_trunks", row, wanted)


def delete(ctx: Context, row: Row) -> None:
    """Take a trunk apart. TrunkInUse while its port is plugged into something."""
    _refuse_disabled(row)
    port = ctx.db.get("network_ports", row["port_id"])
    if port is not None and port["binding_host_id"]:
        raise TrunkInUse(trunk_id=row["id"])
    ctx.db.delete("network_subports", row["id"], "trunk_id")
    ctx.db.delete("network_trunks", row["id"])


def _refuse_disabled(row: Row) -> None:
    if not row["admin_state_up"]:
        raise TrunkDisabled(trunk_id=row["id"])


def _given(body: Any, *, removal: bool = False) -> list[dict[str, Any]]:
    wanted = body.get("sub_ports") if isinstance(body, dict) else None
    if wanted is None:
        raise HTTPBadRequest("Unable to find 'sub_ports' in request body")
    reason = subports(wanted)
    if reason and not (removal and isinstance(wanted, list)):
        raise InvalidInput(error_message=reason)
    return list(wanted)


def add_subports(ctx: Context, row: Row, body: Any) -> Item:
    """Let a trunk carry more ports."""
    wanted = _given(body)
    _refuse_disabled(row)
    _add(ctx, row, wanted)
    return _touched(ctx, row)


def remove_subports(ctx: Context, row: Row, body: Any) -> Item:
    """Let a trunk carry some ports no longer."""
    wanted = _given(body, removal=True)
    _refuse_disabled(row)
    for each in wanted:
        if not _drop(ctx, row["id"], each["port_id"]):
            raise SubPortNotFound(trunk_id=row["id"], port_id=each["port_id"])
    return _touched(ctx, row)


def _touched(ctx: Context, row: Row) -> Item:
    change(ctx, "network_trunks", row, {"status": "DOWN"})
    return view(ctx, [ctx.db.get("network_trunks", row["id"])])[0]


def get_subports(ctx: Context, row: Row, body: Any) -> Item:
    """List the ports that a trunk carries."""
    return {"sub_ports": _shown(queries.subports_of(ctx, [row["id"]]).get(row["id"], ()))}


def missing(trunk_id: str) -> Any:
    """Return what is raised for an id that no trunk has."""
    return TrunkNotFound(trunk_id=trunk_id)


TRUNK = Resource(
    member="trunk",
    collection="trunks",
    path="/trunks",
    table="network_trunks",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    sees=own_rows("network_trunks"),
    bulk=False,
)

OPERATIONS: tuple[Operation, ...] = (
    *verbs(TRUNK),
    member_action(TRUNK, "add_subports", add_subports),
    member_action(TRUNK, "remove_subports", remove_subports),
    member_action(TRUNK, "get_subports", get_subports, method="GET"),
)
