"""Ports: the SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from emulator.wire.request import Context

Row = Any
Where = tuple[str, list[Any]]

NETWORK_COLUMNS = (
    "(SELECT qos_policy_id FROM network_networks AS nets"
    " WHERE nets.id = network_ports.network_id) AS network_qos_policy_id"
)


def marks(values: Sequence[Any]) -> str:
    """Return as many question marks as there are values."""
    return ", ".join("?" * len(values))


def sees(ctx: Context) -> Where:
    """Return what a project sees: its own ports, and all on its networks."""
    return (
        "network_ports.project_id = ? OR network_ports.network_id IN"
        " (SELECT id FROM network_networks WHERE project_id = ?)",
        [ctx.project_id, ctx.project_id],
    )


def addresses_of(ctx: Context, port_ids: Sequence[str]) -> dict[str, list[Row]]:
    """Return the addresses of ports, ordered as text: so Neutron 29.0.0 has them."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in ctx.db.all(
        "SELECT port_id, subnet_id, ip_address FROM network_ip_allocations"
        f" WHERE port_id IN ({marks(port_ids)}) ORDER BY ip_address, subnet_id",
        list(port_ids),
    ):
        found[row["port_id"]].append(row)
    return found


def groups_of(ctx: Context, port_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the ids of the security groups of ports."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in ctx.db.all(
        "SELECT port_id, security_group_id FROM network_port_security_groups"
        f" WHERE port_id IN ({marks(port_ids)})",
        list(port_ids),
    ):
        found[row["port_id"]].append(row["security_group_id"])
    return found


def set_groups(ctx: Context, port_id: str, group_ids: Sequence[str]) -> None:
    """Let a port follow these security groups and no others."""
    ctx.db.delete("network_port_security_groups", port_id, "port_id")
    add_groups(ctx, [(port_id, group_ids)])


def add_groups(ctx: Context, ports: Iterable[tuple[str, Sequence[str]]]) -> None:
    """Let ports that follow none yet follow these security groups."""
    ctx.db.connection.executemany(
        "INSERT INTO network_port_security_groups (port_id, security_group_id) VALUES (?, ?)",
        [(port_id, group_id) for port_id, groups in ports for group_id in dict.fromkeys(groups)],
    )


def trunks_of(ctx: Context, port_ids: Sequence[str]) -> Mapping[str, str]:
    """Return the trunks that ports are the parents of."""
    rows = ctx.db.all(
        f"SELECT id, port_id FROM network_trunks WHERE port_id IN ({marks(port_ids)})",
        list(port_ids),
    )
    return {row["port_id"]: row["id"] for row in rows}


def subports_of(ctx: Context, trunk_ids: Sequence[str]) -> dict[str, list[Row]]:
    """Return the subports of trunks with their MACs."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in ctx.db.all(
        "SELECT s.trunk_id, s.port_id, s.segmentation_type, s.segmentation_id, p.mac_address"
        " FROM network_subports AS s JOIN network_ports AS p ON p.id = s.port_id"
        f" WHERE s.trunk_id IN ({marks(trunk_ids)})",
        list(trunk_ids),
    ):
        found[row["trunk_id"]].append(row)
    return found


def stateful_kinds(ctx: Context, group_ids: Sequence[str]) -> set[int]:
    """Return whether groups are stateful: both answers when they differ."""
    rows = ctx.db.all(
        f"SELECT stateful FROM network_security_groups WHERE id IN ({marks(group_ids)})",
        list(group_ids),
    )
    return {row["stateful"] for row in rows}


def follow_parent(ctx: Context, port_id: str, binding: Mapping[str, Any]) -> None:
    """Let a trunk and its subports be where the trunk's port is now."""
    bound = bool(binding["binding_host_id"])
    ctx.db.execute(
        "UPDATE network_trunks SET status = ? WHERE port_id = ?",
        ("ACTIVE" if bound else "DOWN", port_id),
    )
    ctx.db.execute(
        "UPDATE network_ports SET binding_host_id = ?, binding_vif_type = ?,"
        " binding_vif_details = ?, status = ?, device_owner = 'trunk:subport',"
        " revision_number = revision_number + 1, updated_at = ? WHERE id IN"
        " (SELECT s.port_id FROM network_subports AS s JOIN network_trunks AS t"
        " ON t.id = s.trunk_id WHERE t.port_id = ?)",
        (
            binding["binding_host_id"],
            binding["binding_vif_type"],
            binding["binding_vif_details"],
            "ACTIVE" if bound else "DOWN",
            ctx.timestamp,
            port_id,
        ),
    )


def mac_is_taken(ctx: Context, network_id: str, mac: str) -> bool:
    """Say whether a port of the network has the MAC."""
    return bool(
        ctx.db.value(
            "SELECT 1 FROM network_ports WHERE network_id = ? AND mac_address = ?",
            (network_id, mac),
        )
    )


def router_owner(ctx: Context, router_id: str) -> str | None:
    """Return whose a router is."""
    owner: str | None = ctx.db.value(
        "SELECT project_id FROM network_routers WHERE id = ?", (router_id,)
    )
    return owner


def release_floating_ips(ctx: Context, port_id: str, kept: Sequence[str] = ()) -> None:
    """Take the floating IPs off a port, except those on addresses that it keeps."""
    ctx.db.execute(
        "UPDATE network_floatingips SET port_id = NULL, fixed_ip_address = NULL,"
        " router_id = NULL, status = 'DOWN', revision_number = revision_number + 1,"
        f" updated_at = ? WHERE port_id = ? AND fixed_ip_address NOT IN ({marks(kept)})",
        (ctx.timestamp, port_id, *kept),
    )


def trunk_using(ctx: Context, port_id: str) -> str | None:
    """Return the trunk that a port is a subport of."""
    trunk_id: str | None = ctx.db.value(
        "SELECT trunk_id FROM network_subports WHERE port_id = ?", (port_id,)
    )
    return trunk_id


def remove(ctx: Context, port_id: str) -> None:
    """Delete a port with all that is its own."""
    for table in (
        "network_ip_allocations", "network_port_security_groups", "network_port_bindings"
    ):  # fmt: skip
        ctx.db.delete(table, port_id, "port_id")
    ctx.db.delete("network_ndp_proxies", port_id, "port_id")
    ctx.db.delete("network_local_ip_associations", port_id, "fixed_port_id")
    if ctx.db.delete("network_port_forwardings", port_id, "internal_port_id"):
        ctx.db.execute(
            "UPDATE network_floatingips SET router_id = NULL, status = 'DOWN' WHERE port_id IS NULL"
            " AND id NOT IN (SELECT floatingip_id FROM network_port_forwardings)"
        )
    ctx.db.delete("network_ports", port_id)


def with_addresses(ctx: Context, wanted: Mapping[str, Sequence[str]]) -> Where:
    """Return the filter `fixed_ips=ip_address=10.0.0.3`."""
    conditions, values = ["a.port_id = network_ports.id"], []
    for key, given in wanted.items():
        if key == "ip_address_substr":
            conditions.append(" OR ".join("a.ip_address LIKE ?" for _ in given))
            values += [f"%{each}%" for each in given]
        elif key in ("ip_address", "subnet_id"):
            conditions.append(f"a.{key} IN ({marks(given)})")
            values += list(given)
    if len(conditions) == 1:
        return "1", []
    text = " AND ".join(f"({each})" for each in conditions)
    return f"EXISTS (SELECT 1 FROM network_ip_allocations AS a WHERE {text})", values


def in_groups(ctx: Context, group_ids: Sequence[str]) -> Where:
    """Return the filter `security_groups=`."""
    return (
        "network_ports.id IN (SELECT port_id FROM network_port_security_groups"
        f" WHERE security_group_id IN ({marks(group_ids)}))",
        list(group_ids),
    )
