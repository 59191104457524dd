"""Quotas on instances, cores and ram: what servers may be made, and what the refusal says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from emulator.cloud import Cloud
from emulator.compute import quotas
from emulator.compute.errors import TooManyServers
from emulator.wire.request import Context

SMALL = {"vcpus": 1, "memory_mb": 2048}


@pytest.fixture
def ctx() -> Iterator[Context]:
    """A context of a cloud without inhabitants."""
    cloud = Cloud(fixture="", durations="instant")
    yield cloud.context().at_service("compute")
    cloud.close()


def limit(ctx: Context, user_id: str = "", **limits: int) -> None:
    for resource, value in limits.items():
        quotas.set_limit(ctx, "p", user_id, resource, value)


def test_as_many_servers_as_wanted_are_allowed_below_the_quota(ctx: Context) -> None:
    assert quotas.check_servers(ctx, "p", "u", SMALL, 1, 10) == 10


def test_fewer_servers_are_allowed_when_fewer_would_do(ctx: Context) -> None:
    limit(ctx, cores=3)
    assert quotas.check_servers(ctx, "p", "u", SMALL, 1, 10) == 3


def test_the_refusal_names_every_resource_that_would_be_exceeded(ctx: Context) -> None:
    limit(ctx, cores=2, ram=4096)
    quotas.add_usage(ctx, "p", "u", 1, 1, 512)
    flavor = {"vcpus": 3, "memory_mb": 7680}
    with pytest.raises(TooManyServers) as refusal:
        quotas.check_servers(ctx, "p", "u", flavor, 1, 1)
    assert refusal.value.message == (
        "Quota exceeded for cores, ram: Requested 3, 7680, "
        "but already used 1, 512 of 2, 4096 cores, ram"
    )


def test_a_range_of_servers_is_named_as_it_was_asked_for(ctx: Context) -> None:
    limit(ctx, instances=1)
    with pytest.raises(TooManyServers, match="Requested 2-5, but already used 0 of 1 instances"):
        quotas.check_servers(ctx, "p", "u", SMALL, 2, 5)


def test_unlimited_is_without_limit(ctx: Context) -> None:
    limit(ctx, instances=-1, cores=-1, ram=-1)
    assert quotas.check_servers(ctx, "p", "u", SMALL, 1, 10_000) == 10_000


def test_a_user_with_a_limit_is_counted_alone(ctx: Context) -> None:
    limit(ctx, "u", instances=1)
    quotas.add_usage(ctx, "p", "other", 5, 5, 5)
    assert quotas.check_servers(ctx, "p", "u", SMALL, 1, 1) == 1
    quotas.add_usage(ctx, "p", "u", 1, 1, 2048)
    with pytest.raises(TooManyServers, match="already used 1 of 1 instances"):
        quotas.check_servers(ctx, "p", "u", SMALL, 1, 1)


def test_growing_is_checked_by_what_is_added(ctx: Context) -> None:
    limit(ctx, cores=4)
    quotas.add_usage(ctx, "p", "u", 1, 3, 10)
    quotas.check(ctx, "p", "u", {"cores": 1, "ram": 0})
    with pytest.raises(TooManyServers, match="cores: Requested 2, but already used 3 of 4 cores"):
        quotas.check(ctx, "p", "u", {"cores": 2, "ram": 0})


def test_usage_is_one_row_a_user_and_comes_back_to_nothing(ctx: Context) -> None:
    for _ in range(3):
        quotas.add_usage(ctx, "p", "u", 1, 2, 512)
    quotas.add_usage(ctx, "p", "v", 1, 1, 1)
    assert quotas.count(ctx, "p") == {"instances": 4, "cores": 7, "ram": 1537}
    assert quotas.count(ctx, "p", "u") == {"instances": 3, "cores": 6, "ram": 1536}
    quotas.add_usage(ctx, "p", "u", -3, -6, -1536)
    assert quotas.count(ctx, "p", "u") == {"instances": 0, "cores": 0, "ram": 0}


@pytest.mark.parametrize("settings", [{"cores": 3}, {"instances": 0}])
def test_limits_can_be_configured(settings: dict[str, Any]) -> None:
    cloud = Cloud(fixture="", quotas={"compute": settings})
    assert quotas.limits(cloud.context(), "p") == {**quotas.DEFAULTS, **settings}
    cloud.close()
