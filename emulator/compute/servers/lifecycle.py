"""The lifecycle of servers: who may do what in which state, and how the engine writes the states.

An action is a `ServerTransition` beside its operation (servers/actions/…); it begins with
`begin(ctx, TRANSITION, server, …)`, which makes Nova's checks in Nova's order, records the instance
action and hands over to the engine. Every server transition is registered here, by `transition`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.compute.errors import InstanceInvalidState, InstanceIsLocked, InstanceNotReady
from emulator.compute.servers import facts, instance_actions
from emulator.compute.servers.actions.errors import HostUnreachable
from emulator.compute.servers.states import ERROR, UNCHANGED, State
from emulator.simulation.transition import Arguments, Effect, Machine, Step, Transition
from emulator.wire.request import Context

TABLE = "compute_servers"
ANY = None  # every state is allowed
NO_TASK: tuple[str | None, ...] = (None,)
PROGRESS_STATUSES = ("ACTIVE", "BUILD", "REBUILD", "RESIZE", "VERIFY_RESIZE", "MIGRATING")


def transition(
    name: str,
    *steps: Step,
    allowed: tuple[str, ...] | None = ANY,
    tasks: tuple[str | None, ...] | None = NO_TASK,
    launched: bool = True,
    host: bool = False,
    lock: bool = True,
    lock_named: bool = True,
    called: str | None = None,
    record: str | None = None,
    to: State = UNCHANGED,
    fails_to: State = UNCHANGED,
    ends: tuple[str, ...] = (),
    up: bool = False,
    undo: Effect | None = None,
    launches: bool = False,
    blames: str | None = None,
) -> Transition:
    """Return a transition of servers and make it known to the engine.

    `allowed` and `tasks` are the vm_states and task_states it may begin in (None: any), `launched`
    whether the server must have run once, `host` whether it must be on one, `lock` whether a lock
    refuses it and `lock_named` whether the refusal says so. `called` is its name in refusals,
    `record` the name of its instance action. `ends` names the vm_states that an effect chooses
    among, for transitions whose `to` leaves the vm_state alone. `up` demands, after the states,
    that the server's host is up. `undo` takes back what the steps before a failed one did.
    `launches` says that the server has been launched at its end, `blames` names the event that
    a step without one fails as.
    """
    made = Transition(
        name,
        _with_events(steps),
        to,
        fails_to,
        {
            "allowed": allowed,
            "tasks": tasks,
            "launched": launched,
            "host": host,
            "lock": lock,
            "lock_named": lock_named,
            "ends": ends,
            "up": up,
            "undo": undo,
            "launches": launches,
            "blames": blames,
            "called": called or name,
            "record": record or name,
        },
    )
    SERVER.add(made)
    return made


def _with_events(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps, each knowing whether its event begins and ends with it."""
    events = [None, *(step.event for step in steps), None]
    return tuple(
        step._replace(opens=events[index] != step.event, closes=events[index + 2] != step.event)
        for index, step in enumerate(steps)
    )


# Queries


def load(ctx: Context, server_uuid: str) -> Any:
    """Return the server a timer is about, None when it is gone."""
    return ctx.db.one(
        "SELECT * FROM compute_servers WHERE uuid = ? AND deleted = 0", (server_uuid,)
    )


def is_up(ctx: Context, host: str) -> bool:
    """Say whether a host's nova-compute is there and up."""
    return bool(
        ctx.db.value(
            "SELECT NOT forced_down AND down_since IS NULL FROM compute_services"
            " WHERE host = ? AND binary = 'nova-compute'",
            (host,),
        )
    )


def _settle(ctx: Context, server_uuid: str, state: State, launched_at: str | None = None) -> None:
    """Leave the server in a state, in no task; what is None stays as it is."""
    ctx.db.write(
        "UPDATE compute_servers SET task_state = NULL, updated_at = ?,"
        " vm_state = coalesce(?, vm_state), power_state = coalesce(?, power_state),"
        " launched_at = coalesce(?, launched_at) WHERE uuid = ?",
        (ctx.timestamp, state.vm, state.power, launched_at, server_uuid),
    )


# Checks


def check_lock(ctx: Context, server: Any, called: str | None = None) -> None:
    """Refuse everyone but admins while the server is locked.

    The refusal speaks of the lock, except where `called` names what Nova words as a wrong state.
    """
    if server["locked_by"] is not None and not ctx.is_admin:
        if called is not None:
            raise InstanceInvalidState.of(server, called, "locked", None)
        raise InstanceIsLocked(instance_uuid=server["uuid"])


def check_state(
    server: Any,
    called: str,
    allowed: tuple[str, ...] | None = ANY,
    tasks: tuple[str | None, ...] | None = NO_TASK,
    *,
    launched: bool = True,
) -> None:
    """Refuse what the server's state does not allow (Nova 34.0.0, check_instance_state)."""
    if allowed is not None and server["vm_state"] not in allowed:
        raise InstanceInvalidState.of(server, called, "vm_state", server["vm_state"])
    if tasks is not None and server["task_state"] not in tasks:
        raise InstanceInvalidState.of(server, called, "task_state", server["task_state"])
    if launched and not server["launched_at"]:
        raise InstanceInvalidState.of(server, called, "launched_at", None)


def check(ctx: Context, change: Transition, server: Any) -> None:
    """Make all of Nova's checks for a transition, in Nova's order: lock, host, states."""
    facts = change.facts
    if facts["lock"]:
        check_lock(ctx, server, None if facts["lock_named"] else facts["called"])
    if facts["host"] and not server["host"]:
        raise InstanceNotReady(instance_id=server["uuid"])
    check_state(
        server, facts["called"], facts["allowed"], facts["tasks"], launched=facts["launched"]
    )
    if facts["up"]:
        check_host_is_up(ctx, server)


def check_host_is_up(ctx: Context, server: Any) -> None:
    """Refuse a server that is on no host, or on one whose nova-compute is down."""
    if not server["host"]:
        raise InstanceNotReady(instance_id=server["uuid"])
    if not is_up(ctx, server["host"]):
        raise HostUnreachable()


# Beginning


def begin(ctx: Context, change: Transition, server: Any, **arguments: Any) -> None:
    """Check, record the instance action and begin a transition."""
    check(ctx, change, server)
    start(ctx, change, server, **arguments)


def start(ctx: Context, change: Transition, server: Any, **arguments: Any) -> None:
    """Record the instance action and begin a transition whose checks were made.

    What the server was in the middle of gives way to it.
    """
    if server["task_state"] is not None:
        ctx.engine.cancel("server", server["uuid"])
    action_id = instance_actions.record(ctx, server["uuid"], change.facts["record"])
    ctx.engine.begin(ctx, "server", change.name, server["uuid"], action=action_id, **arguments)


# What the engine calls


def enter(
    ctx: Context, server_uuid: str, change: Transition, step: Step, arguments: Arguments
) -> None:
    """A step begins: its task_state, and its event unless the step before had the same."""
    ctx.db.update(TABLE, server_uuid, "uuid", task_state=step.state, updated_at=ctx.timestamp)
    skim(ctx, server_uuid, change, step, arguments)


def skim(
    ctx: Context, server_uuid: str, change: Transition, step: Step, arguments: Arguments
) -> None:
    """A step begins that nobody sees: its event."""
    if step.event is not None and step.opens:
        instance_actions.open_event(ctx, arguments["action"], step.event)


def leave(
    ctx: Context, server_uuid: str, change: Transition, step: Step, arguments: Arguments
) -> None:
    """A step ended well: its event ends, unless the next step has the same."""
    if step.event is not None and step.closes:
        instance_actions.close_event(ctx, arguments["action"], step.event, "Success")


def finish(ctx: Context, server_uuid: str, change: Transition, arguments: Arguments) -> None:
    """The transition ended well: its final state, no task."""
    launched_at = ctx.timestamp if change.facts["launches"] else None
    _settle(ctx, server_uuid, change.to, launched_at)


def fail(
    ctx: Context,
    server_uuid: str,
    change: Transition,
    step: Step,
    arguments: Arguments,
    message: str,
) -> None:
    """An effect failed: the failing state, a fault (shown in ERROR), the record says Error."""
    event = step.event or change.facts["blames"]
    if event is not None:
        if step.event is None:
            instance_actions.open_event(ctx, arguments["action"], event)
        instance_actions.close_event(ctx, arguments["action"], event, "Error", message)
    instance_actions.mark_failed(ctx, arguments["action"])
    undo = change.facts["undo"]
    if undo is not None:
        undo(ctx, load(ctx, server_uuid), arguments)
    _settle(ctx, server_uuid, change.fails_to)
    fate = arguments.get("fate", {})
    set_fault(
        ctx,
        server_uuid,
        message,
        code=fate.get("code", 500),
        details=fate.get("details", ""),
    )


def break_down(ctx: Context, server_uuid: str, message: str) -> None:
    """A server that was well is in error."""
    _settle(ctx, server_uuid, BROKEN)
    set_fault(ctx, server_uuid, message)


def set_fault(
    ctx: Context, server_uuid: str, message: str, *, code: int = 500, details: str = ""
) -> None:
    """Give the server the fault that GET shows while it is in ERROR."""
    ctx.db.update(
        TABLE,
        server_uuid,
        "uuid",
        fault_code=code,
        fault_message=message,
        fault_details=details,
        fault_created=ctx.timestamp,
    )


BROKEN = State(ERROR)
SERVER = Machine(
    "server",
    load,
    enter,
    finish,
    fail,
    leave,
    skim,
    facts=facts.of_server,
    broken=BROKEN,
    breaks=break_down,
)

TRANSITIONS: Mapping[str, Transition] = SERVER.transitions
