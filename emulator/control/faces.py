"""The Python face of the control API: nouns with the verbs that routes.py has for them."""

from __future__ import annotations

from functools import partial
from typing import Any

from emulator.control.routes import BY_NAME, WORDS
from emulator.control.words import Say, Word
from emulator.errors import UsageError


class Noun:
    """One noun of the control API: its verbs are functions, `cloud.clock.advance(60)`.

    They take the word's parameters by name, or by place in the word's order, and return the answer.
    UsageError says in one sentence what cannot be done.
    """

    def __init__(self, say: Say, noun: str) -> None:
        self._say = say
        self._noun = noun

    def __getattr__(self, verb: str) -> Any:
        name = f"{self._noun} {verb.replace('_', '-')}"
        if name not in BY_NAME:
            raise AttributeError(f"{self._noun!r} has no {verb!r}: it has {', '.join(dir(self))}")
        said = partial(self._say, name)
        said.__doc__ = BY_NAME[name].meaning
        return said

    def __dir__(self) -> list[str]:
        return [each.verb.replace("-", "_") for each in WORDS if each.noun == self._noun]


class Nouns:
    """What every Python face has: an attribute for each noun, and `say` for any word.

    It is mixed into Cloud and RemoteCloud, so that both have the same words.
    """

    def say(self, name: str, /, *values: Any, **named: Any) -> Any:
        """Say a word: `say("clock advance", seconds=60)`. UsageError when it cannot be done."""
        raise NotImplementedError

    @property
    def clock(self) -> Noun:
        """Time: show, set, advance, settle, until."""
        return Noun(self.say, "clock")

    @property
    def clouds(self) -> Noun:
        """The clouds beside this one: list, create, delete."""
        return Noun(self.say, "clouds")

    @property
    def rate_limits(self) -> Noun:
        """Compute's rate limits: show, set, reset."""
        return Noun(self.say, "rate-limits")

    @property
    def release(self) -> Noun:
        """The release: show, set."""
        return Noun(self.say, "release")

    @property
    def control(self) -> Noun:
        """The control API itself: describe."""
        return Noun(self.say, "control")


def find(name: str) -> Word:
    """Return the word of a name. UsageError when there is none."""
    if name not in BY_NAME:
        verbs = [each.verb for each in WORDS if each.noun == name.partition(" ")[0]]
        known = f"; it has {', '.join(verbs)}" if verbs else ""
        raise UsageError(f"there is no {name!r}{known}")
    return BY_NAME[name]
