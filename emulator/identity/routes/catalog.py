"""Rows of the catalog, and of what hangs on it: filters, policies, limits."""

from emulator.identity import (
    endpoint_filter,
    endpoints,
    limits,
    policy_records,
    regions,
    registered_limits,
    services,
)
from emulator.identity.routes.row import on
from emulator.wire.operation import load

LIMIT = load("limit", limits.find, target=limits.target)

CATALOG = (
    on("GET", "/regions", regions.index, "list_regions", query=regions.LIST),
    on("POST", "/regions", regions.create, "create_region", body=regions.CREATE, status=201),
    on("GET", "/regions/{region_id}", regions.show, "get_region"),
    on(
        "PUT",
        "/regions/{region_id}",
        regions.create,
        "create_region",
        body=regions.CREATE,
        status=201,
    ),
    on("PATCH", "/regions/{region_id}", regions.update, "update_region", body=regions.UPDATE),
    on("DELETE", "/regions/{region_id}", regions.delete, "delete_region"),
    on("GET", "/services", services.index, "list_services"),
    on("POST", "/services", services.create, "create_service", body=services.CREATE, status=201),
    on("GET", "/services/{service_id}", services.show, "get_service"),
    on("PATCH", "/services/{service_id}", services.update, "update_service", body=services.UPDATE),
    on("DELETE", "/services/{service_id}", services.delete, "delete_service"),
    on("GET", "/endpoints", endpoints.index, "list_endpoints", query=endpoints.LIST),
    on(
        "POST", "/endpoints", endpoints.create, "create_endpoint", body=endpoints.CREATE, status=201
    ),
    on("GET", "/endpoints/{endpoint_id}", endpoints.show, "get_endpoint"),
    on(
        "PATCH",
        "/endpoints/{endpoint_id}",
        endpoints.update,
        "update_endpoint",
        body=endpoints.UPDATE,
    ),
    on("DELETE", "/endpoints/{endpoint_id}", endpoints.delete, "delete_endpoint"),
)

FILTER = (
    on(
        "GET",
        "/OS-EP-FILTER/endpoint_groups",
        endpoint_filter.index,
        "list_endpoint_groups",
        query=endpoint_filter.LIST,
    ),
    on(
        "POST",
        "/OS-EP-FILTER/endpoint_groups",
        endpoint_filter.create,
        "create_endpoint_group",
        body=endpoint_filter.CREATE,
        status=201,
    ),
    on(
        "GET",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}",
        endpoint_filter.show,
        "get_endpoint_group",
    ),
    on(
        "PATCH",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}",
        endpoint_filter.update,
        "update_endpoint_group",
        body=endpoint_filter.UPDATE,
    ),
    on(
        "DELETE",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}",
        endpoint_filter.delete,
        "delete_endpoint_group",
    ),
    on(
        "GET",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/endpoints",
        endpoint_filter.group_endpoints,
        "list_endpoints_associated_with_endpoint_group",
    ),
    on(
        "GET",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects",
        endpoint_filter.group_projects,
        "list_projects_associated_with_endpoint_group",
    ),
    on(
        "GET",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}",
        endpoint_filter.link_shown,
        "get_endpoint_group_in_project",
    ),
    on(
        "PUT",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}",
        endpoint_filter.link,
        "add_endpoint_group_to_project",
    ),
    on(
        "DELETE",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}",
        endpoint_filter.unlink,
        "remove_endpoint_group_from_project",
    ),
    on(
        "GET",
        "/OS-EP-FILTER/endpoints/{endpoint_id}/projects",
        endpoint_filter.endpoint_projects,
        "list_projects_for_endpoint",
    ),
    on(
        "GET",
        "/OS-EP-FILTER/projects/{project_id}/endpoint_groups",
        endpoint_filter.project_groups,
        "list_endpoint_groups_for_project",
    ),
    on(
        "GET",
        "/OS-EP-FILTER/projects/{project_id}/endpoints",
        endpoint_filter.project_endpoints,
        "list_endpoints_for_project",
    ),
    on(
        "GET",
        "/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}",
        endpoint_filter.link_shown,
        "check_endpoint_in_project",
    ),
    on(
        "PUT",
        "/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}",
        endpoint_filter.link,
        "add_endpoint_to_project",
    ),
    on(
        "DELETE",
        "/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}",
        endpoint_filter.unlink,
        "remove_endpoint_from_project",
    ),
)

POLICIES = (
    on("GET", "/policies", policy_records.index, "list_policies"),
    on(
        "POST",
        "/policies",
        policy_records.create,
        "create_policy",
        body=policy_records.ANY,
        status=201,
    ),
    on("GET", "/policies/{policy_id}", policy_records.show, "get_policy"),
    on(
        "PATCH",
        "/policies/{policy_id}",
        policy_records.update,
        "update_policy",
        body=policy_records.ANY,
    ),
    on("DELETE", "/policies/{policy_id}", policy_records.delete, "delete_policy"),
    on(
        "GET",
        "/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints",
        policy_records.endpoints_of,
        "list_endpoints_for_policy",
    ),
    on(
        "GET",
        "/endpoints/{endpoint_id}/OS-ENDPOINT-POLICY/policy",
        policy_records.of_endpoint,
        "get_policy_for_endpoint",
    ),
    on(
        "GET",
        "/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}",
        policy_records.applies,
        "check_policy_association_for_endpoint",
    ),
    on(
        "PUT",
        "/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}",
        policy_records.apply,
        "create_policy_association_for_endpoint",
    ),
    on(
        "DELETE",
        "/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}",
        policy_records.unapply,
        "delete_policy_association_for_endpoint",
    ),
    on(
        "GET",
        "/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}",
        policy_records.applies,
        "check_policy_association_for_service",
    ),
    on(
        "PUT",
        "/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}",
        policy_records.apply,
        "create_policy_association_for_service",
    ),
    on(
        "DELETE",
        "/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}",
        policy_records.unapply,
        "delete_policy_association_for_service",
    ),
    on(
        "GET",
        "/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}",
        policy_records.applies,
        "check_policy_association_for_region_and_service",
    ),
    on(
        "PUT",
        "/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}",
        policy_records.apply,
        "create_policy_association_for_region_and_service",
    ),
    on(
        "DELETE",
        "/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}",
        policy_records.unapply,
        "delete_policy_association_for_region_and_service",
    ),
)

LIMITS = (
    on(
        "GET",
        "/registered_limits",
        registered_limits.index,
        "list_registered_limits",
        query=registered_limits.LIST,
    ),
    on(
        "POST",
        "/registered_limits",
        registered_limits.create,
        "create_registered_limits",
        body=registered_limits.CREATE,
        status=201,
    ),
    on(
        "GET",
        "/registered_limits/{registered_limit_id}",
        registered_limits.show,
        "get_registered_limit",
    ),
    on(
        "PATCH",
        "/registered_limits/{registered_limit_id}",
        registered_limits.update,
        "update_registered_limit",
        body=registered_limits.UPDATE,
    ),
    on(
        "DELETE",
        "/registered_limits/{registered_limit_id}",
        registered_limits.delete,
        "delete_registered_limit",
    ),
    on("GET", "/limits", limits.index, "list_limits", query=limits.LIST),
    on("POST", "/limits", limits.create, "create_limits", body=limits.CREATE, status=201),
    on("GET", "/limits/model", limits.model, "get_limit_model"),
    on("GET", "/limits/{limit_id}", limits.show, "get_limit", load=LIMIT),
    on("PATCH", "/limits/{limit_id}", limits.update, "update_limit", body=limits.UPDATE),
    on("DELETE", "/limits/{limit_id}", limits.delete, "delete_limit"),
)
