"""RBAC policies: grants of one project's resources to others, as resources of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.errors import EmulatorError
from emulator.network import sharing, validators
from emulator.network.attributes import (
    ENFORCE,
    FILTER,
    POST,
    PUT,
    Values,
    attr,
    attributes,
)
from emulator.network.errors import (
    AddressGroupNotFound,
    AddressScopeNotFound,
    DuplicateRbacPolicy,
    InvalidActionForType,
    InvalidInput,
    NetworkNotFound,
    QosPolicyNotFound,
    RbacPolicyInUse,
    RbacPolicyNotFound,
    SecurityGroupNotFound,
    SubnetPoolNotFound,
)
from emulator.network.listing import Pages
from emulator.network.resource import Item, Resource, Row, own_rows
from emulator.network.standard import bump
from emulator.wire.request import Context

SHARED_ONLY = (sharing.SHARED,)
OBJECTS: Mapping[str, tuple[str, type[EmulatorError], str, tuple[str, ...]]] = {
    "network": ("network_networks", NetworkNotFound, "net_id", (sharing.SHARED, sharing.EXTERNAL)),
    "qos_policy": ("network_qos_policies", QosPolicyNotFound, "policy_id", SHARED_ONLY),
    "security_group": ("network_security_groups", SecurityGroupNotFound, "id", SHARED_ONLY),
    "address_scope": (
        "network_address_scopes", AddressScopeNotFound, "address_scope_id", SHARED_ONLY,
    ),
    "subnetpool": ("network_subnetpools", SubnetPoolNotFound, "subnetpool_id", SHARED_ONLY),
    "address_group": (
        "network_address_groups", AddressGroupNotFound, "address_group_id", SHARED_ONLY,
    ),
}  # fmt: skip

# Schemas


def object_type(value: Any) -> Any:
    """Accept a kind of resource that can be shared."""
    if not isinstance(value, str) or value not in OBJECTS:
        raise InvalidInput(
            error_message=f"'{value}' is not a valid RBAC object type",
        )
    return value


def target(value: Any) -> str | None:
    """Accept a project's id, or * for everyone."""
    if value != sharing.EVERYONE and validators.uuid(value) is not None:
        raise InvalidInput(
            error_message=f"'{value}' is not a valid target project ID; expected a UUID or '*'"
        )
    return None


ATTRIBUTES = attributes(
    attr("id", FILTER),
    attr("object_type", POST | FILTER | ENFORCE, default=None, to=object_type),
    attr("object_id", POST | FILTER | ENFORCE, check=validators.uuid),
    attr("target_tenant", POST | PUT | FILTER | ENFORCE, check=target),
    attr("tenant_id", POST | FILTER, check=validators.string(255)),
    attr("action", POST | FILTER | ENFORCE, check=validators.string(255)),
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return grants as items."""
    return [
        {
            "id": row["id"],
            "project_id": row["project_id"],
            "tenant_id": row["project_id"],
            "action": row["action"],
            "object_id": row["object_id"],
            "target_tenant": row["target_tenant"],
            "object_type": row["object_type"],
        }
        for row in rows
    ]


# Queries


def _object(ctx: Context, kind: str, object_id: str) -> Row:
    """Return the resource of a grant, where the caller owns it."""
    table, missing_error, name, _ = OBJECTS[kind]
    row = ctx.db.get(table, object_id)
    if row is None or not (ctx.is_admin or row["project_id"] == ctx.project_id):
        facts: dict[str, Any] = {name: object_id}
        raise missing_error(**facts)
    return row


def _exists(ctx: Context, values: Mapping[str, Any]) -> bool:
    return sharing.granted(ctx, values["object_id"], values["action"], values["target_tenant"])


USERS: Mapping[str, str] = {
    "network": (
        "SELECT 1 FROM network_ports WHERE network_id = :id AND project_id NOT IN ('', :owner)"
        " AND (:target = '*' OR project_id = :target)"
        " AND NOT EXISTS (SELECT 1 FROM network_rbac_policies AS other WHERE other.object_id = :id"
        " AND other.id != :grant AND other.action = :action"
        " AND other.target_tenant IN ('*', network_ports.project_id))"
    ),
    "security_group": (
        "SELECT 1 FROM network_port_security_groups AS b JOIN network_ports AS p"
        " ON p.id = b.port_id WHERE b.security_group_id = :id AND p.project_id != :owner"
        " AND (:target = '*' OR p.project_id = :target)"
    ),
    "qos_policy": (
        "SELECT 1 FROM network_ports WHERE qos_policy_id = :id AND project_id != :owner"
        " AND (:target = '*' OR project_id = :target) UNION"
        " SELECT 1 FROM network_networks WHERE qos_policy_id = :id AND project_id != :owner"
        " AND (:target = '*' OR project_id = :target)"
    ),
}


def _is_used(ctx: Context, row: Row) -> bool:
    """Say whether somebody uses a resource only because of a grant."""
    sql = USERS.get(row["object_type"])
    if sql is None:
        return False
    values = {
        "id": row["object_id"],
        "owner": row["project_id"],
        "target": row["target_tenant"],
        "grant": row["id"],
        "action": row["action"],
    }
    return bool(ctx.db.value(sql, values))


# Operations


def create(ctx: Context, values: Values) -> str:
    """Grant a resource; return the grant's id."""
    kind, action = values["object_type"], values["action"]
    owner = _object(ctx, kind, values["object_id"])
    actions = OBJECTS[kind][3]
    if action not in actions:
        raise InvalidActionForType(object_type=kind, action=action, valid_actions=actions)
    if _exists(ctx, values):
        raise DuplicateRbacPolicy()
    row = {
        "id": ctx.ids.uuid(),
        "project_id": values["project_id"],
        "object_type": kind,
        "object_id": values["object_id"],
        "target_tenant": values["target_tenant"],
        "action": action,
    }
    ctx.db.insert("network_rbac_policies", row)
    _revise(ctx, row)
    if action == sharing.EXTERNAL and not owner["router_external"]:
        ctx.db.update("network_networks", owner["id"], router_external=1)
    grant_id: str = row["id"]
    return grant_id


def _revise(ctx: Context, row: Mapping[str, Any]) -> None:
    """Give what is granted a new revision: only networks have one for that."""
    if row["object_type"] == "network":
        bump(ctx, "network_networks", row["object_id"])


def _refuse_used(ctx: Context, row: Row) -> None:
    if _is_used(ctx, row):
        raise RbacPolicyInUse(
            object_id=row["object_id"],
            details=f"Callback failed: {row['object_type']} is in use by other projects",
        )


def update(ctx: Context, row: Row, values: Values) -> None:
    """Grant to another project."""
    wanted = values.get("target_tenant", row["target_tenant"])
    if wanted != row["target_tenant"]:
        if wanted != sharing.EVERYONE:
            _refuse_used(ctx, row)
        ctx.db.update("network_rbac_policies", row["id"], target_tenant=wanted)
        _revise(ctx, row)


def delete(ctx: Context, row: Row) -> None:
    """Take a grant back. RbacPolicyInUse while somebody uses the resource because of it."""
    _refuse_used(ctx, row)
    ctx.db.delete("network_rbac_policies", row["id"])
    _revise(ctx, row)


def missing(grant_id: str) -> Any:
    """Return what is raised for an id that no grant has."""
    return RbacPolicyNotFound(id=grant_id, object_type="unknown")


RBAC_POLICY = Resource(
    member="rbac_policy",
    collection="rbac_policies",
    path="/rbac-policies",
    table="network_rbac_policies",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    sees=own_rows("network_rbac_policies"),
    pages=Pages.NONE,
)
