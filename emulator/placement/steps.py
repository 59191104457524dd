"""The steps that are Placement's own, in the places where the real service has them."""

from __future__ import annotations

import json

from emulator.placement.errors import (
    MalformedJson,
    MissingMediaType,
    NotProvided,
    NotYetAllowed,
    WrongMediaType,
)
from emulator.wire import steps
from emulator.wire.asked import quietly
from emulator.wire.request import Context

JSON = "application/json"
ANY_TYPES = (JSON, "application/*", "*/*")
DELETE_INVENTORIES = ("DELETE", "/resource_providers/{provider_uuid}/inventories")


def has_media_type(ctx: Context) -> None:
    """Refuse a body that is not said to be anything."""
    if ctx.request.body and not ctx.request.headers.get("Content-Type"):
        raise MissingMediaType()


def choose(ctx: Context) -> None:
    """Keep the operation that is alive at the version; one is a 405 where it is not yet."""
    try:
        steps.choose(ctx)
    except steps.NoSuchVersion:
        row = ctx.candidates[0]
        if (row.method, row.path) == DELETE_INVENTORIES:
            raise NotYetAllowed("") from None
        raise


def agree_on_media(ctx: Context) -> None:
    """Refuse a body that is no JSON, and a client that takes none."""
    operation, headers = ctx.operation, ctx.request.headers
    assert operation is not None
    if operation.body is not None:
        given = headers.get("Content-Type", "").partition(";")[0].strip()
        if given != JSON:
            raise WrongMediaType(given=given or "None")
    elif operation.method == "GET" and operation.status == 200 and not operation.open:
        accepted = headers.get("Accept", "")
        if accepted and not any(_type(each) in ANY_TYPES for each in accepted.split(",")):
            raise NotProvided()


def _type(entry: str) -> str:
    return entry.partition(";")[0].strip().lower()


def authorize(ctx: Context) -> None:
    """Ask the operation's policy rule; those that compare something compare the query's project."""
    if ctx.request.query:
        ctx.query = steps.parse_query(ctx.request.query)
    ctx.target = {"project_id": ctx.query.get("project_id", [None])[-1]}
    steps.authorize(ctx)


def parse(ctx: Context) -> None:
    """Read the body; what is wrong with the JSON is told as Python's decoder tells it."""
    operation = ctx.operation
    assert operation is not None
    if operation.body is None:
        return
    if ctx.request.too_large:
        raise steps.BodyTooLarge()
    try:
        ctx.body = steps.read_json(ctx)
    except steps.MalformedBody:
        raise MalformedJson(problem=_problem(ctx.request.body)) from None
    if not ctx.request.body:
        raise MalformedJson(problem=_problem(b""))


def _problem(content: bytes) -> str:
    try:
        json.loads(content)
    except ValueError as problem:
        return str(problem)
    except RecursionError:
        pass
    return "maximum recursion depth exceeded while decoding a JSON document"


def validate(ctx: Context) -> None:
    """Check the body, and of each query parameter the value given last."""
    operation, service = ctx.operation, ctx.service
    assert operation is not None
    assert service is not None
    if operation.query is not None:
        last = {name: values[-1] for name, values in quietly(ctx.query).items()}
        service.dialect.check_query(operation.query.at(ctx.version), last)  # type: ignore[arg-type]
        ctx.arguments["query"] = ctx.query
    if operation.body is not None:
        service.dialect.check_body(operation.body.at(ctx.version), ctx.body)
        ctx.arguments["body"] = ctx.body
