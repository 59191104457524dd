"""What other services ask about limits: how much of their resources a project may have."""

from __future__ import annotations

from emulator.wire.request import Context

# Queries


def of_project(ctx: Context, service_type: str, project_id: str | None) -> dict[str, int]:
    """Return resource name → limit for the resources that a service has registered.

    A project's own limit counts, else the registered default; -1 is no limit.
    """
    rows = ctx.db.all(
        "SELECT registered.resource_name, coalesce("
        " (SELECT resource_limit FROM identity_limits"
        "   WHERE registered_limit_id = registered.id AND project_id = ?),"
        " registered.default_limit) AS amount"
        " FROM identity_registered_limits AS registered"
        " JOIN identity_services AS service ON service.id = registered.service_id"
        " WHERE service.type = ?",
        (project_id, service_type),
    )
    return {row["resource_name"]: row["amount"] for row in rows}
