"""Routers: between networks, and out of the cloud."""

from emulator.network import converters, validators
from emulator.network.attributes import (
    ENFORCE,
    FILTER,
    NEUTRON_TIMES,
    NOT_SPECIFIED,
    POST,
    PUT,
    SORT,
    TAG_FILTERS,
    attr,
    attributes,
)
from emulator.network.listing import Pages, anything
from emulator.network.resource import Resource, member_action, own_rows, verbs
from emulator.network.routers import gateway, interfaces, operations

# Schemas

CHANGED = POST | PUT

ATTRIBUTES = attributes(
    attr("id", FILTER | SORT),
    attr("name", CHANGED | FILTER | SORT, default="", check=validators.name()),
    attr("admin_state_up", CHANGED | FILTER | SORT, default=True, to=converters.boolean),
    attr("status", SORT),
    attr("tenant_id", POST | FILTER | SORT, check=validators.string(255)),
    attr(
        "external_gateway_info",
        CHANGED | ENFORCE,
        default=None,
        check=validators.mapping_or_nothing(gateway.INFO),
        parts=tuple(gateway.INFO),
    ),
    attr("ha", CHANGED | ENFORCE, default=NOT_SPECIFIED, to=converters.boolean_or_none),
    attr(
        "enable_ndp_proxy",
        CHANGED | FILTER,
        default=NOT_SPECIFIED,
        to=converters.boolean_or_none,
    ),
    attr("flavor_id", POST | SORT | ENFORCE, default=NOT_SPECIFIED),
    attr("availability_zones", 0),
    attr("availability_zone_hints", POST, default=[], check=validators.zone_hints),
    attr("distributed", CHANGED | ENFORCE, default=NOT_SPECIFIED, to=converters.boolean_or_none),
    attr("conntrack_helpers", 0, default=None),
    attr(
        "routes",
        PUT,
        default=NOT_SPECIFIED,
        to=converters.empty_list,
        check=validators.host_routes,
    ),
    attr("description", CHANGED | FILTER, default="", check=validators.string(255)),
    *NEUTRON_TIMES,
    *TAG_FILTERS,
)

ROUTER = Resource(
    member="router",
    collection="routers",
    path="/routers",
    table="network_routers",
    attributes=ATTRIBUTES,
    missing=operations.missing,
    view=operations.view,
    create=operations.create,
    update=operations.update,
    delete=operations.delete,
    sees=own_rows("network_routers"),
    filters={"enable_ndp_proxy": anything},
    pages=Pages.CHECKED,
    bulk=False,
)

OPERATIONS = (
    *verbs(ROUTER),
    member_action(ROUTER, "add_router_interface", interfaces.add),
    member_action(ROUTER, "remove_router_interface", interfaces.remove),
    member_action(ROUTER, "add_extraroutes", operations.add_routes),
    member_action(ROUTER, "remove_extraroutes", operations.remove_routes),
)
