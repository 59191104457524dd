"""Loads the `volume:` section of a fixture: types and services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.volume.group_types import DEFAULT_CGSNAPSHOT_TYPE
from emulator.wire.request import Context

# Of no stream of ids, so that those of everything else do not depend on it.
DEFAULT_GROUP_TYPE_ID = "9f2b6c1e-4d0a-4b57-8c3e-71a5d2e6f048"


def load(ctx: Context, section: Mapping[str, Any], names: Mapping[Any, str]) -> None:
    """Make what the section names, in the order it names it."""
    for service in section.get("services", ()):
        ctx.db.insert(
            "volume_services",
            {
                "id": ctx.ids.uuid(),
                "binary": service["binary"],
                "host": service["host"],
                "availability_zone": service.get("zone", "nova"),
                "updated_at": ctx.timestamp,
            },
        )
    for kind in section.get("types", ()):
        ctx.db.insert(
            "volume_types",
            {
                "id": ctx.ids.uuid(),
                "name": kind["name"],
                "description": kind.get("description"),
                "is_public": kind.get("public", True),
                "extra_specs": orjson.dumps(kind.get("extra_specs", {})).decode(),
                "created_at": ctx.timestamp,
            },
        )
    ctx.db.insert(
        "volume_group_types",  # Cinder's own migrations make it
        {
            "id": DEFAULT_GROUP_TYPE_ID,
            "name": DEFAULT_CGSNAPSHOT_TYPE,
            "description": "Default group type for migrating cgsnapshot",
            "group_specs": orjson.dumps(
                {"consistent_group_snapshot_enabled": "<is> True"}
            ).decode(),
            "created_at": ctx.timestamp,
        },
    )
