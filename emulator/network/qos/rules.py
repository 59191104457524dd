"""QoS rules: what the kinds are, and how rules of one policy get along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import converters, validators
from emulator.network.attributes import (
    FILTER,
    POST,
    PUT,
    SORT,
    Attribute,
    Attributes,
    Values,
    attr,
    attributes,
)
from emulator.network.errors import (
    PluginCannot,
    QosRuleNotFound,
    QoSRuleParameterConflict,
    QoSRulesConflict,
)
from emulator.network.qos.errors import QosRuleNotSupported
from emulator.network.resource import Item, Row
from emulator.network.standard import bump
from emulator.wire.request import Context

AMOUNT_MAX = 2147483647
DSCP_MARKS = (0, 8, *range(10, 40, 2), 40, 44, 46, 48, 56)

# Schemas

GIVEN = POST | PUT | FILTER | SORT


def _amount(name: str, **more: Any) -> Attribute:
    return attr(name, GIVEN, to=converters.integer, check=validators.number(0, AMOUNT_MAX), **more)


def _direction(*ways: str) -> Attribute:
    return attr("direction", POST | PUT, default="egress", check=validators.one_of(*ways))


WAYS = ("ingress", "egress")
APPLIED_TO = ("normal", "direct")  # the kinds of NIC whose ports the driver limits
NOT_BOUND = ("unbound", "binding_failed")
GUARANTEES = ("minimum_bandwidth", "minimum_packet_rate")  # what Placement knows of
KINDS: Mapping[str, Attributes] = {
    "bandwidth_limit": attributes(
        attr("id", FILTER | SORT),
        _amount("max_kbps"),
        _amount("max_burst_kbps", default=0),
        _direction(*WAYS),
    ),
    "dscp_marking": attributes(
        attr("id", FILTER | SORT),
        attr("dscp_mark", GIVEN, to=converters.integer, check=validators.one_of(*DSCP_MARKS)),
    ),
    "minimum_bandwidth": attributes(
        attr("id", FILTER | SORT), _amount("min_kbps"), _direction(*WAYS)
    ),
    "packet_rate_limit": attributes(
        attr("id", FILTER | SORT),
        _amount("max_kpps"),
        _amount("max_burst_kpps", default=0),
        _direction(*WAYS),
    ),
    "minimum_packet_rate": attributes(
        attr("id", FILTER | SORT), _amount("min_kpps"), _direction("any", *WAYS)
    ),
}

# View


def plain(row: Row) -> Item:
    """Return a rule as an item of its own."""
    return {name: row[name] for name in (*KINDS[row["type"]],)}


def whole(row: Row) -> Item:
    """Return a rule as a part of its policy."""
    return {**plain(row), "qos_policy_id": row["qos_policy_id"], "type": row["type"]}


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return rules as items."""
    return [plain(row) for row in rows]


def facts(ctx: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return whose the rule's policy is, for rules that are named without it."""
    owner = _owner(ctx, values.get("id"))
    return {"ext_parent:project_id": owner, "ext_parent:tenant_id": owner}


# Queries


def of_policies(ctx: Context, policy_ids: Sequence[str]) -> list[Row]:
    """Return the rules of policies."""
    marks = ", ".join("?" * len(policy_ids))
    return ctx.db.all(
        f"SELECT * FROM network_qos_rules WHERE qos_policy_id IN ({marks}) ORDER BY rowid",
        list(policy_ids),
    )


def _owner(ctx: Context, rule_id: Any) -> str | None:
    owner: str | None = ctx.db.value(
        "SELECT p.project_id FROM network_qos_rules AS r JOIN network_qos_policies AS p"
        " ON p.id = r.qos_policy_id WHERE r.id = ?",
        (rule_id,),
    )
    return owner


def _has_servers(ctx: Context, policy_id: str) -> bool:
    """Say whether ports of servers follow a policy, their own or their network's."""
    sql = (
        "SELECT 1 FROM network_ports AS p JOIN network_networks AS n ON n.id = p.network_id"
        " WHERE p.device_owner LIKE 'compute:%' AND coalesce(p.qos_policy_id, n.qos_policy_id) = ?"
    )
    return ctx.db.value(f"{sql} LIMIT 1", (policy_id,)) is not None


def check_port(ctx: Context, port: Mapping[str, Any], policy_id: str | None) -> None:
    """Refuse rules for a port of a kind that the driver cannot apply them to, if not yet bound."""
    if policy_id is None or port["binding_vnic_type"] in APPLIED_TO:
        return
    if port["binding_vif_type"] in NOT_BOUND:
        for rule in of_policies(ctx, [policy_id]):
            raise QosRuleNotSupported(rule_type=rule["type"], port_id=port["id"])


def _check_ports(ctx: Context, kind: str, policy_id: str) -> None:
    """Refuse a rule that a port which follows the policy cannot have."""
    port_id = ctx.db.value(
        "SELECT p.id FROM network_ports AS p JOIN network_networks AS n ON n.id = p.network_id"
        " WHERE coalesce(p.qos_policy_id, n.qos_policy_id) = ? AND p.binding_vnic_type"
        f" NOT IN {APPLIED_TO} AND p.binding_vif_type IN {NOT_BOUND} LIMIT 1",
        (policy_id,),
    )
    if port_id is not None:
        raise QosRuleNotSupported(rule_type=kind, port_id=port_id)


def of_kind(kind: str) -> Any:
    """Return the scope of the rules of one kind: they lie in one table."""
    return lambda ctx: ("network_qos_rules.type = ?", [kind])


# Operations


def creator(kind: str) -> Any:
    """Return the function that adds a rule of a kind to a policy."""

    def create(ctx: Context, policy: Row, values: Values) -> str:
        rule = {"type": kind, "id": None, **values}
        _check(of_policies(ctx, [policy["id"]]), policy["id"], rule, values)
        rule_id = ctx.ids.uuid()
        ctx.db.insert(
            "network_qos_rules",
            {
                **{name: value for name, value in rule.items() if name in KINDS[kind]},
                "id": rule_id,
                "type": kind,
                "qos_policy_id": policy["id"],
                "project_id": policy["project_id"],
            },
        )
        _check_ports(ctx, kind, policy["id"])
        _check_followers(ctx, kind, policy["id"])
        bump(ctx, "network_qos_policies", policy["id"])
        return rule_id

    return create


def update(ctx: Context, row: Row, values: Values) -> None:
    """Change a rule."""
    rule = {**dict(row), **values}
    others = [each for each in of_policies(ctx, [row["qos_policy_id"]]) if each["id"] != row["id"]]
    _check(others, row["qos_policy_id"], rule, values)
    _check_followers(ctx, row["type"], row["qos_policy_id"])
    if values:
        ctx.db.update("network_qos_rules", row["id"], **values)
        bump(ctx, "network_qos_policies", row["qos_policy_id"])


def delete(ctx: Context, row: Row) -> None:
    """Remove a rule."""
    _check_followers(ctx, row["type"], row["qos_policy_id"])
    ctx.db.delete("network_qos_rules", row["id"])
    bump(ctx, "network_qos_policies", row["qos_policy_id"])


def _check_followers(ctx: Context, kind: str, policy_id: str) -> None:
    """Refuse to change what servers' ports may hold of Placement, whether they do or not."""
    if kind in GUARANTEES and _has_servers(ctx, policy_id):
        raise PluginCannot(
            "Cannot update QoS policies/rules backed by resources tracked in Placement"
        )


def _check(
    others: Sequence[Row], policy_id: str, rule: Mapping[str, Any], given: Mapping[str, Any]
) -> None:
    """Refuse a rule that says again, or against, what another of the policy says."""
    for other in others:
        way = given.get("direction")
        if other["type"] != "dscp_marking" and (not way or other["direction"] == way):
            _check_amounts(other, policy_id, given)
    alike = [other for other in others if other["type"] == rule["type"]]
    for other in alike:
        ways = {other["direction"], rule.get("direction")}
        if rule["type"] == "minimum_packet_rate" and "any" in ways and len(ways) > 1:
            raise QoSRuleParameterConflict(
                rule_value=rule["direction"],
                policy_id=policy_id,
                existing_rule=other["type"],
                existing_value=other["direction"],
            )
    for other in alike:
        if other["direction"] == rule.get("direction"):
            raise QoSRulesConflict(
                new_rule_type=rule["type"], rule_id=other["id"], policy_id=policy_id
            )


def _check_amounts(other: Row, policy_id: str, given: Mapping[str, Any]) -> None:
    """Refuse a guarantee of more than the limit."""
    if "min_kbps" in given and other["type"] == "bandwidth_limit":
        value, known = given["min_kbps"], other["max_kbps"]
        wrong = value > known
    elif "max_kbps" in given and other["type"] == "minimum_bandwidth":
        value, known = given["max_kbps"], other["min_kbps"]
        wrong = value < known
    else:
        return
    if wrong:
        raise QoSRuleParameterConflict(
            rule_value=value,
            policy_id=policy_id,
            existing_rule=other["type"],
            existing_value=known,
        )


def missing_in(rule_id: str) -> Any:
    """Return what is raised for an id that no rule has."""
    return QosRuleNotFound(policy_id="", rule_id=rule_id)
