"""Who may speak to the control API, and what a request to it brings."""

from __future__ import annotations

import hmac

from emulator.control import snapshots
from emulator.errors import Unauthorized
from emulator.wire import steps
from emulator.wire.request import Context


class WrongControlToken(Unauthorized):
    """The cloud wants a token for its control API, and this is not it."""

    template = "The control API wants its token: Authorization: Bearer TOKEN."


def parse(ctx: Context) -> None:
    """Read query and body; where a body may be, none is an empty one.

    Where the body is data, what JSON would say beside it is in the query.
    """
    steps.parse(ctx)
    if ctx.request.upload is not None or snapshots.is_data(ctx.request):
        ctx.body = {name: values[-1] for name, values in ctx.query.items()} | {"content": ""}
    if ctx.operation is not None and ctx.operation.body is not None and ctx.body is None:
        ctx.body = {}


def admit(ctx: Context) -> None:
    """Let in whoever has the control token, where one is set; nobody where there is no control.

    The process that the cloud is in may always speak to it.
    """
    settings = ctx.settings
    if ctx.request.inside:
        return
    if not settings.control:
        raise steps.NoSuchPath()
    wanted = settings.control_token
    given = ctx.request.headers.get("Authorization", "").removeprefix("Bearer ")
    if wanted and not hmac.compare_digest(given.encode(), wanted.encode()):
        raise WrongControlToken(headers={"WWW-Authenticate": "Bearer"})
