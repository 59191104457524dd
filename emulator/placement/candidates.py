"""Allocation candidates: which providers could satisfy a request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

from emulator.placement import candidate_search, request_groups, resource_classes, traits
from emulator.placement.candidate_search import Candidate, Provider
from emulator.placement.errors import InvalidQuery
from emulator.placement.filters import Asked
from emulator.placement.replies import fresh
from emulator.placement.schemas import NUMBER_PATTERN, SUFFIX_PATTERN, TEXT
from emulator.placement.versions import ALL_CLASSES_SHOWN, TREES_SEARCHED
from emulator.store.database import numbered
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Query, Switch, View, either, field, prop, since

CLASS_NAME = re.compile(r"[A-Z0-9_]+")
AS_DICT = since("1.12")
MAPPINGS = since("1.34")

PREFIXES = ("resources", "required", "member_of", "in_tree")

# Schemas


def _suffixed(suffix: str, *names: str) -> dict[str, Any]:
    """The parameters of groups, with and without a suffix."""
    return {f"^{name}({suffix})?$": TEXT for name in names}


LIMIT = {
    "type": ["integer", "string"],
    "pattern": "^[1-9][0-9]*$",
    "minimum": 1,
    "minLength": 1,
}
LIST = Query(
    prop("resources", TEXT, required=True),
    prop("limit", LIMIT, since="1.16"),
    prop("required", {"type": ["string"]}, since="1.17"),
    prop("member_of", {"type": ["string"]}, since="1.21"),
    unknown=False,
)
LIST_OF_GROUPS = Query(
    prop("limit", LIMIT),
    prop("group_policy", {"type": "string", "enum": ["none", "isolate"]}),
    prop("root_required", {"type": ["string"]}, since="1.35"),
    prop("same_subtree", {"type": ["string"]}, since="1.36"),
    unknown=False,
    patternProperties=Switch(
        either(_suffixed(NUMBER_PATTERN, *PREFIXES[:3]), until="1.30"),
        either(_suffixed(NUMBER_PATTERN, *PREFIXES), since="1.31", until="1.32"),
        either(_suffixed(SUFFIX_PATTERN, *PREFIXES), since="1.33"),
    ),
)

# View


def request(
    candidate: Candidate, providers: Mapping[int, Provider], ctx: Context
) -> dict[str, Any]:
    """Return a candidate in the form in which its allocations can be written."""
    by_provider: dict[str, dict[str, int]] = {}
    for (provider_id, name), amount in candidate.amounts.items():
        by_provider.setdefault(providers[provider_id].uuid, {})[name] = amount
    if AS_DICT not in ctx:
        return {
            "allocations": [
                {"resource_provider": {"uuid": uuid}, "resources": amounts}
                for uuid, amounts in by_provider.items()
            ]
        }
    shown: dict[str, Any] = {
        "allocations": {uuid: {"resources": amounts} for uuid, amounts in by_provider.items()}
    }
    if MAPPINGS in ctx:
        shown["mappings"] = {
            suffix: [providers[each].uuid for each in sorted(ids)]
            for suffix, ids in candidate.mappings.items()
        }
    return shown


class Summary(NamedTuple):
    """A provider of a tree that candidates are of, with what is said of it."""

    provider: Provider
    providers: Mapping[int, Provider]
    traits: list[str]
    classes: set[str]  # those asked for


def resources(row: Summary, ctx: Context) -> dict[str, Any]:
    """Return capacity and usage of each inventory; until 1.26 of the classes asked for."""
    return {
        name: {
            "capacity": int((each["total"] - each["reserved"]) * each["allocation_ratio"]),
            "used": each["used"],
        }
        for name, each in row.provider.inventories.items()
        if ALL_CLASSES_SHOWN in ctx or name in row.classes
    }


def parent(row: Summary, ctx: Context) -> str | None:
    """Return the uuid of the parent."""
    number = row.provider.parent_id
    return None if number is None else row.providers[number].uuid


def root(row: Summary, ctx: Context) -> str:
    """Return the uuid of the root."""
    return row.providers[row.provider.root_id].uuid


SUMMARY = View(
    field("resources", resources),
    field("traits", lambda row, ctx: row.traits, since="1.17"),
    field("parent_provider_uuid", parent, since="1.29"),
    field("root_provider_uuid", root, since="1.29"),
)

# Queries


def providers_with_room(
    ctx: Context,
    resources: Mapping[str, int],
    required_traits: Iterable[str] = (),
    forbidden_traits: Iterable[str] = (),
) -> list[Any]:
    """Return the providers that have all of the resources by themselves, in order of making.

    Rows have uuid, name and for each class asked for CLASS_total, CLASS_used and CLASS_capacity
    (what may be used in all, with reserve and overcommit taken into account).
    """
    amounts = {name: amount for name, amount in resources.items() if amount}
    required, forbidden = tuple(required_traits), tuple(forbidden_traits)
    if not all(map(CLASS_NAME.fullmatch, amounts)):
        return []
    sql = _room(tuple(amounts), len(required), len(forbidden))
    return ctx.db.all(sql, numbered(*amounts.values(), *required, *forbidden))


@lru_cache(maxsize=256)
def _room(classes: tuple[str, ...], required: int, forbidden: int) -> str:
    """The statement for these classes (letters, digits and _) and so many traits."""
    columns = ["p.uuid AS uuid", "p.name AS name"]
    source = "placement_resource_providers p"
    for index, name in enumerate(classes):
        columns += [
            f"i{index}.total AS {name}_total",
            f"i{index}.used AS {name}_used",
            f"(i{index}.total - i{index}.reserved) * i{index}.allocation_ratio AS {name}_capacity",
        ]
        source += (
            f" JOIN placement_inventories i{index} ON i{index}.resource_class = '{name}'"
            f" AND i{index}.provider_id = p.id AND i{index}.used + ?{index + 1}"
            f" <= (i{index}.total - i{index}.reserved) * i{index}.allocation_ratio"
            f" AND ?{index + 1} BETWEEN i{index}.min_unit AND i{index}.max_unit"
            f" AND ?{index + 1} % i{index}.step_size = 0"
        )
    conditions = []
    place = len(classes)
    for count, word in ((required, "EXISTS"), (forbidden, "NOT EXISTS")):
        for _ in range(count):
            place += 1
            conditions.append(
                f"{word} (SELECT 1 FROM placement_provider_traits t"
                f" WHERE t.provider_id = p.id AND t.trait = ?{place})"
            )
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {', '.join(columns)} FROM {source}{where} ORDER BY p.id"


def traits_of(ctx: Context, ids: Iterable[int]) -> dict[int, list[str]]:
    """Return the traits of providers, by name."""
    wanted = sorted(ids)
    rows = ctx.db.all(
        "SELECT provider_id, trait FROM placement_provider_traits"
        f" WHERE provider_id IN ({', '.join('?' * len(wanted))}) ORDER BY provider_id, trait",
        wanted,
    )
    found: dict[int, list[str]] = {each: [] for each in wanted}
    for row in rows:
        found[row["provider_id"]].append(row["trait"])
    return found


# Operations


def index(ctx: Context, query: dict[str, list[str]]) -> Reply:
    """List the ways in which providers could satisfy a request, and what is said of them."""
    wide = request_groups.wide(ctx, query)
    groups = request_groups.groups(ctx, query, wide)
    _check_traits(ctx, wide.root_required)
    _check_traits(ctx, wide.root_forbidden)
    names = set(wide.root_required | wide.root_forbidden)
    for asked in groups.values():
        names |= asked.forbidden.union(*asked.required)
    providers = candidate_search.load(ctx, names)
    nested = TREES_SEARCHED in ctx
    found = candidate_search.search(
        providers, groups, wide, nested=nested, check=partial(_check_names, ctx)
    )
    shown = _providers_of(found, providers, whole_trees=nested)
    traits_shown = traits_of(ctx, (each.id for each in shown))
    classes = {name for asked in groups.values() for name in asked.resources}
    body = {
        "allocation_requests": [request(each, providers, ctx) for each in found],
        "provider_summaries": {
            each.uuid: SUMMARY.render(Summary(each, providers, traits_shown[each.id], classes), ctx)
            for each in shown
        },
    }
    return fresh(ctx, body)


def _check_names(ctx: Context, asked: Asked, *, member: bool) -> None:
    """Refuse resource classes that there are not, and traits unless no provider is a member."""
    missing = resource_classes.unknown(ctx, asked.resources)
    if missing:
        start = "Invalid resource class in resources parameter"
        raise InvalidQuery(reason=f"{start}: No such resource class {missing}.")
    for names in (*asked.required, asked.forbidden) if member else ():
        _check_traits(ctx, names)


def _check_traits(ctx: Context, names: Iterable[str]) -> None:
    missing = traits.unknown(ctx, sorted(names))
    if missing:
        raise InvalidQuery(reason=f"No such trait(s): {', '.join(missing)}.")


def _providers_of(
    found: list[Candidate], providers: Mapping[int, Provider], *, whole_trees: bool
) -> list[Provider]:
    """The providers that candidates take something of; since trees are known, their whole trees."""
    ids = {provider_id for candidate in found for provider_id, _ in candidate.amounts}
    if whole_trees or all(each.parent_id is None for each in providers.values()):
        roots = {providers[each].root_id for each in ids}
        return [each for each in providers.values() if each.root_id in roots]
    return [each for each in providers.values() if each.id in ids]
