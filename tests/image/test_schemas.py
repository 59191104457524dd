"""What Glance shows satisfies the schemas that Glance publishes."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

V2 = "/image/v2"
OCTETS = {"Content-Type": "application/octet-stream"}
NAMESPACE = {
    "namespace": "N",
    "description": "d",
    "properties": {"p": {"title": "P", "type": "string", "default": "x"}},
    "objects": [{"name": "o", "properties": {"q": {"title": "Q", "type": "integer"}}}],
    "tags": [{"name": "t"}],
    "resource_type_associations": [{"name": "OS::Nova::Server", "prefix": "hw:"}],
}


@pytest.fixture
def filled(api: Any) -> Any:
    """A cloud with one of everything; `api.ids` has what the paths below need."""
    body = {"disk_format": "raw", "container_format": "bare", "os_distro": "x", "tags": ["t"]}
    image = api.post(f"{V2}/images", body).json["id"]
    api.put(f"{V2}/images/{image}/stage", data=b"abc", headers=OCTETS)
    api.post(f"{V2}/images/{image}/import", {"method": {"name": "glance-direct"}})
    api.post(f"{V2}/images/{image}/members", {"member": "m"})
    task = api.get(f"{V2}/images/{image}/tasks").json["tasks"][0]["id"]
    api.post(f"{V2}/metadefs/namespaces", NAMESPACE)
    api.ids = {"image": image, "task": task}
    return api


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("image", "images/{image}"),
        ("images", "images?limit=1"),
        ("member", "images/{image}/members/m"),
        ("members", "images/{image}/members"),
        ("task", "tasks/{task}"),
        ("tasks", "tasks"),
        ("metadefs/namespace", "metadefs/namespaces/N"),
        ("metadefs/namespaces", "metadefs/namespaces?limit=1"),
        ("metadefs/object", "metadefs/namespaces/N/objects/o"),
        ("metadefs/objects", "metadefs/namespaces/N/objects"),
        ("metadefs/property", "metadefs/namespaces/N/properties/p"),
        ("metadefs/properties", "metadefs/namespaces/N/properties"),
        ("metadefs/tag", "metadefs/namespaces/N/tags/t"),
        ("metadefs/tags", "metadefs/namespaces/N/tags"),
        ("metadefs/resource_types", "metadefs/namespaces/N/resource_types"),
    ],
)
def test_an_answer_satisfies_the_published_schema(filled: Any, schema: str, path: str) -> None:
    answer = filled.get(f"{V2}/{path.format(**filled.ids)}")
    assert answer.status == 200, answer.text
    published = filled.get(f"{V2}/schemas/{schema}").json
    jsonschema.Draft202012Validator.check_schema(published)
    # An image has properties of its own; Glance's schema of tasks leaves the links out.
    known = {*published["properties"], "first", "next"}
    assert schema == "image" or set(answer.json) <= known
    jsonschema.validate(answer.json, published)
