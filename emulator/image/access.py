"""Who may do what to an image: policy, and when a refusal must not tell that the image exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.image.errors import Hidden, ImageForbidden
from emulator.wire.request import Context


def target_of(ctx: Context, image: Any) -> Mapping[str, Any]:
    """Return what the rules about an image compare the caller with.

    Whoever sees a shared image of somebody else is a member of it.
    """
    project_id = ctx.credentials.project_id
    shared = image["visibility"] == "shared" and image["owner"] != project_id
    return {
        "project_id": image["owner"],
        "owner": image["owner"],
        "visibility": image["visibility"],
        "member_id": project_id if shared else None,
    }


def require(ctx: Context, rule: str, image: Any) -> None:
    """Refuse unless a rule allows it: as Hidden to who may not see the image, else as forbidden.

    Glance 33.0.0, api.v2.policy.ImageAPIPolicy.
    """
    target = target_of(ctx, image)
    if not ctx.can(rule, target):
        if rule == "get_image" or not ctx.can("get_image", target):
            raise Hidden(rule=rule)
        raise ImageForbidden(rule=rule)


def authorize(ctx: Context) -> None:
    """Ask the operation's rule, about the image that its path names or the caller's project."""
    assert ctx.operation is not None
    rule = ctx.operation.policy
    if rule is None:
        return
    image = ctx.arguments.get("image")
    if image is None:
        ctx.authorize(rule)
    else:
        require(ctx, rule, image)
