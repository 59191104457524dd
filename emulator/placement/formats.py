"""The one format of Placement's schemas, and the moments in its headers."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any


def is_uuid(value: Any) -> bool:
    """Accept a UUID with or without dashes, as oslo_utils.uuidutils does."""
    if not isinstance(value, str):
        return True
    try:
        digits = str(uuid.UUID(value)).replace("-", "")
    except ValueError:
        return False
    plain = value.replace("urn:", "").replace("uuid:", "").strip("{}").replace("-", "").lower()
    return digits == plain


def dashed(value: str) -> str:
    """Return a UUID with its dashes."""
    return str(uuid.UUID(value))


def http_date(stored: str) -> str:
    """Return a stored time as headers have it: Mon, 01 Jan 2026 00:00:00 GMT."""
    moment = datetime.fromisoformat(stored).replace(tzinfo=UTC)
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
