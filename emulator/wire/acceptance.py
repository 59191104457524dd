"""Says quickly whether a value satisfies a JSON Schema (draft 2020-12, as jsonschema reads it).

A schema becomes a function once, keyword by keyword, in microseconds: a library that writes and
compiles Python for each schema takes tens of milliseconds and half a megabyte for a large one,
which every first request of an operation would pay. What a keyword here does not decide for
certain is `Unsure`: it is not accepted, and jsonschema, whose word is the last, looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Check = Callable[[Any], bool]


class Unsure(Exception):
    """Whether the value is good is for jsonschema to say."""


def acceptance(
    schema: Any, formats: Mapping[str, Check], number_of: Callable[[Any], float | None]
) -> Check:
    """Return what says whether a value satisfies the schema; what it accepts is good.

    `formats` are the formats that are checked; `number_of` returns what `minimum` and `maximum`
    limit in a value, None where they do not limit it.
    """
    check = Reader(schema, formats, number_of).read(schema)

    def accepts(value: Any) -> bool:
        try:
            return check(value)
        except Unsure:
            return False

    return accepts


def plain_number(value: Any) -> float | None:
    """Return a number that is one in JSON."""
    return value if _is_number(value) else None


class Reader:
    """Reads the schemas of one document: its formats, and its definitions, each read once."""

    def __init__(
        self, root: Any, formats: Mapping[str, Check], number_of: Callable[[Any], float | None]
    ) -> None:
        self.root = root
        self.formats = formats
        self.number_of = number_of
        self.definitions: dict[str, Check] = {}

    def read(self, schema: Any) -> Check:
        """Return the check of one schema."""
        if isinstance(schema, bool):
            return lambda value: schema
        checks = [
            KEYWORDS[name](self, argument, schema)
            for name, argument in schema.items()
            if name in KEYWORDS
        ]
        return _all(checks)

    def defined(self, reference: str) -> Check:
        """Return the check of a definition, which is read when a value first comes to it."""

        def check(value: Any) -> bool:
            if reference not in self.definitions:
                place = self.root
                for name in reference.removeprefix("#/").split("/"):
                    place = place[name]
                self.definitions[reference] = self.read(place)
            return self.definitions[reference](value)

        return check


def _all(checks: list[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]

    def check(value: Any) -> bool:
        for each in checks:  # noqa: SIM110 (all(…) takes twice as long)
            if not each(value):
                return False
        return True

    return check


# Keywords: of each kind of value, what the argument demands of it


def _of(kind: type, holds: Callable[[Any, Any], bool]) -> Any:
    """A keyword that says something of values of one kind only."""

    def keyword(reader: Reader, argument: Any, schema: Any) -> Check:
        return lambda value: not isinstance(value, kind) or holds(value, argument)

    return keyword


def _limit(holds: Callable[[float, float], bool]) -> Any:
    """A keyword that limits numbers."""

    def keyword(reader: Reader, argument: Any, schema: Any) -> Check:
        number_of = reader.number_of

        def check(value: Any) -> bool:
            number = number_of(value)
            return number is None or holds(number, argument)

        return check

    return keyword


def _strict_limit(holds: Callable[[float, float], bool]) -> Any:
    """A keyword that limits numbers alone, never their texts."""

    def keyword(reader: Reader, argument: Any, schema: Any) -> Check:
        return lambda value: not _is_number(value) or holds(value, argument)

    return keyword


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


TYPES: Mapping[str, Check] = {
    "string": lambda value: isinstance(value, str),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": _is_number,
    "integer": lambda value: (
        (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, float) and value.is_integer())
    ),
}


def _type(reader: Reader, argument: Any, schema: Any) -> Check:
    if isinstance(argument, str):
        return TYPES[argument]
    kinds = [TYPES[name] for name in argument]
    return lambda value: any(is_kind(value) for is_kind in kinds)


def _equal(value: Any, other: Any) -> bool:
    """Say whether two values are the same in JSON, where true is not 1."""
    if isinstance(value, dict | list) or isinstance(other, dict | list):
        raise Unsure
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


def _enum(reader: Reader, argument: Any, schema: Any) -> Check:
    return lambda value: any(_equal(value, each) for each in argument)


def _const(reader: Reader, argument: Any, schema: Any) -> Check:
    return lambda value: _equal(value, argument)


def _pattern(reader: Reader, argument: Any, schema: Any) -> Check:
    def check(value: Any) -> bool:
        return not isinstance(value, str) or re.search(argument, value) is not None

    return check


def _format(reader: Reader, argument: Any, schema: Any) -> Check:
    return reader.formats.get(argument, lambda value: True)


def _properties(reader: Reader, argument: Any, schema: Any) -> Check:
    checks = {name: reader.read(each) for name, each in argument.items()}

    def check(value: Any) -> bool:
        if isinstance(value, dict):
            for name, each in value.items():
                if name in checks and not checks[name](each):
                    return False
        return True

    return check


def _pattern_properties(reader: Reader, argument: Any, schema: Any) -> Check:
    checks = [(pattern, reader.read(each)) for pattern, each in argument.items()]

    def check(value: Any) -> bool:
        return not isinstance(value, dict) or all(
            each(value[name])
            for pattern, each in checks
            for name in value
            if re.search(pattern, name)
        )

    return check


def _additional_properties(reader: Reader, argument: Any, schema: Any) -> Check:
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", ())
    each = reader.read(argument)

    def check(value: Any) -> bool:
        if isinstance(value, dict):
            for name in value:
                if name in known or any(re.search(pattern, name) for pattern in patterns):
                    continue
                if not each(value[name]):
                    return False
        return True

    return check


def _property_names(reader: Reader, argument: Any, schema: Any) -> Check:
    each = reader.read(argument)
    return lambda value: not isinstance(value, dict) or all(each(name) for name in value)


def _prefix_items(reader: Reader, argument: Any, schema: Any) -> Check:
    checks = [reader.read(each) for each in argument]

    def check(value: Any) -> bool:
        return not isinstance(value, list) or all(
            each(item) for each, item in zip(checks, value, strict=False)
        )

    return check


def _items(reader: Reader, argument: Any, schema: Any) -> Check:
    each, begin = reader.read(argument), len(schema.get("prefixItems", ()))

    def check(value: Any) -> bool:
        return not isinstance(value, list) or all(each(item) for item in value[begin:])

    return check


def _unique_items(reader: Reader, argument: Any, schema: Any) -> Check:
    def check(value: Any) -> bool:
        if not argument or not isinstance(value, list) or len(value) < 2:
            return True
        if not all(isinstance(item, str) for item in value):
            raise Unsure
        return len(set(value)) == len(value)

    return check


def _all_of(reader: Reader, argument: Any, schema: Any) -> Check:
    return _all([reader.read(each) for each in argument])


def _any_of(reader: Reader, argument: Any, schema: Any) -> Check:
    checks = [reader.read(each) for each in argument]
    return lambda value: any(each(value) for each in checks)


def _one_of(reader: Reader, argument: Any, schema: Any) -> Check:
    checks = [reader.read(each) for each in argument]
    return lambda value: sum(each(value) for each in checks) == 1


def _not(reader: Reader, argument: Any, schema: Any) -> Check:
    check = reader.read(argument)
    return lambda value: not check(value)


def _if(reader: Reader, argument: Any, schema: Any) -> Check:
    condition = reader.read(argument)
    then, otherwise = reader.read(schema.get("then", True)), reader.read(schema.get("else", True))
    return lambda value: then(value) if condition(value) else otherwise(value)


def _reference(reader: Reader, argument: Any, schema: Any) -> Check:
    return reader.defined(argument)


def _unsure(reader: Reader, argument: Any, schema: Any) -> Check:
    def check(value: Any) -> bool:
        raise Unsure

    return check


def _has_all(value: Mapping[str, Any], names: Iterable[str]) -> bool:
    return all(name in value for name in names)


KEYWORDS: Mapping[str, Callable[[Reader, Any, Any], Check]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "minLength": _of(str, lambda value, least: len(value) >= least),
    "maxLength": _of(str, lambda value, most: len(value) <= most),
    "pattern": _pattern,
    "format": _format,
    "minimum": _limit(lambda number, least: number >= least),
    "maximum": _limit(lambda number, most: number <= most),
    "exclusiveMinimum": _strict_limit(lambda number, least: number > least),
    "exclusiveMaximum": _strict_limit(lambda number, most: number < most),
    "required": _of(dict, _has_all),
    "minProperties": _of(dict, lambda value, least: len(value) >= least),
    "maxProperties": _of(dict, lambda value, most: len(value) <= most),
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "propertyNames": _property_names,
    "minItems": _of(list, lambda value, least: len(value) >= least),
    "maxItems": _of(list, lambda value, most: len(value) <= most),
    "prefixItems": _prefix_items,
    "items": _items,
    "uniqueItems": _unique_items,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
    "$ref": _reference,
    **dict.fromkeys(
        (
            "$dynamicRef", "contains", "dependentRequired", "dependentSchemas", "multipleOf",
            "unevaluatedItems", "unevaluatedProperties",
        ),
        _unsure,
    ),
}  # fmt: skip
"""All keywords of the draft; jsonschema takes no notice of others either."""
