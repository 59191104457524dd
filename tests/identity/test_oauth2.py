"""OAuth2: an application credential in a form, or in the Authorization header, gives a token."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode

import pytest

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
GRANT = {"grant_type": "client_credentials"}


def ask(api: Any, fields: dict[str, str], **headers: str) -> Any:
    content = urlencode(fields).encode()
    return api.post(
        "/identity/v3/OS-OAUTH2/token", data=content, who="nobody", headers={**FORM, **headers}
    )


@pytest.fixture
def client(api: Any) -> Any:
    """An application credential of the user demo."""
    path = f"/identity/v3/users/{api.cloud.names['user', 'demo']}/application_credentials"
    body = {"application_credential": {"name": "program", "secret": "hidden"}}
    return api.post(path, body, who="demo").json["application_credential"]


@pytest.mark.parametrize("basic", [True, False])
def test_the_token_works(api: Any, client: Any, basic: bool) -> None:
    if basic:
        text = base64.b64encode(f"{client['id']}:hidden".encode()).decode()
        answer = ask(api, GRANT, Authorization=f"Basic {text}")
    else:
        answer = ask(api, {**GRANT, "client_id": client["id"], "client_secret": "hidden"})
    assert answer.status == 200
    assert answer.json["token_type"] == "Bearer"
    token = {"X-Auth-Token": answer.json["access_token"]}
    assert api.get("/compute/v2.1/flavors", who="nobody", headers=token).status == 200


@pytest.mark.parametrize(
    ("fields", "status", "reason"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        (GRANT, 401, "invalid_client"),
        ({**GRANT, "client_id": "mine", "client_secret": "wrong"}, 401, "invalid_client"),
        ({**GRANT, "client_id": "nobody", "client_secret": "x"}, 404, "other_error"),
    ],
)
def test_refusals_are_worded_for_oauth2(
    api: Any, client: Any, fields: dict[str, str], status: int, reason: str
) -> None:
    given = {name: client["id"] if value == "mine" else value for name, value in fields.items()}
    answer = ask(api, given)
    assert (answer.status, answer.json["error"]) == (status, reason)
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_other_methods_and_the_old_certificates_are_refused(api: Any) -> None:
    answer = api.get("/identity/v3/OS-OAUTH2/token", who="nobody")
    assert (answer.status, answer.json["error"]) == (405, "other_error")
    assert api.get("/identity/v3/OS-SIMPLE-CERT/ca", who="nobody").status == 410
