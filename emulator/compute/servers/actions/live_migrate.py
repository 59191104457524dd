"""Live migration: a server moves to another host while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.compute import migrations
from emulator.compute.schemas import BOOLEAN, FQDN, truth
from emulator.compute.servers import instance_actions, lifecycle, moves, queries
from emulator.compute.servers.actions.errors import (
    ComputeHostNotFound,
    ComputeServiceUnavailable,
    InvalidMigrationState,
    LiveMigrationRefused,
    MigrationNotFoundForServer,
    NothingToForce,
    UnableToMigrateToSelf,
)
from emulator.compute.servers.lifecycle import check_lock, check_state, transition
from emulator.compute.servers.states import ACTIVE, PAUSED
from emulator.compute.versions import (
    LIVE_MIGRATION_ASKS_THE_SCHEDULER,
    LIVE_MIGRATION_CHECKS_ARE_ASYNC,
    QUEUED_MIGRATIONS_CAN_BE_ABORTED,
)
from emulator.errors import BadInput, TransitionFailed
from emulator.placement import allocations
from emulator.simulation.durations import fixed, uniform
from emulator.simulation.transition import Arguments, Step
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Switch, either, prop

MIGRATING = "migrating"
PAGE = 4096  # bytes: what has gone over when a copy has just begun

# Schemas

BOOLEAN_OR_AUTO = {**BOOLEAN, "enum": [*BOOLEAN["enum"], "auto"]}
HOST = {**FQDN, "type": ["string", "null"]}
LIVE_BODY = Body(
    "os-migrateLive",
    prop(
        "block_migration",
        Switch(either(BOOLEAN, until="2.24"), either(BOOLEAN_OR_AUTO, since="2.25")),
        required=True,
    ),
    prop("disk_over_commit", BOOLEAN, required=True, until="2.24"),
    prop("host", HOST, required=True),
    prop("force", BOOLEAN, since="2.30", until="2.67"),
)
FORCE_COMPLETE_BODY = Body("force_complete", schema={"type": "null"})

# Effects


def choose_host(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Find a host where none was named, and claim it."""
    migration = arguments["migration"]
    choice = moves.choose(
        ctx,
        server,
        ignore=[server["host"]],
        host=arguments["host"],
        forced=arguments["forced"],
    )
    moves.set_out(ctx, server, migration, choice)
    migrations.change(
        ctx, migration["id"], status="preparing", dest_host=None, source_node=server["node"]
    )


def run(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The memory begins to be copied."""
    memory, disk = server["memory_mb"] * 2**20, max(server["root_gb"], 1) * 2**30
    migrations.change(
        ctx,
        arguments["migration"]["id"],
        status="running",
        memory_total=memory,
        memory_processed=PAGE,
        memory_remaining=memory - PAGE,
        disk_total=disk,
        disk_processed=PAGE,
        disk_remaining=disk - PAGE,
    )


def arrive(ctx: Context, server: Any, arguments: Arguments) -> None:
    """The server runs on the other host; the first one is free of it."""
    migration = migrations.get(ctx, arguments["migration"]["id"])
    moves.arrive(ctx, server, migration)
    allocations.release(ctx, migration["uuid"])
    migrations.change(
        ctx,
        migration["id"],
        status="completed",
        memory_processed=migration["memory_total"],
        memory_remaining=0,
        disk_processed=migration["disk_total"],
        disk_remaining=0,
    )


def undo(ctx: Context, server: Any, arguments: Arguments) -> None:
    """A live migration failed: the server stays where it is."""
    moves.take_back(ctx, server, arguments["migration"])
    migrations.change(ctx, arguments["migration"]["id"], status="error")


# Lifecycle

LIVE = transition(
    "os-migrateLive",
    Step(MIGRATING, fixed(0.2), event="conductor_live_migrate_instance", then=choose_host),
    Step(MIGRATING, fixed(0.1), event="compute_check_can_live_migrate_destination"),
    Step(MIGRATING, fixed(0.1), event="compute_check_can_live_migrate_source"),
    Step(MIGRATING, fixed(0.1), event="compute_live_migration"),
    Step(MIGRATING, fixed(0.2), event="compute_pre_live_migration", then=run),
    Step(
        MIGRATING,
        uniform(3.0, 9.0),
        event="compute_post_live_migration_at_destination",
        then=arrive,
    ),
    allowed=(ACTIVE, PAUSED),
    record="live-migration",
    undo=undo,
)

# Operations


def live_migrate(ctx: Context, server: Any, body: Any) -> None:
    """Move a running server to a host that is named, or to one that the scheduler chooses.

    Below 2.34 a host that will not do is refused at once, from then on after the 202.
    """
    wanted = body["os-migrateLive"]
    host = wanted["host"]
    ctx.authorize(f"os_compute_api:os-migrate-server:migrate_live{':host' if host else ''}")
    forced = "force" in wanted and truth(wanted["force"])
    if forced and not host:
        raise NothingToForce()
    lifecycle.check(ctx, LIVE, server)
    if host and moves.host_row(ctx, host) is None:
        raise ComputeHostNotFound(host=host)
    named = host if forced or LIVE_MIGRATION_ASKS_THE_SCHEDULER not in ctx else None
    migration = migrations.record(
        ctx,
        server,
        migrations.LIVE,
        "accepted",
        source_node=None,
        dest_compute=named or None,
        old_flavor_id=server["flavor_id"],
        new_flavor_id=server["flavor_id"],
    )
    if LIVE_MIGRATION_CHECKS_ARE_ASYNC not in ctx:
        try:
            _check(ctx, server, host)
        except BadInput as refusal:
            _record_refusal(ctx, server, migration, refusal.message)
            raise LiveMigrationRefused(refusal.message) from None
    lifecycle.start(ctx, LIVE, server, migration=migration, host=host or None, forced=forced)


def _record_refusal(ctx: Context, server: Any, migration: dict[str, Any], message: str) -> None:
    """What is refused at once was tried all the same: it is recorded as a failure."""
    event = LIVE.steps[0].event or ""
    action_id = instance_actions.record(ctx, server["uuid"], LIVE.facts["record"])
    instance_actions.open_event(ctx, action_id, event)
    instance_actions.close_event(ctx, action_id, event, "Error", message)
    instance_actions.mark_failed(ctx, action_id)
    lifecycle.set_fault(ctx, server["uuid"], message)
    migrations.change(ctx, migration["id"], status="error")


def _check(ctx: Context, server: Any, host: str | None) -> None:
    """What the conductor looks at first (Nova 34.0.0, conductor.tasks.live_migrate)."""
    if not lifecycle.is_up(ctx, server["host"]):
        raise ComputeServiceUnavailable(host=server["host"])
    if host == server["host"]:
        raise UnableToMigrateToSelf(instance_id=server["uuid"], host=host)
    if host and not lifecycle.is_up(ctx, host):
        raise ComputeServiceUnavailable(host=host)
    try:
        moves.choose(ctx, server, ignore=[server["host"]], host=host)
    except TransitionFailed as nowhere:
        raise BadInput(nowhere.message) from None


def force_complete(ctx: Context, server: Any, migration_id: str, body: Any) -> None:
    """Let a live migration end by pausing the guest."""
    check_lock(ctx, server)
    check_state(server, "force_complete", (ACTIVE,), (MIGRATING,))
    try:
        migration = _live_migration(ctx, server, migration_id, "force complete", ("running",))
    except MigrationNotFoundForServer as unknown:
        raise BadInput(unknown.message) from None
    instance_actions.note(
        ctx, server, "live_migration_force_complete", "compute_live_migration_force_complete"
    )
    ctx.engine.hasten("server", server["uuid"], ctx.now)
    migrations.change(ctx, migration["id"])


def abort(ctx: Context, server: Any, migration_id: str) -> Reply:
    """Stop a live migration; from 2.65 also one that has not begun to copy."""
    check_lock(ctx, server)
    check_state(server, "abort live migration", tasks=(MIGRATING,))
    statuses = ["running"]
    if QUEUED_MIGRATIONS_CAN_BE_ABORTED in ctx:
        statuses += ["queued", "preparing"]
    migration = _live_migration(ctx, server, migration_id, "abort live migration", statuses)
    ctx.engine.cancel("server", server["uuid"])
    instance_actions.note(ctx, server, "live_migration_cancel", "compute_live_migration_abort")
    moves.take_back(ctx, server, migration)
    queries.change(ctx, server["uuid"], task_state=None)
    migrations.change(ctx, migration["id"], status="cancelled")
    return Reply(202)


def _live_migration(
    ctx: Context, server: Any, migration_id: str, method: str, statuses: Sequence[str]
) -> Any:
    """The migration of a server in one of these statuses."""
    migration = migrations.of_server(ctx, server["uuid"], migration_id)
    if migration is None:
        raise MigrationNotFoundForServer(migration_id=migration_id, instance_id=server["uuid"])
    if migration["status"] not in statuses:
        raise InvalidMigrationState(
            migration_id=migration_id,
            instance_uuid=server["uuid"],
            state=migration["status"],
            method=method,
        )
    return migration
