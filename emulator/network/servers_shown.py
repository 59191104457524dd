"""What servers show of their ports, as SQL that writes JSON: addresses and security groups."""

from __future__ import annotations

# Queries

OWN = "p.device_id = compute_servers.uuid AND p.device_owner NOT LIKE 'network:%'"


def _addresses(kind: str = "") -> str:
    """SQL for the addresses of the server `compute_servers.uuid`, by network, as JSON text.

    Networks are in the order in which the server was plugged into them; floating addresses come
    last. `kind` writes what each address says after itself, in the place of %s whether it is fixed
    or floating. Addresses have no characters that JSON would have to quote.
    """
    version = """'{"version":' || iif(instr(a.ip_address, ':'), 6, 4)"""
    last = kind % "fixed" if kind else ""
    fixed = f"""{version} || ',"addr":"' || a.ip_address || '"{last}}}'"""
    last = kind % "floating" if kind else ""
    floating = f"""'{{"version":4,"addr":"' || f.floating_ip_address || '"{last}}}'"""
    # Most servers have one port: what several would take is a third of what a server costs.
    return f"coalesce({_of_one_port(fixed, floating)}, {_of_ports(fixed, floating)})"


def _of_one_port(fixed: str, floating: str) -> str:
    """The addresses of a server with one port; NULL where there are none or several."""
    return f"""(SELECT iif(count(*) = 1, '{{' || json_quote(n.name) || ':['
 || coalesce((SELECT group_concat({fixed}) FROM network_ip_allocations AS a
  WHERE a.port_id = p.id), '')
 || coalesce((SELECT ',' || group_concat({floating}) FROM network_floatingips AS f
  WHERE f.port_id = p.id), '') || ']}}', NULL)
 FROM network_ports AS p JOIN network_networks AS n ON n.id = p.network_id WHERE {OWN})"""


def _of_ports(fixed: str, floating: str) -> str:
    """The addresses of a server with any number of ports, on each network in the ports' order."""
    addresses = f"""SELECT {{}} AS text FROM network_ports AS p
  JOIN network_networks AS n ON n.id = p.network_id AND n.name = own.name
  JOIN network_ip_allocations AS a ON a.port_id = p.id {{}}
  WHERE {OWN} ORDER BY p.nic_index, p.rowid, a.rowid"""
    fixed = addresses.format(fixed, "")
    floats = addresses.format(
        floating,
        "JOIN network_floatingips AS f ON f.port_id = p.id AND f.fixed_ip_address = a.ip_address",
    )
    return f"""(SELECT '{{' || coalesce(group_concat(
 json_quote(name) || ':[' || coalesce((SELECT group_concat(text) FROM ({fixed})), '')
 || coalesce((SELECT ',' || group_concat(text) FROM ({floats})), '') || ']'), '') || '}}'
 FROM (SELECT n.name AS name
  FROM network_ports AS p JOIN network_networks AS n ON n.id = p.network_id
  WHERE {OWN} GROUP BY n.name ORDER BY min(p.nic_index), min(p.rowid)) AS own)"""


KIND = ""","OS-EXT-IPS:type":"%s","OS-EXT-IPS-MAC:mac_addr":"' || p.mac_address || '\""""
ADDRESSES = _addresses(KIND)
PLAIN_ADDRESSES = _addresses()
"""Without their types and MACs."""

SECURITY_GROUPS = f"""(SELECT '[' || group_concat('{{"name":' || json_quote(g.name) || '}}') || ']'
 FROM network_ports AS p JOIN network_port_security_groups AS b ON b.port_id = p.id
 JOIN network_security_groups AS g ON g.id = b.security_group_id WHERE {OWN})"""
"""SQL for the security groups of a server's ports, as JSON text; NULL when there are none.

A group stands here once for every port that follows it (Nova 34.0.0, security_group_api).
"""
