"""What an image looks like."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.wire.request import Context

HIDDEN_PROPERTIES = frozenset({"os_glance_stage_host", "os_glance_hash_op_host"})
ATTRIBUTES = (
    "name", "disk_format", "container_format", "visibility", "size", "virtual_size", "status",
    "checksum", "protected", "min_ram", "min_disk", "owner", "os_hidden", "os_hash_algo",
    "os_hash_value", "id",
)  # fmt: skip
FLAGS = frozenset({"protected", "os_hidden"})


def render(row: Any, ctx: Context) -> dict[str, Any]:
    """Return an image as Glance shows it: properties first, then attributes, then places."""
    shown: dict[str, Any] = {
        name: "" if value is None else value
        for name, value in orjson.loads(row["properties"]).items()
        if name not in HIDDEN_PROPERTIES
    }
    for name in ATTRIBUTES:
        shown[name] = bool(row[name]) if name in FLAGS else row[name]
    shown["created_at"] = row["created_at"][:19] + "Z"
    shown["updated_at"] = row["updated_at"][:19] + "Z"
    locations = orjson.loads(row["locations"])
    shown["locations"] = locations
    shown["tags"] = orjson.Fragment(row["tags"])
    shown["self"] = f"/v2/images/{row['id']}"
    shown["file"] = f"/v2/images/{row['id']}/file"
    shown["schema"] = "/v2/schemas/image"
    stores = [each["metadata"]["store"] for each in locations if "store" in each["metadata"]]
    if stores:
        shown["stores"] = ",".join(stores)
    return shown
