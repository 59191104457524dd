"""Default security group rules: templates of what every new group begins with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emulator.network.errors import (
    DefaultSecurityGroupRuleExists,
    DefaultSecurityGroupRuleNotFound,
)
from emulator.network.standard import picked
from emulator.wire.request import Context

Row = Any

PARENT = "PARENT"  # as remote_group_id: the new group itself
SHOWN = (
    "id", "ethertype", "direction", "protocol", "port_range_min", "port_range_max",
    "remote_ip_prefix", "remote_address_group_id", "remote_group_id", "description",
)  # fmt: skip
SAME = (*SHOWN[1:-1],)
STOCK = tuple(
    (direction, ethertype) for direction in ("egress", "ingress") for ethertype in ("IPv4", "IPv6")
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return templates as items."""
    return [
        {
            **picked(row, *SHOWN),
            "used_in_default_sg": bool(row["used_in_default_sg"]),
            "used_in_non_default_sg": bool(row["used_in_non_default_sg"]),
        }
        for row in rows
    ]


# Queries


def _all(ctx: Context) -> list[Row]:
    return ctx.db.all("SELECT * FROM network_default_security_group_rules ORDER BY rowid")


def _are_made(ctx: Context) -> bool:
    return bool(ctx.db.value("SELECT value FROM network_facts WHERE name = 'default rules'"))


def _forget(ctx: Context) -> None:
    ctx.db.execute("DELETE FROM network_default_security_group_rules")


# Operations


def for_group(ctx: Context, *, default: bool) -> list[Row]:
    """Return the templates that a new group follows."""
    arrive(ctx)
    name = "used_in_default_sg" if default else "used_in_non_default_sg"
    return [row for row in _all(ctx) if row[name]]


def arrive(ctx: Context) -> None:
    """Make the four templates of a new cloud when they are first asked for."""
    if _are_made(ctx):
        return
    ctx.db.insert("network_facts", {"name": "default rules", "value": "made"})
    for direction, ethertype in STOCK:
        _insert(
            ctx,
            {
                "direction": direction,
                "ethertype": ethertype,
                "remote_group_id": PARENT if direction == "ingress" else None,
                "used_in_default_sg": 1,
                "used_in_non_default_sg": int(direction == "egress"),
            },
        )


def replace(ctx: Context, rules: Sequence[Mapping[str, Any]]) -> None:
    """Let new groups follow other templates than the four stock ones."""
    arrive(ctx)
    _forget(ctx)
    usual = {"used_in_default_sg": 1, "used_in_non_default_sg": 1}
    for rule in rules:
        _insert(ctx, {**usual, **rule})


def _insert(ctx: Context, values: dict[str, Any]) -> str:
    now, rule_id = ctx.timestamp, ctx.ids.uuid()
    ctx.db.insert(
        "network_default_security_group_rules",
        {"id": rule_id, "created_at": now, "updated_at": now, "revision_number": 0, **values},
    )
    return rule_id


def creator(check: Callable[[Any], None]) -> Callable[[Context, dict[str, Any]], str]:
    """Return the function that adds a template that `check` lets through."""

    def create(ctx: Context, values: dict[str, Any]) -> str:
        check(values)
        row = {name: values.get(name) for name in (*SAME, "description")}
        for name in ("used_in_default_sg", "used_in_non_default_sg"):
            row[name] = int(values[name])
        for other in _all(ctx):
            if all(other[name] == row[name] for name in row if name != "description"):
                raise DefaultSecurityGroupRuleExists(rule_id=other["id"])
        return _insert(ctx, row)

    return create


def delete(ctx: Context, row: Row) -> None:
    """Remove a template; groups that are there keep their rules."""
    ctx.db.delete("network_default_security_group_rules", row["id"])


def missing(rule_id: str) -> Any:
    """Return what is raised for an id that no template has."""
    return DefaultSecurityGroupRuleNotFound(id=rule_id)
