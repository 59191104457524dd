"""A host whose servers were evacuated cannot be forced up before it was started again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

FORCE_DOWN = "/compute/v2.1/os-services/force-down"
VERSION = "compute 2.11"


def force(api: Any, down: bool) -> Any:
    body = {"host": "compute1", "binary": "nova-compute", "forced_down": down}
    return api.put(FORCE_DOWN, body, version=VERSION)


def test_it_counts_as_started_again_a_while_after(open_cloud: Callable[..., Any]) -> None:
    api = open_cloud(clock="manual")
    ctx = api.cloud.context()
    assert force(api, True).status == 200
    ctx.db.insert(
        "compute_migrations",
        {
            "uuid": ctx.ids.uuid(),
            "server_uuid": ctx.ids.uuid(),
            "migration_type": "evacuation",
            "status": "done",
            "source_compute": "compute1",
            "created_at": ctx.timestamp,
        },
    )
    refused = force(api, False)
    assert refused.status == 400
    assert refused.json["badRequest"]["message"].startswith("Unable to force up host compute1 as")
    api.cloud.advance(60)
    assert force(api, False).status == 200
    assert ctx.db.value("SELECT status FROM compute_migrations") == "completed"
