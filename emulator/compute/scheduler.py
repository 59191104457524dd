"""The scheduler: chooses the host a server goes to.

In the order of Nova 34.0.0 (nova.scheduler.manager): what Placement can tell (room, traits, zone,
disabled hosts, a requested host) first, then the filters, then the weights; ties go by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from emulator.compute import (
    availability_zones,
    capabilities,
    cells,
    nodes,
    resource_groups,
    services,
    weights,
)
from emulator.compute.errors import NoValidHost
from emulator.compute.weights import Candidate
from emulator.placement import candidate_search, candidates
from emulator.placement.candidate_search import Provider
from emulator.placement.request_groups import Groups, Wide
from emulator.wire.request import Context

NOT_ENOUGH = "There are not enough hosts available."
DEFAULT_ZONE = availability_zones.DEFAULT_ZONE
AGGREGATE_SCOPE = "aggregate_instance_extra_specs:"


class Group(NamedTuple):
    """The server group of what is to be placed: its policy, and how many members each host has."""

    policy: str
    members: Mapping[str, int] = MappingProxyType({})
    max_server_per_host: int = 1


class Spec(NamedTuple):
    """What is to be placed, and where it may go.

    `disk_gb` is what the flavor takes of the host: root, ephemeral and swap, or less when it boots
    from a volume. `requested_host` and `requested_node` must pass the filters (microversion 2.74,
    migrations); `forced_host` and `forced_node` need not (zone:host:node). `different_host` and
    `same_host` are names of hosts (None: any will do). `current_host` is where the server is now,
    which anti-affinity does not hold against it. `unasked`: the forced host is taken past the
    scheduler, disabled or not, if it has room (forced moves). `ports` are the groups that its ports
    ask for, `same_subtrees` those of them that must be close together.
    """

    vcpus: int
    memory_mb: int
    disk_gb: int
    extra_specs: Mapping[str, str] = MappingProxyType({})
    image_properties: Mapping[str, Any] = MappingProxyType({})
    availability_zone: str | None = None
    requested_host: str | None = None
    requested_node: str | None = None
    forced_host: str | None = None
    forced_node: str | None = None
    ignore_hosts: Sequence[str] = ()
    different_host: Sequence[str] = ()
    same_host: Sequence[str] | None = None
    group: Group | None = None
    current_host: str | None = None
    unasked: bool = False
    ports: Groups | None = None
    same_subtrees: Sequence[set[str]] = ()


class HostChoice(NamedTuple):
    """Where a server goes; `resources` are what is to be claimed of the host's own provider.

    `others` are what is to be claimed of the providers below it: {uuid: {class: amount}}.
    """

    host: str
    node: str
    provider_uuid: str
    zone: str
    resources: Mapping[str, int]
    others: Mapping[str, Mapping[str, int]] = MappingProxyType({})


Filter = Callable[[Context, Candidate, Spec], bool]
"""A filter(ctx, candidate, spec) says whether a host will do."""


def select(ctx: Context, spec: Spec) -> HostChoice:
    """Return the host for a server. NoValidHost when there is none."""
    resources = resources_of(spec)
    _check_target(ctx, spec)
    if spec.ports or resource_groups.are_asked(spec.extra_specs):
        found = _with_room_together(ctx, spec)
    else:
        found = _with_room(ctx, spec, resources)
    if not found:
        raise NoValidHost(reason="")
    found = _passing(ctx, spec, found)
    if not found:
        raise NoValidHost(reason=NOT_ENOUGH)
    chosen = _best(ctx, found, spec.group)
    host = chosen.host
    others: dict[str, Mapping[str, int]] = {}
    if chosen.taken is not None:
        others = dict(chosen.taken)
        resources = dict(others.pop(host["uuid"], {}))
    return _choice(ctx, host, resources, others)


def _best(ctx: Context, found: list[Candidate], group: Group | None) -> Candidate:
    """The candidate that is liked best; of a soft policy of the server group more so."""
    is_soft = group is not None and group.policy.startswith("soft-")
    soft = (group.policy, group.members) if group is not None and is_soft else None
    return weights.best(found, weights.multipliers_of(ctx, found), soft=soft)


def asks_the_same(spec: Spec) -> bool:
    """Say whether nothing but room is asked of a host that changes with the servers on it."""
    specs = spec.extra_specs
    if spec.group or spec.ports:
        return False
    return not (resource_groups.are_asked(specs) or capabilities.are_asked(specs))


def select_each(ctx: Context, spec: Spec, count: int) -> list[HostChoice]:
    """Return hosts for so many servers alike, fewer when no more have room.

    Each is chosen as if those before it had made their claims. The spec must be one that asks
    every time the same of a host (`asks_the_same`), but for room.
    """
    resources = resources_of(spec)
    found = _passing(ctx, spec, _with_room(ctx, spec, resources))
    found = [Candidate(each.host, dict(each.room)) for each in found]
    multipliers = weights.multipliers_of(ctx, found)
    known: dict[str, HostChoice] = {}
    choices: list[HostChoice] = []
    while found and len(choices) < count:
        chosen = weights.best(found, multipliers)
        name = chosen.host["host"]
        if name not in known:
            known[name] = _choice(ctx, chosen.host, resources, {})
        choices.append(known[name])
        for each, amount in resources.items():
            chosen.room[f"{each}_used"] += amount
        if not _has_room(chosen.room, resources):
            found.remove(chosen)
    return choices


def _choice(
    ctx: Context,
    host: Any,
    resources: Mapping[str, int],
    others: Mapping[str, Mapping[str, int]],
) -> HostChoice:
    return HostChoice(
        host["host"],
        host["hypervisor_hostname"],
        host["uuid"],
        availability_zones.of_host(ctx, host["host"]),
        resources,
        others,
    )


def _has_room(room: Mapping[str, float], resources: Mapping[str, int]) -> bool:
    """Say whether so much more may be used."""
    return all(
        room[f"{name}_used"] + amount <= room[f"{name}_capacity"]
        for name, amount in resources.items()
    )


def _check_target(ctx: Context, spec: Spec) -> None:
    """Refuse a host or node by name that no host has."""
    host, node = spec.requested_host or spec.forced_host, spec.requested_node or spec.forced_node
    if (host or node) and not _is_host(ctx, host, node):
        raise NoValidHost(reason=f"No such host - host: {host} node: {node} ")


def resources_of(spec: Spec) -> dict[str, int]:
    """Return the amounts a server claims, those that its flavor overrides with `resources:` too."""
    resources = _of_flavor(spec)
    for name, value in spec.extra_specs.items():
        if name.startswith("resources:") and value.isdigit():
            resources[name[len("resources:") :]] = int(value)
    return {name: amount for name, amount in resources.items() if amount}


def _of_flavor(spec: Spec) -> dict[str, int]:
    """The amounts of the flavor itself."""
    resources = {"VCPU": spec.vcpus, "MEMORY_MB": spec.memory_mb}
    if spec.disk_gb:
        resources["DISK_GB"] = spec.disk_gb
    return resources


# Queries

BRIEF = "h.uuid, h.host, h.hypervisor_hostname, h.hypervisor_version"


def _hosts(ctx: Context, spec: Spec) -> list[Any]:
    """The hosts that are enabled, and that have the zone and name asked for.

    Of a flavor or an image that asks something of hosts, with all that is known of them.
    """
    columns = "h.*" if spec.extra_specs or spec.image_properties else BRIEF
    conditions, values = ["1" if spec.unasked else "NOT s.disabled"], []
    for column, value in (
        ("h.host", spec.requested_host),
        ("h.hypervisor_hostname", spec.requested_node),
        ("h.host", spec.forced_host),
        ("h.hypervisor_hostname", spec.forced_node),
    ):
        if value is not None:
            conditions.append(f"{column} = ?")
            values.append(value)
    zone = spec.availability_zone
    if zone and not spec.unasked and _is_aggregate_zone(ctx, zone):
        conditions.append(
            "h.host IN (SELECT m.host FROM compute_aggregate_hosts m JOIN compute_aggregates a"
            " ON a.id = m.aggregate_id WHERE a.availability_zone = ?)"
        )
        values.append(zone)
    found = ctx.db.all(
        f"SELECT {columns}, {nodes.FAILED_BUILDS} AS failures, {services.DOWN} FROM compute_hosts h"
        " JOIN compute_services s ON s.host = h.host AND s.binary = 'nova-compute'"
        f" WHERE {' AND '.join(conditions)}",
        values,
    )
    return list(cells.reachable(ctx, found))


def _is_host(ctx: Context, host: str | None, node: str | None) -> bool:
    sql = (
        "SELECT 1 FROM compute_hosts WHERE host = coalesce(?, host)"
        " AND hypervisor_hostname = coalesce(?, hypervisor_hostname) LIMIT 1"
    )
    return ctx.db.one(sql, (host, node)) is not None


def _is_aggregate_zone(ctx: Context, zone: str) -> bool:
    """Say whether a zone is some aggregate's: the default one restricts nothing."""
    sql = "SELECT 1 FROM compute_aggregates WHERE availability_zone = ? LIMIT 1"
    return ctx.db.value(sql, (zone,)) is not None


def _aggregate_metadata(ctx: Context, host: str) -> dict[str, set[str]]:
    """What the aggregates of a host say, all together."""
    rows = ctx.db.all(
        "SELECT a.metadata FROM compute_aggregate_hosts m"
        " JOIN compute_aggregates a ON a.id = m.aggregate_id WHERE m.host = ?",
        (host,),
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        for name, value in orjson.loads(row["metadata"]).items():
            found.setdefault(name, set()).update(each.strip() for each in value.split(","))
    return found


def _with_room(ctx: Context, spec: Spec, resources: Mapping[str, int]) -> list[Candidate]:
    """The hosts that Placement would offer."""
    required, forbidden = _traits(spec)
    hosts = {host["uuid"]: host for host in _hosts(ctx, spec)}
    return [
        Candidate(hosts[room["uuid"]], room)
        for room in candidates.providers_with_room(ctx, resources, required, forbidden)
        if room["uuid"] in hosts
    ]


def _with_room_together(ctx: Context, spec: Spec) -> list[Candidate]:
    """The hosts that Placement would offer together with the providers below them."""
    image = spec.image_properties.items()
    required = [name[6:] for name, value in image if name[:6] == "trait:" and value == "required"]
    groups = resource_groups.of(spec.extra_specs, _of_flavor(spec), required)
    policy = resource_groups.policy_of(spec.extra_specs, groups, spec.ports or {})
    groups.update(spec.ports or {})
    if not resource_groups.can_be_asked(groups, policy):
        return []
    names = {services.DISABLED_TRAIT}
    for asked in groups.values():
        names |= asked.forbidden.union(*asked.required)
    wide = Wide(
        isolate=policy == "isolate",
        root_forbidden=frozenset((services.DISABLED_TRAIT,)),
        same_subtrees=list(spec.same_subtrees),
    )
    providers = candidate_search.load(ctx, names)
    hosts = {host["uuid"]: host for host in _hosts(ctx, spec)}
    found: dict[str, Candidate] = {}
    for each in candidate_search.search(providers, groups, wide, nested=True):
        taken: dict[str, dict[str, int]] = {}
        for (number, name), amount in each.amounts.items():
            taken.setdefault(providers[number].uuid, {})[name] = amount
        for number, _ in each.amounts:
            root = providers[providers[number].root_id]
            if root.uuid in hosts:
                found.setdefault(root.uuid, Candidate(hosts[root.uuid], _room_of(root), taken))
                break
    return list(found.values())


def _room_of(provider: Provider) -> dict[str, float]:
    """What is used and what may be used of a provider, named as in candidates."""
    room: dict[str, float] = {}
    for name, row in provider.inventories.items():
        room[f"{name}_used"] = row["used"]
        room[f"{name}_capacity"] = (row["total"] - row["reserved"]) * row["allocation_ratio"]
    return room


def _traits(spec: Spec) -> tuple[list[str], list[str]]:
    """The traits that flavor and image require and forbid."""
    required: list[str] = []
    if spec.unasked:
        return required, []
    forbidden = [services.DISABLED_TRAIT]
    for source in (spec.extra_specs, spec.image_properties):
        for name, value in source.items():
            if name.startswith("trait:"):
                {"required": required, "forbidden": forbidden}.get(value, []).append(name[6:])
    return required, forbidden


# Filters


def _passing(ctx: Context, spec: Spec, found: list[Candidate]) -> list[Candidate]:
    """The candidates that the filters let through; a forced host need not pass them."""
    if spec.ignore_hosts:
        ignored = {name.lower() for name in spec.ignore_hosts}
        found = [each for each in found if each.host["host"].lower() not in ignored]
    if spec.forced_host or spec.forced_node:
        return found
    filters = [compute_is_up]
    if spec.extra_specs:
        filters += [capabilities_match, aggregate_extra_specs_match]
    if spec.image_properties:
        filters.append(image_properties_match)
    if spec.different_host or spec.same_host is not None:
        filters.append(hints_match)
    if spec.group is not None:
        filters.append(group_policy_holds)
    for each in filters:
        found = [candidate for candidate in found if each(ctx, candidate, spec)]
    return found


def compute_is_up(ctx: Context, candidate: Candidate, spec: Spec) -> bool:
    """Say whether the host's nova-compute is up (ComputeFilter)."""
    return not candidate.host["down"]


def capabilities_match(ctx: Context, candidate: Candidate, spec: Spec) -> bool:
    """Compare `capabilities:` extra specs with what the host is (ComputeCapabilitiesFilter)."""
    return capabilities.satisfied(candidate.host, candidate.room, spec.extra_specs)


def aggregate_extra_specs_match(ctx: Context, candidate: Candidate, spec: Spec) -> bool:
    """Compare scoped extra specs with the host's aggregates (AggregateInstanceExtraSpecsFilter)."""
    asked = {
        name[len(AGGREGATE_SCOPE) :]: value
        for name, value in spec.extra_specs.items()
        if name.startswith(AGGREGATE_SCOPE)
    }
    if not asked:
        return True
    held = _aggregate_metadata(ctx, candidate.host["host"])
    return all(
        any(capabilities.compare(value, wanted) for value in held.get(name, ()))
        for name, wanted in asked.items()
    )


def image_properties_match(ctx: Context, candidate: Candidate, spec: Spec) -> bool:
    """Compare architecture, hypervisor and mode of the image (ImagePropertiesFilter)."""
    return capabilities.can_run(candidate.host, spec.image_properties)


def hints_match(ctx: Context, candidate: Candidate, spec: Spec) -> bool:
    """Hold to the scheduler hints same_host and different_host."""
    host = candidate.host["host"]
    if host in spec.different_host:
        return False
    return spec.same_host is None or host in spec.same_host


def group_policy_holds(ctx: Context, candidate: Candidate, spec: Spec) -> bool:
    """Hold to the hard policies of the server group."""
    group, host = spec.group, candidate.host["host"]
    if group is None:
        return True
    if group.policy == "affinity":
        return not group.members or host in group.members
    if group.policy == "anti-affinity" and host != spec.current_host:
        return group.members.get(host, 0) < group.max_server_per_host
    return True
