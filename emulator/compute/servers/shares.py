"""Shares of servers (2.97): directories that Manila exports. Manila is not emulated."""

from __future__ import annotations

from typing import Any

from emulator.compute.schemas import UUID
from emulator.compute.servers.actions.errors import ShareNotFound
from emulator.compute.servers.lifecycle import check_state
from emulator.compute.servers.states import ERROR, STOPPED
from emulator.errors import NotEmulated
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Query, prop

# Schemas

TAG = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[a-zA-Z0-9-]*$"}
CREATE = Body("share", prop("share_id", UUID, required=True), prop("tag", TAG))
NOTHING = Query(unknown=False)

# Operations


def index(ctx: Context, server: Any) -> dict[str, Any]:
    """List a server's shares: it can have none."""
    return {"shares": []}


def show(ctx: Context, server: Any, share_id: str) -> None:
    """Refuse: the server has no share."""
    raise ShareNotFound(share_id=share_id)


def create(ctx: Context, server: Any, body: Any) -> None:
    """Refuse to attach a share, after the server's state was looked at."""
    check_state(server, "create share", (STOPPED,))
    raise NotEmulated(feature="Attaching a share (Manila)")


def delete(ctx: Context, server: Any, share_id: str) -> None:
    """Refuse to detach a share that cannot be there."""
    check_state(server, "delete share", (STOPPED, ERROR))
    raise ShareNotFound(share_id=share_id)
