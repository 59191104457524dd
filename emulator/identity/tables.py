"""Keystone v3: its tables, as migrations.

A domain is a project that acts as one (`is_domain`), as in Keystone. Attributes that have no column
are kept in `extra`, a JSON object. `settings` holds what a deployment's configuration file would.
"""

from emulator.store.migrations import tables

TABLES = tables(
    "identity",
    first_tables="""
CREATE TABLE identity_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE identity_projects (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    domain_id TEXT,
    parent_id TEXT,
    is_domain INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    description TEXT,
    options TEXT NOT NULL,
    extra TEXT NOT NULL
);
CREATE UNIQUE INDEX identity_projects_name ON identity_projects (ifnull(domain_id, ''), name);
CREATE INDEX identity_projects_parent ON identity_projects (parent_id);
CREATE TABLE identity_project_tags (
    project_id TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (project_id, name)
);
CREATE TABLE identity_users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    default_project_id TEXT,
    options TEXT NOT NULL,
    extra TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_active_at TEXT,
    failed_auth_count INTEGER NOT NULL DEFAULT 0,
    failed_auth_at TEXT
);
CREATE UNIQUE INDEX identity_users_name ON identity_users (domain_id, name);
CREATE TABLE identity_passwords (
    seq INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    self_service INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT
);
CREATE INDEX identity_passwords_user ON identity_passwords (user_id);
CREATE TABLE identity_federated_users (
    user_id TEXT NOT NULL,
    idp_id TEXT NOT NULL,
    protocol_id TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    display_name TEXT,
    PRIMARY KEY (idp_id, protocol_id, unique_id)
);
CREATE INDEX identity_federated_users_user ON identity_federated_users (user_id);
CREATE TABLE identity_groups (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    description TEXT,
    extra TEXT NOT NULL
);
CREATE UNIQUE INDEX identity_groups_name ON identity_groups (domain_id, name);
CREATE TABLE identity_memberships (
    user_id TEXT NOT NULL, group_id TEXT NOT NULL, PRIMARY KEY (user_id, group_id)
);
CREATE INDEX identity_memberships_group ON identity_memberships (group_id);
CREATE TABLE identity_roles (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    domain_id TEXT,
    description TEXT,
    options TEXT NOT NULL,
    extra TEXT NOT NULL
);
CREATE UNIQUE INDEX identity_roles_name ON identity_roles (ifnull(domain_id, ''), name);
CREATE TABLE identity_implied_roles (
    prior_role_id TEXT NOT NULL,
    implied_role_id TEXT NOT NULL,
    PRIMARY KEY (prior_role_id, implied_role_id)
);
CREATE TABLE identity_assignments (
    actor TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    target TEXT NOT NULL,
    target_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    inherited INTEGER NOT NULL,
    PRIMARY KEY (actor, actor_id, target, target_id, role_id, inherited)
);
CREATE INDEX identity_assignments_target ON identity_assignments (target, target_id);
CREATE INDEX identity_assignments_role ON identity_assignments (role_id);
CREATE TABLE identity_regions (
    id TEXT PRIMARY KEY, description TEXT NOT NULL, parent_region_id TEXT, extra TEXT NOT NULL
);
CREATE TABLE identity_services (
    id TEXT PRIMARY KEY, type TEXT, enabled INTEGER NOT NULL, extra TEXT NOT NULL
);
CREATE TABLE identity_endpoints (
    id TEXT PRIMARY KEY,
    interface TEXT NOT NULL,
    region_id TEXT,
    service_id TEXT NOT NULL,
    url TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    extra TEXT NOT NULL
);
CREATE INDEX identity_endpoints_service ON identity_endpoints (service_id);
CREATE TABLE identity_endpoint_groups (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, filters TEXT NOT NULL
);
CREATE TABLE identity_project_endpoints (
    project_id TEXT NOT NULL, endpoint_id TEXT NOT NULL, PRIMARY KEY (project_id, endpoint_id)
);
CREATE TABLE identity_project_endpoint_groups (
    project_id TEXT NOT NULL,
    endpoint_group_id TEXT NOT NULL,
    PRIMARY KEY (project_id, endpoint_group_id)
);
CREATE TABLE identity_policies (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, blob TEXT NOT NULL, extra TEXT NOT NULL
);
CREATE TABLE identity_policy_associations (
    policy_id TEXT NOT NULL, endpoint_id TEXT, service_id TEXT, region_id TEXT
);
CREATE TABLE identity_tokens (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    methods TEXT NOT NULL,
    audit_id TEXT NOT NULL,
    parent_audit_id TEXT,
    revocations_before INTEGER NOT NULL,
    issued_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    project_id TEXT,
    domain_id TEXT,
    system INTEGER NOT NULL,
    trust_id TEXT,
    application_credential_id TEXT,
    access_token_id TEXT,
    idp_id TEXT,
    protocol_id TEXT,
    group_ids TEXT
);
CREATE INDEX identity_tokens_expiry ON identity_tokens (expires_at);
CREATE TABLE identity_revocations (
    seq INTEGER PRIMARY KEY,
    issued_before TEXT NOT NULL,
    revoked_at TEXT NOT NULL,
    expires_at TEXT,
    user_id TEXT,
    project_id TEXT,
    domain_id TEXT,
    role_id TEXT,
    trust_id TEXT,
    consumer_id TEXT,
    access_token_id TEXT,
    audit_id TEXT,
    audit_chain_id TEXT
);
CREATE INDEX identity_revocations_moment ON identity_revocations (issued_before);
CREATE TABLE identity_trusts (
    id TEXT PRIMARY KEY,
    trustor_user_id TEXT NOT NULL,
    trustee_user_id TEXT NOT NULL,
    project_id TEXT,
    impersonation INTEGER NOT NULL,
    expires_at TEXT,
    remaining_uses INTEGER,
    deleted_at TEXT,
    redelegated_trust_id TEXT,
    redelegation_count INTEGER,
    roles TEXT NOT NULL,
    extra TEXT NOT NULL
);
CREATE INDEX identity_trusts_trustor ON identity_trusts (trustor_user_id);
CREATE TABLE identity_application_credentials (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT,
    secret_hash TEXT NOT NULL,
    user_id TEXT NOT NULL,
    project_id TEXT,
    system TEXT,
    expires_at TEXT,
    unrestricted INTEGER,
    roles TEXT NOT NULL,
    access_rules TEXT
);
CREATE UNIQUE INDEX identity_application_credentials_name
    ON identity_application_credentials (user_id, name);
CREATE TABLE identity_access_rules (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    service TEXT,
    path TEXT,
    method TEXT
);
CREATE INDEX identity_access_rules_user ON identity_access_rules (user_id);
CREATE TABLE identity_credentials (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    project_id TEXT,
    type TEXT NOT NULL,
    blob TEXT NOT NULL,
    extra TEXT NOT NULL
);
CREATE INDEX identity_credentials_user ON identity_credentials (user_id);
CREATE TABLE identity_consumers (
    id TEXT PRIMARY KEY, description TEXT, secret TEXT NOT NULL, extra TEXT NOT NULL
);
CREATE TABLE identity_request_tokens (
    id TEXT PRIMARY KEY,
    secret TEXT NOT NULL,
    verifier TEXT,
    authorizing_user_id TEXT,
    requested_project_id TEXT NOT NULL,
    role_ids TEXT,
    consumer_id TEXT NOT NULL,
    expires_at TEXT
);
CREATE TABLE identity_access_tokens (
    id TEXT PRIMARY KEY,
    secret TEXT NOT NULL,
    authorizing_user_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    role_ids TEXT NOT NULL,
    consumer_id TEXT NOT NULL,
    expires_at TEXT
);
CREATE TABLE identity_registered_limits (
    id TEXT PRIMARY KEY,
    service_id TEXT NOT NULL,
    region_id TEXT,
    resource_name TEXT NOT NULL,
    default_limit INTEGER NOT NULL,
    description TEXT
);
CREATE TABLE identity_limits (
    id TEXT PRIMARY KEY,
    registered_limit_id TEXT NOT NULL,
    project_id TEXT,
    domain_id TEXT,
    resource_limit INTEGER NOT NULL,
    description TEXT
);
CREATE TABLE identity_domain_options (
    domain_id TEXT NOT NULL,
    "group" TEXT NOT NULL,
    option TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (domain_id, "group", option)
);
CREATE TABLE identity_providers (
    id TEXT PRIMARY KEY,
    domain_id TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    description TEXT,
    authorization_ttl INTEGER,
    remote_ids TEXT NOT NULL
);
CREATE TABLE identity_protocols (
    id TEXT NOT NULL,
    idp_id TEXT NOT NULL,
    mapping_id TEXT NOT NULL,
    remote_id_attribute TEXT,
    PRIMARY KEY (idp_id, id)
);
CREATE TABLE identity_mappings (
    id TEXT PRIMARY KEY, rules TEXT NOT NULL, schema_version TEXT NOT NULL
);
CREATE TABLE identity_service_providers (
    id TEXT PRIMARY KEY,
    auth_url TEXT NOT NULL,
    sp_url TEXT NOT NULL,
    description TEXT,
    enabled INTEGER NOT NULL,
    relay_state_prefix TEXT NOT NULL
)
""",
)
