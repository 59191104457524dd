"""Subnet pools: prefixes that subnets are cut from."""

from __future__ import annotations

from typing import Any

from emulator.network.attributes import Values
from emulator.wire.request import Context


def chosen_pool(ctx: Context, values: Values) -> str | None:
    """Return the pool that a new subnet's prefix comes from, None when it names its own."""
    return None


def allocate(ctx: Context, pool_id: str, network: Any, values: Values) -> str:
    """Return the prefix for a new subnet."""
    raise NotImplementedError


def check_affinity(ctx: Context, network: Any, pool_id: str | None, version: int) -> None:
    """Refuse subnets of several pools on one network."""
