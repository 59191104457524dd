"""Neutron's error envelope and its named errors: the name on the wire is the name here.

raise NetworkNotFound(net_id=network_id)
"""

from __future__ import annotations

from emulator.errors import (
    BadInput,
    Conflict,
    EmulatorError,
    Forbidden,
    NotFound,
    PolicyForbidden,
    PreconditionFailed,
    ServiceUnavailable,
)


class HTTPBadRequest(BadInput):
    """The request itself is wrong, found before any plugin saw it."""


class HTTPNotFound(NotFound):
    """There is nothing here, or nothing for this caller."""

    template = "The resource could not be found."


class ExtensionNotFound(NotFound):
    """No extension has this alias; answered in a form of its own."""

    template = "Extension with alias %(alias)s does not exist"


class PolicyNotAuthorized(PolicyForbidden):
    """A rule, or several joined, said no."""

    template = "%(rule)s is disallowed by policy"


class RevisionNumberConstraintFailed(PreconditionFailed):
    """An If-Match names another revision."""

    template = "Constrained to %(required)s, but current revision is %(current)s"


def named(kind: type[EmulatorError], name: str, template: str) -> type[EmulatorError]:
    """Return one named error of a kind, with its words."""
    return type(name, (kind,), {"template": template, "__doc__": template, "__module__": __name__})


# fmt: off

# 400

AddressScopeUpdateError = named(BadInput, "AddressScopeUpdateError",
    "Unable to update address scope %(address_scope_id)s : %(reason)s.")
AddressesAlreadyExist = named(BadInput, "AddressesAlreadyExist",
    "Addresses %(addresses)s already exist in the address group %(address_group_id)s.")
AllocationOnAutoAddressSubnet = named(BadInput, "AllocationOnAutoAddressSubnet",
    "IPv6 address %(ip)s cannot be directly assigned to a port on subnet %(subnet_id)s as the "
    "subnet is configured for automatic addresses")
AllowedAddressPairExhausted = named(BadInput, "AllowedAddressPairExhausted",
    "The number of allowed address pair exceeds the maximum %(quota)s.")
AllowedAddressPairsMissingIP = named(BadInput, "AllowedAddressPairsMissingIP",
    "AllowedAddressPair must contain ip_address")
BadRequest = named(BadInput, "BadRequest", "Bad %(resource)s request: %(msg)s.")
DNSNameServersExhausted = named(BadInput, "DNSNameServersExhausted",
    "Unable to complete operation for %(subnet_id)s. The number of DNS nameservers exceeds the "
    "limit %(quota)s.")
DuplicateAddressPairInRequest = named(BadInput, "DuplicateAddressPairInRequest",
    "Request contains duplicate address pair: mac_address %(mac_address)s ip_address "
    "%(ip_address)s.")
EmptySubnetPoolPrefixList = named(BadInput, "EmptySubnetPoolPrefixList",
    "Empty subnet pool prefix list.")
ExternalIpAddressExhausted = named(BadInput, "ExternalIpAddressExhausted",
    "Unable to find any IP address on external network %(net_id)s.")
FixedIpAlreadyInUse = named(BadInput, "FixedIpAlreadyInUse",
    "Fixed IP %(address)s is already in use.")
HostRoutesExhausted = named(BadInput, "HostRoutesExhausted",
    "Unable to complete operation for %(subnet_id)s. The number of host routes exceeds the "
    "limit %(quota)s.")
IllegalSubnetPoolAssociationToAddressScope = named(BadInput,
    "IllegalSubnetPoolAssociationToAddressScope",
    "Illegal subnetpool association: subnetpool %(subnetpool_id)s cannot be associated with "
    "address scope %(address_scope_id)s.")
IllegalSubnetPoolIpVersionAssociationToAddressScope = named(BadInput,
    "IllegalSubnetPoolIpVersionAssociationToAddressScope",
    "Illegal subnetpool association: subnetpool %(subnetpool_id)s cannot associate with address "
    "scope %(address_scope_id)s because subnetpool ip_version is not %(ip_version)s.")
IllegalSubnetPoolPrefixBounds = named(BadInput, "IllegalSubnetPoolPrefixBounds",
    "Illegal prefix bounds: %(prefix_type)s=%(prefixlen)s, "
    "%(base_prefix_type)s=%(base_prefixlen)s.")
IllegalSubnetPoolPrefixUpdate = named(BadInput, "IllegalSubnetPoolPrefixUpdate",
    "Illegal update to prefixes: %(msg)s.")
IllegalSubnetPoolUpdate = named(BadInput, "IllegalSubnetPoolUpdate",
    "Illegal subnetpool update : %(reason)s.")
InvalidActionForType = named(BadInput, "InvalidActionForType",
    "Invalid action '%(action)s' for object type '%(object_type)s'. Valid actions: "
    "%(valid_actions)s")
InvalidAllocationPool = named(BadInput, "InvalidAllocationPool",
    "The allocation pool %(pool)s is not valid.")
InvalidCIDR = named(BadInput, "InvalidCIDR", "Invalid CIDR %(input)s given as IP prefix.")
InvalidInput = named(BadInput, "InvalidInput", "Invalid input for operation: %(error_message)s.")
InvalidInputSubnetServiceType = named(BadInput, "InvalidInputSubnetServiceType",
    "Subnet service type %(service_type)s is not a string.")
InvalidIpForNetwork = named(BadInput, "InvalidIpForNetwork",
    "IP address %(ip_address)s is not a valid IP for any of the subnets on the specified network.")
InvalidIpForSubnet = named(BadInput, "InvalidIpForSubnet",
    "IP address %(ip_address)s is not a valid IP for the specified subnet.")
InvalidRoutes = named(BadInput, "InvalidRoutes",
    "Invalid format for routes: %(routes)s, %(reason)s")
InvalidSubnetServiceType = named(BadInput, "InvalidSubnetServiceType",
    "Subnet service type %(service_type)s does not correspond to a valid device owner.")
MaxPrefixSubnetAllocationError = named(BadInput, "MaxPrefixSubnetAllocationError",
    "Unable to allocate subnet with prefix length %(prefixlen)s, maximum allowed prefix is "
    "%(max_prefixlen)s.")
MinPrefixSubnetAllocationError = named(BadInput, "MinPrefixSubnetAllocationError",
    "Unable to allocate subnet with prefix length %(prefixlen)s, minimum allowed prefix is "
    "%(min_prefixlen)s.")
NetworkAddressScopeAffinityError = named(BadInput, "NetworkAddressScopeAffinityError",
    "Subnets of the same address family hosted on the same network must all participate in the "
    "same address scope.")
NetworkRequiresSubnet = named(BadInput, "NetworkRequiresSubnet",
    "Port %(port_id)s requires a FixedIP in order to be used.")
NetworkSubnetPoolAffinityError = named(BadInput, "NetworkSubnetPoolAffinityError",
    "Subnets hosted on the same network must be allocated from the same subnet pool.")
OutOfBoundsAllocationPool = named(BadInput, "OutOfBoundsAllocationPool",
    "The allocation pool %(pool)s spans beyond the subnet cidr %(subnet_cidr)s.")
PortSecurityAndIPRequiredForSecurityGroups = named(BadInput,
    "PortSecurityAndIPRequiredForSecurityGroups",
    "Port security must be enabled and port must have an IP address in order to use security "
    "groups.")
PrefixVersionMismatch = named(BadInput, "PrefixVersionMismatch",
    "Cannot mix IPv4 and IPv6 prefixes in a subnet pool.")
SecurityGroupEthertypeConflictWithProtocol = named(BadInput,
    "SecurityGroupEthertypeConflictWithProtocol",
    "Invalid ethertype %(ethertype)s for protocol %(protocol)s.")
SecurityGroupInvalidIcmpValue = named(BadInput, "SecurityGroupInvalidIcmpValue",
    "Invalid value for ICMP %(field)s (%(attr)s) %(value)s. It must be 0 to 255.")
SecurityGroupInvalidPortRange = named(BadInput, "SecurityGroupInvalidPortRange",
    "For TCP/UDP protocols, port_range_min must be <= port_range_max")
SecurityGroupInvalidPortValue = named(BadInput, "SecurityGroupInvalidPortValue",
    "Invalid value for port %(port)s")
SecurityGroupInvalidProtocolForPort = named(BadInput, "SecurityGroupInvalidProtocolForPort",
    "Ports cannot be specified for protocol %(protocol)s. Ports are only supported for "
    "%(valid_port_protocols)s.")
SecurityGroupMissingIcmpType = named(BadInput, "SecurityGroupMissingIcmpType",
    "ICMP code (port-range-max) %(value)s is provided but ICMP type (port-range-min) is missing.")
SecurityGroupMultipleRemoteEntites = named(BadInput, "SecurityGroupMultipleRemoteEntites",
    "Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.")
SecurityGroupNotSingleGroupRules = named(BadInput, "SecurityGroupNotSingleGroupRules",
    "Only allowed to update rules for one security profile at a time")
SecurityGroupProtocolRequiredWithPorts = named(BadInput, "SecurityGroupProtocolRequiredWithPorts",
    "Must also specify protocol if port range is given.")
SecurityGroupRuleInvalidEtherType = named(BadInput, "SecurityGroupRuleInvalidEtherType",
    "Security group rule for ethertype '%(ethertype)s' not supported. Allowed values are "
    "%(values)s.")
SecurityGroupRuleInvalidProtocol = named(BadInput, "SecurityGroupRuleInvalidProtocol",
    "Security group rule protocol %(protocol)s not supported. Only protocol values %(values)s "
    "and integer representations [0 to 255] are supported.")
SecurityGroupRuleParameterConflict = named(BadInput, "SecurityGroupRuleParameterConflict",
    "Conflicting value ethertype %(ethertype)s for CIDR %(cidr)s")
SubnetMismatchForPort = named(BadInput, "SubnetMismatchForPort",
    "Subnet on port %(port_id)s does not match the requested subnet %(subnet_id)s.")
SubnetPoolDeleteError = named(BadInput, "SubnetPoolDeleteError",
    "Unable to delete subnet pool: %(reason)s.")

# 403

ExternalNetworkAttachForbidden = named(Forbidden, "ExternalNetworkAttachForbidden",
    "It is not allowed to create an interface on external network %(network_uuid)s")

# 404

AddressGroupNotFound = named(NotFound, "AddressGroupNotFound",
    "Address group %(address_group_id)s could not be found.")
AddressScopeNotFound = named(NotFound, "AddressScopeNotFound",
    "Address scope %(address_scope_id)s could not be found.")
AddressesNotFound = named(NotFound, "AddressesNotFound",
    "Addresses %(addresses)s not found in the address group %(address_group_id)s.")
AgentNotFound = named(NotFound, "AgentNotFound", "Agent %(id)s could not be found.")
ExternalGatewayForFloatingIPNotFound = named(NotFound, "ExternalGatewayForFloatingIPNotFound",
    "External network %(external_network_id)s is not reachable from subnet %(subnet_id)s.  "
    "Therefore, cannot associate Port %(port_id)s with a Floating IP.")
FlavorNotFound = named(NotFound, "FlavorNotFound", "Flavor %(flavor_id)s could not be found.")
FloatingIPNotFound = named(NotFound, "FloatingIPNotFound",
    "Floating IP %(floatingip_id)s could not be found")
InvalidDHCPAgent = named(NotFound, "InvalidDHCPAgent",
    "Agent %(id)s is not a valid DHCP Agent or has been disabled.")
InvalidL3Agent = named(NotFound, "InvalidL3Agent",
    "Agent %(id)s is not a L3 Agent or has been disabled")
MeteringLabelNotFound = named(NotFound, "MeteringLabelNotFound",
    "Metering label '%(label_id)s' does not exist.")
MeteringLabelRuleNotFound = named(NotFound, "MeteringLabelRuleNotFound",
    "Metering label rule '%(rule_id)s' does not exist.")
NetworkNotFound = named(NotFound, "NetworkNotFound", "Network %(net_id)s could not be found.")
PortNotFound = named(NotFound, "PortNotFound", "Port %(port_id)s could not be found.")
QosPolicyNotFound = named(NotFound, "QosPolicyNotFound",
    "QoS policy %(policy_id)s could not be found.")
RbacPolicyNotFound = named(NotFound, "RbacPolicyNotFound",
    "RBAC policy of type %(object_type)s with ID %(id)s not found")
RouterInterfaceNotFound = named(NotFound, "RouterInterfaceNotFound",
    "Router %(router_id)s does not have an interface with id %(port_id)s")
RouterInterfaceNotFoundForSubnet = named(NotFound, "RouterInterfaceNotFoundForSubnet",
    "Router %(router_id)s has no interface on subnet %(subnet_id)s")
RouterNotFound = named(NotFound, "RouterNotFound", "Router %(router_id)s could not be found")
SecurityGroupNotFound = named(NotFound, "SecurityGroupNotFound",
    "Security group %(id)s does not exist")
SecurityGroupRuleNotFound = named(NotFound, "SecurityGroupRuleNotFound",
    "Security group rule %(id)s does not exist")
SubnetNotFound = named(NotFound, "SubnetNotFound", "Subnet %(subnet_id)s could not be found.")
SubnetPoolNotFound = named(NotFound, "SubnetPoolNotFound",
    "Subnet pool %(subnetpool_id)s could not be found.")
TagNotFound = named(NotFound, "TagNotFound", "Tag %(tag)s could not be found.")
TenantQuotaNotFound = named(NotFound, "TenantQuotaNotFound",
    "Quota for project %(tenant_id)s could not be found.")

# 409

AddressGroupInUse = named(Conflict, "AddressGroupInUse",
    "Address group %(address_group_id)s is in use on one or more security group rules.")
AddressPairAndPortSecurityRequired = named(Conflict, "AddressPairAndPortSecurityRequired",
    "Port Security must be enabled in order to have allowed address pairs on a port.")
AddressScopeInUse = named(Conflict, "AddressScopeInUse",
    "Unable to complete operation on address scope %(address_scope_id)s. There are one or more "
    "subnet pools in use on the address scope.")
AddressScopePrefixConflict = named(Conflict, "AddressScopePrefixConflict",
    "Failed to associate address scope: subnetpools within an address scope must have unique "
    "prefixes.")
DeviceIDNotOwnedByTenant = named(Conflict, "DeviceIDNotOwnedByTenant",
    "The following device_id %(device_id)s is not owned by your project or matches another "
    "project router.")
DuplicateRbacPolicy = named(Conflict, "DuplicateRbacPolicy",
    "An RBAC policy already exists with those values.")
ExternalNetworkInUse = named(Conflict, "ExternalNetworkInUse",
    "External network %(net_id)s cannot be updated to be made non-external, since it has "
    "existing gateway ports.")
FlatNetworkInUse = named(Conflict, "FlatNetworkInUse",
    "Unable to create the flat network. Physical network %(physical_network)s is in use.")
FloatingIPPortAlreadyAssociated = named(Conflict, "FloatingIPPortAlreadyAssociated",
    "Cannot associate floating IP %(floating_ip_address)s (%(fip_id)s) with port %(port_id)s "
    "using fixed IP %(fixed_ip)s, as that fixed IP already has a floating IP on external "
    "network %(net_id)s.")
GatewayConflictWithAllocationPools = named(Conflict, "GatewayConflictWithAllocationPools",
    "Gateway ip %(ip_address)s conflicts with allocation pool %(pool)s.")
GatewayIpInUse = named(Conflict, "GatewayIpInUse",
    "Current gateway ip %(ip_address)s already in use by port %(port_id)s. Unable to update.")
InvalidSharedSetting = named(Conflict, "InvalidSharedSetting",
    "Unable to reconfigure sharing settings for network %(network)s. Multiple projects are "
    "using it.")
IpAddressAlreadyAllocated = named(Conflict, "IpAddressAlreadyAllocated",
    "IP address %(ip)s already allocated in subnet %(subnet_id)s")
IpAddressGenerationFailure = named(Conflict, "IpAddressGenerationFailure",
    "No more IP addresses available on network %(net_id)s.")
MacAddressInUse = named(Conflict, "MacAddressInUse",
    "Unable to complete operation for network %(net_id)s. The mac address %(mac)s is in use.")
MeteringLabelRuleOverlaps = named(Conflict, "MeteringLabelRuleOverlaps",
    "Metering label rule with remote_ip_prefix '%(remote_ip_prefix)s' overlaps another.")
NetworkAmbiguous = named(Conflict, "NetworkAmbiguous",
    "Multiple possible networks found, use a Network ID to be more specific.")
NetworkHostedByDHCPAgent = named(Conflict, "NetworkHostedByDHCPAgent",
    "The network %(network_id)s has been already hosted by the DHCP Agent %(agent_id)s.")
NetworkInUse = named(Conflict, "NetworkInUse",
    "Unable to complete operation on network %(net_id)s. %(reason)s.")
NetworkMTUSubnetConflict = named(Conflict, "NetworkMTUSubnetConflict",
    "MTU of %(net_id)s is not valid, subnet requires a minimum of %(mtu)s")
NetworkNotHostedByDhcpAgent = named(Conflict, "NetworkNotHostedByDhcpAgent",
    "The network %(network_id)s is not hosted by the DHCP Agent %(agent_id)s.")
NoUniqueMatch = named(Conflict, "NoUniqueMatch",
    "Multiple security groups found matching '%(name)s'. Use an ID to be more specific.")
OverQuota = named(Conflict, "OverQuota", "Quota exceeded for resources: %(overs)s.")
OverlappingAllocationPools = named(Conflict, "OverlappingAllocationPools",
    "Found overlapping allocation pools: %(pool_1)s %(pool_2)s for subnet %(subnet_cidr)s.")
PortBound = named(Conflict, "PortBound",
    "Unable to complete operation on port %(port_id)s, port is already bound, port type: "
    "%(vif_type)s, old_mac %(old_mac)s, new_mac %(new_mac)s.")
PortInUse = named(Conflict, "PortInUse",
    "Unable to complete operation on port %(port_id)s for network %(net_id)s. Port already has "
    "an attached device %(device_id)s.")
PortInUseAsSubPort = named(Conflict, "PortInUseAsSubPort",
    "Port %(port_id)s is currently a subport for trunk %(trunk_id)s.")
PortInUseAsTrunkParent = named(Conflict, "PortInUseAsTrunkParent",
    "Port %(port_id)s is currently a parent port for trunk %(trunk_id)s.")
PortSecurityPortHasSecurityGroup = named(Conflict, "PortSecurityPortHasSecurityGroup",
    "Port has security group associated. Cannot disable port security or IP address until "
    "security group is removed.")
RbacPolicyInUse = named(Conflict, "RbacPolicyInUse",
    "RBAC policy on object %(object_id)s cannot be removed because other objects depend on "
    "it.\nDetails: %(details)s")
RouterExternalGatewayInUseByFloatingIp = named(Conflict, "RouterExternalGatewayInUseByFloatingIp",
    "Gateway cannot be updated for router %(router_id)s, since a gateway to external network "
    "%(net_id)s is required by one or more floating IPs.")
RouterGatewayInUseByNDPProxy = named(Conflict, "RouterGatewayInUseByNDPProxy",
    "Unable to unset external gateway of router %(router_id)s, There are one or more ndp "
    "proxies still in use on the router.")
RouterHostedByL3Agent = named(Conflict, "RouterHostedByL3Agent",
    "The router %(router_id)s has been already hosted by the L3 Agent %(agent_id)s.")
RouterInUse = named(Conflict, "RouterInUse", "Router %(router_id)s %(reason)s")
RouterInterfaceInUseByFloatingIP = named(Conflict, "RouterInterfaceInUseByFloatingIP",
    "Router interface for subnet %(subnet_id)s on router %(router_id)s cannot be deleted, as it "
    "is required by one or more floating IPs.")
RouterInterfaceInUseByNDPProxy = named(Conflict, "RouterInterfaceInUseByNDPProxy",
    "Unable to remove subnet %(subnet_id)s from router %(router_id)s, There are one or more ndp "
    "proxies still in use on the subnet.")
RouterInterfaceInUseByRoute = named(Conflict, "RouterInterfaceInUseByRoute",
    "Router interface for subnet %(subnet_id)s on router %(router_id)s cannot be deleted, as it "
    "is required by one or more routes.")
RouterNotHostedByL3Agent = named(Conflict, "RouterNotHostedByL3Agent",
    "The router %(router_id)s is not hosted by the L3 Agent %(agent_id)s.")
SecurityGroupCannotRemoveDefault = named(Conflict, "SecurityGroupCannotRemoveDefault",
    "Insufficient rights for removing default security group.")
SecurityGroupCannotUpdateDefault = named(Conflict, "SecurityGroupCannotUpdateDefault",
    "Updating default security group not allowed.")
SecurityGroupConflict = named(Conflict, "SecurityGroupConflict",
    "Error %(reason)s while attempting the operation.")
SecurityGroupDefaultAlreadyExists = named(Conflict, "SecurityGroupDefaultAlreadyExists",
    "Default security group already exists.")
SecurityGroupInUse = named(Conflict, "SecurityGroupInUse", "Security Group %(id)s %(reason)s.")
SecurityGroupRuleExists = named(Conflict, "SecurityGroupRuleExists",
    "Security group rule already exists. Rule id is %(rule_id)s.")
ServicePortInUse = named(Conflict, "ServicePortInUse",
    "Port %(port_id)s cannot be deleted directly via the port API: %(reason)s.")
SubnetInUse = named(Conflict, "SubnetInUse",
    "Unable to complete operation on subnet %(subnet_id)s: %(reason)s.")
SubnetPoolQuotaExceeded = named(Conflict, "SubnetPoolQuotaExceeded",
    "Per-project subnet pool prefix quota exceeded.")
TunnelIdInUse = named(Conflict, "TunnelIdInUse",
    "Unable to create the network. The tunnel ID %(tunnel_id)s is in use.")
UnsupportedPortDeviceOwner = named(Conflict, "UnsupportedPortDeviceOwner",
    "Operation %(op)s is not supported for device_owner %(device_owner)s on port %(port_id)s.")
VlanIdInUse = named(Conflict, "VlanIdInUse",
    "Unable to create the network. The VLAN %(vlan_id)s on physical network "
    "%(physical_network)s is in use.")

# 500

SubnetAllocationError = named(EmulatorError, "SubnetAllocationError",
    "Failed to allocate subnet: %(reason)s.")

# 503

NoNetworkAvailable = named(ServiceUnavailable, "NoNetworkAvailable",
    "Unable to create the network. No project network is available for allocation.")
