"""What Keystone does with a request before its operation, where it differs from other services."""

from __future__ import annotations

from typing import Any

from emulator.errors import EmulatorError, NotFound
from emulator.identity import oauth2, tokens
from emulator.identity.errors import Missing, NotAllowed, NotAuthenticated, NotExpected
from emulator.wire import steps
from emulator.wire.asked import quietly
from emulator.wire.request import Context

# Resources whose absence is told only to those whom policy lets act without knowing them.
DISCREET = {"user", "project", "group", "domain", "credential", "limit"}
# What a token was for: that it is gone is told to whoever uses the token.
TOLD = {"user", "project", "domain", "Application Credential", "trust"}


def match(ctx: Context) -> None:
    """Find the operation; a slash at the end counts for nothing."""
    if len(ctx.path) > 1 and ctx.path.endswith("/"):
        ctx.path = ctx.path.rstrip("/")
    steps.match(ctx)


def parse(ctx: Context) -> None:
    """Read query and body, which must say it is JSON (Keystone 30.0.0, flask json_body).

    A body is read whatever the method. What follows a semicolon in the content type is ignored; no
    content type at all counts as JSON.
    """
    if ctx.operation is not None and ctx.operation.path == oauth2.PATH:
        return  # a form
    kind = ctx.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if ctx.request.body and kind and kind != "application/json" and not kind.endswith("+json"):
        raise NotExpected(attribute="application/json", target="Content-Type header")
    steps.parse(ctx)
    if ctx.request.body and ctx.body is None:
        ctx.body = steps.read_json(ctx)
    if ctx.request.body and not isinstance(ctx.body, dict):
        raise NotExpected(attribute="valid JSON", target="request body")
    if ctx.body is None and ctx.operation is not None and ctx.operation.body is not None:
        ctx.body = {}


def identify(ctx: Context) -> None:
    """Find out who asks. A token that is no longer good may say why, at open operations too."""
    token = ctx.request.headers.get("X-Auth-Token")
    operation = ctx.operation
    assert operation is not None
    if token:
        found = ctx.cloud.credentials(ctx, token)
        if found is not None:
            if "ec2credential" in found.facts["methods"]:
                raise NotAllowed()  # such a token is for the other services
            ctx.credentials = found
        else:
            refusal = _why_refused(ctx, token)
            if isinstance(refusal, Missing) or not operation.open:
                raise refusal


def _why_refused(ctx: Context, token: str) -> EmulatorError:
    """A token whose user was deleted is answered with that (Keystone 30.0.0, seen on the wire)."""
    try:
        tokens.find(ctx, token)
    except Missing as error:
        if error.facts.get("kind") in TOLD:
            return error
    except EmulatorError:
        pass
    return NotAuthenticated()


def require_token(ctx: Context) -> None:
    """Refuse who is not logged in; this comes after the body was looked at."""
    operation = ctx.operation
    assert operation is not None
    if ctx.credentials.user_id is None and not operation.open:
        raise NotAuthenticated()


def validate(ctx: Context) -> None:
    """Check the body, and the first value of each query parameter."""
    operation, service = ctx.operation, ctx.service
    assert operation is not None
    assert service is not None
    if operation.query is not None:
        first: Any = {name: values[0] for name, values in quietly(ctx.query).items()}
        service.dialect.check_query(operation.query.at(ctx.version), first)
        ctx.arguments["query"] = ctx.query
    if operation.body is not None:
        service.dialect.check_body(operation.body.at(ctx.version), ctx.body)
        ctx.arguments["body"] = ctx.body


def load_and_authorize(ctx: Context) -> None:
    """Find the resource and ask policy about it.

    What a rule compares with are the path's own arguments and the resource.
    """
    operation = ctx.operation
    assert operation is not None
    target: dict[str, Any] = {
        name: value for name, value in ctx.arguments.items() if isinstance(value, str)
    }
    missing: NotFound | None = None
    if operation.load is not None:
        try:
            steps.load(ctx)
            target.update(ctx.target or {})
        except NotFound as error:
            if operation.load.argument not in DISCREET:
                raise
            missing = error
    ctx.target = target
    if operation.policy is not None:
        ctx.authorize(operation.policy, target)
    if missing is not None:
        raise missing
