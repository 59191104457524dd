"""How long a step takes: a distribution, scaled by a profile, drawn from a stream of its own."""

from __future__ import annotations

import math
from typing import NamedTuple

from emulator.ids import chance

PLAIN = {"instant": 0.0, "fast": 0.1, "typical": 1.0, "slow": 5.0}
"""The profiles that are a factor and nothing else: known without reading their files."""
PROFILE_FACTORS = {**PLAIN, "chaos": 1.0}


class Duration(NamedTuple):
    """A distribution of seconds under the typical profile, between `low` and `high`."""

    kind: str
    low: float
    high: float

    def draw(self, number: float) -> float:
        """Return the seconds for a number in [0, 1)."""
        if self.kind == "lognormal":
            # The logarithm is spread evenly: short is common, long is rare, the ends are kept.
            low, high = math.log(self.low), math.log(self.high)
            return max(self.low, math.exp(low + number * (high - low)))
        return self.low + number * (self.high - self.low)


def fixed(seconds: float) -> Duration:
    """Take always so long."""
    return Duration("fixed", seconds, seconds)


def uniform(low: float, high: float) -> Duration:
    """Take anything from low to high, all alike."""
    return Duration("uniform", low, high)


def lognormal(low: float, high: float) -> Duration:
    """Take from low to high, mostly near the low end."""
    return Duration("lognormal", low, high)


def seconds(duration: Duration, profile: str, seed: int, *keys: object) -> float:
    """Return how long this step takes; it depends on the seed and the keys alone."""
    factor = PROFILE_FACTORS[profile]
    if not factor:
        return 0.0
    if duration.low == duration.high:
        return duration.low * factor
    return duration.draw(chance(seed, *keys)) * factor


def shortest(duration: Duration, profile: str) -> float:
    """Return how long a step takes at least."""
    return duration.low * PROFILE_FACTORS[profile]
