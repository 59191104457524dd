"""Attribute maps: what each attribute of a resource may be, and how a body is held to it.

A row mirrors one entry of neutron-lib's attribute maps::

    attr("mtu", POST | PUT | FILTER | SORT | ENFORCE, default=0, to=integer, check=non_negative)

The order of checks is Neutron's (neutron 29.0.0, api.v2.base.prepare_request_body): owner, unknown
attributes, defaults and forbidden ones, then conversion and validation attribute by attribute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, IntFlag, auto
from typing import Any, Final

from emulator.network.errors import HTTPBadRequest
from emulator.wire.request import Context


class Unset(Enum):
    """What a default can be besides a value."""

    REQUIRED = "required"  # no default: a POST must name the attribute
    NOT_SPECIFIED = "not specified"  # the resource's own code decides


REQUIRED: Final = Unset.REQUIRED
NOT_SPECIFIED: Final = Unset.NOT_SPECIFIED


class Flag(IntFlag):
    """What holds of an attribute."""

    POST = auto()  # may be given on create
    PUT = auto()  # may be given on update
    HIDDEN = auto()  # never shown
    FILTER = auto()  # lists may be filtered by it
    SORT = auto()  # lists may be sorted by it
    ENFORCE = auto()  # giving it asks a policy rule of its own


POST, PUT, HIDDEN, FILTER, SORT, ENFORCE = Flag

Check = Callable[[Any], str | None]
"""check(value) → why the value is refused, None when it is not."""

Conversion = Callable[[Any], Any]
"""to(value) → the value in its canonical form; raises InvalidInput."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a resource."""

    name: str
    flags: Flag
    default: Any
    to: Conversion | None
    check: Check | None
    filter_to: Conversion | None
    parts: tuple[str, ...]  # keys of a mapping that have policy rules of their own

    def __contains__(self, flag: Flag) -> bool:
        """Say whether a flag holds."""
        return bool(self.flags & flag)


def attr(
    name: str,
    flags: int,
    *,
    default: Any = REQUIRED,
    to: Conversion | None = None,
    check: Check | None = None,
    filter_to: Conversion | None = None,
    parts: tuple[str, ...] = (),
) -> Attribute:
    """Return one row of an attribute map."""
    return Attribute(name, Flag(flags), default, to, check, filter_to, parts)


Attributes = Mapping[str, Attribute]


def attributes(*rows: Attribute) -> Attributes:
    """Return an attribute map; `tenant_id` and `project_id` are two names of one attribute."""
    known = {row.name: row for row in rows}
    for one, other in (("tenant_id", "project_id"), ("project_id", "tenant_id")):
        if one in known and other not in known:
            row = known[one]
            known[other] = Attribute(
                other, row.flags, row.default, row.to, row.check, row.filter_to, ()
            )
    return known


NEUTRON_TIMES = (
    attr("created_at", 0, default=None),
    attr("updated_at", 0, default=None),
    attr("revision_number", FILTER, default=None),
)
TAG_FILTERS = (
    attr("tags", FILTER),
    attr("tags-any", HIDDEN | FILTER),
    attr("not-tags", HIDDEN | FILTER),
    attr("not-tags-any", HIDDEN | FILTER),
)

Values = dict[str, Any]


def values_of(ctx: Context, known: Attributes, member: str, given: Any, *, create: bool) -> Values:
    """Return one resource of a body, complete and converted. HTTPBadRequest or InvalidInput."""
    if not isinstance(given, dict):
        raise HTTPBadRequest(f"Object '{member}' contains invalid data")
    values = dict(given)
    _fill_owner(ctx, known, values, create=create)
    unknown = [name for name in values if name not in known]
    if unknown:
        raise HTTPBadRequest(f"Unrecognized attribute(s) '{', '.join(unknown)}'")
    if create:
        _fill_defaults(known, values)
    else:
        for name in values:
            if PUT not in known[name]:
                raise HTTPBadRequest(f"Cannot update read-only attribute {name}")
    _convert(known, values)
    return values


def _fill_owner(ctx: Context, known: Attributes, values: Values, *, create: bool) -> None:
    """Give both names of the owner; only admins may name another project."""
    owner = values.get("project_id", values.get("tenant_id"))
    if "project_id" in values or "tenant_id" in values:
        if "project_id" in values and values.get("tenant_id", owner) != owner:
            raise HTTPBadRequest("'project_id' and 'tenant_id' do not match")
        values["project_id"] = values["tenant_id"] = owner
        if owner != ctx.project_id and not (ctx.is_admin or "service" in ctx.credentials.roles):
            raise HTTPBadRequest(
                "Specifying 'project_id' other than the authenticated project in request is not"
                " allowed for the current user."
            )
    elif create and "project_id" in known:
        if not ctx.project_id:
            raise HTTPBadRequest(
                "Running without keystone AuthN requires that project_id is specified"
            )
        values["project_id"] = values["tenant_id"] = ctx.project_id


def _fill_defaults(known: Attributes, values: Values) -> None:
    for name, row in known.items():
        if POST in row:
            if name not in values:
                if row.default is REQUIRED:
                    raise HTTPBadRequest(
                        f"Failed to parse request. Required attribute '{name}' not specified"
                    )
                default = row.default
                values[name] = list(default) if isinstance(default, list) else default
        elif name in values:
            raise HTTPBadRequest(f"Attribute '{name}' not allowed in POST")


def _convert(known: Attributes, values: Values) -> None:
    for name, row in known.items():
        if name not in values or values[name] is NOT_SPECIFIED:
            continue
        if row.to is not None:
            values[name] = row.to(values[name])
        if row.check is not None:
            reason = row.check(values[name])
        elif isinstance(values[name], list | dict):
            reason = f"'{values[name]}' is not a valid string"
        else:
            reason = None
        if reason is not None:
            raise HTTPBadRequest(f"Invalid input for {name}. Reason: {reason}.")


def is_set(value: Any) -> bool:
    """Say whether an attribute was given a value other than null."""
    return value is not None and value is not NOT_SPECIFIED


def given(values: Values, name: str, otherwise: Any = None) -> Any:
    """Return an attribute's value where it was specified, else `otherwise`."""
    value = values.get(name, NOT_SPECIFIED)
    return otherwise if value is NOT_SPECIFIED else value
