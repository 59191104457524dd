"""What the lists of Block Storage have in common: filters, pages, links and counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from emulator.errors import BadInput
from emulator.store.paging import Page, select_page
from emulator.volume.errors import InvalidInput
from emulator.volume.schemas import truth
from emulator.volume.versions import LISTS_COUNT
from emulator.wire.links import next_link
from emulator.wire.request import Context
from emulator.wire.versioned import View

DEFAULT_SORT = "created_at:desc"
OFFSET_MAX = 0x7FFFFFFF
BOOLEAN_WORDS = ("1", "t", "true", "on", "y", "yes", "0", "f", "false", "off", "n", "no")


class Listed(NamedTuple):
    """How a resource is listed: under which key, from where, by what it is filtered and sorted.

    `filters` and `sort_keys` map the names of a query to columns; `owner` is the column of the
    project, `find` looks a marker up as the caller sees it.
    """

    key: str
    columns: str
    source: str
    filters: Mapping[str, str]
    sort_keys: Mapping[str, str]
    find: Callable[[Context, str], Any]
    owner: str = "project_id"
    id: str = "id"
    links: str = ""  # the key of the next page's link, where it is not the list's with _links
    counted: bool = False  # `with_count` is answered


def flag(ctx: Context, name: str) -> bool:
    """Return a truth value of the query, false unless given. BadInput when it is none."""
    text = ctx.query.get(name, ["false"])[-1]
    if text.strip().lower() not in BOOLEAN_WORDS:
        raise BadInput(f"Value '{text}' for '{name}' is not a boolean.")
    return truth(text)


def mapping(text: str) -> dict[str, Any]:
    """A filter as Cinder's clients write it: Python's or JSON's way of a mapping."""
    try:
        found = orjson.loads(text.replace("'", '"'))
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def publicity(ctx: Context) -> str:
    """Return which types an admin asks for, by `is_public`; all others see the public ones."""
    text = ctx.query.get("is_public", ["true"])[-1]
    wanted = text.strip().lower()
    if wanted not in (*BOOLEAN_WORDS, "none"):
        raise BadInput(f"Invalid is_public filter [{text}]")
    return wanted if ctx.is_admin else "true"


def limit_of(ctx: Context) -> int:
    """Return the number of rows that a list's query asks for."""
    text = ctx.query.get("limit", [""])[-1]
    page_max = ctx.settings.page_limit_max
    if not text:
        return page_max
    try:
        limit = int(text)
    except ValueError:
        raise BadInput("limit param must be an integer") from None
    if limit < 0:
        raise BadInput("limit param must be positive")
    return min(limit, page_max)


def conditions(ctx: Context, listed: Listed) -> tuple[list[str], list[Any]]:
    """Return the conditions that the query sets, with their values; admins may see all projects."""
    where: list[str] = []
    values: list[Any] = []
    if not (ctx.is_admin and truth(ctx.query.get("all_tenants", ["false"])[-1])):
        where.append(f"{listed.owner} = ?")
        values.append(ctx.project_id)
    elif "project_id" in ctx.query:
        where.append(f"{listed.owner} = ?")
        values.append(ctx.query["project_id"][-1])
    for name, column in listed.filters.items():
        if name in ctx.query:
            where.append(f"{column} = ?")
            values.append(ctx.query[name][-1])
    return where, values


def page_of(ctx: Context, listed: Listed) -> Page:
    """Return the page that limit, marker and sort ask for."""
    keys: list[tuple[str, bool]] = []
    for name, direction in _asked_order(ctx):
        column = listed.sort_keys.get(name)
        if column is None:
            raise InvalidInput(reason="Invalid sort key")
        if direction not in ("", "asc", "desc"):
            raise InvalidInput(reason="Unknown sort direction, must be 'desc' or 'asc'.")
        keys.append((column, direction != "asc"))
    if listed.id not in dict(keys):
        keys.append((listed.id, keys[0][1]))
    marker = ctx.query.get("marker", [None])[-1]
    return Page(
        tuple(keys), listed.find(ctx, marker) if marker is not None else None, limit_of(ctx)
    )


def _asked_order(ctx: Context) -> list[tuple[str, str]]:
    """Sort keys with their directions, from `sort` or from the older sort_key and sort_dir."""
    if "sort_key" in ctx.query or "sort_dir" in ctx.query:
        if "sort" in ctx.query:
            raise BadInput(
                "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with"
                " the 'sort' parameter."
            )
        return [
            (ctx.query.get("sort_key", ["created_at"])[-1], ctx.query.get("sort_dir", [""])[-1])
        ]
    texts = ctx.query.get("sort", [DEFAULT_SORT])[-1].split(",")
    pairs = [text.strip().partition(":") for text in texts]
    return [(name, direction) for name, _, direction in pairs]


def _offset(ctx: Context) -> int:
    try:
        offset = int(ctx.query.get("offset", ["0"])[-1])
    except ValueError:
        raise BadInput("offset must be an integer") from None
    if offset < 0:
        raise BadInput("offset must be >= 0")
    if offset > OFFSET_MAX:
        raise BadInput(f"offset must be <= {OFFSET_MAX}")
    return offset


def answer(
    ctx: Context,
    listed: Listed,
    view: View,
    path: str,
    *,
    more: tuple[Sequence[str], Sequence[Any]] = ((), ()),
    complete: Callable[[Context, list[Any]], Sequence[Any]] | None = None,
) -> dict[str, Any]:
    """Return a page as the query asks for it, with the next page's link and the count.

    `more` are further conditions with their values; `complete` puts beside the rows what the view
    shows of other tables.
    """
    where, values = conditions(ctx, listed)
    where, values = [*where, *more[0]], [*values, *more[1]]
    is_counted = listed.counted and LISTS_COUNT in ctx and flag(ctx, "with_count")
    found = shared(ctx, listed, view, path, where, values, complete=complete)
    if is_counted:
        found["count"] = _count(ctx, listed, where, values)
    return found


def shared(
    ctx: Context,
    listed: Listed,
    view: View,
    path: str,
    where: Sequence[str],
    values: Sequence[Any],
    *,
    complete: Callable[[Context, list[Any]], Sequence[Any]] | None = None,
) -> dict[str, Any]:
    """Return a page of what is no project's own: these rows, with the next page's link."""
    page = page_of(ctx, listed)
    offset = _offset(ctx)
    wanted = page._replace(limit=None if page.limit is None else page.limit + offset)
    rows: Sequence[Any] = select_page(ctx.db, listed.columns, listed.source, where, values, wanted)[
        offset:
    ]
    if complete is not None:
        rows = complete(ctx, list(rows))
    found: dict[str, Any] = {listed.key: [view.render(row, ctx) for row in rows]}
    if page.limit and len(rows) == page.limit:
        link = {"rel": "next", "href": next_link(ctx, path, rows[-1]["id"])}
        found[listed.links or f"{listed.key}_links"] = [link]
    return found


# Queries


def _count(ctx: Context, listed: Listed, where: Sequence[str], values: Sequence[Any]) -> int:
    text = " AND ".join(f"({each})" for each in where) or "1"
    number: int = ctx.db.value(f"SELECT count(*) FROM {listed.source} WHERE {text}", values)
    return number
