"""Attribute maps: what can be filtered and sorted by is there, and odd values are refused."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from emulator.network import listing
from emulator.network.attributes import FILTER, POST, SORT
from emulator.network.resource import Resource
from emulator.network.resource import index as list_resources
from emulator.network.routes import OPERATIONS

KINDS: dict[str, Resource] = {
    row.handler.args[0].collection: row.handler.args[0]
    for row in OPERATIONS
    if isinstance(row.handler, partial) and row.handler.func is list_resources
}
CREATED = sorted(name for name, kind in KINDS.items() if kind.create and kind.parent is None)
ODD = [
    None,
    1,
    True,
    10**30,
    1.5,
    "",
    "a" * 300,
    "\x00",
    [],
    [1],
    [{}],
    {},
    {"a": 1},
    "10.0.0.0/33",
]


@pytest.mark.parametrize("name", sorted(KINDS))
def test_lists_can_be_filtered_and_sorted_by_what_says_so(api: Any, name: str) -> None:
    kind = KINDS[name]
    database = api.cloud.database
    columns = {row["name"] for row in database.all(f"PRAGMA table_info({kind.table})")}
    for attribute in kind.attributes.values():
        known = attribute.name in kind.filters or attribute.name in listing.TAGS
        column = listing.column(kind, attribute.name).rpartition(".")[2]
        if FILTER in attribute and not known:
            assert column in columns, attribute.name
        if SORT in attribute and attribute.name not in kind.unsortable:
            assert column in columns, attribute.name


@pytest.mark.parametrize("name", CREATED)
def test_odd_values_are_refused_or_taken_and_break_nothing(api: Any, name: str) -> None:
    kind = KINDS[name]
    for attribute in kind.attributes.values():
        if POST not in attribute:
            continue
        for value in ODD:
            body = {kind.member: {attribute.name: value}}
            answer = api.post(f"/networking/v2.0{kind.path}", body)
            assert answer.status < 500, (body, answer.text)
