"""Keystone v3: every operation, one row each."""

from emulator.identity import (
    access_rules,
    application_credentials,
    auth,
    authentication,
    credentials,
    domains,
    ec2,
    endpoint_filter,
    endpoints,
    grants,
    groups,
    implied_roles,
    limits,
    project_tags,
    projects,
    regions,
    registered_limits,
    revocations,
    role_assignments,
    roles,
    root,
    services,
    tokens,
    trusts,
    users,
)
from emulator.wire.operation import Operation, load, op

USER = load("user", users.find, target=users.target)
GROUP = load("group", groups.find, target=groups.target)
PROJECT = load("project", projects.find, target=projects.target)
DOMAIN = load("domain", projects.domain, target=domains.target)
CREDENTIAL = load("credential", credentials.find, target=credentials.target)
TRUST = load("trust", trusts.find, target=trusts.target)
LIMIT = load("limit", limits.find, target=limits.target)

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

CREDENTIALS = (
    op(
        "GET",
        "/users/{user_id}/application_credentials",
        application_credentials.index,
        query=application_credentials.LIST,
        policy="identity:list_application_credentials",
    ),
    op(
        "POST",
        "/users/{user_id}/application_credentials",
        application_credentials.create,
        body=application_credentials.CREATE,
        status=201,
        policy="identity:create_application_credential",
    ),
    op(
        "GET",
        "/users/{user_id}/application_credentials/{application_credential_id}",
        application_credentials.show,
    ),
    op(
        "DELETE",
        "/users/{user_id}/application_credentials/{application_credential_id}",
        application_credentials.delete,
    ),
    op(
        "GET",
        "/users/{user_id}/access_rules",
        access_rules.index,
        query=access_rules.LIST,
        load=USER,
        policy="identity:list_access_rules",
    ),
    op(
        "GET",
        "/users/{user_id}/access_rules/{access_rule_id}",
        access_rules.show,
        load=USER,
        policy="identity:get_access_rule",
    ),
    op(
        "DELETE",
        "/users/{user_id}/access_rules/{access_rule_id}",
        access_rules.delete,
        load=USER,
        policy="identity:delete_access_rule",
    ),
    op("GET", "/credentials", credentials.index, query=credentials.LIST),
    op("POST", "/credentials", credentials.create, body=credentials.CREATE, status=201),
    op(
        "GET",
        "/credentials/{credential_id}",
        credentials.show,
        load=CREDENTIAL,
        policy="identity:get_credential",
    ),
    op(
        "PATCH",
        "/credentials/{credential_id}",
        credentials.update,
        body=credentials.UPDATE,
        load=CREDENTIAL,
        policy="identity:update_credential",
    ),
    op(
        "DELETE",
        "/credentials/{credential_id}",
        credentials.delete,
        load=CREDENTIAL,
        policy="identity:delete_credential",
    ),
    op(
        "GET",
        "/users/{user_id}/credentials/OS-EC2",
        ec2.index,
        policy="identity:ec2_list_credentials",
    ),
    op("POST", "/users/{user_id}/credentials/OS-EC2", ec2.create, body=ec2.ANY, status=201),
    op("GET", "/users/{user_id}/credentials/OS-EC2/{credential_id}", ec2.show),
    op("DELETE", "/users/{user_id}/credentials/OS-EC2/{credential_id}", ec2.delete),
    op("POST", "/ec2tokens", ec2.ec2_token, body=ec2.ANY, policy="identity:ec2tokens_validate"),
    op("POST", "/s3tokens", ec2.s3_token, body=ec2.ANY, policy="identity:s3tokens_validate"),
)

TRUSTS = (
    op("GET", "/OS-TRUST/trusts", trusts.index, query=trusts.LIST),
    op("POST", "/OS-TRUST/trusts", trusts.create, body=trusts.CREATE, status=201),
    op("GET", "/OS-TRUST/trusts/{trust_id}", trusts.show, load=TRUST, policy="identity:get_trust"),
    op(
        "DELETE",
        "/OS-TRUST/trusts/{trust_id}",
        trusts.delete,
        load=TRUST,
        policy="identity:delete_trust",
    ),
    op(
        "GET",
        "/OS-TRUST/trusts/{trust_id}/roles",
        trusts.role_index,
        load=TRUST,
        policy="identity:list_roles_for_trust",
    ),
    op(
        "GET",
        "/OS-TRUST/trusts/{trust_id}/roles/{role_id}",
        trusts.role_show,
        load=TRUST,
        policy="identity:get_role_for_trust",
    ),
)

LIMITS = (
    op(
        "GET",
        "/registered_limits",
        registered_limits.index,
        query=registered_limits.LIST,
        policy="identity:list_registered_limits",
    ),
    op(
        "POST",
        "/registered_limits",
        registered_limits.create,
        body=registered_limits.CREATE,
        status=201,
        policy="identity:create_registered_limits",
    ),
    op(
        "GET",
        "/registered_limits/{registered_limit_id}",
        registered_limits.show,
        policy="identity:get_registered_limit",
    ),
    op(
        "PATCH",
        "/registered_limits/{registered_limit_id}",
        registered_limits.update,
        body=registered_limits.UPDATE,
        policy="identity:update_registered_limit",
    ),
    op(
        "DELETE",
        "/registered_limits/{registered_limit_id}",
        registered_limits.delete,
        policy="identity:delete_registered_limit",
    ),
    op("GET", "/limits", limits.index, query=limits.LIST, policy="identity:list_limits"),
    op(
        "POST",
        "/limits",
        limits.create,
        body=limits.CREATE,
        status=201,
        policy="identity:create_limits",
    ),
    op("GET", "/limits/model", limits.model, policy="identity:get_limit_model"),
    op("GET", "/limits/{limit_id}", limits.show, load=LIMIT, policy="identity:get_limit"),
    op(
        "PATCH",
        "/limits/{limit_id}",
        limits.update,
        body=limits.UPDATE,
        policy="identity:update_limit",
    ),
    op("DELETE", "/limits/{limit_id}", limits.delete, policy="identity:delete_limit"),
)

OPERATIONS: tuple[Operation, ...] = (
    *TOKENS,
    *PEOPLE,
    *PLACES,
    *ROLES,
    *CATALOG,
    *FILTER,
    *CREDENTIALS,
    *TRUSTS,
    *LIMITS,
)
