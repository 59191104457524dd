"""Rate limits, as the early Compute API had them: a token bucket for each verb and pattern of URIs.

They are off unless settings or the emulator's own API give some. A bucket holds as many requests
as its limit allows in one unit of time, fills evenly on the virtual clock, and belongs to a
project or a user. Sources: Nova's former api.openstack.compute.limits; API guide, "Limits".
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.config import RATE_LIMIT_UNITS, rate_limit_problem
from emulator.errors import BadInput, OverLimit, TooLarge
from emulator.simulation.clock import iso
from emulator.store.database import Database
from emulator.wire.operation import Reply
from emulator.wire.request import Context

MESSAGE = "This request was rate-limited."
DETAILS = "Only %(value)d %(verb)s request(s) can be made to %(uri)s every %(unit)s."

# Errors


class RateLimited(OverLimit):
    """Too many requests of a kind in too short a time; facts["details"] says which."""


class RateLimitedOfOld(TooLarge):
    """The same with the status of before 2012, 413."""

    reason = "rate limit"


# Queries


def _limits(ctx: Context) -> Sequence[Mapping[str, Any]]:
    """The limits that hold: those given at run time, else those of the settings."""
    rows = ctx.db.all("SELECT verb, uri, regex, value, unit FROM compute_rate_limits ORDER BY id")
    return rows or ctx.settings.rate_limits


def are_given(db: Database) -> bool:
    """Say whether limits were given at run time."""
    return db.value("SELECT 1 FROM compute_rate_limits LIMIT 1") is not None


def _tokens(ctx: Context, owner: str, limit: Mapping[str, Any]) -> float:
    """How many requests the bucket holds now."""
    row = ctx.db.one(
        "SELECT tokens, filled_at FROM compute_rate_buckets"
        " WHERE owner = ? AND verb = ? AND regex = ?",
        (owner, limit["verb"], limit["regex"]),
    )
    if row is None:
        return float(limit["value"])
    filled = row["tokens"] + (ctx.now - row["filled_at"]) * _rate(limit)
    return min(float(limit["value"]), float(filled))


def _keep(ctx: Context, owner: str, limit: Mapping[str, Any], tokens: float) -> None:
    ctx.db.execute(
        "INSERT OR REPLACE INTO compute_rate_buckets (owner, verb, regex, tokens, filled_at)"
        " VALUES (?, ?, ?, ?, ?)",
        (owner, limit["verb"], limit["regex"], tokens, ctx.now),
    )


def _forget(ctx: Context) -> None:
    ctx.db.execute("DELETE FROM compute_rate_limits")
    ctx.db.execute("DELETE FROM compute_rate_buckets")


# The step


def limit_rate(ctx: Context) -> None:
    """Take a request out of every bucket it falls into; refuse it when one is empty.

    What was taken stays taken, whatever becomes of the request.
    """
    if not ctx.cloud.rate_limited:
        return
    limits = _limits(ctx)
    owner = _owner(ctx)
    hit = [each for each in limits if _falls_into(ctx, each)]
    held = [(each, _tokens(ctx, owner, each)) for each in hit]
    for limit, tokens in held:
        if tokens < 1:
            raise _refusal(ctx, limit, (1 - tokens) / _rate(limit))
    for limit, tokens in held:
        _keep(ctx, owner, limit, tokens - 1)
    ctx.db.commit()
    ctx.db.begin()


def _owner(ctx: Context) -> str:
    return ctx.user_id if ctx.settings.rate_limit_per == "user" else ctx.project_id


def _falls_into(ctx: Context, limit: Mapping[str, Any]) -> bool:
    return bool(limit["verb"] == ctx.request.method and re.match(limit["regex"], ctx.path))


def _rate(limit: Mapping[str, Any]) -> float:
    """Requests a second."""
    return float(limit["value"]) / RATE_LIMIT_UNITS[limit["unit"]]


def _refusal(ctx: Context, limit: Mapping[str, Any], wait: float) -> RateLimited | RateLimitedOfOld:
    kind = RateLimitedOfOld if ctx.settings.rate_limit_status == 413 else RateLimited
    return kind(
        MESSAGE,
        headers={"Retry-After": str(math.ceil(wait))},
        details=DETAILS % dict(limit),
    )


# View


def shown(ctx: Context) -> list[dict[str, Any]]:
    """Return the limits as `limits.rate` shows them: grouped by URI, with what is left."""
    owner = _owner(ctx)
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for limit in _limits(ctx):
        tokens = _tokens(ctx, owner, limit)
        wait = max(0.0, (1 - tokens) / _rate(limit))
        groups.setdefault((limit["uri"], limit["regex"]), []).append(
            {
                "verb": limit["verb"],
                "value": limit["value"],
                "remaining": int(tokens),
                "unit": limit["unit"],
                "next-available": iso(ctx.now + wait)[:19] + "Z",
            }
        )
    return [
        {"uri": uri, "regex": regex, "limit": limits} for (uri, regex), limits in groups.items()
    ]


# What the emulator's own API does


def replace(ctx: Context, limits: Sequence[Mapping[str, Any]]) -> None:
    """Let other limits hold from now on, with full buckets. BadInput names what is wrong."""
    problem = rate_limit_problem(limits)
    if problem is not None:
        raise BadInput(problem)
    _forget(ctx)
    for limit in limits:
        ctx.db.insert("compute_rate_limits", limit)
    ctx.cloud.rate_limited = bool(limits or ctx.settings.rate_limits)


def reset(ctx: Context) -> Reply:
    """Let the limits of the settings hold again, with full buckets."""
    _forget(ctx)
    ctx.cloud.rate_limited = bool(ctx.settings.rate_limits)
    return Reply(204)
