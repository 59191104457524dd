"""Nova's version documents."""

from __future__ import annotations

from typing import Any

from emulator.wire.links import service_root
from emulator.wire.request import Context


def versions(ctx: Context) -> dict[str, Any]:
    """List the versions of the Compute API."""
    return {"versions": [_document(ctx)]}


def version(ctx: Context) -> dict[str, Any]:
    """Describe v2.1, as clients ask to find the microversions."""
    return {"version": _document(ctx)}


def _document(ctx: Context) -> dict[str, Any]:
    return {
        "id": "v2.1",
        "status": "CURRENT",
        "version": "2.104",
        "min_version": "2.1",
        "updated": "2013-07-23T11:33:21Z",
        "links": [{"rel": "self", "href": f"{service_root(ctx)}/v2.1/"}],
    }
