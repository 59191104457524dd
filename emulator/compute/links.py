"""Links to Compute's resources, with the project id where the client wrote it.

Nova 34.0.0, api.openstack.common.ViewBuilder: the project id stands in every link when it stands
anywhere in the request's URL, be it in the query.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from emulator.wire.links import service_root
from emulator.wire.request import Context


def self_href(ctx: Context, *segments: str) -> str:
    """Return the URL of a resource below the API's version."""
    version = ctx.path.split("/", 2)[1]
    return "/".join((service_root(ctx), version, *_project(ctx), *segments))


def bookmark_href(ctx: Context, *segments: str) -> str:
    """Return the URL of a resource without the API's version."""
    return "/".join((service_root(ctx), *_project(ctx), *segments))


def links(ctx: Context, collection: str, identifier: object) -> list[dict[str, str]]:
    """Return the self and bookmark links of a resource."""
    name = str(identifier)
    return [
        {"rel": "self", "href": self_href(ctx, collection, name)},
        {"rel": "bookmark", "href": bookmark_href(ctx, collection, name)},
    ]


def id_of(reference: str) -> str:
    """Return what a reference names: itself, or the last part of the path of a URL."""
    try:
        return urlsplit(reference).path.rpartition("/")[2]
    except ValueError:
        return reference


def next_links(
    ctx: Context, collection: str, rows: Sequence[Any], id_column: str
) -> list[dict[str, str]]:
    """Return the link to the next page; none when this page is not full."""
    limit = page_limit(ctx)
    if not limit or len(rows) != limit:
        return []
    given = {name: max(values) for name, values in sorted(ctx.query.items())}
    given["marker"] = str(rows[-1][id_column])
    return [{"rel": "next", "href": f"{self_href(ctx, collection)}?{urlencode(given)}"}]


def page_limit(ctx: Context) -> int:
    """Return how many rows a page may have: as asked, or as many as there may be."""
    most = ctx.settings.page_limit_max
    return min(int(ctx.query["limit"][-1]), most) if "limit" in ctx.query else most


def _project(ctx: Context) -> tuple[str, ...]:
    project_id = ctx.credentials.project_id
    if project_id and (project_id in ctx.request.path or project_id in ctx.request.query):
        return (project_id,)
    return ()
