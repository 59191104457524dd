"""Ports: created, changed and deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from emulator.network import dns, ipam, networks, security_groups, wiring
from emulator.network.attributes import NOT_SPECIFIED, Values, given, is_set
from emulator.network.errors import (
    AddressPairAndPortSecurityRequired,
    DeviceIDNotOwnedByTenant,
    MacAddressInUse,
    PortBound,
    PortInUseAsSubPort,
    PortInUseAsTrunkParent,
    PortNotFound,
    PortSecurityAndIPRequiredForSecurityGroups,
    PortSecurityPortHasSecurityGroup,
    SecurityGroupConflict,
    SecurityGroupNotFound,
    ServicePortInUse,
    UnsupportedPortDeviceOwner,
)
from emulator.network.ports import bindings, queries
from emulator.network.qos import allocations as qos_allocations
from emulator.network.qos import rules as qos_rules
from emulator.network.resource import Row
from emulator.network.standard import bump, change, json_text, ordered_tags, parsed
from emulator.wire.request import Context

ROUTER_OWNERS = (*ipam.ROUTER_OWNERS, "network:router_gateway", "network:floatingip")
MAC_TRIES = 16

# Create


def create(ctx: Context, values: Values) -> str:
    """Create a port with its addresses; return its id."""
    made = make(ctx, draft(ctx, values))
    policy_id = made.row["qos_policy_id"] or qos_allocations.policy_of_network(
        ctx, values["network_id"]
    )
    qos_rules.check_port(ctx, made.row, policy_id)
    keep(ctx, [made])
    port_id: str = made.row["id"]
    return port_id


class Draft(NamedTuple):
    """A port that may be made, and others alike: all but its MAC, its addresses and its id."""

    values: Values
    subnets: Sequence[Row]
    groups: Sequence[str]
    columns: Mapping[str, Any]


def draft(ctx: Context, values: Values) -> Draft:
    """Check what a port is to be like."""
    network = networks.visible(ctx, values["network_id"])
    owner = values["device_owner"]
    _check_device(ctx, owner, values["device_id"], values["project_id"])
    networks.check_qos_policy(ctx, values["qos_policy_id"])
    secure = _is_secured(values, network, owner)
    groups = _groups_of_new(ctx, values, owner, secure=secure)
    columns = {
        "project_id": values.get("project_id", ""),
        "description": values.get("description", ""),
        "revision_number": 1,
        "name": values["name"],
        "network_id": network["id"],
        "admin_state_up": int(values["admin_state_up"]),
        "status": values.get("status", "DOWN"),
        "device_id": values["device_id"],
        "device_owner": owner,
        "ip_allocation": "none" if values["fixed_ips"] == [] else "immediate",
        "port_security_enabled": int(secure),
        "allowed_address_pairs": "[]",
        "extra_dhcp_opts": json_text(_dhcp_options([], values["extra_dhcp_opts"])),
        "binding_vnic_type": values["binding:vnic_type"],
        "binding_profile": json_text(given(values, "binding:profile") or {}),
        "qos_policy_id": values["qos_policy_id"],
        "propagate_uplink_status": int(values["propagate_uplink_status"]),
        "dns_name": "",
        "dns_domain": "",
        **dns.kept(ctx, values),
        "device_profile": values["device_profile"],
        "numa_affinity_policy": values["numa_affinity_policy"],
        "trusted": _number(given(values, "trusted")),
        "tags": json_text(ordered_tags(given(values, "tags", []))),
        "made_for_server": int(values.get("made_for_server", False)),
        "nic_tag": values.get("nic_tag"),
    }
    columns.update(bindings.columns(ctx, given(values, "binding:host_id") or "", columns))
    return Draft(values, ipam.serving(ctx, network["id"], owner), groups, columns)


@dataclass(slots=True)
class Made:
    """A port that is made but not stored yet."""

    row: dict[str, Any]
    addresses: Sequence[ipam.FixedIp]
    groups: Sequence[str]


def make(ctx: Context, draft: Draft, given_out: ipam.GivenOut = ipam.NOTHING, **own: Any) -> Made:
    """Make a port from a draft, with columns of its own; `given_out` is not free any more."""
    values, network_id = draft.values, draft.columns["network_id"]
    mac = given(values, "mac_address")
    if mac is None:
        mac = fresh_mac(ctx, network_id, given_out)
    elif queries.mac_is_taken(ctx, network_id, mac):
        raise MacAddressInUse(net_id=network_id, mac=mac)
    owner, wanted = draft.columns["device_owner"], values["fixed_ips"]
    addresses = ipam.choose(ctx, network_id, mac, wanted, draft.subnets, owner, given_out=given_out)
    now = ctx.timestamp
    row = {
        **draft.columns,
        **own,
        "id": ctx.ids.uuid(),
        "mac_address": mac,
        "created_at": now,
        "updated_at": now,
    }
    if given(values, "allowed_address_pairs"):
        pairs = _pairs(values, mac, secure=bool(row["port_security_enabled"]))
        row["allowed_address_pairs"] = json_text(pairs)
    return Made(row, addresses, draft.groups)


def keep(ctx: Context, ports: Sequence[Made]) -> None:
    """Store ports that are made."""
    ctx.db.insert_all("network_ports", (each.row for each in ports))
    ipam.keep_all(ctx, ((each.row, each.addresses) for each in ports))
    queries.add_groups(ctx, ((each.row["id"], each.groups) for each in ports))
    wiring.heed(ctx, wiring.PORT, (p.row["id"] for p in ports if p.row["status"] == wiring.ACTIVE))


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


def fresh_mac(ctx: Context, network_id: str, given_out: ipam.GivenOut = ipam.NOTHING) -> str:
    """Return a MAC that no port of the network has."""
    for _ in range(MAC_TRIES):
        mac = ctx.ids.mac()
        if (network_id, mac) not in given_out and not queries.mac_is_taken(ctx, network_id, mac):
            return mac
    raise MacAddressInUse(net_id=network_id, mac=mac)


def _check_device(ctx: Context, owner: str, device_id: str, project_id: str) -> None:
    """Refuse a port that says it belongs to another project's router."""
    if owner in ipam.ROUTER_OWNERS and not ctx.is_admin and device_id:
        router_owner = queries.router_owner(ctx, device_id)
        if router_owner is not None and router_owner != project_id:
            raise DeviceIDNotOwnedByTenant(device_id=device_id)


def _is_secured(values: Values, network: Row, owner: str) -> bool:
    """Say whether addresses are checked on a new port: as its network says, if it does not."""
    if owner.startswith("network:"):
        return False
    return bool(given(values, "port_security_enabled", network["port_security_enabled"]))


def _groups_of_new(ctx: Context, values: Values, owner: str, *, secure: bool) -> Sequence[str]:
    wanted = values["security_groups"]
    if owner.startswith("network:"):
        return []
    if not secure:
        if is_set(wanted) and wanted:
            raise PortSecurityAndIPRequiredForSecurityGroups()
        return []
    if wanted is NOT_SPECIFIED:
        group = security_groups.ensure_default(ctx, values["project_id"])
        return [group] if group else []
    _check_groups(ctx, wanted, values["project_id"])
    return list(wanted)


def _check_groups(ctx: Context, wanted: Sequence[str], project_id: str) -> None:
    if not wanted:
        return
    known = security_groups.usable(ctx, wanted, project_id)
    unknown = [each for each in wanted if each not in known]
    if unknown:
        raise SecurityGroupNotFound(id=", ".join(unknown))
    if len(queries.stateful_kinds(ctx, wanted)) > 1:
        raise SecurityGroupConflict(
            reason="Cannot apply both stateful and stateless security groups on the same port at"
            " the same time"
        )


def _pairs(values: Values, mac: str, *, secure: bool) -> list[dict[str, str]]:
    pairs = given(values, "allowed_address_pairs", []) or []
    if pairs and not secure:
        raise AddressPairAndPortSecurityRequired()
    return [
        {
            "mac_address": each.get("mac_address") or mac,
            "ip_address": each["ip_address"],
        }
        for each in pairs
    ]


def _dhcp_options(before: list[Any], wanted: Any) -> list[dict[str, Any]]:
    """Return a port's DHCP options: those named take the place of old ones, null takes one away."""
    options = {(each["opt_name"], each["ip_version"]): each for each in before}
    for each in wanted or ():
        version = int(each.get("ip_version", 4))
        key = (each["opt_name"], version)
        if each["opt_value"] is None:
            options.pop(key, None)
        else:
            options[key] = {
                "opt_name": each["opt_name"],
                "opt_value": each["opt_value"],
                "ip_version": version,
            }
    return list(options.values())


# Update


def update(ctx: Context, row: Row, values: Values) -> None:
    """Change a port: its addresses, groups, binding and the rest."""
    owner = values.get("device_owner", row["device_owner"])
    if "device_owner" in values or values.get("device_id", row["device_id"]) != row["device_id"]:
        device_id = values.get("device_id", row["device_id"])
        _check_device(ctx, owner, device_id, row["project_id"])
    networks.check_qos_policy(ctx, values.get("qos_policy_id"))
    if "qos_policy_id" in values:
        if values["qos_policy_id"] != row["qos_policy_id"]:
            qos_rules.check_port(ctx, row, values["qos_policy_id"])
        profile = qos_allocations.port_changes(ctx, row, values["qos_policy_id"])
        values = values if profile is None else {**values, "binding:profile": profile}
    wanted: Values = {
        name: values[name]
        for name in (
            "name", "description", "device_id", "device_owner", "qos_policy_id",
            "numa_affinity_policy",
        )
        if name in values
    }  # fmt: skip
    wanted.update(dns.kept(ctx, values))
    for name in ("admin_state_up", "propagate_uplink_status", "trusted"):
        if name in values:
            wanted[name] = int(values[name])
    mac = _changed_mac(ctx, row, values, owner)
    if mac is not None:
        wanted["mac_address"] = mac
    secure = bool(values.get("port_security_enabled", row["port_security_enabled"]))
    wanted["port_security_enabled"] = int(secure)
    changed = _update_groups(ctx, row, values, secure=secure)
    if "allowed_address_pairs" in values:
        pairs = _pairs(values, mac or row["mac_address"], secure=secure)
        wanted["allowed_address_pairs"] = json_text(pairs)
    elif not secure and parsed(row["allowed_address_pairs"]):
        raise AddressPairAndPortSecurityRequired()
    if values.get("extra_dhcp_opts") is not None:
        options = _dhcp_options(parsed(row["extra_dhcp_opts"]), values["extra_dhcp_opts"])
        wanted["extra_dhcp_opts"] = json_text(options)
    binding = bindings.changes(ctx, row, values)
    wanted.update(binding)
    if "binding_host_id" in binding and queries.trunks_of(ctx, [row["id"]]):
        queries.follow_parent(ctx, row["id"], binding)
    if "fixed_ips" in values or mac is not None:
        changed |= _update_addresses(ctx, row, values, mac or row["mac_address"], owner)
    if not change(ctx, "network_ports", row, wanted) and changed:
        bump(ctx, "network_ports", row["id"])
    bound = "binding_host_id" in binding and binding["status"] == wiring.ACTIVE
    wiring.heed(ctx, wiring.PORT, [row["id"]] if bound else [])


def _changed_mac(ctx: Context, row: Row, values: Values, owner: str) -> str | None:
    mac: str | None = values.get("mac_address")
    if mac is None or mac == row["mac_address"]:
        return None
    if owner.startswith("network:"):
        raise UnsupportedPortDeviceOwner(
            op="mac address update", port_id=row["id"], device_owner=owner
        )
    if row["binding_host_id"]:
        raise PortBound(
            port_id=row["id"],
            vif_type=row["binding_vif_type"],
            old_mac=row["mac_address"],
            new_mac=mac,
        )
    if queries.mac_is_taken(ctx, row["network_id"], mac):
        raise MacAddressInUse(net_id=row["network_id"], mac=mac)
    return mac


def _update_groups(ctx: Context, row: Row, values: Values, *, secure: bool) -> bool:
    before = queries.groups_of(ctx, [row["id"]]).get(row["id"], [])
    wanted = values.get("security_groups", before)
    if wanted and not secure:
        if "security_groups" in values:
            raise PortSecurityAndIPRequiredForSecurityGroups()
        raise PortSecurityPortHasSecurityGroup()
    if sorted(wanted) == sorted(before):
        return False
    _check_groups(ctx, wanted, row["project_id"])
    queries.set_groups(ctx, row["id"], wanted)
    return True


def _update_addresses(ctx: Context, row: Row, values: Values, mac: str, owner: str) -> bool:
    """Give a port the addresses wished for; floating IPs on those it loses come off."""
    before = ipam.of_port(ctx, row["id"])
    wish = values.get("fixed_ips")
    if not isinstance(wish, list):
        wish = [dict(each) for each in before if ":" not in each["ip_address"]]
    subnets = ipam.serving(ctx, row["network_id"], owner)
    after = ipam.choose(ctx, row["network_id"], mac, wish, subnets, owner, before=before)
    gone = [each for each in before if each not in after]
    new = [each for each in after if each not in before]
    for each in gone:
        ipam.drop(ctx, row["id"], each)
    ipam.keep(ctx, row, new)
    if gone:
        queries.release_floating_ips(ctx, row["id"], [each["ip_address"] for each in after])
    return bool(gone or new)


# Delete


def delete(ctx: Context, row: Row) -> None:
    """Delete a port on its user's word. ServicePortInUse when a router needs it."""
    owner = row["device_owner"]
    if owner in ROUTER_OWNERS and _is_serving(ctx, row):
        raise ServicePortInUse(port_id=row["id"], reason=f"has device owner {owner}")
    remove(ctx, row)


def _is_serving(ctx: Context, row: Row) -> bool:
    """Say whether what a network port belongs to is still there."""
    if row["device_owner"] == "network:floatingip":
        return ctx.db.get("network_floatingips", row["device_id"]) is not None
    if not ipam.of_port(ctx, row["id"]):
        return False
    return queries.router_owner(ctx, row["device_id"]) is not None


def remove(ctx: Context, row: Row) -> None:
    """Delete a port, on the cloud's own account too."""
    trunks = queries.trunks_of(ctx, [row["id"]])
    if trunks:
        raise PortInUseAsTrunkParent(port_id=row["id"], trunk_id=trunks[row["id"]])
    trunk_id = queries.trunk_using(ctx, row["id"])
    if trunk_id is not None:
        raise PortInUseAsSubPort(port_id=row["id"], trunk_id=trunk_id)
    queries.release_floating_ips(ctx, row["id"])
    queries.remove(ctx, row["id"])
    wiring.forget(ctx, wiring.PORT, row["id"])


def missing(port_id: str) -> Any:
    """Return what is raised for an id that no port has."""
    return PortNotFound(port_id=port_id)
