"""What flavors ask of Placement in groups: `resources1:VGPU=1`, `trait1:CUSTOM_FAST=required`.

Source: Nova 34.0.0, nova.scheduler.utils.ResourceRequest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from emulator.placement.filters import Asked
from emulator.placement.request_groups import Groups

OF_HOSTS = ("VCPU", "MEMORY_MB", "DISK_GB")
SPEC = re.compile(r"(resources|trait)([a-zA-Z0-9_-]{1,64})?:(.+)")
POLICIES = ("none", "isolate")


def are_asked(extra_specs: Iterable[str]) -> bool:
    """Say whether more is asked than a host's own provider may have: groups, or other classes."""
    for name in extra_specs:
        found = SPEC.fullmatch(name)
        if found and (found[2] or (found[1] == "resources" and found[3] not in OF_HOSTS)):
            return True
    return False


def of(
    extra_specs: Mapping[str, str], own: Mapping[str, int], image_traits: Iterable[str]
) -> Groups:
    """Return what is asked, by suffix; `own` is what the flavor takes unless a group does."""
    groups: Groups = {"": Asked(required=[frozenset((name,)) for name in image_traits])}
    for key, value in extra_specs.items():
        found = SPEC.fullmatch(key)
        if found is None:
            continue
        asked = groups.setdefault(found[2] or "", Asked())
        if found[1] == "resources" and value.isdigit():
            asked.resources[found[3]] = int(value)
        elif value == "required":
            asked.required.append(frozenset((found[3],)))
        elif value == "forbidden":
            asked.forbidden |= {found[3]}
    given = {name for asked in groups.values() for name in asked.resources}
    if "PCPU" in given:
        given.add("VCPU")
    for name, amount in own.items():
        if name not in given:
            groups[""].resources[name] = amount
    for asked in groups.values():
        asked.resources = {name: amount for name, amount in asked.resources.items() if amount}
    return {
        suffix: asked
        for suffix, asked in groups.items()
        if asked.resources or asked.required or asked.forbidden
    }


def policy_of(extra_specs: Mapping[str, str], groups: Groups, ports: Groups) -> str | None:
    """Return how groups are spread: as the flavor says; as it comes where only ports need it."""
    policy = extra_specs.get("group_policy")
    if policy in POLICIES:
        return policy
    suffixed = sum(bool(suffix) for suffix in groups)
    return "none" if suffixed < 2 <= suffixed + len(ports) else policy


def can_be_asked(groups: Groups, policy: str | None) -> bool:
    """Say whether Placement takes such a request: resources in each, a policy for several."""
    suffixed = sum(bool(suffix) for suffix in groups)
    return (
        bool(groups)
        and all(asked.resources for asked in groups.values())
        and (suffixed < 2 or policy in POLICIES)
    )
