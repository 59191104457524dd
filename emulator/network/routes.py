"""Neutron v2.0: every operation, one row each. Dashes and underscores mean the same in a path."""

from emulator.network import (
    address_groups,
    agents,
    extensions,
    local_ips,
    logs,
    metering,
    port_bindings,
    providers,
    quotas,
    root,
    routers,
    service_flavors,
    subnet_pools,
    tags,
    topology,
    trunks,
)
from emulator.network.address_groups import ADDRESS_GROUP
from emulator.network.address_scopes import ADDRESS_SCOPE
from emulator.network.availability import NETWORK_IP_AVAILABILITY
from emulator.network.conntrack import CONNTRACK_HELPER
from emulator.network.default_rule_routes import DEFAULT_RULE, STATEFULNESS
from emulator.network.floatingips import FLOATINGIP
from emulator.network.ndp_proxies import NDP_PROXY
from emulator.network.networks import NETWORK
from emulator.network.port_forwardings import PORT_FORWARDING
from emulator.network.ports import PORT
from emulator.network.qos import routes as qos
from emulator.network.qos.policies import POLICY
from emulator.network.rbac import RBAC_POLICY
from emulator.network.resource import member_action, verbs
from emulator.network.routers import ROUTER
from emulator.network.security_group_rules import SECURITY_GROUP_RULE
from emulator.network.security_groups import SECURITY_GROUP
from emulator.network.segment_ranges import SEGMENT_RANGE
from emulator.network.segments import SEGMENT
from emulator.network.subnet_pools import SUBNETPOOL
from emulator.network.subnets import SUBNET
from emulator.network.trunks import TRUNK
from emulator.wire.operation import Operation, op

DOCUMENTS: tuple[Operation, ...] = (
    op("GET", "", root.versions, open=True),
    op("GET", "/", root.versions, open=True),
)

ROWS: tuple[Operation, ...] = (
    op("GET", "", root.resources),
    op("GET", "/", root.resources),
    op("GET", "/extensions", extensions.index),
    op("GET", "/extensions/{alias}", extensions.show),
    *verbs(NETWORK),
    *verbs(SUBNET),
    *verbs(PORT),
    *verbs(SECURITY_GROUP),
    *verbs(SECURITY_GROUP_RULE),
    *routers.OPERATIONS,
    *verbs(FLOATINGIP),
    *verbs(SUBNETPOOL),
    member_action(SUBNETPOOL, "add_prefixes", subnet_pools.add_prefixes),
    member_action(SUBNETPOOL, "remove_prefixes", subnet_pools.remove_prefixes),
    member_action(SUBNETPOOL, "onboard_network_subnets", subnet_pools.onboard),
    *verbs(ADDRESS_SCOPE),
    *verbs(ADDRESS_GROUP),
    member_action(ADDRESS_GROUP, "add_addresses", address_groups.add),
    member_action(ADDRESS_GROUP, "remove_addresses", address_groups.remove),
    *verbs(RBAC_POLICY),
    *verbs(agents.AGENT),
    *agents.SCHEDULERS,
    *verbs(metering.LABEL),
    *verbs(metering.RULE),
    *qos.OPERATIONS,
    *trunks.OPERATIONS,
    *verbs(PORT_FORWARDING),
    *verbs(CONNTRACK_HELPER),
    *verbs(DEFAULT_RULE),
    *verbs(STATEFULNESS),
    *verbs(SEGMENT),
    *verbs(SEGMENT_RANGE),
    *verbs(NETWORK_IP_AVAILABILITY),
    *verbs(NDP_PROXY),
    *verbs(local_ips.LOCAL_IP),
    *verbs(local_ips.ASSOCIATION),
    *verbs(logs.LOG),
    op("GET", "/log/loggable-resources", logs.index_types),
    *service_flavors.OPERATIONS,
    *port_bindings.OPERATIONS,
    op("GET", "/auto-allocated-topology/{id}", topology.show),
    op("DELETE", "/auto-allocated-topology/{id}", topology.delete, status=204),
    op("GET", "/floatingip-pools", topology.floating_pools),
    op("GET", "/availability-zones", providers.index_zones),
    op("GET", "/service-providers", providers.index),
    op("GET", "/quotas", quotas.index),
    op("GET", "/quotas/tenant", quotas.show_own),
    op("GET", "/quotas/project", quotas.show_own),
    op("GET", "/quotas/{id}", quotas.show),
    op("PUT", "/quotas/{id}", quotas.update),
    op("DELETE", "/quotas/{id}", quotas.delete, status=204),
    op("GET", "/quotas/{id}/default", quotas.show_default),
    op("GET", "/quotas/{id}/details", quotas.show_details),
)
TAGGED = (
    NETWORK,
    SUBNET,
    PORT,
    SUBNETPOOL,
    ROUTER,
    FLOATINGIP,
    SECURITY_GROUP,
    TRUNK,
    SEGMENT_RANGE,
)


def spellings(path: str) -> list[str]:
    """Return a path with dashes and with underscores between the words of its literals."""
    parts = path.split("/")
    dashed = "/".join(p if p.startswith("{") else p.replace("_", "-") for p in parts)
    lined = "/".join(p if p.startswith("{") else p.replace("-", "_") for p in parts)
    return list(dict.fromkeys((path, dashed, lined)))


TAG_ROWS = (
    *(row for kind in TAGGED for row in tags.operations(kind)),
    *tags.operations(POLICY, "/policies"),
    *tags.operations(POLICY),
)

OPERATIONS: tuple[Operation, ...] = tuple(
    row._replace(path=path) for row in (*ROWS, *TAG_ROWS) for path in spellings(row.path)
)
