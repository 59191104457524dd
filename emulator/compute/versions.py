"""Nova's microversions: what each brought, the behaviours that have names, and how one is agreed on.

Spans of fields, parameters and operations stand beside those; this is the list they refer to.
"""

from __future__ import annotations

import re

from emulator.compute.errors import MalformedVersion, ProjectMismatch, VersionNotSupported
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Version, history

HISTORY = history(
    ("2.1", "the first version, and the one spoken when none is asked for"),
)

MINIMUM: Version = (2, 1)
MAXIMUM: Version = (2, 104)
HEADER = "OpenStack-API-Version"
LEGACY_HEADER = "X-OpenStack-Nova-API-Version"
VERSION_TEXT = re.compile(r"^([1-9]\d*)\.([1-9]\d*|0)$")


def negotiate(ctx: Context) -> None:
    """Agree on the version (Nova 34.0.0, wsgi.Request.set_api_version_request), check the URL's project."""
    text = _asked(ctx)
    if text is None:
        ctx.version = MINIMUM
    elif text == "latest":
        ctx.version = MAXIMUM
    else:
        found = VERSION_TEXT.match(text)
        if found is None:
            raise MalformedVersion(version=text)
        ctx.version = int(found[1]), int(found[2])
        if not MINIMUM <= ctx.version <= MAXIMUM:
            ctx.version_known = True
            raise VersionNotSupported(version=text, minimum=_text(MINIMUM), maximum=_text(MAXIMUM))
    ctx.version_known = True
    project_id = ctx.arguments.pop("project_id", None)
    if project_id is not None and project_id != ctx.credentials.project_id:
        raise ProjectMismatch(given=project_id, own=ctx.credentials.project_id)


def _asked(ctx: Context) -> str | None:
    """The version asked for: the new header counts where it names compute, then the old one."""
    headers = ctx.request.headers
    for entry in headers.get(HEADER, "").split(","):
        words = entry.split()
        if len(words) == 2 and words[0] == "compute":
            return words[1]
    return headers.get(LEGACY_HEADER)


def _text(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def say_version(ctx: Context, reply: Reply) -> None:
    """Put the version that was used, and the request id, on an answer."""
    reply.headers["X-OpenStack-Request-ID"] = ctx.request_id
    reply.headers["X-Compute-Request-ID"] = ctx.request_id
    if ctx.version_known:
        version = _text(ctx.version)
        reply.headers[HEADER] = f"compute {version}"
        reply.headers[LEGACY_HEADER] = version
        reply.headers["Vary"] = (HEADER, LEGACY_HEADER)
