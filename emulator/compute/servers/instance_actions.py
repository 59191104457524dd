"""Instance actions and their events: what was done to a server, when, and how it ended."""

from __future__ import annotations

from emulator.wire.request import Context

# Queries


def record(ctx: Context, server_uuid: str, action: str) -> int:
    """Record that an action was asked for; return the record's number."""
    return ctx.db.insert(
        "compute_instance_actions",
        {
            "server_uuid": server_uuid,
            "action": action,
            "request_id": ctx.request_id,
            "user_id": ctx.user_id,
            "project_id": ctx.project_id,
            "start_time": ctx.timestamp,
            "updated_at": ctx.timestamp,
        },
    )


def open_event(ctx: Context, action_id: int, event: str) -> None:
    """Record that a part of an action began."""
    ctx.db.insert(
        "compute_instance_action_events",
        {"action_id": action_id, "event": event, "start_time": ctx.timestamp},
    )


def close_event(
    ctx: Context, action_id: int, event: str, result: str, details: str | None = None
) -> None:
    """Record how a part of an action ended: Success or Error."""
    ctx.db.execute(
        "UPDATE compute_instance_action_events SET finish_time = ?, result = ?, details = ?"
        " WHERE action_id = ? AND event = ? AND finish_time IS NULL",
        (ctx.timestamp, result, details, action_id, event),
    )
    ctx.db.update("compute_instance_actions", action_id, updated_at=ctx.timestamp)


def mark_failed(ctx: Context, action_id: int) -> None:
    """Record that an action failed: its message is Error."""
    ctx.db.update("compute_instance_actions", action_id, message="Error", updated_at=ctx.timestamp)
