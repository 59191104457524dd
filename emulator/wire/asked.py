"""The query of a request, which knows whether anybody looked at a parameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Asked(dict[str, list[str]]):
    """Names to the values given, in order. `seen` are the names that somebody asked for.

    Who goes through all of them has seen them all, unless he does so `quietly`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        """Return the values of a name."""
        self.seen.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> list[str]:
        self.seen.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.seen.add(str(name))
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self.seen.update(super().keys())
        return super().__iter__()

    def keys(self) -> Any:
        """Return every name."""
        self.seen.update(super().keys())
        return super().keys()

    def values(self) -> Any:
        """Return the values of every name."""
        self.seen.update(super().keys())
        return super().values()

    def items(self) -> Any:
        """Return names and values."""
        self.seen.update(super().keys())
        return super().items()


def quietly(query: dict[str, list[str]]) -> Mapping[str, list[str]]:
    """Return what was given as it is, for who goes through it to find the names that he knows."""
    return dict(dict.items(query))
