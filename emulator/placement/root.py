"""Placement's version document."""

from __future__ import annotations

from emulator.placement.replies import fresh
from emulator.placement.versions import MAXIMUM, MINIMUM, text
from emulator.wire.operation import Reply
from emulator.wire.request import Context


def home(ctx: Context) -> Reply:
    """Describe the one version there is."""
    version = {
        "id": f"v{text(MINIMUM)}",
        "max_version": text(ctx.newest(MAXIMUM)),
        "min_version": text(MINIMUM),
        "status": "CURRENT",
        "links": [{"rel": "self", "href": ""}],
    }
    return fresh(ctx, {"versions": [version]})
