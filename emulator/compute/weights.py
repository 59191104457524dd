"""Which of several hosts is liked best: what each has of something, weighed and added up.

Nova 34.0.0, nova.weights and nova.scheduler.weights: what is free counts as a share of the most
that any host has free; where builds failed, or hypervisors are old, between the least and the most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from emulator.wire.request import Context

FREE = tuple(
    (weight, f"{name}_capacity", f"{name}_used")
    for weight, name in (("cpu", "VCPU"), ("ram", "MEMORY_MB"), ("disk", "DISK_GB"))
)
WEIGHTS: Mapping[str, float] = {
    "build_failure": 1_000_000.0,
    "cpu": 1.0,
    "disk": 1.0,
    "hypervisor_version": 1.0,
    "ram": 1.0,
    "soft_affinity": 1.0,
    "soft_anti_affinity": 1.0,
}
"""How much it counts what a host has of something, unless an aggregate of it says otherwise."""


class Candidate(NamedTuple):
    """One host with room: the host's row, and Placement's of the same node.

    `taken` is what is taken of which provider, None when all is taken of the host's own.
    """

    host: Any
    room: Any
    taken: Mapping[str, Mapping[str, int]] | None = None


# Queries

Multipliers = Mapping[str, Mapping[str, float]]
"""What aggregates say instead of WEIGHTS: {weight: {host: how much}}."""


def multipliers_of(ctx: Context, found: Sequence[Candidate]) -> Multipliers:
    """What the metadata of aggregates say: `ram_weight_multiplier=-1`, the least of several."""
    said: dict[str, dict[str, float]] = {}
    if len(found) < 2:
        return said
    rows = ctx.db.all(
        "SELECT m.host, s.key, s.value FROM compute_aggregates a"
        " JOIN compute_aggregate_hosts m ON m.aggregate_id = a.id JOIN json_each(a.metadata) s"
        " WHERE s.key LIKE '%@_weight@_multiplier' ESCAPE '@'"
    )
    unreadable = set()
    for host, key, value in rows:
        weight = key.removesuffix("_weight_multiplier")
        try:
            number = float(value)
        except ValueError:
            unreadable.add((weight, host))
            continue
        of_hosts = said.setdefault(weight, {})
        of_hosts[host] = min(number, of_hosts.get(host, number))
    for weight, host in unreadable:  # one of them spoils the others
        said.get(weight, {}).pop(host, None)
    return said


# Weights


def best(
    found: list[Candidate],
    multipliers: Multipliers,
    soft: tuple[str, Mapping[str, int]] | None = None,
) -> Candidate:
    """The candidate with the highest sum of weights; the first by name among equals.

    `soft`: a policy of server groups that is not insisted on, and how many members each host has.
    """
    if len(found) == 1:
        return found[0]
    columns = found[0].room.keys()
    sums = [0.0] * len(found)

    def add(weight: str, scale: Sequence[float], low: float) -> None:
        high = max(scale)
        if low == high:
            return
        usual, of_hosts = WEIGHTS[weight], multipliers.get(weight)
        size = (high - low) * (-1 if weight == "build_failure" else 1)
        for number, value in enumerate(scale):
            factor = of_hosts.get(found[number].host["host"], usual) if of_hosts else usual
            sums[number] += factor * (value - low) / size

    for weight, capacity, used in FREE:
        if used in columns:
            add(weight, [each.room[capacity] - each.room[used] for each in found], 0)
    for weight, column in (("build_failure", "failures"), ("hypervisor_version",) * 2):
        scale = [each.host[column] for each in found]
        add(weight, scale, min(scale))
    if soft is not None:
        policy, counts = soft
        sign = 1 if policy == "soft-affinity" else -1
        members = [sign * counts.get(each.host["host"], 0) for each in found]
        add(policy.replace("-", "_"), members, min(members))
    most = max(sums)
    equals = [each for each, weight in zip(found, sums, strict=True) if weight == most]
    return min(equals, key=lambda each: str(each.host["host"]))
