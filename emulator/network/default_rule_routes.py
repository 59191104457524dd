"""Default security group rules as a resource, and whether new groups are stateful."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.network import converters, default_rules, security_group_rules, validators
from emulator.network.attributes import FILTER, POST, PUT, SORT, Values, attr, attributes
from emulator.network.errors import (
    SecurityGroupDefaultStatefulnessAlreadyExists,
    SecurityGroupDefaultStatefulnessNotFound,
)
from emulator.network.resource import Item, Resource, Row, own_rows
from emulator.network.standard import picked
from emulator.wire.request import Context

# Schemas

FOUND = POST | FILTER | SORT
RULE_ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("description", POST | PUT | FILTER, default="", check=validators.string(255)),
    attr("remote_group_id", FOUND, default=None),
    attr("direction", FOUND, check=validators.one_of("ingress", "egress")),
    attr("protocol", FOUND, default=None, to=security_group_rules.protocol),
    attr("port_range_min", FOUND, default=None, to=security_group_rules.port_number),
    attr("port_range_max", FOUND, default=None, to=security_group_rules.port_number),
    attr("ethertype", FOUND, default="IPv4", to=converters.ethertype),
    attr("remote_ip_prefix", FOUND, default=None, to=security_group_rules.prefix),
    attr("remote_address_group_id", FOUND, default=None),
    attr("used_in_default_sg", FOUND, to=converters.boolean),
    attr("used_in_non_default_sg", FOUND, to=converters.boolean),
)
STATEFULNESS_ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("project_id", FOUND, check=validators.string(255)),
    attr("stateful", POST | PUT | FILTER | SORT, default=True, to=converters.boolean),
)

DEFAULT_RULE = Resource(
    member="default_security_group_rule",
    collection="default_security_group_rules",
    path="/default-security-group-rules",
    table="network_default_security_group_rules",
    attributes=RULE_ATTRIBUTES,
    missing=default_rules.missing,
    view=default_rules.view,
    create=default_rules.creator(security_group_rules.check),
    delete=default_rules.delete,
    arrive=default_rules.arrive,
    bulk=False,
    facts_differ_by=(),
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return the choices of projects as items."""
    return [{**picked(row, "id", "project_id"), "stateful": bool(row["stateful"])} for row in rows]


# Operations


def create(ctx: Context, values: Values) -> str:
    """Choose for a project whether its new groups are stateful; return the choice's id."""
    project_id = values["project_id"]
    if ctx.db.get("network_default_statefulness", project_id, "project_id") is not None:
        raise SecurityGroupDefaultStatefulnessAlreadyExists(project_id=project_id)
    row = {
        "id": ctx.ids.uuid(),
        "project_id": project_id,
        "stateful": int(values["stateful"]),
    }
    ctx.db.insert("network_default_statefulness", row)
    choice_id: str = row["id"]
    return choice_id


def update(ctx: Context, row: Row, values: Values) -> None:
    """Choose otherwise."""
    if "stateful" in values:
        ctx.db.update("network_default_statefulness", row["id"], stateful=int(values["stateful"]))


def delete(ctx: Context, row: Row) -> None:
    """Forget the choice."""
    ctx.db.delete("network_default_statefulness", row["id"])


def missing(choice_id: str) -> Any:
    """Return what is raised for an id that no choice has."""
    return SecurityGroupDefaultStatefulnessNotFound(id=choice_id)


STATEFULNESS = Resource(
    member="security_groups_default_statefulness",
    collection="security_groups_default_statefulness",
    path="/security-groups-default-statefulness",
    table="network_default_statefulness",
    attributes=STATEFULNESS_ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    sees=own_rows("network_default_statefulness"),
    bulk=False,
)
