"""Block storage services: who schedules, backs up and holds the volumes."""

from __future__ import annotations

from typing import Any

from emulator.wire.request import Context
from emulator.wire.versioned import View, field

# View


def is_backend(row: Any, ctx: Context) -> bool:
    """Say whether a service holds volumes."""
    return bool(row["binary"] == "cinder-volume")


SERVICE = View(
    field("binary"),
    field("host"),
    field("zone", column="availability_zone"),
    field("status", lambda row, ctx: "disabled" if row["disabled"] else "enabled"),
    field("state", lambda row, ctx: "up"),
    field("updated_at", lambda row, ctx: ctx.timestamp),
    field("disabled_reason"),
    field("backend_state", lambda row, ctx: "up", since="3.49", when=is_backend),
    field("cluster", lambda row, ctx: None, since="3.7"),
    field("replication_status", lambda row, ctx: "disabled", since="3.26", when=is_backend),
    field("active_backend_id", lambda row, ctx: None, since="3.26", when=is_backend),
    field("frozen", lambda row, ctx: bool(row["frozen"]), since="3.26", when=is_backend),
)

# Queries


def _services(ctx: Context) -> list[Any]:
    where, values = ["1"], []
    for name in ("host", "binary"):
        if name in ctx.query:
            where.append(f"{name} = ?")
            values.append(ctx.query[name][-1])
    conditions = " AND ".join(where)
    return ctx.db.all(f"SELECT * FROM volume_services WHERE {conditions} ORDER BY rowid", values)


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List the services."""
    return {"services": [SERVICE.render(row, ctx) for row in _services(ctx)]}
