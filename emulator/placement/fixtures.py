"""The `placement:` section of a fixture: providers beside those that compute hosts are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.errors import UsageError
from emulator.placement import aggregates, inventories, providers, resource_classes, traits
from emulator.wire.request import Context
from emulator.yamlfiles import Names


def load(ctx: Context, section: Mapping[str, Any], names: Names) -> None:
    """Make what the section lists: custom names first, then the providers that use them."""
    for name in section.get("resource_classes") or ():
        resource_classes.add(ctx, name)
    for name in section.get("traits") or ():
        traits.add(ctx, name)
    for provider in section.get("providers") or ():
        add_provider(ctx, provider, names)


def add_provider(ctx: Context, provider: Mapping[str, Any], names: Names) -> None:
    """Make a provider.

    {name: nfs, inventories: {DISK_GB: 1000}, traits: [MISC_SHARES_VIA_AGGREGATE]}, and where
    wanted uuid, parent (a provider above in the file) and aggregates (UUIDs). An inventory is a
    total, or a mapping with total, reserved, allocation_ratio and the rest.
    """
    uuid = provider.get("uuid") or ctx.ids.uuid()
    parent = provider.get("parent")
    above = providers.find(ctx, names["provider", parent]) if parent else None
    provider_id = providers.insert(ctx, uuid, provider["name"], above)
    names["provider", provider["name"]] = uuid
    for name, values in (provider.get("inventories") or {}).items():
        if not resource_classes.exists(ctx, name):
            raise UsageError(f"there is no resource class {name}")
        given = {"total": values} if isinstance(values, int) else dict(values.items())
        inventories.put(ctx, provider_id, name, given)
    held = provider.get("traits") or ()
    missing = traits.unknown(ctx, held)
    if missing:
        raise UsageError(f"there is no trait {missing[0]}")
    traits.give(ctx, provider_id, held)
    for aggregate in provider.get("aggregates") or ():
        aggregates.put(ctx, provider_id, aggregate)
