"""Projects as Compute sees them: it asks Identity whether one exists."""

from __future__ import annotations

from emulator.compute.errors import NoSuchProject
from emulator.identity import projects
from emulator.wire.request import Context


def verify_project(ctx: Context, project_id: str) -> None:
    """Raise NoSuchProject when Identity knows no such project.

    Who may not ask Identity about projects is believed (Nova 34.0.0, api.openstack.identity).
    """
    if ctx.is_admin and projects.get(ctx, project_id) is None:
        raise NoSuchProject(project_id=project_id)
