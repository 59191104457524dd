"""python-novaclient, and requests written by hand."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from emulator.cloud import Cloud

IMAGE = "cirros-0.6.3-x86_64-disk"


def nova(cloud: Cloud, version: str) -> Any:
    pytest.importorskip("novaclient", reason="python-novaclient is not installed")
    from keystoneauth1 import loading, session
    from novaclient import client

    values = cloud.env("demo")
    auth = loading.get_plugin_loader("password").load_from_options(
        auth_url=values["OS_AUTH_URL"],
        username=values["OS_USERNAME"],
        password=values["OS_PASSWORD"],
        project_name=values["OS_PROJECT_NAME"],
        user_domain_id="default",
        project_domain_id="default",
    )
    return client.Client(version, session=session.Session(auth=auth))


@pytest.mark.parametrize("version", ["2.1", "2.60", "2.96"])
def test_novaclient_boots_a_server(cloud: Cloud, version: str) -> None:
    client = nova(cloud, version)
    image = client.glance.find_image(IMAGE)
    network = client.neutron.find_network("private")
    flavor = client.flavors.find(name="m1.tiny")
    server = client.servers.create("vm1", image, flavor, nics=[{"net-id": network.id}])
    cloud.settle()
    server = client.servers.get(server.id)
    assert server.status == "ACTIVE"
    assert client.servers.list()[0].name == "vm1"
    server.stop()
    cloud.settle()
    assert client.servers.get(server.id).status == "SHUTOFF"
    server.delete()
    cloud.settle()
    assert client.servers.list() == []


def ask(url: str, body: Any = None, **headers: str) -> tuple[Any, Any]:
    content = None if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, content, {"Content-Type": "application/json", **named})
    with urllib.request.urlopen(request) as answer:
        return answer.headers, json.load(answer)


def test_requests_by_hand(cloud: Cloud) -> None:
    """What the README does with curl."""
    user = {"name": "demo", "domain": {"id": "default"}, "password": "secret"}
    scope = {"project": {"name": "demo", "domain": {"id": "default"}}}
    identity = {"methods": ["password"], "password": {"user": user}}
    headers, body = ask(
        f"{cloud.url}/identity/v3/auth/tokens", {"auth": {"identity": identity, "scope": scope}}
    )
    (compute,) = [each for each in body["token"]["catalog"] if each["type"] == "compute"]
    url = compute["endpoints"][0]["url"]
    assert url.startswith(cloud.url)
    token = headers["X-Subject-Token"]
    headers, body = ask(f"{url}/servers/detail", X_Auth_Token=token)
    assert body == {"servers": []}
    assert headers["OpenStack-API-Version"] == "compute 2.1"
