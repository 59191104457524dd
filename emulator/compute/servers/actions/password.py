"""changePassword: the password of a server's administrator."""

from __future__ import annotations

from typing import Any

from emulator.compute.schemas import ADMIN_PASSWORD
from emulator.compute.servers.lifecycle import begin, transition
from emulator.compute.servers.states import ACTIVE
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Arguments, Step
from emulator.wire.request import Context
from emulator.wire.versioned import Body, prop

# Schemas

PASSWORD_BODY = Body("changePassword", prop("adminPass", ADMIN_PASSWORD, required=True))

# Effects


def set_password(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The guest has its new password."""
    ctx.db.update("compute_servers", server["uuid"], "uuid", admin_password=arguments["password"])


# Lifecycle

CHANGE = transition(
    "changePassword",
    Step(
        "updating_password",
        uniform(0.5, 1.5),
        event="compute_set_admin_password",
        then=set_password,
    ),
    allowed=(ACTIVE,),
    lock_named=False,
)

# Operations


def change(ctx: Context, server: Any, body: Any) -> None:
    """Give the guest's administrator another password."""
    begin(ctx, CHANGE, server, password=body["changePassword"]["adminPass"])
