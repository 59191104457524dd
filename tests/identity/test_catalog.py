"""The catalog: its URLs are where this client reaches the cloud."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.wire.request import Request


def urls(api: Any, **where: Any) -> dict[str, str]:
    headers = {"X-Auth-Token": api.token("demo")}
    path = "/identity/v3/auth/catalog"
    answer = api.cloud.handle(Request("GET", path, headers=headers, **where))
    return {
        entry["name"]: entry["endpoints"][0]["url"] for entry in json.loads(answer.body)["catalog"]
    }


@pytest.mark.parametrize(
    ("where", "base"),
    [
        ({"origin": "http://cloud.example:9999"}, "http://cloud.example:9999"),
        ({"origin": "https://a.b", "root": "/clouds/two"}, "https://a.b/clouds/two"),
    ],
)
def test_urls_begin_where_the_client_found_the_cloud(
    api: Any, where: dict[str, str], base: str
) -> None:
    found = urls(api, **where)
    assert found["keystone"] == f"{base}/identity"
    assert found["nova"] == f"{base}/compute/v2.1"
    assert found["cinderv3"] == f"{base}/volume/v3/{api.cloud.names['project', 'demo']}"


def test_on_a_port_of_its_own_each_service_is_found_on_its_own_port(api: Any) -> None:
    found = urls(api, origin="http://cloud:5000", native=True)
    assert found["keystone"] == "http://cloud:5000"
    assert found["nova"] == "http://cloud:8774/v2.1"
    assert found["glance"] == "http://cloud:9292"
    assert found["cinder"].startswith("http://cloud:8776/v3/")


def test_the_catalog_is_a_devstacks(api: Any) -> None:
    answer = api.get("/identity/v3/auth/catalog", who="demo")
    shown = [(entry["type"], entry["name"]) for entry in answer.json["catalog"]]
    assert shown == [
        ("identity", "keystone"),
        ("compute", "nova"),
        ("image", "glance"),
        ("network", "neutron"),
        ("placement", "placement"),
        ("block-storage", "cinder"),
        ("volumev3", "cinderv3"),
    ]


def test_a_system_token_is_shown_no_urls_that_need_a_project(api: Any) -> None:
    body = {
        "auth": {
            "identity": {
                "methods": ["password"],
                "password": {
                    "user": {"name": "admin", "domain": {"id": "default"}, "password": "secret"}
                },
            },
            "scope": {"system": {"all": True}},
        }
    }
    token = api.post("/identity/v3/auth/tokens", body, who="nobody").json["token"]
    found = {entry["name"]: entry["endpoints"] for entry in token["catalog"]}
    assert found["cinder"] == []
    assert found["nova"]


def test_disabled_services_and_endpoints_are_left_out(api: Any) -> None:
    service_id = api.cloud.names["service", "placement"]
    path = f"/identity/v3/services/{service_id}"
    assert api.patch(path, {"service": {"enabled": False}}).status == 200
    assert "placement" not in urls(api)
