"""Version documents: what Keystone speaks."""

from __future__ import annotations

from typing import Any

from emulator.wire.links import service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context

# View


def _version(ctx: Context) -> dict[str, Any]:
    return {
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": f"{service_root(ctx)}/v3/"}],
        "media-types": [
            {"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}
        ],
    }


# Operations


def versions(ctx: Context) -> Reply:
    """List the versions: there is one, and it is where to go."""
    body = {"versions": {"values": [_version(ctx)]}}
    return Reply(300, body, {"Location": f"{service_root(ctx)}/v3/"})


def version(ctx: Context) -> dict[str, Any]:
    """Show version 3."""
    return {"version": _version(ctx)}
