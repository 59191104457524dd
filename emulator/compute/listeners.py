"""What Compute answers to the services below it (see emulator/signals.py)."""

from __future__ import annotations

from dataclasses import replace

from emulator.compute.servers import instance_actions, lifecycle
from emulator.wire.request import Context


def volume_extended(ctx: Context, server_id: str, volume_id: str) -> None:
    """Record that a server took notice of its disk's growth.

    Cinder tells Nova of it as a user of the services' own, not as who grew the volume.
    """
    server = lifecycle.load(ctx, server_id)
    if server is not None:
        names = ctx.cloud.names
        user, project = names.get(("user", "nova")), names.get(("project", "service"))
        ctx = ctx.as_emulator()
        ctx.credentials = replace(ctx.credentials, user_id=user, project_id=project)
        instance_actions.note(ctx, server, "extend_volume", "compute_extend_volume")


# Queries


def uses_attachment(ctx: Context, server_id: str, attachment_id: str) -> bool:
    """Say whether a server has a disk by this attachment; Cinder asks before it lets go of one."""
    sql = "SELECT 1 FROM compute_block_devices WHERE server_uuid = ? AND attachment_id = ?"
    return ctx.db.value(sql, (server_id, attachment_id)) is not None
