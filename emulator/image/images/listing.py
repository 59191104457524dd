"""The query of GET /v2/images: filters, sorting, paging (Glance 33.0.0, api.v2.images index)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from emulator.image import limits
from emulator.image.access import target_of
from emulator.image.errors import InvalidQuery
from emulator.image.images import queries, views
from emulator.simulation.clock import iso
from emulator.store.paging import Page
from emulator.wire.request import Context

SORT_KEYS = (
    "name", "status", "container_format", "disk_format", "size", "id", "created_at", "updated_at",
)  # fmt: skip
VISIBILITIES = ("community", "public", "private", "shared", "all")
MEMBER_STATUSES = ("pending", "accepted", "rejected", "all")
LISTED = ("name", "id", "status", "container_format", "disk_format")  # take in:a,b
MOMENTS = ("created_at", "updated_at")
COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "=", "neq": "<>"}
PAGING = ("limit", "marker", "member_status", "tag", "sort", "sort_key", "sort_dir", "visibility")

Condition = tuple[str, list[Any]]


def index(ctx: Context) -> Any:
    """List the images that the caller sees, newest first unless asked otherwise."""
    given = ctx.query
    limit = _limit(given)
    member_status = _last(given, "member_status", "accepted")
    _visibility(given)
    if member_status not in MEMBER_STATUSES:
        raise InvalidQuery(f"Invalid status: {member_status}")
    if _last(given, "changes-since"):
        raise InvalidQuery('The "changes-since" filter is no longer available on v2.')
    keys = _sorting(given)
    conditions = _conditions(ctx, given)
    ctx.authorize("get_images")
    after = _last(given, "marker")
    marker = None if after is None else queries.marker(ctx, after)
    found = queries.page(ctx, conditions, member_status, Page(keys, marker, limit))
    rows = [row for row in found if ctx.can("get_image", target_of(ctx, row))]
    body = {
        "images": [views.render(row, ctx) for row in rows],
        **page_links("/v2/images", given, rows[-1]["id"] if rows and len(found) == limit else None),
    }
    body["schema"] = "/v2/schemas/images"
    return body


def page_links(path: str, given: Mapping[str, Sequence[str]], marker: str | None) -> dict[str, str]:
    """Return the `first` link of a list and, where a page follows, the `next` one."""
    pairs = {name: values[-1] for name, values in given.items() if name != "marker"}
    links = {"first": f"{path}?{urlencode(pairs)}" if pairs else path}
    if marker is not None:
        links["next"] = f"{path}?{urlencode({**pairs, 'marker': marker})}"
    return links


def _last(given: Mapping[str, Sequence[str]], name: str, default: str | None = None) -> str | None:
    values = given.get(name)
    return values[-1] if values else default


def _limit(given: Mapping[str, Sequence[str]]) -> int:
    text = _last(given, "limit")
    if text is None:
        return limits.PAGE_DEFAULT
    try:
        limit = int(text)
    except ValueError:
        raise InvalidQuery("limit param must be an integer") from None
    if limit < 0:
        raise InvalidQuery("limit param must be positive")
    return min(limit, limits.PAGE_MAX)


def _visibility(given: Mapping[str, Sequence[str]]) -> None:
    visibility = _last(given, "visibility")
    if visibility and visibility not in VISIBILITIES:
        raise InvalidQuery(f"Invalid visibility value: {visibility}")


def _sorting(given: Mapping[str, Sequence[str]]) -> tuple[tuple[str, bool], ...]:
    """The keys to sort by, each with whether downwards; ties are settled by age and id."""
    if "sort" in given:
        if "sort_key" in given or "sort_dir" in given:
            raise InvalidQuery("Old and new sorting syntax cannot be combined")
        parts = [part.partition(":") for part in given["sort"][-1].strip().split(",")]
        names = [_sort_key(name.strip()) for name, _, _ in parts]
        directions = [_sort_dir((direction or "desc").strip()) for _, _, direction in parts]
    else:
        names = [_sort_key(name.strip()) for name in given.get("sort_key", ())]
        directions = [_sort_dir(each.strip()) for each in given.get("sort_dir", ())]
        if len(directions) > 1 and len(directions) != len(names):
            raise InvalidQuery("Number of sort dirs does not match the number of sort keys")
        names = names or ["created_at"]
        directions = directions or ["desc"]
    rest = "desc"
    if len(directions) == 1:
        rest, directions = directions[0], directions * len(names)
    for name in ("created_at", "id"):
        if name not in names:
            names.append(name)
            directions.append(rest)
    return tuple((name, each == "desc") for name, each in zip(names, directions, strict=True))


def _sort_key(name: str) -> str:
    if name not in SORT_KEYS:
        raise InvalidQuery(
            f"Invalid sort key: {name}. It must be one of the following: {', '.join(SORT_KEYS)}."
        )
    return name


def _sort_dir(direction: str) -> str:
    if direction not in ("asc", "desc"):
        raise InvalidQuery(f"Invalid sort direction: {direction}")
    return direction


# Filters


def _conditions(ctx: Context, given: Mapping[str, Sequence[str]]) -> list[Condition]:
    hidden = _flag("os_hidden", (_last(given, "os_hidden") or "false").lower())
    conditions = [queries.equal("os_hidden", hidden)]
    visibility = _last(given, "visibility")
    if visibility is None:
        conditions.append(queries.not_foreign_community(ctx.credentials.project_id))
    elif visibility != "all":
        conditions.append(queries.equal("visibility", visibility))
    conditions += [queries.has_tag(tag.strip()) for tag in given.get("tag", ())]
    for name in given:
        if name not in PAGING and name != "os_hidden":
            conditions.append(_condition(name, given[name][-1]))
    return conditions


def _flag(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise InvalidQuery(
            f"Invalid value '{text}' for '{name}' filter. Valid values are 'true' or 'false'."
        )
    return text == "true"


def _condition(name: str, value: str) -> Condition:
    if name == "protected":
        return queries.equal("protected", _flag(name, value))
    if name.endswith(("_min", "_max")) and name[:-4] in queries.ATTRIBUTES:
        try:
            number = int(value)
        except ValueError:
            raise InvalidQuery("Unable to filter on a range with a non-numeric value.") from None
        return queries.compared(name[:-4], ">=" if name.endswith("_min") else "<=", number)
    if name in MOMENTS or name in LISTED:
        return _operated(name, *split_operator(value))
    if name in queries.ATTRIBUTES:
        return queries.equal(name, value)
    return queries.has_property(name, value)


def _operated(name: str, operator: str, text: str) -> Condition:
    """A filter with an operator: gt:2026-01-01, in:a,b."""
    if name in MOMENTS:
        found = moment(name, text)
        if operator not in COMPARISONS:
            raise InvalidQuery("Unable to filter on a unknown operator.")
        return queries.compared(name, COMPARISONS[operator], found)
    if operator == "in":
        return queries.one_of(name, split_quoted(text))
    if operator == "eq":
        return queries.equal(name, text)
    raise InvalidQuery(f"Unable to filter by unknown operator '{operator}'.")


def split_operator(text: str) -> tuple[str, str]:
    """Return ("gt", "5") for "gt:5", ("eq", text) for a moment or a text without an operator."""
    operator, colon, rest = text.partition(":")
    if not colon or _parsed(text) is not None:
        return "eq", text
    return operator, rest


def split_quoted(text: str) -> list[str]:
    """Return the parts of a comma-separated list; a part in double quotes may hold commas.

    Glance 33.0.0, common.utils.validate_quotes and split_filter_value_for_quotes.
    """
    opened = False
    for found in re.finditer(r'(?<!\\)"', text):
        place = found.start()
        if not opened and place and text[place - 1] != ",":
            raise InvalidQuery(
                f"Invalid filter value {text}. There is no comma before opening quotation mark."
            )
        if opened and text[place + 1 : place + 2] not in ("", ","):
            raise InvalidQuery(
                f"Invalid filter value {text}. There is no comma after closing quotation mark."
            )
        opened = not opened
    if opened:
        raise InvalidQuery(f"Invalid filter value {text}. The quote is not closed.")
    parts = re.finditer(r'"((?:[^"\\]|\\.)*)",?|([^,]+),?|,', text)
    return [found[1] or found[2] or "" for found in parts]


def moment(name: str, text: str) -> str:
    """A moment as the store writes it."""
    found = _parsed(text)
    if found is None:
        raise InvalidQuery(f'Bad "{name}" query filter format. Use ISO 8601 DateTime notation.')
    return iso((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def _parsed(text: str) -> datetime | None:
    """A moment in ISO 8601, perhaps only a year or a month; None when it is none."""
    if re.fullmatch(r"\d{4}(-\d\d)?", text):
        text = f"{text}-01-01"[:10]
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
