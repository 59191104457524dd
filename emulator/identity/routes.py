"""Keystone v3: every operation, one row each."""

from emulator.identity import (
    auth,
    authentication,
    domains,
    endpoint_filter,
    endpoints,
    grants,
    groups,
    implied_roles,
    project_tags,
    projects,
    regions,
    revocations,
    role_assignments,
    roles,
    root,
    services,
    tokens,
    users,
)
from emulator.wire.operation import Operation, load, op

USER = load("user", users.find, target=users.target)
GROUP = load("group", groups.find, target=groups.target)
PROJECT = load("project", projects.find, target=projects.target)
DOMAIN = load("domain", projects.domain, target=domains.target)

DOCUMENTS: tuple[Operation, ...] = (
    op("GET", "", root.versions, open=True),
    op("GET", "/", root.versions, open=True),
    op("GET", "/v3", root.version, open=True),
)


def _grants(place: str, end: str = "") -> tuple[Operation, ...]:
    """The operations on the grants of users and of groups at a place; policy is asked inside."""
    rows: list[Operation] = []
    for actor in ("users/{user_id}", "groups/{group_id}"):
        path = f"{place}/{actor}/roles"
        rows += [
            op("GET", f"{path}{end}", grants.index),
            op("GET", f"{path}/{{role_id}}{end}", grants.show, status=204),
            op("PUT", f"{path}/{{role_id}}{end}", grants.create, status=204),
            op("DELETE", f"{path}/{{role_id}}{end}", grants.delete, status=204),
        ]
    return tuple(rows)


TOKENS = (
    op("POST", "/auth/tokens", authentication.login, status=201, open=True),
    op("GET", "/auth/tokens", tokens.show),
    op("DELETE", "/auth/tokens", tokens.revoke, status=204),
    op("GET", "/auth/tokens/OS-PKI/revoked", auth.revoked, open=True),
    op("GET", "/auth/projects", auth.scope_projects, policy="identity:get_auth_projects"),
    op("GET", "/auth/domains", auth.scope_domains, policy="identity:get_auth_domains"),
    op("GET", "/auth/system", auth.scope_system, policy="identity:get_auth_system"),
    op("GET", "/auth/catalog", auth.show_catalog, policy="identity:get_auth_catalog"),
    op("GET", "/OS-FEDERATION/projects", auth.scope_projects, policy="identity:get_auth_projects"),
    op("GET", "/OS-FEDERATION/domains", auth.scope_domains, policy="identity:get_auth_domains"),
    op("GET", "/OS-REVOKE/events", revocations.index, policy="identity:list_revoke_events"),
)

PEOPLE = (
    op("GET", "/users", users.index, query=users.LIST),
    op("POST", "/users", users.create, body=users.CREATE, status=201),
    op("GET", "/users/{user_id}", users.show, load=USER, policy="identity:get_user"),
    op(
        "PATCH",
        "/users/{user_id}",
        users.update,
        body=users.UPDATE,
        load=USER,
        policy="identity:update_user",
    ),
    op("DELETE", "/users/{user_id}", users.delete, load=USER, policy="identity:delete_user"),
    op("POST", "/users/{user_id}/password", users.change_password, body=users.PASSWORD, open=True),
    op(
        "GET",
        "/users/{user_id}/projects",
        users.projects_of,
        load=USER,
        policy="identity:list_user_projects",
    ),
    op(
        "GET",
        "/users/{user_id}/groups",
        groups.of_user,
        load=USER,
        policy="identity:list_groups_for_user",
    ),
    op("GET", "/groups", groups.index, query=groups.LIST),
    op("POST", "/groups", groups.create, body=groups.CREATE, status=201),
    op("GET", "/groups/{group_id}", groups.show, load=GROUP, policy="identity:get_group"),
    op(
        "PATCH",
        "/groups/{group_id}",
        groups.update,
        body=groups.UPDATE,
        load=GROUP,
        policy="identity:update_group",
    ),
    op("DELETE", "/groups/{group_id}", groups.delete, load=GROUP, policy="identity:delete_group"),
    op(
        "GET",
        "/groups/{group_id}/users",
        groups.members,
        load=GROUP,
        policy="identity:list_users_in_group",
    ),
    op("GET", "/groups/{group_id}/users/{user_id}", groups.has_member),
    op("PUT", "/groups/{group_id}/users/{user_id}", groups.add_member),
    op("DELETE", "/groups/{group_id}/users/{user_id}", groups.drop_member),
)

PLACES = (
    op("GET", "/projects", projects.index, query=projects.LIST),
    op("POST", "/projects", projects.create, body=projects.CREATE, status=201),
    op("GET", "/projects/{project_id}", projects.show, load=PROJECT, policy="identity:get_project"),
    op(
        "PATCH",
        "/projects/{project_id}",
        projects.update,
        body=projects.UPDATE,
        load=PROJECT,
        policy="identity:update_project",
    ),
    op(
        "DELETE",
        "/projects/{project_id}",
        projects.delete,
        load=PROJECT,
        policy="identity:delete_project",
    ),
    op(
        "GET",
        "/projects/{project_id}/tags",
        project_tags.index,
        load=PROJECT,
        policy="identity:list_project_tags",
    ),
    op(
        "PUT",
        "/projects/{project_id}/tags",
        project_tags.replace,
        body=project_tags.UPDATE,
        load=PROJECT,
        policy="identity:update_project_tags",
    ),
    op(
        "DELETE",
        "/projects/{project_id}/tags",
        project_tags.clear,
        load=PROJECT,
        policy="identity:delete_project_tags",
    ),
    op(
        "GET",
        "/projects/{project_id}/tags/{value}",
        project_tags.show,
        load=PROJECT,
        policy="identity:get_project_tag",
    ),
    op(
        "PUT",
        "/projects/{project_id}/tags/{value}",
        project_tags.add,
        load=PROJECT,
        policy="identity:create_project_tag",
    ),
    op(
        "DELETE",
        "/projects/{project_id}/tags/{value}",
        project_tags.remove,
        load=PROJECT,
        policy="identity:delete_project_tag",
    ),
    op("GET", "/domains", domains.index, query=domains.LIST),
    op(
        "POST",
        "/domains",
        domains.create,
        body=domains.CREATE,
        status=201,
        policy="identity:create_domain",
    ),
    op("GET", "/domains/{domain_id}", domains.show, load=DOMAIN, policy="identity:get_domain"),
    op(
        "PATCH",
        "/domains/{domain_id}",
        domains.update,
        body=domains.UPDATE,
        load=DOMAIN,
        policy="identity:update_domain",
    ),
    op(
        "DELETE",
        "/domains/{domain_id}",
        domains.delete,
        load=DOMAIN,
        policy="identity:delete_domain",
    ),
)

ROLES = (
    op("GET", "/roles", roles.index, query=roles.LIST),
    op("POST", "/roles", roles.create, body=roles.CREATE, status=201),
    op("GET", "/roles/{role_id}", roles.show),
    op("PATCH", "/roles/{role_id}", roles.update, body=roles.UPDATE),
    op("DELETE", "/roles/{role_id}", roles.delete),
    op(
        "GET", "/roles/{role_id}/implies", implied_roles.index, policy="identity:list_implied_roles"
    ),
    op(
        "GET",
        "/roles/{role_id}/implies/{implied_role_id}",
        implied_roles.show,
        policy="identity:get_implied_role",
    ),
    op(
        "PUT",
        "/roles/{role_id}/implies/{implied_role_id}",
        implied_roles.create,
        policy="identity:create_implied_role",
    ),
    op(
        "DELETE",
        "/roles/{role_id}/implies/{implied_role_id}",
        implied_roles.delete,
        policy="identity:delete_implied_role",
    ),
    op("GET", "/role_inferences", implied_roles.rules, policy="identity:list_role_inference_rules"),
    op("GET", "/role_assignments", role_assignments.index, query=role_assignments.LIST),
    *_grants("/projects/{project_id}"),
    *_grants("/domains/{domain_id}"),
    *_grants("/system"),
    *_grants("/OS-INHERIT/projects/{project_id}", "/inherited_to_projects"),
    *_grants("/OS-INHERIT/domains/{domain_id}", "/inherited_to_projects"),
)

CATALOG = (
    op("GET", "/regions", regions.index, query=regions.LIST, policy="identity:list_regions"),
    op(
        "POST",
        "/regions",
        regions.create,
        body=regions.CREATE,
        status=201,
        policy="identity:create_region",
    ),
    op("GET", "/regions/{region_id}", regions.show, policy="identity:get_region"),
    op(
        "PUT",
        "/regions/{region_id}",
        regions.create,
        body=regions.CREATE,
        status=201,
        policy="identity:create_region",
    ),
    op(
        "PATCH",
        "/regions/{region_id}",
        regions.update,
        body=regions.UPDATE,
        policy="identity:update_region",
    ),
    op("DELETE", "/regions/{region_id}", regions.delete, policy="identity:delete_region"),
    op("GET", "/services", services.index, policy="identity:list_services"),
    op(
        "POST",
        "/services",
        services.create,
        body=services.CREATE,
        status=201,
        policy="identity:create_service",
    ),
    op("GET", "/services/{service_id}", services.show, policy="identity:get_service"),
    op(
        "PATCH",
        "/services/{service_id}",
        services.update,
        body=services.UPDATE,
        policy="identity:update_service",
    ),
    op("DELETE", "/services/{service_id}", services.delete, policy="identity:delete_service"),
    op(
        "GET", "/endpoints", endpoints.index, query=endpoints.LIST, policy="identity:list_endpoints"
    ),
    op(
        "POST",
        "/endpoints",
        endpoints.create,
        body=endpoints.CREATE,
        status=201,
        policy="identity:create_endpoint",
    ),
    op("GET", "/endpoints/{endpoint_id}", endpoints.show, policy="identity:get_endpoint"),
    op(
        "PATCH",
        "/endpoints/{endpoint_id}",
        endpoints.update,
        body=endpoints.UPDATE,
        policy="identity:update_endpoint",
    ),
    op("DELETE", "/endpoints/{endpoint_id}", endpoints.delete, policy="identity:delete_endpoint"),
)

FILTER = (
    op(
        "GET",
        "/OS-EP-FILTER/endpoint_groups",
        endpoint_filter.index,
        query=endpoint_filter.LIST,
        policy="identity:list_endpoint_groups",
    ),
    op(
        "POST",
        "/OS-EP-FILTER/endpoint_groups",
        endpoint_filter.create,
        body=endpoint_filter.CREATE,
        status=201,
        policy="identity:create_endpoint_group",
    ),
    op(
        "GET",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}",
        endpoint_filter.show,
        policy="identity:get_endpoint_group",
    ),
    op(
        "PATCH",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}",
        endpoint_filter.update,
        body=endpoint_filter.UPDATE,
        policy="identity:update_endpoint_group",
    ),
    op(
        "DELETE",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}",
        endpoint_filter.delete,
        policy="identity:delete_endpoint_group",
    ),
    op(
        "GET",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/endpoints",
        endpoint_filter.group_endpoints,
        policy="identity:list_endpoints_associated_with_endpoint_group",
    ),
    op(
        "GET",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects",
        endpoint_filter.group_projects,
        policy="identity:list_projects_associated_with_endpoint_group",
    ),
    op(
        "GET",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}",
        endpoint_filter.link_shown,
        policy="identity:get_endpoint_group_in_project",
    ),
    op(
        "PUT",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}",
        endpoint_filter.link,
        policy="identity:add_endpoint_group_to_project",
    ),
    op(
        "DELETE",
        "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}",
        endpoint_filter.unlink,
        policy="identity:remove_endpoint_group_from_project",
    ),
    op(
        "GET",
        "/OS-EP-FILTER/endpoints/{endpoint_id}/projects",
        endpoint_filter.endpoint_projects,
        policy="identity:list_projects_for_endpoint",
    ),
    op(
        "GET",
        "/OS-EP-FILTER/projects/{project_id}/endpoint_groups",
        endpoint_filter.project_groups,
        policy="identity:list_endpoint_groups_for_project",
    ),
    op(
        "GET",
        "/OS-EP-FILTER/projects/{project_id}/endpoints",
        endpoint_filter.project_endpoints,
        policy="identity:list_endpoints_for_project",
    ),
    op(
        "GET",
        "/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}",
        endpoint_filter.link_shown,
        policy="identity:check_endpoint_in_project",
    ),
    op(
        "PUT",
        "/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}",
        endpoint_filter.link,
        policy="identity:add_endpoint_to_project",
    ),
    op(
        "DELETE",
        "/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}",
        endpoint_filter.unlink,
        policy="identity:remove_endpoint_from_project",
    ),
)

OPERATIONS: tuple[Operation, ...] = (
    *TOKENS,
    *PEOPLE,
    *PLACES,
    *ROLES,
    *CATALOG,
    *FILTER,
)
