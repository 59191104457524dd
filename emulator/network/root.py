"""The version documents, and what every network API begins with."""

from __future__ import annotations

from typing import Any

from emulator.errors import EmulatorError
from emulator.wire.links import service_root
from emulator.wire.operation import Reply
from emulator.wire.paths import latin
from emulator.wire.request import Context

WRONG = (
    "The server could not comply with the request since it is either malformed or otherwise"
    " incorrect."
)
CORE = (
    ("network", "networks"),
    ("subnet", "subnets"),
    ("subnetpool", "subnetpools"),
    ("port", "ports"),
)
NEWER = (
    "networks", "subnets", "ports", "local_ips", "ndp_proxies", "network_segment_ranges",
    "packet_rate_limit_rules", "minimum_packet_rate_rules",
)  # fmt: skip
OLDER = ("bindings", "port_associations")  # though they stand below one of those


class HTTPNotAcceptable(EmulatorError):
    """The client wants no JSON, which is all that the core's controllers give."""

    status = 406
    template = WRONG


def is_core(path: str) -> bool:
    """Say whether a path is served as the core's are, below v2.0 or with it.

    Those have controllers of their own; all others are served by the older ones, which say some
    things differently (Neutron 29.0.0, pecan_wsgi.controllers and api.v2.base).
    """
    parts = reversed(path.removeprefix("/v2.0").strip("/").split("/"))
    return next((each in NEWER for each in parts if each in NEWER + OLDER), False)


def check_accept(ctx: Context) -> None:
    """Refuse to write where the answer would not be taken."""
    accept = ctx.request.headers.get("Accept", "")
    ranges = [each.partition(";")[0].strip().lower() for each in accept.split(",")]
    if is_core(ctx.path) and accept and not JSON_RANGES.intersection(ranges):
        raise HTTPNotAcceptable()


JSON_RANGES = frozenset({"*/*", "application/*", "application/json"})


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


def read_path(path: str) -> str:
    """Return a path as Neutron sees it: to its older controllers and to tags bytes are letters."""
    return latin(path) if not is_core(path) or "/tags/" in path else path


def tidy_path(ctx: Context) -> None:
    """Take a trailing slash and .json off a path: both are accepted and mean nothing."""
    path = ctx.path.removesuffix(".json")
    if path.endswith("/") and path.count("/") > 2:
        path = path.rstrip("/")
    ctx.path = path
