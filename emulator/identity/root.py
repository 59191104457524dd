"""Version documents: what Keystone speaks."""

from __future__ import annotations

from typing import Any

from emulator import releases
from emulator.identity import json_home
from emulator.wire.links import service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context

# View


NEWEST = ("v3.14", "2020-04-07T00:00:00Z")


def _version(ctx: Context) -> dict[str, Any]:
    name, updated = releases.default("identity.version", ctx.cloud.series, NEWEST)
    return {
        "id": name,
        "status": "stable",
        "updated": updated,
        "links": [{"rel": "self", "href": f"{service_root(ctx)}/v3/"}],
        "media-types": [
            {"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}
        ],
    }


# Operations


JSON_HOME = "application/json-home"


def _wants_json_home(ctx: Context) -> bool:
    """Say whether the caller prefers JSON home: it stands before JSON in Accept."""
    for each in ctx.request.headers.get("Accept", "").split(","):
        kind = each.partition(";")[0].strip()
        if kind in (JSON_HOME, "application/json", "application/*", "*/*"):
            return kind == JSON_HOME
    return False


def versions(ctx: Context) -> Reply:
    """List the versions: there is one, and it is where to go."""
    if _wants_json_home(ctx):
        return Reply(200, json_home.document("/v3"), content_type=JSON_HOME)
    body = {"versions": {"values": [_version(ctx)]}}
    return Reply(300, body, {"Location": f"{service_root(ctx)}/v3/"})


def version(ctx: Context) -> Reply:
    """Show version 3."""
    if _wants_json_home(ctx):
        return Reply(200, json_home.document(""), content_type=JSON_HOME)
    return Reply(200, {"version": _version(ctx)})
