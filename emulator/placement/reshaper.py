"""The reshaper: inventories and allocations changed at once, when a provider becomes a tree."""

from __future__ import annotations

from typing import Any

from emulator.placement import consumer_allocations, inventories, providers, resource_classes
from emulator.placement.consumer_allocations import SEVERAL
from emulator.placement.errors import (
    ReshapedGenerationConflict,
    ReshapedProviderNotFound,
    UnknownAllocationClass,
)
from emulator.placement.schemas import UUID_PATTERN, patterns
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop

UNKNOWN_CLASS = "malformed reshaper data:"

# Schemas

RESHAPE = Body(
    schema=Object(
        prop(
            "inventories",
            patterns(UUID_PATTERN, inventories.REPLACEMENT, at_least=1),
            required=True,
        ),
        prop("allocations", {**SEVERAL, "minProperties": 0}, required=True),
    )
)

# Operations


def reshape(ctx: Context, body: dict[str, Any]) -> Reply:
    """Give providers these inventories, and consumers these allocations, all or nothing.

    First every inventory that is to be is added to those that are, then the allocations move, then
    what is not to be goes: nothing is taken away that somebody holds.
    """
    wanted = {}
    for uuid, given in body["inventories"].items():
        provider = providers.find(ctx, uuid, ReshapedProviderNotFound)
        told = given["resource_provider_generation"]
        if told != provider["generation"]:
            raise ReshapedGenerationConflict(uuid=uuid, actual=provider["generation"], given=told)
        wanted[uuid] = (provider, given["inventories"])
    allocations = body["allocations"]
    consumers, ids = consumer_allocations.look_up(ctx, allocations)
    for _, given in wanted.values():
        missing = resource_classes.unknown(ctx, given)
        if missing:
            raise UnknownAllocationClass(prefix=UNKNOWN_CLASS, name=missing)
    for provider, given in wanted.values():
        for name, values in given.items():
            inventories.put(ctx, provider["id"], name, values)
        if given:
            providers.count_change(ctx, provider["id"])
    consumer_allocations.hold_only(ctx, allocations, consumers, ids, UNKNOWN_CLASS)
    for provider, given in wanted.values():
        inventories.replace_all(ctx, provider, given, "update conflict: ")
    return Reply(204)
