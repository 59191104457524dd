"""What nobody should read in a report: passwords, tokens, keys; named, not guessed from values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

MASK = "***"
QUOTED_MIN = 4  # letters of a secret that is looked for in what was answered
HEADERS = {
    "authorization", "cookie", "openstack-auth-receipt", "set-cookie", "x-auth-token",
    "x-service-token", "x-subject-token",
}  # fmt: skip
NAMES = {  # of a key whose value is masked, whatever it is
    "access", "admin_pass", "adminpass", "auth_key", "blob", "client_secret", "contents",
    "controllerinfo", "passcode", "password", "private_key", "secret", "signature", "user_data",
}  # fmt: skip
PARTS = ("password", "passwd", "secret", "private_key")
TOKENS = ("token", "token_id", "oauth_token", "subject_token", "access_token", "refresh_token")
IN_TEXT = re.compile(r"((?:token|secret|password|signature)[^=&\s]*=)[^&\s\"]+", re.IGNORECASE)
TOKEN_PATH = re.compile(r"(/(?:os-console-auth-tokens|OS-EC2)/)[^/?]+")


def masked(value: Any, name: str = "") -> Any:
    """Return a JSON value with every secret in it masked; `name` is the key it stands under."""
    if name and _is_secret(name, value):
        return value if value in (None, "") else MASK
    if isinstance(value, Mapping):
        if name.lower() == "token" and set(value) == {"id"}:
            return {"id": MASK}
        return {key: masked(each, str(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [masked(each, name if name in TOKENS else "") for each in value]
    return IN_TEXT.sub(rf"\1{MASK}", value) if isinstance(value, str) and "=" in value else value


def _is_secret(name: str, value: Any) -> bool:
    name = name.lower()
    if name in NAMES:
        return not isinstance(value, Mapping) or name not in ("password", "access")
    if name in TOKENS:
        return isinstance(value, str)
    return any(part in name for part in PARTS) and isinstance(value, str)


def told(content: bytes) -> list[str]:
    """Return the secrets that a request's body tells, for a refusal may quote them."""
    try:
        return list(dict.fromkeys(_texts(orjson.loads(content), "")))
    except ValueError:
        return []


def _texts(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(each, str(key))
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, name)
    elif isinstance(value, str) and len(value) >= QUOTED_MIN and _is_secret(name, value):
        yield value


def without(value: Any, secrets: Sequence[str]) -> Any:
    """Return a JSON value in whose texts these secrets are masked."""
    if not secrets:
        return value
    if isinstance(value, Mapping):
        return {key: without(each, secrets) for key, each in value.items()}
    if isinstance(value, list):
        return [without(each, secrets) for each in value]
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, MASK)
    return value


def body(content: bytes | None) -> Any:
    """Return a body as a JSON value without its secrets; what is no JSON as so many bytes."""
    if not content:
        return None
    try:
        return masked(orjson.loads(content))
    except ValueError:
        pass
    text = content[:2000].decode(errors="replace")
    if text.isprintable() and "=" in text and "\n" not in text:
        return IN_TEXT.sub(rf"\1{MASK}", text)
    return f"<{len(content)} bytes>"


def headers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers without their secrets."""
    return {name: MASK if name.lower() in HEADERS else value for name, value in pairs}


def path(text: str) -> str:
    """Return a path without the tokens that may be part of it."""
    return TOKEN_PATH.sub(rf"\1{MASK}", text)


def query(text: str) -> str:
    """Return a query string without its secrets."""
    return IN_TEXT.sub(rf"\1{MASK}", text)
