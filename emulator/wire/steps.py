"""What happens to a request before its operation. Each service lists its steps in its own order."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

import orjson

from emulator.errors import BadInput, MethodNotAllowed, NotFound, TooLarge, Unauthorized
from emulator.wire.asked import Asked
from emulator.wire.operation import Operation
from emulator.wire.request import Context

# What Python takes and orjson does not, or not exactly: more than 64 bits, or no number at all.
ODD_NUMBER = re.compile(rb"\d{19}|NaN|Infinity")
BODILESS = ("GET", "HEAD", "DELETE")  # methods whose body nobody reads, unless the row has one


class TokenRefused(Unauthorized):
    """No token, or one that is not valid: what keystonemiddleware answers with."""

    template = "The request you have made requires authentication."


class QueryNotText(BadInput):
    """The query string is no UTF-8."""

    template = "Query string is not UTF-8 encoded"


class NoSuchPath(NotFound):
    """No operation of the service has this path."""

    template = "The resource could not be found."


class NoSuchMethod(MethodNotAllowed):
    """The path has operations, none with this method; facts["allow"] are those it has."""

    template = "The method is not allowed for this resource."


class NoSuchVersion(NotFound):
    """The operation is not there at the version asked for."""

    template = "The resource could not be found."


class MalformedBody(BadInput):
    """The body is not JSON, or not of the form every body of the service has."""

    template = "Malformed request body"


class NoSuchAction(BadInput):
    """The body names an action that does not exist."""

    template = "There is no such action: %(action)s"


class BodyTooLarge(TooLarge):
    """The body is longer than the service reads."""

    template = "Request is too large."


def authenticate(ctx: Context) -> None:
    """Find out who asks, from X-Auth-Token; operations marked `open` are answered to anyone."""
    token = ctx.request.headers.get("X-Auth-Token")
    if token:
        credentials = ctx.cloud.credentials(ctx, token)
        if credentials is not None:
            ctx.credentials = credentials
            if _is_served(ctx):
                return
    assert ctx.service is not None
    if not _is_open(ctx):
        raise TokenRefused()


def _is_served(ctx: Context) -> bool:
    """Say whether the service that asks for somebody, if one says so, is one."""
    token = ctx.request.headers.get("X-Service-Token")
    assert ctx.service is not None
    if not token or not ctx.service.minds_service_token:
        return True
    return ctx.cloud.credentials(ctx, token) is not None


def _is_open(ctx: Context) -> bool:
    """Say whether the operation needs no token; asked before `match`, so it looks itself."""
    assert ctx.service is not None
    node, _ = ctx.service.paths.find(ctx.path)
    if node is None:
        return False
    rows = node.methods.get(ctx.request.method) or node.methods.get("GET", ())
    return any(row.open for row in rows)


def match(ctx: Context, method: str = "") -> None:
    """Find the path and method in the service's table of contents; versions are settled later."""
    assert ctx.service is not None
    paths, method = ctx.service.paths, method or ctx.request.method
    node, ctx.arguments = paths.find(ctx.path)
    rows = node.methods.get(method) if node is not None else None
    if rows is None:
        other, arguments = paths.find_for(ctx.path, method)
        if other is not None:
            node, ctx.arguments, rows = other, arguments, other.methods[method]
    if node is None:
        raise NoSuchPath()
    if rows is None and method == "HEAD" and ctx.service.head_as_get:
        rows = node.methods.get("GET")
    if rows is None:
        raise NoSuchMethod(allow=sorted(node.methods))
    ctx.candidates = rows
    ctx.operation = rows[0]
    own = rows[0].path
    ctx.prefix = ctx.mount + _without_tail(ctx.path, own)


def _without_tail(path: str, own: str) -> str:
    """The part of a path before the operation's own segments: where the version stands."""
    segments = own.count("/")
    return "/".join(path.split("/")[:-segments]) if segments else path


def choose(ctx: Context) -> None:
    """Keep the operation that is alive at the version of the request."""
    for row in ctx.candidates:
        if row.span.holds(ctx.version):
            ctx.operation = row
            return
    raise NoSuchVersion()


def check_query_text(ctx: Context) -> None:
    """Refuse a query string that is no UTF-8."""
    text = ctx.request.query
    if "%" in text:
        try:
            unquote_to_bytes(text).decode("utf-8")
        except UnicodeDecodeError:
            raise QueryNotText() from None


def parse(ctx: Context) -> None:
    """Read the query and the JSON body; find the action that the body's one key names."""
    request, operation = ctx.request, ctx.operation
    assert operation is not None
    if request.query:
        ctx.query = parse_query(request.query)
    if operation.upload:
        return
    if request.too_large:
        raise BodyTooLarge()
    if operation.actions is not None:
        ctx.body = read_json(ctx)
        find_action(ctx, operation)
    elif operation.body is not None or (request.body and request.method not in BODILESS):
        ctx.body = read_json(ctx)


def parse_query(text: str) -> dict[str, list[str]]:
    """Return a query string as names to the values given, in order; blank values count."""
    found = Asked()
    for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        found.setdefault(name, []).append(value)
    return found


def read_json(ctx: Context) -> Any:
    """Return the body as a JSON value, None when it is empty. MalformedBody when it is no JSON."""
    content = ctx.request.body
    if not content:
        return None
    depth_max = ctx.settings.json_depth_max
    try:
        value = _with_odd_numbers(content) if ODD_NUMBER.search(content) else orjson.loads(content)
    except (ValueError, RecursionError):
        raise MalformedBody() from None
    if content.count(b"[") + content.count(b"{") > depth_max and _deeper_than(value, depth_max):
        raise MalformedBody()
    return value


def _with_odd_numbers(content: bytes) -> Any:
    """A JSON value with numbers as Python reads them: of any length, NaN, Infinity.

    Half a surrogate pair is no text here either.
    """
    value = json.loads(content)
    if b"\\u" in content:
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _deeper_than(value: Any, depth_max: int) -> bool:
    """Say whether containers are nested more than so deep."""
    level = [value]
    for _ in range(depth_max + 1):
        following: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                following.extend(each.values())
            elif isinstance(each, list):
                following.extend(each)
        if not following:
            return False
        level = following
    return True


def find_action(ctx: Context, operation: Operation) -> None:
    """Choose the action row that the one key of the body names."""
    assert operation.actions is not None
    body = ctx.body
    if not ctx.request.body or (isinstance(body, dict | list | str) and len(body) != 1):
        raise MalformedBody()
    if not isinstance(body, dict):  # Nova 34.0.0, api.openstack.wsgi: no key, no method
        raise NoSuchVersion()
    name = next(iter(body))
    rows = operation.actions.get(name)
    if rows is None:
        raise NoSuchAction(action=name)
    ctx.candidates = rows
    choose(ctx)


def validate(ctx: Context) -> None:
    """Check query and body against the operation's tables at the version of the request."""
    operation, service = ctx.operation, ctx.service
    assert operation is not None
    assert service is not None
    if operation.query is not None:
        service.dialect.check_query(operation.query.at(ctx.version), ctx.query)
        if service.dialect.drops_unknown:
            ctx.query = operation.query.known(ctx.version, ctx.query)
        if operation.query.parameters:
            ctx.arguments["query"] = ctx.query
    if operation.body is not None:
        service.dialect.check_body(operation.body.at(ctx.version), ctx.body)
        ctx.arguments["body"] = ctx.body


def load(ctx: Context) -> None:
    """Find the resource the path names, so that policy can be asked about it."""
    assert ctx.operation is not None
    loading = ctx.operation.load
    if loading is not None:
        row = loading.find(ctx, ctx.arguments.pop(loading.replaces))
        ctx.arguments[loading.argument] = row
        ctx.target = loading.target(row)


def authorize(ctx: Context) -> None:
    """Ask the operation's policy rule."""
    assert ctx.operation is not None
    if ctx.operation.policy is not None:
        ctx.authorize(ctx.operation.policy)
