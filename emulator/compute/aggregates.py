"""Host aggregates: named groups of hosts with metadata; some of them are availability zones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson

from emulator.wire.request import Context

# Queries


def add(ctx: Context, *, name: str, metadata: Mapping[str, str], hosts: Iterable[str] = ()) -> int:
    """Add an aggregate with its hosts; return its id."""
    aggregate_id = ctx.db.insert(
        "compute_aggregates",
        {
            "uuid": ctx.ids.uuid(),
            "name": name,
            "metadata": orjson.dumps(metadata).decode(),
            "created_at": ctx.timestamp,
        },
    )
    ctx.db.insert_all(
        "compute_aggregate_hosts", ({"aggregate_id": aggregate_id, "host": host} for host in hosts)
    )
    return aggregate_id
