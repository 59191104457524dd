"""Quota classes: named sets of limits; the one called default holds for every project."""

from __future__ import annotations

from typing import Any

from emulator.compute.errors import InvalidQuotaLimit
from emulator.compute.quotas import class_limits, limit_properties, set_class_limit
from emulator.wire.request import Context
from emulator.wire.versioned import Body, View, field

NAME_LENGTH_MAX = 255

# Schemas

UPDATE = Body("quota_class_set", *limit_properties(network_until="2.49"))

# View

QUOTA_CLASS_SET = View(
    field("id", when=lambda row, ctx: "id" in row),
    field("cores"),
    field("injected_files", until="2.56"),
    field("injected_file_content_bytes", until="2.56"),
    field("injected_file_path_bytes", until="2.56"),
    field("instances"),
    field("key_pairs"),
    field("metadata_items"),
    field("ram"),
    field("server_groups", since="2.50"),
    field("server_group_members", since="2.50"),
    field("fixed_ips", until="2.49"),
    field("floating_ips", until="2.49"),
    field("security_groups", until="2.49"),
    field("security_group_rules", until="2.49"),
)

# Operations


def show(ctx: Context, class_name: str) -> dict[str, Any]:
    """Show the limits of a class; one that nobody has set is as configured."""
    row = {"id": class_name, **class_limits(ctx, class_name)}
    return {"quota_class_set": QUOTA_CLASS_SET.render(row, ctx)}


def update(ctx: Context, class_name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Set limits of a class."""
    if len(class_name) > NAME_LENGTH_MAX:
        raise InvalidQuotaLimit(
            f"quota_class_name has {len(class_name)} characters, more than {NAME_LENGTH_MAX}."
        )
    for resource, limit in body["quota_class_set"].items():
        set_class_limit(ctx, class_name, resource, int(limit))
    return {"quota_class_set": QUOTA_CLASS_SET.render(class_limits(ctx, class_name), ctx)}
