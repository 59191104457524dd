"""External events: what other services tell Compute about servers."""

from __future__ import annotations

from typing import Any

from emulator.compute.schemas import UUID
from emulator.compute.servers import guests, instance_actions, lifecycle
from emulator.compute.servers.lifecycle import transition
from emulator.compute.servers.states import ACTIVE, RUNNING, SHUTDOWN, STOPPED, State
from emulator.errors import TransitionFailed
from emulator.simulation.transition import Arguments, Step
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Switch, either, prop

TAG_REQUIRED = ("volume-extended", "power-update", "accelerator-request-bound")

# Schemas

NETWORK_EVENTS = [
    "network-changed",
    "network-vif-plugged",
    "network-vif-unplugged",
    "network-vif-deleted",
]
EVENTS_251 = [*NETWORK_EVENTS, "volume-extended"]
EVENTS_276 = [*EVENTS_251, "power-update"]
EVENTS_282 = [*EVENTS_276, "accelerator-request-bound"]
EVENTS_293 = [*EVENTS_282, "volume-reimaged"]
EVENT = Object(
    prop(
        "name",
        {
            "type": "string",
            "enum": Switch(
                either(NETWORK_EVENTS, until="2.50"),
                either(EVENTS_251, since="2.51", until="2.75"),
                either(EVENTS_276, since="2.76", until="2.81"),
                either(EVENTS_282, since="2.82", until="2.92"),
                either(EVENTS_293, since="2.93"),
            ),
        },
        required=True,
    ),
    prop("server_uuid", UUID, required=True),
    prop("status", {"type": "string", "enum": ["failed", "completed", "in-progress"]}),
    prop("tag", {"type": "string", "maxLength": 255}),
)
CREATE = Body("events", schema={"type": "array", "minItems": 1, "items": EVENT})

# Queries


def _server(ctx: Context, server_uuid: str) -> Any:
    return ctx.db.one(
        "SELECT * FROM compute_servers WHERE uuid = ? AND deleted = 0", (server_uuid,)
    )


# Effects


def update_power(ctx: Context, server: Any, arguments: Arguments) -> None:
    """Only bare metal takes a power update; other drivers fail (Nova 34.0.0, virt.driver)."""
    if not guests.of(ctx, server).takes_power_updates:
        raise TransitionFailed("NotImplementedError")


# Lifecycle

POWER_ON = transition(
    "power-update on",
    Step("powering-on", event="compute_power_update", then=update_power),
    allowed=(STOPPED,),
    lock=False,
    record="start",
    to=State(ACTIVE, RUNNING),
)
POWER_OFF = transition(
    "power-update off",
    Step("powering-off", event="compute_power_update", then=update_power),
    allowed=(ACTIVE,),
    lock=False,
    record="stop",
    to=State(STOPPED, SHUTDOWN),
)
POWER = {"POWER_ON": POWER_ON, "POWER_OFF": POWER_OFF}

# Operations


def create(ctx: Context, body: Any) -> Reply:
    """Take events in; each gets a code of its own, and 207 says that one is not 200."""
    shown = [_take(ctx, dict(event)) for event in body["events"]]
    all_good = all(event["code"] == 200 for event in shown)
    return Reply(200 if all_good else 207, {"events": shown})


def _take(ctx: Context, event: dict[str, Any]) -> dict[str, Any]:
    """One event with its code: 404 unknown server, 400 without its tag, 422 on no host."""
    server = _server(ctx, event["server_uuid"])
    if server is None:
        code = 404
    elif event["name"] in TAG_REQUIRED and event.get("tag") is None:
        code = 400
    elif not server["host"]:
        code = 422
    else:
        _act(ctx, server, event)
        code = 200
    return {**event, "status": "completed" if code == 200 else "failed", "code": code}


def _act(ctx: Context, server: Any, event: dict[str, Any]) -> None:
    """What a server does about an event: mostly nothing that can be seen."""
    if event["name"] == "volume-extended":
        instance_actions.note(ctx, server, "extend_volume", "compute_extend_volume")
    change = POWER.get(event.get("tag", "")) if event["name"] == "power-update" else None
    if change is None:
        return
    if server["vm_state"] in change.facts["allowed"] and server["task_state"] is None:
        lifecycle.start(ctx, change, server)
    else:
        instance_actions.record(ctx, server["uuid"], change.facts["record"])
