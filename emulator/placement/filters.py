"""What queries ask of providers: amounts, traits, aggregates and trees, read from their texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from emulator.placement.errors import InvalidQuery
from emulator.placement.formats import is_uuid
from emulator.placement.versions import (
    ANY_TRAITS,
    FORBIDDEN_AGGREGATES,
    FORBIDDEN_TRAITS,
    SEVERAL_MEMBER_OF,
)
from emulator.wire.request import Context

FORM = "?resources=VCPU:2,MEMORY_MB:1024"

Query = Mapping[str, Sequence[str]]


@dataclass(slots=True)
class Asked:
    """What is asked of a provider, or of several together.

    `required` and `aggregates` are sets of which one member each must be there.
    """

    resources: dict[str, int] = field(default_factory=dict)
    required: list[frozenset[str]] = field(default_factory=list)
    forbidden: frozenset[str] = frozenset()
    aggregates: list[frozenset[str]] = field(default_factory=list)
    forbidden_aggregates: frozenset[str] = frozenset()
    in_tree: str | None = None


def resources(value: str) -> dict[str, int]:
    """Return the amounts of "VCPU:2,MEMORY_MB:1024"."""
    if not value.strip():
        raise InvalidQuery(reason=_badly_formed("empty string"))
    amounts = {}
    for entry in value.split(","):
        parts = entry.split(":")
        if len(parts) != 2:
            raise InvalidQuery(reason=_badly_formed(entry))
        name, amount = parts
        try:
            number = int(amount)
        except ValueError:
            reason = f"Requested resource {name} expected positive integer amount. Got: {amount}."
            raise InvalidQuery(reason=reason) from None
        if number < 1:
            reason = f"Requested resource {name} requires amount >= 1. Got: {number}."
            raise InvalidQuery(reason=reason)
        amounts[name] = number
    return amounts


def _badly_formed(got: str) -> str:
    return (
        "Badly formed resources parameter. Expected resources query string parameter in form: "
        f"{FORM}. Got: {got}."
    )


def traits(
    ctx: Context, query: Query, suffix: str = ""
) -> tuple[list[frozenset[str]], frozenset[str]]:
    """Return the traits required and forbidden by required… of a query."""
    values = query.get("required" + suffix, ())
    if ANY_TRAITS not in ctx:
        values = values[-1:]
    required: list[frozenset[str]] = []
    forbidden: frozenset[str] = frozenset()
    for value in values:
        more, less = trait_list(
            value, forbidding=FORBIDDEN_TRAITS in ctx, alternatives=ANY_TRAITS in ctx
        )
        required += more
        forbidden |= less
    return required, forbidden


def trait_list(
    value: str, *, forbidding: bool, alternatives: bool = False
) -> tuple[list[frozenset[str]], frozenset[str]]:
    """Return the traits that one value requires and forbids: "A,!B" or "in:A,B"."""
    start = "Invalid query string parameters: "
    if value.startswith("in:"):
        form = "The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC'"
        if not alternatives:
            reason = f"{start}{form} only supported since microversion 1.39. Got: {value}"
            raise InvalidQuery(reason=reason)
        names = frozenset(name.strip() for name in value[3:].split(","))
        if "" in names:
            form = "Expected 'required' parameter value of the form: in:HW_CPU_X86_VMX,CUSTOM_MAGIC"
            raise InvalidQuery(reason=f"{start}{form}. Got an empty trait in: {value}")
        if any(name.startswith("!") for name in names):
            reason = f"{start}{form} does not support forbidden traits. Got: {value}"
            raise InvalidQuery(reason=reason)
        return [names], frozenset()
    names_in_order = [name.strip() for name in value.split(",")]
    forbidden = frozenset(name.lstrip("!") for name in names_in_order if name.startswith("!"))
    form = "HW_CPU_X86_VMX,CUSTOM_MAGIC"
    expected = f"{start}Expected 'required' parameter value of the form: "
    if "" in names_in_order or "" in forbidden:
        form = "HW_CPU_X86_VMX,!CUSTOM_MAGIC" if forbidding else form
        raise InvalidQuery(reason=f"{expected}{form}. Got an empty trait in: {value}")
    if forbidden and not forbidding:
        raise InvalidQuery(reason=f"{expected}{form}. Got: {value}")
    required = [frozenset((name,)) for name in names_in_order if not name.startswith("!")]
    return required, forbidden


def aggregates(
    ctx: Context, query: Query, suffix: str = ""
) -> tuple[list[frozenset[str]], frozenset[str]]:
    """Return the aggregates required and forbidden by member_of… of a query."""
    values = query.get("member_of" + suffix, ())
    if len(values) > 1 and SEVERAL_MEMBER_OF not in ctx:
        reason = f"Multiple member_of{suffix} parameters are not supported"
        raise InvalidQuery(reason=reason)
    required: list[frozenset[str]] = []
    forbidden: frozenset[str] = frozenset()
    for value in values:
        negative, names = _aggregate_list(value)
        if not negative:
            required.append(names)
            continue
        if FORBIDDEN_AGGREGATES not in ctx:
            reason = (
                f"Forbidden member_of{suffix} parameters are not supported "
                "in the specified microversion"
            )
            raise InvalidQuery(reason=reason)
        forbidden |= names
    return required, forbidden


def _aggregate_list(value: str) -> tuple[bool, frozenset[str]]:
    """Whether a value forbids, and the aggregates it names: "a", "in:a,b", "!a", "!in:a,b"."""
    negative = value.startswith("!")
    rest = value[1:] if negative else value
    if "," in value and not rest.startswith("in:"):
        reason = (
            "Multiple values for 'member_of' must be prefixed with the 'in:' or '!in:' keyword "
            f"using the valid microversion. Got: {value}"
        )
        raise InvalidQuery(reason=reason)
    names = rest[3:].split(",") if rest.startswith("in:") else [rest]
    for name in names:
        if not is_uuid(name):
            reason = (
                "Invalid query string parameters: Expected 'member_of' parameter to contain "
                f"valid UUID(s). Got: {name}"
            )
            raise InvalidQuery(reason=reason)
    return negative, frozenset(names)


def in_tree(value: str) -> str:
    """Return the provider whose tree is meant."""
    found = value.strip()
    if not is_uuid(found):
        reason = (
            "Invalid query string parameters: Expected 'in_tree' parameter to be a format of uuid."
            f" Got: {value}"
        )
        raise InvalidQuery(reason=reason)
    return found
