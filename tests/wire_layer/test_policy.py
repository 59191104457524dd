"""Policy checks in oslo.policy's language."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.policy import Enforcer, PolicySyntaxError
from emulator.wire.request import Credentials

MEMBER = Credentials(user_id="u1", project_id="p1", roles=frozenset({"member", "reader"}))
ADMIN = Credentials(user_id="u2", project_id="p2", roles=frozenset({"admin", "member", "reader"}))
SYSTEM = Credentials(user_id="u3", system=True, roles=frozenset({"reader"}))
OWN = {"project_id": "p1", "user_id": "u1"}


@pytest.mark.parametrize(
    ("check", "member", "admin"),
    [
        ("", True, True),
        ("@", True, True),
        ("!", False, False),
        ("role:admin", False, True),
        ("role:ADMIN", False, True),
        ("project_id:%(project_id)s", True, False),
        ("role:member and project_id:%(project_id)s", True, False),
        ("role:admin or project_id:%(project_id)s", True, True),
        ("not role:admin", True, False),
        ("not (role:admin or role:reader)", False, False),
        ("role:admin or role:reader and user_id:%(user_id)s", True, True),
        ("(role:admin or role:reader) and user_id:%(user_id)s", True, False),
        ("is_admin:True", False, True),
        ("user_id:%(nothing.of.the.kind)s", False, False),
        ("'p1':%(project_id)s", True, True),
        ("domain_id:%(project_id)s", False, False),
    ],
)
def test_checks(check: str, member: bool, admin: bool) -> None:
    enforcer = Enforcer({"rule": check})
    assert enforcer.allows("rule", MEMBER, OWN) is member
    assert enforcer.allows("rule", ADMIN, OWN) is admin


def test_system_scope_is_a_credential() -> None:
    enforcer = Enforcer({"rule": "role:reader and system_scope:all"})
    assert enforcer.allows("rule", SYSTEM, {})
    assert not enforcer.allows("rule", MEMBER, {})


def test_rules_name_rules() -> None:
    rules = {"owner": "project_id:%(project_id)s", "show": "rule:owner or rule:missing"}
    enforcer = Enforcer(rules)
    assert enforcer.allows("show", MEMBER, OWN)
    assert not enforcer.allows("show", ADMIN, OWN)


def test_a_rule_that_is_not_there_is_refused() -> None:
    assert not Enforcer({}).allows("nothing", ADMIN, {})


def test_overrides_win() -> None:
    enforcer = Enforcer({"show": "role:admin"}, {"show": "role:reader"})
    assert enforcer.allows("show", MEMBER, {})


def test_a_service_adds_checks_of_its_own() -> None:
    def field(text: str) -> Any:
        _, _, pair = text.partition(":")
        name, _, value = pair.partition("=")
        return lambda caller, target: str(target.get(name)) == value

    enforcer = Enforcer({"see": "field:networks:shared=True"}, kinds={"field": field})
    assert enforcer.allows("see", MEMBER, {"shared": True})
    assert not enforcer.allows("see", MEMBER, {"shared": False})


@pytest.mark.parametrize("check", ["role", "(role:admin", "role:admin or", "role:admin )", "and"])
def test_what_cannot_be_read_is_named(check: str) -> None:
    with pytest.raises(PolicySyntaxError, match="Policy check"):
        Enforcer({}).compile(check)
