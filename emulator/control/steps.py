"""Who may speak to the control API, and what a request to it brings."""

from __future__ import annotations

import hmac
import json
from typing import Any

from emulator.control import snapshots
from emulator.control.routes import WORDS
from emulator.control.words import flaw
from emulator.errors import BadInput, Unauthorized
from emulator.wire import steps
from emulator.wire.request import Context

WORD_OF = {(each.operation.method, each.operation.path): each for each in WORDS}


class WrongControlToken(Unauthorized):
    """The cloud wants a token for its control API, and this is not it."""

    template = "The control API wants its token: Authorization: Bearer TOKEN."


def parse(ctx: Context) -> None:
    """Read query and body; where a body may be, none is an empty one.

    Where the body is data, what JSON would say beside it is in the query. What the word does not
    take, and what no face can say, is refused here: as in the other faces, before all else.
    """
    try:
        steps.parse(ctx)
    except steps.MalformedBody:
        ctx.body = _read(ctx.request.body)
    assert ctx.operation is not None
    if ctx.request.upload is not None or snapshots.is_data(ctx.request):
        ctx.body = {name: values[-1] for name, values in ctx.query.items()} | {"content": ""}
    if ctx.operation.body is not None and ctx.body is None:
        ctx.body = {}
    word = WORD_OF[ctx.operation.method, ctx.operation.path]
    for name, value in {**ctx.query, **(ctx.body if isinstance(ctx.body, dict) else {})}.items():
        if name not in word.parameters:
            raise BadInput(word.unknown(name))
        problem = flaw(name, value)
        if problem:
            raise BadInput(problem)
        if isinstance(value, float) and word.parameters[name].get("type") == "integer":
            ctx.body[name] = int(value) if value.is_integer() else value  # JSON has but numbers


def _read(content: bytes) -> Any:
    """What a body would be that is not quite JSON, so as to say what of it is not."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as problem:
        raise BadInput(f"the body is no JSON: {problem}") from None


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
