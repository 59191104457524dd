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


class PluginCannot(EmulatorError):
    """Neutron itself cannot do this; answered in a form of its own."""

    status = 501


class RevisionNumberConstraintFailed(PreconditionFailed):
    """An If-Match names another revision."""

    template = "Constrained to %(required)s, but current revision is %(current)s"


def named(
    kind: type[EmulatorError], name: str, template: str, reason: str = ""
) -> type[EmulatorError]:
    """Return one named error of a kind, with its words; `reason` where it is not the kind's."""
    facts = {"template": template, "__doc__": template, "__module__": __name__}
    return type(name, (kind,), {**facts, "reason": reason or kind.reason})


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
ConntrackHelperNotAllowed = named(BadInput, "ConntrackHelperNotAllowed",
    "Conntrack Helper %(helper)s is not allowed.")
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
InvalidAddress = named(BadInput, "InvalidAddress",
    "The address %(address)s is invalid, reason: %(reason)s.")
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
InvalidLogResourceType = named(BadInput, "InvalidLogResourceType",
    "Invalid log resource_type: %(resource_type)s.")
InvalidProtocolForHelper = named(BadInput, "InvalidProtocolForHelper",
    "Conntrack Helper %(helper)s does not support: %(protocol)s. Supported protocols are: "
    "%(supported_protocols)s")
InvalidRoutes = named(BadInput, "InvalidRoutes",
    "Invalid format for routes: %(routes)s, %(reason)s")
InvalidServiceType = named(BadInput, "InvalidServiceType",
    "Invalid service type: %(service_type)s.")
InvalidSubnetServiceType = named(BadInput, "InvalidSubnetServiceType",
    "Subnet service type %(service_type)s does not correspond to a valid device owner.")
LocalIPNoIP = named(BadInput, "LocalIPNoIP",
    "Specified Port %(port_id)s has no fixed IPs configured.")
LocalIPNoRequestedIP = named(BadInput, "LocalIPNoRequestedIP",
    "Specified Port %(port_id)s has several IPs, should specify exact IP address to use for "
    "Local IP.")
LocalIPPortOrNetworkRequired = named(BadInput, "LocalIPPortOrNetworkRequired",
    "Either Port ID or Network ID must be specified for Local IP create.")
LocalIPRequestedIPNotFound = named(BadInput, "LocalIPRequestedIPNotFound",
    "Specified Port %(port_id)s does not have requested IP address: %(ip)s.")
MalformedRequestBody = named(BadInput, "MalformedRequestBody",
    "Malformed request body: %(reason)s.")
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
NetworkSegmentRangeDefaultReadOnly = named(BadInput, "NetworkSegmentRangeDefaultReadOnly",
    "Network Segment Range %(range_id)s is a default segment range which could not be updated "
    "or deleted.")
NetworkSubnetPoolAffinityError = named(BadInput, "NetworkSubnetPoolAffinityError",
    "Subnets hosted on the same network must be allocated from the same subnet pool.")
OutOfBoundsAllocationPool = named(BadInput, "OutOfBoundsAllocationPool",
    "The allocation pool %(pool)s spans beyond the subnet cidr %(subnet_cidr)s.")
PortHasPortForwarding = named(BadInput, "PortHasPortForwarding",
    "Cannot associate floating IP to port %(port_id)s because it already has a Port Forwarding "
    "binding.")
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
SegmentsContainDuplicateEntry = named(BadInput, "SegmentsContainDuplicateEntry",
    "Duplicate segment entry in request.")
SegmentsSetInConjunctionWithProviders = named(BadInput, "SegmentsSetInConjunctionWithProviders",
    "Segments and provider values cannot both be set.")
ServiceProfileEmpty = named(BadInput, "ServiceProfileEmpty",
    "Service Profile needs either a driver or metainfo.")
SubnetMismatchForPort = named(BadInput, "SubnetMismatchForPort",
    "Subnet on port %(port_id)s does not match the requested subnet %(subnet_id)s.")
SubnetPoolDeleteError = named(BadInput, "SubnetPoolDeleteError",
    "Unable to delete subnet pool: %(reason)s.")
SubnetsNotAllAssociatedWithSegments = named(BadInput, "SubnetsNotAllAssociatedWithSegments",
    "All of the subnets on network '%(network_id)s' must either all be associated with segments "
    "or all not associated with any segment.")

# 403

AdminRequired = named(Forbidden, "AdminRequired",
    "User does not have admin privileges: %(reason)s.")
ExternalNetworkAttachForbidden = named(Forbidden, "ExternalNetworkAttachForbidden",
    "It is not allowed to create an interface on external network %(network_uuid)s")
NotAuthorized = named(Forbidden, "NotAuthorized", "Not authorized.")

# 404

AddressGroupNotFound = named(NotFound, "AddressGroupNotFound",
    "Address group %(address_group_id)s could not be found.")
AddressScopeNotFound = named(NotFound, "AddressScopeNotFound",
    "Address scope %(address_scope_id)s could not be found.")
AddressesNotFound = named(NotFound, "AddressesNotFound",
    "Addresses %(addresses)s not found in the address group %(address_group_id)s.")
AgentNotFound = named(NotFound, "AgentNotFound", "Agent %(id)s could not be found.")
AvailabilityZoneNotFound = named(NotFound, "AvailabilityZoneNotFound",
    "AvailabilityZone %(availability_zone)s could not be found.")
ConntrackHelperNotFound = named(NotFound, "ConntrackHelperNotFound",
    "Conntrack Helper %(id)s could not be found.")
DefaultSecurityGroupRuleNotFound = named(NotFound, "DefaultSecurityGroupRuleNotFound",
    "Default Security Group rule %(id)s does not exist")
ExternalGatewayForFloatingIPNotFound = named(NotFound, "ExternalGatewayForFloatingIPNotFound",
    "External network %(external_network_id)s is not reachable from subnet %(subnet_id)s.  "
    "Therefore, cannot associate Port %(port_id)s with a Floating IP.")
FlavorNotFound = named(NotFound, "FlavorNotFound", "Flavor %(flavor_id)s could not be found.")
FlavorServiceProfileBindingNotFound = named(NotFound, "FlavorServiceProfileBindingNotFound",
    "Service Profile %(sp_id)s is not associated with flavor %(fl_id)s.")
FloatingIPNotFound = named(NotFound, "FloatingIPNotFound",
    "Floating IP %(floatingip_id)s could not be found")
InvalidDHCPAgent = named(NotFound, "InvalidDHCPAgent",
    "Agent %(id)s is not a valid DHCP Agent or has been disabled.")
InvalidL3Agent = named(NotFound, "InvalidL3Agent",
    "Agent %(id)s is not a L3 Agent or has been disabled")
LocalIPAssociationNotFound = named(NotFound, "LocalIPAssociationNotFound",
    "Local IP %(local_ip_id)s association with port %(port_id)s could not be found.")
LocalIPNotFound = named(NotFound, "LocalIPNotFound", "Local IP %(id)s could not be found.")
LogResourceNotFound = named(NotFound, "LogResourceNotFound",
    "Log resource %(log_id)s could not be found.")
MeteringLabelNotFound = named(NotFound, "MeteringLabelNotFound",
    "Metering label '%(label_id)s' does not exist.")
MeteringLabelRuleNotFound = named(NotFound, "MeteringLabelRuleNotFound",
    "Metering label rule '%(rule_id)s' does not exist.")
NDPProxyNotFound = named(NotFound, "NDPProxyNotFound", "Ndp proxy %(id)s could not be found.")
NetworkNotFound = named(NotFound, "NetworkNotFound", "Network %(net_id)s could not be found.")
NetworkSegmentRangeNotFound = named(NotFound, "NetworkSegmentRangeNotFound",
    "Network Segment Range %(range_id)s could not be found.")
PortBindingNotFound = named(NotFound, "PortBindingNotFound",
    "Binding for port %(port_id)s for host %(host)s could not be found.")
PortForwardingNotFound = named(NotFound, "PortForwardingNotFound",
    "Port Forwarding %(id)s could not be found.")
PortNotFound = named(NotFound, "PortNotFound", "Port %(port_id)s could not be found.")
QosPolicyNotFound = named(NotFound, "QosPolicyNotFound",
    "QoS policy %(policy_id)s could not be found.")
QosRuleNotFound = named(NotFound, "QosRuleNotFound",
    "QoS rule %(rule_id)s for policy %(policy_id)s could not be found.")
RbacPolicyNotFound = named(NotFound, "RbacPolicyNotFound",
    "RBAC policy of type %(object_type)s with ID %(id)s not found")
ResourceNotFound = named(NotFound, "ResourceNotFound",
    "Resource %(resource_id)s could not be found.")
RouterInterfaceNotFound = named(NotFound, "RouterInterfaceNotFound",
    "Router %(router_id)s does not have an interface with id %(port_id)s")
RouterInterfaceNotFoundForSubnet = named(NotFound, "RouterInterfaceNotFoundForSubnet",
    "Router %(router_id)s has no interface on subnet %(subnet_id)s")
RouterNotFound = named(NotFound, "RouterNotFound", "Router %(router_id)s could not be found")
SecurityGroupDefaultStatefulnessNotFound = named(NotFound,
    "SecurityGroupDefaultStatefulnessNotFound",
    "Security group default statefulness %(id)s could not be found.")
SecurityGroupNotFound = named(NotFound, "SecurityGroupNotFound",
    "Security group %(id)s does not exist")
SecurityGroupRuleNotFound = named(NotFound, "SecurityGroupRuleNotFound",
    "Security group rule %(id)s does not exist")
SegmentNotFound = named(NotFound, "SegmentNotFound", "Segment %(segment_id)s could not be found.")
ServiceProfileNotFound = named(NotFound, "ServiceProfileNotFound",
    "Service Profile %(sp_id)s could not be found.")
SubPortNotFound = named(NotFound, "SubPortNotFound",
    "SubPort %(port_id)s on trunk %(trunk_id)s could not be found.")
SubnetNotFound = named(NotFound, "SubnetNotFound", "Subnet %(subnet_id)s could not be found.")
SubnetPoolNotFound = named(NotFound, "SubnetPoolNotFound",
    "Subnet pool %(subnetpool_id)s could not be found.")
TagNotFound = named(NotFound, "TagNotFound", "Tag %(tag)s could not be found.")
TargetResourceNotFound = named(NotFound, "TargetResourceNotFound",
    "Target resource %(target_id)s could not be found.")
TenantQuotaNotFound = named(NotFound, "TenantQuotaNotFound",
    "Quota for project %(tenant_id)s could not be found.")
TrunkNotFound = named(NotFound, "TrunkNotFound", "Trunk %(trunk_id)s could not be found.")

# 409

AddressGroupInUse = named(Conflict, "AddressGroupInUse",
    "Address group %(address_group_id)s is in use on one or more security group rules.")
AddressPairAndPortSecurityRequired = named(Conflict, "AddressPairAndPortSecurityRequired",
    "Port Security must be enabled in order to have allowed address pairs on a port.")
AddressScopeConflict = named(Conflict, "AddressScopeConflict",
    "The IPv6 address scope %(ext_address_scope)s of external network conflict with internal "
    "network's IPv6 address scope %(internal_address_scope)s.")
AddressScopeInUse = named(Conflict, "AddressScopeInUse",
    "Unable to complete operation on address scope %(address_scope_id)s. There are one or more "
    "subnet pools in use on the address scope.")
AddressScopePrefixConflict = named(Conflict, "AddressScopePrefixConflict",
    "Failed to associate address scope: subnetpools within an address scope must have unique "
    "prefixes.")
AutoAllocationFailure = named(Conflict, "AutoAllocationFailure", "Deployment error: %(reason)s.")
DefaultSecurityGroupRuleExists = named(Conflict, "DefaultSecurityGroupRuleExists",
    "Default Security group rule already exists. Rule id is %(rule_id)s.")
DeviceIDNotOwnedByTenant = named(Conflict, "DeviceIDNotOwnedByTenant",
    "The following device_id %(device_id)s is not owned by your project or matches another "
    "project router.")
DuplicateRbacPolicy = named(Conflict, "DuplicateRbacPolicy",
    "An RBAC policy already exists with those values.")
DuplicateSecurityGroupRuleInPost = named(Conflict, "DuplicateSecurityGroupRuleInPost",
    "Duplicate Security Group Rule in POST.")
DuplicateSubPort = named(Conflict, "DuplicateSubPort",
    "segmentation_type %(segmentation_type)s and segmentation_id %(segmentation_id)s already in "
    "use on trunk %(trunk_id)s.")
ExternalNetworkInUse = named(Conflict, "ExternalNetworkInUse",
    "External network %(net_id)s cannot be updated to be made non-external, since it has "
    "existing gateway ports.")
FipInUseByPortForwarding = named(Conflict, "FipInUseByPortForwarding",
    "Floating IP %(id)s in use by Port Forwarding resources.")
FlatNetworkInUse = named(Conflict, "FlatNetworkInUse",
    "Unable to create the flat network. Physical network %(physical_network)s is in use.")
FlavorInUse = named(Conflict, "FlavorInUse",
    "Flavor %(flavor_id)s is used by some service instance.")
FlavorServiceProfileBindingExists = named(Conflict, "FlavorServiceProfileBindingExists",
    "Service Profile %(sp_id)s is already associated with flavor %(fl_id)s.")
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
IpamValueInvalid = named(Conflict, "IpamValueInvalid", "%(message_text)s")
LocalIPInUse = named(Conflict, "LocalIPInUse",
    "Local IP %(id)s is still associated with one or more ports.")
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
NetworkSegmentRangeOverlaps = named(Conflict, "NetworkSegmentRangeOverlaps",
    "Network segment range overlaps with range(s) with id %(range_id)s")
NetworkSegmentRangeReferencedByProject = named(Conflict, "NetworkSegmentRangeReferencedByProject",
    "Network Segment Range %(range_id)s is referenced by one or more project networks.")
NoUniqueMatch = named(Conflict, "NoUniqueMatch",
    "Multiple security groups found matching '%(name)s'. Use an ID to be more specific.")
OverQuota = named(Conflict, "OverQuota", "Quota exceeded for resources: %(overs)s.", "quota")
OverlappingAllocationPools = named(Conflict, "OverlappingAllocationPools",
    "Found overlapping allocation pools: %(pool_1)s %(pool_2)s for subnet %(subnet_cidr)s.")
ParentPortInUse = named(Conflict, "ParentPortInUse",
    "Port %(port_id)s is currently in use and is not eligible for use as a parent port.")
PortBindingAlreadyActive = named(Conflict, "PortBindingAlreadyActive",
    "Binding for port %(port_id)s on host %(host)s is already active.")
PortBindingAlreadyExists = named(Conflict, "PortBindingAlreadyExists",
    "Binding for port %(port_id)s on host %(host)s already exists.")
NeutronDbObjectDuplicateEntry = named(Conflict, "NeutronDbObjectDuplicateEntry",
    "Failed to create a duplicate %(object_type)s: for attribute(s) %(attributes)s with value(s) "
    "%(values)s")
PortBound = named(Conflict, "PortBound",
    "Unable to complete operation on port %(port_id)s, port is already bound, port type: "
    "%(vif_type)s, old_mac %(old_mac)s, new_mac %(new_mac)s.")
PortHasBindingFloatingIP = named(Conflict, "PortHasBindingFloatingIP",
    "Cannot create port forwarding to floating IP %(floating_ip_address)s (%(fip_id)s) with "
    "port %(port_id)s using fixed IP %(fixed_ip)s, as that port already has a binding floating "
    "IP.")
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
PortUnreachableRouter = named(Conflict, "PortUnreachableRouter",
    "The port %(port_id)s cannot reach the router %(router_id)s by IPv6 subnet.")
QoSPolicyDefaultAlreadyExists = named(Conflict, "QoSPolicyDefaultAlreadyExists",
    "A default QoS policy exists for project %(project_id)s.")
QoSRuleParameterConflict = named(Conflict, "QoSRuleParameterConflict",
    "Unable to add the rule with value %(rule_value)s to the policy %(policy_id)s as the "
    "existing rule of type %(existing_rule)s has value %(existing_value)s.")
QoSRulesConflict = named(Conflict, "QoSRulesConflict",
    "Rule %(new_rule_type)s conflicts with rule %(rule_id)s which already exists in QoS Policy "
    "%(policy_id)s.")
QosPolicyInUse = named(Conflict, "QosPolicyInUse",
    "QoS Policy %(policy_id)s is used by %(object_type)s %(object_id)s.")
RbacPolicyInUse = named(Conflict, "RbacPolicyInUse",
    "RBAC policy on object %(object_id)s cannot be removed because other objects depend on "
    "it.\nDetails: %(details)s")
RouterExternalGatewayInUseByFloatingIp = named(Conflict, "RouterExternalGatewayInUseByFloatingIp",
    "Gateway cannot be updated for router %(router_id)s, since a gateway to external network "
    "%(net_id)s is required by one or more floating IPs.")
RouterGatewayInUseByNDPProxy = named(Conflict, "RouterGatewayInUseByNDPProxy",
    "Unable to unset external gateway of router %(router_id)s, There are one or more ndp "
    "proxies still in use on the router.")
RouterGatewayNotValid = named(Conflict, "RouterGatewayNotValid",
    "Can not enable ndp proxy on router %(router_id)s, %(reason)s.")
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
RouterNDPProxyNotEnable = named(Conflict, "RouterNDPProxyNotEnable",
    "The enable_ndp_proxy parameter of router %(router_id)s must be set as True while create "
    "ndp proxy entry on it.")
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
SecurityGroupDefaultStatefulnessAlreadyExists = named(Conflict,
    "SecurityGroupDefaultStatefulnessAlreadyExists",
    "A security group default statefulness setting already exists for project '%(project_id)s'.")
SecurityGroupInUse = named(Conflict, "SecurityGroupInUse", "Security Group %(id)s %(reason)s.")
SecurityGroupRuleExists = named(Conflict, "SecurityGroupRuleExists",
    "Security group rule already exists. Rule id is %(rule_id)s.")
SegmentInUse = named(Conflict, "SegmentInUse",
    "Segment '%(segment_id)s' cannot be deleted: %(reason)s.")
ServicePortInUse = named(Conflict, "ServicePortInUse",
    "Port %(port_id)s cannot be deleted directly via the port API: %(reason)s.")
ServiceProfileInUse = named(Conflict, "ServiceProfileInUse",
    "Service Profile %(sp_id)s is used by some service instance.")
SubnetInUse = named(Conflict, "SubnetInUse",
    "Unable to complete operation on subnet %(subnet_id)s: %(reason)s.")
SubnetPoolQuotaExceeded = named(Conflict, "SubnetPoolQuotaExceeded",
    "Per-project subnet pool prefix quota exceeded.")
SubPortMtuGreaterThanTrunkPortMtu = named(Conflict, "SubPortMtuGreaterThanTrunkPortMtu",
    "MTU %(port_mtu)s of subport %(port_id)s cannot be greater than MTU %(trunk_mtu)s of trunk"
    " %(trunk_id)s.")
TrunkDisabled = named(Conflict, "TrunkDisabled", "Trunk %(trunk_id)s is currently disabled.")
TrunkInUse = named(Conflict, "TrunkInUse", "Trunk %(trunk_id)s is currently in use.")
TrunkPortInUse = named(Conflict, "TrunkPortInUse", "Port %(port_id)s is in use by another trunk.")
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
