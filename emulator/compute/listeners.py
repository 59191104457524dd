"""What Compute answers to the services below it (see emulator/signals.py)."""

from __future__ import annotations

from emulator.wire.request import Context

# Queries


def uses_attachment(ctx: Context, server_id: str, attachment_id: str) -> bool:
    """Say whether a server has a disk by this attachment; Cinder asks before it lets go of one."""
    sql = "SELECT 1 FROM compute_block_devices WHERE server_uuid = ? AND attachment_id = ?"
    return ctx.db.value(sql, (server_id, attachment_id)) is not None
