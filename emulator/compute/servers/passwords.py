"""The password that a guest posted, encrypted for its key pair's owner."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.compute.servers import queries
from emulator.wire.operation import Reply
from emulator.wire.request import Context

# Operations


def show(ctx: Context, server: Any) -> dict[str, str]:
    """Show the encrypted password; no guest here posts one, so mostly it is empty."""
    kept = orjson.loads(server["system_metadata"])
    return {"password": kept.get("password") or ""}


def clear(ctx: Context, server: Any) -> Reply:
    """Forget the encrypted password."""
    kept = orjson.loads(server["system_metadata"])
    kept.pop("password", None)
    queries.change(ctx, server["uuid"], system_metadata=orjson.dumps(kept).decode())
    return Reply(204)
