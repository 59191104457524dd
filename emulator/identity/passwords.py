"""Passwords: hashing, and the rules that a deployment has for them."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

from emulator.identity import settings
from emulator.identity.errors import NotAllowed, PasswordInvalid
from emulator.simulation.clock import iso, moment
from emulator.wire.request import Context

DAY = 86400.0
LENGTH_MAX = 128  # [identity]max_password_length of a stock Keystone is 4096; bcrypt hashes 72
COST = 16  # scrypt's n


def hashed(password: str, salt: bytes) -> str:
    """Return the text that a password is kept as.

    scrypt at a low cost: the passwords are of an emulated cloud, whose owner can read its database
    anyway, and tests log in thousands of times. What is kept is still no password.
    """
    digest = hashlib.scrypt(password.encode(), salt=salt, n=COST, r=8, p=1, dklen=32)
    return f"scrypt${salt.hex()}${digest.hex()}"


def matches(password: str, kept: str) -> bool:
    """Say whether a password is the one that is kept."""
    salt = bytes.fromhex(kept.split("$")[1])
    return hmac.compare_digest(hashed(password, salt), kept)


# Queries


def current(ctx: Context, user_id: str) -> Any:
    """Return the newest password of a user, None when there is none."""
    return ctx.db.one(
        "SELECT * FROM identity_passwords WHERE user_id = ? ORDER BY seq DESC LIMIT 1", (user_id,)
    )


def expiries(ctx: Context, user_ids: list[str]) -> dict[str, str | None]:
    """Return when the passwords of users expire, for those that have one."""
    marks = ", ".join("?" * len(user_ids))
    rows = ctx.db.all(
        f"SELECT user_id, expires_at FROM identity_passwords WHERE user_id IN ({marks})"
        " ORDER BY seq",
        user_ids,
    )
    return {row["user_id"]: row["expires_at"] for row in rows}


def _former(ctx: Context, user_id: str, count: int) -> list[Any]:
    return ctx.db.all(
        "SELECT hash FROM identity_passwords WHERE user_id = ? ORDER BY seq DESC LIMIT ?",
        (user_id, count),
    )


def _forget_all_but(ctx: Context, user_id: str, count: int) -> None:
    ctx.db.execute(
        "DELETE FROM identity_passwords WHERE user_id = ? AND seq NOT IN (SELECT seq FROM"
        " identity_passwords WHERE user_id = ? ORDER BY seq DESC LIMIT ?)",
        (user_id, user_id, count),
    )


# Operations


def put(
    ctx: Context,
    user_id: str,
    password: str | None,
    *,
    self_service: bool = False,
    exempt_from_expiry: bool = False,
    change_on_first_use: bool = False,
) -> None:
    """Give a user a password, or take it away; as many former ones are kept as rules ask for."""
    if password is None:
        ctx.db.delete("identity_passwords", user_id, "user_id")
        return
    days = settings.number(ctx, "password_expires_days")
    expires_at = None
    if change_on_first_use and not self_service:
        expires_at = ctx.timestamp
    elif days and not exempt_from_expiry:
        expires_at = iso(ctx.now + days * DAY)
    ctx.db.insert(
        "identity_passwords",
        {
            "user_id": user_id,
            "hash": hashed(password, ctx.ids.octets(16)),
            "self_service": int(self_service),
            "created_at": ctx.timestamp,
            "expires_at": expires_at,
        },
    )
    _forget_all_but(ctx, user_id, max(settings.number(ctx, "unique_last_password_count"), 1))


def check_new(ctx: Context, user_id: str | None, password: Any) -> None:
    """Raise unless the rules allow this as a new password."""
    pattern = settings.text(ctx, "password_regex")
    if pattern and not re.match(pattern, password):
        wanted = settings.text(ctx, "password_regex_description")
        raise PasswordInvalid(f"The password does not match the requirements: {wanted}.")
    count = settings.number(ctx, "unique_last_password_count")
    if user_id is not None and count > 1:
        for row in _former(ctx, user_id, count):
            if matches(password, row["hash"]):
                raise PasswordInvalid(
                    "The new password cannot be identical to a previous password. The total number"
                    f" which includes the new password must be unique is {count}."
                )


def check_age(ctx: Context, row: Any) -> None:
    """Raise when a user may not change the password yet."""
    days = settings.number(ctx, "minimum_password_age")
    if not days or row is None or not row["self_service"]:
        return
    end = moment(row["created_at"]) + days * DAY
    if ctx.now < end:
        left = int((end - ctx.now) // DAY) + 1
        raise PasswordInvalid(
            "You cannot change your password at this time due to the minimum password age. Once you"
            f" change your password, it must be used for {days} day(s) before it can be changed."
            f" Please try again in {left} day(s) or contact your administrator to reset your"
            " password."
        )


def check_length(password: str) -> None:
    """Raise when a password is longer than anything Keystone hashes."""
    if len(password) > 4096:
        raise NotAllowed(
            "The password length must be less than or equal to 4096. The server could not comply"
            " with the request because the password is invalid."
        )
