"""Requests chosen by what they asked for, to count and to assert on.

cloud.requests("POST /servers").once()
cloud.requests("DELETE /servers/*").times(3)
cloud.requests("GET /servers/*", status="5xx").never()
for request in cloud.requests(service="network"): print(request["path"])
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache

from emulator.errors import UsageError
from emulator.journal import entries
from emulator.journal.entries import Entry
from emulator.journal.record import Heard

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "*")
SHOWN_MAX = 20  # requests told in a sentence

# Which requests


@lru_cache(maxsize=256)
def pattern(text: str) -> tuple[str | None, re.Pattern[str] | None, str | None]:
    """Read "POST /servers/*/action resize": method, path, action, each of them optional.

    `*` and {names} stand for one part of the path. UsageError when it cannot be read.
    """
    words = text.split()
    method = words.pop(0) if words and words[0] in METHODS else None
    path = words.pop(0) if words and words[0].startswith("/") else None
    action = words.pop(0) if words and path is not None else None
    if words or (method is None and path is None):
        raise UsageError(
            f"{text!r} is no request: write METHOD /path [action], such as 'GET /servers/*'"
        )
    parts = re.split(r"(\*|\{\w+\})", path.rstrip("/") or "/") if path else []
    quoted = [r"[^/]+" if index % 2 else re.escape(part) for index, part in enumerate(parts)]
    return None if method == "*" else method, re.compile("".join(quoted)) if path else None, action


def is_like(heard: Heard, text: str) -> bool:
    """Say whether a request is one that a pattern means."""
    method, path, action = pattern(text)
    if method is not None and heard.request.method != method:
        return False
    if action is not None and (heard.operation is None or heard.operation.action != action):
        return False
    return path is None or any(path.fullmatch(each) for each in _paths(heard))


def _paths(heard: Heard) -> tuple[str, ...]:
    """A request's path whole, and without what stands before its service's own paths."""
    whole = heard.request.path.rstrip("/") or "/"
    if heard.operation is None:
        return whole, "/" + whole[1:].partition("/")[2].partition("/")[2]
    count = heard.operation.path.rstrip("/").count("/")
    own = "/".join(["", *whole.split("/")[-count:]]) if count else "/"
    return whole, own


# What is asserted


class Requests:
    """Requests in the order in which they came, each a mapping (method, path, status, …).

    `once`, `times` and `never` raise AssertionError, which tells what came instead.
    """

    def __init__(
        self, what: str, found: list[Entry], others: Callable[[], list[Entry]], forgotten: int
    ) -> None:
        self.what = what
        self._found = found
        self._others = others
        self._forgotten = forgotten

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._found)

    def __getitem__(self, index: int) -> Entry:
        return self._found[index]

    def __repr__(self) -> str:
        return f"<{self.count} × {self.what}>"

    def once(self) -> Entry:
        """Assert that there was one; return it."""
        __tracebackhide__ = True
        self.times(1)
        return self._found[0]

    def never(self) -> None:
        """Assert that there was none."""
        __tracebackhide__ = True
        self.times(0)

    def times(self, count: int) -> None:
        """Assert that there were so many."""
        __tracebackhide__ = True
        if self._forgotten:
            raise UsageError(
                f"who can tell how often {self.what} came: the journal has forgotten "
                f"{self._forgotten} requests (setting journal_max)"
            )
        if self.count != count:
            raise AssertionError(self._sentence(count))

    def _sentence(self, count: int) -> str:
        expected = f"{self.what} was expected {_often(count)}"
        if self._found:
            return f"{expected}, but came {_often(self.count)}:\n{_lines(self._found)}"
        seen = Counter(_asked(each) for each in self._others())
        if not seen:
            return f"{expected}, but no request came at all"
        listed = ", ".join(f"{what} ×{n}" if n > 1 else what for what, n in seen.most_common())
        return f"{expected}, but never came. What came: {listed}"


def _often(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _asked(entry: Entry) -> str:
    return str(entry["operation"] or f"{entry['method']} {entry['path'].partition('?')[0]}")


def _lines(found: list[Entry]) -> str:
    lines = [f"  {entries.line(each)}" for each in found[:SHOWN_MAX]]
    if len(found) > SHOWN_MAX:
        lines.append(f"  … and {len(found) - SHOWN_MAX} more")
    return "\n".join(lines)
