"""The search for allocation candidates: which providers together could satisfy all groups.

An offer is one way to satisfy one group below one anchor, the root of a tree of providers. A
candidate is a combination of offers, one for each group, of the same anchor. A provider that
shares (trait MISC_SHARES_VIA_AGGREGATE) serves the trees that have a provider in one of its
aggregates too. Source: openstack-placement 16.0.0, objects.allocation_candidate, research_context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, NamedTuple

from emulator.placement.filters import Asked
from emulator.placement.request_groups import Groups, Wide
from emulator.wire.request import Context

SHARING = "MISC_SHARES_VIA_AGGREGATE"

Amounts = dict[tuple[int, str], int]
"""(provider id, resource class) → amount."""


@dataclass(slots=True)
class Provider:
    """A provider with what the search looks at. `traits` are those that were asked about."""

    id: int
    uuid: str
    parent_id: int | None
    root_id: int
    inventories: dict[str, Any] = field(default_factory=dict)
    traits: set[str] = field(default_factory=set)
    aggregates: set[str] = field(default_factory=set)

    def has_room(self, resource_class: str, amount: int) -> bool:
        """Say whether so much of a class is free, in units that can be had."""
        row = self.inventories.get(resource_class)
        return (
            row is not None
            and row["used"] + amount <= (row["total"] - row["reserved"]) * row["allocation_ratio"]
            and row["min_unit"] <= amount <= row["max_unit"]
            and amount % row["step_size"] == 0
        )


class Offer(NamedTuple):
    """One way to satisfy one group: what it takes of which providers."""

    anchor: int
    amounts: tuple[tuple[int, str, int], ...]
    providers: frozenset[int]


@dataclass(slots=True)
class Candidate:
    """One way to satisfy all groups: what it takes, and who serves which group."""

    amounts: Amounts
    mappings: dict[str, frozenset[int]]


# Queries


def load(ctx: Context, traits: Iterable[str]) -> dict[int, Provider]:
    """Return all providers, with their inventories and aggregates and those of the traits."""
    rows = ctx.db.all("SELECT id, uuid, parent_id, root_id FROM placement_resource_providers")
    found = {row["id"]: Provider(*row) for row in sorted(rows, key=lambda row: row["id"])}
    for row in ctx.db.all("SELECT * FROM placement_inventories"):
        found[row["provider_id"]].inventories[row["resource_class"]] = row
    for row in ctx.db.all("SELECT provider_id, aggregate FROM placement_provider_aggregates"):
        found[row["provider_id"]].aggregates.add(row["aggregate"])
    names = sorted({*traits, SHARING})
    marks = ", ".join("?" * len(names))
    sql = f"SELECT provider_id, trait FROM placement_provider_traits WHERE trait IN ({marks})"
    for row in ctx.db.all(sql, names):
        found[row["provider_id"]].traits.add(row["trait"])
    return found


# The search


@dataclass(slots=True)
class Search:
    """A search over all providers. `anchors` are the roots that may be, None when all may."""

    providers: Mapping[int, Provider]
    anchors: set[int] | None
    anchors_by_aggregate: dict[str, set[int]]

    def anchors_of_sharing(self, provider: Provider) -> set[int]:
        """The roots of the trees that a sharing provider serves beside its own."""
        found: set[int] = set()
        for aggregate in provider.aggregates:
            found |= self.anchors_by_aggregate.get(aggregate, set())
        return found

    def has_members(self, aggregates: Sequence[frozenset[str]]) -> bool:
        """Say whether some provider is in all of the aggregates."""
        return not aggregates or any(
            all(names & each.aggregates for names in aggregates) for each in self.providers.values()
        )

    def may_anchor(self, root_id: int) -> bool:
        """Say whether the root has what is asked of roots."""
        return self.anchors is None or root_id in self.anchors

    def root_of_tree(self, uuid: str) -> int | None:
        """The root of the tree that a provider is in; None when there is no such provider."""
        return next((each.root_id for each in self.providers.values() if each.uuid == uuid), None)

    def with_room(self, asked: Asked) -> dict[str, list[Provider]]:
        """The providers with room for each class, in the tree that is asked for."""
        root = self.root_of_tree(asked.in_tree) if asked.in_tree else None
        return {
            name: [
                each
                for each in self.providers.values()
                if each.has_room(name, amount) and (not asked.in_tree or each.root_id == root)
            ]
            for name, amount in asked.resources.items()
        }

    def by_one(self, asked: Asked) -> Iterator[Offer]:
        """The offers of single providers that have all of it by themselves."""
        fitting = [
            each
            for each in self.providers.values()
            if all(names & each.traits for names in asked.required)
            and not asked.forbidden & each.traits
            and all(names & each.aggregates for names in asked.aggregates)
            and not asked.forbidden_aggregates & each.aggregates
        ]
        if asked.in_tree and self.root_of_tree(asked.in_tree) is None:
            return
        for having in self.with_room(asked).values():
            ids = {each.id for each in having}
            fitting = [each for each in fitting if each.id in ids]
        for each in fitting:
            amounts = tuple((each.id, name, amount) for name, amount in asked.resources.items())
            roots = {each.root_id}
            if SHARING in each.traits:
                roots |= self.anchors_of_sharing(each)
            for root in sorted(roots, key=lambda root: (root != each.root_id, root)):
                if self.may_anchor(root):
                    yield Offer(root, amounts, frozenset((each.id,)))

    def by_tree(self, asked: Asked) -> Iterator[Offer]:
        """The offers of trees, whose providers have it together with those that share."""
        places: dict[str, dict[int, list[Provider]]] = {}
        for name, having in self.with_room(asked).items():
            by_root: dict[int, list[Provider]] = {}
            for each in having:
                roots = {each.root_id}
                shares = SHARING in each.traits and not asked.in_tree
                if shares and all(names & each.aggregates for names in asked.aggregates):
                    roots |= self.anchors_of_sharing(each)
                for root in roots:
                    if self.may_anchor(root) and self.may_serve(each, root, asked):
                        by_root.setdefault(root, []).append(each)
            places[name] = by_root
        if not places:
            return
        for root in sorted(set.intersection(*(set(each) for each in places.values()))):
            for chosen in product(*(by_root[root] for by_root in places.values())):
                held = set().union(*(each.traits for each in chosen))
                if asked.forbidden & held or not all(names & held for names in asked.required):
                    continue
                amounts = tuple(
                    (each.id, name, asked.resources[name])
                    for each, name in zip(chosen, places, strict=True)
                )
                yield Offer(root, amounts, frozenset(each.id for each in chosen))

    def may_serve(self, provider: Provider, root_id: int, asked: Asked) -> bool:
        """Say whether a provider, or the root it serves, is in the aggregates asked for."""
        root = self.providers[root_id].aggregates
        own = provider.aggregates
        inside = all(names & own for names in asked.aggregates) or all(
            names & root for names in asked.aggregates
        )
        return inside and not asked.forbidden_aggregates & (own | root)

    def ancestors(self, provider_id: int) -> set[int]:
        """A provider and all that are above it."""
        found = {provider_id}
        parent = self.providers[provider_id].parent_id
        while parent is not None:
            found.add(parent)
            parent = self.providers[parent].parent_id
        return found

    def in_one_subtree(self, ids: frozenset[int]) -> bool:
        """Say whether all are below one of them."""
        above = set.intersection(*(self.ancestors(each) for each in ids))
        return len(ids) == 1 or bool(above & ids)

    def fits(self, amounts: Amounts) -> bool:
        """Say whether what the groups take together is still there."""
        for (provider_id, name), amount in amounts.items():
            row = self.providers[provider_id].inventories[name]
            capacity = int((row["total"] - row["reserved"]) * row["allocation_ratio"])
            if row["used"] + amount > capacity or amount > row["max_unit"]:
                return False
        return True


def _known(asked: Asked, *, member: bool) -> None:
    """Take it that all names are known."""


def search(
    providers: Mapping[int, Provider],
    groups: Groups,
    wide: Wide,
    *,
    nested: bool,
    check: Callable[..., None] = _known,
) -> list[Candidate]:
    """Return the candidates, in the order of their anchors. `nested` says that trees are known.

    check(asked, member=…) refuses names that are nothing's, of each group when it comes to it: not
    of one after a group that nothing satisfies. `member` says that the group's aggregates have
    members.
    """
    anchors = None
    if wide.root_required or wide.root_forbidden:
        anchors = {
            each.id
            for each in providers.values()
            if each.parent_id is None
            and wide.root_required <= each.traits
            and not wide.root_forbidden & each.traits
        }
        if not anchors:
            return []
    by_aggregate: dict[str, set[int]] = {}
    for each in providers.values():
        for aggregate in each.aggregates:
            by_aggregate.setdefault(aggregate, set()).add(each.root_id)
    looking = Search(providers, anchors, by_aggregate)
    offers: dict[int, dict[str, list[Offer]]] = {}
    for suffix, asked in groups.items():
        member = looking.has_members(asked.aggregates)
        check(asked, member=member)
        given = list(looking.by_one(asked) if suffix else looking.by_tree(asked))
        if not member or not given:
            return []
        for offer in given:
            offers.setdefault(offer.anchor, {}).setdefault(suffix, []).append(offer)
    found: dict[Any, Candidate] = {}
    for anchor in sorted(offers):
        if len(offers[anchor]) < len(groups):
            continue
        for chosen in product(*(offers[anchor][suffix] for suffix in groups)):
            candidate = _combined(looking, dict(zip(groups, chosen, strict=True)), wide)
            if candidate is not None and (nested or _is_flat(looking, candidate)):
                key = frozenset(candidate.amounts.items()), frozenset(candidate.mappings.items())
                found.setdefault(key, candidate)
    return list(found.values())[: wide.limit]


def _combined(looking: Search, chosen: Mapping[str, Offer], wide: Wide) -> Candidate | None:
    """The candidate that offers make together, None when something forbids it."""
    mappings = {suffix: offer.providers for suffix, offer in chosen.items()}
    single = [offer.providers for suffix, offer in chosen.items() if suffix]
    if wide.isolate and len(frozenset().union(*single)) != len(single):
        return None
    for suffixes in wide.same_subtrees:
        if not looking.in_one_subtree(frozenset().union(*(mappings[each] for each in suffixes))):
            return None
    amounts: Amounts = {}
    for offer in chosen.values():
        for provider_id, name, amount in offer.amounts:
            amounts[provider_id, name] = amounts.get((provider_id, name), 0) + amount
    return Candidate(amounts, mappings) if looking.fits(amounts) else None


def _is_flat(looking: Search, candidate: Candidate) -> bool:
    """Say whether no two providers are of one tree."""
    ids = {provider_id for provider_id, _ in candidate.amounts}
    return len({looking.providers[each].root_id for each in ids}) == len(ids)
