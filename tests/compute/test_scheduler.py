"""The scheduler: which host a server goes to, and why none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from emulator.compute import aggregates, nodes, scheduler, services
from emulator.compute.errors import NoValidHost
from emulator.compute.scheduler import Group, HostChoice, Spec
from emulator.placement import allocations
from emulator.wire.request import Context

SMALL = Spec(vcpus=1, memory_mb=512, disk_gb=1)
NONE_IN_PLACEMENT = "No valid host was found. "
NONE_OF_THAT_NAME = f"{NONE_IN_PLACEMENT}No such host - host: x node: None "
NONE_AFTER_FILTERS = "No valid host was found. There are not enough hosts available."


@pytest.fixture
def ctx(open_cloud: Callable[..., Any]) -> Context:
    """A cloud with three equal hosts: a, b and c; c is in the zone far and has fast disks."""
    context: Context = open_cloud(fixture="").cloud.context().at_service("compute")
    for host in ("c", "a", "b"):
        nodes.add(context, host=host, vcpus=4, memory_mb=4096, disk_gb=100)
    aggregates.add(
        context, name="far", metadata={"availability_zone": "far", "ssd": "true"}, hosts=["c"]
    )
    return context


def place(ctx: Context, spec: Spec = SMALL, **changes: Any) -> str:
    """Choose a host and claim it, as the creation of a server does; return its name."""
    choice = scheduler.select(ctx, spec._replace(**changes))
    claim(ctx, choice)
    return choice.host


def claim(ctx: Context, choice: HostChoice) -> str:
    consumer = ctx.ids.uuid()
    allocations.claim(ctx, consumer, choice.provider_uuid, choice.resources, "p", "u")
    return consumer


def refusal(ctx: Context, spec: Spec = SMALL, **changes: Any) -> str:
    with pytest.raises(NoValidHost) as caught:
        scheduler.select(ctx, spec._replace(**changes))
    return caught.value.message


def service(ctx: Context, host: str) -> Any:
    return services.find_compute(ctx, host)


def test_where_a_build_failed_others_are_liked_better(ctx: Context) -> None:
    nodes.count_failed_build(ctx, "a")
    assert {place(ctx) for _ in range(6)} == {"b", "c"}


def test_newer_hypervisors_are_liked_better(ctx: Context) -> None:
    ctx.db.update("compute_hosts", "b", "host", hypervisor_version=9000000)
    assert place(ctx) == "b"


def test_what_is_free_counts_as_a_share_of_the_most_that_any_host_has(ctx: Context) -> None:
    nodes.add(ctx, host="large", vcpus=3, memory_mb=9216, disk_gb=99)
    assert place(ctx) == "large"


def test_aggregates_say_how_much_a_thing_weighs(ctx: Context) -> None:
    metadata = {f"{each}_weight_multiplier": "-1.0" for each in ("cpu", "ram", "disk")}
    aggregates.add(ctx, name="full", metadata=metadata, hosts=["a", "b", "c"])
    assert [place(ctx) for _ in range(3)] == ["a", "a", "a"]
    aggregates.add(
        ctx, name="odd", metadata={"cpu_weight_multiplier": "much"}, hosts=["a", "b", "c"]
    )
    assert place(ctx) == "a"


def test_an_aggregate_may_say_several_values_of_a_thing(ctx: Context) -> None:
    aggregates.add(ctx, name="fast", metadata={"disk": "ssd, nvme"}, hosts=["b"])
    asked = {"aggregate_instance_extra_specs:disk": "nvme"}
    assert place(ctx, extra_specs=asked) == "b"


def test_equal_hosts_are_taken_by_name_and_servers_spread(ctx: Context) -> None:
    assert [place(ctx) for _ in range(6)] == ["a", "b", "c", "a", "b", "c"]


def test_the_choice_says_node_provider_and_zone(ctx: Context) -> None:
    choice = scheduler.select(ctx, SMALL._replace(availability_zone="far"))
    row = nodes.of_host(ctx, "c")[0]
    assert choice == HostChoice(
        "c", "c", row["uuid"], "far", {"VCPU": 1, "MEMORY_MB": 512, "DISK_GB": 1}
    )


def test_hosts_fill_up_and_then_there_is_none(ctx: Context) -> None:
    big = Spec(vcpus=1, memory_mb=3584, disk_gb=0)  # 4096 less what the host keeps
    assert sorted(place(ctx, big) for _ in range(3)) == ["a", "b", "c"]
    assert refusal(ctx, big) == NONE_IN_PLACEMENT


def test_what_is_given_back_can_be_had_again(ctx: Context) -> None:
    big = Spec(vcpus=1, memory_mb=3584, disk_gb=0, requested_host="a")
    consumer = claim(ctx, scheduler.select(ctx, big))
    assert refusal(ctx, big) == NONE_IN_PLACEMENT
    allocations.release(ctx, consumer)
    assert scheduler.select(ctx, big).host == "a"


def test_processors_are_overcommitted_four_times(ctx: Context) -> None:
    spec = Spec(vcpus=4, memory_mb=1, disk_gb=0, requested_host="a")
    for _ in range(4):
        place(ctx, spec)
    assert refusal(ctx, spec) == NONE_IN_PLACEMENT


def test_no_server_is_larger_than_its_host(ctx: Context) -> None:
    assert refusal(ctx, vcpus=5) == NONE_IN_PLACEMENT


def test_disabled_hosts_get_nothing_even_when_forced(ctx: Context) -> None:
    services.set_enabled(ctx, service(ctx, "a"), enabled=False)
    assert [place(ctx) for _ in range(2)] == ["b", "c"]
    assert refusal(ctx, forced_host="a") == NONE_IN_PLACEMENT


def test_hosts_that_are_down_get_nothing_unless_forced(ctx: Context) -> None:
    services.force_down(ctx, service(ctx, "a"), down=True)
    assert place(ctx) == "b"
    assert refusal(ctx, requested_host="a") == NONE_AFTER_FILTERS
    assert place(ctx, forced_host="a") == "a"


def test_a_zone_is_that_of_aggregates_and_the_default_one_restricts_nothing(ctx: Context) -> None:
    assert place(ctx, availability_zone="far") == "c"
    assert place(ctx, availability_zone="nova", ignore_hosts=["a", "b"]) == "c"


def test_requested_ignored_and_hinted_hosts(ctx: Context) -> None:
    assert place(ctx, requested_host="b") == "b"
    assert place(ctx, requested_node="b") == "b"
    assert place(ctx, ignore_hosts=["A"]) == "c"
    assert place(ctx, different_host=["a", "c"]) == "b"
    assert place(ctx, same_host=["b"]) == "b"
    assert refusal(ctx, ignore_hosts=["a", "b", "c"]) == NONE_AFTER_FILTERS
    assert refusal(ctx, requested_host="x") == NONE_OF_THAT_NAME


@pytest.mark.parametrize(
    ("policy", "members", "chosen"),
    [
        ("affinity", {"b": 1}, "b"),
        ("affinity", {}, "a"),
        ("anti-affinity", {"a": 1, "b": 1}, "c"),
        ("soft-affinity", {"b": 1, "c": 2}, "c"),
        ("soft-anti-affinity", {"a": 1, "b": 2, "c": 2}, "a"),
    ],
)
def test_server_groups(ctx: Context, policy: str, members: Mapping[str, int], chosen: str) -> None:
    assert place(ctx, group=Group(policy, members)) == chosen


def test_anti_affinity_knows_how_many_a_host_may_have_and_where_the_server_is(
    ctx: Context,
) -> None:
    everywhere = {"a": 1, "b": 1, "c": 1}
    assert refusal(ctx, group=Group("anti-affinity", everywhere)) == NONE_AFTER_FILTERS
    assert place(ctx, group=Group("anti-affinity", everywhere, max_server_per_host=2)) == "a"
    assert place(ctx, group=Group("anti-affinity", everywhere), current_host="b") == "b"


@pytest.mark.parametrize(
    ("extra_specs", "chosen"),
    [
        ({"aggregate_instance_extra_specs:ssd": "true"}, "c"),
        ({"aggregate_instance_extra_specs:ssd": "<or> yes <or> true"}, "c"),
        ({"aggregate_instance_extra_specs:ssd": "false"}, None),
        ({"aggregate_instance_extra_specs:gpu": "true"}, None),
        ({"capabilities:hypervisor_type": "s== QEMU"}, "a"),
        ({"capabilities:hypervisor_type": "Xen"}, None),
        ({"capabilities:cpu_info:arch": "x86_64"}, "a"),
        ({"capabilities:cpu_info:features": "<in> pge"}, "a"),
        ({"capabilities:vcpus_total": ">= 4"}, "a"),
        ({"capabilities:vcpus_total": "> 4"}, None),
        ({"capabilities:nothing": "1"}, None),
        ({"vcpus_total": "== 4"}, "a"),
        ({"something_else": "1"}, "a"),
        ({"hw:cpu_policy": "shared"}, "a"),
    ],
)
def test_extra_specs(ctx: Context, extra_specs: Mapping[str, str], chosen: str | None) -> None:
    if chosen is None:
        assert refusal(ctx, extra_specs=extra_specs) == NONE_AFTER_FILTERS
    else:
        assert place(ctx, extra_specs=extra_specs) == chosen


@pytest.mark.parametrize(
    ("properties", "runs"),
    [
        ({"hw_architecture": "x86_64"}, True),
        ({"hw_architecture": "amd64"}, True),
        ({"hw_architecture": "aarch64"}, False),
        ({"img_hv_type": "kvm"}, True),
        ({"img_hv_type": "xen"}, False),
        ({"hw_vm_mode": "hvm"}, True),
        ({"hw_vm_mode": "xen"}, False),
        ({"os_distro": "cirros"}, True),
    ],
)
def test_image_properties(ctx: Context, properties: Mapping[str, str], runs: bool) -> None:
    if runs:
        assert place(ctx, image_properties=properties) == "a"
    else:
        assert refusal(ctx, image_properties=properties) == NONE_AFTER_FILTERS


def test_traits_that_flavor_and_image_ask_for(ctx: Context) -> None:
    assert place(ctx, extra_specs={"trait:HW_CPU_X86_AVX2": "required"}) == "a"
    assert place(ctx, image_properties={"trait:HW_CPU_X86_AVX2": "required"}) == "b"
    forbidden = {"trait:HW_CPU_X86_AVX2": "forbidden"}
    assert refusal(ctx, extra_specs=forbidden) == NONE_IN_PLACEMENT
    assert refusal(ctx, extra_specs={"trait:CUSTOM_GOLD": "required"}) == NONE_IN_PLACEMENT


def test_a_flavor_may_ask_for_other_amounts_and_other_classes(ctx: Context) -> None:
    choice = scheduler.select(
        ctx, SMALL._replace(extra_specs={"resources:VCPU": "0", "resources:DISK_GB": "7"})
    )
    assert choice.resources == {"MEMORY_MB": 512, "DISK_GB": 7}
    assert refusal(ctx, extra_specs={"resources:VGPU": "1"}) == NONE_IN_PLACEMENT
    assert refusal(ctx, extra_specs={"resources:x' OR 1": "1"}) == NONE_IN_PLACEMENT


def test_hosts_where_builds_failed_come_last(ctx: Context) -> None:
    nodes.count_failed_build(ctx, "a")
    assert [place(ctx) for _ in range(3)] == ["b", "c", "b"]


def test_a_host_disabled_only_in_placement_gets_nothing(ctx: Context) -> None:
    services.tell_placement(ctx, "a", enabled=False)
    assert place(ctx) == "b"
    services.tell_placement(ctx, "a", enabled=True)
    assert place(ctx, requested_host="a") == "a"
