"""How much Block Storage's services log, by the prefix of their loggers' names."""

from __future__ import annotations

from typing import Any

from emulator.volume.errors import InvalidInput
from emulator.volume.schemas import SHORT_TEXT
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop

API = "cinder-api"
BINARIES = ("cinder-scheduler", "cinder-volume", "cinder-backup", API)
LEVELS = ("INFO", "WARNING", "ERROR", "DEBUG")
LOGGERS = (
    "cinder.api", "cinder.api.common", "cinder.api.openstack.wsgi", "cinder.api.v3.volumes",
    "cinder.backup.api", "cinder.db.api", "cinder.image.glance", "cinder.image.image_utils",
    "cinder.manager", "cinder.message.api", "cinder.policy", "cinder.quota", "cinder.rpc",
    "cinder.scheduler.filter_scheduler", "cinder.scheduler.host_manager",
    "cinder.scheduler.manager", "cinder.service", "cinder.volume.api", "cinder.volume.driver",
    "cinder.volume.drivers.lvm", "cinder.volume.manager", "cinder.volume.volume_types",
)  # fmt: skip
DEFAULT_LEVEL = "INFO"

# Schemas

WHICH = (
    prop("binary", {"type": "string", "enum": [*BINARIES, "", "*"]}),
    prop("server", SHORT_TEXT),
    prop("prefix", SHORT_TEXT),
)
GET = Body(schema=Object(*WHICH))
SET = Body(schema=Object(*WHICH, prop("level", SHORT_TEXT)))

# Queries


def _services(ctx: Context, server: str | None, binary: str | None) -> list[Any]:
    where = "(? IS NULL OR host = ?) AND (? IS NULL OR binary = ?)"
    return ctx.db.all(
        f"SELECT host, binary FROM volume_services WHERE {where} ORDER BY rowid",
        (server, server, binary, binary),
    )


def _api_host(ctx: Context) -> str:
    """Where the API runs: beside the scheduler."""
    host: str | None = ctx.db.value(
        "SELECT host FROM volume_services WHERE host NOT LIKE '%@%' ORDER BY rowid"
    )
    return host or "localhost"


def _chosen(ctx: Context, host: str, binary: str) -> dict[str, str]:
    rows = ctx.db.all(
        "SELECT logger, level FROM volume_log_levels WHERE host = ? AND binary = ?", (host, binary)
    )
    return {row["logger"]: row["level"] for row in rows}


def _choose(ctx: Context, host: str, binary: str, logger: str, level: str) -> None:
    ctx.db.execute(
        "INSERT OR REPLACE INTO volume_log_levels VALUES (?, ?, ?, ?)",
        (host, binary, logger, level),
    )


# Operations


def _places(ctx: Context, body: dict[str, Any], *, everywhere: bool) -> list[tuple[str, str]]:
    """Return host and binary of the processes that a request means.

    A server's name leaves the API out unless it is the API's own, when levels are read; when they
    are set it never does (Cinder 29.0.0, ServiceController).
    """
    binary = body.get("binary")
    wanted = None if binary in ("*", None, "") else binary
    server = body.get("server") or None
    host = _api_host(ctx)
    found = []
    if wanted in (None, API) and (everywhere or server in (None, host)):
        found.append((host, API))
    if wanted != API:
        found += [(row["host"], row["binary"]) for row in _services(ctx, server, wanted)]
    return found


def _named(body: dict[str, Any]) -> list[str]:
    return [each for each in LOGGERS if each.startswith(body.get("prefix") or "")]


def show(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Show how much is logged."""
    levels = []
    for host, binary in _places(ctx, body, everywhere=False):
        chosen = _chosen(ctx, host, binary)
        shown = {each: chosen.get(each, DEFAULT_LEVEL) for each in _named(body)}
        levels.append({"host": host, "binary": binary, "levels": shown})
    return {"log_levels": levels}


def choose(ctx: Context, body: dict[str, Any]) -> Reply:
    """Let more, or less, be logged."""
    level = body.get("level") or ""
    if level.upper() not in LEVELS:
        raise InvalidInput(reason=f"{level} is not a valid log level.")
    for host, binary in _places(ctx, body, everywhere=True):
        for logger in _named(body):
            _choose(ctx, host, binary, logger, level.upper())
    return Reply(202)
