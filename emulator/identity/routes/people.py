"""Rows of tokens, users, groups, projects, domains, roles and who has them."""

from emulator.identity import (
    auth,
    authentication,
    domain_config,
    domains,
    grants,
    groups,
    implied_roles,
    project_tags,
    projects,
    revocations,
    role_assignments,
    roles,
    tokens,
    users,
)
from emulator.identity.routes.row import on
from emulator.wire.operation import Operation, load

DOMAIN = load("domain", projects.domain, target=domains.target)
GROUP = load("group", groups.find, target=groups.target)
PROJECT = load("project", projects.find, target=projects.target)
USER = load("user", users.find, target=users.target)


def _grants(place: str, end: str = "") -> tuple[Operation, ...]:
    """The operations on the grants of users and of groups at a place; policy is asked inside."""
    rows: list[Operation] = []
    for actor in ("users/{user_id}", "groups/{group_id}"):
        path = f"{place}/{actor}/roles"
        if place != "/OS-INHERIT/projects/{project_id}":  # Keystone 30.0.0 has no such list
            rows.append(on("GET", f"{path}{end}", grants.index))
        rows += [
            on("GET", f"{path}/{{role_id}}{end}", grants.show, status=204),
            on("PUT", f"{path}/{{role_id}}{end}", grants.create, status=204),
            on("DELETE", f"{path}/{{role_id}}{end}", grants.delete, status=204),
        ]
    return tuple(rows)


TOKENS = (
    on("POST", "/auth/tokens", authentication.login, status=201, open=True),
    on("GET", "/auth/tokens", tokens.show),
    on("DELETE", "/auth/tokens", tokens.revoke, status=204),
    on("GET", "/auth/tokens/OS-PKI/revoked", auth.revoked, open=True),
    on("GET", "/auth/projects", auth.scope_projects, "get_auth_projects"),
    on("GET", "/auth/domains", auth.scope_domains, "get_auth_domains"),
    on("GET", "/auth/system", auth.scope_system, "get_auth_system"),
    on("GET", "/auth/catalog", auth.show_catalog, "get_auth_catalog"),
    on("GET", "/OS-FEDERATION/projects", auth.scope_projects, "get_auth_projects"),
    on("GET", "/OS-FEDERATION/domains", auth.scope_domains, "get_auth_domains"),
    on(
        "DELETE", "/users/{user_id}/tokens", tokens.revoke_user, "revoke_tokens_for_user", load=USER
    ),
    on("GET", "/OS-REVOKE/events", revocations.index, "list_revoke_events"),
)

PEOPLE = (
    on("GET", "/users", users.index, query=users.LIST),
    on("POST", "/users", users.create, body=users.CREATE, status=201),
    on("GET", "/users/{user_id}", users.show, "get_user", load=USER),
    on("PATCH", "/users/{user_id}", users.update, "update_user", body=users.UPDATE, load=USER),
    on("DELETE", "/users/{user_id}", users.delete, "delete_user", load=USER),
    on("POST", "/users/{user_id}/password", users.change_password, body=users.PASSWORD, open=True),
    on("GET", "/users/{user_id}/projects", users.projects_of, "list_user_projects", load=USER),
    on("GET", "/users/{user_id}/groups", groups.of_user, "list_groups_for_user", load=USER),
    on("GET", "/groups", groups.index, query=groups.LIST),
    on("POST", "/groups", groups.create, body=groups.CREATE, status=201),
    on("GET", "/groups/{group_id}", groups.show, "get_group", load=GROUP),
    on(
        "PATCH", "/groups/{group_id}", groups.update, "update_group", body=groups.UPDATE, load=GROUP
    ),
    on("DELETE", "/groups/{group_id}", groups.delete, "delete_group", load=GROUP),
    on("GET", "/groups/{group_id}/users", groups.members, "list_users_in_group", load=GROUP),
    on("GET", "/groups/{group_id}/users/{user_id}", groups.has_member),
    on("PUT", "/groups/{group_id}/users/{user_id}", groups.add_member),
    on("DELETE", "/groups/{group_id}/users/{user_id}", groups.drop_member),
)

PLACES = (
    on("GET", "/projects", projects.index, query=projects.LIST),
    on("POST", "/projects", projects.create, body=projects.CREATE, status=201),
    on("GET", "/projects/{project_id}", projects.show, "get_project", load=PROJECT),
    on(
        "PATCH",
        "/projects/{project_id}",
        projects.update,
        "update_project",
        body=projects.UPDATE,
        load=PROJECT,
    ),
    on("DELETE", "/projects/{project_id}", projects.delete, "delete_project", load=PROJECT),
    on("GET", "/projects/{project_id}/tags", project_tags.index, "list_project_tags", load=PROJECT),
    on(
        "PUT",
        "/projects/{project_id}/tags",
        project_tags.replace,
        "update_project_tags",
        body=project_tags.UPDATE,
        load=PROJECT,
    ),
    on(
        "DELETE",
        "/projects/{project_id}/tags",
        project_tags.clear,
        "delete_project_tags",
        load=PROJECT,
    ),
    on(
        "GET",
        "/projects/{project_id}/tags/{value}",
        project_tags.show,
        "get_project_tag",
        load=PROJECT,
    ),
    on(
        "PUT",
        "/projects/{project_id}/tags/{value}",
        project_tags.add,
        "create_project_tag",
        load=PROJECT,
    ),
    on(
        "DELETE",
        "/projects/{project_id}/tags/{value}",
        project_tags.remove,
        "delete_project_tag",
        load=PROJECT,
    ),
    on("GET", "/domains", domains.index, query=domains.LIST),
    on("POST", "/domains", domains.create, "create_domain", body=domains.CREATE, status=201),
    on("GET", "/domains/{domain_id}", domains.show, "get_domain", load=DOMAIN),
    on(
        "PATCH",
        "/domains/{domain_id}",
        domains.update,
        "update_domain",
        body=domains.UPDATE,
        load=DOMAIN,
    ),
    on("DELETE", "/domains/{domain_id}", domains.delete, "delete_domain", load=DOMAIN),
)

ROLES = (
    on("GET", "/roles", roles.index, query=roles.LIST),
    on("POST", "/roles", roles.create, body=roles.CREATE, status=201),
    on("GET", "/roles/{role_id}", roles.show),
    on("PATCH", "/roles/{role_id}", roles.update, body=roles.UPDATE),
    on("DELETE", "/roles/{role_id}", roles.delete),
    on("GET", "/roles/{role_id}/implies", implied_roles.index, "list_implied_roles"),
    on("GET", "/roles/{role_id}/implies/{implied_role_id}", implied_roles.show, "get_implied_role"),
    on(
        "PUT",
        "/roles/{role_id}/implies/{implied_role_id}",
        implied_roles.create,
        "create_implied_role",
    ),
    on(
        "DELETE",
        "/roles/{role_id}/implies/{implied_role_id}",
        implied_roles.delete,
        "delete_implied_role",
    ),
    on("GET", "/role_inferences", implied_roles.rules, "list_role_inference_rules"),
    on("GET", "/role_assignments", role_assignments.index, query=role_assignments.LIST),
    *_grants("/projects/{project_id}"),
    *_grants("/domains/{domain_id}"),
    *_grants("/system"),
    *_grants("/OS-INHERIT/projects/{project_id}", "/inherited_to_projects"),
    *_grants("/OS-INHERIT/domains/{domain_id}", "/inherited_to_projects"),
)

CONFIG = (
    on("GET", "/domains/config/default", domain_config.default, "get_domain_config_default"),
    on(
        "GET", "/domains/config/{group}/default", domain_config.default, "get_domain_config_default"
    ),
    on(
        "GET",
        "/domains/config/{group}/{option}/default",
        domain_config.default,
        "get_domain_config_default",
    ),
    on(
        "PUT",
        "/domains/{domain_id}/config",
        domain_config.create,
        "create_domain_config",
        body=domain_config.ANY,
    ),
    on("GET", "/domains/{domain_id}/config", domain_config.show),
    on(
        "PATCH",
        "/domains/{domain_id}/config",
        domain_config.update,
        "update_domain_config",
        body=domain_config.ANY,
    ),
    on("DELETE", "/domains/{domain_id}/config", domain_config.delete, "delete_domain_config"),
    on("GET", "/domains/{domain_id}/config/{group}", domain_config.show),
    on(
        "PATCH",
        "/domains/{domain_id}/config/{group}",
        domain_config.update,
        "update_domain_config",
        body=domain_config.ANY,
    ),
    on(
        "DELETE",
        "/domains/{domain_id}/config/{group}",
        domain_config.delete,
        "delete_domain_config",
    ),
    on("GET", "/domains/{domain_id}/config/{group}/{option}", domain_config.show),
    on(
        "PATCH",
        "/domains/{domain_id}/config/{group}/{option}",
        domain_config.update,
        "update_domain_config",
        body=domain_config.ANY,
    ),
    on(
        "DELETE",
        "/domains/{domain_id}/config/{group}/{option}",
        domain_config.delete,
        "delete_domain_config",
    ),
)
