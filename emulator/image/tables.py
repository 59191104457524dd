"""Glance's tables, as migrations.

An image's properties, tags and locations are JSON in its row: whoever reads an image wants them
all. `content` and `staged` are keys of image_contents. A deleted image keeps its row, for its id
is never given again. Objects, properties, tags and resource types of a namespace are
image_definitions; image_resource_types are the types that were ever named.
"""

from emulator.store.migrations import tables

TABLES = tables(
    "image",
    first_tables="""
CREATE TABLE image_images (
    id TEXT PRIMARY KEY,
    name TEXT,
    status TEXT NOT NULL,
    visibility TEXT NOT NULL,
    owner TEXT,
    disk_format TEXT,
    container_format TEXT,
    min_disk INTEGER NOT NULL DEFAULT 0,
    min_ram INTEGER NOT NULL DEFAULT 0,
    protected INTEGER NOT NULL DEFAULT 0,
    os_hidden INTEGER NOT NULL DEFAULT 0,
    size INTEGER,
    virtual_size INTEGER,
    checksum TEXT,
    os_hash_algo TEXT,
    os_hash_value TEXT,
    properties TEXT NOT NULL DEFAULT '{}',
    tags TEXT NOT NULL DEFAULT '[]',
    locations TEXT NOT NULL DEFAULT '[]',
    content TEXT,
    staged TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX image_images_age ON image_images (deleted, created_at, id);
CREATE INDEX image_images_owner ON image_images (owner);
CREATE INDEX image_images_content ON image_images (content);
CREATE INDEX image_images_staged ON image_images (staged);
CREATE TABLE image_members (
    image_id TEXT NOT NULL,
    member TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (image_id, member)
);
CREATE INDEX image_members_member ON image_members (member, status);
CREATE TABLE image_contents (
    key TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    md5 TEXT NOT NULL,
    data BLOB
);
CREATE TABLE image_tasks (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    owner TEXT,
    image_id TEXT,
    user_id TEXT,
    request_id TEXT,
    input TEXT,
    result TEXT,
    message TEXT NOT NULL DEFAULT '',
    expires_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE image_cache (
    image_id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    hits INTEGER NOT NULL,
    last_accessed REAL NOT NULL,
    last_modified REAL NOT NULL,
    size INTEGER NOT NULL
);
CREATE TABLE image_namespaces (
    id INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL UNIQUE,
    display_name TEXT,
    description TEXT,
    visibility TEXT NOT NULL,
    protected INTEGER NOT NULL,
    owner TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE TABLE image_definitions (
    id INTEGER PRIMARY KEY,
    namespace_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (namespace_id, kind, name)
);
CREATE TABLE image_resource_types (
    name TEXT PRIMARY KEY,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX image_tasks_image ON image_tasks (image_id)
""",
)
