"""Receipts: a user whose rules ask for several methods may show them one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Open = Callable[..., Any]
HEADER = "openstack-auth-receipt"


def password(name: str = "demo") -> dict[str, Any]:
    user = {"name": name, "domain": {"id": "default"}, "password": "secret"}
    return {"methods": ["password"], "password": {"user": user}}


def login(api: Any, identity: Any, **headers: str) -> Any:
    body = {"auth": {"identity": identity}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.post("/identity/v3/auth/tokens", body, who="nobody", headers=named)


@pytest.fixture
def ruled(open_cloud: Open) -> Any:
    """A cloud, and a function that sets the rules of its user demo."""
    api = open_cloud(clock="manual", who=["admin"])
    path = f"/identity/v3/users/{api.cloud.names['user', 'demo']}"

    def rules(*given: list[str]) -> Any:
        options = {"options": {"multi_factor_auth_rules": list(given)}}
        assert api.patch(path, {"user": options}).status == 200
        return api

    return rules


def test_what_is_missing_can_be_shown_later(ruled: Any) -> None:
    token = login(ruled(), password()).headers["x-subject-token"]
    api = ruled(["password", "token"])
    first = login(api, password())
    assert first.status == 401
    assert first.json["receipt"]["methods"] == ["password"]
    assert first.json["required_auth_methods"] == [["password", "token"]]
    receipt = first.headers[HEADER]
    second = login(
        api, {"methods": ["token"], "token": {"id": token}}, openstack_auth_receipt=receipt
    )
    assert second.status == 201
    assert sorted(second.json["token"]["methods"]) == ["password", "token"]


def test_a_receipt_is_for_one_user_and_five_minutes(ruled: Any) -> None:
    api = ruled(["password", "token"])
    receipt = login(api, password()).headers[HEADER]
    for identity, text in (
        (password("admin"), receipt),
        (password(), "none"),
        (password(), receipt[:-4] + "AAAA"),
    ):
        refused = login(api, identity, openstack_auth_receipt=text)
        assert refused.status == 401
        assert refused.json["error"]["message"] == f"Could not find auth receipt: {text}."
    assert "receipt" in login(api, password(), openstack_auth_receipt=receipt).json
    api.cloud.advance(300)
    assert "error" in login(api, password(), openstack_auth_receipt=receipt).json


@pytest.mark.parametrize("rules", [[["password", "totp"]], [["totp"]], [["password"], ["token"]]])
def test_methods_that_keystone_does_not_have_are_not_asked_for(
    ruled: Any, rules: list[list[str]]
) -> None:
    assert login(ruled(*rules), password()).status == 201
