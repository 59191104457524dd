"""Cinder's tables, as migrations."""

from emulator.store.migrations import tables

TABLES = tables(
    "volume",
    first_tables="""
CREATE TABLE volume_volumes (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT,
    description TEXT,
    size INTEGER NOT NULL,
    status TEXT NOT NULL,
    previous_status TEXT,
    attach_status TEXT NOT NULL DEFAULT 'detached',
    migration_status TEXT,
    availability_zone TEXT NOT NULL,
    host TEXT,
    type_id TEXT,
    snapshot_id TEXT,
    source_volid TEXT,
    metadata TEXT NOT NULL DEFAULT '{}',
    admin_metadata TEXT NOT NULL DEFAULT '{}',
    image_metadata TEXT,
    bootable INTEGER NOT NULL DEFAULT 0,
    encrypted INTEGER NOT NULL DEFAULT 0,
    encryption_key_id TEXT,
    multiattach INTEGER NOT NULL DEFAULT 0,
    group_id TEXT,
    consistencygroup_id TEXT,
    service_uuid TEXT,
    shared_targets INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL,
    updated_at TEXT
);
CREATE INDEX volume_volumes_project ON volume_volumes (project_id, created_at, id);
CREATE TABLE volume_attachments (
    id TEXT PRIMARY KEY,
    volume_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    server_id TEXT,
    host_name TEXT,
    mountpoint TEXT,
    attach_status TEXT NOT NULL,
    attach_mode TEXT NOT NULL DEFAULT 'null',
    connector TEXT,
    attached_at TEXT,
    detached_at TEXT,
    created_at TEXT NOT NULL
);
CREATE INDEX volume_attachments_volume ON volume_attachments (volume_id);
CREATE INDEX volume_attachments_server ON volume_attachments (server_id);
CREATE TABLE volume_snapshots (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    volume_id TEXT NOT NULL,
    type_id TEXT,
    name TEXT,
    description TEXT,
    size INTEGER NOT NULL,
    status TEXT NOT NULL,
    progress TEXT,
    metadata TEXT NOT NULL DEFAULT '{}',
    group_snapshot_id TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT
);
CREATE INDEX volume_snapshots_project ON volume_snapshots (project_id, created_at, id);
CREATE INDEX volume_snapshots_volume ON volume_snapshots (volume_id);
CREATE TABLE volume_types (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT,
    is_public INTEGER NOT NULL DEFAULT 1,
    qos_specs_id TEXT,
    extra_specs TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL,
    updated_at TEXT
);
CREATE TABLE volume_type_access (
    type_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    PRIMARY KEY (type_id, project_id)
);
CREATE TABLE volume_quotas (
    project_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    hard_limit INTEGER NOT NULL,
    PRIMARY KEY (project_id, resource)
);
CREATE TABLE volume_transfers (
    id TEXT PRIMARY KEY,
    volume_id TEXT NOT NULL,
    name TEXT,
    auth_key TEXT NOT NULL,
    no_snapshots INTEGER NOT NULL DEFAULT 0,
    source_project_id TEXT NOT NULL,
    destination_project_id TEXT,
    accepted INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL
);
CREATE TABLE volume_backups (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    volume_id TEXT NOT NULL,
    snapshot_id TEXT,
    parent_id TEXT,
    name TEXT,
    description TEXT,
    container TEXT,
    availability_zone TEXT,
    size INTEGER NOT NULL,
    object_count INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL,
    fail_reason TEXT,
    metadata TEXT NOT NULL DEFAULT '{}',
    data_timestamp TEXT,
    volume_facts TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL,
    updated_at TEXT
);
CREATE INDEX volume_backups_project ON volume_backups (project_id, created_at, id);
CREATE TABLE volume_qos_specs (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    consumer TEXT NOT NULL,
    specs TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL
);
CREATE TABLE volume_encryptions (
    id TEXT PRIMARY KEY,
    type_id TEXT NOT NULL UNIQUE,
    key_size INTEGER,
    provider TEXT,
    control_location TEXT,
    cipher TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT
);
CREATE TABLE volume_default_types (project_id TEXT PRIMARY KEY, type_id TEXT NOT NULL);
CREATE TABLE volume_quota_classes (
    class TEXT NOT NULL,
    resource TEXT NOT NULL,
    hard_limit INTEGER NOT NULL,
    PRIMARY KEY (class, resource)
);
CREATE TABLE volume_group_types (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT,
    is_public INTEGER NOT NULL DEFAULT 1,
    group_specs TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL
);
CREATE TABLE volume_groups (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT,
    description TEXT,
    status TEXT NOT NULL,
    availability_zone TEXT,
    group_type_id TEXT NOT NULL,
    volume_types TEXT NOT NULL DEFAULT '[]',
    group_snapshot_id TEXT,
    source_group_id TEXT,
    created_at TEXT NOT NULL
);
CREATE TABLE volume_group_snapshots (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    group_type_id TEXT NOT NULL,
    name TEXT,
    description TEXT,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE TABLE volume_unmanaged (
    reference TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    volume_id TEXT NOT NULL
);
CREATE TABLE volume_messages (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    request_id TEXT,
    resource_type TEXT,
    resource_uuid TEXT,
    event_id TEXT NOT NULL,
    user_message TEXT NOT NULL,
    message_level TEXT NOT NULL DEFAULT 'ERROR',
    created_at TEXT NOT NULL,
    expires_at TEXT
);
CREATE TABLE volume_services (
    id TEXT PRIMARY KEY,
    binary TEXT NOT NULL,
    host TEXT NOT NULL,
    availability_zone TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0,
    disabled_reason TEXT,
    frozen INTEGER NOT NULL DEFAULT 0,
    updated_at TEXT NOT NULL
)
""",
    log_levels="""
CREATE TABLE volume_log_levels (
    host TEXT NOT NULL,
    binary TEXT NOT NULL,
    logger TEXT NOT NULL,
    level TEXT NOT NULL,
    PRIMARY KEY (host, binary, logger)
)
""",
    outages="ALTER TABLE volume_services ADD COLUMN down_since TEXT",
)
