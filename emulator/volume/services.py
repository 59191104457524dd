"""Block storage services: who schedules, backs up and holds the volumes."""

from __future__ import annotations

from typing import Any

from emulator.errors import BadInput
from emulator.volume.errors import InvalidInput, ServiceNotFound
from emulator.volume.schemas import SHORT_TEXT
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, View, field

# Schemas

HOST = {
    "type": ["string", "null"],
    "minLength": 1,
    "maxLength": 255,
    "pattern": "^[a-zA-Z0-9-._#@:/+\\[\\]]*$",
}
BINARY = {"type": "string", "minLength": 1, "maxLength": 255}
NAMED = {"binary": BINARY, "host": HOST, "cluster": SHORT_TEXT, "service": BINARY}
ONE_NAME = [{"required": ["binary"]}, {"required": ["service"]}]
ENABLE = Body(
    schema={
        "type": "object",
        "properties": NAMED,
        "anyOf": ONE_NAME,
        "additionalProperties": False,
    }
)
DISABLE_WITH_REASON = Body(
    schema={
        "type": "object",
        "properties": {
            **NAMED,
            "disabled_reason": {"type": "string", "minLength": 1, "maxLength": 255},
        },
        "anyOf": ONE_NAME,
        "additionalProperties": False,
    }
)
FREEZE = Body(
    schema={
        "type": "object",
        "properties": {"cluster": SHORT_TEXT, "host": HOST},
        "additionalProperties": False,
    }
)

# View


def is_backend(row: Any, ctx: Context) -> bool:
    """Say whether a service holds volumes."""
    return bool(row["binary"] == "cinder-volume")


SERVICE = View(
    field("binary"),
    field("host"),
    field("zone", column="availability_zone"),
    field("status", lambda row, ctx: "disabled" if row["disabled"] else "enabled"),
    field("state", lambda row, ctx: "up"),
    field("updated_at", lambda row, ctx: ctx.timestamp),
    field("backend_state", lambda row, ctx: "up", since="3.49", when=is_backend),
    field("cluster", lambda row, ctx: None, since="3.7"),
    field("disabled_reason"),
    field("replication_status", lambda row, ctx: "disabled", when=is_backend),
    field("active_backend_id", lambda row, ctx: None, when=is_backend),
    field("frozen", lambda row, ctx: bool(row["frozen"]), when=is_backend),
)

# Queries


def _services(ctx: Context) -> list[Any]:
    where, values = ["1"], []
    if "host" in ctx.query:
        where.append("(host = ? OR host LIKE ?)")
        values += [ctx.query["host"][-1], f"{ctx.query['host'][-1]}@%"]
    if "binary" in ctx.query:
        where.append("binary = ?")
        values.append(ctx.query["binary"][-1])
    conditions = " AND ".join(where)
    return ctx.db.all(f"SELECT * FROM volume_services WHERE {conditions} ORDER BY rowid", values)


def _find(ctx: Context, host: str | None, binary: str | None) -> Any:
    sql = "SELECT * FROM volume_services WHERE host = ?"
    values = [host]
    if binary is not None:
        sql += " AND binary = ?"
        values.append(binary)
    row = ctx.db.one(sql, values)
    if row is None:
        named = f"Service {binary} could not be found on host {host}."
        raise ServiceNotFound(named if binary else f"Service {host} could not be found.")
    return row


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List the services."""
    return {"services": [SERVICE.render(row, ctx) for row in _services(ctx)]}


def enable(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Let a service take new work."""
    return _set(ctx, body, disabled=False, reason=None)


def disable(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Let a service take no new work."""
    return _set(ctx, body, disabled=True, reason=None)


def disable_with_reason(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Let a service take no new work, and say why."""
    if not (body.get("disabled_reason") or "").strip():
        raise BadInput("Missing required element 'disabled_reason' in request body.")
    return _set(ctx, body, disabled=True, reason=body["disabled_reason"].strip())


def _set(
    ctx: Context, body: dict[str, Any], *, disabled: bool, reason: str | None
) -> dict[str, Any]:
    host, name = body.get("host"), body.get("service", "")
    binary = body.get("binary") or name
    if host is None:
        raise InvalidInput(reason="Missing required element 'host' in request body.")
    row = _find(ctx, host, binary)
    ctx.db.update("volume_services", row["id"], disabled=disabled, disabled_reason=reason)
    answer: dict[str, Any] = {"host": host, "service": name, "disabled": disabled, "binary": binary}
    answer["status"] = "disabled" if disabled else "enabled"
    if reason is not None:
        answer["disabled_reason"] = reason
    return answer


def freeze(ctx: Context, body: dict[str, Any]) -> Reply:
    """Let nobody change what a back end holds."""
    return _freeze(ctx, body, frozen=True)


def thaw(ctx: Context, body: dict[str, Any]) -> Reply:
    """Let what a back end holds be changed again."""
    return _freeze(ctx, body, frozen=False)


def _freeze(ctx: Context, body: dict[str, Any], *, frozen: bool) -> Reply:
    try:
        row = _find(ctx, body.get("host"), "cinder-volume")
    except ServiceNotFound as problem:
        raise InvalidInput(reason=problem.message) from None
    ctx.db.update("volume_services", row["id"], frozen=frozen)
    return Reply(200)
