"""Quotas of volumes, snapshots, backups and gigabytes: limits, what is used, and the refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.volume.errors import (
    InvalidInput,
    SnapshotLimitExceeded,
    VolumeLimitExceeded,
    VolumeSizeExceedsAvailableQuota,
)
from emulator.volume.schemas import INTEGER_MAX
from emulator.wire.request import Context
from emulator.wire.versioned import Body

DEFAULTS: Mapping[str, int] = {
    "volumes": 10,
    "per_volume_gigabytes": -1,
    "snapshots": 10,
    "gigabytes": 1000,
    "backups": 10,
    "backup_gigabytes": 1000,
    "groups": 10,
}
DEFAULT_CLASS = "default"
PER_TYPE = ("volumes", "gigabytes", "snapshots")  # each also as NAME_TYPE, unlimited by default

# Schemas

UPDATE = Body("quota_set", schema={"type": "object", "minProperties": 1})
UPDATE_CLASS = Body("quota_class_set", schema={"type": "object"})

# Queries


def resources(ctx: Context) -> dict[str, int]:
    """Return every quota's name and default, those of each volume type included."""
    configured = ctx.settings.quotas.get("volume", {})
    found = {name: configured.get(name, limit) for name, limit in DEFAULTS.items()}
    found.pop("groups")
    for row in ctx.db.all("SELECT name FROM volume_types ORDER BY created_at, id"):
        found.update({f"{name}_{row['name']}": -1 for name in PER_TYPE})
    found["groups"] = configured.get("groups", DEFAULTS["groups"])
    for row in ctx.db.all("SELECT * FROM volume_quota_classes WHERE class = ?", (DEFAULT_CLASS,)):
        found[row["resource"]] = row["hard_limit"]
    return found


def limits(ctx: Context, project_id: str) -> dict[str, int]:
    """Return a project's limits; -1 is none."""
    found = resources(ctx)
    sql = "SELECT resource, hard_limit FROM volume_quotas WHERE project_id = ?"
    for row in ctx.db.all(sql, (project_id,)):
        found[row["resource"]] = row["hard_limit"]
    return found


def usage(ctx: Context, project_id: str) -> dict[str, int]:
    """Return what a project uses now, counted from what lives."""
    used = dict.fromkeys(resources(ctx), 0)
    volumes = ctx.db.all(
        "SELECT t.name AS type, count(*) AS number, sum(v.size) AS size FROM volume_volumes v"
        " LEFT JOIN volume_types t ON t.id = v.type_id WHERE v.project_id = ? GROUP BY t.name",
        (project_id,),
    )
    snapshots = ctx.db.all(
        "SELECT t.name AS type, count(*) AS number, sum(s.size) AS size FROM volume_snapshots s"
        " LEFT JOIN volume_types t ON t.id = s.type_id WHERE s.project_id = ? GROUP BY t.name",
        (project_id,),
    )
    backups = ctx.db.one(
        "SELECT count(*) AS number, coalesce(sum(size), 0) AS size FROM volume_backups"
        " WHERE project_id = ?",
        (project_id,),
    )
    used["backups"], used["backup_gigabytes"] = backups["number"], backups["size"]
    for name, rows in (("volumes", volumes), ("snapshots", snapshots)):
        for row in rows:
            for suffix in ("", f"_{row['type']}"):
                if f"{name}{suffix}" in used:
                    used[f"{name}{suffix}"] += row["number"]
                    used[f"gigabytes{suffix}"] += row["size"]
    return used


def _write(ctx: Context, project_id: str, resource: str, limit: int) -> None:
    ctx.db.execute(
        "INSERT OR REPLACE INTO volume_quotas (project_id, resource, hard_limit) VALUES (?, ?, ?)",
        (project_id, resource, limit),
    )


def _write_class(ctx: Context, class_name: str, resource: str, limit: int) -> None:
    ctx.db.execute(
        "INSERT OR REPLACE INTO volume_quota_classes (class, resource, hard_limit)"
        " VALUES (?, ?, ?)",
        (class_name, resource, limit),
    )


# Checks


def check(
    ctx: Context, project_id: str, *, volumes: int = 0, snapshots: int = 0, gigabytes: int = 0,
    type_name: str | None = None,
) -> None:  # fmt: skip
    """Refuse what would go beyond a limit (Cinder 29.0.0, flows.api.create_volume)."""
    allowed, used = limits(ctx, project_id), usage(ctx, project_id)
    for suffix in ("", f"_{type_name}") if type_name else ("",):
        wanted = {"gigabytes": gigabytes, "volumes": volumes, "snapshots": snapshots}
        for resource, number in wanted.items():
            name = resource + suffix
            limit = allowed.get(name, -1)
            if not number or limit < 0 or used.get(name, 0) + number <= limit:
                continue
            if resource == "gigabytes":
                raise VolumeSizeExceedsAvailableQuota(
                    name=name, requested=number, quota=limit, consumed=used[name]
                )
            if resource == "volumes":
                raise VolumeLimitExceeded(allowed=limit, name=name)
            raise SnapshotLimitExceeded(allowed=limit)


def check_size(ctx: Context, project_id: str, size: int) -> None:
    """Refuse a volume larger than one may be."""
    limit = limits(ctx, project_id)["per_volume_gigabytes"]
    if 0 <= limit < size:
        raise InvalidInput(
            reason=f"Requested volume size {size}G is larger than maximum allowed limit {limit}G."
        )


# Operations


def show(ctx: Context, target_id: str) -> dict[str, Any]:
    """Show a project's limits; `usage=true` shows what is used beside them."""
    ctx.authorize("volume_extension:quotas:show", {"project_id": target_id})
    found: dict[str, Any] = dict(limits(ctx, target_id))
    if ctx.query.get("usage", ["false"])[-1].lower() == "true":
        used = usage(ctx, target_id)
        found = {
            name: {"limit": limit, "in_use": used.get(name, 0), "reserved": 0}
            for name, limit in found.items()
        }
    return {"quota_set": {**found, "id": target_id}}


def defaults(ctx: Context, target_id: str) -> dict[str, Any]:
    """Show what a project's limits are when nobody set any."""
    ctx.authorize("volume_extension:quotas:show", {"project_id": target_id})
    return {"quota_set": {**resources(ctx), "id": target_id}}


def update(ctx: Context, target_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Set limits of a project."""
    ctx.authorize("volume_extension:quotas:update", {"project_id": target_id})
    asked = {key: value for key, value in body["quota_set"].items() if key != "tenant_id"}
    skip_validation = str(asked.pop("skip_validation", True)).lower() in ("true", "1")
    known = resources(ctx)
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise InvalidInput(reason=f"Bad key(s) in quota set: {', '.join(unknown)}")
    used = {} if skip_validation else usage(ctx, target_id)
    for name, value in asked.items():
        limit = _limit(name, value)
        if 0 <= limit < used.get(name, 0):
            raise InvalidInput(reason=f"Quota limit {limit} of {name} is below what is in use.")
        _write(ctx, target_id, name, limit)
    return {"quota_set": limits(ctx, target_id)}


def delete(ctx: Context, target_id: str) -> None:
    """Give a project the default limits again."""
    ctx.authorize("volume_extension:quotas:delete", {"project_id": target_id})
    ctx.db.delete("volume_quotas", target_id, "project_id")


def show_class(ctx: Context, class_name: str) -> dict[str, Any]:
    """Show the limits of a quota class; "default" is everybody's."""
    return {"quota_class_set": {**resources(ctx), "id": class_name}}


def update_class(ctx: Context, class_name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Set limits of a quota class."""
    known = resources(ctx)
    unknown = sorted(set(body["quota_class_set"]) - set(known))
    if unknown:
        raise InvalidInput(reason=f"Bad key(s) in quota class set: {', '.join(unknown)}")
    for name, value in body["quota_class_set"].items():
        _write_class(ctx, class_name, name, _limit(name, value))
    return {"quota_class_set": resources(ctx)}


def _limit(name: str, value: Any) -> int:
    """A limit as a number between -1 and what Cinder stores."""
    try:
        limit = int(value)
    except (TypeError, ValueError):
        raise InvalidInput(reason=f"{name} must be an integer") from None
    if limit < -1:
        raise InvalidInput(reason=f"{name} must be >= -1")
    if limit > INTEGER_MAX:
        raise InvalidInput(reason=f"{name} must be <= {INTEGER_MAX}")
    return limit
