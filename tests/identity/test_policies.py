"""Policies: every rule can be read, every operation's rule exists."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.identity import SERVICE
from emulator.identity.policies import POLICIES
from emulator.policy import Enforcer
from emulator.wire.request import Credentials


@pytest.fixture(scope="module")
def enforcer() -> Enforcer:
    return Enforcer(POLICIES, None, SERVICE.policy_kinds)


def test_every_rule_can_be_read(enforcer: Enforcer) -> None:
    for check in POLICIES.values():
        enforcer.compile(check)


def test_every_operations_rule_exists() -> None:
    named = {row.policy for row in SERVICE.operations if row.policy}
    assert named <= set(POLICIES)


def caller(*roles: str, **facts: Any) -> Credentials:
    domain_id = facts.pop("domain_id", None)
    known = {"domain_id": domain_id or "None"}
    if domain_id:
        known["token.domain.id"] = domain_id
    return Credentials(roles=frozenset(roles), domain_id=domain_id, facts=known, **facts)


USER = {"target.user.id": "u", "target.user.domain_id": "d"}
CASES = [
    ("identity:get_user", caller("reader", user_id="u", project_id="p"), USER, True),
    ("identity:get_user", caller("reader", user_id="v", project_id="p"), USER, False),
    ("identity:get_user", caller("reader", domain_id="d"), USER, True),
    ("identity:get_user", caller("reader", domain_id="e"), USER, False),
    ("identity:get_user", caller("reader", system=True), USER, True),
    ("identity:create_user", caller("manager", domain_id="d"), USER, True),
    ("identity:create_user", caller("member", domain_id="d"), USER, False),
    ("identity:create_user", caller("manager", project_id="p"), USER, False),
    ("identity:list_roles", caller("manager", project_id="p"), {}, False),
    ("identity:list_roles", caller("manager", domain_id="d"), {}, True),
    ("identity:create_service", caller("admin", project_id="p"), {}, True),
    ("identity:create_service", caller("admin", domain_id="d"), {}, False),
    ("identity:create_trust", caller("admin", system=True, user_id="u"), {}, False),
    ("identity:validate_token", caller("service", project_id="p"), {}, True),
]


@pytest.mark.parametrize(("rule", "who", "target", "allowed"), CASES)
def test_who_may_do_what(
    enforcer: Enforcer, rule: str, who: Credentials, target: dict[str, Any], allowed: bool
) -> None:
    assert enforcer.allows(rule, who, target) is allowed
