"""Snapshots of a cloud, kept in its process under names; files that carry one elsewhere."""

from __future__ import annotations

import base64
from typing import Any

from emulator.control import copies, differences
from emulator.control.clouds import NAME
from emulator.errors import NotFound, UsageError
from emulator.simulation.clock import iso
from emulator.store import files
from emulator.wire.operation import Reply
from emulator.wire.request import Context, Request
from emulator.wire.versioned import Body, Object, Query, param, prop

CREATE = Body(schema=Object(prop("name", NAME)))
RESTORE = Body(schema=Object())
IMPORT = Body(
    schema=Object(
        prop("name", NAME, required=True),
        prop("content", {"type": "string", "contentEncoding": "base64"}, required=True),
    )
)
DIFF = Query(param("before", multiple=False), param("after", multiple=False), unknown=False)
EXPORT = Query(param("name", multiple=False), unknown=False)
IMPORT_PATH = "/snapshots/import"  # where bodies may be as large as the setting says
# What a file may be sent as; as JSON it is base64.
DATA = (files.CONTENT_TYPE, "application/octet-stream")


def is_data(request: Request) -> bool:
    """Say whether a request brings a file as it is."""
    kind: str = request.headers.get("Content-Type", "")
    return kind.partition(";")[0].strip().lower() in DATA


class SnapshotNotFound(NotFound):
    """The cloud has no snapshot of that name."""

    template = "There is no snapshot %(name)r here."


def index(ctx: Context) -> dict[str, Any]:
    """List the snapshots of the cloud, oldest first."""
    return {"snapshots": [_view(each) for each in ctx.cloud.kept.values()]}


def create(ctx: Context, body: dict[str, Any]) -> Reply:
    """Keep the cloud as it is now; without a name it is s1, s2, …"""
    return Reply(201, {"snapshot": _view(copies.keep(ctx.cloud, body.get("name", "")))})


def restore(ctx: Context, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Become the cloud that a snapshot holds; the snapshot stays."""
    found = _found(ctx, name)
    ctx.cloud.restore(found.content)
    return {"snapshot": _view(found)}


def delete(ctx: Context, name: str) -> Reply:
    """Forget a snapshot."""
    _found(ctx, name)
    del ctx.cloud.kept[name]
    return Reply(204)


def diff(ctx: Context, query: dict[str, list[str]]) -> dict[str, Any]:
    """Say what changed between two snapshots, by kind of resource; without `after`, until now."""
    if "before" not in query:
        raise UsageError("before: the name of a snapshot is needed")
    before = _found(ctx, query["before"][-1]).content
    after = _found(ctx, query["after"][-1]).content if "after" in query else ctx.cloud.snapshot()
    return {"diff": differences.between(before, after)}


def export(ctx: Context, query: dict[str, list[str]]) -> Reply:
    """Send a snapshot, or the cloud as it is now, as a file that sqlite3 can open."""
    name = query["name"][-1] if "name" in query else ""
    content = copies.carried(ctx.cloud, _found(ctx, name).content if name else None)
    saved = f'attachment; filename="{name or "cloud"}.sqlite3"'
    return Reply(200, content, {"Content-Disposition": saved}, content_type=files.CONTENT_TYPE)


def bring(ctx: Context, body: dict[str, Any]) -> Reply:
    """Keep what a file carries as a snapshot, to be restored or to make clouds of."""
    from emulator.services import TABLES

    name = body["name"]
    if name in ctx.cloud.kept:
        raise UsageError(f"there is a snapshot {name!r} already")
    kept = copies.Kept(name, ctx.now, files.checked(_sent(ctx, body), TABLES, "content"))
    ctx.cloud.kept[name] = kept
    return Reply(201, {"snapshot": _view(kept)})


def _sent(ctx: Context, body: dict[str, Any]) -> bytes:
    """The file that a request brings, as it is or as base64."""
    if ctx.request.upload is not None:
        return b"".join(ctx.request.upload.chunks())
    try:
        return base64.b64decode(body["content"], validate=True)
    except ValueError:  # no base64, or no ASCII
        raise UsageError("content: is no base64") from None


def _found(ctx: Context, name: str) -> copies.Kept:
    if name not in ctx.cloud.kept:
        raise SnapshotNotFound(name=name)
    return copies.kept(ctx.cloud, name)


def _view(kept: copies.Kept) -> dict[str, Any]:
    return {"name": kept.name, "time": f"{iso(kept.moment)}Z", "bytes": len(kept.content)}
