"""What a request brings: query, JSON body and its type, read as Glance reads them."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from emulator.errors import BadInput
from emulator.image.errors import (
    BodyExpected,
    MalformedJson,
    Undecodable,
    UnexpectedBodyType,
    WrongContentType,
)
from emulator.wire.request import Context
from emulator.wire.steps import BodyTooLarge, MalformedBody, parse_query, read_json

DATA_TYPE = "application/octet-stream"


WITHOUT_BODY = frozenset({
    ("DELETE", "/images/{image_id}"), ("DELETE", "/images/{image_id}/tags/{tag_value}"),
    ("DELETE", "/images/{image_id}/members/{member_id}"),
    ("DELETE", "/stores/{store_id}/{image_id}"), ("PUT", "/images/{image_id}/tags/{tag_value}"),
    ("POST", "/images/{image_id}/actions/deactivate"),
    ("POST", "/images/{image_id}/actions/reactivate"),
})  # fmt: skip
"""Operations of images whose route refuses a body (Glance 33.0.0, api.v2.router)."""


def refuse_body(ctx: Context) -> None:
    """Refuse a body where the route wants none."""
    operation = ctx.operation
    assert operation is not None
    if ctx.request.body and (operation.method, operation.path) in WITHOUT_BODY:
        raise BadInput("A body is not expected with this request.")


def read_query(ctx: Context) -> None:
    """Read the query. Bodies are read by the operations, each after checks of its own."""
    if not ctx.request.query:
        return
    try:
        unquote(ctx.request.query, errors="strict")
    except UnicodeDecodeError:
        raise Undecodable() from None
    ctx.query = parse_query(ctx.request.query)


def read(ctx: Context) -> Any:
    """Return the JSON body, an object or a list."""
    if ctx.request.too_large:
        raise BodyTooLarge()
    if not ctx.request.body:
        raise BodyExpected()
    try:
        value = read_json(ctx)
    except MalformedBody:
        raise MalformedJson() from None
    if not isinstance(value, dict | list):
        raise UnexpectedBodyType()
    return value


def read_object(ctx: Context) -> dict[str, Any]:
    """Return the JSON body, an object."""
    value = read(ctx)
    if not isinstance(value, dict):
        raise UnexpectedBodyType()
    return value


def content_type(ctx: Context) -> str:
    """Return the media type of the body, without parameters."""
    return ctx.request.headers.get("Content-Type", "").partition(";")[0].strip()


def require_data(ctx: Context) -> None:
    """Refuse a body that is not said to be plain data."""
    if content_type(ctx) != DATA_TYPE:
        given = content_type(ctx) or None
        raise WrongContentType(detail=f"Invalid content type {given}")
