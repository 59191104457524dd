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
    created_at TEXT NOT NULL
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
    id INTEGER PRIMARY KEY AUTOINCREMENT,
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
)
