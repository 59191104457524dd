"""The addresses of a server by network, as GET …/ips lists them."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.compute.servers.errors import NotOnNetwork
from emulator.compute.servers.queries import written
from emulator.network.servers_shown import PLAIN_ADDRESSES
from emulator.wire.request import Context


def index(ctx: Context, server: Any) -> dict[str, Any]:
    """List a server's addresses."""
    return {"addresses": _listed(ctx, server)}


def show(ctx: Context, server: Any, network: str) -> dict[str, Any]:
    """List a server's addresses in one network, by its name."""
    listed = _listed(ctx, server)
    if network not in listed:
        raise NotOnNetwork()
    return {network: listed[network]}


def _listed(ctx: Context, server: Any) -> dict[str, Any]:
    listed: dict[str, Any] = orjson.loads(written(ctx, PLAIN_ADDRESSES, server["uuid"]))
    return listed
