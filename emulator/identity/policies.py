"""Keystone v3: policy rule → check, in oslo.policy's language (Keystone 30.0.0, its defaults)."""

from collections.abc import Mapping
from functools import partial

from emulator import former_policies
from emulator.policy import Caller, Check, Target

ADMIN = "rule:admin_required"
READER = "rule:admin_required or (role:reader and system_scope:all)"
SERVICE = "rule:service_or_admin"
ANYONE = ""
OWNER = "rule:admin_required or (role:reader and system_scope:all) or rule:owner"
CREDENTIAL_READER = (
    "rule:admin_required or (role:reader and system_scope:all) or "
    "user_id:%(target.credential.user_id)s"
)
CREDENTIAL_OWNER = "rule:admin_required or user_id:%(target.credential.user_id)s"
EC2_OWNER = "rule:admin_required or (role:member and user_id:%(target.credential.user_id)s)"
GROUP_READER = (
    "rule:admin_required or (role:reader and system_scope:all) or "
    "(role:reader and domain_id:%(target.group.domain_id)s)"
)
GROUP_MANAGER = "rule:admin_required or (role:manager and domain_id:%(target.group.domain_id)s)"
MEMBERSHIP_MANAGER = (
    "rule:admin_required or (role:manager and domain_id:%(target.group.domain_id)s "
    "and domain_id:%(target.user.domain_id)s)"
)
PROJECT_READER = (
    "rule:admin_required or (role:reader and system_scope:all) or "
    "(role:reader and domain_id:%(target.project.domain_id)s and not "
    "None:%(target.project.domain_id)s) or "
    "project_id:%(target.project.id)s"
)
PROJECT_MANAGER = (
    "rule:admin_required or (role:manager and "
    "domain_id:%(target.project.domain_id)s and not "
    "None:%(target.project.domain_id)s)"
)
DOMAIN_READER = (
    "rule:admin_required or (role:reader and system_scope:all) or "
    "(role:reader and domain_id:%(target.domain_id)s)"
)
USER_MANAGER = "rule:admin_required or (role:manager and token.domain.id:%(target.user.domain_id)s)"
TRUST_PARTY = (
    "rule:admin_required or (role:reader and system_scope:all or "
    "user_id:%(target.trust.trustor_user_id)s or "
    "user_id:%(target.trust.trustee_user_id)s)"
)
RULE_READER = "(role:reader and system_scope:all) or user_id:%(target.user.id)s"
ASSIGNMENT_READER = (
    "rule:admin_required or (role:reader and system_scope:all) or (role:reader and "
    "domain_id:%(target.domain_id)s and not None:%(target.domain_id)s)"
)

# Who acts on grants: within the domain of the caller, whoever the actor and the target are.


def _within_domain(role: str) -> str:
    """The four ways in which a grant lies inside the caller's domain."""
    return " or ".join(
        f"(role:{role} and domain_id:%(target.{actor}.domain_id)s"
        f" and domain_id:%(target.{target})s)"
        for actor in ("user", "group")
        for target in ("project.domain_id", "domain.id")
    )


ROLE_OF_DOMAIN = "(domain_id:%(target.role.domain_id)s or None:%(target.role.domain_id)s)"
GRANT_LISTER = (
    f"rule:admin_required or (role:reader and system_scope:all) or {_within_domain('reader')}"
)
GRANT_READER = (
    "rule:admin_required or (role:reader and system_scope:all)"
    f" or (({_within_domain('reader')}) and {ROLE_OF_DOMAIN})"
)
GRANT_MANAGER = (
    f"rule:admin_required or (({_within_domain('admin')}) and {ROLE_OF_DOMAIN})"
    f" or (({_within_domain('manager')}) and rule:domain_managed_target_role)"
)

CHECKS: Mapping[str, str] = {
    "admin_required": "role:admin or is_admin:1",
    "service_role": "role:service",
    "service_or_admin": "rule:admin_required or rule:service_role",
    "owner": "user_id:%(user_id)s",
    "admin_or_owner": "rule:admin_required or rule:owner",
    "token_subject": "user_id:%(target.token.user_id)s",
    "admin_or_token_subject": "rule:admin_required or rule:token_subject",
    "service_admin_or_token_subject": "rule:service_or_admin or rule:token_subject",
    "domain_managed_target_role": (
        "'manager':%(target.role.name)s or 'member':%(target.role.name)s or "
        "'reader':%(target.role.name)s"
    ),
    "identity:get_access_rule": RULE_READER,
    "identity:list_access_rules": RULE_READER,
    "identity:delete_access_rule": (
        "(role:admin and system_scope:all) or user_id:%(target.user.id)s"
    ),
    "identity:authorize_request_token": ADMIN,
    "identity:get_access_token": ADMIN,
    "identity:get_access_token_role": ADMIN,
    "identity:list_access_tokens": ADMIN,
    "identity:list_access_token_roles": ADMIN,
    "identity:delete_access_token": ADMIN,
    "identity:get_application_credential": OWNER,
    "identity:list_application_credentials": OWNER,
    "identity:create_application_credential": "user_id:%(user_id)s",
    "identity:delete_application_credential": "rule:admin_or_owner",
    "identity:get_auth_catalog": ANYONE,
    "identity:get_auth_projects": ANYONE,
    "identity:get_auth_domains": ANYONE,
    "identity:get_auth_system": ANYONE,
    "identity:get_consumer": READER,
    "identity:list_consumers": READER,
    "identity:create_consumer": ADMIN,
    "identity:update_consumer": ADMIN,
    "identity:delete_consumer": ADMIN,
    "identity:get_credential": CREDENTIAL_READER,
    "identity:list_credentials": CREDENTIAL_READER,
    "identity:create_credential": CREDENTIAL_OWNER,
    "identity:update_credential": CREDENTIAL_OWNER,
    "identity:delete_credential": CREDENTIAL_OWNER,
    "identity:get_domain": (
        "rule:admin_required or (role:reader and system_scope:all) or "
        "token.domain.id:%(target.domain.id)s or token.project.domain.id:%(target.domain.id)s"
    ),
    "identity:list_domains": (
        "rule:admin_required or (role:reader and system_scope:all) or (role:reader and "
        "domain_id:%(target.domain.id)s)"
    ),
    "identity:create_domain": ADMIN,
    "identity:update_domain": ADMIN,
    "identity:delete_domain": ADMIN,
    "identity:create_domain_config": ADMIN,
    "identity:get_domain_config": READER,
    "identity:get_security_compliance_domain_config": ANYONE,
    "identity:update_domain_config": ADMIN,
    "identity:delete_domain_config": ADMIN,
    "identity:get_domain_config_default": READER,
    "identity:ec2_get_credential": CREDENTIAL_READER,
    "identity:ec2_list_credentials": OWNER,
    "identity:ec2_create_credential": EC2_OWNER,
    "identity:ec2_delete_credential": EC2_OWNER,
    "identity:get_endpoint": READER,
    "identity:list_endpoints": READER,
    "identity:create_endpoint": ADMIN,
    "identity:update_endpoint": ADMIN,
    "identity:delete_endpoint": ADMIN,
    "identity:create_endpoint_group": ADMIN,
    "identity:list_endpoint_groups": READER,
    "identity:get_endpoint_group": READER,
    "identity:update_endpoint_group": ADMIN,
    "identity:delete_endpoint_group": ADMIN,
    "identity:list_projects_associated_with_endpoint_group": READER,
    "identity:list_endpoints_associated_with_endpoint_group": READER,
    "identity:get_endpoint_group_in_project": READER,
    "identity:list_endpoint_groups_for_project": READER,
    "identity:add_endpoint_group_to_project": ADMIN,
    "identity:remove_endpoint_group_from_project": ADMIN,
    "identity:check_grant": GRANT_READER,
    "identity:list_grants": GRANT_LISTER,
    "identity:create_grant": GRANT_MANAGER,
    "identity:revoke_grant": GRANT_MANAGER,
    "identity:list_system_grants_for_user": READER,
    "identity:check_system_grant_for_user": READER,
    "identity:create_system_grant_for_user": ADMIN,
    "identity:revoke_system_grant_for_user": ADMIN,
    "identity:list_system_grants_for_group": READER,
    "identity:check_system_grant_for_group": READER,
    "identity:create_system_grant_for_group": ADMIN,
    "identity:revoke_system_grant_for_group": ADMIN,
    "identity:get_group": GROUP_READER,
    "identity:list_groups": GROUP_READER,
    "identity:list_groups_for_user": (
        "rule:admin_required or (role:reader and system_scope:all) or (role:reader and "
        "domain_id:%(target.user.domain_id)s) or user_id:%(user_id)s"
    ),
    "identity:create_group": GROUP_MANAGER,
    "identity:update_group": GROUP_MANAGER,
    "identity:delete_group": GROUP_MANAGER,
    "identity:list_users_in_group": GROUP_READER,
    "identity:remove_user_from_group": MEMBERSHIP_MANAGER,
    "identity:check_user_in_group": (
        "rule:admin_required or (role:reader and system_scope:all) or (role:reader and "
        "domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)"
    ),
    "identity:add_user_to_group": MEMBERSHIP_MANAGER,
    "identity:create_identity_provider": ADMIN,
    "identity:list_identity_providers": READER,
    "identity:get_identity_provider": READER,
    "identity:update_identity_provider": ADMIN,
    "identity:delete_identity_provider": ADMIN,
    "identity:get_implied_role": READER,
    "identity:list_implied_roles": READER,
    "identity:create_implied_role": ADMIN,
    "identity:delete_implied_role": ADMIN,
    "identity:list_role_inference_rules": READER,
    "identity:check_implied_role": READER,
    "identity:get_limit_model": ANYONE,
    "identity:get_limit": (
        "rule:admin_required or (role:reader and system_scope:all) or "
        "(domain_id:%(target.limit.domain.id)s or domain_id:%(target.limit.project.domain_id)s)"
        " or (project_id:%(target.limit.project_id)s and not None:%(target.limit.project_id)s)"
    ),
    "identity:list_limits": ANYONE,
    "identity:create_limits": ADMIN,
    "identity:update_limit": ADMIN,
    "identity:delete_limit": ADMIN,
    "identity:create_mapping": ADMIN,
    "identity:get_mapping": READER,
    "identity:list_mappings": READER,
    "identity:delete_mapping": ADMIN,
    "identity:update_mapping": ADMIN,
    "identity:get_policy": READER,
    "identity:list_policies": READER,
    "identity:create_policy": ADMIN,
    "identity:update_policy": ADMIN,
    "identity:delete_policy": ADMIN,
    "identity:create_policy_association_for_endpoint": ADMIN,
    "identity:check_policy_association_for_endpoint": READER,
    "identity:delete_policy_association_for_endpoint": ADMIN,
    "identity:create_policy_association_for_service": ADMIN,
    "identity:check_policy_association_for_service": READER,
    "identity:delete_policy_association_for_service": ADMIN,
    "identity:create_policy_association_for_region_and_service": ADMIN,
    "identity:check_policy_association_for_region_and_service": READER,
    "identity:delete_policy_association_for_region_and_service": ADMIN,
    "identity:get_policy_for_endpoint": READER,
    "identity:list_endpoints_for_policy": READER,
    "identity:get_project": PROJECT_READER,
    "identity:list_projects": DOMAIN_READER,
    "identity:list_user_projects": (
        "rule:admin_required or (role:reader and system_scope:all) or (role:reader and "
        "domain_id:%(target.user.domain_id)s) or user_id:%(target.user.id)s"
    ),
    "identity:create_project": PROJECT_MANAGER,
    "identity:update_project": PROJECT_MANAGER,
    "identity:delete_project": PROJECT_MANAGER,
    "identity:list_project_tags": PROJECT_READER,
    "identity:get_project_tag": PROJECT_READER,
    "identity:update_project_tags": PROJECT_MANAGER,
    "identity:create_project_tag": PROJECT_MANAGER,
    "identity:delete_project_tags": PROJECT_MANAGER,
    "identity:delete_project_tag": PROJECT_MANAGER,
    "identity:list_projects_for_endpoint": READER,
    "identity:add_endpoint_to_project": ADMIN,
    "identity:check_endpoint_in_project": READER,
    "identity:list_endpoints_for_project": READER,
    "identity:remove_endpoint_from_project": ADMIN,
    "identity:create_protocol": ADMIN,
    "identity:update_protocol": ADMIN,
    "identity:get_protocol": READER,
    "identity:list_protocols": READER,
    "identity:delete_protocol": ADMIN,
    "identity:get_region": ANYONE,
    "identity:list_regions": ANYONE,
    "identity:create_region": ADMIN,
    "identity:update_region": ADMIN,
    "identity:delete_region": ADMIN,
    "identity:get_registered_limit": ANYONE,
    "identity:list_registered_limits": ANYONE,
    "identity:create_registered_limits": ADMIN,
    "identity:update_registered_limit": ADMIN,
    "identity:delete_registered_limit": ADMIN,
    "identity:list_revoke_events": SERVICE,
    "identity:get_role": (
        "(rule:admin_required or (role:reader and system_scope:all)) or (role:manager and "
        "rule:domain_managed_target_role)"
    ),
    "identity:list_roles": (
        "(rule:admin_required or (role:reader and system_scope:all)) or (role:manager and not "
        "domain_id:None)"
    ),
    "identity:create_role": ADMIN,
    "identity:update_role": ADMIN,
    "identity:delete_role": ADMIN,
    "identity:get_domain_role": READER,
    "identity:list_domain_roles": READER,
    "identity:create_domain_role": ADMIN,
    "identity:update_domain_role": ADMIN,
    "identity:delete_domain_role": ADMIN,
    "identity:list_role_assignments": ASSIGNMENT_READER,
    "identity:list_role_assignments_for_tree": ASSIGNMENT_READER,
    "identity:s3tokens_validate": SERVICE,
    "identity:ec2tokens_validate": SERVICE,
    "identity:get_service": READER,
    "identity:list_services": READER,
    "identity:create_service": ADMIN,
    "identity:update_service": ADMIN,
    "identity:delete_service": ADMIN,
    "identity:create_service_provider": ADMIN,
    "identity:list_service_providers": READER,
    "identity:get_service_provider": READER,
    "identity:update_service_provider": ADMIN,
    "identity:delete_service_provider": ADMIN,
    "identity:revocation_list": SERVICE,
    "identity:check_token": (
        "rule:admin_required or (role:reader and system_scope:all) or rule:token_subject"
    ),
    "identity:validate_token": (
        "rule:admin_required or (role:reader and system_scope:all) or rule:service_role or "
        "rule:token_subject"
    ),
    "identity:revoke_token": "rule:admin_required or rule:token_subject",
    "identity:create_trust": "user_id:%(target.trust.trustor_user_id)s",
    "identity:list_trusts": READER,
    "identity:list_trusts_for_trustor": (
        "rule:admin_required or (role:reader and system_scope:all or "
        "user_id:%(target.trust.trustor_user_id)s)"
    ),
    "identity:list_trusts_for_trustee": (
        "rule:admin_required or (role:reader and system_scope:all or "
        "user_id:%(target.trust.trustee_user_id)s)"
    ),
    "identity:list_roles_for_trust": TRUST_PARTY,
    "identity:get_role_for_trust": TRUST_PARTY,
    "identity:delete_trust": "rule:admin_required or user_id:%(target.trust.trustor_user_id)s",
    "identity:get_trust": TRUST_PARTY,
    "identity:get_user": (
        "rule:admin_required or (role:reader and system_scope:all) or (role:reader and "
        "token.domain.id:%(target.user.domain_id)s) or user_id:%(target.user.id)s"
    ),
    "identity:list_users": DOMAIN_READER,
    "identity:list_projects_for_user": ANYONE,
    "identity:list_domains_for_user": ANYONE,
    "identity:create_user": USER_MANAGER,
    "identity:update_user": USER_MANAGER,
    "identity:delete_user": USER_MANAGER,
    "identity:revoke_tokens_for_user": "rule:admin_or_owner",
}

# Which tokens a rule is for, by scope; those not named here are for the system and for projects.
FOR_PROJECTS = {
    "authorize_request_token",
    "get_access_token",
    "get_access_token_role",
    "list_access_tokens",
    "list_access_token_roles",
    "delete_access_token",
    "create_application_credential",
    "create_trust",
}
FOR_EVERY_SCOPE = {
    "list_domains_for_user",
    "list_projects_for_user",
    "get_auth_system",
    "get_auth_domains",
    "get_auth_projects",
    "get_auth_catalog",
    "get_credential",
    "list_credentials",
    "create_credential",
    "update_credential",
    "delete_credential",
    "get_domain",
    "list_domains",
    "get_security_compliance_domain_config",
    "check_grant",
    "list_grants",
    "create_grant",
    "revoke_grant",
    "get_group",
    "list_groups",
    "list_groups_for_user",
    "create_group",
    "update_group",
    "delete_group",
    "list_users_in_group",
    "remove_user_from_group",
    "check_user_in_group",
    "add_user_to_group",
    "get_limit_model",
    "get_limit",
    "list_limits",
    "get_project",
    "list_projects",
    "list_user_projects",
    "create_project",
    "update_project",
    "delete_project",
    "list_project_tags",
    "get_project_tag",
    "update_project_tags",
    "create_project_tag",
    "delete_project_tags",
    "delete_project_tag",
    "get_region",
    "list_regions",
    "get_registered_limit",
    "list_registered_limits",
    "get_role",
    "list_roles",
    "list_role_assignments",
    "list_role_assignments_for_tree",
    "s3tokens_validate",
    "ec2tokens_validate",
    "check_token",
    "validate_token",
    "revoke_token",
    "get_user",
    "list_users",
    "create_user",
    "update_user",
    "delete_user",
    "revoke_tokens_for_user",
}


def _scoped(rule: str, check: str) -> str:
    """A check with the scopes that its rule is for."""
    _, colon, name = rule.partition(":")
    if not colon or name in FOR_EVERY_SCOPE:
        return check
    scopes = "scope:project" if name in FOR_PROJECTS else "(scope:project or scope:system)"
    return f"{scopes} and ({check})" if check else scopes


def scope_kind(match: str) -> Check:
    """Return the check that a token is for this scope; one for nothing counts as for a project."""

    def check(caller: Caller, target: Target) -> bool:
        if caller.policy_value("system_scope") is not None:
            return match == "system"
        is_domain = caller.policy_value("domain_id") not in (None, "None")
        return match == ("domain" if is_domain else "project")

    return check


POLICIES: Mapping[str, str] = {rule: _scoped(rule, check) for rule, check in CHECKS.items()}
policies_in = partial(
    former_policies.of_scoped, "identity", since="2024.2", checks=CHECKS, scoped=_scoped
)
"""policies_in(release) → the rules whose default was another one; scopes hold since 2024.2."""
