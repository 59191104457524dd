"""The catalog: where the services are, as a token shows it.

URLs are kept as templates. `{root}/volume` is where the cloud has that service for this client:
below the cloud's root on the one port, or on the service's own port. `$(project_id)s` is the
project of the token.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import orjson

from emulator.wire.request import Context

PROJECT_NAMES = ("project_id", "tenant_id")
VARIABLE = re.compile(r"[$%]\((\w+)\)s")
ROOT = "{root}"

# View


def located(ctx: Context, url: str) -> str:
    """Return a kept URL as this client reaches it, variables untouched."""
    if not url.startswith(ROOT):
        return url
    rest = url[len(ROOT) :]
    request = ctx.request
    if request.native:
        mount, _, tail = rest[1:].partition("/")
        for service in ctx.cloud.services.values():
            if service.mount == f"/{mount}":
                parts = urlsplit(request.origin)
                host = parts.hostname or "127.0.0.1"
                return f"{parts.scheme}://{host}:{service.native_port}" + (tail and f"/{tail}")
    return request.origin + request.root + rest


def _filled(ctx: Context, url: str, project_id: str | None) -> str | None:
    """Return a URL with its variables filled in, None when one of them is not known."""
    unknown = False

    def value(found: re.Match[str]) -> str:
        nonlocal unknown
        if found[1] in PROJECT_NAMES and project_id:
            return project_id
        if found[1] == "user_id" and ctx.credentials.user_id:
            return ctx.credentials.user_id
        unknown = True
        return ""

    filled = VARIABLE.sub(value, url)
    return None if unknown else located(ctx, filled)


def shown(ctx: Context, project_id: str | None) -> list[dict[str, Any]]:
    """Return the catalog for a scope; endpoints whose URL cannot be filled in are left out."""
    entries: list[dict[str, Any]] = []
    by_service: dict[str, list[dict[str, Any]]] = {}
    chosen = _chosen_endpoints(ctx, project_id)
    for row in _endpoints(ctx):
        if chosen is not None and row["id"] not in chosen:
            continue
        url = _filled(ctx, row["url"], project_id)
        if url is not None:
            by_service.setdefault(row["service_id"], []).append(
                {
                    "id": row["id"],
                    "interface": row["interface"],
                    "region_id": row["region_id"],
                    "url": url,
                    "region": row["region_id"],
                }
            )
    for row in _services(ctx):
        name = orjson.loads(row["extra"]).get("name", "")
        if chosen is not None and row["id"] not in by_service:
            continue
        endpoints = by_service.get(row["id"], [])
        entries.append({"endpoints": endpoints, "id": row["id"], "type": row["type"], "name": name})
    return entries


# Queries


def service_providers(ctx: Context) -> list[dict[str, Any]]:
    """Return the federated clouds that may be used, as a token lists them."""
    return [
        {"id": row["id"], "auth_url": row["auth_url"], "sp_url": row["sp_url"]}
        for row in ctx.db.all("SELECT * FROM identity_service_providers WHERE enabled = 1")
    ]


def _services(ctx: Context) -> list[Any]:
    return ctx.db.all("SELECT * FROM identity_services WHERE enabled = 1 ORDER BY rowid")


def _endpoints(ctx: Context) -> list[Any]:
    return ctx.db.all("SELECT * FROM identity_endpoints WHERE enabled = 1 ORDER BY rowid")


def _chosen_endpoints(ctx: Context, project_id: str | None) -> set[str] | None:
    """The endpoints that a project is limited to, None when it sees all of them."""
    from emulator.identity import endpoint_filter

    return None if project_id is None else endpoint_filter.endpoint_ids(ctx, project_id)
