"""Links to other places of the same cloud, absolute, as the client reached it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from emulator.wire.request import Context


def service_root(ctx: Context) -> str:
    """Return where the service is, e.g. http://127.0.0.1:8774/compute."""
    return f"{ctx.request.origin}{ctx.request.root}{ctx.mount}"


def prefix(ctx: Context) -> str:
    """Return the part of the request's URL before the operation's own path, made absolute."""
    return f"{ctx.request.origin}{ctx.request.root}{ctx.prefix}"


def next_link(
    ctx: Context, path: str, marker: str, query: Mapping[str, Sequence[str]] | None = None
) -> str:
    """Return the URL of the page after this one: the same query with `marker` last.

    Names are sorted, as the services' own builders do (Nova 34.0.0, api.openstack.common).
    """
    given = ctx.query if query is None else query
    pairs = [(name, value) for name in sorted(given) if name != "marker" for value in given[name]]
    return f"{prefix(ctx)}{path}?{urlencode([*pairs, ('marker', marker)], quote_via=quote)}"
