"""Nova's tables, as migrations."""

from emulator.compute.servers.tables import SERVERS
from emulator.store.migrations import tables

TABLES = tables(
    "compute",
    flavors="""
CREATE TABLE compute_flavors (
    id INTEGER PRIMARY KEY,
    flavorid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    vcpus INTEGER NOT NULL,
    memory_mb INTEGER NOT NULL,
    root_gb INTEGER NOT NULL,
    ephemeral_gb INTEGER NOT NULL DEFAULT 0,
    swap INTEGER NOT NULL DEFAULT 0,
    rxtx_factor REAL NOT NULL DEFAULT 1.0,
    is_public INTEGER NOT NULL DEFAULT 1,
    disabled INTEGER NOT NULL DEFAULT 0,
    description TEXT,
    extra_specs TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL,
    updated_at TEXT
)
""",
    quotas="""
CREATE TABLE compute_quotas (
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    hard_limit INTEGER NOT NULL,
    PRIMARY KEY (project_id, user_id, resource)
) WITHOUT ROWID;
CREATE TABLE compute_quota_classes (
    name TEXT NOT NULL,
    resource TEXT NOT NULL,
    hard_limit INTEGER NOT NULL,
    PRIMARY KEY (name, resource)
) WITHOUT ROWID;
CREATE TABLE compute_usages (
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    instances INTEGER NOT NULL,
    cores INTEGER NOT NULL,
    ram INTEGER NOT NULL,
    PRIMARY KEY (project_id, user_id)
) WITHOUT ROWID
""",
    keypairs="""
CREATE TABLE compute_keypairs (
    id INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    public_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (user_id, name)
)
""",
    server_groups="""
CREATE TABLE compute_server_groups (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    policy TEXT NOT NULL,
    rules TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL
);
CREATE INDEX compute_server_groups_project ON compute_server_groups (project_id)
""",
    flavor_projects="""
CREATE TABLE compute_flavor_projects (
    id INTEGER PRIMARY KEY,
    flavor_id INTEGER NOT NULL,
    project_id TEXT NOT NULL,
    UNIQUE (flavor_id, project_id)
)
""",
    rate_limits="""
CREATE TABLE compute_rate_limits (
    id INTEGER PRIMARY KEY,
    verb TEXT NOT NULL,
    uri TEXT NOT NULL,
    regex TEXT NOT NULL,
    value INTEGER NOT NULL,
    unit TEXT NOT NULL
);
CREATE TABLE compute_rate_buckets (
    owner TEXT NOT NULL,
    verb TEXT NOT NULL,
    regex TEXT NOT NULL,
    tokens REAL NOT NULL,
    filled_at REAL NOT NULL,
    PRIMARY KEY (owner, verb, regex)
)
""",
    servers=SERVERS,
    hosts="""
CREATE TABLE compute_services (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    binary TEXT NOT NULL,
    host TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0,
    disabled_reason TEXT,
    forced_down INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT,
    UNIQUE (binary, host)
);
CREATE INDEX compute_services_by_host ON compute_services (host);
CREATE TABLE compute_hosts (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    hypervisor_hostname TEXT NOT NULL UNIQUE,
    hypervisor_type TEXT NOT NULL,
    hypervisor_version INTEGER NOT NULL,
    host_ip TEXT NOT NULL,
    vcpus INTEGER NOT NULL,
    memory_mb INTEGER NOT NULL,
    local_gb INTEGER NOT NULL,
    reserved_memory_mb INTEGER NOT NULL DEFAULT 512,
    architecture TEXT NOT NULL DEFAULT 'x86_64',
    cpu_info TEXT NOT NULL DEFAULT '{}',
    failed_builds INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL
);
CREATE INDEX compute_hosts_by_host ON compute_hosts (host);
CREATE TABLE compute_aggregates (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    metadata TEXT NOT NULL DEFAULT '{}',
    availability_zone TEXT GENERATED ALWAYS AS (json_extract(metadata, '$.availability_zone'))
        STORED,
    created_at TEXT NOT NULL,
    updated_at TEXT
);
CREATE TABLE compute_aggregate_hosts (
    aggregate_id INTEGER NOT NULL,
    host TEXT NOT NULL,
    PRIMARY KEY (aggregate_id, host)
) WITHOUT ROWID;
CREATE INDEX compute_aggregate_hosts_by_host ON compute_aggregate_hosts (host)
""",
    failed_builds="ALTER TABLE compute_hosts ADD COLUMN failed_at TEXT",
    outages="ALTER TABLE compute_services ADD COLUMN down_since TEXT",
    cells="""
CREATE TABLE compute_cells (
    name TEXT PRIMARY KEY,
    uuid TEXT NOT NULL,
    down INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE compute_cell_hosts (
    host TEXT PRIMARY KEY,
    cell TEXT NOT NULL
) WITHOUT ROWID
""",
)
