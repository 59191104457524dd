"""Allocation candidates: which providers could satisfy a request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from emulator.wire.request import Context

CLASS_NAME = re.compile(r"[A-Z0-9_]+")

# Queries


def providers_with_room(
    ctx: Context,
    resources: Mapping[str, int],
    required_traits: Iterable[str] = (),
    forbidden_traits: Iterable[str] = (),
) -> list[Any]:
    """Return the providers that have all of the resources by themselves, by name.

    Rows have uuid, name and for each class asked for CLASS_total, CLASS_used and CLASS_capacity
    (what may be used in all, with reserve and overcommit taken into account).
    """
    amounts = {name: amount for name, amount in resources.items() if amount}
    required, forbidden = tuple(required_traits), tuple(forbidden_traits)
    if not all(map(CLASS_NAME.fullmatch, amounts)):
        return []
    sql = _room(tuple(amounts), len(required), len(forbidden))
    return ctx.db.all(sql, (*amounts.values(), *required, *forbidden))


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
    return f"SELECT {', '.join(columns)} FROM {source}{where} ORDER BY p.name"
