"""Who may speak to the control API."""

from __future__ import annotations

import hmac

from emulator.errors import Unauthorized
from emulator.wire.request import Context
from emulator.wire.steps import NoSuchPath


class WrongControlToken(Unauthorized):
    """The cloud wants a token for its control API, and this is not it."""

    template = "The control API wants its token: Authorization: Bearer TOKEN."


def admit(ctx: Context) -> None:
    """Let in whoever has the control token, where one is set; nobody where there is no control.

    The process that the cloud is in may always speak to it.
    """
    settings = ctx.settings
    if ctx.request.inside:
        return
    if not settings.control:
        raise NoSuchPath()
    wanted = settings.control_token
    given = ctx.request.headers.get("Authorization", "").removeprefix("Bearer ")
    if wanted and not hmac.compare_digest(given.encode(), wanted.encode()):
        raise WrongControlToken(headers={"WWW-Authenticate": "Bearer"})
