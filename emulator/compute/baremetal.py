"""Bare metal under Compute's old URL: there is none here, and it was never made there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.compute.errors import AskIronic
from emulator.errors import NotEmulated
from emulator.wire.request import Context


def nodes(ctx: Context, **arguments: str) -> None:
    """Say that bare metal is not emulated."""
    raise NotEmulated(feature="Bare metal")


def ironic(command: str) -> Callable[..., Any]:
    """Return the operation that names the command of Ironic's to use instead."""

    def refuse(ctx: Context, **arguments: Any) -> None:
        raise AskIronic(command=command)

    return refuse
