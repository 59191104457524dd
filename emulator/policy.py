"""Policy rules in oslo.policy's language, compiled to closures.

    "os_compute_api:servers:show": "rule:project_reader_or_admin"
    "project_reader_or_admin": "(role:reader and project_id:%(project_id)s) or role:admin"

A check is asked with the caller (anything with `policy_value(name)` and `roles`) and the target, a
mapping such as {"project_id": ...}. A rule that is not there is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol


class Own(dict[str, Any]):
    """A target that says no more than whose it is; what a rule says of it may be remembered."""


class Caller(Protocol):
    """Who asks: what oslo.policy calls credentials."""

    roles: frozenset[str]

    def policy_value(self, name: str) -> Any:
        """Return the credential of that name, None when there is none."""
        ...


Target = Mapping[str, Any]
Check = Callable[[Caller, Target], bool]
Kind = Callable[[str], Check]

TOKEN = re.compile(r"\s*(\(|\)|(?:'[^']*'|%\([^)]*\)s|[^\s()])+)")
WORDS = {"and", "or", "not"}  # however they are written
ASKING_OTHERS = {"http", "https"}  # checks that oslo.policy sends to another server


class PolicySyntaxError(ValueError):
    """A check that cannot be read; the message quotes it."""


class Enforcer:
    """The rules of one service. Compiles a rule when it is first asked for.

    `kinds` adds checks of the service's own, e.g. Neutron's "field:networks:shared=True".
    """

    def __init__(
        self,
        defaults: Mapping[str, str],
        overrides: Mapping[str, str] | None = None,
        kinds: Mapping[str, Kind] | None = None,
    ) -> None:
        self.rules: Mapping[str, str] = {**defaults, **(overrides or {})}
        self._kinds = dict(kinds or {})
        self._compiled: dict[str, Check] = {}

    def allows(self, rule: str, caller: Caller, target: Target) -> bool:
        """Say whether the rule lets the caller act on the target."""
        check = self._compiled.get(rule)
        if check is None:
            check = self._compiled[rule] = self._rule(rule)
        return check(caller, target)

    def _rule(self, name: str) -> Check:
        text = self.rules.get(name, self.rules.get("default"))
        return never if text is None else self.compile(text)

    def compile(self, text: str) -> Check:
        """Compile a check string. PolicySyntaxError when it cannot be read."""
        tokens = _tokens(text)
        if not tokens:
            return always
        check, rest = self._either(tokens, text)
        if rest:
            raise PolicySyntaxError(f"Policy check {text!r}: unexpected {rest[0]!r}")
        return check

    def _either(self, tokens: list[str], text: str) -> tuple[Check, list[str]]:
        first, tokens = self._both(tokens, text)
        checks = [first]
        while tokens and tokens[0] == "or":
            check, tokens = self._both(tokens[1:], text)
            checks.append(check)
        return (checks[0] if len(checks) == 1 else _any_of(checks)), tokens

    def _both(self, tokens: list[str], text: str) -> tuple[Check, list[str]]:
        first, tokens = self._single(tokens, text)
        checks = [first]
        while tokens and tokens[0] == "and":
            check, tokens = self._single(tokens[1:], text)
            checks.append(check)
        return (checks[0] if len(checks) == 1 else _all_of(checks)), tokens

    def _single(self, tokens: list[str], text: str) -> tuple[Check, list[str]]:
        if not tokens:
            raise PolicySyntaxError(f"Policy check {text!r}: ends too early")
        head, rest = tokens[0], tokens[1:]
        if head == "not":
            check, rest = self._single(rest, text)
            return (lambda caller, target: not check(caller, target)), rest
        if head == "(":
            check, rest = self._either(rest, text)
            if not rest or rest[0] != ")":
                raise PolicySyntaxError(f"Policy check {text!r}: a ')' is missing")
            return check, rest[1:]
        return self._term(head, text), rest

    def _term(self, term: str, text: str) -> Check:
        if term == "@":
            return always
        if term == "!":
            return never
        kind, colon, match = term.partition(":")
        if not colon:
            raise PolicySyntaxError(f"Policy check {text!r}: {term!r} has no ':'")
        if kind == "role":
            role = match.lower()
            return lambda caller, target: role in caller.roles
        if kind in ASKING_OTHERS:
            raise PolicySyntaxError(f"Policy check {text!r}: no other server is asked: {term!r}")
        if kind == "rule":
            return lambda caller, target: self.allows(match, caller, target)
        if kind in self._kinds:
            return self._kinds[kind](match)
        return _comparison(kind, match)


def always(caller: Caller, target: Target) -> bool:
    """Allow everyone: the check "@", or an empty one."""
    return True


def never(caller: Caller, target: Target) -> bool:
    """Allow nobody: the check "!"."""
    return False


def references(text: str) -> set[str]:
    """Return the rules that a check refers to: {"owner"} of "role:admin or rule:owner"."""
    return {token[len("rule:") :] for token in _tokens(text) if token.startswith("rule:")}


def _tokens(text: str) -> list[str]:
    found = [match.group(1) for match in TOKEN.finditer(text)]
    return [token.lower() if token.lower() in WORDS else token for token in found]


def _any_of(checks: list[Check]) -> Check:
    if len(checks) == 2:
        first, second = checks
        return lambda caller, target: first(caller, target) or second(caller, target)
    return lambda caller, target: any(check(caller, target) for check in checks)


def _all_of(checks: list[Check]) -> Check:
    if len(checks) == 2:
        first, second = checks
        return lambda caller, target: first(caller, target) and second(caller, target)
    return lambda caller, target: all(check(caller, target) for check in checks)


def _comparison(kind: str, match: str) -> Check:
    """`project_id:%(project_id)s`: a credential or 'literal' against the target or a literal."""
    quoted = kind[:1] == "'" == kind[-1:]
    field = match[2:-2] if match.startswith("%(") and match.endswith(")s") else None

    def check(caller: Caller, target: Target) -> bool:
        if field is None:
            right = match
        elif field in target:
            right = str(target[field])
        else:
            return False
        if quoted or kind in ("True", "False", "None"):
            return kind.strip("'") == right
        left = caller.policy_value(kind)
        return left is not None and str(left) == right

    return check
