"""Rate limits of Compute, seen and set from outside."""

from __future__ import annotations

from typing import Any

from emulator.compute import rate_limits
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body

SET = Body(
    "rate_limits",
    schema={"type": "array", "maxItems": 100, "items": {"type": "object"}},
)


def show(ctx: Context) -> dict[str, Any]:
    """Show the limits that hold, as limits.rate does."""
    return {"rate_limits": rate_limits.shown(ctx)}


def replace(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Let other limits hold from now on."""
    with ctx.db.transaction():
        rate_limits.replace(ctx, body["rate_limits"])
    return show(ctx)


def reset(ctx: Context) -> Reply:
    """Let the limits of the settings hold again."""
    with ctx.db.transaction():
        return rate_limits.reset(ctx)
