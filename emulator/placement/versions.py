"""Placement's microversions: what each brought, and how one is agreed on.

Spans of operations, fields and parameters stand beside those; this is the list they refer to.
"""

from __future__ import annotations

from emulator.placement.errors import MalformedVersion, PassedThrough, VersionNotSupported
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import BEHAVIOUR, Version, history, since

HISTORY = history(
    ("1.0", "the first version, and the one spoken when none is asked for"),
    ("1.1", "a provider has aggregates"),
    ("1.2", "resource classes are resources; there are custom ones"),
    ("1.3", "providers can be asked for by aggregate"),
    ("1.4", "providers can be asked for by what they have room for"),
    ("1.5", "all inventories of a provider can be deleted at once"),
    ("1.6", "traits"),
    ("1.7", "PUT of a resource class has no body: it creates, or says that it is there"),
    ("1.8", "an allocation says its project and user"),
    ("1.9", "usages of a project and of a user"),
    ("1.10", "allocation candidates"),
    ("1.11", "a provider links to its allocations", BEHAVIOUR),
    ("1.12", "allocations are written in the form in which they are read"),
    ("1.13", "allocations of several consumers can be written at once"),
    ("1.14", "providers form trees"),
    ("1.15", "answers say when they were last modified, and not to be cached", BEHAVIOUR),
    ("1.16", "candidates can be limited in number"),
    ("1.17", "candidates can be asked for by trait, and show traits"),
    ("1.18", "providers can be asked for by trait"),
    ("1.19", "the aggregates of a provider carry its generation"),
    ("1.20", "a new provider is in the answer", BEHAVIOUR),
    ("1.21", "candidates can be asked for by aggregate"),
    ("1.22", "traits can be forbidden", BEHAVIOUR),
    ("1.23", "errors have codes", BEHAVIOUR),
    ("1.24", "providers can be asked for by several lists of aggregates", BEHAVIOUR),
    ("1.25", "candidates can be asked for in numbered groups"),
    ("1.26", "all of an inventory can be reserved", BEHAVIOUR),
    ("1.27", "candidates show the classes too that were not asked for", BEHAVIOUR),
    ("1.28", "consumers have generations; an empty allocation gives everything back"),
    ("1.29", "candidates spread over trees, and show parents and roots"),
    ("1.30", "inventories and allocations can be reshaped at once"),
    ("1.31", "candidates can be asked for by tree"),
    ("1.32", "aggregates can be forbidden", BEHAVIOUR),
    ("1.33", "groups of candidates have names"),
    ("1.34", "candidates say which provider serves which group; allocations may repeat it"),
    ("1.35", "traits can be required of the root of a candidate's tree"),
    ("1.36", "groups can be asked for in one subtree, and without resources"),
    ("1.37", "a provider can be given another parent, or none", BEHAVIOUR),
    ("1.38", "consumers have types, and usages are told by type"),
    ("1.39", "one of several traits can be required", BEHAVIOUR),
)

PROVIDER_IN_ANSWER = since("1.20")
FORBIDDEN_TRAITS = since("1.22")
SEVERAL_MEMBER_OF = since("1.24")
ALL_RESERVED = since("1.26")
ALL_CLASSES_SHOWN = since("1.27")
CONSUMER_GENERATIONS = since("1.28")
TREES_SEARCHED = since("1.29")
FORBIDDEN_AGGREGATES = since("1.32")
REPARENTING = since("1.37")
ANY_TRAITS = since("1.39")

MINIMUM: Version = (1, 0)
MAXIMUM: Version = HISTORY[-1].version
HEADER = "OpenStack-API-Version"
SERVICE_TYPE = "placement"


def text(version: Version) -> str:
    """Return a version as it is written."""
    return f"{version[0]}.{version[1]}"


def negotiate(ctx: Context) -> None:
    """Agree on the version, before anything else is looked at (microversion_parse 2.1.0)."""
    asked, maximum = _asked(ctx), ctx.newest(MAXIMUM)
    if asked is None:
        ctx.version = MINIMUM
    elif asked == "latest":
        ctx.version = maximum
    else:
        ctx.version = _parsed(asked)
        if not MINIMUM <= ctx.version <= maximum:
            raise VersionNotSupported(version=asked, minimum=text(MINIMUM), maximum=text(maximum))
    ctx.version_known = True


def _asked(ctx: Context) -> str | None:
    """The version asked for: the last entry of the header that names this service."""
    for entry in reversed(ctx.request.headers.get(HEADER, "").split(",")):
        words = entry.split(None, 1)
        if len(words) == 2 and words[0].lower() == SERVICE_TYPE:
            return words[1].strip()
    return None


def _parsed(asked: str) -> Version:
    parts = asked.split(".", 1)
    try:
        numbers = [int(part) for part in parts]
    except ValueError as problem:
        raise MalformedVersion(version=asked, problem=problem) from None
    if len(numbers) != 2:
        missing = "Version.__new__() missing 1 required positional argument: 'minor'"
        raise MalformedVersion(version=asked, problem=missing)
    return numbers[0], numbers[1]


def say_version(ctx: Context, reply: Reply) -> None:
    """Put the version that was used, and the request id, on an answer.

    Errors that the real service hands through as exceptions lack the Vary header.
    """
    reply.headers["X-OpenStack-Request-ID"] = ctx.request_id
    if ctx.version_known:
        reply.headers[HEADER] = f"{SERVICE_TYPE} {text(ctx.version)}"
        if not reply.headers.pop(PassedThrough.MARK, ""):
            reply.headers["Vary"] = HEADER.lower()
