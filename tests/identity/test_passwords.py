"""Passwords: the rules a deployment may have, and how they are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Open = Callable[..., Any]

RULES = """
extends: devstack
identity:
  settings:
    password_expires_days: 30
    minimum_password_age: 1
    lockout_failure_attempts: 0
    password_regex: "^.{4,}$"
    password_regex_description: four letters
"""


def attempt(api: Any, secret: str, name: str = "demo") -> int:
    user = {"name": name, "domain": {"id": "default"}, "password": secret}
    identity = {"methods": ["password"], "password": {"user": user}}
    answer = api.post("/identity/v3/auth/tokens", {"auth": {"identity": identity}}, who="nobody")
    return int(answer.status)


def test_two_wrong_passwords_close_an_account_for_five_seconds(open_cloud: Open) -> None:
    api = open_cloud(clock="manual")
    assert attempt(api, "wrong") == 401
    assert attempt(api, "secret") == 201
    assert attempt(api, "wrong") == 401
    assert attempt(api, "wrong") == 401
    assert attempt(api, "secret") == 401
    api.cloud.advance(6)
    assert attempt(api, "secret") == 201


def test_a_user_may_be_exempt_from_the_lock(open_cloud: Open) -> None:
    api = open_cloud(clock="manual", who=["admin"])
    options = {"user": {"options": {"ignore_lockout_failure_attempts": True}}}
    path = f"/identity/v3/users/{api.cloud.names['user', 'demo']}"
    assert api.patch(path, options).status == 200
    for _ in range(3):
        assert attempt(api, "wrong") == 401
    assert attempt(api, "secret") == 201


@pytest.fixture
def strict(open_cloud: Open, tmp_path: Path) -> Any:
    """A cloud whose passwords live for 30 days and have at least four letters."""
    fixture = tmp_path / "strict.yaml"
    fixture.write_text(RULES, encoding="utf-8")
    return open_cloud(clock="manual", fixture=str(fixture), who=["admin"])


def test_passwords_get_old_and_may_then_be_changed_but_not_used(strict: Any) -> None:
    made = strict.post("/identity/v3/users", {"user": {"name": "old", "password": "first"}})
    assert made.json["user"]["password_expires_at"] is not None
    path = f"/identity/v3/users/{made.json['user']['id']}/password"
    strict.cloud.advance(31 * 86400)
    assert attempt(strict, "first", "old") == 401

    def change(before: str, after: str) -> int:
        body = {"user": {"original_password": before, "password": after}}
        return int(strict.post(path, body, who="nobody").status)

    assert change("first", "abc") == 400  # too short
    assert change("first", "second") == 204
    assert attempt(strict, "second", "old") == 201
    assert change("second", "third") == 400  # too soon
    strict.cloud.advance(2 * 86400)
    assert change("second", "third") == 204


def test_short_passwords_are_refused_with_the_description_of_the_rule(strict: Any) -> None:
    answer = strict.post("/identity/v3/users", {"user": {"name": "u", "password": "abc"}})
    assert answer.status == 400
    message = "The password does not match the requirements: four letters."
    assert answer.json["error"]["message"] == message


def test_everybody_may_know_the_rules_for_passwords(strict: Any) -> None:
    path = "/identity/v3/domains/default/config/security_compliance"
    config = strict.get(path).json["config"]["security_compliance"]
    assert config == {"password_regex": "^.{4,}$", "password_regex_description": "four letters"}


def test_no_password_and_no_secret_is_kept_as_it_is(api: Any) -> None:
    made = api.post("/identity/v3/users", {"user": {"name": "u", "password": "Tr0ub4dor&3"}})
    assert made.status == 201
    user_id = api.cloud.names["user", "admin"]
    path = f"/identity/v3/users/{user_id}/application_credentials"
    secret = {"name": "c", "secret": "correct-horse-battery"}
    assert api.post(path, {"application_credential": secret}).status == 201
    content = api.cloud.snapshot()
    assert b"Tr0ub4dor&3" not in content
    assert b"correct-horse-battery" not in content
