"""Lists: filters on every attribute, sorting, pages and links (neutron 29.0.0, api_common)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from emulator.network.attributes import FILTER, SORT, Attributes
from emulator.network.errors import BadRequest, HTTPBadRequest
from emulator.store import paging
from emulator.store.paging import Page
from emulator.wire.asked import quietly
from emulator.wire.request import Context

if TYPE_CHECKING:
    from emulator.network.resource import Item, Resource, Row, Where

LIMIT_MAX = 2**31


class Pages(Enum):
    """How a list is cut into pages: it decides what a marker is that nothing has."""

    CHECKED = "the marker is looked up first: not found"
    NATIVE = "by the database, which knows of no such marker: the list from its beginning"
    EMULATED = "after the whole list was made, where the marker is looked for: nothing"
    NONE = "not at all: limit and marker are not read"


NO_FILTERS = ("fields", "sort_key", "sort_dir", "limit", "marker", "page_reverse")


@dataclass
class Question:
    """What a list was asked for. `keys` are (column, descending), the id last."""

    fields: list[str]
    wheres: list[Where]
    keys: list[tuple[str, bool]]
    limit: int | None
    marker: str | None
    reverse: bool


def read(ctx: Context, kind: Resource) -> Question:
    """Read a query string. HTTPBadRequest or BadRequest when it asks for what cannot be."""
    query = ctx.query
    wheres = _filters(ctx, kind)
    keys = _sort_keys(kind, ctx)
    is_paged = kind.pages is not Pages.NONE
    return Question(
        fields=fields_of(ctx, kind),
        wheres=wheres,
        keys=keys,
        limit=_limit(query.get("limit", ["0"])[-1]) if is_paged else None,
        marker=query.get("marker", [""])[-1] or None,
        reverse=query.get("page_reverse", [""])[-1].lower() == "true",
    )


def fields_of(ctx: Context, kind: Resource) -> list[str]:
    """Return the fields that are asked for, none for all."""
    return [each for each in ctx.query.get("fields", []) if each or kind.blank_fields]


def check_whole(ctx: Context, kind: Resource) -> None:
    """Refuse a query that no list could have, and do nothing with it."""
    check(ctx, kind.attributes)
    _sort_keys(kind, ctx)
    _limit(ctx.query.get("limit", ["0"])[-1])


def check(ctx: Context, known: Attributes) -> dict[str, Any]:
    """Return what a query filters by, as it is compared. It refuses what no list is filtered by.

    What cannot be converted is told first.
    """
    found: dict[str, Any] = {}
    unknown = []
    for name, given in quietly(ctx.query).items():
        if name in NO_FILTERS:
            continue
        row = known.get(name)
        if row is None or FILTER not in row:
            unknown.append(name)
            continue
        found[name] = list(given)
        if row.filter_to is not None:
            found[name] = row.filter_to(found[name])
        elif row.to is not None:
            found[name] = [row.to(each) for each in given]
    if unknown:
        raise HTTPBadRequest(f"{unknown} is invalid attribute for filtering")
    return found


def wanted(ctx: Context, known: Attributes) -> dict[str, Any]:
    """Return what a list is filtered by, which then counts as looked at."""
    found = check(ctx, known)
    for name in found:
        ctx.query.get(name)
    return found


def plain(ctx: Context, known: Attributes, items: Sequence[Item]) -> list[Item]:
    """Return of a list that has no table what was asked for; there is one page of it."""
    asked = wanted(ctx, known)
    _check_sorting(ctx, known)
    _limit(ctx.query.get("limit", ["0"])[-1])
    kept = [each for each in items if all(each.get(n, v[0]) in v for n, v in asked.items())]
    fields = [each for each in ctx.query.get("fields", []) if each]
    return [only(each, fields) for each in kept]


def only(item: Item, fields: Sequence[str]) -> Item:
    """Return the fields asked for of an item, all when none are."""
    if not fields:
        return item
    return {name: value for name, value in item.items() if name in fields}


def _filters(ctx: Context, kind: Resource) -> list[Where]:
    wheres: list[Where] = []
    for name, values in wanted(ctx, kind.attributes).items():
        own = kind.filters.get(name) or TAGS.get(name)
        wheres.append(own(ctx, values) if own else equals(column(kind, name), values))
    return [_at(kind, each) for each in wheres]


def _at(kind: Resource, where: Where) -> Where:
    """Put the table's name into a condition that was written for every table."""
    return where[0].replace("{table}", kind.table), where[1]


def column(kind: Resource, name: str) -> str:
    """Return the column of an attribute: colons are underscores, the owner is project_id."""
    plain = "project_id" if name == "tenant_id" else name.replace(":", "_").replace("-", "_")
    own = kind.renamed.get(name, plain)
    return f"{kind.table}.{own}"


def _limit(text: str) -> int | None:
    if text.isdigit():
        return min(int(text), LIMIT_MAX) or None
    raise BadRequest(
        resource="limit", msg=f"Limit must be an integer 0 or greater and not '{text}'"
    )


def _check_sorting(ctx: Context, known: Attributes) -> list[tuple[str, str]]:
    """Return what is sorted by and which way. HTTPBadRequest when that cannot be."""
    names = [each for each in ctx.query.get("sort_key", ()) if each]
    directions = [each for each in ctx.query.get("sort_dir", ()) if each]
    if len(names) != len(directions):
        raise HTTPBadRequest("The number of sort_keys and sort_dirs must be same")
    absent = [each for each in names if each not in known or SORT not in known[each]]
    if absent:
        raise HTTPBadRequest(f"{absent} is invalid attribute for sort_keys")
    wrong = [each for each in directions if each not in ("asc", "desc")]
    if wrong:
        raise HTTPBadRequest(
            f"{wrong} is invalid value for sort_dirs, valid value is 'asc' and 'desc'"
        )
    return list(zip(names, directions, strict=True))


def _sort_keys(kind: Resource, ctx: Context) -> list[tuple[str, bool]]:
    asked = _check_sorting(ctx, kind.attributes)
    for name, _ in asked:
        if name in kind.unsortable:
            raise BadRequest(
                resource=kind.unsortable[name], msg=f"'{name}' is an invalid attribute for sort key"
            )
    keys = [(column(kind, name), way == "desc") for name, way in asked]
    if kind.key not in [name for name, _ in asked]:
        keys.append((column(kind, kind.key), False))
    return keys


def links(
    ctx: Context, kind: Resource, question: Question, rows: Sequence[Row]
) -> list[dict[str, str]]:
    """Return the links to the pages after and before."""
    found = []
    full = question.limit is None or len(rows) >= question.limit
    if full or question.reverse:
        found.append({"rel": "next", "href": _link(ctx, rows[-1][kind.key] if rows else None)})
    if full or not question.reverse:
        first = rows[0][kind.key] if rows else None
        found.append({"rel": "previous", "href": _link(ctx, first, page_reverse="True")})
    return found


def _link(ctx: Context, marker: str | None, **more: str) -> str:
    pairs = [
        (name, value)
        for name, values in ctx.query.items()
        for value in values
        if name not in ("marker", "page_reverse")
    ]
    if marker is not None:
        pairs.append(("marker", marker))
    request = ctx.request
    base = f"{request.origin}{request.root}{ctx.mount}{ctx.path}"
    return f"{base}?{urlencode([*pairs, *more.items()])}"


# Queries


def anything(ctx: Context, values: Sequence[Any]) -> Where:
    """Return the condition of a filter that Neutron takes and does nothing with."""
    return "1", []


def equals(name: str, values: Sequence[Any]) -> Where:
    """Return the condition that a column is one of the values."""
    wanted = [int(each) if isinstance(each, bool) else each for each in values if each is not None]
    marks = ", ".join("?" * len(wanted))
    text = f"{name} IN ({marks})"
    if len(wanted) < len(values):
        text += f" OR {name} IS NULL"
    return text, wanted


def _tag_list(values: Sequence[str]) -> list[str]:
    return [tag for value in values for tag in value.split(",")]


def with_tags(ctx: Context, values: Sequence[str]) -> Where:
    """Return the condition that a resource has every tag."""
    tags = _tag_list(values)
    marks = ", ".join("?" * len(tags))
    text = f"(SELECT count(*) FROM json_each({{table}}.tags) WHERE value IN ({marks})) = ?"
    return text, [*tags, len(set(tags))]


def with_any_tag(ctx: Context, values: Sequence[str]) -> Where:
    """Return the condition that a resource has one of the tags."""
    tags = _tag_list(values)
    marks = ", ".join("?" * len(tags))
    return f"EXISTS (SELECT 1 FROM json_each({{table}}.tags) WHERE value IN ({marks}))", tags


def without_tags(ctx: Context, values: Sequence[str]) -> Where:
    """Return the condition that a resource has not every tag."""
    text, wanted = with_tags(ctx, values)
    return f"NOT ({text})", wanted


def without_any_tag(ctx: Context, values: Sequence[str]) -> Where:
    """Return the condition that a resource has none of the tags."""
    text, wanted = with_any_tag(ctx, values)
    return f"NOT ({text})", wanted


TAGS = {
    "tags": with_tags,
    "tags-any": with_any_tag,
    "not-tags": without_tags,
    "not-tags-any": without_any_tag,
}


def select_page(ctx: Context, kind: Resource, question: Question) -> list[Row]:
    """Return the rows of the page asked for, in the order asked for."""
    wheres = list(question.wheres)
    if kind.kept is not None:
        wheres.append(kind.kept(ctx))
    if kind.sees is not None and not ctx.is_admin:
        wheres.append(kind.sees(ctx))
    values = [ctx.project_id] * kind.columns.count("?")
    values += [value for _, more in wheres for value in more]
    columns = f"{kind.table}.*" + (f", {kind.columns}" if kind.columns else "")
    keys = [(name, down is not question.reverse) for name, down in question.keys]
    marker = None
    if question.marker is not None and question.limit:
        marker = ctx.db.one(
            f"SELECT {columns} FROM {kind.table} WHERE {kind.table}.{kind.key} = ?",
            (*values[: kind.columns.count("?")], question.marker),
        )
        if marker is None and kind.pages is Pages.CHECKED:
            raise kind.missing(question.marker)
        if marker is None and kind.pages is Pages.EMULATED:
            return []
    page = Page(tuple(keys), marker, question.limit)
    source = f"{kind.table} {kind.source}"
    rows = paging.select_page(ctx.db, columns, source, [text for text, _ in wheres], values, page)
    return rows[::-1] if question.reverse else rows
