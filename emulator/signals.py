"""The few calls that go upwards, from a service to one that stands above it.

| signal | sent by | heard by | why |
|---|---|---|---|
| volume_extended | volume | compute | a server is told that its disk grew |
| server_uses_attachment | volume | compute | Cinder asks Nova before it lets go |
| guest_port | compute | server | a port is to be a guest's, and listened at |

    volume_extended(ctx, server_id, volume_id)
    server_uses_attachment(ctx, server_id, attachment_id) → bool
    guest_port(port) → whether it is free

`cloud.py` connects the listeners when it makes a cloud; a signal without a listener is a mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Listener = Callable[..., Any]


class Signals:
    """Names to listeners; one listener a name."""

    def __init__(self) -> None:
        self._listeners: dict[str, Listener] = {}

    def connect(self, name: str, listener: Listener) -> None:
        """Let `listener` hear `name`."""
        self._listeners[name] = listener

    def emit(self, name: str, *arguments: Any) -> Any:
        """Call the listener of `name` and return its answer; KeyError when nobody listens."""
        return self._listeners[name](*arguments)
