"""Neutron v2.0: policy rule → check, in oslo.policy's language (neutron 29.0.0, defaults)."""

from collections.abc import Mapping

MEMBER = "(rule:admin_only) or (role:member and project_id:%(project_id)s)"
READER = "(rule:admin_only) or (role:reader and project_id:%(project_id)s)"
MANAGER = "(rule:admin_only) or (role:manager and project_id:%(project_id)s)"
ADMIN = "rule:admin_only"
SERVICE = "rule:service_api"
ADMIN_OR_SERVICE = "(rule:admin_only) or (rule:service_api)"
PARENT_MEMBER = "(rule:admin_only) or (role:member and rule:ext_parent_owner)"
PARENT_READER = "(rule:admin_only) or (role:reader and rule:ext_parent_owner)"
PARENT_MANAGER = "(rule:admin_only) or (role:manager and rule:ext_parent_owner)"
NETWORK_MEMBER = "(rule:admin_only) or (rule:service_api) or role:member and rule:network_owner"
NETWORK_MEMBER_TOO = "(rule:admin_only) or (role:member and rule:network_owner) or rule:service_api"
MEMBER_OR_SERVICE = (
    "(rule:admin_only) or (role:member and project_id:%(project_id)s) or rule:service_api"
)
SHARED_NETWORK_MEMBER = (
    "(rule:admin_only) or (rule:service_api) or role:member and rule:network_owner or rule:shared"
)
SUBNET_MEMBER = (
    "role:member and project_id:%(project_id)s or (rule:admin_only) or (role:member and "
    "rule:network_owner)"
)
READING = "role:reader"

POLICIES: Mapping[str, str] = {
    "context_is_admin": "role:admin",
    "context_with_global_access": "!",
    "service_api": "role:service",
    "owner": "project_id:%(project_id)s",
    "admin_or_owner": "rule:context_is_admin or rule:owner",
    "context_is_advsvc": "role:advsvc",
    "admin_or_network_owner": "rule:context_is_admin or project_id:%(network:project_id)s",
    "admin_owner_or_network_owner": "rule:owner or rule:admin_or_network_owner",
    "network_owner": "project_id:%(network:project_id)s",
    "admin_only": "rule:context_is_admin",
    "regular_user": "",
    "shared": "field:networks:shared=True",
    "default": "rule:admin_or_owner",
    "admin_or_ext_parent_owner": "rule:context_is_admin or project_id:%(ext_parent:project_id)s",
    "ext_parent_owner": "project_id:%(ext_parent:project_id)s",
    "sg_owner": "project_id:%(security_group:project_id)s",
    "shared_address_groups": "field:address_groups:shared=True",
    "create_address_group": MEMBER,
    "get_address_group": (
        "(rule:admin_only) or (role:reader and project_id:%(project_id)s) or "
        "rule:shared_address_groups"
    ),
    "update_address_group": MEMBER,
    "delete_address_group": MEMBER,
    "add_addresses": MEMBER,
    "remove_addresses": MEMBER,
    "shared_address_scopes": "field:address_scopes:shared=True",
    "create_address_scope": MEMBER,
    "create_address_scope:shared": ADMIN,
    "get_address_scope": (
        "rule:admin_only or role:reader and project_id:%(project_id)s or rule:shared_address_scopes"
    ),
    "update_address_scope": MEMBER,
    "update_address_scope:shared": ADMIN,
    "delete_address_scope": MEMBER,
    "create_agent": ADMIN,
    "get_agent": ADMIN,
    "update_agent": ADMIN,
    "delete_agent": ADMIN,
    "create_dhcp-network": ADMIN,
    "get_dhcp-networks": ADMIN,
    "delete_dhcp-network": ADMIN,
    "create_l3-router": ADMIN,
    "get_l3-routers": ADMIN,
    "update_l3-router": ADMIN,
    "delete_l3-router": ADMIN,
    "get_dhcp-agents": ADMIN,
    "get_l3-agents": ADMIN,
    "get_auto_allocated_topology": READER,
    "delete_auto_allocated_topology": MEMBER,
    "get_availability_zone": READING,
    "create_default_security_group_rule": ADMIN,
    "get_default_security_group_rule": READING,
    "delete_default_security_group_rule": ADMIN,
    "create_router:evpn_vni": ADMIN,
    "get_router:evpn_vni": READER,
    "create_flavor": ADMIN,
    "get_flavor": READING,
    "update_flavor": ADMIN,
    "delete_flavor": ADMIN,
    "create_service_profile": ADMIN,
    "get_service_profile": ADMIN,
    "update_service_profile": ADMIN,
    "delete_service_profile": ADMIN,
    "get_flavor_service_profile": READER,
    "create_flavor_service_profile": ADMIN,
    "delete_flavor_service_profile": ADMIN,
    "create_floatingip": MEMBER,
    "create_floatingip:floating_ip_address": MANAGER,
    "create_floatingip:router_id": MEMBER,
    "create_floatingip:tags": MEMBER,
    "get_floatingip": READER,
    "get_floatingip:tags": READER,
    "update_floatingip": MEMBER,
    "update_floatingip:router_id": MEMBER,
    "update_floatingip:tags": MEMBER,
    "delete_floatingip": MEMBER,
    "delete_floatingip:tags": MEMBER,
    "get_floatingip_pool": READER,
    "create_floatingip_port_forwarding": PARENT_MEMBER,
    "get_floatingip_port_forwarding": PARENT_READER,
    "update_floatingip_port_forwarding": PARENT_MEMBER,
    "delete_floatingip_port_forwarding": PARENT_MEMBER,
    "create_router_conntrack_helper": PARENT_MEMBER,
    "get_router_conntrack_helper": PARENT_READER,
    "update_router_conntrack_helper": PARENT_MEMBER,
    "delete_router_conntrack_helper": PARENT_MEMBER,
    "create_local_ip": MEMBER,
    "get_local_ip": READER,
    "update_local_ip": MEMBER,
    "delete_local_ip": MEMBER,
    "create_local_ip_port_association": PARENT_MEMBER,
    "get_local_ip_port_association": PARENT_READER,
    "delete_local_ip_port_association": PARENT_MEMBER,
    "get_loggable_resource": MANAGER,
    "create_log": MANAGER,
    "get_log": MANAGER,
    "update_log": MANAGER,
    "delete_log": MANAGER,
    "create_metering_label": MANAGER,
    "get_metering_label": READER,
    "delete_metering_label": MANAGER,
    "create_metering_label_rule": MANAGER,
    "get_metering_label_rule": READER,
    "delete_metering_label_rule": MANAGER,
    "create_ndp_proxy": MEMBER,
    "get_ndp_proxy": READER,
    "update_ndp_proxy": MEMBER,
    "delete_ndp_proxy": MEMBER,
    "external": "field:networks:router:external=True",
    "create_network": MEMBER,
    "create_network:shared": ADMIN,
    "create_network:router:external": ADMIN,
    "create_network:is_default": ADMIN,
    "create_network:port_security_enabled": MEMBER,
    "create_network:segments": ADMIN,
    "create_network:provider:network_type": ADMIN,
    "create_network:provider:physical_network": ADMIN,
    "create_network:provider:segmentation_id": ADMIN,
    "create_network:tags": MEMBER,
    "get_network": (
        "(rule:admin_only) or (role:reader and project_id:%(project_id)s) or rule:service_api "
        "or rule:shared or rule:external or rule:context_is_advsvc"
    ),
    "get_network:segments": ADMIN,
    "get_network:provider:network_type": ADMIN,
    "get_network:provider:physical_network": ADMIN,
    "get_network:provider:segmentation_id": ADMIN,
    "get_network:tags": (
        "(rule:admin_only) or (role:reader and project_id:%(project_id)s) or rule:shared or "
        "rule:external or rule:context_is_advsvc"
    ),
    "update_network": MEMBER,
    "update_network:segments": ADMIN,
    "update_network:shared": ADMIN,
    "update_network:provider:network_type": ADMIN,
    "update_network:provider:physical_network": ADMIN,
    "update_network:provider:segmentation_id": ADMIN,
    "update_network:router:external": ADMIN,
    "update_network:is_default": ADMIN,
    "update_network:port_security_enabled": MEMBER,
    "update_network:tags": MEMBER,
    "delete_network": MEMBER,
    "delete_network:tags": MEMBER,
    "get_network_ip_availability": ADMIN_OR_SERVICE,
    "create_network_segment_range": ADMIN,
    "create_network_segment_range:tags": ADMIN,
    "get_network_segment_range": ADMIN,
    "get_network_segment_range:tags": ADMIN,
    "update_network_segment_range": ADMIN,
    "update_network_segment_range:tags": ADMIN,
    "delete_network_segment_range": ADMIN,
    "delete_network_segment_range:tags": ADMIN,
    "get_port_binding": ADMIN_OR_SERVICE,
    "create_port_binding": SERVICE,
    "delete_port_binding": SERVICE,
    "activate": SERVICE,
    "network_device": "field:port:device_owner=~^network:",
    "compute_device": "field:port:device_owner=~^compute:",
    "baremetal_device": "field:port:device_owner=~^baremetal:",
    "manila_device": "field:port:device_owner=~^manila:",
    "admin_or_data_plane_int": "rule:context_is_admin or role:data_plane_integrator",
    "create_port": SHARED_NETWORK_MEMBER,
    "create_port:device_id": MEMBER_OR_SERVICE,
    "create_port:device_owner": (
        "not rule:network_device or (rule:admin_only) or (rule:service_api) or role:member and "
        "rule:network_owner"
    ),
    "create_port:mac_address": NETWORK_MEMBER,
    "create_port:fixed_ips": SHARED_NETWORK_MEMBER,
    "create_port:fixed_ips:ip_address": NETWORK_MEMBER,
    "create_port:fixed_ips:subnet_id": SHARED_NETWORK_MEMBER,
    "create_port:port_security_enabled": NETWORK_MEMBER,
    "create_port:binding:host_id": ADMIN_OR_SERVICE,
    "create_port:binding:profile": SERVICE,
    "create_port:binding:vnic_type": MEMBER_OR_SERVICE,
    "create_port:allowed_address_pairs": NETWORK_MEMBER_TOO,
    "create_port:allowed_address_pairs:mac_address": NETWORK_MEMBER_TOO,
    "create_port:allowed_address_pairs:ip_address": NETWORK_MEMBER_TOO,
    "create_port:hints": ADMIN,
    "create_port:trusted": ADMIN,
    "create_port:tags": (
        "(rule:admin_only) or (role:member and project_id:%(project_id)s) or rule:context_is_advsvc"
    ),
    "get_port": (
        "(rule:admin_only) or (rule:service_api) or role:reader and rule:network_owner or "
        "role:reader and project_id:%(project_id)s"
    ),
    "get_port:binding:vif_type": ADMIN_OR_SERVICE,
    "get_port:binding:vif_details": ADMIN_OR_SERVICE,
    "get_port:binding:host_id": ADMIN_OR_SERVICE,
    "get_port:binding:profile": ADMIN_OR_SERVICE,
    "get_port:resource_request": ADMIN,
    "get_port:hints": ADMIN,
    "get_port:trusted": ADMIN,
    "get_port:tags": (
        "rule:context_is_advsvc or (rule:admin_only) or (role:reader and rule:network_owner) "
        "or role:reader and project_id:%(project_id)s"
    ),
    "update_port": (
        "(rule:admin_only) or (rule:service_api) or role:member and project_id:%(project_id)s"
    ),
    "update_port:device_id": MEMBER_OR_SERVICE,
    "update_port:device_owner": (
        "not rule:network_device or (rule:admin_only) or (rule:service_api) or role:member and "
        "rule:network_owner"
    ),
    "update_port:mac_address": (
        "(rule:admin_only) or (rule:service_api) or role:manager and rule:network_owner"
    ),
    "update_port:fixed_ips": NETWORK_MEMBER,
    "update_port:fixed_ips:ip_address": NETWORK_MEMBER,
    "update_port:fixed_ips:subnet_id": SHARED_NETWORK_MEMBER,
    "update_port:port_security_enabled": NETWORK_MEMBER,
    "update_port:binding:host_id": ADMIN_OR_SERVICE,
    "update_port:binding:profile": SERVICE,
    "update_port:binding:vnic_type": (
        "(rule:admin_only) or (rule:service_api) or role:member and project_id:%(project_id)s"
    ),
    "update_port:allowed_address_pairs": NETWORK_MEMBER_TOO,
    "update_port:allowed_address_pairs:mac_address": NETWORK_MEMBER_TOO,
    "update_port:allowed_address_pairs:ip_address": NETWORK_MEMBER_TOO,
    "update_port:data_plane_status": "rule:admin_only or role:data_plane_integrator",
    "update_port:hints": ADMIN,
    "update_port:trusted": ADMIN,
    "update_port:tags": (
        "(rule:admin_only) or (role:member and project_id:%(project_id)s) or rule:context_is_advsvc"
    ),
    "delete_port": (
        "(rule:admin_only) or (rule:service_api) or (service_roles:service and (role:member "
        "and rule:network_owner or role:member and project_id:%(project_id)s)) or (not "
        "rule:compute_device and not rule:baremetal_device and not rule:manila_device and "
        "(role:member and rule:network_owner or role:member and project_id:%(project_id)s))"
    ),
    "delete_port:tags": (
        "rule:context_is_advsvc or role:member and project_id:%(project_id)s or "
        "(rule:admin_only) or (role:member and rule:network_owner)"
    ),
    "create_port:pvlan_type": MEMBER,
    "create_port:pvlan_community": MEMBER,
    "update_port:pvlan_type": MEMBER,
    "update_port:pvlan_community": MEMBER,
    "get_port:pvlan_type": READER,
    "get_port:pvlan_community": READER,
    "create_network:pvlan": MEMBER,
    "update_network:pvlan": MEMBER,
    "get_network:pvlan": READER,
    "shared_qos_policy": "field:policies:shared=True",
    "get_policy": (
        "(rule:admin_only) or (role:reader and project_id:%(project_id)s) or rule:shared_qos_policy"
    ),
    "get_policy:tags": (
        "(rule:admin_only) or (role:reader and project_id:%(project_id)s) or rule:shared_qos_policy"
    ),
    "create_policy": MANAGER,
    "create_policy:tags": MANAGER,
    "update_policy": MANAGER,
    "update_policy:tags": MANAGER,
    "delete_policy": MANAGER,
    "delete_policy:tags": MANAGER,
    "get_rule_type": READING,
    "get_policy_bandwidth_limit_rule": PARENT_READER,
    "create_policy_bandwidth_limit_rule": PARENT_MANAGER,
    "update_policy_bandwidth_limit_rule": PARENT_MANAGER,
    "delete_policy_bandwidth_limit_rule": PARENT_MANAGER,
    "get_policy_packet_rate_limit_rule": PARENT_READER,
    "create_policy_packet_rate_limit_rule": PARENT_MANAGER,
    "update_policy_packet_rate_limit_rule": PARENT_MANAGER,
    "delete_policy_packet_rate_limit_rule": PARENT_MANAGER,
    "get_policy_dscp_marking_rule": PARENT_READER,
    "create_policy_dscp_marking_rule": PARENT_MANAGER,
    "update_policy_dscp_marking_rule": PARENT_MANAGER,
    "delete_policy_dscp_marking_rule": PARENT_MANAGER,
    "get_policy_minimum_bandwidth_rule": PARENT_READER,
    "create_policy_minimum_bandwidth_rule": PARENT_MANAGER,
    "update_policy_minimum_bandwidth_rule": PARENT_MANAGER,
    "delete_policy_minimum_bandwidth_rule": PARENT_MANAGER,
    "get_policy_minimum_packet_rate_rule": PARENT_READER,
    "create_policy_minimum_packet_rate_rule": PARENT_MANAGER,
    "update_policy_minimum_packet_rate_rule": PARENT_MANAGER,
    "delete_policy_minimum_packet_rate_rule": PARENT_MANAGER,
    "get_alias_bandwidth_limit_rule": PARENT_READER,
    "update_alias_bandwidth_limit_rule": PARENT_MANAGER,
    "delete_alias_bandwidth_limit_rule": PARENT_MANAGER,
    "get_alias_dscp_marking_rule": PARENT_READER,
    "update_alias_dscp_marking_rule": PARENT_MANAGER,
    "delete_alias_dscp_marking_rule": PARENT_MANAGER,
    "get_alias_minimum_bandwidth_rule": PARENT_READER,
    "update_alias_minimum_bandwidth_rule": PARENT_MANAGER,
    "delete_alias_minimum_bandwidth_rule": PARENT_MANAGER,
    "get_alias_minimum_packet_rate_rule": "rule:get_policy_minimum_packet_rate_rule",
    "update_alias_minimum_packet_rate_rule": "rule:update_policy_minimum_packet_rate_rule",
    "delete_alias_minimum_packet_rate_rule": "rule:delete_policy_minimum_packet_rate_rule",
    "get_quota": MANAGER,
    "update_quota": ADMIN,
    "delete_quota": ADMIN,
    "restrict_wildcard": (
        "(not field:rbac_policy:target_tenant=* and not field:rbac_policy:target_project=*) or "
        "rule:admin_only"
    ),
    "create_rbac_policy": MEMBER,
    "create_rbac_policy:target_tenant": (
        "rule:admin_only or (not field:rbac_policy:target_tenant=* and not "
        "field:rbac_policy:target_project=*)"
    ),
    "create_rbac_policy:target_project": (
        "rule:admin_only or not field:rbac_policy:target_project=*"
    ),
    "update_rbac_policy": MEMBER,
    "update_rbac_policy:target_tenant": (
        "rule:admin_only or (not field:rbac_policy:target_tenant=* and not "
        "field:rbac_policy:target_project=*)"
    ),
    "update_rbac_policy:target_project": (
        "rule:admin_only or not field:rbac_policy:target_project=*"
    ),
    "get_rbac_policy": READER,
    "delete_rbac_policy": MEMBER,
    "create_router": MEMBER,
    "create_router:distributed": ADMIN,
    "create_router:ha": ADMIN,
    "create_router:external_gateway_info": MEMBER,
    "create_router:external_gateway_info:network_id": MEMBER,
    "create_router:external_gateway_info:enable_snat": ADMIN,
    "create_router:external_gateway_info:external_fixed_ips": ADMIN,
    "create_router:enable_default_route_bfd": ADMIN,
    "create_router:enable_default_route_ecmp": ADMIN,
    "create_router:tags": MEMBER,
    "get_router": READER,
    "get_router:distributed": ADMIN,
    "get_router:ha": ADMIN,
    "get_router:tags": READER,
    "update_router": MEMBER,
    "update_router:distributed": ADMIN,
    "update_router:ha": ADMIN,
    "update_router:external_gateway_info": MEMBER,
    "update_router:external_gateway_info:network_id": MEMBER,
    "update_router:external_gateway_info:enable_snat": ADMIN,
    "update_router:external_gateway_info:external_fixed_ips": ADMIN,
    "update_router:enable_default_route_bfd": ADMIN,
    "update_router:enable_default_route_ecmp": ADMIN,
    "update_router:tags": MEMBER,
    "delete_router": MEMBER,
    "delete_router:tags": MEMBER,
    "add_router_interface": MEMBER,
    "remove_router_interface": MEMBER,
    "add_extraroutes": MEMBER,
    "remove_extraroutes": MEMBER,
    "add_external_gateways": MEMBER,
    "add_external_gateways:external_gateways": MEMBER,
    "add_external_gateways:external_gateways:network_id": MEMBER,
    "add_external_gateways:external_gateways:enable_snat": ADMIN,
    "add_external_gateways:external_gateways:external_fixed_ips": ADMIN,
    "update_external_gateways": MEMBER,
    "update_external_gateways:external_gateways": MEMBER,
    "update_external_gateways:external_gateways:network_id": MEMBER,
    "update_external_gateways:external_gateways:enable_snat": ADMIN,
    "update_external_gateways:external_gateways:external_fixed_ips": ADMIN,
    "remove_external_gateways": MEMBER,
    "remove_external_gateways:external_gateways": MEMBER,
    "admin_or_sg_owner": "rule:context_is_admin or project_id:%(security_group:project_id)s",
    "admin_owner_or_sg_owner": "rule:owner or rule:admin_or_sg_owner",
    "shared_security_group": "field:security_groups:shared=True",
    "rule_default_sg": "field:security_group_rules:belongs_to_default_sg=True",
    "create_default_security_group": (
        "(rule:admin_only) or (rule:service_api) or role:reader and project_id:%(project_id)s"
    ),
    "create_security_group": MEMBER,
    "create_security_group:tags": MEMBER,
    "get_security_group": (
        "(rule:admin_only) or (role:reader and project_id:%(project_id)s) or "
        "rule:shared_security_group"
    ),
    "get_security_group:tags": (
        "(rule:admin_only) or (role:reader and project_id:%(project_id)s) or "
        "rule:shared_security_group"
    ),
    "update_security_group": MEMBER,
    "update_security_group:tags": MEMBER,
    "delete_security_group": MEMBER,
    "delete_security_group:tags": MEMBER,
    "create_security_group_rule": "(rule:admin_only) or (role:member and rule:sg_owner)",
    "get_security_group_rule": "(rule:admin_only) or (role:reader and rule:sg_owner)",
    "delete_security_group_rule": "(rule:admin_only) or (role:member and rule:sg_owner)",
    "create_security_groups_default_statefulness": MANAGER,
    "get_security_groups_default_statefulness": READER,
    "update_security_groups_default_statefulness": MANAGER,
    "delete_security_groups_default_statefulness": MANAGER,
    "create_segment": ADMIN,
    "create_segments_tags": ADMIN,
    "get_segment": ADMIN,
    "get_segments_tags": ADMIN,
    "update_segment": ADMIN,
    "update_segments_tags": ADMIN,
    "delete_segment": ADMIN,
    "delete_segments_tags": ADMIN,
    "get_service_provider": READING,
    "external_network": "field:subnets:router:external=True",
    "create_subnet": "(rule:admin_only) or (role:member and rule:network_owner)",
    "create_subnet:segment_id": ADMIN,
    "create_subnet:service_types": ADMIN,
    "create_subnet:tags": SUBNET_MEMBER,
    "get_subnet": (
        "role:reader and project_id:%(project_id)s or rule:shared or rule:external_network or "
        "(rule:admin_only) or (role:reader and rule:network_owner) or rule:service_api"
    ),
    "get_subnet:segment_id": ADMIN,
    "get_subnet:tags": (
        "role:reader and project_id:%(project_id)s or rule:shared or rule:external_network or "
        "(rule:admin_only) or (role:reader and rule:network_owner)"
    ),
    "update_subnet": SUBNET_MEMBER,
    "update_subnet:segment_id": ADMIN,
    "update_subnet:service_types": ADMIN,
    "update_subnet:leak_routes": ADMIN,
    "update_subnet:tags": SUBNET_MEMBER,
    "delete_subnet": SUBNET_MEMBER,
    "delete_subnet:tags": SUBNET_MEMBER,
    "shared_subnetpools": "field:subnetpools:shared=True",
    "create_subnetpool": MEMBER,
    "create_subnetpool:shared": ADMIN,
    "create_subnetpool:is_default": ADMIN,
    "create_subnetpool:tags": MEMBER,
    "get_subnetpool": (
        "(rule:admin_only) or (role:reader and project_id:%(project_id)s) or "
        "rule:shared_subnetpools"
    ),
    "get_subnetpool:tags": (
        "(rule:admin_only) or (role:reader and project_id:%(project_id)s) or "
        "rule:shared_subnetpools"
    ),
    "update_subnetpool": MEMBER,
    "update_subnetpool:is_default": ADMIN,
    "update_subnetpool:tags": MEMBER,
    "delete_subnetpool": MEMBER,
    "delete_subnetpool:tags": MEMBER,
    "onboard_network_subnets": MEMBER,
    "add_prefixes": MEMBER,
    "remove_prefixes": MEMBER,
    "create_trunk": MEMBER,
    "create_trunk:tags": MEMBER,
    "get_trunk": READER,
    "get_trunk:tags": READER,
    "update_trunk": MEMBER,
    "update_trunk:tags": MEMBER,
    "delete_trunk": MEMBER,
    "delete_trunk:tags": MEMBER,
    "get_subports": READER,
    "add_subports": MEMBER,
    "remove_subports": MEMBER,
}

FORMERLY: Mapping[str, str] = {
    name: f"{name.removesuffix(':tags').replace('_policy', '_policie')}s_tags"
    for name in POLICIES
    if name.endswith(":tags")
}
