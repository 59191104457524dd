"""OAuth1: a consumer asks, a user agrees, the consumer acts."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs, quote

BASE = "http://127.0.0.1:8774"


def signed(path: str, secrets: str, **parameters: str) -> dict[str, str]:
    """The header of a request signed with HMAC-SHA1 (RFC 5849)."""
    given = {
        "oauth_nonce": "1",
        "oauth_timestamp": "1",
        "oauth_version": "1.0",
        "oauth_signature_method": "HMAC-SHA1",
        **parameters,
    }

    def escaped(text: str) -> str:
        return quote(text, safe="~")

    pairs = "&".join(f"{name}={escaped(given[name])}" for name in sorted(given))
    text = "&".join(("POST", escaped(BASE + path), escaped(pairs)))
    digest = hmac.new(secrets.encode(), text.encode(), hashlib.sha1).digest()
    given["oauth_signature"] = base64.b64encode(digest).decode()
    header = ", ".join(f'{name}="{escaped(value)}"' for name, value in given.items())
    return {"Authorization": f"OAuth {header}"}


def form(answer: Any) -> tuple[str, str]:
    assert answer.status == 201, answer.text
    found = parse_qs(answer.text)
    return found["oauth_token"][0], found["oauth_token_secret"][0]


def test_a_consumer_gets_a_token_with_the_roles_that_were_agreed_on(api: Any) -> None:
    names = api.cloud.names
    made = api.post("/identity/v3/OS-OAUTH1/consumers", {"consumer": {"description": "app"}})
    key, secret = made.json["consumer"]["id"], made.json["consumer"]["secret"]

    path = "/identity/v3/OS-OAUTH1/request_token"
    headers = signed(path, f"{secret}&", oauth_consumer_key=key, oauth_callback="oob")
    headers["Requested-Project-Id"] = names["project", "admin"]
    request, request_secret = form(api.post(path, who="nobody", headers=headers))

    agreed = {"roles": [{"name": "reader"}]}
    answer = api.put(f"/identity/v3/OS-OAUTH1/authorize/{request}", agreed)
    verifier = answer.json["token"]["oauth_verifier"]

    path = "/identity/v3/OS-OAUTH1/access_token"
    parts = {"oauth_consumer_key": key, "oauth_token": request, "oauth_verifier": verifier}
    wrong = signed(path, f"{secret}&wrong", **parts)
    assert api.post(path, who="nobody", headers=wrong).status == 401
    headers = signed(path, f"{secret}&{request_secret}", **parts)
    access, access_secret = form(api.post(path, who="nobody", headers=headers))

    path = "/identity/v3/auth/tokens"
    headers = signed(path, f"{secret}&{access_secret}", oauth_consumer_key=key, oauth_token=access)
    body = {"auth": {"identity": {"methods": ["oauth1"], "oauth1": {}}}}
    answer = api.post(path, body, who="nobody", headers=headers)
    assert answer.status == 201, answer.text
    token = answer.json["token"]
    assert [role["name"] for role in token["roles"]] == ["reader"]
    assert token["OS-OAUTH1"] == {"access_token_id": access, "consumer_id": key}
    assert token["user"]["name"] == "admin"

    user_id = names["user", "admin"]
    listed = api.get(f"/identity/v3/users/{user_id}/OS-OAUTH1/access_tokens")
    assert [each["id"] for each in listed.json["access_tokens"]] == [access]
    assert api.delete(f"/identity/v3/OS-OAUTH1/consumers/{key}").status == 204
    headers = {"X-Auth-Token": answer.headers["x-subject-token"]}
    assert api.get("/compute/v2.1/flavors", who="nobody", headers=headers).status == 401
