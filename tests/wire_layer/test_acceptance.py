"""What is accepted quickly is what jsonschema accepts, keyword by keyword."""

import pytest
from jsonschema import Draft202012Validator

from emulator.wire.acceptance import KEYWORDS, Reader, Unsure, acceptance, plain_number

VALUES = (
    None, True, False, 0, 1, 1.0, 1.5, -3, 10**30, "", "a", "ab", "abc", "abc\n", "7", [], ["a"],
    ["a", "b"], ["a", "a"], [1, True], [1, "a", 2], {}, {"a": 1}, {"a": "x"}, {"a": 1, "b": 2},
    {"b": "x"}, {"ab": None}, {"x-1": 1}, {"x-1": "one"}, {"a": {"a": {"a": "deep"}}},
    {"a": {"a": {"a": 3}}},
)  # fmt: skip
SCHEMAS = (
    True,
    False,
    {},
    {"title": "nothing", "default": 3, "additionalItems": False},
    {"type": "string"},
    {"type": "integer"},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "null"},
    {"type": ["object", "array"]},
    {"enum": [1, "a", None]},
    {"enum": [True, 0]},
    {"const": 1},
    {"minLength": 1, "maxLength": 2},
    {"type": "string", "pattern": "^[a-c]*$"},
    {"minimum": 0, "maximum": 1},
    {"exclusiveMinimum": 0, "exclusiveMaximum": 1.5},
    {"required": ["a"]},
    {"minProperties": 1, "maxProperties": 1},
    {"properties": {"a": {"type": "integer"}}, "additionalProperties": False},
    {"properties": {"a": {}}, "additionalProperties": {"type": "integer"}},
    {"patternProperties": {"^x-": {"type": "integer"}}, "additionalProperties": False},
    {"propertyNames": {"maxLength": 1}},
    {"minItems": 1, "maxItems": 2},
    {"items": {"type": "string"}},
    {"prefixItems": [{"type": "integer"}, {"type": "string"}], "items": {"type": "integer"}},
    {"prefixItems": [{"type": "integer"}], "items": False},
    {"uniqueItems": True},
    {"uniqueItems": False},
    {"allOf": [{"type": "string"}, {"minLength": 2}]},
    {"anyOf": [{"type": "string"}, {"minimum": 1}]},
    {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    {"oneOf": [{"type": "string"}, {"maxLength": 2}]},
    {"not": {"type": ["integer", "string"]}},
    {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "object"}},
    {"if": {"required": ["a"]}, "then": {"required": ["b"]}},
    {
        "$ref": "#/definitions/node",
        "definitions": {
            "node": {
                "anyOf": [
                    {"type": "string"},
                    {"type": "object", "additionalProperties": {"$ref": "#/definitions/node"}},
                ]
            }
        },
    },
    {"contains": {"type": "string"}},
    {"multipleOf": 2},
    {"dependentRequired": {"a": ["b"]}},
)


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_what_is_accepted_is_what_jsonschema_accepts(schema):
    theirs = Draft202012Validator(schema)
    mine = Reader(schema, {}, plain_number).read(schema)
    for value in VALUES:
        try:
            verdict = mine(value)
        except Unsure:
            continue
        assert verdict == theirs.is_valid(value), value


def test_every_keyword_of_the_draft_is_decided_or_left_to_jsonschema():
    assert set(KEYWORDS) == set(Draft202012Validator.VALIDATORS)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"contains": {"type": "string"}}, ["a"]),
        ({"uniqueItems": True}, [1, True]),
        ({"enum": [[1]]}, [1]),
        ({"not": {"multipleOf": 2}}, 3),
    ],
)
def test_what_is_not_certain_is_not_accepted(schema, value):
    assert not acceptance(schema, {}, plain_number)(value)


def test_formats_and_numbers_are_the_callers():
    accepts = acceptance({"format": "even", "minimum": 2}, {"even": lambda v: len(v) % 2 == 0}, len)
    assert accepts("ab")
    assert not accepts("abc")
    assert not accepts("")
