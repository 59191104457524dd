"""Transfers: a volume offered to another project, which takes it with a key."""

from __future__ import annotations

from typing import Any

from emulator.volume import listing, quotas
from emulator.volume.errors import InvalidAuthKey, InvalidVolume, TransferNotFound
from emulator.volume.schemas import BOOLEAN, NULL, UUID, truth
from emulator.volume.volumes import queries as volumes
from emulator.wire.links import prefix, service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, View, field, prop

NAME = {"oneOf": [{"type": "string", "format": "name_skip_leading_trailing_spaces"}, NULL]}
AUTH_KEY_LENGTH = 16

# Schemas

CREATE = Body(
    "transfer",
    prop("volume_id", UUID, required=True),
    prop("name", NAME),
    prop("no_snapshots", BOOLEAN, since="3.55"),
)
ACCEPT = Body("accept", prop("auth_key", {"type": ["string", "integer"]}, required=True))

# View


def links(row: Any, ctx: Context) -> list[dict[str, str]]:
    """Return the links of a transfer; they keep to its old path (Cinder 29.0.0)."""
    return [
        {"rel": "self", "href": f"{prefix(ctx)}/os-volume-transfer/{row['id']}"},
        {"rel": "bookmark", "href": f"{service_root(ctx)}/os-volume-transfer/{row['id']}"},
    ]


SUMMARY = View(field("id"), field("volume_id"), field("name"), field("links", links))
TRANSFER = View(
    field("id"),
    field("created_at"),
    field("name"),
    field("volume_id"),
    field("links", links),
    field("no_snapshots", lambda row, ctx: bool(row["no_snapshots"]), since="3.55"),
    field("destination_project_id", since="3.57"),
    field("source_project_id", since="3.57"),
    field("accepted", lambda row, ctx: bool(row["accepted"]), since="3.57"),
)

# Queries


def find(ctx: Context, transfer_id: str) -> Any:
    """Return a transfer; whoever knows its id may try to accept it. TransferNotFound otherwise."""
    row = ctx.db.get("volume_transfers", transfer_id)
    if row is None:
        raise TransferNotFound(transfer_id=transfer_id)
    return row


def find_own(ctx: Context, transfer_id: str) -> Any:
    """Return a transfer of the caller's project, for admins of any. TransferNotFound otherwise."""
    row = find(ctx, transfer_id)
    if not ctx.is_admin and row["source_project_id"] != ctx.project_id:
        raise TransferNotFound(transfer_id=transfer_id)
    return row


def target(row: Any) -> dict[str, Any]:
    """Return whose a transfer is, for policy."""
    return {"project_id": row["source_project_id"]}


LISTED = listing.Listed(
    key="transfers",
    columns="*",
    source="volume_transfers",
    filters={},
    sort_keys={name: name for name in ("created_at", "id", "volume_id")},
    find=find_own,
    owner="source_project_id",
)


def _snapshots_follow(ctx: Context, volume_id: str, project_id: str, user_id: str) -> None:
    ctx.db.update(
        "volume_snapshots", volume_id, "volume_id", project_id=project_id, user_id=user_id
    )


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List transfers."""
    return listing.answer(ctx, LISTED, SUMMARY, "/volume-transfers")


def detail(ctx: Context) -> dict[str, Any]:
    """List transfers in detail."""
    return listing.answer(ctx, LISTED, TRANSFER, "/volume-transfers/detail")


def show(ctx: Context, transfer: Any) -> dict[str, Any]:
    """Show a transfer."""
    return {"transfer": TRANSFER.render(transfer, ctx)}


def create(ctx: Context, body: dict[str, Any]) -> Reply:
    """Offer a volume; the answer alone has the key."""
    asked = body["transfer"]
    volume = volumes.find(ctx, asked["volume_id"])
    if volume["status"] != "available":
        raise InvalidVolume(reason="status must be available")
    transfer_id, key = ctx.ids.uuid(), ctx.ids.octets(AUTH_KEY_LENGTH // 2).hex()
    ctx.db.insert(
        "volume_transfers",
        {
            "id": transfer_id,
            "volume_id": volume["id"],
            "name": asked.get("name"),
            "auth_key": key,
            "no_snapshots": truth(asked.get("no_snapshots", False)),
            "source_project_id": volume["project_id"],
            "created_at": ctx.timestamp,
        },
    )
    volumes.change(ctx, volume["id"], status="awaiting-transfer")
    shown = TRANSFER.render(find(ctx, transfer_id), ctx)
    return Reply(202, {"transfer": {**shown, "auth_key": key}})


def accept(ctx: Context, transfer_id: str, body: dict[str, Any]) -> Reply:
    """Take an offered volume."""
    transfer = find(ctx, transfer_id)
    if str(body["accept"]["auth_key"]) != transfer["auth_key"]:
        raise InvalidAuthKey(reason=f"Attempt to transfer {transfer_id} with invalid auth key.")
    volume = volumes.raw(ctx, transfer["volume_id"])
    quotas.check(ctx, ctx.project_id, volumes=1, gigabytes=volume["size"])
    volumes.change(
        ctx, volume["id"], status="available", project_id=ctx.project_id, user_id=ctx.user_id
    )
    if not transfer["no_snapshots"]:
        _snapshots_follow(ctx, volume["id"], ctx.project_id, ctx.user_id)
    ctx.db.delete("volume_transfers", transfer_id)
    return Reply(202, {"transfer": SUMMARY.render(transfer, ctx)})


def delete(ctx: Context, transfer: Any) -> Reply:
    """Take an offer back."""
    volumes.change(ctx, transfer["volume_id"], status="available")
    ctx.db.delete("volume_transfers", transfer["id"])
    return Reply(202)
