"""Cold migration: a server moves to another host at its own size, and waits to be confirmed."""

from __future__ import annotations

from typing import Any

from emulator.compute import migrations
from emulator.compute.schemas import ANY, FQDN
from emulator.compute.servers import lifecycle, moves
from emulator.compute.servers.actions.errors import ComputeHostNotFound, SameHost
from emulator.compute.servers.actions.resize import STEPS, undo
from emulator.compute.servers.lifecycle import transition
from emulator.compute.servers.states import ACTIVE, RESIZED, STOPPED, State
from emulator.compute.versions import MIGRATIONS_CAN_NAME_HOSTS
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Switch, either

# Schemas

HOST = {**FQDN, "type": ["string", "null"]}
MIGRATE_BODY = Body(
    "migrate",
    schema=Switch(
        either(ANY, until="2.55"),
        either(
            {
                "type": ["object", "null"],
                "properties": {"host": HOST},
                "additionalProperties": False,
            },
            since="2.56",
        ),
    ),
)

# Lifecycle

MIGRATE = transition(
    "migrate", *STEPS, allowed=(ACTIVE, STOPPED), up=True, to=State(RESIZED), undo=undo
)

# Operations


def migrate(ctx: Context, server: Any, body: Any) -> None:
    """Move a server to another host; from 2.56 to one that is named."""
    named = MIGRATIONS_CAN_NAME_HOSTS in ctx and body["migrate"]
    host = named.get("host") if named else None
    ctx.authorize(f"os_compute_api:os-migrate-server:migrate{':host' if host else ''}")
    lifecycle.check(ctx, MIGRATE, server)
    if host == server["host"]:
        raise SameHost()
    if host and moves.host_row(ctx, host) is None:
        raise ComputeHostNotFound(host=host)
    lifecycle.start(
        ctx,
        MIGRATE,
        server,
        size=moves.size_of(server),
        type=migrations.COLD,
        ignore=[server["host"]],
        host=host,
        user_id=ctx.user_id,
        project_id=ctx.project_id,
    )
