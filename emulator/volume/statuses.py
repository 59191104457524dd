"""Lifecycles of what Cinder shows by a `status` alone: snapshots, backups, groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.identity import owners
from emulator.simulation import rules
from emulator.simulation.transition import Arguments, Machine, Step, Transition
from emulator.wire.request import Context


def facts(ctx: Context, row: Any) -> Mapping[str, Any]:
    """Return what stages of lifecycles can match of a row."""
    if row is None:
        return {}
    has = row.keys()
    kind = ctx.db.get("volume_types", row["type_id"]) if "type_id" in has else None
    return {
        "id": row["id"],
        "name": row["name"],
        **owners.facts(ctx, row),
        "host": row["host"] if "host" in has else None,
        "zone": row["availability_zone"] if "availability_zone" in has else None,
        "volume_type": () if kind is None else (kind["id"], kind["name"]),
        "metadata": orjson.loads(row["metadata"]) if "metadata" in has else {},
    }


def metadata_text(ctx: Context, metadata: Mapping[str, Any] | None) -> str:
    """Return metadata as a column holds it; what it says of a lifecycle is heeded."""
    rules.heed(ctx, metadata or {})
    return orjson.dumps(metadata or {}).decode()


def machine(
    kind: str,
    table: str,
    *transitions: Transition,
    updates: bool = False,
    finished: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> Machine:
    """Return the machine of a table: steps, and the ends of its transitions, are its status.

    `updates` says whether an end is an update of the row, `finished` what else a good end sets,
    `reason` the column that says why a transition failed.
    """

    def set_status(ctx: Context, key: str, status: str | None, more: Mapping[str, Any]) -> None:
        moment = {"updated_at": ctx.timestamp} if updates else {}
        ctx.db.update(table, key, status=status, **more, **moment)

    def load(ctx: Context, key: str) -> Any:
        return ctx.db.get(table, key)

    def enter(ctx: Context, key: str, change: Transition, step: Step, given: Arguments) -> None:
        ctx.db.update(table, key, status=step.state)

    def finish(ctx: Context, key: str, change: Transition, given: Arguments) -> None:
        if change.to is not None:
            set_status(ctx, key, change.to, finished or {})

    def fail(
        ctx: Context, key: str, change: Transition, step: Step, given: Arguments, message: str
    ) -> None:
        set_status(ctx, key, change.fails_to, {reason: message} if reason else {})

    def known(ctx: Context, key: str) -> Mapping[str, Any]:
        return facts(ctx, load(ctx, key))

    def breaks(ctx: Context, key: str, message: str) -> None:
        set_status(ctx, key, "error", {reason: message} if reason else {})

    made = Machine(kind, load, enter, finish, fail, facts=known, broken="error", breaks=breaks)
    made.add(*transitions)
    return made
