"""Where volumes lie: pools and their capacity, capabilities, hosts."""

from __future__ import annotations

from typing import Any

from emulator.errors import BadInput, NotFound
from emulator.volume.errors import HostNotFound
from emulator.volume.schemas import truth
from emulator.wire.request import Context
from emulator.wire.versioned import Body

CAPACITY_GB = 1024
DRIVER_VERSION = "3.0.0"
POOL_FILTERS = ("name", "volume_type", "detail")

# Schemas

UPDATE_HOST = Body(
    schema={
        "type": "object",
        "properties": {"status": {"type": "string", "enum": ["enable", "disable"]}},
    }
)

# Queries


def pools(ctx: Context) -> list[str]:
    """Return the name of every pool, host@backend#pool."""
    rows = ctx.db.all("SELECT host FROM volume_services WHERE host LIKE '%@%' ORDER BY rowid")
    return [f"{row['host']}#{backend_name(row['host'])}" for row in rows]


def enabled_pools(ctx: Context) -> list[str]:
    """Return the name of every pool that takes new volumes."""
    rows = ctx.db.all(
        "SELECT host FROM volume_services WHERE host LIKE '%@%' AND NOT disabled"
        " AND down_since IS NULL ORDER BY rowid"
    )
    return [f"{row['host']}#{backend_name(row['host'])}" for row in rows]


def backend_name(host: str) -> str:
    """Return the back end's name: what follows the @."""
    return host.partition("@")[2]


def _allocated(ctx: Context, pool: str) -> int:
    size: int = ctx.db.value(
        "SELECT coalesce(sum(size), 0) FROM volume_volumes WHERE host = ?", (pool,)
    )
    return size


def _hosts(ctx: Context) -> list[Any]:
    return ctx.db.all("SELECT * FROM volume_services ORDER BY rowid")


def _usage(ctx: Context, host: str) -> list[Any]:
    return ctx.db.all(
        "SELECT project_id, count(*) AS number, sum(size) AS size FROM volume_volumes"
        " WHERE host LIKE ? GROUP BY project_id ORDER BY project_id",
        (f"{host}#%",),
    )


def _enable(ctx: Context, host: str, enabled: bool) -> None:
    ctx.db.update("volume_services", host, "host", disabled=not enabled)


# Operations


def index_pools(ctx: Context) -> dict[str, Any]:
    """List the pools, with their capabilities where detail is asked for."""
    unknown = [name for name in ctx.query if name not in POOL_FILTERS]
    if unknown:
        raise BadInput(f"Invalid filters {','.join(unknown)} are found in query options.")
    detailed = truth(ctx.query.get("detail", ["false"])[-1])
    wanted = ctx.query.get("name", [None])[-1]
    found: list[dict[str, Any]] = []
    for pool in pools(ctx):
        if wanted in (None, pool):
            found.append({"name": pool, **({"capabilities": stats(ctx, pool)} if detailed else {})})
    return {"pools": found}


def stats(ctx: Context, pool: str) -> dict[str, Any]:
    """Return what a pool has and can do, as it reports itself to the scheduler."""
    name, used = pool.rpartition("#")[2], _allocated(ctx, pool)
    return {
        "pool_name": name,
        "total_capacity_gb": float(CAPACITY_GB),
        "free_capacity_gb": float(CAPACITY_GB - used),
        "provisioned_capacity_gb": float(used),
        "reserved_percentage": 0,
        "QoS_support": False,
        "multiattach": True,
        "thin_provisioning_support": True,
        "max_over_subscription_ratio": "20.0",
        "filter_function": None,
        "goodness_function": None,
        "consistencygroup_support": True,
        "consistent_group_snapshot_enabled": True,
        "replication_enabled": False,
        "group_replication_enabled": False,
        "allocated_capacity_gb": used,
        "volume_backend_name": name,
        "storage_protocol": "iSCSI",
        "vendor_name": "Open Source",
        "driver_version": DRIVER_VERSION,
        "timestamp": ctx.timestamp,
    }


def capabilities(ctx: Context, host: str) -> dict[str, Any]:
    """Show what a back end can do."""
    name = host.partition("#")[0]
    if not any(pool.startswith(f"{name}#") for pool in pools(ctx)):
        raise NotFound(f"Can't find service: {host}")
    return {
        "namespace": f"OS::Storage::Capabilities::{name}",
        "vendor_name": "Open Source",
        "volume_backend_name": backend_name(name),
        "pool_name": None,
        "driver_version": DRIVER_VERSION,
        "storage_protocol": "iSCSI",
        "display_name": None,
        "description": None,
        "visibility": None,
        "replication_targets": [],
        "properties": {
            "thin_provisioning": {
                "title": "Thin Provisioning",
                "description": "Sets thin provisioning.",
                "type": "boolean",
            },
        },
    }


def index_hosts(ctx: Context) -> dict[str, Any]:
    """List the hosts of the services."""
    return {
        "hosts": [
            {
                "host_name": row["host"],
                "service": row["binary"],
                "zone": row["availability_zone"],
                "service-status": "available",
                "service-state": "disabled" if row["disabled"] else "enabled",
                "last-update": ctx.timestamp,
            }
            for row in _hosts(ctx)
        ]
    }


def show_host(ctx: Context, host: str) -> dict[str, Any]:
    """Show what lies on a host, in all and by project."""
    if not any(row["host"] == host for row in _hosts(ctx)):
        raise HostNotFound(host=host)
    usage = _usage(ctx, host)
    total = {"project_id": "(total)", "number": 0, "size": 0}
    for row in usage:
        total = {
            **total,
            "number": total["number"] + row["number"],
            "size": total["size"] + row["size"],
        }
    return {"host": [_resource(host, row) for row in (total, *usage)]}


def _resource(host: str, row: Any) -> dict[str, Any]:
    return {
        "resource": {
            "host": host,
            "project": row["project_id"],
            "volume_count": str(row["number"]),
            "total_volume_gb": str(row["size"]),
            "snapshot_count": "0",
            "total_snapshot_gb": "0",
        }
    }


def update_host(ctx: Context, host: str, body: dict[str, Any]) -> dict[str, Any]:
    """Let a host take new volumes, or not."""
    if not any(row["host"] == host for row in _hosts(ctx)):
        raise HostNotFound(host=host)
    enabled = body.get("status") == "enable"
    _enable(ctx, host, enabled)
    return {"host": host, "status": "enabled" if enabled else "disabled"}
