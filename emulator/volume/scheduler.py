"""Which pool a volume lies in: one that has what its type asks for, the emptiest of those."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.volume import backends
from emulator.volume.schemas import truth
from emulator.wire.request import Context

CAPABILITIES = "capabilities:"


def choose(ctx: Context, kind: Any) -> str | None:
    """Return the pool for a volume of a type (a row, or None), None when no pool fits."""
    specs: dict[str, str] = orjson.loads(kind["extra_specs"]) if kind is not None else {}
    fitting = [
        (-stats["free_capacity_gb"], pool)
        for pool in backends.enabled_pools(ctx)
        if fits(stats := backends.stats(ctx, pool), specs)
    ]
    return min(fitting)[1] if fitting else None


def fits(stats: Mapping[str, Any], specs: Mapping[str, str]) -> bool:
    """Say whether a pool has what extra specs ask for (Cinder 29.0.0, capabilities_filter).

    Specs with another scope than `capabilities:` are no business of the scheduler.
    """
    for key, wanted in specs.items():
        name = key.removeprefix(CAPABILITIES)
        if ":" not in name and (name not in stats or not _satisfies(stats[name], wanted)):
            return False
    return True


def _satisfies(has: Any, wanted: str) -> bool:
    """`<is> True`, `<in> part`, or the value itself."""
    operator, _, operand = wanted.partition(" ")
    if operator == "<is>":
        return truth(has) == truth(operand)
    if operator == "<in>":
        return operand in str(has)
    return str(has) == wanted


def suits(ctx: Context, pool: str | None, kind: Any) -> bool:
    """Say whether a volume may stay in its pool when it becomes one of a type."""
    return pool is not None and fits(backends.stats(ctx, pool), orjson.loads(kind["extra_specs"]))
