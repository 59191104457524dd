"""What stages of lifecycles can match of a server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.identity import owners
from emulator.wire.request import Context


def of_server(ctx: Context, server_uuid: str) -> Mapping[str, Any]:
    """Return what is known of a server: of what has an id and a name, both."""
    server = ctx.db.get("compute_servers", server_uuid, "uuid")
    if server is None:
        return {}
    image = ctx.db.get("image_images", server["image_ref"]) if server["image_ref"] else None
    return {
        "id": server_uuid,
        "name": server["display_name"],
        **owners.facts(ctx, server),
        "host": server["host"],
        "zone": server["availability_zone"],
        "flavor": (server["flavorid"], orjson.loads(server["flavor"])["original_name"]),
        "image": (server["image_ref"], None if image is None else image["name"]),
        "metadata": orjson.loads(server["metadata"]),
    }


def of_block_device(ctx: Context, uuid: str) -> Mapping[str, Any]:
    """Return what is known of a volume of a server: all of the server, the volume's name."""
    device = ctx.db.get("compute_block_devices", uuid, "uuid")
    if device is None:
        return {}
    volume = ctx.db.get("volume_volumes", device["volume_id"])
    named = {} if volume is None else {"id": volume["id"], "name": volume["name"]}
    own = {"metadata": {} if volume is None else orjson.loads(volume["metadata"])}
    return {**of_server(ctx, device["server_uuid"]), **named, **own}
