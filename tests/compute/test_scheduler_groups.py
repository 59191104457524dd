"""The scheduler: flavors that ask for what providers below a host have, in groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.compute import nodes, scheduler
from emulator.compute.errors import NoValidHost
from emulator.compute.scheduler import HostChoice, Spec
from emulator.placement import allocations, inventories, providers, resource_classes, traits
from emulator.wire.request import Context

OWN = {"VCPU": 1, "MEMORY_MB": 512, "DISK_GB": 1}


@pytest.fixture
def ctx(open_cloud: Callable[..., Any]) -> Context:
    """Hosts a, b and c; b has a fast and a slow card of two slots, c a slow one."""
    context: Context = open_cloud(fixture="").cloud.context().at_service("compute")
    resource_classes.add(context, "CUSTOM_SLOT")
    traits.add(context, "CUSTOM_FAST")
    hosts = {
        host: nodes.add(context, host=host, vcpus=4, memory_mb=4096, disk_gb=100)
        for host in ("a", "b", "c")
    }
    for name, host in (("b-fast", "b"), ("b-slow", "b"), ("c-slow", "c")):
        above = providers.find(context, hosts[host])
        number = providers.insert(context, name, name, above)
        inventories.put(context, number, "CUSTOM_SLOT", {"total": 2})
        if name == "b-fast":
            traits.give(context, number, ["CUSTOM_FAST"])
    return context


def select(ctx: Context, **extra_specs: str) -> HostChoice:
    names = {name.replace("__", ":"): value for name, value in extra_specs.items()}
    return scheduler.select(ctx, Spec(vcpus=1, memory_mb=512, disk_gb=1, extra_specs=names))


def claim(ctx: Context, choice: HostChoice) -> str:
    consumer = ctx.ids.uuid()
    provider, resources = choice.provider_uuid, choice.resources
    allocations.claim(ctx, consumer, provider, resources, "p", "u", others=choice.others)
    return consumer


def test_a_class_of_providers_below_is_claimed_of_them(ctx: Context) -> None:
    choice = select(ctx, resources__CUSTOM_SLOT="2")
    assert (choice.host, choice.resources) == ("b", OWN)
    assert choice.others == {"b-fast": {"CUSTOM_SLOT": 2}}
    consumer = claim(ctx, choice)
    assert allocations.of(ctx, consumer) == {choice.provider_uuid: OWN, **choice.others}
    assert providers.usages(ctx, ["b-fast"])["b-fast"] == {"CUSTOM_SLOT": 2}


def test_hosts_whose_cards_are_full_are_left_out(ctx: Context) -> None:
    taken: list[str] = []
    for _ in range(3):
        choice = select(ctx, resources1__CUSTOM_SLOT="2")
        claim(ctx, choice)
        taken += choice.others
    assert sorted(taken) == ["b-fast", "b-slow", "c-slow"]
    with pytest.raises(NoValidHost):
        select(ctx, resources1__CUSTOM_SLOT="1")


def test_a_trait_holds_for_its_group(ctx: Context) -> None:
    fast = {"resources_CARD__CUSTOM_SLOT": "1", "trait_CARD__CUSTOM_FAST": "required"}
    assert select(ctx, **fast).others == {"b-fast": {"CUSTOM_SLOT": 1}}
    slow = {"resources_CARD__CUSTOM_SLOT": "1", "trait_CARD__CUSTOM_FAST": "forbidden"}
    assert set(select(ctx, **slow).others) <= {"b-slow", "c-slow"}


def test_several_groups_need_a_policy(ctx: Context) -> None:
    two = {"resources1__CUSTOM_SLOT": "1", "resources2__CUSTOM_SLOT": "1"}
    with pytest.raises(NoValidHost):
        select(ctx, **two)
    apart = select(ctx, **two, group_policy="isolate")
    assert apart.others == {"b-fast": {"CUSTOM_SLOT": 1}, "b-slow": {"CUSTOM_SLOT": 1}}
    assert select(ctx, **two, group_policy="none").others == {"b-fast": {"CUSTOM_SLOT": 2}}


def test_what_a_group_asks_for_is_not_asked_of_the_flavor_too(ctx: Context) -> None:
    choice = select(ctx, resources1__VCPU="2", resources__MEMORY_MB="0")
    assert choice.resources == {"VCPU": 2, "DISK_GB": 1}
    assert choice.others == {}


@pytest.mark.parametrize("name", ["resources__CUSTOM_NONE", "resources__PCPU", "resources1__VGPU"])
def test_what_no_provider_has_is_nowhere(ctx: Context, name: str) -> None:
    with pytest.raises(NoValidHost):
        select(ctx, **{name: "1"})
