"""Lock and unlock: who but an admin may act on a server."""

from __future__ import annotations

from typing import Any

from emulator.compute.schemas import ANY
from emulator.compute.servers import instance_actions
from emulator.compute.versions import LOCKS_HAVE_REASONS
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Switch, either

TABLE = "compute_servers"

# Schemas

REASON = {"type": "string", "minLength": 1, "maxLength": 255}
LOCK_BODY = Body(
    "lock",
    schema=Switch(
        either(ANY, until="2.72"),
        either(
            {
                "type": ["object", "null"],
                "properties": {"locked_reason": REASON},
                "additionalProperties": False,
            },
            since="2.73",
        ),
    ),
)
UNLOCK_BODY = Body("unlock", schema=ANY)

# Operations


def lock(ctx: Context, server: Any, body: Any) -> None:
    """Lock a server; from 2.73 with a reason.

    An owner's second lock of a server changes nothing and is not recorded, an admin's locks anew
    (Nova 34.0.0, compute.api.API.lock).
    """
    is_owner = ctx.project_id == server["project_id"]
    if server["locked_by"] is not None and is_owner:
        return
    reason = (body["lock"] or {}).get("locked_reason") if LOCKS_HAVE_REASONS in ctx else None
    ctx.db.update(
        TABLE,
        server["uuid"],
        "uuid",
        locked_by="owner" if is_owner else "admin",
        locked_reason=reason,
        updated_at=ctx.timestamp,
    )
    instance_actions.note(ctx, server, "lock", "api_lock")


def unlock(ctx: Context, server: Any, body: Any) -> None:
    """Unlock a server; what an admin locked takes a further right of other callers."""
    locker = "owner" if ctx.project_id == server["project_id"] else "admin"
    if server["locked_by"] not in (None, locker):
        ctx.authorize("os_compute_api:os-lock-server:unlock:unlock_override")
    ctx.db.update(
        TABLE,
        server["uuid"],
        "uuid",
        locked_by=None,
        locked_reason=None,
        updated_at=ctx.timestamp,
    )
    instance_actions.note(ctx, server, "unlock", "api_unlock")
