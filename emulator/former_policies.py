"""The services' policy rules as they were by default in older releases.

A service's former_policies.json has one check a row: the rules whose default it was, and until
which release. Sources: the policies of Nova 20.6.1 to 33.0.2, Cinder 15.6.0 to 28.0.0, Keystone
16.0.2 to 29.1.0, Neutron 15.3.4 to 28.0.2, Glance 20.0.1 to 32.0.0, Placement 2.0.0 to 15.0.0.
While a service let the defaults of before stand beside its new ones ([oslo_policy]
enforce_new_defaults off: Nova and Glance until zed, Neutron until 2023.1, Keystone and Placement
until 2024.1, Cinder until 2026.1) a rule is what both allow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from emulator import releases
from emulator.policyfiles import Rules


@cache
def of(service: str, release: str) -> Rules:
    """Return the rules of a service whose default was another one in a release."""
    if release == releases.NEWEST.name:
        return {}
    path = Path(__file__).parent / service / "former_policies.json"
    rows: list[dict[str, Any]] = orjson.loads(path.read_bytes())
    held = [each for each in rows if not releases.is_before(each["until"], release)]
    held.sort(key=lambda each: releases.NAMES.index(each["until"]), reverse=True)
    return {rule: each["check"] for each in held for rule in each["rules"]}


def of_scoped(
    service: str,
    release: str,
    *,
    since: str,
    checks: Mapping[str, str],
    scoped: Callable[[str, str], str],
) -> Rules:
    """Return the same of a service that minds the scopes of tokens by default since a release.

    `checks` are its rules without scopes, scoped(rule, check) is a check with those of its rule.
    """
    former = of(service, release)
    if releases.is_before(release, since):
        return {**checks, **former}
    return {rule: scoped(rule, check) for rule, check in former.items()}
