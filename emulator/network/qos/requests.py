"""What ports with guaranteed bandwidth or packet rate ask of Placement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.wire.request import Context


def of_ports(ctx: Context, rows: Sequence[Any]) -> Mapping[str, Any]:
    """Return the resource requests of ports, of those that have one."""
    return {}
