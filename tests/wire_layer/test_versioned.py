"""Views, bodies and queries: what holds at which microversion."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.wire.versioned import (
    Body,
    Object,
    Query,
    Span,
    Switch,
    View,
    changes_in,
    either,
    field,
    json_field,
    param,
    parse_version,
    prop,
    since,
    span,
)

CAT = View(
    field("name"),
    field("colour", lambda row, ctx: row["colour"].upper(), until="2.9"),
    field("coat", column="colour", since="2.10"),
    field("owner", since="2.2", policy="cat:owner"),
    field("kittens", when=lambda row, ctx: row["kittens"] > 0),
)
ROW = {"name": "Tom", "colour": "grey", "owner": "me", "kittens": 0}
FEED = Body(
    "feed",
    prop("food", {"type": "string"}, required=True),
    prop("grams", {"type": "integer"}, since="2.10"),
    prop("toys", {"type": "array", "items": Object(prop("bell", {}, since="2.3"))}, until="2.20"),
)


@dataclass
class Looker:
    """Whoever looks, at a version, with some rights."""

    version: tuple[int, int]
    rights: tuple[str, ...] = ()

    def can(self, rule: str, target: Mapping[str, Any] | None = None) -> bool:
        return rule in self.rights


def seen(version: str, *rights: str, **changes: Any) -> dict[str, Any]:
    return CAT.render({**ROW, **changes}, Looker(parse_version(version), rights))


def test_a_field_is_shown_from_its_first_to_its_last_version() -> None:
    assert seen("2.1") == {"name": "Tom", "colour": "GREY"}
    assert seen("2.9") == {"name": "Tom", "colour": "GREY"}
    assert seen("2.10") == {"name": "Tom", "coat": "grey"}


def test_versions_are_numbers_not_texts() -> None:
    assert parse_version("2.10") > parse_version("2.9")


def test_policy_and_conditions_hide_fields() -> None:
    assert "owner" not in seen("2.2")
    assert seen("2.2", "cat:owner")["owner"] == "me"
    assert seen("2.2", kittens=3)["kittens"] == 3


def test_sqlite_writes_a_view_whose_fields_are_sql() -> None:
    cat = View(
        field("name"),
        field("colour", column="upper(colour)", since="2.2"),
        json_field("toys", "toys"),
        json_field("owner", "json_quote(owner)", policy="cat:owner"),
        json_field("owner", "'true'", unless="cat:owner"),
    )
    connection = sqlite3.connect(":memory:")

    def written(version: str, *rights: str, toys: str | None = '["ball}"]') -> Any:
        sql = cat.sql(Looker(parse_version(version), rights))
        row = ('T"o}m}', "grey", toys, "me")
        cats = "(SELECT ? AS name, ? AS colour, ? AS toys, ? AS owner)"
        return json.loads(connection.execute(f"SELECT {sql} FROM {cats}", row).fetchone()[0])

    assert written("2.1") == {"name": 'T"o}m}', "toys": ["ball}"], "owner": True}
    assert written("2.2", "cat:owner")["colour"] == "GREY"
    assert written("2.2", "cat:owner")["owner"] == "me"
    assert "toys" not in written("2.1", toys=None)


def test_a_body_at_a_version_is_plain_json_schema() -> None:
    assert FEED.at((2, 1)) == {
        "type": "object",
        "properties": {
            "feed": {
                "type": "object",
                "properties": {
                    "food": {"type": "string"},
                    "toys": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {},
                            "additionalProperties": False,
                        },
                    },
                },
                "required": ["food"],
                "additionalProperties": False,
            }
        },
        "required": ["feed"],
        "additionalProperties": False,
    }
    at_ten = FEED.at((2, 10))["properties"]["feed"]["properties"]
    assert list(at_ten) == ["food", "grams", "toys"]
    assert at_ten["toys"]["items"]["properties"] == {"bell": {}}
    assert "toys" not in FEED.at((2, 21))["properties"]["feed"]["properties"]


def test_a_query_takes_lists_of_texts_and_may_refuse_the_unknown_from_a_version_on() -> None:
    query = Query(
        param("limit", {"type": "string", "pattern": "^[0-9]*$"}, multiple=False),
        param("tag", since="2.26"),
        unknown=Switch(either(True, until="2.74"), either(False, since="2.75")),
    )
    assert query.at((2, 1)) == {
        "type": "object",
        "properties": {
            "limit": {
                "type": "array",
                "items": {"type": "string", "pattern": "^[0-9]*$"},
                "maxItems": 1,
            }
        },
    }
    assert query.at((2, 75))["additionalProperties"] is False
    assert "tag" in query.at((2, 75))["properties"]


def test_what_a_version_changed_is_read_from_the_tables() -> None:
    tables = {"cat": CAT, "feed body": FEED}
    assert changes_in((2, 10), tables) == ["cat: - colour", "cat: + coat", "feed body: + grams"]
    assert changes_in((2, 3), tables) == ["feed body: + bell"]
    assert changes_in((2, 21), tables) == ["feed body: - toys"]
    assert changes_in((2, 50), tables) == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (span(until="2.46"), span(since="2.47"), False),
        (span(until="2.47"), span(since="2.47"), True),
        (span(), span("2.1", "2.2"), True),
    ],
)
def test_spans_overlap_where_they_share_a_version(one: Span, other: Span, expected: bool) -> None:
    assert one.overlaps(other) is expected
    assert other.overlaps(one) is expected


def test_a_named_behaviour_holds_from_its_version_on() -> None:
    assert not since("2.34").holds((2, 33))
    assert since("2.34").holds((2, 34))
