"""Microversions in headers: which one a client asked for, and whether the service speaks it.

Nova and Cinder share this behaviour to the letter (Nova 34.0.0 and Cinder 29.0.0,
api.openstack.wsgi.Request.set_api_version_request); Placement words its own refusals.
"""

from __future__ import annotations

import re

from emulator.errors import BadInput, NotAcceptable
from emulator.wire.request import Context
from emulator.wire.versioned import Version

HEADER = "OpenStack-API-Version"
VERSION_TEXT = re.compile(r"^([1-9]\d*)\.([1-9]\d*|0)$")


class MalformedVersion(BadInput):
    """The version header is not number.number."""

    template = (
        "API Version String %(version)s is of invalid format. Must be of format MajorNum.MinorNum."
    )


class VersionNotSupported(NotAcceptable):
    """The version asked for is outside the range."""

    template = (
        "Version %(version)s is not supported by the API. "
        "Minimum is %(minimum)s and maximum is %(maximum)s."
    )


def asked(ctx: Context, service_type: str, legacy_header: str | None = None) -> str | None:
    """Return the version asked for: the new header where it names the service, else the old one."""
    headers = ctx.request.headers
    for entry in headers.get(HEADER, "").split(","):
        words = entry.split()
        if len(words) == 2 and words[0] == service_type:
            return words[1]
    return headers.get(legacy_header) if legacy_header else None


def agree(ctx: Context, text: str | None, minimum: Version, maximum: Version) -> None:
    """Set the version of the request: the oldest when none is asked for.

    MalformedVersion and VersionNotSupported as the services answer; the latter echoes the version.
    """
    if text is None:
        ctx.version = minimum
    elif text == "latest":
        ctx.version = maximum
    else:
        found = VERSION_TEXT.match(text)
        if found is None:
            raise MalformedVersion(version=text)
        ctx.version = int(found[1]), int(found[2])
        if not minimum <= ctx.version <= maximum:
            ctx.version_known = True
            raise VersionNotSupported(
                version=text, minimum=version_text(minimum), maximum=version_text(maximum)
            )
    ctx.version_known = True


def version_text(version: Version) -> str:
    """Return "2.73" for (2, 73)."""
    return f"{version[0]}.{version[1]}"
