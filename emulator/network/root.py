"""The version documents, and what every network API begins with."""

from __future__ import annotations

from typing import Any

from emulator.wire.links import service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context

CORE = (
    ("network", "networks"),
    ("subnet", "subnets"),
    ("subnetpool", "subnetpools"),
    ("port", "ports"),
)


def versions(ctx: Context) -> dict[str, Any]:
    """List the versions: one."""
    link = {"rel": "self", "href": f"{service_root(ctx)}/v2.0/"}
    return {"versions": [{"id": "v2.0", "status": "CURRENT", "links": [link]}]}


def resources(ctx: Context) -> dict[str, Any]:
    """List the core resources of v2.0."""
    base = f"{service_root(ctx)}/v2.0"
    return {
        "resources": [
            {
                "name": name,
                "collection": collection,
                "links": [{"rel": "self", "href": f"{base}/{collection}"}],
            }
            for name, collection in CORE
        ]
    }


def say_request_id(ctx: Context, reply: Reply) -> None:
    """Put the request id on an answer."""
    reply.headers["X-Openstack-Request-Id"] = ctx.request_id


def tidy_path(ctx: Context) -> None:
    """Take a trailing slash and .json off a path: both are accepted and mean nothing."""
    path = ctx.path.removesuffix(".json")
    if path.endswith("/") and path.count("/") > 2:
        path = path.rstrip("/")
    ctx.path = path
