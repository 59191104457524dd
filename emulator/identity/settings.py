"""What a deployment's keystone.conf would say: kept in the cloud, written by its fixture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.errors import UsageError
from emulator.wire.request import Context

# As in a stock Keystone 30.0.0; 0 and "" mean that there is no such rule.
DEFAULTS: Mapping[str, int | str] = {
    "lockout_failure_attempts": 0,
    "lockout_duration": 1800,
    "disable_user_account_days_inactive": 0,
    "password_expires_days": 0,
    "unique_last_password_count": 0,
    "minimum_password_age": 0,
    "password_regex": "",
    "password_regex_description": "",
    "change_password_upon_first_use": 0,
    "allow_expired_window": 172800,
    "max_project_tree_depth": 5,
    "max_redelegation_count": 3,
    "max_token_size": 255,
    "request_token_duration": 28800,
    "access_token_duration": 86400,
}

# Queries


def _value(ctx: Context, name: str) -> Any:
    kept = ctx.db.value("SELECT value FROM identity_settings WHERE name = ?", (name,))
    return DEFAULTS.get(name) if kept is None else kept


def number(ctx: Context, name: str) -> int:
    """Return a setting that is a number."""
    return int(_value(ctx, name))


def text(ctx: Context, name: str) -> str:
    """Return a setting that is a text."""
    return str(_value(ctx, name))


def put(ctx: Context, name: str, value: object) -> None:
    """Change a setting. UsageError when there is none of this name."""
    if name not in DEFAULTS:
        raise UsageError(f"{name} is not a setting of identity")
    kind = type(DEFAULTS[name])
    if not isinstance(value, kind):
        raise UsageError(f"{name} takes {kind.__name__}, not {value!r}")
    ctx.db.execute("INSERT OR REPLACE INTO identity_settings VALUES (?, ?)", (name, str(value)))


def secret(ctx: Context) -> bytes:
    """Return what tokens are made with; it never leaves the cloud."""
    kept = ctx.db.value("SELECT value FROM identity_settings WHERE name = 'secret'")
    if kept is None:
        kept = ctx.ids.octets(32).hex()
        ctx.db.execute("INSERT INTO identity_settings VALUES ('secret', ?)", (kept,))
    return bytes.fromhex(kept)
