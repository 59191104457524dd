"""QoS: its operations; five kinds of rules under their policies, and by their own ids."""

from __future__ import annotations

from typing import Any

from emulator.network import converters, listing, permission
from emulator.network.attributes import FILTER, HIDDEN, attr, attributes
from emulator.network.errors import HTTPBadRequest, NotAuthorized
from emulator.network.qos import rules
from emulator.network.qos.policies import POLICY
from emulator.network.resource import Parent, Resource, verbs
from emulator.wire.operation import Operation, op
from emulator.wire.request import Context

DRIVER = "openvswitch"


def _nested(kind: str) -> Resource:
    """Return the rules of a kind as they stand under a policy."""
    return Resource(
        member=f"{kind}_rule",
        collection=f"{kind}_rules",
        path=f"/qos/policies/{{id}}/{kind}_rules",
        table="network_qos_rules",
        attributes=rules.KINDS[kind],
        missing=rules.missing_in,
        view=rules.view,
        create=rules.creator(kind),
        update=rules.update,
        delete=rules.delete,
        kept=rules.of_kind(kind),
        rule=f"policy_{kind}_rule",
        parent=Parent(POLICY, "qos_policy_id"),
    )


def _alias(kind: str) -> Resource:
    """Return the rules of a kind as they are reached without their policy."""
    return Resource(
        member=f"alias_{kind}_rule",
        collection=f"alias_{kind}_rules",
        path=f"/qos/alias_{kind}_rules",
        table="network_qos_rules",
        attributes=rules.KINDS[kind],
        missing=rules.missing_in,
        view=rules.view,
        update=rules.update,
        delete=rules.delete,
        kept=rules.of_kind(kind),
        facts=rules.facts,
        facts_differ_by=("id",),
    )


ALIASED = ("bandwidth_limit", "dscp_marking", "minimum_bandwidth", "minimum_packet_rate")


def index_types(ctx: Context) -> dict[str, Any]:
    """List the kinds of rules."""
    known = attributes(
        attr("type", 0),
        attr("drivers", 0),
        attr("all_rules", HIDDEN | FILTER, to=converters.boolean),
        attr("all_supported", HIDDEN | FILTER, to=converters.boolean),
    )
    found = listing.plain(ctx, known, [{"type": kind} for kind in rules.KINDS])
    if not ctx.can("get_rule_type", ctx.own_target):
        return {"rule_types": []}
    return {"rule_types": found}


def show_type(ctx: Context, name: str) -> dict[str, Any]:
    """Show a kind of rules, with what of it is supported; admins only."""
    if not ctx.is_admin:
        raise NotAuthorized()
    if not ctx.can("get_rule_type", ctx.own_target):
        raise permission.forbidden("get_rule_type")
    attributes = rules.KINDS.get(name)
    if attributes is None:
        raise HTTPBadRequest(f"Unknown rule type {name}")
    supported = [
        {
            "parameter_name": each,
            "parameter_type": "range" if each != "direction" else "choices",
            "parameter_values": {"start": 0, "end": rules.AMOUNT_MAX}
            if each != "direction"
            else ["ingress", "egress"],
        }
        for each in attributes
        if each != "id"
    ]
    drivers = [{"name": DRIVER, "supported_parameters": supported}]
    return {"rule_type": {"type": name, "drivers": drivers}}


OPERATIONS: tuple[Operation, ...] = (
    *verbs(POLICY),
    op("GET", "/qos/rule-types", index_types),
    op("GET", "/qos/rule-types/{name}", show_type),
    *(row for kind in rules.KINDS for row in verbs(_nested(kind))),
    *(row for kind in ALIASED for row in verbs(_alias(kind)) if "{id}" in row.path),
)
