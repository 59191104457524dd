"""The release a cloud is of, which says how new the versions are that its services speak."""

from __future__ import annotations

from typing import Any

from emulator import releases
from emulator.errors import BadInput
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Version, parse_version, prop

VERSION = {"type": "string"}
SET = Body(
    schema=Object(
        prop("name", {"type": "string"}),
        *(prop(service, VERSION) for service in releases.SERVICES),
    )
)


def show(ctx: Context) -> dict[str, Any]:
    """Say of which release the cloud is, and the newest version that each service speaks."""
    newest = ctx.cloud.newest
    versions = {name: "{}.{}".format(*newest[name]) for name in releases.SERVICES}
    return {"release": {"name": ctx.cloud.series.name, "versions": versions}}


def change(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Become a cloud of another release, or one whose services speak older versions."""
    series = releases.find(body["name"]) if "name" in body else ctx.cloud.series
    versions = {
        name: _version(series, name, body[name]) for name in releases.SERVICES if name in body
    }
    ctx.cloud.set_release(series, versions)
    return show(ctx)


def _version(series: releases.Series, service: str, text: str) -> Version:
    """The version that a text such as 2.79 names, no newer than the release has."""
    try:
        version = parse_version(text)
    except ValueError:
        raise BadInput(f"{service}: {text!r} is no version such as 2.79") from None
    newest: Version = getattr(series, service)
    if not (newest[0], 0) <= version <= newest:
        raise BadInput(
            f"{service}: {text} is none of {series.name}, whose newest is {newest[0]}.{newest[1]}"
        )
    return version
