"""QoS policies: named sets of rules that networks, ports and floating IPs follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from emulator.network import converters, sharing, validators
from emulator.network.attributes import (
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
    QoSPolicyDefaultAlreadyExists,
    QosPolicyInUse,
    QosPolicyNotFound,
)
from emulator.network.listing import anything
from emulator.network.qos import rules
from emulator.network.resource import Item, Resource, Row
from emulator.network.standard import change, fresh, raw, times
from emulator.wire.request import Context

USERS = (
    ("network", "network_networks", "qos_policy_id"),
    ("port", "network_ports", "qos_policy_id"),
    ("floatingip", "network_floatingips", "qos_policy_id"),
    ("router", "network_routers", "gateway_qos_policy_id"),
)

# Schemas

ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("name", POST | PUT | FILTER | SORT, default="", check=validators.name()),
    attr("shared", POST | PUT | FILTER, default=False, to=converters.boolean),
    attr("tenant_id", POST | FILTER | SORT, check=validators.string(255)),
    attr("rules", 0),
    attr("is_default", POST | PUT | FILTER, default=False, to=converters.boolean),
    attr("description", POST | PUT | FILTER, default="", check=validators.string(255)),
    *NEUTRON_TIMES,
    *TAG_FILTERS,
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return policies as items, with their rules."""
    own: dict[str, list[Item]] = defaultdict(list)
    for rule in rules.of_policies(ctx, [row["id"] for row in rows]):
        own[rule["qos_policy_id"]].append(rules.whole(rule))
    return [
        {
            "id": row["id"],
            "project_id": row["project_id"],
            "tenant_id": row["project_id"],
            "name": row["name"],
            "shared": bool(row["shared"]),
            "rules": own[row["id"]],
            "is_default": bool(row["is_default"]),
            "description": row["description"],
            "tags": raw(row["tags"]),
            **times(row),
        }
        for row in rows
    ]


# Queries


def _default_of(ctx: Context, project_id: str) -> str | None:
    found: str | None = ctx.db.value(
        "SELECT id FROM network_qos_policies WHERE project_id = ? AND is_default = 1",
        (project_id,),
    )
    return found


def _user_of(ctx: Context, policy_id: str) -> tuple[str, str] | None:
    """Return kind and id of something that follows a policy."""
    for kind, table, column in USERS:
        found = ctx.db.value(f"SELECT id FROM {table} WHERE {column} = ?", (policy_id,))
        if found is not None:
            return kind, found
    return None


# Operations


def _check_default(ctx: Context, project_id: str) -> None:
    if _default_of(ctx, project_id) is not None:
        raise QoSPolicyDefaultAlreadyExists(project_id=project_id)


def create(ctx: Context, values: Values) -> str:
    """Create a policy; return its id."""
    if values["is_default"]:
        _check_default(ctx, values["project_id"])
    row = {
        **fresh(ctx, values, int(values["is_default"])),
        "name": values["name"],
        "is_default": int(values["is_default"]),
    }
    ctx.db.insert("network_qos_policies", row)
    if values["shared"]:
        sharing.grant(ctx, row, "qos_policy", sharing.SHARED)
    policy_id: str = row["id"]
    return policy_id


def update(ctx: Context, row: Row, values: Values) -> None:
    """Change a policy."""
    wanted: Values = {n: values[n] for n in ("name", "description") if n in values}
    if "shared" in values:
        sharing.set_shared(ctx, row, "qos_policy", values["shared"])
    if "is_default" in values:
        if values["is_default"] and not row["is_default"]:
            _check_default(ctx, row["project_id"])
        wanted["is_default"] = int(values["is_default"])
    change(ctx, "network_qos_policies", row, wanted)


def delete(ctx: Context, row: Row) -> None:
    """Delete a policy that nothing follows."""
    user = _user_of(ctx, row["id"])
    if user is not None:
        raise QosPolicyInUse(policy_id=row["id"], object_type=user[0], object_id=user[1])
    ctx.db.delete("network_qos_rules", row["id"], "qos_policy_id")
    sharing.forget(ctx, row["id"])
    ctx.db.delete("network_qos_policies", row["id"])


def missing(policy_id: str) -> Any:
    """Return what is raised for an id that no policy has."""
    return QosPolicyNotFound(policy_id=policy_id)


POLICY = Resource(
    member="policy",
    collection="policies",
    path="/qos/policies",
    table="network_qos_policies",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    sees=sharing.own_or_granted("network_qos_policies", "qos_policy"),
    columns=sharing.shared_column("network_qos_policies"),
    filters={"shared": sharing.is_shared("network_qos_policies"), "is_default": anything},
    facts_differ_by=("project_id", "shared"),
)
