"""User messages (none so far: nothing fails by itself), resource filters and default types."""

from __future__ import annotations

from typing import Any

from emulator.errors import NotFound
from emulator.volume import types
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, prop

RESOURCE_FILTERS = (
    ("volume", ("name", "status", "metadata", "bootable", "migration_status", "availability_zone",
                "group_id", "size", "created_at", "updated_at", "consumes_quota")),
    ("backup", ("name", "status", "volume_id")),
    ("snapshot", ("name", "status", "volume_id", "metadata", "availability_zone",
                  "consumes_quota")),
    ("group", ("name",)),
    ("group_snapshot", ("name", "status", "group_id")),
    ("attachment", ("volume_id", "status", "instance_id", "attach_status")),
    ("message", ("resource_uuid", "resource_type", "event_id", "request_id", "message_level")),
    ("pool", ("name", "volume_type")),
    ("volume_type", ("is_public", "extra_specs")),
)  # fmt: skip

# Schemas

DEFAULT_TYPE = Body(
    "default_type",
    prop(
        "volume_type",
        {"type": "string", "minLength": 1, "maxLength": 255, "format": "name"},
        required=True,
    ),
)

# Queries


def _default_types(ctx: Context) -> list[Any]:
    return ctx.db.all("SELECT * FROM volume_default_types ORDER BY project_id")


def _remember(ctx: Context, project_id: str, type_id: str) -> None:
    ctx.db.execute(
        "INSERT OR REPLACE INTO volume_default_types (project_id, type_id) VALUES (?, ?)",
        (project_id, type_id),
    )


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List the messages."""
    return {"messages": []}


def show(ctx: Context, message_id: str) -> dict[str, Any]:
    """Show a message."""
    raise NotFound(f"Message {message_id} could not be found.")


def delete(ctx: Context, message_id: str) -> None:
    """Delete a message."""
    raise NotFound(f"Message {message_id} could not be found.")


def filters(ctx: Context) -> dict[str, Any]:
    """List what each resource may be filtered by."""
    wanted = ctx.query.get("resource", [None])[-1]
    return {
        "resource_filters": [
            {"resource": resource, "filters": list(names)}
            for resource, names in RESOURCE_FILTERS
            if wanted in (None, resource)
        ]
    }


def default_types_index(ctx: Context) -> dict[str, Any]:
    """List the projects that have a default type of their own."""
    return {
        "default_types": [
            {"project_id": row["project_id"], "volume_type_id": row["type_id"]}
            for row in _default_types(ctx)
        ]
    }


def default_type_show(ctx: Context, target_id: str) -> dict[str, Any]:
    """Show a project's own default type."""
    row = ctx.db.get("volume_default_types", target_id, "project_id")
    if row is None:
        raise NotFound(f"Default type for project {target_id} not found.")
    return {"default_type": {"project_id": target_id, "volume_type_id": row["type_id"]}}


def default_type_set(ctx: Context, target_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Give a project a default type of its own."""
    kind = types.find_by_name_or_id(ctx, body["default_type"]["volume_type"])
    _remember(ctx, target_id, kind["id"])
    return {"default_type": {"project_id": target_id, "volume_type_id": kind["id"]}}


def default_type_unset(ctx: Context, target_id: str) -> Reply:
    """Give a project the default type of all again."""
    ctx.db.delete("volume_default_types", target_id, "project_id")
    return Reply(204)
