"""The tables of servers and of what hangs on them; compute/tables.py makes them."""

SERVERS = """
CREATE TABLE compute_servers (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    reservation_id TEXT,
    launch_index INTEGER NOT NULL DEFAULT 0,
    display_name TEXT NOT NULL,
    display_description TEXT,
    hostname TEXT,
    image_ref TEXT NOT NULL DEFAULT '',
    image_properties TEXT NOT NULL DEFAULT '{}',
    kernel_id TEXT NOT NULL DEFAULT '',
    ramdisk_id TEXT NOT NULL DEFAULT '',
    flavor TEXT NOT NULL,
    flavor_id INTEGER NOT NULL,
    flavorid TEXT NOT NULL,
    old_flavor TEXT,
    new_flavor TEXT,
    memory_mb INTEGER NOT NULL,
    vcpus INTEGER NOT NULL,
    root_gb INTEGER NOT NULL,
    ephemeral_gb INTEGER NOT NULL DEFAULT 0,
    vm_state TEXT,
    task_state TEXT,
    power_state INTEGER NOT NULL DEFAULT 0,
    old_vm_state TEXT,
    host TEXT,
    node TEXT,
    provider TEXT,
    availability_zone TEXT,
    pinned_availability_zone TEXT,
    root_device_name TEXT,
    config_drive TEXT NOT NULL DEFAULT '',
    user_data TEXT,
    key_name TEXT,
    key_data TEXT,
    access_ip_v4 TEXT,
    access_ip_v6 TEXT,
    auto_disk_config INTEGER NOT NULL DEFAULT 0,
    locked_by TEXT,
    locked_reason TEXT,
    progress INTEGER NOT NULL DEFAULT 0,
    metadata TEXT NOT NULL DEFAULT '{}',
    tags TEXT NOT NULL DEFAULT '[]',
    system_metadata TEXT NOT NULL DEFAULT '{}',
    scheduler_hints TEXT NOT NULL DEFAULT '{}',
    trusted_certs TEXT,
    requested_networks TEXT NOT NULL DEFAULT '[]',
    requested_security_groups TEXT NOT NULL DEFAULT '[]',
    server_group TEXT,
    admin_password TEXT,
    fault_code INTEGER,
    fault_message TEXT,
    fault_details TEXT,
    fault_created TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT,
    launched_at TEXT,
    terminated_at TEXT,
    deleted INTEGER NOT NULL DEFAULT 0,
    deleted_at TEXT
);
CREATE INDEX compute_servers_project ON compute_servers (project_id, deleted, created_at);
CREATE INDEX compute_servers_created ON compute_servers (deleted, created_at);
CREATE INDEX compute_servers_host ON compute_servers (host, deleted);
CREATE INDEX compute_servers_busy ON compute_servers (host) WHERE task_state IS NOT NULL;
CREATE INDEX compute_servers_group ON compute_servers (server_group) WHERE server_group IS NOT NULL;
CREATE TABLE compute_instance_actions (
    id INTEGER PRIMARY KEY,
    server_uuid TEXT NOT NULL,
    action TEXT NOT NULL,
    request_id TEXT NOT NULL,
    user_id TEXT,
    project_id TEXT,
    start_time TEXT NOT NULL,
    updated_at TEXT,
    message TEXT
);
CREATE INDEX compute_instance_actions_server ON compute_instance_actions (server_uuid, id);
CREATE TABLE compute_instance_action_events (
    id INTEGER PRIMARY KEY,
    action_id INTEGER NOT NULL,
    event TEXT NOT NULL,
    start_time TEXT NOT NULL,
    finish_time TEXT,
    result TEXT,
    traceback TEXT,
    details TEXT,
    host TEXT
);
CREATE INDEX compute_instance_action_events_action
    ON compute_instance_action_events (action_id, id);
CREATE TABLE compute_migrations (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    server_uuid TEXT NOT NULL,
    user_id TEXT,
    project_id TEXT,
    migration_type TEXT NOT NULL,
    status TEXT NOT NULL,
    source_compute TEXT,
    source_node TEXT,
    dest_compute TEXT,
    dest_node TEXT,
    dest_host TEXT,
    dest_provider TEXT,
    old_flavor_id INTEGER,
    new_flavor_id INTEGER,
    memory_total INTEGER,
    memory_processed INTEGER,
    memory_remaining INTEGER,
    disk_total INTEGER,
    disk_processed INTEGER,
    disk_remaining INTEGER,
    created_at TEXT NOT NULL,
    updated_at TEXT
);
CREATE INDEX compute_migrations_server ON compute_migrations (server_uuid);
CREATE TABLE compute_block_devices (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    server_uuid TEXT NOT NULL,
    source_type TEXT NOT NULL,
    destination_type TEXT NOT NULL,
    device_name TEXT,
    boot_index INTEGER,
    volume_id TEXT,
    snapshot_id TEXT,
    image_id TEXT,
    volume_size INTEGER,
    volume_type TEXT,
    attachment_id TEXT,
    delete_on_termination INTEGER NOT NULL DEFAULT 0,
    disk_bus TEXT,
    device_type TEXT,
    guest_format TEXT,
    tag TEXT,
    created_at TEXT NOT NULL
);
CREATE INDEX compute_block_devices_server ON compute_block_devices (server_uuid);
CREATE TABLE compute_console_tokens (
    token TEXT PRIMARY KEY,
    server_uuid TEXT NOT NULL,
    console_type TEXT NOT NULL,
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    tls_port INTEGER,
    internal_access_path TEXT,
    expires_at TEXT NOT NULL
);
CREATE INDEX compute_block_devices_volume ON compute_block_devices (volume_id)
"""
