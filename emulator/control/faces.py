"""The Python face of the control API: nouns with the verbs that routes.py has for them."""

from __future__ import annotations

from functools import partial
from typing import Any

from emulator.control.routes import BY_NAME, WORDS
from emulator.control.words import Say, Word
from emulator.errors import UsageError
from emulator.journal import leftovers
from emulator.journal.selection import Requests


class Noun:
    """One noun of the control API: its verbs are functions, `cloud.clock.advance(60)`.

    They take the word's parameters by name, or by place in the word's order, and return the answer.
    UsageError says in one sentence what cannot be done.
    """

    def __init__(self, say: Say, noun: str) -> None:
        self._say = say
        self._noun = noun

    def __getattr__(self, verb: str) -> Any:
        name = f"{self._noun} {verb.rstrip('_').replace('_', '-')}"  # import_, as import is taken
        if name not in BY_NAME:
            raise AttributeError(f"{self._noun!r} has no {verb!r}: it has {', '.join(dir(self))}")
        said = partial(self._say, name)
        said.__doc__ = BY_NAME[name].meaning
        return said

    def __dir__(self) -> list[str]:
        return [each.verb.replace("-", "_") for each in WORDS if each.noun == self._noun]


class Nouns:
    """What every Python face has: an attribute for each noun, and `say` for any word."""

    def say(self, name: str, /, *values: Any, **named: Any) -> Any:
        """Say a word: `say("clock advance", seconds=60)`. UsageError when it cannot be done."""
        raise NotImplementedError

    @property
    def clock(self) -> Noun:
        """Time: show, set, advance, settle, until, wait."""
        return Noun(self.say, "clock")

    @property
    def clouds(self) -> Noun:
        """The clouds beside or below this one: list, create, fork, delete."""
        return Noun(self.say, "clouds")

    @property
    def snapshots(self) -> Noun:
        """Snapshots with names, and files: list, create, restore, delete, diff, export, import_."""
        return Noun(self.say, "snapshots")

    @property
    def lifecycles(self) -> Noun:
        """How long steps of resources take and how they end: list, load, add, remove, clear."""
        return Noun(self.say, "lifecycles")

    @property
    def faults(self) -> Noun:
        """What goes wrong: kinds, list, add, show, remove, clear."""
        return Noun(self.say, "faults")

    @property
    def rate_limits(self) -> Noun:
        """Compute's rate limits: show, set, reset."""
        return Noun(self.say, "rate-limits")

    @property
    def cells(self) -> Noun:
        """Compute's cells: list, set."""
        return Noun(self.say, "cells")

    @property
    def release(self) -> Noun:
        """The release: show, set."""
        return Noun(self.say, "release")

    @property
    def wire_faults(self) -> Noun:
        """Faults of the wire: list, show, add, remove, clear, presets, preset."""
        return Noun(self.say, "wire-faults")

    @property
    def journal(self) -> Noun:
        """What was asked and done: list, clear, why, at, clean, ignored, hygiene, timeline."""
        return Noun(self.say, "journal")

    @property
    def events(self) -> Noun:
        """What is asked and done, while it happens: follow."""
        return Noun(self.say, "events")

    @property
    def timeline(self) -> Noun:
        """Words that are said by themselves, each at its moment: load, show, clear."""
        return Noun(self.say, "timeline")

    @property
    def control(self) -> Noun:
        """The control API itself: describe."""
        return Noun(self.say, "control")


class Face(Nouns):
    """What stands on the words in Python: requests to assert on, reasons, what is left behind.

    It is mixed into Cloud and RemoteCloud, so that both have the same words.
    """

    def requests(self, operation: str = "", **chosen: Any) -> Requests:
        """Return the requests of a kind, to count and to assert on.

        `cloud.requests("POST /servers").once()`; `chosen` are what `journal list` takes: service,
        status, since, request_id, resource, user.
        """

        def found(**chosen: Any) -> tuple[list[Any], int]:
            chosen = {"kind": "request", "limit": "999999999", **chosen}
            answer = self.say("journal list", **chosen)
            return answer["journal"], answer["forgotten"]

        named = {"operation": operation} if operation else {}
        told = [operation, *(f"{name}={value}" for name, value in chosen.items())]
        what = " ".join(each for each in told if each) or "a request"
        entries, forgotten = found(**named, **chosen)
        return Requests(what, entries, lambda: found()[0], forgotten)

    def why(self, request_id: Any = "last") -> dict[str, Any]:
        """Say what refused a request, or what went wrong with what it began; ["sentence"] is it.

        It may be an id, an error of a client that has one (`error.request_id`), a number in the
        journal, or the id of a resource. Without one it is the last that was refused.
        """
        found = getattr(request_id, "request_id", None) or request_id
        if not found:
            raise UsageError("why of what? The id of a request or of a resource is wanted")
        told: dict[str, Any] = self.say("journal why", str(found))["why"]
        return told

    def assert_clean(self) -> None:
        """Assert that nothing is left that was not there at the beginning."""
        __tracebackhide__ = True
        left = self.say("journal clean")["left"]
        if left:
            lines = "\n".join(f"  {leftovers.sentence(each)}" for each in left)
            things = "1 thing is" if len(left) == 1 else f"{len(left)} things are"
            raise AssertionError(f"{things} left behind:\n{lines}")


def find(name: str) -> Word:
    """Return the word of a name. UsageError when there is none."""
    if name not in BY_NAME:
        verbs = [each.verb for each in WORDS if each.noun == name.partition(" ")[0]]
        known = f"; it has {', '.join(verbs)}" if verbs else ""
        raise UsageError(f"there is no {name!r}{known}")
    return BY_NAME[name]
