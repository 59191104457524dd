"""why(): what gave a request its 4xx, or a server its ERROR."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from emulator.errors import UsageError
from emulator.wire.request import Response

COMPUTE, NETWORK, IMAGE = "/compute/v2.1", "/networking/v2.0", "/image/v2"


def test_a_policy_rule(api: Any) -> None:
    api.get(f"{COMPUTE}/os-hypervisors", who="demo")
    why = api.cloud.why()
    assert why["reason"] == "policy"
    assert why["facts"] == {"rule": "os_compute_api:os-hypervisors:list"}
    assert why["rules"]["context_is_admin"] == "role:admin"
    assert "does not allow this to demo in project demo (roles: " in why["sentence"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/identity/v3/users", None),
        ("POST", f"{NETWORK}/networks", {"network": {"name": "n", "shared": True}}),
        ("PUT", "/placement/traits/CUSTOM_A", None),
        ("POST", "/volume/v3/types", {"volume_type": {"name": "t"}}),
        ("POST", f"{IMAGE}/images", {"name": "i", "visibility": "public"}),
    ],
)
def test_every_service_tells_its_rule(api: Any, method: str, path: str, body: Any) -> None:
    version = "placement 1.39" if "placement" in path else None
    assert api(method, path, body, who="demo", version=version).status == 403
    why = api.cloud.why()
    assert why["reason"] == "policy"
    assert why["rules"]


def test_what_others_may_not_even_see(api: Any) -> None:
    image = api.post(f"{IMAGE}/images", {"name": "i", "visibility": "private"}).json["id"]
    assert api.get(f"{IMAGE}/images/{image}", who="demo").status == 404
    assert api.cloud.why()["sentence"].endswith(f"It is there now, as image {image}.")


def test_what_is_not_there_for_this_caller(api: Any, boot: Any) -> None:
    server = boot("vm").json["server"]["id"]
    api.cloud.settle()
    assert api.get(f"{COMPUTE}/servers/{server}", who="alt_demo").status == 404
    why = api.cloud.why()
    assert why["reason"] == "missing"
    assert why["sentence"].endswith(f"It is there now, as server {server}.")
    api.get(f"{COMPUTE}/servers/nope")
    assert api.cloud.why()["sentence"].endswith("Instance nope could not be found.")


QUOTAS = [
    ("compute", f"{COMPUTE}/os-quota-sets/{{}}", {"quota_set": {"instances": 0}}),
    ("network", f"{NETWORK}/quotas/{{}}", {"quota": {"network": 1}}),
    ("volume", "/volume/v3/os-quota-sets/{}", {"quota_set": {"volumes": 0}}),
]


@pytest.mark.parametrize(("service", "path", "body"), QUOTAS)
def test_a_quota(api: Any, boot: Any, service: str, path: str, body: Any) -> None:
    projects = api.get("/identity/v3/projects?name=demo").json["projects"]
    assert api.put(path.format(projects[0]["id"]), body).status == 200
    if service == "compute":
        boot("vm")
    elif service == "network":
        api.post(f"{NETWORK}/networks", {"network": {"name": "n"}}, who="demo")
    else:
        api.post("/volume/v3/volumes", {"volume": {"size": 1}}, who="demo")
    why = api.cloud.why()
    assert why["reason"] == "quota"
    assert why["sentence"].startswith("A quota: ")


def test_a_schema(api: Any, boot: Any) -> None:
    boot("")
    why = api.cloud.why()
    assert why["reason"] == "schema"
    assert why["facts"]["field"] == "server.name"
    assert why["sentence"].startswith("What was sent is not what POST /servers takes at 2.79, at ")


def test_a_state(api: Any, boot: Any) -> None:
    server = boot("vm").json["server"]["id"]
    api.post(f"{COMPUTE}/servers/{server}/action", {"os-start": None}, who="demo")
    why = api.cloud.why()
    assert why["reason"] == "state"
    assert why["sentence"].endswith(f"Instance {server} is not ready")


def test_a_rate_limit(api: Any) -> None:
    limit = {"verb": "GET", "uri": "*", "regex": ".*", "value": 1, "unit": "MINUTE"}
    api.cloud.rate_limits.set([limit])
    api.get(f"{COMPUTE}/servers")
    api.get(f"{COMPUTE}/servers")
    assert api.cloud.why()["reason"] == "rate limit"


def test_tokens(api: Any) -> None:
    api.get(f"{COMPUTE}/servers", who="nobody")
    assert api.cloud.why()["sentence"] == "No valid token: no X-Auth-Token was sent."
    api.get(f"{COMPUTE}/servers", headers={"X-Auth-Token": "x"})
    assert "unknown, expired or revoked" in api.cloud.why()["sentence"]
    api.post("/identity/v3/auth/tokens", {"auth": {"identity": {"methods": ["password"],
        "password": {"user": {"id": "x", "password": "y"}}}}}, who="nobody")  # fmt: skip
    assert api.cloud.why()["sentence"] == "No valid token: what was sent to log in is wrong."


@pytest.mark.parametrize(
    ("method", "path", "version", "reason"),
    [
        ("GET", f"{COMPUTE}/servers", "compute 2.999", "version"),
        ("PATCH", f"{COMPUTE}/servers", None, "method"),
        ("GET", f"{COMPUTE}/os-cells", None, "removed"),
        ("GET", f"{COMPUTE}/nothing", None, "missing"),
        ("POST", f"{COMPUTE}/servers", None, "input"),
    ],
)
def test_other_reasons(api: Any, method: str, path: str, version: str, reason: str) -> None:
    answer = api(method, path, data=b"{" if method == "POST" else None, version=version)
    why = api.cloud.why(answer.headers.get("x-openstack-request-id", "last"))
    assert (why["reason"], why["status"]) == (reason, answer.status)
    assert why["sentence"].endswith((".", "'", "body", "resource."))


def test_a_server_in_error(api: Any, boot: Any) -> None:
    for host in api.get(f"{COMPUTE}/os-services?binary=nova-compute").json["services"]:
        body = {"host": host["host"], "binary": "nova-compute"}
        api.put(f"{COMPUTE}/os-services/disable", body)
    created = boot("vm")
    api.cloud.settle()
    server = created.json["server"]["id"]
    for asked in (server, created.headers["x-openstack-request-id"]):
        why = api.cloud.why(asked)
        assert why["reason"] == "failed step"
        assert why["sentence"].startswith(
            f"server {server}: create failed while scheduling: No val"
        )
        assert why["steps"]


def test_a_fault_of_meaning(api: Any, boot: Any) -> None:
    api.cloud.faults.add(kind="no-valid-host", times=1)
    unlucky, lucky = boot("one"), boot("two")
    api.cloud.settle()
    why = api.cloud.why(unlucky.headers["x-openstack-request-id"])
    assert (why["reason"], why["fault"]) == ("failed step", "no-valid-host")
    assert why["sentence"].endswith("(fault no-valid-host)")
    found = api.cloud.why(lucky.headers["x-openstack-request-id"])
    assert found["sentence"].startswith("Nothing went wrong")


def test_each_request_answers_for_what_it_began(api: Any, boot: Any) -> None:
    created = boot("vm")
    server = created.json["server"]["id"]
    api.cloud.settle()
    api.cloud.faults.add(resource="server", transition="stop", outcome="fail")
    path = f"{COMPUTE}/servers/{server}/action"
    stopped = api.post(path, {"os-stop": None}, who="demo")
    api.cloud.settle()
    asked = [each.headers["x-openstack-request-id"] for each in (created, stopped)]
    assert [api.cloud.why(each)["reason"] for each in asked] == ["", "failed step"]
    assert api.cloud.why(server)["reason"] == "failed step"


def test_nothing_went_wrong(api: Any, boot: Any) -> None:
    created = boot("vm")
    api.cloud.settle()
    found = api.cloud.why(created.headers["x-openstack-request-id"])
    assert found["sentence"].startswith("Nothing went wrong with server ")
    answer = api.get(f"{COMPUTE}/servers")
    found = api.cloud.why(SimpleNamespace(request_id=answer.headers["x-openstack-request-id"]))
    assert found["sentence"] == "Nothing refused it: it was answered with 200."
    with pytest.raises(UsageError, match="no request that the journal keeps was refused"):
        api.cloud.why()
    for asked in ("req-x", "999", "/", "a b"):
        with pytest.raises(UsageError, match=f"the journal has no request '{asked}'"):
            api.cloud.why(asked)
    with pytest.raises(UsageError, match="why of what"):
        api.cloud.why("")


def test_the_clients_own_id_finds_a_request(api: Any) -> None:
    own = "req-11111111-1111-4111-8111-111111111111"
    api.get(f"{COMPUTE}/servers/nope", headers={"X-OpenStack-Request-ID": own})
    assert api.cloud.why(own)["reason"] == "missing"


def test_secrets_in_a_refusal_are_masked(api: Any) -> None:
    api.post(f"{COMPUTE}/servers", {"server": {"name": "x", "adminPass": ["S3CRET"]}})
    api.post(f"{COMPUTE}/servers", {"server": {"name": "x", "user_data": "S3CRET!"}})
    assert "S3CRET" not in str(api.cloud.why())


def faulty(status: int) -> Any:
    """What stands for dispatch where a fault of the wire answers."""
    return lambda ctx, service: Response(status, [("X-Emulator-Fault", "flaky")], b"{}")


@pytest.mark.parametrize("status", [0, 200, 503])
def test_a_fault_of_the_wire(api: Any, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    monkeypatch.setattr("emulator.cloud.dispatch", faulty(status))
    api.get(f"{COMPUTE}/servers")
    monkeypatch.undo()
    (entry,) = api.cloud.requests("GET /servers")
    assert (entry["fault"], entry["status"]) == ("flaky", status)
    why = api.cloud.why("last" if status != 200 else entry["number"])
    assert (why["reason"], why["fault"]) == ("fault", "flaky")
    assert why["sentence"] == "The fault flaky had a hand in it."
    assert f"{status or 'none'} GET compute" in why["request"]
    assert "[fault flaky]" in why["request"]
    assert api.cloud.journal.ignored() == {"ignored": []}
