"""The virtual clock: the only place where real time is read."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache

from emulator.errors import UsageError

END = 253370764800.0  # 9999-01-01: what is a while later can still be written down


class VirtualClock:
    """Seconds since 1970 on a clock of the cloud's own; it never goes backwards.

    A real clock runs at `rate` virtual seconds a second and may be advanced on top of that; a
    frozen or a manual one moves only when it is advanced. Its whole state is `base` (virtual) and
    `anchor` (real), which the store keeps, so a reopened cloud's clock has gone on or stood still
    meanwhile.
    """

    def __init__(
        self,
        mode: str,
        rate: float = 1.0,
        *,
        base: float | None = None,
        anchor: float | None = None,
    ) -> None:
        self.mode = mode
        self.rate = rate
        self.anchor = time.time() if anchor is None else anchor
        self.base = self.anchor if base is None else base
        self._latest = self.base

    def now(self) -> float:
        """Return the virtual time."""
        if self.mode != "real":
            return self.base
        moment = self.base + (time.time() - self.anchor) * self.rate
        self._latest = max(self._latest, min(moment, END))
        return self._latest

    def advance(self, seconds: float) -> float:
        """Move forward by virtual seconds and return the new time.

        UsageError when they are negative, or lead beyond where clocks end.
        """
        if not seconds >= 0:
            raise UsageError(f"seconds: {seconds!r} is less than the minimum of 0")
        if self.now() + seconds > END:
            raise UsageError(f"seconds: {seconds!r} is too much: clocks end at {iso(END)}Z")
        self.base, self.anchor = self.now() + seconds, time.time()
        self._latest = self.base
        return self.base

    def change(self, mode: str | None = None, rate: float | None = None) -> None:
        """Run differently from this moment on."""
        self.advance(0)
        self.mode = mode or self.mode
        self.rate = self.rate if rate is None else rate


def real_seconds() -> float:
    """Return seconds of real time since some moment: how long nobody asked, or waited."""
    return time.monotonic()


def iso(moment: float) -> str:
    """Return a moment as 2026-01-01T00:00:00.000000, as every time is stored; views cut it."""
    second, micros = divmod(round(moment * 1_000_000), 1_000_000)
    return f"{_second(second)}.{micros:06d}"


@lru_cache(maxsize=1024)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def moment(text: str) -> float:
    """Return the moment of a stored time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
