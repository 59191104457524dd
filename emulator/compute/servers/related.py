"""What stands in other tables about servers, fetched for a whole list with one query each."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.compute.servers import networking, queries
from emulator.compute.servers.views import HOST_STATUS, UNKNOWN_HOST_STATUS
from emulator.compute.versions import HOST_STATUS_IS_SHOWN
from emulator.wire.request import Context


def complete(ctx: Context, servers: Sequence[queries.Server]) -> Sequence[queries.Server]:
    """Put beside each server what views show of its ports, groups, volumes and host."""
    if not servers:
        return servers
    ids = [server["uuid"] for server in servers]
    ports = networking.ports_of(ctx, ids)
    volumes = queries.volumes_of(ctx, ids)
    states = _host_states(ctx)
    for server in servers:
        uuid = server["uuid"]
        server["ports"] = ports.get(uuid, ())
        names = dict.fromkeys(name for port in server["ports"] for name in port.security_groups)
        server["security_groups"] = [{"name": name} for name in names]
        server["volumes"] = volumes.get(uuid, ())
        server["server_groups"] = [server["server_group"]] if server["server_group"] else []
        if states is not None:
            server["host_status"] = states.get(server["host"], "") if server["host"] else ""
    return servers


def completed(ctx: Context, server: queries.Server) -> queries.Server:
    """Return one server, as it is now, with what stands beside it."""
    return complete(ctx, [queries.again(ctx, server)])[0]


def _host_states(ctx: Context) -> dict[str, str] | None:
    if HOST_STATUS_IS_SHOWN in ctx and (ctx.can(HOST_STATUS) or ctx.can(UNKNOWN_HOST_STATUS)):
        return queries.host_states(ctx)
    return None
