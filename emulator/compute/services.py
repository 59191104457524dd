"""Services: the processes of Compute on each host; they can be disabled and forced down."""

from __future__ import annotations

from emulator.wire.request import Context

COMPUTE = "nova-compute"

# Queries


def add(ctx: Context, *, binary: str, host: str) -> None:
    """Add a service, enabled and up."""
    ctx.db.insert(
        "compute_services",
        {
            "uuid": ctx.ids.uuid(),
            "binary": binary,
            "host": host,
            "created_at": ctx.timestamp,
        },
    )
