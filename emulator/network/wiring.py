"""Ports that are wired and floating IPs that are led to one, where that takes time or goes wrong.

Agents do both at once, unless a stage of a lifecycle is about a port or a floating IP: then a port
is BUILD until it is wired (Neutron 29.0.0, ML2's get_device_details), and a floating IP DOWN until
the L3 agent reports it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.identity import owners
from emulator.simulation.transition import Arguments, Machine, Step, Transition
from emulator.wire.request import Context

PORT, FLOATINGIP = "port", "floatingip"
ACTIVE, BUILD, DOWN, ERROR = "ACTIVE", "BUILD", "DOWN", "ERROR"

# Queries


def _change(ctx: Context, table: str, key: str, status: str, before: Iterable[str]) -> None:
    """Give a port or a floating IP a status, if it still has one of those before, and a use."""
    known = list(before)
    used = " AND port_id IS NOT NULL" if table == "floatingips" else ""
    ctx.db.execute(
        f"UPDATE network_{table} SET status = ?, updated_at = ?,"
        " revision_number = revision_number + 1"
        f" WHERE id = ? AND status IN ({', '.join('?' * len(known))}){used}",
        (status, ctx.timestamp, key, *known),
    )


# Beginning


def takes_time(ctx: Context, kind: str) -> bool:
    """Say whether a stage is about ports, or about floating IPs."""
    rules = ctx.engine.rules
    return rules is not None and any(stage.resource == kind for stage in rules.stages)


def heed(ctx: Context, kind: str, ids: Iterable[str]) -> None:
    """Let ports or floating IPs that are about to be ACTIVE take their time, if a stage says so."""
    for each in ids if takes_time(ctx, kind) else ():
        ctx.engine.cancel(kind, each)
        ctx.engine.begin(ctx, kind, TRANSITIONS[kind], each, ids=f"{kind}{each}")


def forget(ctx: Context, kind: str, id: str) -> None:
    """Take note that a port or a floating IP is gone."""
    ctx.engine.cancel(kind, id)


# Lifecycle

TRANSITIONS = {PORT: "wire", FLOATINGIP: "associate"}


def _machine(kind: str, table: str, passing: str, fails_to: str) -> Machine:
    def load(ctx: Context, key: str) -> Any:
        return ctx.db.get(f"network_{table}", key)

    def enter(ctx: Context, key: str, change: Transition, step: Step, given: Arguments) -> None:
        ctx.db.update(f"network_{table}", key, status=step.state)

    def finish(ctx: Context, key: str, change: Transition, given: Arguments) -> None:
        _change(ctx, table, key, change.to, [passing])

    def fail(
        ctx: Context, key: str, change: Transition, step: Step, given: Arguments, message: str
    ) -> None:
        _change(ctx, table, key, change.fails_to, [passing])

    def breaks(ctx: Context, key: str, message: str) -> None:
        _change(ctx, table, key, ERROR, [ACTIVE])

    def facts(ctx: Context, key: str) -> Mapping[str, Any]:
        row = load(ctx, key)
        return {} if row is None else {"id": key, **owners.facts(ctx, row), **_of(kind, row)}

    made = Machine(kind, load, enter, finish, fail, facts=facts, broken=ERROR, breaks=breaks)
    made.add(Transition(TRANSITIONS[kind], (Step(passing),), to=ACTIVE, fails_to=fails_to))
    return made


def _of(kind: str, row: Any) -> Mapping[str, Any]:
    if kind == PORT:
        return {"name": row["name"], "host": row["binding_host_id"]}
    return {"name": row["floating_ip_address"]}


MACHINES = (
    _machine(PORT, "ports", BUILD, DOWN),
    _machine(FLOATINGIP, "floatingips", DOWN, ERROR),
)
MACHINES[0].add_fault(
    "port-stays-down",
    "A port that is plugged in is not wired: it stays DOWN.",
    transition="wire",
    outcome="fail",
)
MACHINES[1].add_fault(
    "floating-ip-error",
    "A floating IP that is led to a port ends in ERROR.",
    transition="associate",
    outcome="fail",
)
