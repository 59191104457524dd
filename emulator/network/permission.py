"""Who may do what: a rule for the action, and one for each attribute that the caller names.

Neutron 29.0.0, neutron.policy: the rule of an action is joined with "create_network:shared" for
every attribute given that asks for a rule of its own, and with
"create_port:fixed_ips:subnet_id" for the keys of those that hold mappings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from emulator.network.attributes import ENFORCE, NOT_SPECIFIED, Attribute, Attributes
from emulator.network.errors import PolicyNotAuthorized
from emulator.policy import Caller, Check, Target
from emulator.wire.request import Context


def field_check(text: str) -> Check:
    """Return the check `field:networks:shared=True` (or `=~pattern`): a fact of the target."""
    _, _, condition = text.partition(":")
    field, _, wanted = condition.partition("=")
    if wanted.startswith("~"):
        pattern = re.compile(wanted[1:])
        return lambda caller, target: bool(pattern.match(str(target.get(field, ""))))

    def check(caller: Caller, target: Target) -> bool:
        value = target.get(field)
        return str(bool(value)) == wanted if wanted in ("True", "False") else str(value) == wanted

    return check


POLICY_KINDS = {"field": field_check}


def forbidden(rule: str) -> PolicyNotAuthorized:
    """Return the refusal of one rule."""
    return PolicyNotAuthorized(rule=f"rule:{rule}")


def enforce(
    ctx: Context,
    action: str,
    attributes: Attributes,
    target: Target,
    named: Mapping[str, Any],
    *,
    update: bool = False,
) -> None:
    """Raise PolicyNotAuthorized unless the action and all it names are allowed on the target."""
    rules = [action]
    text = f"rule:{action}"
    for attribute in attributes.values():
        if ENFORCE in attribute and _is_given(attribute, named, update=update):
            own = f"{action}:{attribute.name}"
            parts = list(_parts(attribute, own, named[attribute.name]))
            rules += [own, *parts]
            extra = f"rule:{own}"
            if parts:
                extra = f"({extra} and ({' and '.join(f'rule:{each}' for each in parts)}))"
            text = f"({text} and {extra})"
    if not all(ctx.can(rule, target) for rule in rules):
        raise PolicyNotAuthorized(rule=text)


def _is_given(attribute: Attribute, named: Mapping[str, Any], *, update: bool) -> bool:
    value = named.get(attribute.name, NOT_SPECIFIED)
    return value is not NOT_SPECIFIED and (update or value != attribute.default)


def _parts(attribute: Attribute, own: str, value: Any) -> Iterator[str]:
    if attribute.parts and isinstance(value, dict):
        yield from (f"{own}:{key}" for key in attribute.parts if key in value)
    elif isinstance(value, list):
        yield from (f"{own}:{key}" for each in value if isinstance(each, dict) for key in each)


def hidden_names(
    ctx: Context, member: str, attributes: Attributes, target: Target, names: Collection[str]
) -> set[str]:
    """Return the attributes that the caller may not see, of those that a view shows."""
    assert ctx.service is not None
    rules = ctx.cloud.enforcers[ctx.service.name].rules
    return {
        name
        for name in names
        if (rule := f"get_{member}:{name}") in rules and not ctx.can(rule, target)
    }
