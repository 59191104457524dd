"""Rescue and unrescue: a server boots from another image, its own disk beside it."""

from __future__ import annotations

from typing import Any

from emulator.compute import images
from emulator.compute.schemas import ADMIN_PASSWORD, ANY, UUID
from emulator.compute.servers import guests, lifecycle, queries
from emulator.compute.servers.actions.errors import BadRescueImage, NotRescuable
from emulator.compute.servers.errors import NoSuchImage
from emulator.compute.servers.lifecycle import begin, transition
from emulator.compute.servers.states import ACTIVE, ERROR, RESCUED, RUNNING, STOPPED, State
from emulator.compute.versions import VOLUME_BACKED_SERVERS_CAN_BE_RESCUED
from emulator.simulation.durations import uniform
from emulator.simulation.transition import Step
from emulator.wire.request import Context
from emulator.wire.versioned import Body

# Schemas

RESCUE_BODY = Body(
    "rescue",
    schema={
        "type": ["object", "null"],
        "properties": {"adminPass": ADMIN_PASSWORD, "rescue_image_ref": UUID},
        "additionalProperties": False,
    },
)
UNRESCUE_BODY = Body("unrescue", schema=ANY)

# Lifecycle

RESCUE = transition(
    "rescue",
    Step("rescuing", uniform(2.0, 5.0), event="compute_rescue_instance", then=guests.rescue),
    allowed=(ACTIVE, STOPPED, ERROR),
    to=State(RESCUED),
    fails_to=State(ERROR),
)
UNRESCUE = transition(
    "unrescue",
    Step("unrescuing", uniform(1.0, 3.0), event="compute_unrescue_instance"),
    allowed=(RESCUED,),
    to=State(ACTIVE, RUNNING),
)

# Operations


def rescue(ctx: Context, server: Any, body: Any) -> dict[str, str]:
    """Boot a server from a rescue image; the answer has the password to log in with."""
    wanted = body["rescue"] or {}
    lifecycle.check(ctx, RESCUE, server)
    properties = _rescue_image(ctx, wanted.get("rescue_image_ref"))
    if not server["image_ref"]:
        by_image = {"hw_rescue_bus", "hw_rescue_device"} <= properties
        if not (by_image and VOLUME_BACKED_SERVERS_CAN_BE_RESCUED in ctx):
            reason = "Cannot rescue a volume-backed instance"
            raise NotRescuable(instance_id=server["uuid"], reason=reason)
    password = wanted.get("adminPass") or ctx.ids.password()
    lifecycle.start(ctx, RESCUE, server)
    queries.change(ctx, server["uuid"], admin_password=password)
    return {"adminPass": password}


def _rescue_image(ctx: Context, image_ref: str | None) -> set[str]:
    """The names of the properties of the image named; BadRescueImage when there is none."""
    if image_ref is None:
        return set()
    try:
        image = images.find(ctx, image_ref)
    except NoSuchImage:
        raise BadRescueImage(image=image_ref) from None
    return set(images.properties_of(image))


def unrescue(ctx: Context, server: Any, body: Any) -> None:
    """Boot a server from its own disk again."""
    begin(ctx, UNRESCUE, server)
