"""Neutron v2.0: its tables, as migrations."""

from emulator.store.migrations import tables

# Every resource has these; lists of tags are JSON.
TIMES = """
    description TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    revision_number INTEGER NOT NULL, tags TEXT NOT NULL DEFAULT '[]'
"""

NETWORKS = f"""
CREATE TABLE network_networks (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL,
    admin_state_up INTEGER NOT NULL, status TEXT NOT NULL, mtu INTEGER NOT NULL,
    router_external INTEGER NOT NULL, is_default INTEGER NOT NULL DEFAULT 0,
    port_security_enabled INTEGER NOT NULL, qos_policy_id TEXT, dns_domain TEXT NOT NULL,
    availability_zone_hints TEXT NOT NULL, {TIMES}
);
CREATE INDEX network_networks_project ON network_networks (project_id);
CREATE TABLE network_segments (
    id TEXT PRIMARY KEY, network_id TEXT NOT NULL, name TEXT, network_type TEXT NOT NULL,
    physical_network TEXT, segmentation_id INTEGER, position INTEGER NOT NULL,
    project_id TEXT, {TIMES}
);
CREATE INDEX network_segments_network ON network_segments (network_id, position);
CREATE TABLE network_subnets (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, network_id TEXT NOT NULL,
    ip_version INTEGER NOT NULL, cidr TEXT NOT NULL, gateway_ip TEXT, enable_dhcp INTEGER NOT NULL,
    ipv6_ra_mode TEXT, ipv6_address_mode TEXT, allocation_pools TEXT NOT NULL,
    dns_nameservers TEXT NOT NULL, host_routes TEXT NOT NULL, service_types TEXT NOT NULL,
    subnetpool_id TEXT, segment_id TEXT, {TIMES}
);
CREATE INDEX network_subnets_network ON network_subnets (network_id);
CREATE INDEX network_subnets_project ON network_subnets (project_id);
CREATE INDEX network_subnets_pool ON network_subnets (subnetpool_id);
CREATE TABLE network_rbac_policies (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, object_type TEXT NOT NULL,
    object_id TEXT NOT NULL, target_tenant TEXT NOT NULL, action TEXT NOT NULL
);
CREATE UNIQUE INDEX network_rbac_policies_object
    ON network_rbac_policies (object_id, action, target_tenant);
CREATE INDEX network_rbac_policies_target
    ON network_rbac_policies (target_tenant, object_type, object_id);
CREATE INDEX network_rbac_policies_project ON network_rbac_policies (project_id);
CREATE TABLE network_quotas (
    project_id TEXT NOT NULL, resource TEXT NOT NULL, quota_limit INTEGER NOT NULL,
    PRIMARY KEY (project_id, resource)
)
"""

PORTS = f"""
CREATE TABLE network_ports (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, network_id TEXT NOT NULL,
    mac_address TEXT NOT NULL, admin_state_up INTEGER NOT NULL, status TEXT NOT NULL,
    device_id TEXT NOT NULL, device_owner TEXT NOT NULL, ip_allocation TEXT NOT NULL,
    port_security_enabled INTEGER NOT NULL, allowed_address_pairs TEXT NOT NULL,
    extra_dhcp_opts TEXT NOT NULL, binding_vnic_type TEXT NOT NULL,
    binding_host_id TEXT NOT NULL DEFAULT '', binding_vif_type TEXT NOT NULL DEFAULT 'unbound',
    binding_vif_details TEXT NOT NULL DEFAULT '{{}}', binding_profile TEXT NOT NULL DEFAULT '{{}}',
    qos_policy_id TEXT, propagate_uplink_status INTEGER NOT NULL DEFAULT 1,
    dns_name TEXT NOT NULL, dns_domain TEXT NOT NULL, device_profile TEXT,
    numa_affinity_policy TEXT, trusted INTEGER, made_for_server INTEGER NOT NULL DEFAULT 0,
    nic_tag TEXT, nic_index INTEGER NOT NULL DEFAULT 0, {TIMES}
);
CREATE UNIQUE INDEX network_ports_mac ON network_ports (network_id, mac_address);
CREATE INDEX network_ports_project ON network_ports (project_id);
CREATE INDEX network_ports_device ON network_ports (device_id);
CREATE TABLE network_ip_allocations (
    port_id TEXT NOT NULL, subnet_id TEXT NOT NULL, network_id TEXT NOT NULL,
    ip_address TEXT NOT NULL
);
CREATE UNIQUE INDEX network_ip_allocations_address
    ON network_ip_allocations (subnet_id, ip_address);
CREATE INDEX network_ip_allocations_port ON network_ip_allocations (port_id);
CREATE INDEX network_ip_allocations_ip ON network_ip_allocations (ip_address);
CREATE TABLE network_port_security_groups (
    port_id TEXT NOT NULL, security_group_id TEXT NOT NULL,
    PRIMARY KEY (port_id, security_group_id)
) WITHOUT ROWID;
CREATE INDEX network_port_security_groups_group ON network_port_security_groups (security_group_id);
CREATE TABLE network_port_bindings (
    port_id TEXT NOT NULL, host TEXT NOT NULL, vif_type TEXT NOT NULL, vif_details TEXT NOT NULL,
    vnic_type TEXT NOT NULL, profile TEXT NOT NULL, status TEXT NOT NULL,
    project_id TEXT NOT NULL, PRIMARY KEY (port_id, host)
);
CREATE TABLE network_security_groups (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, stateful INTEGER NOT NULL,
    is_default INTEGER NOT NULL DEFAULT 0, {TIMES}
);
CREATE INDEX network_security_groups_project ON network_security_groups (project_id, name);
CREATE TABLE network_security_group_rules (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, security_group_id TEXT NOT NULL,
    direction TEXT NOT NULL, ethertype TEXT, protocol TEXT, port_range_min INTEGER,
    port_range_max INTEGER, remote_ip_prefix TEXT, normalized_cidr TEXT, remote_group_id TEXT,
    remote_address_group_id TEXT, belongs_to_default_sg INTEGER NOT NULL DEFAULT 0, {TIMES}
);
CREATE INDEX network_security_group_rules_group
    ON network_security_group_rules (security_group_id);
CREATE INDEX network_security_group_rules_remote ON network_security_group_rules (remote_group_id);
CREATE INDEX network_security_group_rules_project ON network_security_group_rules (project_id)
"""

ROUTERS = f"""
CREATE TABLE network_routers (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL,
    admin_state_up INTEGER NOT NULL, status TEXT NOT NULL, distributed INTEGER NOT NULL,
    ha INTEGER NOT NULL, enable_ndp_proxy INTEGER NOT NULL, flavor_id TEXT,
    availability_zone_hints TEXT NOT NULL, routes TEXT NOT NULL, gw_port_id TEXT,
    enable_snat INTEGER NOT NULL DEFAULT 1, gateway_qos_policy_id TEXT, {TIMES}
);
CREATE INDEX network_routers_project ON network_routers (project_id);
CREATE TABLE network_floatingips (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, floating_ip_address TEXT NOT NULL,
    floating_network_id TEXT NOT NULL, floating_port_id TEXT NOT NULL, router_id TEXT,
    port_id TEXT, fixed_ip_address TEXT, status TEXT NOT NULL, qos_policy_id TEXT,
    dns_name TEXT NOT NULL, dns_domain TEXT NOT NULL, {TIMES}
);
CREATE INDEX network_floatingips_project ON network_floatingips (project_id);
CREATE INDEX network_floatingips_port ON network_floatingips (port_id);
CREATE INDEX network_floatingips_router ON network_floatingips (router_id);
CREATE INDEX network_floatingips_address ON network_floatingips (floating_ip_address)
"""

POOLS = f"""
CREATE TABLE network_subnetpools (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, prefixes TEXT NOT NULL,
    ip_version INTEGER NOT NULL, default_quota INTEGER, default_prefixlen INTEGER NOT NULL,
    min_prefixlen INTEGER NOT NULL, max_prefixlen INTEGER NOT NULL, is_default INTEGER NOT NULL,
    address_scope_id TEXT, {TIMES}
);
CREATE INDEX network_subnetpools_project ON network_subnetpools (project_id);
CREATE TABLE network_address_scopes (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL,
    ip_version INTEGER NOT NULL, {TIMES}
);
CREATE TABLE network_address_groups (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL,
    addresses TEXT NOT NULL, {TIMES}
);
CREATE TABLE network_default_security_group_rules (
    id TEXT PRIMARY KEY, direction TEXT NOT NULL, ethertype TEXT, protocol TEXT,
    port_range_min INTEGER, port_range_max INTEGER, remote_ip_prefix TEXT, remote_group_id TEXT,
    remote_address_group_id TEXT, used_in_default_sg INTEGER NOT NULL,
    used_in_non_default_sg INTEGER NOT NULL, project_id TEXT, {TIMES}
)
"""

QOS = f"""
CREATE TABLE network_qos_policies (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL,
    is_default INTEGER NOT NULL, {TIMES}
);
CREATE TABLE network_qos_rules (
    id TEXT PRIMARY KEY, qos_policy_id TEXT NOT NULL, type TEXT NOT NULL, direction TEXT,
    max_kbps INTEGER, max_burst_kbps INTEGER, min_kbps INTEGER, dscp_mark INTEGER,
    max_kpps INTEGER, max_burst_kpps INTEGER, min_kpps INTEGER, project_id TEXT
);
CREATE INDEX network_qos_rules_policy ON network_qos_rules (qos_policy_id, type)
"""

ATTACHED = f"""
CREATE TABLE network_trunks (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, port_id TEXT NOT NULL,
    admin_state_up INTEGER NOT NULL, status TEXT NOT NULL, {TIMES}
);
CREATE UNIQUE INDEX network_trunks_port ON network_trunks (port_id);
CREATE TABLE network_subports (
    port_id TEXT PRIMARY KEY, trunk_id TEXT NOT NULL, segmentation_type TEXT NOT NULL,
    segmentation_id INTEGER NOT NULL
);
CREATE UNIQUE INDEX network_subports_trunk
    ON network_subports (trunk_id, segmentation_type, segmentation_id);
CREATE TABLE network_port_forwardings (
    id TEXT PRIMARY KEY, floatingip_id TEXT NOT NULL, external_port INTEGER, internal_port INTEGER,
    external_port_range TEXT, internal_port_range TEXT, internal_ip_address TEXT NOT NULL,
    internal_port_id TEXT NOT NULL, protocol TEXT NOT NULL, project_id TEXT, {TIMES}
);
CREATE INDEX network_port_forwardings_floatingip ON network_port_forwardings (floatingip_id);
CREATE INDEX network_port_forwardings_port ON network_port_forwardings (internal_port_id);
CREATE TABLE network_conntrack_helpers (
    id TEXT PRIMARY KEY, router_id TEXT NOT NULL, protocol TEXT NOT NULL, port INTEGER NOT NULL,
    helper TEXT NOT NULL, project_id TEXT
);
CREATE INDEX network_conntrack_helpers_router ON network_conntrack_helpers (router_id);
CREATE TABLE network_ndp_proxies (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, router_id TEXT NOT NULL,
    port_id TEXT NOT NULL, ip_address TEXT NOT NULL, {TIMES}
);
CREATE INDEX network_ndp_proxies_router ON network_ndp_proxies (router_id);
CREATE TABLE network_flavors (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, service_type TEXT NOT NULL,
    enabled INTEGER NOT NULL, project_id TEXT
)
"""

AGENTS = """
CREATE TABLE network_agents (
    id TEXT PRIMARY KEY, agent_type TEXT NOT NULL, binary TEXT NOT NULL, topic TEXT NOT NULL,
    host TEXT NOT NULL, admin_state_up INTEGER NOT NULL, alive INTEGER NOT NULL,
    configurations TEXT NOT NULL, description TEXT, availability_zone TEXT,
    created_at TEXT NOT NULL, started_at TEXT NOT NULL, heartbeat_timestamp TEXT NOT NULL
);
CREATE TABLE network_agent_bindings (
    agent_id TEXT NOT NULL, resource_id TEXT NOT NULL, PRIMARY KEY (agent_id, resource_id)
) WITHOUT ROWID;
CREATE INDEX network_agent_bindings_resource ON network_agent_bindings (resource_id);
CREATE TABLE network_metering_labels (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT,
    shared INTEGER NOT NULL
);
CREATE TABLE network_metering_label_rules (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, metering_label_id TEXT NOT NULL,
    direction TEXT NOT NULL, excluded INTEGER NOT NULL, remote_ip_prefix TEXT,
    source_ip_prefix TEXT, destination_ip_prefix TEXT
);
CREATE INDEX network_metering_label_rules_label
    ON network_metering_label_rules (metering_label_id)
"""

REST = f"""
CREATE TABLE network_facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE network_default_statefulness (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, stateful INTEGER NOT NULL
);
CREATE TABLE network_auto_topologies (
    project_id TEXT PRIMARY KEY, network_id TEXT NOT NULL, router_id TEXT NOT NULL
);
CREATE TABLE network_local_ips (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL,
    local_port_id TEXT NOT NULL, network_id TEXT NOT NULL, local_ip_address TEXT NOT NULL,
    ip_mode TEXT NOT NULL, {TIMES}
);
CREATE TABLE network_local_ip_associations (
    local_ip_id TEXT NOT NULL, local_ip_address TEXT NOT NULL, fixed_port_id TEXT NOT NULL,
    fixed_ip TEXT NOT NULL, host TEXT NOT NULL, project_id TEXT NOT NULL,
    PRIMARY KEY (local_ip_id, fixed_port_id)
);
CREATE TABLE network_logs (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL,
    resource_type TEXT NOT NULL, resource_id TEXT, event TEXT NOT NULL, target_id TEXT,
    enabled INTEGER NOT NULL, {TIMES}
);
CREATE TABLE network_segment_ranges (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL,
    is_default INTEGER NOT NULL, shared INTEGER NOT NULL, network_type TEXT NOT NULL,
    physical_network TEXT, minimum INTEGER NOT NULL, maximum INTEGER NOT NULL, {TIMES}
);
CREATE TABLE network_service_profiles (
    id TEXT PRIMARY KEY, description TEXT, driver TEXT NOT NULL, enabled INTEGER NOT NULL,
    metainfo TEXT NOT NULL, project_id TEXT
);
CREATE TABLE network_flavor_profiles (
    flavor_id TEXT NOT NULL, profile_id TEXT NOT NULL, PRIMARY KEY (flavor_id, profile_id)
) WITHOUT ROWID
"""

TABLES = tables(
    "network", networks=NETWORKS, ports=PORTS, routers=ROUTERS, pools=POOLS, qos=QOS,
    attached=ATTACHED, agents=AGENTS,
    rest=REST,
    agents_synced="ALTER TABLE network_agents ADD COLUMN resources_synced INTEGER",
    former_gateways="ALTER TABLE network_routers ADD COLUMN had_gateway INTEGER",
    last_routers="ALTER TABLE network_floatingips ADD COLUMN last_known_router_id TEXT",
)  # fmt: skip
