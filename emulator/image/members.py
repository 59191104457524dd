"""The projects that an image is shared with, and what they make of it."""

from __future__ import annotations

from typing import Any

from emulator.image import bodies, limits
from emulator.image.access import require, target_of
from emulator.image.errors import (
    BadMemberRequest,
    DuplicateMember,
    Hidden,
    ImageForbidden,
    ImageNotFound,
    ImageOfTagNotFound,
    MemberLimitExceeded,
    MemberNotFound,
    MembersForbidden,
    MembersHidden,
)
from emulator.image.images import queries as images
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import View, field

STATUSES = ("pending", "accepted", "rejected")

# View

MEMBER = View(
    field("member_id", column="member"),
    field("image_id"),
    field("status"),
    field("created_at", lambda row, ctx: row["created_at"][:19] + "Z"),
    field("updated_at", lambda row, ctx: row["updated_at"][:19] + "Z"),
    field("schema", lambda row, ctx: "/v2/schemas/member"),
)

# Queries


def of_image(ctx: Context, image_id: str) -> list[Any]:
    """Return the members of an image, oldest first; of somebody else's image only oneself."""
    return ctx.db.all(
        "SELECT * FROM image_members WHERE image_id = ? ORDER BY created_at, rowid", (image_id,)
    )


def find(ctx: Context, image_id: str, member_id: str) -> Any:
    """Return a membership. MemberNotFound when there is none."""
    row = ctx.db.one(
        "SELECT * FROM image_members WHERE image_id = ? AND member = ?", (image_id, member_id)
    )
    if row is None:
        raise MemberNotFound(image_id=image_id, member_id=member_id)
    return row


def write_status(ctx: Context, image_id: str, member_id: str, status: str) -> None:
    """Write what a member makes of the image."""
    ctx.db.execute(
        "UPDATE image_members SET status = ?, updated_at = ? WHERE image_id = ? AND member = ?",
        (status, ctx.timestamp, image_id, member_id),
    )


def remove(ctx: Context, image_id: str, member_id: str) -> None:
    """End a membership."""
    ctx.db.execute(
        "DELETE FROM image_members WHERE image_id = ? AND member = ?", (image_id, member_id)
    )


# Operations


def _image(ctx: Context, image_id: str) -> Any:
    try:
        return images.find(ctx, image_id)
    except ImageNotFound:
        raise ImageOfTagNotFound(image_id=image_id) from None


def _visible(ctx: Context, image: Any, member: Any) -> bool:
    """A member of somebody else's image sees himself alone (Glance 33.0.0, db.sqlalchemy.api)."""
    project_id = ctx.credentials.project_id
    return ctx.is_admin or project_id in (image["owner"], member["member"])


def index(ctx: Context, image_id: str) -> Any:
    """List the members of an image."""
    image = _image(ctx, image_id)
    if image["visibility"] != "shared":
        raise MembersForbidden(
            f"Not allowed to list members for image {image_id}: Only shared images have members."
        )
    require(ctx, "get_image", image)
    _require(ctx, "get_members", image)
    rows = [row for row in of_image(ctx, image_id) if _visible(ctx, image, row)]
    if not ctx.can("get_member", target_of(ctx, image)):
        rows = []
    return {
        "members": [MEMBER.render(row, ctx) for row in rows],
        "schema": "/v2/schemas/members",
    }


def show(ctx: Context, image_id: str, member_id: str) -> Any:
    """Show one membership."""
    image = _image(ctx, image_id)
    if image["visibility"] != "shared":
        raise MembersHidden("Only shared images have members.")
    return MEMBER.render(_member(ctx, image, member_id), ctx)


def _member(ctx: Context, image: Any, member_id: str) -> Any:
    require(ctx, "get_image", image)
    if not ctx.can("get_member", target_of(ctx, image)):
        raise Hidden()
    row = find(ctx, image["id"], member_id)
    if not _visible(ctx, image, row):
        raise MemberNotFound(image_id=image["id"], member_id=member_id)
    return row


def create(ctx: Context, image_id: str) -> Any:
    """Share an image with a project, which is then to accept it."""
    body = bodies.read(ctx)
    if not isinstance(body, dict):
        raise BadMemberRequest('Expected a member in the form: {"member": "image_id"}')
    if "member" not in body:
        raise BadMemberRequest("Member to be added not specified")
    member_id = body["member"]
    if not member_id:
        raise BadMemberRequest("Member can't be empty")
    image = _image(ctx, image_id)
    if image["visibility"] != "shared":
        raise MembersForbidden(f"Not allowed to create members for image {image_id}.")
    require(ctx, "get_image", image)
    _require(ctx, "add_member", image)
    known = of_image(ctx, image_id)
    if any(row["member"] == member_id for row in known):
        raise DuplicateMember(image_id=image_id, member_id=member_id)
    if len(known) >= limits.MEMBERS_MAX:
        raise MemberLimitExceeded(
            image_id=image_id, attempted=len(known) + 1, maximum=limits.MEMBERS_MAX
        )
    images.add_member(ctx, image_id, str(member_id), "pending")
    return MEMBER.render(find(ctx, image_id, str(member_id)), ctx)


def update(ctx: Context, image_id: str, member_id: str) -> Any:
    """Accept an image, or not: the member does, not the owner."""
    body = bodies.read(ctx)
    if not isinstance(body, dict):
        raise BadMemberRequest('Expected a status in the form: {"status": "status"}')
    if "status" not in body:
        raise BadMemberRequest("Status not specified")
    image = _image(ctx, image_id)
    if image["visibility"] != "shared":
        raise MembersForbidden(f"Not allowed to update members for image {image_id}.")
    _member(ctx, image, member_id)
    _require(ctx, "modify_member", image)
    if body["status"] not in STATUSES:
        raise BadMemberRequest(
            'Incorrect request: Status must be "pending", "accepted" or "rejected".'
        )
    write_status(ctx, image_id, member_id, body["status"])
    return MEMBER.render(find(ctx, image_id, member_id), ctx)


def delete(ctx: Context, image_id: str, member_id: str) -> Reply:
    """Stop sharing an image with a project."""
    image = _image(ctx, image_id)
    if image["visibility"] != "shared":
        raise MembersForbidden(f"Not allowed to delete members for image {image_id}.")
    _member(ctx, image, member_id)
    _require(ctx, "delete_member", image)
    remove(ctx, image_id, member_id)
    return Reply(204)


def _require(ctx: Context, rule: str, image: Any) -> None:
    if not ctx.can(rule, target_of(ctx, image)):
        raise ImageForbidden(rule=rule)
