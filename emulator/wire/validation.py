"""Checks bodies and queries: quickly when they are good, in the real service's words when not.

`acceptance` knows good ones in microseconds; only what it does not accept is looked at again by
jsonschema, whose errors are what the real services word their refusals with.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from emulator.errors import EmulatorError
from emulator.wire.acceptance import acceptance, plain_number

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

FormatCheck = Callable[[Any], bool]
"""format(value) → whether a value satisfies it; values of other types satisfy every format.

A format that raises an EmulatorError refuses the value in its own words."""

Wording = Callable[["ValidationError"], EmulatorError]
"""Words the refusal that jsonschema's error stands for."""


@dataclass
class Dialect:
    """How one service validates: its formats, and how it words a refusal of a body and of a query.

    `numeric_text` applies minimum and maximum to numbers given as text too (Nova 34.0.0,
    nova.api.validation.validators). `first_error` picks the error that is worded. `drops_unknown`
    takes query parameters that are not in the table out of the query, where they are allowed.
    """

    formats: Mapping[str, FormatCheck]
    word_body: Wording
    word_query: Wording
    numeric_text: bool = False
    drops_unknown: bool = False
    first_error: Callable[[Any, Any], ValidationError | None] | None = None
    _accepts: dict[str, Callable[[Any], bool]] = field(default_factory=dict)
    _by_identity: dict[int, tuple[Any, Callable[[Any], bool]]] = field(default_factory=dict)

    def check_body(self, schema: Any, value: Any) -> None:
        """Raise the service's refusal when the body does not satisfy the schema."""
        if not self._quick(schema)(value):
            self._explain(schema, value, self.word_body)

    def check_query(self, schema: Any, value: Mapping[str, list[str]]) -> None:
        """Raise the service's refusal when the query does not satisfy the schema."""
        if not self._quick(schema)(value):
            self._explain(schema, value, self.word_query)

    def _quick(self, schema: Any) -> Callable[[Any], bool]:
        """Return the compiled check of a schema; schemas of equal content share one."""
        known = self._by_identity.get(id(schema))
        if known is not None and known[0] is schema:
            return known[1]
        text = json.dumps(schema)
        accepts = self._accepts.get(text)
        if accepts is None:
            accepts = self._accepts[text] = self._compile(schema)
        self._by_identity[id(schema)] = (schema, accepts)
        return accepts

    def _compile(self, schema: Any) -> Callable[[Any], bool]:
        formats = {name: _for_text(check) for name, check in self.formats.items()}
        return acceptance(schema, formats, _number if self.numeric_text else plain_number)

    def _explain(self, schema: Any, value: Any, word: Wording) -> None:
        """Ask jsonschema, which has the last word: what it accepts is accepted."""
        validator = _wording_validator(self.numeric_text)(
            schema, format_checker=_checker(self.formats)
        )
        if self.first_error is not None:
            error = self.first_error(validator, value)
        else:
            error = next(validator.iter_errors(value), None)
        if error is not None:
            refusal = error.cause if isinstance(error.cause, EmulatorError) else word(error)
            refusal.facts["field"] = ".".join(str(each) for each in error.absolute_path)
            refusal.facts["schema"] = {error.validator: error.validator_value}
            raise refusal


def _for_text(check: FormatCheck) -> FormatCheck:
    """Return the check as one that never raises: what is refused is looked at again."""

    def holds(value: Any) -> bool:
        try:
            return check(value)
        except EmulatorError:
            return False

    return holds


def _checker(formats: Mapping[str, FormatCheck]) -> Any:
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    for name, check in formats.items():
        checker.checkers = {**checker.checkers, name: (check, EmulatorError)}
    return checker


@cache
def _wording_validator(numeric_text: bool) -> Any:
    """jsonschema's validator; where asked, with minimum and maximum for numbers given as text."""
    import jsonschema

    if not numeric_text:
        return jsonschema.Draft202012Validator

    def minimum(validator: Any, limit: Any, instance: Any, schema: Any) -> Any:
        number = _number(instance)
        if number is not None and number < limit:
            yield jsonschema.ValidationError(f"{number!r} is less than the minimum of {limit!r}")

    def maximum(validator: Any, limit: Any, instance: Any, schema: Any) -> Any:
        number = _number(instance)
        if number is not None and number > limit:
            yield jsonschema.ValidationError(f"{number!r} is greater than the maximum of {limit!r}")

    return jsonschema.validators.extend(  # type: ignore[no-untyped-call]
        jsonschema.Draft202012Validator, {"minimum": minimum, "maximum": maximum}
    )


def _number(value: Any) -> float | int | None:
    """A number, given as text or not; None for everything else. Nova cuts fractions off."""
    for kind in (int, float):
        try:
            return kind(value)
        except (ValueError, TypeError, OverflowError):
            continue
    return None
