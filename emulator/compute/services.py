"""Services: the processes of Compute on each host; they can be disabled and forced down."""

from __future__ import annotations

from typing import Any

from emulator.compute import cells
from emulator.compute.formats import is_uuid
from emulator.compute.host_errors import (
    ComputeServiceInUse,
    ComputeServiceMigrating,
    EvacuationsRemain,
    HostNotMapped,
    InvalidUuid,
    MissingDisabledReason,
    MissingForcedDown,
    NoUpdates,
    ReasonWithEnabled,
    ServiceNotFound,
    ServiceNotUpdatable,
    UnknownServiceAction,
    UnknownServiceToDelete,
    integer,
)
from emulator.compute.schemas import BOOLEAN, FQDN, UNKNOWN_UNTIL_274, truth
from emulator.compute.versions import UNREACHABLE_CELLS_ARE_LISTED
from emulator.placement import providers
from emulator.simulation.clock import iso, moment
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, View, field, param, prop, since

COMPUTE = "nova-compute"
DEFAULT_ZONE = "nova"
INTERNAL_ZONE = "internal"
REPORT_SECONDS = 10  # Nova 34.0.0, [DEFAULT]report_interval
RESTART_SECONDS = 60  # after an evacuation, until the host counts as started again
DISABLED_TRAIT = "COMPUTE_STATUS_DISABLED"
FORCING_DOWN = since("2.11")
UUIDS = since("2.53")

# Schemas

REASON = {"type": "string", "minLength": 1, "maxLength": 255}
LIST = Query(param("host"), param("binary"), unknown=UNKNOWN_UNTIL_274)
ACT = Body(
    schema=Object(
        prop("host", FQDN, required=True),
        prop("binary", {"type": "string", "minLength": 1, "maxLength": 255}, required=True),
        prop("disabled_reason", REASON),
        prop("forced_down", BOOLEAN, since="2.11"),
    )
)
UPDATE = Body(
    schema=Object(
        prop("status", {"type": "string", "enum": ["enabled", "disabled"]}),
        prop("disabled_reason", REASON),
        prop("forced_down", BOOLEAN),
    )
)

# View


def status(row: Any, ctx: Context) -> str:
    """Return whether new servers may come."""
    return "disabled" if row["disabled"] else "enabled"


def state(row: Any, ctx: Context) -> str:
    """Return up, or down where an admin says so or an outage is: it does not fail by itself."""
    return "down" if row["down"] else "up"


def reported_at(row: Any, ctx: Context) -> str:
    """Return when the service last reported: they all do at the same moments, but for the dead."""
    now = ctx.now if row["down_since"] is None else moment(row["down_since"])
    return max(str(row["created_at"]), iso(now - now % REPORT_SECONDS))


SERVICE = View(
    field("binary"),
    field("host"),
    field("id", until="2.52"),
    field("id", column="uuid", since="2.53"),
    field("zone"),
    field("status", status),
    field("state", state),
    field("updated_at", reported_at),
    field("disabled_reason"),
    field("forced_down", lambda row, ctx: bool(row["forced_down"]), since="2.11"),
)

UNREACHABLE_SERVICE = View(
    field("binary"), field("host"), field("status", lambda row, ctx: "UNKNOWN")
)

# Queries

DOWN = "(s.forced_down OR s.down_since IS NOT NULL) AS down"
SERVICES = (
    f"SELECT s.*, {DOWN}, CASE WHEN s.binary <> 'nova-compute' THEN 'internal' ELSE coalesce("
    "(SELECT a.availability_zone FROM compute_aggregate_hosts m"
    " JOIN compute_aggregates a ON a.id = m.aggregate_id"
    " WHERE m.host = s.host AND a.availability_zone IS NOT NULL LIMIT 1), 'nova') END AS zone"
    " FROM compute_services s"
)


def add(ctx: Context, *, binary: str, host: str) -> None:
    """Add a service, enabled and up."""
    ctx.db.insert(
        "compute_services",
        {
            "uuid": ctx.ids.uuid(),
            "binary": binary,
            "host": host,
            "created_at": ctx.timestamp,
        },
    )


def with_zones(ctx: Context) -> list[Any]:
    """Return every service that can be reached, with the zone it is in."""
    return list(cells.reachable(ctx, ctx.db.all(f"{SERVICES} ORDER BY s.id")))


def unreachable(ctx: Context) -> list[Any]:
    """Return the nova-computes of cells that are down."""
    if not ctx.cloud.down_hosts:
        return []
    rows = ctx.db.all("SELECT * FROM compute_services WHERE binary = ? ORDER BY id", (COMPUTE,))
    return [row for row in rows if row["host"] in ctx.cloud.down_hosts]


def find(ctx: Context, service_id: str) -> Any:
    """Return a service by uuid or number, with its zone; None when there is none."""
    column = "uuid" if UUIDS in ctx else "id"
    return ctx.db.one(f"{SERVICES} WHERE s.{column} = ?", (service_id,))


def find_compute(ctx: Context, host: str) -> Any:
    """Return the nova-compute of a host, with its zone; None when there is none."""
    return ctx.db.one(f"{SERVICES} WHERE s.host = ? AND s.binary = ?", (host, COMPUTE))


def has_servers(ctx: Context, host: str) -> bool:
    """Say whether a server is on the host."""
    sql = "SELECT 1 FROM compute_servers WHERE host = ? AND deleted = 0 LIMIT 1"
    return ctx.db.value(sql, (host,)) is not None


def has_migrations(ctx: Context, host: str) -> bool:
    """Say whether a migration to or from the host is going on."""
    sql = (
        "SELECT 1 FROM compute_migrations WHERE (source_compute = ? OR dest_compute = ?)"
        " AND status NOT IN ('confirmed', 'reverted', 'error', 'failed', 'completed',"
        " 'cancelled', 'done') LIMIT 1"
    )
    return ctx.db.value(sql, (host, host)) is not None


def notice_evacuations(ctx: Context, host: str) -> bool:
    """Complete the evacuations from a host that it has noticed; say whether it noticed them all.

    A real nova-compute notices when it is started again. An emulated one is taken to be, a while
    after its servers were evacuated.
    """
    restarted = iso(ctx.now - RESTART_SECONDS)
    ctx.db.execute(
        "UPDATE compute_migrations SET status = 'completed', updated_at = ?"
        " WHERE source_compute = ? AND status = 'done' AND migration_type = 'evacuation'"
        " AND coalesce(updated_at, created_at) <= ?",
        (ctx.timestamp, host, restarted),
    )
    left = ctx.db.value(
        "SELECT 1 FROM compute_migrations WHERE source_compute = ? AND status = 'done'"
        " AND migration_type = 'evacuation' LIMIT 1",
        (host,),
    )
    return left is None


def remove_compute(ctx: Context, service: Any) -> None:
    """Remove a nova-compute with its nodes, their providers and their places in aggregates."""
    host = service["host"]
    ctx.db.delete("compute_aggregate_hosts", host, "host")
    for node in ctx.db.all("SELECT uuid FROM compute_hosts WHERE host = ?", (host,)):
        providers.remove(ctx, node["uuid"])
    ctx.db.delete("compute_hosts", host, "host")


def set_enabled(ctx: Context, service: Any, *, enabled: bool, reason: str | None = None) -> None:
    """Enable or disable a service; Placement hears of it."""
    ctx.db.update(
        "compute_services",
        service["id"],
        disabled=int(not enabled),
        disabled_reason=reason,
    )
    tell_placement(ctx, service["host"], enabled=enabled)


def tell_placement(ctx: Context, host: str, *, enabled: bool) -> None:
    """Let the providers of a host have the trait that keeps the scheduler away, or not."""
    for node in ctx.db.all("SELECT uuid FROM compute_hosts WHERE host = ?", (host,)):
        providers.set_trait(ctx, node["uuid"], DISABLED_TRAIT, held=not enabled)


def force_down(ctx: Context, service: Any, *, down: bool) -> None:
    """Say that a service is down whatever it reports, or no longer say so."""
    if not down and not notice_evacuations(ctx, service["host"]):
        raise EvacuationsRemain(host=service["host"])
    ctx.db.update("compute_services", service["id"], forced_down=int(down))


# Operations


def index(ctx: Context, query: dict[str, list[str]]) -> dict[str, Any]:
    """List services, those of a host or binary; from 2.69 also what cells that are down have."""
    rows = with_zones(ctx)
    more = unreachable(ctx) if UNREACHABLE_CELLS_ARE_LISTED in ctx else []
    for name in ("host", "binary"):
        wanted = query[name][-1] if name in query else ""
        if wanted:
            rows, more = ([row for row in each if row[name] == wanted] for each in (rows, more))
    shown = [SERVICE.render(row, ctx) for row in rows]
    return {"services": shown + [UNREACHABLE_SERVICE.render(row, ctx) for row in more]}


def act(ctx: Context, service_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Enable, disable or force down the service of a host; the path names which."""
    host, binary = body["host"], body["binary"]
    shown: dict[str, Any] = {"host": host, "binary": binary}
    if service_id == "force-down" and FORCING_DOWN in ctx:
        if "forced_down" not in body:
            raise MissingForcedDown()
        shown["forced_down"] = truth(body["forced_down"])
        service = _updatable(ctx, host, binary)
        force_down(ctx, service, down=shown["forced_down"])
    elif service_id == "enable":
        shown["status"] = "enabled"
        set_enabled(ctx, _updatable(ctx, host, binary), enabled=True)
    elif service_id in ("disable", "disable-log-reason"):
        shown["status"] = "disabled"
        reason = None
        if service_id == "disable-log-reason":
            if "disabled_reason" not in body:
                raise MissingDisabledReason()
            reason = shown["disabled_reason"] = body["disabled_reason"]
        set_enabled(ctx, _updatable(ctx, host, binary), enabled=False, reason=reason)
    else:
        raise UnknownServiceAction()
    return {"service": shown}


def _updatable(ctx: Context, host: str, binary: str) -> Any:
    if binary != COMPUTE:
        raise ServiceNotUpdatable(binary=binary)
    service = find_compute(ctx, host)
    if service is None:
        raise HostNotMapped(name=host)
    return service


def update(ctx: Context, service_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Change the status of a service, or whether it is forced down."""
    if not is_uuid(service_id):
        raise InvalidUuid(id=service_id)
    service = find(ctx, service_id)
    if service is None:
        raise ServiceNotFound(service_id=service_id)
    if service["binary"] != COMPUTE:
        raise ServiceNotUpdatable(binary=service["binary"])
    reason = body.get("disabled_reason")
    if "status" not in body and "forced_down" not in body:
        raise NoUpdates()
    if "status" in body:
        enabled = body["status"] == "enabled"
        if enabled and reason:
            raise ReasonWithEnabled()
        set_enabled(ctx, service, enabled=enabled, reason=reason)
    if "forced_down" in body:
        force_down(ctx, service, down=truth(body["forced_down"]))
    return {"service": SERVICE.render(find(ctx, service_id), ctx)}


def delete(ctx: Context, service_id: str) -> Reply:
    """Delete a service; a nova-compute must be empty, and takes its hypervisors with it."""
    if UUIDS in ctx:
        if not is_uuid(service_id):
            raise InvalidUuid(id=service_id)
    else:
        integer(service_id)
    service = find(ctx, service_id)
    if service is None:
        raise UnknownServiceToDelete(service_id=service_id)
    if service["binary"] == COMPUTE:
        if has_servers(ctx, service["host"]):
            raise ComputeServiceInUse()
        if has_migrations(ctx, service["host"]):
            raise ComputeServiceMigrating()
        remove_compute(ctx, service)
    ctx.db.delete("compute_services", service["id"])
    return Reply(204)
