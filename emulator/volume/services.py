"""Block storage services: who schedules, backs up and holds the volumes."""

from __future__ import annotations

from typing import Any

from emulator.errors import BadInput
from emulator.volume.errors import InvalidInput, ServiceNotFound
from emulator.volume.schemas import SHORT_TEXT
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, View, field, since

CLUSTERS = since("3.26")

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
            "disabled_reason": {**BINARY, "format": "disabled_reason"},
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

FAILOVER = Body(
    schema={
        "type": "object",
        "properties": {"host": HOST, "backend_id": SHORT_TEXT, "cluster": SHORT_TEXT},
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
    field("state", lambda row, ctx: "down" if row["down_since"] else "up"),
    field("updated_at", lambda row, ctx: row["down_since"] or ctx.timestamp),
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


def _find(ctx: Context, host: str, binary: str) -> Any:
    sql = "SELECT * FROM volume_services WHERE host = ? AND binary = ?"
    row = ctx.db.one(sql, (host, binary))
    if row is None:
        raise ServiceNotFound(f"Service {binary} could not be found on host {host}.")
    return row


def _backend_at(ctx: Context, host: str | None) -> Any:
    sql = "SELECT * FROM volume_services WHERE binary = 'cinder-volume' AND host = ?"
    return ctx.db.one(sql, (host,))


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
    answer = _set(ctx, body, disabled=True, reason=body.get("disabled_reason"))
    return {**answer, "disabled_reason": body.get("disabled_reason")}


def _set(
    ctx: Context, body: dict[str, Any], *, disabled: bool, reason: str | None
) -> dict[str, Any]:
    name, binary = body.get("service", ""), body.get("binary", "")
    host = _place(ctx, body, clusters=False)["host"]
    row = _find(ctx, host, binary or name)
    ctx.db.update("volume_services", row["id"], disabled=disabled, disabled_reason=reason)
    status = "disabled" if disabled else "enabled"
    return {"host": host, "service": name, "binary": binary, "status": status, "disabled": disabled}


def _place(ctx: Context, body: dict[str, Any], *, clusters: bool) -> dict[str, str]:
    """Return the host, or the cluster, that a request names: one of them, not both."""
    host, cluster = body.get("host"), body.get("cluster") if clusters else None
    if bool(host) == bool(cluster):
        raise InvalidInput(
            reason="One and only one of cluster and host must be set."
            if clusters
            else "Host field is missing."
        )
    return {"host": host} if host else {"cluster": str(cluster)}


def freeze(ctx: Context, body: dict[str, Any]) -> Reply:
    """Let nobody change what a back end holds."""
    return _freeze(ctx, body, frozen=True)


def thaw(ctx: Context, body: dict[str, Any]) -> Reply:
    """Let what a back end holds be changed again."""
    return _freeze(ctx, body, frozen=False)


def _freeze(ctx: Context, body: dict[str, Any], *, frozen: bool) -> Reply:
    row = _backend(ctx, body)
    if bool(row["frozen"]) == frozen:
        raise _unchanged(f"frozen in {[row['host']]} must be {not frozen}")
    ctx.db.update("volume_services", row["id"], frozen=frozen)
    return Reply(200)


def fail_over(ctx: Context, body: dict[str, Any]) -> None:
    """Refuse to let another back end take over: none replicates."""
    row = _backend(ctx, body)
    wanted = ["enabled", "failed-over"]
    raise _unchanged(f"replication_status in {[row['host']]} must be {wanted} and must be up")


def _backend(ctx: Context, body: dict[str, Any]) -> Any:
    """Return the service of the back end that a request names."""
    place = _place(ctx, body, clusters=CLUSTERS in ctx)
    row = _backend_at(ctx, place.get("host"))
    if row is None:
        named = ", ".join(f"{name}={value}" for name, value in place.items())
        raise BadInput(f"No service found with {named}")
    return row


def _unchanged(why: str) -> InvalidInput:
    return InvalidInput(reason=f"No service could be changed: {why} to failover.")
