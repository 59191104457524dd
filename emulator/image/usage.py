"""How much of Glance a project uses, and how much it may (Glance 33.0.0, quota.keystone).

Limits are Keystone's, registered for the image service; without one nothing is limited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.identity import effective_limits
from emulator.image.errors import QuotaReached
from emulator.wire.request import Context

MEBIBYTE = 1 << 20
SIZE, STAGED = "image_size_total", "image_stage_total"
COUNT, UPLOADING = "image_count_total", "image_count_uploading"

# Queries


def size(ctx: Context, owner: str | None) -> int:
    """Return the MiB of a project's data, each store's copy counted."""
    found = ctx.db.value(
        "SELECT sum(size * json_array_length(locations)) FROM image_images"
        " WHERE owner = ? AND NOT deleted AND size > 0",
        (owner,),
    )
    return int(found or 0) // MEBIBYTE


def staged(ctx: Context, owner: str | None) -> int:
    """Return the MiB of a project's data on its way to the stores."""
    found = ctx.db.value(
        "SELECT sum(size) FROM image_images WHERE owner = ? AND NOT deleted AND size > 0"
        " AND (status IN ('uploading', 'importing')"
        "  OR ifnull(json_extract(properties, '$.os_glance_importing_to_stores'), '') <> '')",
        (owner,),
    )
    return int(found or 0) // MEBIBYTE


def count(ctx: Context, owner: str | None) -> int:
    """Return how many images a project has."""
    found = ctx.db.value(
        "SELECT count(*) FROM image_images WHERE owner = ? AND NOT deleted", (owner,)
    )
    return int(found)


def uploading(ctx: Context, owner: str | None) -> int:
    """Return how many of a project's images are getting data."""
    found = ctx.db.value(
        "SELECT count(*) FROM image_images WHERE owner = ? AND NOT deleted"
        " AND (status IN ('saving', 'uploading', 'importing')"
        "  OR ifnull(json_extract(properties, '$.os_glance_importing_to_stores'), '') <> '')",
        (owner,),
    )
    return int(found)


# Operations

USAGES: Mapping[str, Callable[[Context, str | None], int]] = {
    SIZE: size,
    STAGED: staged,
    COUNT: count,
    UPLOADING: uploading,
}


def show(ctx: Context) -> Any:
    """Show usage and limit of each resource that is limited."""
    owner = ctx.credentials.project_id
    limits = effective_limits.of_project(ctx, "image", owner)
    return {
        "usage": {
            name: {"usage": usage(ctx, owner), "limit": limits[name]}
            for name, usage in USAGES.items()
            if name in limits
        }
    }


def _check(ctx: Context, name: str, more: int, owner: str | None) -> None:
    """Refuse when usage and what is to come are over the limit (oslo.limit 2.9)."""
    limit = effective_limits.of_project(ctx, "image", owner).get(name, -1)
    current = USAGES[name](ctx, owner)
    if 0 <= limit < current + more:
        raise QuotaReached(
            "The request returned a 413 Request Entity Too Large. This generally means that rate "
            "limiting or a quota threshold was breached.\n\nThe response body:\n"
            f"Project {owner} is over a limit for [Resource {name} is over limit of {limit} "
            f"due to current usage {current} and delta {more}]"
        )


def check_size(ctx: Context, size_bytes: int, owner: str | None = None) -> None:
    """Refuse data of this size if that makes too much of it."""
    _check(ctx, SIZE, size_bytes // MEBIBYTE, owner or ctx.credentials.project_id)


def check_staged(ctx: Context, size_bytes: int, owner: str | None = None) -> None:
    """Refuse to stage data of this size if that makes too much of it."""
    _check(ctx, STAGED, size_bytes // MEBIBYTE, owner or ctx.credentials.project_id)


def check_count(ctx: Context) -> None:
    """Refuse one image more if that makes too many."""
    _check(ctx, COUNT, 1, ctx.credentials.project_id)


def check_uploading(ctx: Context, *, counted: bool) -> None:
    """Refuse to take data if that makes too many images that are getting some.

    `counted` says that the image is one of them already.
    """
    _check(ctx, UPLOADING, 0 if counted else 1, ctx.credentials.project_id)
