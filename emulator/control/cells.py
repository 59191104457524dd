"""Cells of Compute: which hosts they have, and whether they answer."""

from __future__ import annotations

from typing import Any

from emulator.compute import cells
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop

SET = Body(schema=Object(prop("down", {"type": "boolean"}, required=True)))


def index(ctx: Context) -> dict[str, Any]:
    """List the cells beside the first one, with their hosts."""
    return {"cells": cells.shown(ctx)}


def change(ctx: Context, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Let a cell fail to answer from now on, or answer again."""
    with ctx.db.transaction():
        cells.set_down(ctx, name, down=body["down"])
    return index(ctx)
