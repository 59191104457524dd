"""What a query for allocation candidates asks: groups of things, and what holds for all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from emulator.placement import filters
from emulator.placement.errors import BadQueryValue, InvalidQuery, MissingQuery, RepeatedQuery
from emulator.placement.filters import Asked
from emulator.placement.schemas import NUMBER_PATTERN, SUFFIX_PATTERN
from emulator.placement.versions import FORBIDDEN_TRAITS
from emulator.wire.request import Context
from emulator.wire.versioned import since

SUFFIXES_ARE_NAMES = since("1.33")
SAME_SUBTREE = since("1.36")

PREFIXES = "(resources|required|member_of|in_tree)"
NUMBERED = re.compile(f"^{PREFIXES}({NUMBER_PATTERN})?$")
NAMED = re.compile(f"^{PREFIXES}({SUFFIX_PATTERN})?$")

Groups = dict[str, Asked]
"""Suffix → what is asked; the group without a suffix may be spread over a tree."""


@dataclass(slots=True)
class Wide:
    """What holds for all groups of a request."""

    limit: int | None = None
    isolate: bool = False
    policy_given: bool = False
    root_required: frozenset[str] = frozenset()
    root_forbidden: frozenset[str] = frozenset()
    same_subtrees: list[set[str]] = field(default_factory=list)


def wide(ctx: Context, query: filters.Query) -> Wide:
    """Return what a query says of all groups together."""
    found = Wide()
    if "limit" in query:
        found.limit = int(query["limit"][0])
    if "group_policy" in query:
        found.policy_given = True
        found.isolate = query["group_policy"][0] == "isolate"
    roots = query.get("root_required", ())
    if len(roots) > 1:
        raise RepeatedQuery(name="root_required")
    if roots:
        required, found.root_forbidden = filters.trait_list(roots[0], forbidding=True)
        found.root_required = frozenset().union(*required)
        conflicts = sorted(found.root_required & found.root_forbidden)
        if conflicts:
            reason = (
                "Conflicting required and forbidden traits found in root_required: "
                + ", ".join(conflicts)
            )
            raise BadQueryValue(reason=reason)
    for value in query.get("same_subtree", ()):
        suffixes = {part.strip() for part in value.split(",")}
        if "" in suffixes:
            reason = "Empty string (unsuffixed group) can not be specified in `same_subtree` "
            raise BadQueryValue(reason=reason)
        found.same_subtrees.append(suffixes)
    return found


def groups(ctx: Context, query: filters.Query, together: Wide) -> Groups:
    """Return the groups of a query, in the order in which they are first mentioned."""
    pattern = NAMED if SUFFIXES_ARE_NAMES in ctx else NUMBERED
    found: Groups = {}
    for name, values in query.items():
        match = pattern.match(name)
        if match is None:
            continue
        prefix, suffix = match[1], match[2] or ""
        asked = found.setdefault(suffix, Asked())
        if prefix == "resources":
            asked.resources = filters.resources(values[-1])
        elif prefix == "required":
            asked.required, asked.forbidden = filters.traits(ctx, query, suffix)
        elif prefix == "member_of":
            asked.aggregates, asked.forbidden_aggregates = filters.aggregates(ctx, query, suffix)
        else:
            asked.in_tree = filters.in_tree(values[-1])
    if SAME_SUBTREE in ctx:
        _check_subtrees(found, together)
    else:
        _check_orphans(found)
    if FORBIDDEN_TRAITS in ctx:
        _check_conflicts(found)
    if not together.policy_given and sum(bool(suffix) for suffix in found) > 1:
        reason = (
            'The "group_policy" parameter is required when specifying more than one '
            '"resources{N}" parameter.'
        )
        raise InvalidQuery(reason=reason)
    return found


def _check_subtrees(found: Groups, together: Wide) -> None:
    """Groups without resources must be in a subtree, and subtrees are of groups that are there."""
    without = [suffix for suffix, asked in found.items() if not asked.resources]
    if len(without) == len(found):
        reason = "There must be at least one resources or resources[$S] parameter."
        raise MissingQuery(reason=reason)
    inside: set[str] = set().union(*together.same_subtrees)
    outside = [suffix for suffix in without if suffix not in inside]
    if outside:
        reason = (
            "Resourceless suffixed group request should be specified in `same_subtree` "
            f"query param: bad group(s) - {outside}."
        )
        raise BadQueryValue(reason=reason)
    absent = sorted(suffix for suffix in inside if suffix not in found)
    if absent:
        reason = (
            "Real suffixes should be specified in `same_subtree`: "
            f"{absent} not found in {list(found)}."
        )
        raise BadQueryValue(reason=reason)


def _check_orphans(found: Groups) -> None:
    """Until 1.35 every group asks for resources."""
    traits = [f"required{s}" for s, each in found.items() if each.required and not each.resources]
    if traits:
        reason = (
            "All traits parameters must be associated with resources.  "
            f"Found the following orphaned traits keys: {', '.join(traits)}"
        )
        raise InvalidQuery(reason=reason)
    members = [
        f"member_of{suffix}"
        for suffix, each in found.items()
        if not each.resources and (each.aggregates or each.forbidden_aggregates)
    ]
    if members:
        reason = (
            "All member_of parameters must be associated with resources. "
            f"Found the following orphaned member_of keys: {', '.join(members)}"
        )
        raise InvalidQuery(reason=reason)
    if not all(each.resources for each in found.values()):
        raise InvalidQuery(reason="All request groups must specify resources.")
    if not found:
        reason = "At least one request group (`resources` or `resources{$S}`) is required."
        raise InvalidQuery(reason=reason)


def _check_conflicts(found: Groups) -> None:
    """No trait is required and forbidden by the same group."""
    conflicts = sorted(
        f"required{suffix}: ({', '.join(sorted(names))})"
        for suffix, each in found.items()
        for names in each.required
        if names <= each.forbidden
    )
    if conflicts:
        reason = (
            "Conflicting required and forbidden traits found in the following traits keys: "
            + ", ".join(conflicts)
        )
        raise InvalidQuery(reason=reason)
