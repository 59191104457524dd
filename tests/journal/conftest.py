"""What the tests of the journal share: a cloud with a manual clock, and a server in it."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def api(open_cloud: Any) -> Any:
    """A cloud in which things take their time; the tokens were given out before it began."""
    return open_cloud(who=["admin", "demo"], clock="manual", durations="typical")


@pytest.fixture
def boot(api: Any) -> Any:
    """boot("vm", key=…) → the answer of a create, of demo, at 2.79."""
    image = api.get("/image/v2/images").json["images"][0]["id"]
    flavor = api.get("/compute/v2.1/flavors").json["flavors"][0]["id"]
    networks = api.get("/networking/v2.0/networks?name=private").json["networks"]
    api.cloud.journal.clear()

    def booting(name: str, version: str = "2.79", hints: Any = None, **more: Any) -> Any:
        server = {"name": name, "flavorRef": flavor, "imageRef": image}
        body = {"server": {**server, "networks": [{"uuid": networks[0]["id"]}], **more}}
        if hints is not None:
            body["os:scheduler_hints"] = hints
        return api.post("/compute/v2.1/servers", body, who="demo", version=f"compute {version}")

    return booting
