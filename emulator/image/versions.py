"""The list of API versions, which Glance gives at its root and wherever nothing else is."""

from __future__ import annotations

from typing import Any

from emulator.wire.links import service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context

CURRENT = "v2.18"
# In Glance's own order, of a service with a cache and several stores (Glance 33.0.0, api.versions).
VERSIONS = (
    "v2.18", "v2.17", "v2.16", "v2.15", "v2.14", "v2.13", "v2.12", "v2.11", "v2.10", "v2.9",
    "v2.8", "v2.7", "v2.6", "v2.5", "v2.4", "v2.3", "v2.2", "v2.1", "v2.0",
)  # fmt: skip


def _documents(ctx: Context) -> dict[str, Any]:
    href = service_root(ctx) + "/v2/"
    return {
        "versions": [
            {
                "id": version,
                "status": "CURRENT" if version == CURRENT else "SUPPORTED",
                "links": [{"rel": "self", "href": href}],
            }
            for version in VERSIONS
        ]
    }


def choices(ctx: Context, path: str = "") -> Reply:
    """Answer at the root, and at every path that is not below a version."""
    return Reply(300, _documents(ctx))


def show(ctx: Context) -> Any:
    """Answer at /versions."""
    return _documents(ctx)
