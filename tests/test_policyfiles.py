"""Policy rules from a file, as a service's policy.yaml has them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.cloud import Cloud
from emulator.config import Settings, settings_from_file
from emulator.errors import UsageError

LIST = "os_compute_api:os-services:list"
SERVICES = "/compute/v2.1/os-services"
HYPERVISORS = "/compute/v2.1/os-hypervisors"


@pytest.fixture
def ask(open_cloud: Callable[..., Any], tmp_path: Path) -> Callable[..., int]:
    """ask(rules, "GET", path, "demo") → the status, in a cloud with these rules of Compute."""

    def asking(rules: str, method: str, path: str, who: str, body: Any = None) -> int:
        file = tmp_path / "policy.yaml"
        file.write_text(rules)
        api = open_cloud(who=[who], policy_files={"compute": str(file)})
        status: int = api(method, path, body, who=who).status
        return status

    return asking


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        ("{}", 403),
        (f'"{LIST}": "role:member"', 200),
        (f'"{LIST}": "role:MEMBER AND NOT role:auditor"', 200),
        (f'"{LIST}": "@"', 200),
        (f'"{LIST}": ""', 200),
        (f'"{LIST}": []', 200),
        (f'"{LIST}": [["role:auditor"], ["role:member", "role:reader"]]', 200),
        (f'"{LIST}": [["role:auditor", "role:member"]]', 403),
        (f'"{LIST}": "rule:ours"\n"ours": "role:member or role:operator"', 200),
        (f'"{LIST}": "rule:nowhere"', 403),
        (f'"{LIST}": "rule:nowhere"\n"default": "role:member"', 200),
        ('"context_is_admin": "role:member"', 200),
    ],
)
def test_rules_of_a_file_hold(ask: Callable[..., int], rules: str, status: int) -> None:
    assert ask(rules, "GET", SERVICES, "demo") == status


def test_a_rule_can_forbid_even_admins(ask: Callable[..., int]) -> None:
    assert ask(f'"{LIST}": "!"', "GET", SERVICES, "admin") == 403
    assert ask(f'"{LIST}": "!"', "GET", HYPERVISORS, "admin") == 200


def test_an_old_name_holds_for_what_took_its_place(ask: Callable[..., int]) -> None:
    old = '"os_compute_api:os-services": "role:member"'
    assert ask(old, "GET", SERVICES, "demo") == 200
    assert ask(f'{old}\n"{LIST}": "role:admin"', "GET", SERVICES, "demo") == 403


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ('"a": "role:x"\n"b": "role"', "policy.yaml:2: b: Policy check 'role': 'role' has no ':'"),
        ('"a": "role:x and"', "policy.yaml:1: a: Policy check 'role:x and': ends too early"),
        ('"a": 5', "policy.yaml:1: a: takes a check, such as"),
        ('"a": "rule:b"\n"b": "rule:a"', "policy.yaml:1: a: the rule refers to itself: a → b → a"),
        ('"a": "http://example.org/%(x)s"', "policy.yaml:1: a: Policy check .* no other server"),
        ("- a", "policy.yaml:1: the file is not a mapping"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(
    rules: str, problem: str, tmp_path: Path
) -> None:
    (tmp_path / "policy.yaml").write_text(rules)
    with pytest.raises(UsageError, match=problem):
        Cloud(policy_files={"compute": str(tmp_path / "policy.yaml")})


def test_settings_name_the_file_beside_them(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("policy_files: {compute: rules.yaml}")
    settings = settings_from_file(tmp_path / "settings.yaml")
    assert settings.policy_files == {"compute": str(tmp_path / "rules.yaml")}
    with pytest.raises(UsageError, match=r"rules\.yaml: No such file"):
        Cloud(settings)


def test_rules_among_the_settings_are_read_when_they_are_given(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="policies: Policy check"):
        Settings(policies={"compute": {LIST: "role"}})
    file = tmp_path / "settings.yaml"
    file.write_text(f'policies:\n  compute:\n    "{LIST}": "(role:x"')
    with pytest.raises(UsageError, match=r"settings\.yaml:3: policies\.compute\..*a '\)' is missi"):
        settings_from_file(file)


def test_only_services_that_there_are_have_rules() -> None:
    with pytest.raises(UsageError, match="policy_files: 'nova' is no service; services are ident"):
        Cloud(policy_files={"nova": "policy.yaml"})
