"""Metering: labels, and rules of what traffic counts under them."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import converters, validators
from emulator.network.attributes import FILTER, POST, SORT, Values, attr, attributes
from emulator.network.errors import (
    HTTPBadRequest,
    MeteringLabelNotFound,
    MeteringLabelRuleNotFound,
    MeteringLabelRuleOverlaps,
)
from emulator.network.listing import Pages
from emulator.network.resource import Item, Resource, Row, Where, own_rows
from emulator.wire.request import Context

# Schemas

LABEL_ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("name", POST | FILTER | SORT, default="", check=validators.name()),
    attr("description", POST | FILTER | SORT, default="", check=validators.string(1024)),
    attr("tenant_id", POST | FILTER | SORT, check=validators.string(255)),
    attr("shared", POST | FILTER | SORT, default=False, to=converters.boolean),
)


def prefix(value: Any) -> Any:
    """Return a CIDR as text, null as it is; an address is a prefix of its whole length."""
    if value is None:
        return None
    try:
        found = ipaddress.ip_network(str(value), strict=False)
    except ValueError:
        raise HTTPBadRequest(f"'{value}' is not a valid IP subnet") from None
    return str(value) if "/" in str(value) else str(found)


PREFIXED = POST | FILTER | SORT
RULE_ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("metering_label_id", PREFIXED, check=validators.uuid),
    attr("direction", PREFIXED, check=validators.one_of("ingress", "egress")),
    attr("excluded", PREFIXED, default=False, to=converters.boolean),
    attr("remote_ip_prefix", PREFIXED, default=None, to=prefix, filter_to=list),
    attr("tenant_id", POST, check=validators.string(255)),
    attr("source_ip_prefix", PREFIXED, default=None, to=prefix, filter_to=list),
    attr("destination_ip_prefix", PREFIXED, default=None, to=prefix, filter_to=list),
)

# View


def view_labels(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return labels as items."""
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "description": row["description"],
            "shared": bool(row["shared"]),
            "project_id": row["project_id"],
            "tenant_id": row["project_id"],
        }
        for row in rows
    ]


def view_rules(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return rules as items; whose they are is not shown (Neutron 29.0.0, metering_db)."""
    return [
        {
            "id": row["id"],
            "metering_label_id": row["metering_label_id"],
            "direction": row["direction"],
            "excluded": bool(row["excluded"]),
            "remote_ip_prefix": row["remote_ip_prefix"],
            "source_ip_prefix": row["source_ip_prefix"],
            "destination_ip_prefix": row["destination_ip_prefix"],
        }
        for row in rows
    ]


def facts(ctx: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return whose a rule is."""
    if "project_id" in values:
        return {}
    row = ctx.db.get("network_metering_label_rules", values.get("id"))
    return {"project_id": row["project_id"], "tenant_id": row["project_id"]}


# Queries


def _sees_labels(ctx: Context) -> Where:
    return (
        "network_metering_labels.project_id = ? OR network_metering_labels.shared = 1",
        [ctx.project_id],
    )


def _rules_of(ctx: Context, label_id: str) -> list[Row]:
    return ctx.db.all(
        "SELECT * FROM network_metering_label_rules WHERE metering_label_id = ?", (label_id,)
    )


# Operations


def create_label(ctx: Context, values: Values) -> str:
    """Create a label; return its id."""
    label_id = ctx.ids.uuid()
    ctx.db.insert(
        "network_metering_labels",
        {
            "id": label_id,
            "project_id": values["project_id"],
            "name": values["name"],
            "description": values["description"],
            "shared": int(values["shared"]),
        },
    )
    return label_id


def delete_label(ctx: Context, row: Row) -> None:
    """Delete a label with its rules."""
    ctx.db.delete("network_metering_label_rules", row["id"], "metering_label_id")
    ctx.db.delete("network_metering_labels", row["id"])


def create_rule(ctx: Context, values: Values) -> str:
    """Create a rule; return its id. MeteringLabelRuleOverlaps when one counts the same."""
    label_id = values["metering_label_id"]
    label = ctx.db.get("network_metering_labels", label_id)
    if label is None:
        raise MeteringLabelNotFound(label_id=label_id)
    remote, source, destination = (
        values["remote_ip_prefix"],
        values["source_ip_prefix"],
        values["destination_ip_prefix"],
    )
    if remote is not None and (source is not None or destination is not None):
        raise HTTPBadRequest(
            "Cannot use 'remote-ip-prefix' in conjunction with 'source-ip-prefix' or"
            " 'destination-ip-prefix'."
        )
    if remote is source is destination is None:
        raise HTTPBadRequest(
            "At least one of the parameters: 'source-ip-prefix', 'destination-ip-prefix',"
            " 'remote-ip-prefix' must be set."
        )
    for other in _rules_of(ctx, label_id):
        if other["direction"] == values["direction"] and _overlap(
            other["remote_ip_prefix"], remote
        ):
            raise MeteringLabelRuleOverlaps(remote_ip_prefix=remote)
    rule_id = ctx.ids.uuid()
    ctx.db.insert(
        "network_metering_label_rules",
        {
            "id": rule_id,
            "project_id": label["project_id"],
            "metering_label_id": label_id,
            "direction": values["direction"],
            "excluded": int(values["excluded"]),
            "remote_ip_prefix": remote,
            "source_ip_prefix": source,
            "destination_ip_prefix": destination,
        },
    )
    return rule_id


def _overlap(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return False
    first = ipaddress.ip_network(one, strict=False)
    second = ipaddress.ip_network(other, strict=False)
    return first.version == second.version and first.overlaps(second)


def delete_rule(ctx: Context, row: Row) -> None:
    """Delete a rule."""
    ctx.db.delete("network_metering_label_rules", row["id"])


def label_missing(label_id: str) -> Any:
    """Return what is raised for an id that no label has."""
    return MeteringLabelNotFound(label_id=label_id)


def rule_missing(rule_id: str) -> Any:
    """Return what is raised for an id that no rule has."""
    return MeteringLabelRuleNotFound(rule_id=rule_id)


LABEL = Resource(
    member="metering_label",
    collection="metering_labels",
    path="/metering/metering-labels",
    table="network_metering_labels",
    attributes=LABEL_ATTRIBUTES,
    missing=label_missing,
    view=view_labels,
    create=create_label,
    delete=delete_label,
    sees=_sees_labels,
    pages=Pages.EMULATED,
    keeps_fields=True,
)
RULE = Resource(
    member="metering_label_rule",
    collection="metering_label_rules",
    path="/metering/metering-label-rules",
    table="network_metering_label_rules",
    attributes=RULE_ATTRIBUTES,
    missing=rule_missing,
    view=view_rules,
    create=create_rule,
    delete=delete_rule,
    sees=own_rows("network_metering_label_rules"),
    facts=facts,
    facts_differ_by=("id",),
    pages=Pages.EMULATED,
    beside_fields=(
        "direction",
        "excluded",
        "remote_ip_prefix",
        "source_ip_prefix",
        "destination_ip_prefix",
    ),
)
