"""What other services claim of providers, and give back: usage is the sum of what is held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.errors import Conflict, NotFound
from emulator.placement import allocations, candidates, providers
from emulator.wire.request import Context

HOST = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
SERVER = "33333333-3333-4333-8333-333333333333"
MIGRATION = "44444444-4444-4444-8444-444444444444"


@pytest.fixture
def ctx(open_cloud: Callable[..., Any]) -> Context:
    """A cloud with two providers of four processors and ten GB of memory each."""
    context: Context = open_cloud(fixture="").cloud.context().at_service("placement")
    for uuid, name in ((HOST, "host"), (OTHER, "other")):
        providers.add(
            context,
            uuid=uuid,
            name=name,
            inventories={"VCPU": 4, "MEMORY_MB": {"total": 10, "reserved": 2, "max_unit": 6}},
            traits_held=["COMPUTE_NODE"] if uuid == HOST else ["COMPUTE_NODE", "HW_CPU_X86_AVX"],
        )
    return context


def claim(ctx: Context, consumer: str = SERVER, provider: str = HOST, **resources: int) -> None:
    allocations.claim(ctx, consumer, provider, resources, "p", "u")


def used(ctx: Context, provider: str = HOST) -> dict[str, int]:
    return providers.usages(ctx, [provider])[provider]


def test_a_claim_is_held_and_used(ctx: Context) -> None:
    claim(ctx, VCPU=2, MEMORY_MB=3, DISK_GB=0)
    assert allocations.of(ctx, SERVER) == {HOST: {"VCPU": 2, "MEMORY_MB": 3}}
    assert used(ctx) == {"VCPU": 2, "MEMORY_MB": 3}
    assert used(ctx, OTHER) == {"VCPU": 0, "MEMORY_MB": 0}


def test_a_second_claim_takes_the_place_of_the_first(ctx: Context) -> None:
    claim(ctx, VCPU=4)
    claim(ctx, VCPU=3, MEMORY_MB=1)
    assert used(ctx) == {"VCPU": 3, "MEMORY_MB": 1}
    claim(ctx, provider=OTHER, VCPU=1)
    assert used(ctx) == {"VCPU": 0, "MEMORY_MB": 0}
    assert allocations.of(ctx, SERVER) == {OTHER: {"VCPU": 1}}


@pytest.mark.parametrize(
    "resources",
    [{"VCPU": 5}, {"VCPU": 1, "MEMORY_MB": 7}, {"VCPU": 1, "DISK_GB": 1}],
    ids=["more than there is", "more than one may have", "a class that is not there"],
)
def test_a_refused_claim_leaves_everything_as_it_was(
    ctx: Context, resources: dict[str, int]
) -> None:
    claim(ctx, VCPU=1, MEMORY_MB=1)
    with pytest.raises(Conflict):
        claim(ctx, **resources)
    assert allocations.of(ctx, SERVER) == {HOST: {"VCPU": 1, "MEMORY_MB": 1}}
    assert used(ctx) == {"VCPU": 1, "MEMORY_MB": 1}


def test_nothing_can_be_claimed_of_nobody(ctx: Context) -> None:
    with pytest.raises(NotFound):
        claim(ctx, provider=SERVER, VCPU=1)


def test_what_is_released_is_free(ctx: Context) -> None:
    claim(ctx, VCPU=4)
    allocations.release(ctx, SERVER)
    allocations.release(ctx, SERVER)
    assert allocations.of(ctx, SERVER) == {}
    assert used(ctx) == {"VCPU": 0, "MEMORY_MB": 0}


def test_a_migration_holds_the_source_while_the_server_claims_the_destination(
    ctx: Context,
) -> None:
    claim(ctx, VCPU=3)
    allocations.move(ctx, SERVER, MIGRATION)
    claim(ctx, provider=OTHER, VCPU=2)
    assert allocations.of(ctx, MIGRATION) == {HOST: {"VCPU": 3}}
    assert allocations.of(ctx, SERVER) == {OTHER: {"VCPU": 2}}
    assert used(ctx)["VCPU"] == 3


def test_a_reverted_migration_gives_the_server_back_what_it_had(ctx: Context) -> None:
    claim(ctx, VCPU=3)
    allocations.move(ctx, SERVER, MIGRATION)
    claim(ctx, provider=OTHER, VCPU=2)
    allocations.move(ctx, MIGRATION, SERVER)
    assert allocations.of(ctx, SERVER) == {HOST: {"VCPU": 3}}
    assert allocations.of(ctx, MIGRATION) == {}
    assert used(ctx, OTHER)["VCPU"] == 0


def test_consumers_are_of_the_type_of_what_they_are(ctx: Context) -> None:
    types = "SELECT uuid, consumer_type FROM placement_consumers"
    claim(ctx, VCPU=1)
    assert dict(map(tuple, ctx.db.all(types))) == {SERVER: "INSTANCE"}
    allocations.move(ctx, SERVER, MIGRATION)
    assert dict(map(tuple, ctx.db.all(types))) == {MIGRATION: "MIGRATION"}
    allocations.move(ctx, MIGRATION, SERVER)
    assert dict(map(tuple, ctx.db.all(types))) == {SERVER: "INSTANCE"}


def test_providers_with_room(ctx: Context) -> None:
    claim(ctx, VCPU=3, MEMORY_MB=2)
    rows = candidates.providers_with_room(ctx, {"VCPU": 1, "MEMORY_MB": 6})
    assert [(row["name"], row["VCPU_used"], row["MEMORY_MB_capacity"]) for row in rows] == [
        ("host", 3, 8.0),
        ("other", 0, 8.0),
    ]
    for resources, names in (
        ({"VCPU": 2}, ["other"]),
        ({"MEMORY_MB": 7}, []),
        ({"DISK_GB": 1}, []),
        ({}, ["host", "other"]),
        ({"VCPU'": 1}, []),
    ):
        found = candidates.providers_with_room(ctx, resources)
        assert [row["name"] for row in found] == names


def test_providers_with_room_and_traits(ctx: Context) -> None:
    def names(required: list[str], forbidden: list[str]) -> list[str]:
        rows = candidates.providers_with_room(ctx, {"VCPU": 1}, required, forbidden)
        return [row["name"] for row in rows]

    assert names(["COMPUTE_NODE"], []) == ["host", "other"]
    assert names(["COMPUTE_NODE", "HW_CPU_X86_AVX"], []) == ["other"]
    assert names(["COMPUTE_NODE"], ["HW_CPU_X86_AVX"]) == ["host"]


def test_a_removed_provider_takes_its_allocations_with_it(ctx: Context) -> None:
    claim(ctx, VCPU=1)
    providers.remove(ctx, HOST)
    providers.remove(ctx, HOST)
    assert allocations.of(ctx, SERVER) == {}
    assert candidates.providers_with_room(ctx, {"VCPU": 1}, ["HW_CPU_X86_AVX"])
