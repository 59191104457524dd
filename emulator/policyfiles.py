"""Policy rules as people write them down: a mapping of names to checks, or a file of oslo.policy.

A service's policy.yaml is such a mapping: {"os_compute_api:servers:create": "role:admin"}. Rules
that are not in it stay as they are; rules that no service knows may be referred to by others;
`default` takes the place of a rule that is referred to and not there. A rule of an older release,
under the name it had then, holds for those that took its place unless the file has them as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.errors import UsageError
from emulator.policy import Enforcer, PolicySyntaxError, references
from emulator.yamlfiles import read

Rules = dict[str, str]


def from_file(path: str | Path) -> Rules:
    """Return the rules of a file. UsageError names file, line and rule of what cannot be read."""
    document = read(path)
    try:
        return checked(document)
    except UsageError as problem:
        raise UsageError(f"{document.trail.place}: {problem}") from None


def checked(given: Mapping[str, Any]) -> Rules:
    """Return rules as texts. UsageError for a check that cannot be read or refers to itself."""
    rules = {name: _text(check) for name, check in given.items()}
    enforcer = Enforcer(rules)
    for name, text in given.items():
        try:
            enforcer.compile(_text(text))
        except PolicySyntaxError as problem:
            raise UsageError(str(problem)) from None
        circle = _circle(rules, name)
        if circle:
            raise UsageError(f"the rule refers to itself: {' → '.join(circle)}")
    return rules


def _text(check: Any) -> str:
    """A check as text: itself, or the older form, a list of lists of which one must hold whole."""
    if isinstance(check, str):
        return check
    if isinstance(check, list) and all(isinstance(each, str | list) for each in check):
        ways = [[each] if isinstance(each, str) else each for each in check]
        if all(isinstance(term, str) for way in ways for term in way):
            return " or ".join(f"({' and '.join(way)})" for way in ways if way)
    raise UsageError(f'takes a check, such as "role:admin", not {check!r}')


def _circle(rules: Mapping[str, str], name: str) -> list[str]:
    """The way from a rule through others back to it, empty when there is none."""
    ways, seen = [[name]], {name}
    while ways:
        way = ways.pop()
        for other in references(rules.get(way[-1], "")):
            if other == name:
                return [*way, name]
            if other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return []


def renewed(given: Rules, formerly: Mapping[str, str]) -> Rules:
    """Return the rules given, with those that took the place of one of them under its old name.

    `formerly` is the name that a rule had: {"…:os-services:list": "…:os-services"}.
    """
    successors = {
        name: f"rule:{old}"
        for name, old in formerly.items()
        if old in given and name not in given and name not in references(given[old])
    }
    return {**given, **successors}
