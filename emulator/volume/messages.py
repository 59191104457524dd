"""User messages: why something failed that was asked for; resource filters, default types."""

from __future__ import annotations

from typing import Any

from emulator.errors import NotFound
from emulator.simulation.clock import iso
from emulator.volume import listing, types
from emulator.volume.errors import MessageNotFound
from emulator.wire.links import prefix, service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, View, field, prop

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

MESSAGE_TTL_SECONDS = 2592000  # Cinder's message_ttl
ACTIONS = {
    "allocate": ("001", "schedule allocate volume"),
    "extend": ("007", "extend volume"),
    "copy_image": ("005", "copy image to volume"),
}
DETAILS = {
    "unknown": ("001", "An unknown error occurred."),
    "no_backend": ("003", "Could not find any available weighted backend."),
}

# Schemas

DEFAULT_TYPE = Body(
    "default_type",
    prop(
        "volume_type",
        {"type": "string", "minLength": 1, "maxLength": 255, "format": "name"},
        required=True,
    ),
)

# View


def links(row: Any, ctx: Context) -> list[dict[str, str]]:
    """Return the self and bookmark links of a message."""
    return [
        {"rel": "self", "href": f"{prefix(ctx)}/messages/{row['id']}"},
        {"rel": "bookmark", "href": f"{service_root(ctx)}/messages/{row['id']}"},
    ]


MESSAGE = View(
    field("id"),
    field("event_id"),
    field("user_message"),
    field("message_level"),
    field("created_at"),
    field("guaranteed_until", column="expires_at"),
    field("request_id"),
    field("links", links),
    field("resource_type"),
    field("resource_uuid"),
)

# Queries


def _default_types(ctx: Context) -> list[Any]:
    return ctx.db.all("SELECT * FROM volume_default_types ORDER BY project_id")


def _remember(ctx: Context, project_id: str, type_id: str) -> None:
    ctx.db.execute(
        "INSERT OR REPLACE INTO volume_default_types (project_id, type_id) VALUES (?, ?)",
        (project_id, type_id),
    )


def find(ctx: Context, message_id: str) -> Any:
    """Return a message of the caller's project, for admins of any. MessageNotFound otherwise."""
    row = ctx.db.get("volume_messages", message_id)
    if row is None or not (ctx.is_admin or row["project_id"] == ctx.project_id):
        raise MessageNotFound(message_id=message_id)
    return row


LISTED = listing.Listed(
    "messages",
    "*",
    "volume_messages",
    filters={
        name: name
        for name in ("resource_uuid", "resource_type", "event_id", "request_id", "message_level")
    },
    sort_keys={name: name for name in ("created_at", "id", "event_id", "resource_uuid")},
    find=find,
)


# Making one


def add(ctx: Context, volume: Any, action: str, detail: str, request_id: str | None) -> None:
    """Tell the users of a volume's project why something failed."""
    number, doing = ACTIONS[action]
    code, why = DETAILS[detail]
    ctx.db.insert(
        "volume_messages",
        {
            "id": ctx.ids.uuid(),
            "project_id": volume["project_id"],
            "request_id": request_id,
            "resource_type": "VOLUME",
            "resource_uuid": volume["id"],
            "event_id": f"VOLUME_VOLUME_{number}_{code}",
            "user_message": f"{doing}:{why}",
            "created_at": ctx.timestamp,
            "expires_at": iso(ctx.now + MESSAGE_TTL_SECONDS),
        },
    )


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List the messages."""
    return listing.answer(ctx, LISTED, MESSAGE, "/messages")


def show(ctx: Context, message: Any) -> dict[str, Any]:
    """Show a message."""
    return {"message": MESSAGE.render(message, ctx)}


def delete(ctx: Context, message: Any) -> Reply:
    """Delete a message."""
    ctx.db.delete("volume_messages", message["id"])
    return Reply(204)


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
