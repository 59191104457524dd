"""EC2 keys: requests signed with them are exchanged for tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import quote

import pytest


@pytest.fixture
def key(api: Any) -> dict[str, str]:
    path = f"/identity/v3/users/{api.cloud.names['user', 'demo']}/credentials/OS-EC2"
    made = api.post(path, {"tenant_id": api.cloud.names["project", "demo"]}, who="demo")
    found: dict[str, str] = made.json["credential"]
    return found


def signed(key: dict[str, str], **changes: str) -> dict[str, Any]:
    """A request signed with version 2, as boto did it."""
    params = {
        "Action": "DescribeInstances",
        "AWSAccessKeyId": key["access"],
        "SignatureMethod": "HmacSHA256",
        "SignatureVersion": "2",
        **changes,
    }
    pairs = "&".join(f"{name}={quote(params[name], safe='-_~')}" for name in sorted(params))
    text = f"GET\nlocalhost:8773\n/services/Cloud\n{pairs}"
    digest = hmac.new(key["secret"].encode(), text.encode(), hashlib.sha256).digest()
    return {
        "access": key["access"],
        "host": "localhost:8773",
        "verb": "GET",
        "path": "/services/Cloud",
        "params": params,
        "signature": base64.b64encode(digest).decode(),
    }


def test_a_signed_request_is_exchanged_for_a_token(api: Any, key: dict[str, str]) -> None:
    answer = api.post("/identity/v3/ec2tokens", {"credentials": signed(key)})
    assert answer.status == 200, answer.text
    assert answer.json["token"]["methods"] == ["ec2credential"]
    assert answer.json["token"]["project"]["name"] == "demo"


def test_a_wrong_signature_is_refused(api: Any, key: dict[str, str]) -> None:
    request = {**signed(key), "path": "/elsewhere"}
    assert api.post("/identity/v3/ec2tokens", {"credentials": request}).status == 401


def test_an_old_request_is_refused(api: Any, key: dict[str, str]) -> None:
    request = signed(key, Timestamp="2001-01-01T00:00:00Z")
    assert api.post("/identity/v3/ec2tokens", {"credentials": request}).status == 401


def test_only_services_and_administrators_may_ask(api: Any, key: dict[str, str]) -> None:
    answer = api.post("/identity/v3/ec2tokens", {"credentials": signed(key)}, who="demo")
    assert answer.status == 403


def test_a_token_of_an_ec2_key_manages_nothing(api: Any, key: dict[str, str]) -> None:
    answer = api.post("/identity/v3/ec2tokens", {"credentials": signed(key)})
    headers = {"X-Auth-Token": answer.headers["x-subject-token"]}
    assert api.get("/identity/v3/credentials", who="nobody", headers=headers).status == 403
