"""Subnet pools: prefixes that subnets are cut from."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.network import converters, ipam, sharing, validators
from emulator.network.attributes import (
    ENFORCE,
    FILTER,
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
    is_set,
)
from emulator.network.errors import (
    AddressScopeNotFound,
    AddressScopePrefixConflict,
    BadRequest,
    EmptySubnetPoolPrefixList,
    HTTPBadRequest,
    IllegalSubnetPoolAssociationToAddressScope,
    IllegalSubnetPoolIpVersionAssociationToAddressScope,
    IllegalSubnetPoolPrefixBounds,
    IllegalSubnetPoolPrefixUpdate,
    IllegalSubnetPoolUpdate,
    InvalidInput,
    MaxPrefixSubnetAllocationError,
    MinPrefixSubnetAllocationError,
    NetworkAddressScopeAffinityError,
    NetworkNotFound,
    NetworkSubnetPoolAffinityError,
    PrefixVersionMismatch,
    SubnetAllocationError,
    SubnetPoolDeleteError,
    SubnetPoolNotFound,
    SubnetPoolQuotaExceeded,
)
from emulator.network.resource import Item, Resource, Row
from emulator.network.standard import bump, change, fresh, json_text, parsed, raw, times
from emulator.wire.request import Context

BITS = {4: 32, 6: 128}
MIN_PREFIXLEN = {4: 8, 6: 64}
QUOTA_UNIT = {4: 32, 6: 64}  # the prefix length that a pool's quota counts in

# Schemas

NUMBER = POST | PUT | FILTER | SORT


def _number(name: str) -> Any:
    return attr(
        name,
        NUMBER,
        default=NOT_SPECIFIED,
        to=converters.integer,
        check=validators.non_negative,
    )


ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("name", NUMBER, check=validators.filled_name),
    attr("tenant_id", POST | FILTER | SORT, check=validators.string(255)),
    attr("prefixes", POST | PUT, check=validators.subnets),
    _number("default_quota"),
    attr("ip_version", FILTER | SORT),
    _number("default_prefixlen"),
    _number("min_prefixlen"),
    _number("max_prefixlen"),
    attr("is_default", NUMBER | ENFORCE, default=False, to=converters.boolean),
    attr("shared", POST | FILTER | SORT | ENFORCE, default=False, to=converters.boolean),
    attr("address_scope_id", NUMBER, default=NOT_SPECIFIED, check=validators.uuid_or_none),
    attr("description", POST | PUT | FILTER, default="", check=validators.string(255)),
    *NEUTRON_TIMES,
    *TAG_FILTERS,
)

# View


def view(ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return subnet pools as items; prefix lengths are texts on the wire."""
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "project_id": row["project_id"],
            "tenant_id": row["project_id"],
            "default_prefixlen": str(row["default_prefixlen"]),
            "min_prefixlen": str(row["min_prefixlen"]),
            "max_prefixlen": str(row["max_prefixlen"]),
            "is_default": bool(row["is_default"]),
            "shared": bool(row["shared"]),
            "prefixes": raw(row["prefixes"]),
            "ip_version": row["ip_version"],
            "default_quota": row["default_quota"],
            "address_scope_id": row["address_scope_id"],
            "description": row["description"],
            "tags": raw(row["tags"]),
            **times(row),
        }
        for row in rows
    ]


# Queries


def _default(ctx: Context, version: int) -> Row:
    return ctx.db.one(
        "SELECT * FROM network_subnetpools WHERE is_default = 1 AND ip_version = ?", (version,)
    )


def _usable(ctx: Context, pool_id: str) -> Row:
    """Return a pool that the caller may use. SubnetPoolNotFound when there is none."""
    row = ctx.db.one(
        "SELECT * FROM network_subnetpools WHERE id = ? AND (? OR project_id = ? OR id IN"
        " (SELECT object_id FROM network_rbac_policies WHERE target_tenant IN ('*', ?)))",
        (pool_id, ctx.is_admin, ctx.project_id, ctx.project_id),
    )
    if row is None:
        raise SubnetPoolNotFound(subnetpool_id=pool_id)
    return row


def _subnets_of(ctx: Context, pool_id: str) -> list[Row]:
    return ctx.db.all(
        "SELECT id, cidr, project_id, network_id FROM network_subnets WHERE subnetpool_id = ?",
        (pool_id,),
    )


def _neighbours(ctx: Context, network_id: str) -> list[Row]:
    """Return the subnets of a network with their pools and scopes."""
    return ctx.db.all(
        "SELECT s.id, s.cidr, s.ip_version, s.subnetpool_id, p.address_scope_id"
        " FROM network_subnets AS s LEFT JOIN network_subnetpools AS p ON p.id = s.subnetpool_id"
        " WHERE s.network_id = ?",
        (network_id,),
    )


def _pools_in(ctx: Context, scope_id: str) -> list[Row]:
    return ctx.db.all(
        "SELECT id, prefixes FROM network_subnetpools WHERE address_scope_id = ?", (scope_id,)
    )


def _scope_is_usable(ctx: Context, scope: Row) -> bool:
    return (
        ctx.is_admin
        or scope["project_id"] == ctx.project_id
        or sharing.granted(ctx, scope["id"], sharing.SHARED)
        or sharing.granted(ctx, scope["id"], sharing.SHARED, ctx.project_id)
    )


# Allocation


def chosen_pool(ctx: Context, values: Values) -> str | None:
    """Return the pool that a new subnet's prefix comes from, None when it names its own."""
    pool_id = given(values, "subnetpool_id")
    if values.get("use_default_subnetpool") is True:
        if pool_id:
            raise _bad("subnetpool_id and use_default_subnetpool cannot both be specified")
        row = _default(ctx, values["ip_version"])
        if row is None:
            raise _bad(f"No default subnetpool found for IPv{values['ip_version']}")
        found: str = row["id"]
        return found
    if not pool_id:
        return None
    if not is_set(values["cidr"]) and is_set(values["allocation_pools"]):
        raise _bad("allocation_pools allowed only for specific subnet requests.")
    if pool_id == ipam.DELEGATED:
        if is_set(values["cidr"]):
            return None
        _check_delegation(values)
    return str(pool_id)


def _check_delegation(values: Values) -> None:
    """Refuse what no delegated prefix can be used for."""
    if values["ip_version"] != 6:
        raise _bad("Prefix Delegation can only be used with IPv6 subnets.")
    for name, words in (("ipv6_ra_mode", "RA"), ("ipv6_address_mode", "Address")):
        if values.get(name) not in ("slaac", "dhcpv6-stateless"):
            raise _bad(f"IPv6 {words} Mode must be SLAAC or Stateless for Prefix Delegation.")


def _bad(msg: str) -> Exception:
    return BadRequest(resource="subnets", msg=msg)


def allocate(ctx: Context, pool_id: str, network: Row, values: Values) -> str:
    """Return the prefix for a new subnet: the one asked for, or the first free of its length."""
    pool = _usable(ctx, pool_id)
    version = pool["ip_version"]
    if values["ip_version"] != version:
        raise _bad(
            f"Cannot allocate IPv{values['ip_version']} subnet from IPv{version} subnet pool"
        )
    check_affinity(ctx, network, pool, version)
    cidr = given(values, "cidr")
    length = given(values, "prefixlen", pool["default_prefixlen"])
    if cidr is not None:
        length = ipaddress.ip_network(cidr).prefixlen
    if length > pool["max_prefixlen"]:
        raise MaxPrefixSubnetAllocationError(prefixlen=length, max_prefixlen=pool["max_prefixlen"])
    if length < pool["min_prefixlen"]:
        raise MinPrefixSubnetAllocationError(prefixlen=length, min_prefixlen=pool["min_prefixlen"])
    taken = _subnets_of(ctx, pool_id)
    _check_quota(pool, taken, length)
    free = _free(parsed(pool["prefixes"]), [row["cidr"] for row in taken])
    if cidr is not None:
        wanted = ipaddress.ip_network(cidr)
        if not any(wanted.subnet_of(block) for block in free):
            raise SubnetAllocationError(
                reason="Cannot allocate requested subnet from the available set of prefixes"
            )
        return str(cidr)
    for block in free:
        if block.prefixlen <= length:
            return str(next(block.subnets(new_prefix=length)))
    raise SubnetAllocationError(
        reason=f"Insufficient prefix space to allocate subnet size /{length}"
    )


def _check_quota(pool: Row, taken: Sequence[Row], length: int) -> None:
    quota = pool["default_quota"]
    if not quota:
        return
    unit = QUOTA_UNIT[pool["ip_version"]]
    lengths = [
        ipaddress.ip_network(row["cidr"]).prefixlen
        for row in taken
        if row["project_id"] == pool["project_id"]
    ]
    if sum(2.0 ** (unit - each) for each in (*lengths, length)) > quota:
        raise SubnetPoolQuotaExceeded()


def _free(prefixes: Sequence[str], taken: Sequence[str]) -> list[Any]:
    """Return what is left of the prefixes, longest prefix first."""
    blocks: list[Any] = [ipaddress.ip_network(each) for each in prefixes]
    for cidr in taken:
        hole: Any = ipaddress.ip_network(cidr)
        rest: list[Any] = []
        for block in blocks:
            if not block.overlaps(hole):
                rest.append(block)
            elif hole != block and hole.subnet_of(block):
                rest.extend(block.address_exclude(hole))
        blocks = rest
    merged = ipaddress.collapse_addresses(blocks)
    return sorted(merged, key=lambda block: (-block.prefixlen, int(block.network_address)))


def check_affinity(ctx: Context, network: Row, pool: Row | None, version: int) -> None:
    """Refuse subnets of several pools (or scopes) on one network."""
    neighbours = [each for each in _neighbours(ctx, network["id"]) if each["ip_version"] == version]
    scope = next((n["address_scope_id"] for n in neighbours if n["address_scope_id"]), None)
    if scope is not None and pool is not None and pool["address_scope_id"] != scope:
        raise NetworkAddressScopeAffinityError()
    for each in neighbours:
        if pool is None:
            if each["subnetpool_id"]:
                raise NetworkSubnetPoolAffinityError()
        elif each["subnetpool_id"] != pool["id"] and scope is None:
            raise NetworkSubnetPoolAffinityError()


def check_delegation_affinity(ctx: Context, network: Row) -> None:
    """Refuse a prefix that a provider is to give beside prefixes of version 6 that are known."""
    neighbours = [each for each in _neighbours(ctx, network["id"]) if each["ip_version"] == 6]
    if any(each["address_scope_id"] for each in neighbours):
        raise NetworkAddressScopeAffinityError()
    if any(each["subnetpool_id"] != ipam.DELEGATED for each in neighbours):
        raise NetworkSubnetPoolAffinityError()


# Operations


def _prefixes(given_prefixes: Sequence[str]) -> tuple[int, list[str]]:
    """Return the version of prefixes and the prefixes, those that touch joined."""
    if not given_prefixes:
        raise EmptySubnetPoolPrefixList()
    networks: list[Any] = [ipaddress.ip_interface(each).network for each in given_prefixes]
    if len({each.version for each in networks}) > 1:
        raise PrefixVersionMismatch()
    return networks[0].version, [str(each) for each in ipaddress.collapse_addresses(networks)]


def _bounds(values: Mapping[str, Any], version: int) -> dict[str, int]:
    """Return the three lengths, each within the others."""
    low = given(dict(values), "min_prefixlen", MIN_PREFIXLEN[version])
    high = given(dict(values), "max_prefixlen", BITS[version])
    default = given(dict(values), "default_prefixlen", low)
    checks = (
        ("min_prefixlen", low, "max_prefixlen", high, low > high),
        ("max_prefixlen", high, "ip_version_max", BITS[version], high > BITS[version]),
        ("default_prefixlen", default, "min_prefixlen", low, default < low),
        ("default_prefixlen", default, "max_prefixlen", high, default > high),
    )
    for name, value, other, bound, wrong in checks:
        if wrong:
            raise IllegalSubnetPoolPrefixBounds(
                prefix_type=name, prefixlen=value, base_prefix_type=other, base_prefixlen=bound
            )
    return {"min_prefixlen": low, "max_prefixlen": high, "default_prefixlen": default}


def _check_scope(
    ctx: Context, scope_id: str | None, pool_id: str, version: int, prefixes: Sequence[str]
) -> None:
    if scope_id is None:
        return
    scope = ctx.db.get("network_address_scopes", scope_id)
    if scope is None:
        raise AddressScopeNotFound(address_scope_id=scope_id)
    if not _scope_is_usable(ctx, scope):
        raise IllegalSubnetPoolAssociationToAddressScope(
            subnetpool_id=pool_id, address_scope_id=scope_id
        )
    if scope["ip_version"] != version:
        raise IllegalSubnetPoolIpVersionAssociationToAddressScope(
            subnetpool_id=pool_id, address_scope_id=scope_id, ip_version=scope["ip_version"]
        )
    own = [ipaddress.ip_network(each) for each in prefixes]
    for other in _pools_in(ctx, scope_id):
        theirs = [ipaddress.ip_network(each) for each in parsed(other["prefixes"])]
        if other["id"] != pool_id and any(a.overlaps(b) for a in own for b in theirs):
            raise AddressScopePrefixConflict()


def _check_default(ctx: Context, version: int) -> None:
    if _default(ctx, version) is not None:
        raise InvalidInput(
            error_message="A default subnetpool for this IP family has already been set. Only one"
            " default may exist per IP family"
        )


def create(ctx: Context, values: Values) -> str:
    """Create a pool; return its id."""
    version, prefixes = _prefixes(values["prefixes"])
    if values["is_default"]:
        _check_default(ctx, version)
    row = {
        **fresh(ctx, values),
        "name": values["name"],
        "prefixes": json_text(prefixes),
        "ip_version": version,
        "default_quota": given(values, "default_quota"),
        **_bounds(values, version),
        "is_default": int(values["is_default"]),
        "address_scope_id": given(values, "address_scope_id"),
    }
    _check_scope(ctx, row["address_scope_id"], row["id"], version, prefixes)
    ctx.db.insert("network_subnetpools", row)
    if values["shared"]:
        sharing.grant(ctx, row, "subnetpool", sharing.SHARED)
    pool_id: str = row["id"]
    return pool_id


def update(ctx: Context, row: Row, values: Values) -> None:
    """Change a pool; its prefixes may only grow."""
    version, prefixes = row["ip_version"], parsed(row["prefixes"])
    wanted: Values = {n: values[n] for n in ("name", "description") if n in values}
    if "prefixes" in values:
        new_version, prefixes = _prefixes(values["prefixes"])
        _refuse_shrinking(row, prefixes if new_version == version else [])
        wanted["prefixes"] = json_text(prefixes)
    whole = {name: values.get(name, row[name]) for name in (
        "min_prefixlen", "max_prefixlen", "default_prefixlen",
    )}  # fmt: skip
    wanted.update(_bounds(whole, version))
    if "default_quota" in values:
        wanted["default_quota"] = given(values, "default_quota")
    if "is_default" in values:
        if values["is_default"] and not row["is_default"]:
            _check_default(ctx, version)
        wanted["is_default"] = int(values["is_default"])
    scope_id = values.get("address_scope_id", row["address_scope_id"])
    _check_scope(ctx, scope_id, row["id"], version, prefixes)
    wanted["address_scope_id"] = scope_id
    if not change(ctx, "network_subnetpools", row, wanted):
        bump(ctx, "network_subnetpools", row["id"])  # Neutron writes all of it again


def _refuse_shrinking(row: Row, prefixes: Sequence[str]) -> None:
    new = [ipaddress.ip_network(each) for each in prefixes]
    for old in parsed(row["prefixes"]):
        network: Any = ipaddress.ip_network(old)
        if not any(network.subnet_of(each) for each in new):
            raise IllegalSubnetPoolPrefixUpdate(
                msg="Existing prefixes must be a subset of the new prefixes"
            )


def delete(ctx: Context, row: Row) -> None:
    """Delete a pool that nothing was cut from."""
    if _subnets_of(ctx, row["id"]):
        raise SubnetPoolDeleteError(reason="Subnet pool has existing allocations")
    sharing.forget(ctx, row["id"])
    ctx.db.delete("network_subnetpools", row["id"])


def add_prefixes(ctx: Context, row: Row, body: Any) -> dict[str, Any]:
    """Let more prefixes be cut."""
    prefixes = [*parsed(row["prefixes"]), *_given_prefixes(body)]
    update(ctx, row, {"prefixes": prefixes})
    return {"prefixes": parsed(ctx.db.get("network_subnetpools", row["id"])["prefixes"])}


def remove_prefixes(ctx: Context, row: Row, body: Any) -> dict[str, Any]:
    """Take prefixes away that nothing was cut from."""
    holes = [str(ipaddress.ip_interface(each).network) for each in _given_prefixes(body)]
    for subnet in _subnets_of(ctx, row["id"]):
        network = ipaddress.ip_network(subnet["cidr"])
        if any(network.overlaps(ipaddress.ip_network(each)) for each in holes):
            raise IllegalSubnetPoolPrefixUpdate(
                msg="One or more the prefixes to be removed is in use by a subnet."
            )
    left = [str(each) for each in _free(parsed(row["prefixes"]), holes)]
    change(ctx, "network_subnetpools", row, {"prefixes": json_text(left)})
    return {"prefixes": left}


def _given_prefixes(body: Any) -> list[str]:
    given_prefixes = body.get("prefixes") if isinstance(body, dict) else None
    reason = validators.subnets(given_prefixes)
    if reason:
        raise HTTPBadRequest(f"Invalid input for prefixes. Reason: {reason}.")
    return list(given_prefixes or ())


def onboard(ctx: Context, row: Row, body: Any) -> Any:
    """Take the subnets of a network into a pool."""
    network_id = body.get("network_id") if isinstance(body, dict) else None
    if network_id is None:
        raise InvalidInput(error_message="network_id must be specified.")
    if ctx.db.get("network_networks", network_id) is None:
        raise NetworkNotFound(net_id=network_id)
    taken = [ipaddress.ip_network(each["cidr"]) for each in _subnets_of(ctx, row["id"])]
    found = [
        each for each in _neighbours(ctx, network_id) if each["ip_version"] == row["ip_version"]
    ]
    for subnet in found:
        if any(ipaddress.ip_network(subnet["cidr"]).overlaps(each) for each in taken):
            raise IllegalSubnetPoolUpdate(
                reason=f"Onboarding subnet {subnet['id']}: {subnet['cidr']} conflicts with"
                f" allocated prefixes in subnet pool {row['id']}"
            )
    update(ctx, row, {"prefixes": [*parsed(row["prefixes"]), *(s["cidr"] for s in found)]})
    for subnet in found:
        ctx.db.update("network_subnets", subnet["id"], subnetpool_id=row["id"])
        bump(ctx, "network_subnets", subnet["id"])
    return [{"id": subnet["id"], "cidr": subnet["cidr"]} for subnet in found]


def missing(pool_id: str) -> Any:
    """Return what is raised for an id that no pool has."""
    return SubnetPoolNotFound(subnetpool_id=pool_id)


SUBNETPOOL = Resource(
    member="subnetpool",
    collection="subnetpools",
    path="/subnetpools",
    table="network_subnetpools",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    sees=sharing.own_or_granted("network_subnetpools", "subnetpool"),
    columns=sharing.shared_column("network_subnetpools"),
    unsortable={"shared": "subnetpools"},
    bulk=False,
    filters={"shared": sharing.is_shared("network_subnetpools")},
    facts_differ_by=("project_id", "shared"),
)
