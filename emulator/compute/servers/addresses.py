"""The addresses of a server by network, as GET …/ips lists them."""

from __future__ import annotations

from typing import Any

from emulator.compute.servers import networking
from emulator.compute.servers.errors import NotOnNetwork
from emulator.compute.servers.related import addresses
from emulator.wire.request import Context


def index(ctx: Context, server: Any) -> dict[str, Any]:
    """List a server's addresses."""
    ports = networking.ports_of(ctx, [server["uuid"]]).get(server["uuid"], ())
    return {"addresses": addresses(ports, extended=False)}


def show(ctx: Context, server: Any, network: str) -> dict[str, Any]:
    """List a server's addresses in one network, by its name."""
    listed = index(ctx, server)["addresses"]
    if network not in listed:
        raise NotOnNetwork()
    return {network: listed[network]}
