"""Tokens: how long they live, what ends them, who they stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.cloud import Cloud

LOGIN = "/identity/v3/auth/tokens"
Open = Callable[..., Any]


def password(name: str = "demo", secret: str = "secret") -> dict[str, Any]:
    user = {"name": name, "domain": {"id": "default"}, "password": secret}
    return {"methods": ["password"], "password": {"user": user}}


def project(name: str = "demo") -> dict[str, Any]:
    return {"project": {"name": name, "domain": {"id": "default"}}}


def login(api: Any, identity: Any, scope: Any = None) -> Any:
    auth = {"identity": identity, **({} if scope is None else {"scope": scope})}
    return api.post(LOGIN, {"auth": auth}, who="nobody")


def works(api: Any, token: str) -> bool:
    """Whether a service takes the token; it is compute that is asked."""
    answer = api.get("/compute/v2.1/flavors", who="nobody", headers={"X-Auth-Token": token})
    assert answer.status in (200, 401)
    return bool(answer.status == 200)


def test_a_token_ends_when_its_time_is_over_also_when_it_was_just_used(open_cloud: Open) -> None:
    api = open_cloud(clock="manual")
    token = login(api, password(), project()).headers["x-subject-token"]
    api.cloud.advance(3599)
    assert works(api, token)
    api.cloud.advance(2)
    assert not works(api, token)


def test_an_expired_token_may_still_be_looked_at_for_a_while(open_cloud: Open) -> None:
    api = open_cloud(clock="manual")
    token = login(api, password(), project()).headers["x-subject-token"]
    api.cloud.advance(4000)
    api.tokens.clear()
    assert api.get(LOGIN, headers={"X-Subject-Token": token}).status == 404
    answer = api.get(f"{LOGIN}?allow_expired=1", headers={"X-Subject-Token": token})
    assert answer.status == 200
    assert answer.json["token"]["user"]["name"] == "demo"


def test_a_token_made_from_another_lives_no_longer_and_tells_where_it_comes_from(
    open_cloud: Open,
) -> None:
    api = open_cloud(clock="manual")
    first = login(api, password())
    api.cloud.advance(600)
    by_token = {"methods": ["token"], "token": {"id": first.headers["x-subject-token"]}}
    second = login(api, by_token, project())
    assert second.status == 201
    assert second.json["token"]["expires_at"] == first.json["token"]["expires_at"]
    assert second.json["token"]["audit_ids"][1:] == first.json["token"]["audit_ids"]
    assert sorted(second.json["token"]["methods"]) == ["password", "token"]


@pytest.mark.parametrize(("query", "survives"), [("", False), ("?cascade=false", True)])
def test_revoking_a_token_ends_those_that_were_made_from_it(
    api: Any, query: str, survives: bool
) -> None:
    first = login(api, password()).headers["x-subject-token"]
    by_token = {"methods": ["token"], "token": {"id": first}}
    second = login(api, by_token, project()).headers["x-subject-token"]
    assert works(api, second)
    assert api.delete(LOGIN + query, headers={"X-Subject-Token": first}).status == 204
    assert works(api, second) is survives
    assert api.get(LOGIN, headers={"X-Subject-Token": first}).status == 404


def test_revoking_a_token_leaves_the_one_it_was_made_from(api: Any) -> None:
    first = login(api, password()).headers["x-subject-token"]
    by_token = {"methods": ["token"], "token": {"id": first}}
    second = login(api, by_token, project()).headers["x-subject-token"]
    assert api.delete(LOGIN, headers={"X-Subject-Token": second}).status == 204
    assert not works(api, second)
    assert login(api, by_token, project()).status == 201


def test_a_new_token_works_at_the_very_moment_at_which_the_others_were_ended(
    open_cloud: Open,
) -> None:
    api = open_cloud(clock="manual")
    old = login(api, password(), project()).headers["x-subject-token"]
    change = {"user": {"original_password": "secret", "password": "other"}}
    user_id = api.cloud.names["user", "demo"]
    path = f"/identity/v3/users/{user_id}/password"
    assert api.post(path, change, who="nobody").status == 204
    new = login(api, password(secret="other"), project()).headers["x-subject-token"]
    assert not works(api, old)
    assert works(api, new)


def ways_to_end_a_token() -> list[Any]:
    """What an administrator may do to demo, or to the project, that ends demo's tokens there."""
    user, where = "/identity/v3/users/{user}", "/identity/v3/projects/{project}"
    off = {"enabled": False}
    return [
        pytest.param("PATCH", user, {"user": off}, id="the user is disabled"),
        pytest.param("DELETE", user, None, id="the user is deleted"),
        pytest.param("PATCH", user, {"user": {"password": "x"}}, id="the password is changed"),
        pytest.param("PATCH", where, {"project": off}, id="the project is disabled"),
        pytest.param("DELETE", where, None, id="the project is deleted"),
        pytest.param("DELETE", f"{user}/tokens", None, id="all tokens are revoked"),
    ]


@pytest.mark.parametrize(("method", "path", "body"), ways_to_end_a_token())
def test_a_token_ends_when(api: Any, method: str, path: str, body: Any) -> None:
    token = login(api, password(), project()).headers["x-subject-token"]
    assert works(api, token)
    ids = {"user": api.cloud.names["user", "demo"], "project": api.cloud.names["project", "demo"]}
    assert api(method, path.format(**ids), body).status in (200, 204)
    assert not works(api, token)


def test_a_role_that_is_taken_away_is_no_longer_in_the_token(api: Any) -> None:
    names = api.cloud.names
    made = api.post("/identity/v3/users", {"user": {"name": "eve", "password": "p"}})
    user_id = made.json["user"]["id"]
    grant = f"/identity/v3/projects/{names['project', 'demo']}/users/{user_id}/roles/"
    for role in ("member", "service"):
        assert api.put(grant + names["role", role]).status == 204
    token = login(api, password("eve", "p"), project()).headers["x-subject-token"]

    def roles() -> list[str]:
        shown = api.get(LOGIN, headers={"X-Subject-Token": token})
        if shown.status != 200:
            return []
        return sorted(role["name"] for role in shown.json["token"]["roles"])

    assert roles() == ["member", "reader", "service"]
    assert api.delete(grant + names["role", "service"]).status == 204
    assert roles() == ["member", "reader"]
    assert api.delete(grant + names["role", "member"]).status == 204
    assert roles() == []
    assert not works(api, token)


def test_the_same_seed_gives_the_same_tokens_and_another_seed_others() -> None:
    def first_token(seed: int) -> str:
        from tests.conftest import Api

        with Cloud(fixture="devstack", clock="manual", seed=seed) as cloud:
            found = login(Api(cloud), password(), project())
            return str(found.headers["x-subject-token"])

    assert first_token(3) == first_token(3)
    assert first_token(3) != first_token(4)


def test_a_token_is_remembered_until_something_is_written(api: Any) -> None:
    token = login(api, password(), project()).headers["x-subject-token"]
    assert works(api, token)
    assert token in api.cloud.token_cache
    login(api, password("admin"), project("admin"))
    assert token in api.cloud.token_cache
    api.post("/identity/v3/roles", {"role": {"name": "new"}})
    assert token not in api.cloud.token_cache


def test_access_rules_say_what_an_application_credential_is_good_for(api: Any) -> None:
    user_id = api.cloud.names["user", "demo"]
    rules = [{"service": "compute", "method": "GET", "path": "/v2.1/flavors/*"}]
    body = {"application_credential": {"name": "narrow", "access_rules": rules}}
    path = f"/identity/v3/users/{user_id}/application_credentials"
    made = api.post(path, body, who="demo").json["application_credential"]
    given = {"id": made["id"], "secret": made["secret"]}
    answer = login(api, {"methods": ["application_credential"], "application_credential": given})
    headers = {"X-Auth-Token": answer.headers["x-subject-token"]}
    assert api.get("/compute/v2.1/flavors/1", who="nobody", headers=headers).status == 200
    assert api.get("/compute/v2.1/flavors", who="nobody", headers=headers).status == 401
    assert api.get("/identity/v3/projects", who="nobody", headers=headers).status == 401


def test_a_token_for_a_trust_that_is_gone_says_so_and_proves_nothing(api: Any) -> None:
    me = api.get("/identity/v3/users?name=demo").json["users"][0]["id"]
    where = api.get("/identity/v3/projects?name=demo").json["projects"][0]["id"]
    trust = {"trustor_user_id": me, "trustee_user_id": me, "impersonation": True}
    asked = {**trust, "project_id": where, "roles": [{"name": "member"}]}
    made = api.post("/identity/v3/OS-TRUST/trusts", {"trust": asked}, who="demo")
    scope = {"OS-TRUST:trust": {"id": made.json["trust"]["id"]}}
    token = login(api, password(), scope).headers["x-subject-token"]
    api.delete(f"/identity/v3/OS-TRUST/trusts/{made.json['trust']['id']}", who="demo")
    for path in ("/identity/v3/projects", "/identity/v3"):
        answer = api.get(path, who="nobody", headers={"X-Auth-Token": token})
        assert answer.status == 404
        assert "Could not find trust" in answer.json["error"]["message"]
    assert login(api, {"methods": ["token"], "token": {"id": token}}).status == 401
    assert not works(api, token)


def test_access_rules_are_listed_as_they_were_made(api: Any) -> None:
    user = f"/identity/v3/users/{api.cloud.names['user', 'demo']}"
    methods = ["PUT", "GET", "POST", "DELETE"]
    rules = [{"service": "compute", "method": each, "path": "/v2.1/**"} for each in methods]
    body = {"application_credential": {"name": "wide", "access_rules": rules}}
    assert api.post(f"{user}/application_credentials", body, who="demo").status == 201
    listed = api.get(f"{user}/access_rules", who="demo").json["access_rules"]
    assert [each["method"] for each in listed] == methods
