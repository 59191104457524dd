"""Placement's tables, as migrations.

Inventories carry how much of them is used, so that asking for room never adds up allocations.
Standard resource classes and traits are constants of the code; only custom ones are rows.
"""

from emulator.store.migrations import tables

TABLES = tables(
    "placement",
    providers="""
CREATE TABLE placement_resource_providers (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    generation INTEGER NOT NULL DEFAULT 0,
    root_id INTEGER NOT NULL,
    parent_id INTEGER,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX placement_providers_by_root ON placement_resource_providers (root_id);
CREATE INDEX placement_providers_by_parent ON placement_resource_providers (parent_id);
CREATE TABLE placement_provider_aggregates (
    provider_id INTEGER NOT NULL,
    aggregate TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (provider_id, aggregate)
) WITHOUT ROWID;
CREATE INDEX placement_aggregates_by_uuid ON placement_provider_aggregates (aggregate);
CREATE TABLE placement_provider_traits (
    provider_id INTEGER NOT NULL,
    trait TEXT NOT NULL,
    PRIMARY KEY (provider_id, trait)
) WITHOUT ROWID;
CREATE INDEX placement_provider_traits_by_trait ON placement_provider_traits (trait)
""",
    names="""
CREATE TABLE placement_resource_classes (
    name TEXT PRIMARY KEY,
    created_at TEXT NOT NULL
);
CREATE TABLE placement_traits (
    name TEXT PRIMARY KEY,
    created_at TEXT NOT NULL
)
""",
    inventories="""
CREATE TABLE placement_inventories (
    resource_class TEXT NOT NULL,
    provider_id INTEGER NOT NULL,
    total INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    min_unit INTEGER NOT NULL,
    max_unit INTEGER NOT NULL,
    step_size INTEGER NOT NULL,
    allocation_ratio REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (resource_class, provider_id)
) WITHOUT ROWID;
CREATE INDEX placement_inventories_by_provider ON placement_inventories (provider_id)
""",
    allocations="""
CREATE TABLE placement_consumers (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    generation INTEGER NOT NULL,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    consumer_type TEXT,
    created_at TEXT NOT NULL
);
CREATE INDEX placement_consumers_by_project ON placement_consumers (project_id);
CREATE TABLE placement_allocations (
    consumer_id INTEGER NOT NULL,
    provider_id INTEGER NOT NULL,
    resource_class TEXT NOT NULL,
    used INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (consumer_id, provider_id, resource_class)
) WITHOUT ROWID;
CREATE INDEX placement_allocations_by_provider ON placement_allocations (provider_id)
""",
)
