"""The metadata of a server: names and values that mean nothing to Nova."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.compute import quotas
from emulator.compute.schemas import METADATA
from emulator.compute.servers import queries
from emulator.compute.servers.create import check_metadata
from emulator.compute.servers.errors import BodyNamesAnotherItem, MetadataItemNotFound
from emulator.compute.servers.lifecycle import check_lock, check_state
from emulator.compute.servers.states import ACTIVE, PAUSED, STOPPED, SUSPENDED
from emulator.simulation import rules
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body

ALLOWED = (ACTIVE, PAUSED, SUSPENDED, STOPPED)

# Schemas

ITEMS = Body("metadata", schema=METADATA)
ITEM = Body("meta", schema={**METADATA, "minProperties": 1, "maxProperties": 1})

# Operations


def index(ctx: Context, server: Any) -> dict[str, Any]:
    """List a server's metadata."""
    return {"metadata": orjson.Fragment(server["metadata"])}


def show(ctx: Context, server: Any, key: str) -> dict[str, Any]:
    """Show one item."""
    items = orjson.loads(server["metadata"])
    if key not in items:
        raise MetadataItemNotFound()
    return {"meta": {key: items[key]}}


def create(ctx: Context, server: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Add items, or set those that are there."""
    return {"metadata": _set(ctx, server, body["metadata"])}


def replace(ctx: Context, server: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Let the server have these items and no others."""
    return {"metadata": _set(ctx, server, body["metadata"], keep=False)}


def update(ctx: Context, server: Any, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Set one item."""
    if key not in body["meta"]:
        raise BodyNamesAnotherItem()
    _set(ctx, server, body["meta"])
    return {"meta": body["meta"]}


def delete(ctx: Context, server: Any, key: str) -> Reply:
    """Take one item away."""
    items = orjson.loads(server["metadata"])
    if key not in items:
        raise MetadataItemNotFound()
    check_lock(ctx, server)
    check_state(server, "delete metadata", ALLOWED, None, launched=False)
    del items[key]
    _keep(ctx, server, items)
    return Reply(204)


def _set(
    ctx: Context, server: Any, items: Mapping[str, str], *, keep: bool = True
) -> dict[str, str]:
    check_lock(ctx, server)
    check_state(server, "update metadata", ALLOWED, None, launched=False)
    both = {**(orjson.loads(server["metadata"]) if keep else {}), **items}
    if both:
        check_metadata(both, quotas.limits(ctx, ctx.project_id))
        rules.heed(ctx, both)
    _keep(ctx, server, both)
    return both


def _keep(ctx: Context, server: Any, items: Mapping[str, str]) -> None:
    queries.change(ctx, server["uuid"], metadata=orjson.dumps(items).decode())
