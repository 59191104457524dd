"""The list of API versions, which Glance gives at its root and wherever nothing else is."""

from __future__ import annotations

from typing import Any

from emulator.wire.links import service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context

NEWEST_MINOR = 18


def _documents(ctx: Context) -> dict[str, Any]:
    """The versions, newest first (Glance 33.0.0, api.versions, with a cache and several stores)."""
    href = service_root(ctx) + "/v2/"
    _, newest = ctx.newest((2, NEWEST_MINOR))
    return {
        "versions": [
            {
                "id": f"v2.{minor}",
                "status": "CURRENT" if minor == newest else "SUPPORTED",
                "links": [{"rel": "self", "href": href}],
            }
            for minor in range(newest, -1, -1)
        ]
    }


def choices(ctx: Context, path: str = "") -> Reply:
    """Answer at the root, and at every path that is not below a version."""
    return Reply(300, _documents(ctx))


def show(ctx: Context) -> Any:
    """Answer at /versions."""
    return _documents(ctx)
