"""The few calls that go upwards, from a service to one that stands above it.

| signal | sent by | heard by | why |
|---|---|---|---|

`cloud.py` connects the listeners when it is imported; a signal without a listener is a mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Listener = Callable[..., None]


class Signals:
    """Names to listeners; one listener a name."""

    def __init__(self) -> None:
        self._listeners: dict[str, Listener] = {}

    def connect(self, name: str, listener: Listener) -> None:
        """Let `listener` hear `name`."""
        self._listeners[name] = listener

    def emit(self, name: str, *arguments: Any, **keywords: Any) -> None:
        """Call the listener of `name`; KeyError when nobody listens."""
        self._listeners[name](*arguments, **keywords)
