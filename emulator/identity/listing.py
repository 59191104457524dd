"""Lists as Keystone gives them: filters, pages, and the links around a collection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from emulator.identity.errors import Invalid, NothingThere
from emulator.wire.asked import quietly
from emulator.wire.links import service_root
from emulator.wire.request import Context

LIMIT_MAX = 1000  # [DEFAULT]max_db_limit
COMPARATORS = {  # how a value is found in a column, by what follows the name and two underscores
    "contains": "instr({column}, ?) > 0",
    "startswith": "substr({column}, 1, length(?)) = ?",
    "endswith": "substr({column}, -length(?)) = ?",
}

# View


def link(ctx: Context, *parts: str) -> str:
    """Return the URL of a place in Keystone: link(ctx, "users", user_id)."""
    return "/".join([f"{service_root(ctx)}/v3", *parts])


def own_link(ctx: Context) -> str:
    """Return the URL of this request, query and all."""
    query = f"?{ctx.request.query}" if ctx.request.query else ""
    return f"{service_root(ctx)}{ctx.path}{query}"


def collection(ctx: Context, key: str, items: list[Any], *, cut: bool = False) -> dict[str, Any]:
    """Return a list with the links that belong to it; `cut` says that there may be more."""
    shown: dict[str, Any] = {
        key: items,
        "links": {"next": None, "self": own_link(ctx), "previous": None},
    }
    if cut:
        if items:
            first = {name: values[0] for name, values in quietly(ctx.query).items()}
            following = {**first, "marker": items[-1]["id"], "limit": page_limit(ctx)}
            shown["links"]["next"] = f"{service_root(ctx)}{ctx.path}?{urlencode(following)}"
        shown["truncated"] = True
    return shown


# What the query asks for


def first(ctx: Context, name: str) -> str | None:
    """Return the first value of a query parameter."""
    values = ctx.query.get(name)
    return values[0] if values else None


def is_asked(ctx: Context, name: str) -> bool:
    """Say whether a switch is on: it is when it is there, unless its value is 0."""
    value = first(ctx, name)
    return value is not None and value != "0"


def as_boolean(value: str) -> int:
    """Return the 0 or 1 that a filter on a boolean means."""
    return 0 if value.lower() in ("0", "false") else 1


def page_limit(ctx: Context) -> int | None:
    """Return how many items were asked for, None when all. Invalid when it is no number."""
    text = first(ctx, "limit")
    if not text:
        return None
    try:
        number = int(text)
    except ValueError:
        raise Invalid(f"Invalid input for field/attribute limit. Value: {text}.") from None
    return min(number, LIMIT_MAX)


# Queries


def conditions(
    ctx: Context, texts: Sequence[str], booleans: Sequence[str] = ()
) -> tuple[list[str], list[Any]]:
    """Return the SQL for the filters in the query: columns of text, also by part, and booleans."""
    where: list[str] = []
    values: list[Any] = []
    for parameter in quietly(ctx.query):
        name, _, comparator = parameter.partition("__")
        if name not in booleans and name not in texts:
            continue
        given = ctx.query[parameter]
        if name in booleans and not comparator:
            where.append(f"{name} = ?")
            values.append(as_boolean(given[0]))
        elif name in texts and not comparator:
            where.append(f"{name} = ?")
            values.append(given[0])
        elif name in texts:
            column, value = name, given[0]
            if comparator.startswith("i"):
                comparator, column, value = comparator[1:], f"lower({name})", value.lower()
            sql = COMPARATORS.get(comparator)
            if sql is not None:
                where.append(sql.format(column=column))
                values += [value] * sql.count("?")
    return where, values


def page(
    ctx: Context,
    table: str,
    where: Sequence[str],
    values: Sequence[Any],
    *,
    paged: bool = True,
    order: str = "id",
) -> tuple[list[Any], bool]:
    """Return the rows of a table in the order of their ids, and whether there may be more.

    NothingThere when the marker is no row.
    """
    conditions, arguments = list(where), list(values)
    marker = first(ctx, "marker") if paged else None
    limit = page_limit(ctx) if paged else None
    if marker:
        if ctx.db.get(table, marker) is None:
            raise NothingThere(f"Marker {marker} could not be found.")
        conditions.append("id > ?")
        arguments.append(marker)
    sql = f"SELECT * FROM {table}"
    if conditions:
        sql += " WHERE " + " AND ".join(f"({each})" for each in conditions)
    sql += f" ORDER BY {order}"
    if limit is not None and limit > 0:  # none, or fewer than none, are all (seen on the wire)
        sql += f" LIMIT {limit:d}"
    rows = ctx.db.all(sql, arguments)
    return rows, limit is not None and len(rows) >= limit


def by_ids(ctx: Context, table: str, ids: Sequence[str]) -> list[Any]:
    """Return the rows of these ids, in the order of the ids."""
    marks = ", ".join("?" * len(ids))
    return ctx.db.all(f"SELECT * FROM {table} WHERE id IN ({marks}) ORDER BY id", list(ids))


def must_match(body: Any, given: str) -> None:
    """Raise when the id in a body is not the one in the path."""
    if "id" in body and body["id"] != given:
        raise Invalid("Cannot change ID")
