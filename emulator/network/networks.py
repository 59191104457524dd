"""Networks: the segments that subnets and ports are on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from emulator.network import converters, provider, sharing, validators, wiring, zones
from emulator.network.attributes import (
    ENFORCE,
    FILTER,
    HIDDEN,
    NEUTRON_TIMES,
    NOT_SPECIFIED,
    POST,
    PUT,
    SORT,
    TAG_FILTERS,
    Values,
    attr,
    attributes,
    given,
)
from emulator.network.errors import (
    ExternalNetworkInUse,
    InvalidSharedSetting,
    NetworkInUse,
    NetworkMTUSubnetConflict,
    NetworkNotFound,
    QosPolicyNotFound,
)
from emulator.network.listing import Pages, anything
from emulator.network.qos import allocations as qos_allocations
from emulator.network.resource import Item, Resource, Row
from emulator.network.standard import bump, change, fresh, json_text, raw, times
from emulator.wire.request import Context

AUTOMATIC_OWNERS = ("network:dhcp", "network:distributed", "network:dvr_snat")
IPV4_MTU_MIN, IPV6_MTU_MIN = 68, 1280

# Schemas

ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("name", POST | PUT | FILTER | SORT, default="", check=validators.name()),
    attr("subnets", 0, default=[]),
    attr("admin_state_up", POST | PUT | FILTER | SORT, default=True, to=converters.boolean),
    attr("status", FILTER | SORT),
    attr("tenant_id", POST | FILTER | SORT, check=validators.string(255)),
    attr("shared", POST | PUT | FILTER | ENFORCE, default=False, to=converters.boolean),
    attr("ipv4_address_scope", 0),
    attr("ipv6_address_scope", 0),
    attr("router:external", POST | PUT | FILTER | ENFORCE, default=False, to=converters.boolean),
    attr("l2_adjacency", 0),
    attr("segments", POST | PUT | ENFORCE, default=NOT_SPECIFIED, check=provider.segment_list),
    attr(
        "mtu",
        POST | PUT | FILTER | SORT | ENFORCE,
        default=0,
        to=converters.integer,
        check=validators.non_negative,
    ),
    attr("availability_zones", 0),
    attr("availability_zone_hints", POST | SORT, default=[], check=validators.zone_hints),
    attr("ha", POST | HIDDEN, default=False, to=converters.boolean),
    attr("port_security_enabled", POST | PUT | ENFORCE, default=True, to=converters.boolean),
    *provider.ATTRIBUTES,
    attr("qos_policy_id", POST | PUT | ENFORCE, default=None, check=validators.uuid_or_none),
    attr("is_default", POST | PUT | FILTER | ENFORCE, default=False, to=converters.boolean),
    attr("dns_domain", POST | PUT, default="", to=converters.lower, check=validators.dns_domain),
    attr("description", POST | PUT | FILTER, default="", check=validators.string(255)),
    *NEUTRON_TIMES,
    *TAG_FILTERS,
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return networks as items: one query for their subnets, one for their segments."""
    ids = [row["id"] for row in rows]
    subnets = subnets_of(ctx, ids)
    segments = provider.segments_of(ctx, ids)
    served = zones.of_resources(ctx, ids)
    items = []
    for row in rows:
        own = subnets.get(row["id"], ())
        scopes = {each["ip_version"]: each["address_scope_id"] for each in own}
        item: Item = {
            "id": row["id"],
            "name": row["name"],
            "tenant_id": row["project_id"],
            "project_id": row["project_id"],
            "admin_state_up": bool(row["admin_state_up"]),
            "mtu": row["mtu"],
            "status": row["status"],
            "subnets": [each["id"] for each in own],
            "shared": bool(row["shared"]),
            "availability_zone_hints": raw(row["availability_zone_hints"]),
            "availability_zones": served.get(row["id"], []),
            "ipv4_address_scope": scopes.get(4),
            "ipv6_address_scope": scopes.get(6),
            "router:external": bool(row["router_external"]),
            "description": row["description"],
            "port_security_enabled": bool(row["port_security_enabled"]),
            "qos_policy_id": row["qos_policy_id"],
            "dns_domain": row["dns_domain"],
            "l2_adjacency": True,
            "tags": raw(row["tags"]),
            **times(row),
            **provider.shown(segments.get(row["id"], [])),
        }
        if row["router_external"] or ctx.request.method == "POST":
            item["is_default"] = bool(row["is_default"])
        items.append(item)
    return items


# Queries


def subnets_of(ctx: Context, network_ids: Sequence[str]) -> dict[str, list[Row]]:
    """Return id, version and address scope of the subnets of networks."""
    marks = ", ".join("?" * len(network_ids))
    found: dict[str, list[Row]] = defaultdict(list)
    for row in ctx.db.all(
        "SELECT s.id, s.network_id, s.ip_version, p.address_scope_id FROM network_subnets AS s"
        " LEFT JOIN network_subnetpools AS p ON p.id = s.subnetpool_id"
        f" WHERE s.network_id IN ({marks}) ORDER BY s.created_at, s.id",
        list(network_ids),
    ):
        found[row["network_id"]].append(row)
    return found


def ipv6_scope(ctx: Context, network_id: str | None) -> str | None:
    """Return the address scope of a network's version 6 subnets, if they have one."""
    found = subnets_of(ctx, [network_id])[network_id] if network_id else []
    return next((each["address_scope_id"] for each in found if each["ip_version"] == 6), None)


SEES = sharing.own_or_granted("network_networks", "network")


def get(ctx: Context, network_id: str) -> Row:
    """Return a network with `shared` for the caller, whoever owns it. NetworkNotFound if none."""
    row = ctx.db.one(
        f"SELECT *, {sharing.shared_column('network_networks')} FROM network_networks WHERE id = ?",
        (ctx.project_id, network_id),
    )
    if row is None:
        raise NetworkNotFound(net_id=network_id)
    return row


def facts(ctx: Context, network_id: Any) -> Mapping[str, Any]:
    """Return whose a network is and with whom it is shared, as policy rules ask for it."""
    row = ctx.db.one(
        f"SELECT project_id, router_external, {sharing.shared_column('network_networks')}"
        " FROM network_networks WHERE id = ?",
        (ctx.project_id, network_id),
    )
    if row is None:
        raise NetworkNotFound(net_id=network_id)
    return {
        "network:project_id": row["project_id"],
        "network:tenant_id": row["project_id"],
        "shared": bool(row["shared"]),
        "router:external": bool(row["router_external"]),
    }


def visible(ctx: Context, network_id: str) -> Row:
    """Return a network that the caller may use. NetworkNotFound when there is none."""
    row = get(ctx, network_id)
    if not (
        ctx.is_admin
        or row["project_id"] == ctx.project_id
        or row["shared"]
        or "service" in ctx.credentials.roles
        or is_granted(ctx, network_id)
    ):
        raise NetworkNotFound(net_id=network_id)
    return row


def is_granted(ctx: Context, network_id: str) -> bool:
    """Say whether the caller's project was given a network in any way."""
    return bool(
        ctx.db.value(
            "SELECT 1 FROM network_rbac_policies WHERE object_id = ? AND target_tenant IN ('*', ?)",
            (network_id, ctx.project_id),
        )
    )


def port_ids(ctx: Context, network_id: str) -> list[Row]:
    """Return id and owner of the ports on a network."""
    return ctx.db.all(
        "SELECT id, device_owner FROM network_ports WHERE network_id = ?"
        " ORDER BY created_at, rowid",
        (network_id,),
    )


def _other_users(ctx: Context, row: Row) -> bool:
    """Say whether ports or subnets of other projects are on a network."""
    values = (row["id"], row["project_id"])
    return bool(
        ctx.db.value(
            "SELECT 1 FROM network_ports WHERE network_id = ? AND project_id NOT IN ('', ?)"
            " AND device_owner NOT LIKE 'network:%'",
            values,
        )
        or ctx.db.value(
            "SELECT 1 FROM network_subnets WHERE network_id = ? AND project_id != ?", values
        )
    )


def _has_external_users(ctx: Context, network_id: str) -> bool:
    return bool(
        ctx.db.value(
            "SELECT 1 FROM network_ports WHERE network_id = ? AND device_owner IN"
            " ('network:router_gateway', 'network:floatingip')",
            (network_id,),
        )
    )


def _drop_idle_floating_ips(ctx: Context, network_id: str) -> None:
    """Delete the floating IPs of an external network that lead nowhere, with their ports."""
    idle = "SELECT {} FROM network_floatingips WHERE floating_network_id = ? AND port_id IS NULL"
    for table, column in (("network_ip_allocations", "port_id"), ("network_ports", "id")):
        ctx.db.execute(
            f"DELETE FROM {table} WHERE {column} IN ({idle.format('floating_port_id')})",
            (network_id,),
        )
    ctx.db.execute(
        "DELETE FROM network_floatingips WHERE floating_network_id = ? AND port_id IS NULL",
        (network_id,),
    )


def _clear_default(ctx: Context) -> None:
    ctx.db.execute("UPDATE network_networks SET is_default = 0 WHERE is_default = 1")


def _default_qos_policy(ctx: Context, project_id: str) -> str | None:
    found: str | None = ctx.db.value(
        "SELECT id FROM network_qos_policies WHERE project_id = ? AND is_default = 1",
        (project_id,),
    )
    return found


def _qos_policy_exists(ctx: Context, policy_id: str) -> bool:
    return bool(ctx.db.value("SELECT 1 FROM network_qos_policies WHERE id = ?", (policy_id,)))


# Operations


def create(ctx: Context, values: Values) -> str:
    """Create a network with its segments; return its id."""
    zones.check(ctx, values["availability_zone_hints"], "network")
    segments = provider.choose(ctx, values)
    external = values["router:external"]
    check_qos_policy(ctx, values["qos_policy_id"])
    policy_id = values["qos_policy_id"] or _default_qos_policy(ctx, values["project_id"])
    row = {
        **fresh(ctx, values, 1),
        "name": values["name"],
        "admin_state_up": int(values["admin_state_up"]),
        "status": "ACTIVE",
        "mtu": provider.mtu(segments, values["mtu"]),
        "router_external": int(external),
        "is_default": 0,
        "port_security_enabled": int(values["port_security_enabled"]),
        "qos_policy_id": policy_id,
        "dns_domain": values["dns_domain"],
        "availability_zone_hints": json_text(values["availability_zone_hints"]),
    }
    if external and values["is_default"]:
        _clear_default(ctx)
        row["is_default"] = 1
    ctx.db.insert("network_networks", row)
    provider.keep(ctx, row["id"], segments)
    if values["shared"]:
        sharing.grant(ctx, row, "network", sharing.SHARED)
    if external:
        sharing.grant(ctx, row, "network", sharing.EXTERNAL)
    network_id: str = row["id"]
    return network_id


def check_qos_policy(ctx: Context, policy_id: str | None) -> None:
    """Raise QosPolicyNotFound unless the policy exists."""
    if policy_id is not None and not _qos_policy_exists(ctx, policy_id):
        raise QosPolicyNotFound(policy_id=policy_id)


def update(ctx: Context, row: Row, values: Values) -> None:
    """Change a network, and with whom it is shared."""
    provider.change(ctx, row, values)
    wanted: Values = {
        name: given(values, name, NOT_SPECIFIED)
        for name in ("name", "qos_policy_id", "dns_domain", "description")
    }
    for name in ("admin_state_up", "port_security_enabled"):
        if name in values:
            wanted[name] = int(values[name])
    check_qos_policy(ctx, values.get("qos_policy_id"))
    if "mtu" in values:
        wanted["mtu"] = _checked_mtu(ctx, row, values["mtu"])
    is_reshared = "shared" in values and values["shared"] != bool(row["shared"])
    if is_reshared:
        if not values["shared"] and _other_users(ctx, row):
            raise InvalidSharedSetting(network=row["name"])
        sharing.set_shared(ctx, row, "network", values["shared"])
    if "router:external" in values:
        _set_external(ctx, row, values["router:external"])
        wanted["router_external"] = int(values["router:external"])
    if "is_default" in values and wanted.get("router_external", row["router_external"]):
        if values["is_default"]:
            _clear_default(ctx)
        wanted["is_default"] = int(values["is_default"])
    if not change(ctx, "network_networks", row, wanted) and is_reshared:
        bump(ctx, "network_networks", row["id"])
    if "qos_policy_id" in values:
        qos_allocations.network_changes(ctx, row, values["qos_policy_id"])


def _checked_mtu(ctx: Context, row: Row, mtu: int) -> int:
    segments = provider.segments_of(ctx, [row["id"]]).get(row["id"], [])
    own = provider.mtu([dict(each) for each in segments], mtu)
    subnets = subnets_of(ctx, [row["id"]]).get(row["id"], ())
    check_mtu(row["id"], own, [each["ip_version"] for each in subnets])
    return own


def check_mtu(network_id: str, mtu: int, ip_versions: Iterable[int]) -> None:
    """Refuse an MTU that is too small for subnets: for any of them, or for one of IPv6."""
    for ip_version in ip_versions:
        for least in (IPV4_MTU_MIN, IPV6_MTU_MIN if ip_version == 6 else 0):
            if mtu < least:
                raise NetworkMTUSubnetConflict(net_id=network_id, mtu=least)


def _set_external(ctx: Context, row: Row, external: bool) -> None:
    if external and not row["router_external"]:
        sharing.grant(ctx, row, "network", sharing.EXTERNAL)
    elif not external and row["router_external"]:
        if _has_external_users(ctx, row["id"]):
            raise ExternalNetworkInUse(net_id=row["id"])
        sharing.withdraw(ctx, row["id"], sharing.EXTERNAL)


def delete(ctx: Context, row: Row) -> None:
    """Remove a network with its subnets. NetworkInUse while ports of users are on it."""
    if row["router_external"]:
        _drop_idle_floating_ips(ctx, row["id"])
    ports = port_ids(ctx, row["id"])
    users = [each["id"] for each in ports if each["device_owner"] not in AUTOMATIC_OWNERS]
    if users:
        raise NetworkInUse(
            net_id=row["id"],
            reason="There are one or more ports still in use on the network, "
            f"id for these ports is: {','.join(users)}",
        )
    for each in ports:
        ctx.db.delete("network_ports", each["id"])
        wiring.forget(ctx, wiring.PORT, each["id"])
        ctx.db.delete("network_ip_allocations", each["id"], "port_id")
    for table in ("network_subnets", "network_segments", "network_auto_topologies"):
        ctx.db.delete(table, row["id"], "network_id")
    ctx.db.delete("network_agent_bindings", row["id"], "resource_id")
    sharing.forget(ctx, row["id"])
    ctx.db.delete("network_networks", row["id"])


def missing(network_id: str) -> Any:
    """Return what is raised for an id that no network has."""
    return NetworkNotFound(net_id=network_id)


NETWORK = Resource(
    member="network",
    collection="networks",
    path="/networks",
    table="network_networks",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    sees=SEES,
    columns=sharing.shared_column("network_networks"),
    filters={
        "shared": sharing.is_shared("network_networks"),
        "is_default": anything,
        **provider.FILTERS,
    },
    pages=Pages.CHECKED,
    blank_fields=True,
    facts_differ_by=("project_id", "shared", "router:external"),
)
