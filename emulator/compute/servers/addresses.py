"""The addresses of a server by network, as GET …/ips lists them."""

from __future__ import annotations

from typing import Any

from emulator.compute.servers import related
from emulator.compute.servers.errors import NotOnNetwork
from emulator.compute.servers.views import addresses
from emulator.wire.request import Context


def index(ctx: Context, server: Any) -> dict[str, Any]:
    """List a server's addresses."""
    related.complete(ctx, [server])
    return {"addresses": addresses({**server, "vm_state": None}, ctx, extended=False)}


def show(ctx: Context, server: Any, network: str) -> dict[str, Any]:
    """List a server's addresses in one network, by its name."""
    listed = index(ctx, server)["addresses"]
    if network not in listed:
        raise NotOnNetwork()
    return {network: listed[network]}
