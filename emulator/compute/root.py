"""Nova's version documents, and the choice it offers for any other URL outside its versions."""

from __future__ import annotations

from typing import Any

from emulator.compute.versions import MAXIMUM, MINIMUM
from emulator.wire.links import service_root
from emulator.wire.negotiation import version_text
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.steps import NoSuchVersion

VERSIONS: dict[str, dict[str, Any]] = {
    "v2.0": {
        "id": "v2.0",
        "status": "DEPRECATED",
        "version": "",
        "min_version": "",
        "updated": "2025-07-04T12:00:00Z",
    },
    "v2.1": {
        "id": "v2.1",
        "status": "CURRENT",
        "version": "the newest",  # see _facts
        "min_version": f"{MINIMUM[0]}.{MINIMUM[1]}",
        "updated": "2013-07-23T11:33:21Z",
    },
}
FOLDERS = {"v2.0": "v2", "v2.1": "v2.1"}
DESCRIBED_BY = {"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"}


def versions(ctx: Context) -> dict[str, Any]:
    """List the versions of the Compute API."""
    return {
        "versions": [
            {**_facts(ctx, name), "links": [_self(ctx, FOLDERS[name], "")]} for name in VERSIONS
        ]
    }


def version_20(ctx: Context) -> dict[str, Any]:
    """Describe v2.0, which is v2.1 without microversions."""
    return _document(ctx, "v2.0", FOLDERS["v2.0"])


def version_21(ctx: Context) -> dict[str, Any]:
    """Describe v2.1, as clients ask to find the microversions."""
    return _document(ctx, "v2.1", FOLDERS["v2.1"])


def version(ctx: Context, version_id: str) -> dict[str, Any]:
    """Describe the version of an id, as seen from the one asked."""
    if version_id not in VERSIONS:
        raise NoSuchVersion()
    return _document(ctx, version_id, ctx.path.split("/", 2)[1])


def choices(ctx: Context, rest: str) -> Reply:
    """Offer the versions for a URL outside them."""
    offered = [
        {
            "id": name,
            "status": facts["status"],
            "links": [_self(ctx, FOLDERS[name], rest)],
            "media-types": _media_types(name),
        }
        for name, facts in VERSIONS.items()
    ]
    return Reply(300, {"choices": offered})


def _document(ctx: Context, name: str, folder: str) -> dict[str, Any]:
    links = [_self(ctx, folder, ""), DESCRIBED_BY]
    return {"version": {**_facts(ctx, name), "links": links, "media-types": _media_types(name)}}


def _facts(ctx: Context, name: str) -> dict[str, Any]:
    """What is said of a version: of v2.1, how new its microversions are."""
    if not VERSIONS[name]["version"]:
        return VERSIONS[name]
    return {**VERSIONS[name], "version": version_text(ctx.newest(MAXIMUM))}


def _self(ctx: Context, folder: str, rest: str) -> dict[str, str]:
    return {"rel": "self", "href": f"{service_root(ctx)}/{folder}/{rest}"}


def _media_types(name: str) -> list[dict[str, str]]:
    kind = f"application/vnd.openstack.compute+json;version={name[1:].removesuffix('.0')}"
    return [{"base": "application/json", "type": kind}]
